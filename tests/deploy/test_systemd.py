"""The unit: it starts what gunicorn needs, by settings that exist, and may do little else."""

import re
import shutil
import subprocess
from dataclasses import fields
from pathlib import Path

from tests.conftest import ROOT
from tracking_site.settings import Settings

UNIT = ROOT / "deploy" / "systemd" / "lacak-klaim@.service"
OPERATIONS = ROOT / "docs" / "operations.md"
WORST_EXPOSURE = 1.5
"""Of 10; what is left is that it serves the network at all."""


def directives() -> dict[str, list[str]]:
    told: dict[str, list[str]] = {}
    for line in UNIT.read_text(encoding="utf-8").splitlines():
        name, equals, value = line.partition("=")
        if equals and not line.startswith("#"):
            told.setdefault(name, []).append(value)
    return told


def test_the_settings_that_it_names_exist() -> None:
    known = {each.name.upper(): each.metadata["secret"] for each in fields(Settings)}
    named = [pair.split("=")[0] for line in directives()["Environment"] for pair in line.split()]
    assert len(named) >= 4
    for name in named:
        plain = name.removesuffix("_FILE")
        assert name in known or known[plain], name


def test_secrets_come_as_credentials_and_never_as_plain_environment() -> None:
    told = directives()
    credentials = {line.partition(":")[0] for line in told["LoadCredential"]}
    used = set(re.findall(r"_FILE=%d/([\w-]+)", " ".join(told["Environment"])))
    assert used == credentials
    assert not re.search(r"\b(SECRET_KEYS|CLAIMS_API_TOKEN)=", UNIT.read_text(encoding="utf-8"))


def test_it_stops_later_than_gunicorn_gives_up() -> None:
    told = directives()
    core = next(each.metadata["default"] for each in fields(Settings) if "total" in each.name)
    assert int(told["TimeoutStopSec"][0]) > core + 10
    assert told["KillMode"] == ["mixed"]
    assert told["ExecStart"] == ["/srv/lacak-klaim/.venv/bin/gunicorn wsgi:application"]


def test_it_may_do_little_and_the_documents_say_how_little() -> None:
    told = directives()
    for name in ("NoNewPrivileges", "DynamicUser", "PrivateTmp", "ProtectHome", "PrivateDevices"):
        assert told[name] == ["yes"]
    assert told["CapabilityBoundingSet"] == [""]
    assert told["ProtectSystem"] == ["strict"]
    written = re.search(r"rates it (\d\.\d)", OPERATIONS.read_text(encoding="utf-8"))
    assert written is not None
    assert float(written[1]) <= WORST_EXPOSURE
    if program := shutil.which("systemd-analyze"):
        ran = subprocess.run(
            [program, "security", "--offline=true", str(UNIT)], capture_output=True, text=True
        )
        measured = re.search(r"exposure level for \S+: (\d+\.\d)", ran.stdout)
        assert measured is not None, ran.stderr
        assert float(measured[1]) <= WORST_EXPOSURE


def test_systemd_reads_it_without_a_complaint(tmp_path: Path) -> None:
    program = shutil.which("systemd-analyze")
    if program is None:
        return
    # It looks for the program and the handbook, which stand elsewhere on this machine.
    text = UNIT.read_text(encoding="utf-8").replace(
        "/srv/lacak-klaim/.venv/bin/gunicorn", "/bin/true"
    )
    (tmp_path / UNIT.name).write_text(text.replace("/srv/lacak-klaim", str(ROOT)))
    instance = UNIT.name.replace("@", "@8000")
    ran = subprocess.run(
        [program, "verify", "--man=no", str(tmp_path / instance)], capture_output=True, text=True
    )
    complaints = [line for line in ran.stderr.splitlines() if "lacak-klaim" in line]
    assert (ran.returncode, complaints) == (0, [])


def test_it_says_that_names_need_a_server_that_may_be_asked() -> None:
    text = UNIT.read_text(encoding="utf-8")
    assert "IPAddressDeny=any" in text
    assert re.search(r"# IPAddressAllow=<the DNS servers", text)
    assert "DNS servers" in OPERATIONS.read_text(encoding="utf-8")

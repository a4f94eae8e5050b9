"""The README's lines to a first node, taken from it and run as they stand, up to what they start.

Their folders lie elsewhere; apt-get, git, systemctl, nginx, editor and the owner of a file are
stand-ins that write down how they were called. `check` asks a real core and a real Redis.
"""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
import yaml

from sandbox import Sandbox
from tests.conftest import ROOT
from tests.services import running_redis

pytestmark = [pytest.mark.redis, pytest.mark.servers]

README = (ROOT / "README.md").read_text(encoding="utf-8")
OPERATIONS = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")
TOKEN = "what-the-core-gave"
STAND_INS = (
    *("apt-get", "git", "systemctl", "nginx", "editor", "groupadd", "redis-cli"),
    *("chown", "docker"),
)
IN_THE_TREE = ("deploy", "docs", "static", "templates", "tracking_site", "wsgi.py")


def lines_of_the_readme() -> list[str]:
    block = README.partition("\n## Run it\n")[2].split("```")[1]
    return block.strip().splitlines()


def commands_with(word: str, text: str = OPERATIONS) -> str:
    """Return the indented block of a document in which the word stands, as it stands there."""
    [found] = [block for block in re.findall(r"(?m)(?:^    .*\n)+", text) if word in block]
    return str(found)


class Machine:
    """Folders in the place of `/srv`, `/etc` and the like, and a shell that goes there."""

    def __init__(self, folder: Path, core: str, redis: str) -> None:
        self.folder, self._core, self._redis = folder, core, redis
        for each in ("srv", "etc/redis", "etc/systemd/system", "etc/nginx/conf.d", "bin"):
            (folder / each).mkdir(parents=True)
        for name in STAND_INS:
            self._stand_in(name, f'echo {name} "$@" >> {folder}/called')
        # Who owns a file is root's affair alone.
        self._stand_in("install", 'exec /usr/bin/install $(echo "$*" | sed -E "s/-[og] [^ ]+//g")')

    def _stand_in(self, name: str, does: str) -> None:
        path = self.folder / "bin" / name
        path.write_text(f"#!/bin/sh\n{does}\n")
        path.chmod(0o755)

    @property
    def etc(self) -> Path:
        return self.folder / "etc" / "lacak-klaim"

    def moved(self, text: str) -> str:
        text = re.sub(r"(?<![\w%.])/(srv|etc)\b", rf"{self.folder}/\1", text)
        for documented, real in (
            ("https://core.example", self._core),
            ("redis://127.0.0.1:6379/0", self._redis),
        ):
            text = text.replace(documented, real or documented)
        return text

    def clone(self) -> None:
        site = self.folder / "srv" / "lacak-klaim"
        site.mkdir()
        for name in IN_THE_TREE:
            (site / name).symlink_to(ROOT / name)
        (site / "deploy").unlink()
        (site / "deploy").mkdir()
        for path in (ROOT / "deploy").iterdir():
            if path.name == "node":
                (site / "deploy" / "node").write_text(self.moved(path.read_text()))
                (site / "deploy" / "node").chmod(path.stat().st_mode)
            else:
                (site / "deploy" / path.name).symlink_to(path)
        (site / ".venv").symlink_to(sys.prefix)

    def run(self, text: str, typed: str = TOKEN) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            ["bash", "-euo", "pipefail", "-c", self.moved(text)],
            cwd=self.folder / "srv" / "lacak-klaim",
            env={"PATH": f"{self.folder}/bin:{os.environ['PATH']}"},
            input=typed,
            capture_output=True,
            text=True,
        )

    def called(self) -> list[str]:
        """Return what was called, without questions that change nothing."""
        lines = (self.folder / "called").read_text().splitlines()
        return [line for line in lines if not line.startswith("systemctl show")]


@pytest.fixture
def folder() -> Iterator[Path]:
    # Not pytest's own folders, where nobody but root gets: the nodes are not root.
    before = os.umask(0o022)
    with TemporaryDirectory() as made:
        Path(made).chmod(0o755)
        yield Path(made)
    os.umask(before)


@pytest.fixture
def machine(folder: Path) -> Iterator[Machine]:
    with Sandbox(token=TOKEN) as core, running_redis(ROOT / "deploy" / "redis.conf") as redis:
        machine = Machine(folder, core.url, redis.url)
        machine.clone()
        yield machine


def set_up(machine: Machine) -> str:
    """Run the README's lines, without those that bring the tree and its packages; returns them."""
    lines = lines_of_the_readme()
    [at] = [place for place, line in enumerate(lines) if "requirements.txt" in line]
    ran = machine.run("\n".join(lines[at + 1 :]))
    assert ran.returncode == 0, ran.stderr
    return ran.stdout


def test_the_lines_lead_to_a_node_of_which_check_says_that_all_is_in_order(
    machine: Machine,
) -> None:
    lines = lines_of_the_readme()
    assert len(lines) <= 12
    assert "Everything is in order." in set_up(machine)
    for name in ("secret-keys", "claims-api-token"):
        assert (machine.etc / "secrets" / name).stat().st_mode & 0o077 == 0
    assert (machine.etc / "secrets").stat().st_mode & 0o077 == 0
    assert (machine.etc / "site.toml").stat().st_mode & 0o004
    etc = machine.folder / "etc"
    assert (etc / "redis" / "redis.conf").read_text() == (ROOT / "deploy/redis.conf").read_text()
    assert (etc / "systemd/system/lacak-klaim@.service").is_file()
    assert "server_name lacak.example;" in (etc / "nginx/conf.d/lacak-klaim.conf").read_text()
    assert [call for call in machine.called() if call.startswith("systemctl")] == [
        "systemctl restart redis-server",
        "systemctl enable --now lacak-klaim@8000",
        "systemctl reload nginx",
    ]


@pytest.mark.parametrize(
    ("written", "means"),
    [
        ("Uji coba & $HOME; `id` #1", "Uji coba & $HOME; `id` #1"),
        ('"Uji coba"', "Uji coba"),
        ("'Uji coba'", "Uji coba"),
    ],
)
def test_its_commands_read_the_settings_as_the_unit_does_and_not_as_a_shell(
    machine: Machine, written: str, means: str
) -> None:
    set_up(machine)
    with (machine.etc / "site.env").open("a") as settings:
        settings.write(f"# A banner\n\nSITE_NOTICE={written}")
    python = machine.folder / "srv/lacak-klaim/.venv"
    python.unlink()
    (python / "bin").mkdir(parents=True)
    (python / "bin" / "python").write_text("#!/bin/sh\nprintenv SITE_NOTICE SITE_URL\n")
    (python / "bin" / "python").chmod(0o755)
    ran = machine.run("deploy/node check")
    assert ran.stdout.splitlines() == [means, "https://lacak.example"], ran.stderr


def test_keys_are_rotated_by_the_documented_commands(machine: Machine) -> None:
    set_up(machine)
    secret = machine.etc / "secrets" / "secret-keys"
    old = secret.read_text().strip()
    ran = machine.run(commands_with("cp -p secret-keys"))
    assert "Everything is in order." in ran.stdout, ran.stderr
    kept, new = secret.read_text().strip().split(",")
    assert (kept, new != old) == (old, True)
    assert machine.run(commands_with("sed -i -E")).returncode == 0
    assert secret.read_text().strip() == f"{new},{old}"
    assert secret.stat().st_mode & 0o077 == 0


def test_a_further_secret_and_the_group_of_the_core_are_lines_for_the_unit(
    machine: Machine,
) -> None:
    set_up(machine)
    machine.run(commands_with("purge-token.conf"))
    folder = machine.folder / "etc/systemd/system/lacak-klaim@.service.d"
    lines = (folder / "purge-token.conf").read_text().splitlines()
    assert lines[0] == "[Service]"
    assert lines[2] == "Environment=PURGE_TOKEN_FILE=%d/purge-token"
    assert len((machine.etc / "secrets" / "purge-token").read_text()) > 40
    machine.run(commands_with("groupadd"))
    assert (folder / "core.conf").read_text().splitlines()[1].startswith("SupplementaryGroups=")
    assert (machine.etc / "core").is_dir()
    assert "systemctl daemon-reload" in machine.called()
    # deploy/node hands each secret on by its name.
    assert "rows" in machine.run("deploy/node guard status").stdout


def test_a_password_of_redis_leaves_the_settings_that_everybody_can_read(machine: Machine) -> None:
    set_up(machine)
    address = re.findall("(?m)^REDIS_URL=(.*)$", (machine.etc / "site.env").read_text())[0]
    ran = machine.run(commands_with("redis-url.conf"), typed=address)
    assert "Everything is in order." in ran.stdout, ran.stderr
    assert "REDIS_URL" not in (machine.etc / "site.env").read_text()
    assert (machine.etc / "secrets" / "redis-url").stat().st_mode & 0o077 == 0


def test_after_a_leak_the_nodes_are_stopped_before_redis_is_emptied_under_a_new_key(
    machine: Machine,
) -> None:
    set_up(machine)
    secret = machine.etc / "secrets" / "secret-keys"
    old, already = secret.read_text(), len(machine.called())
    ran = machine.run(commands_with("systemctl stop"))
    assert ran.returncode == 0, ran.stderr
    assert len(secret.read_text()) == len(old)
    assert secret.read_text() != old
    assert secret.stat().st_mode & 0o077 == 0
    assert machine.called()[already:] == [
        "systemctl stop lacak-klaim@*",
        "systemctl restart redis-server",
    ]
    assert "Everything is in order." in machine.run("deploy/node check").stdout


def test_lines_pasted_with_their_indentation_are_read_as_the_unit_reads_them(
    machine: Machine,
) -> None:
    set_up(machine)
    with (machine.etc / "site.env").open("a") as settings:
        settings.write("    WEB_THREADS=0  \n")
    assert "WEB_THREADS must be" in machine.run("deploy/node check").stderr


def test_the_lines_for_containers_make_what_the_composition_names(machine: Machine) -> None:
    folder = machine.folder / "srv" / "lacak-klaim" / "deploy" / "container"
    folder.unlink()
    folder.mkdir()
    composition = ROOT / "deploy" / "container" / "compose.yaml"
    told = yaml.safe_load(composition.read_text(encoding="utf-8"))
    ran = machine.run(commands_with("docker compose up"))
    assert ran.returncode == 0, ran.stderr
    assert [call.split()[0] for call in machine.called()] == ["chown", "editor", "docker"]
    assert machine.called()[0].startswith(
        f"chown {told['services']['web1']['user'].split(':')[0]} "
    )
    for each in told["secrets"].values():
        path = folder / each["file"]
        assert path.read_text().strip()
        assert path.stat().st_mode & 0o077 == 0
    assert all((folder / each["file"]).is_file() for each in told["configs"].values())


@pytest.mark.parametrize("is_closed", [True, False])
def test_check_tells_of_a_file_that_only_root_may_read(machine: Machine, is_closed: bool) -> None:
    set_up(machine)
    headers = machine.folder / "headers"
    headers.write_text("X-Key: 1\n")
    headers.chmod(0 if is_closed else 0o644)
    with (machine.etc / "site.env").open("a") as settings:
        settings.write(f"CORE_HEADERS_FILE={headers}\n")
    ran = machine.run("deploy/node check")
    assert (ran.returncode != 0) is is_closed, ran.stderr
    if is_closed:
        assert ran.stderr.startswith("CORE_HEADERS_FILE must ")
        assert "Everything is in order." not in ran.stdout

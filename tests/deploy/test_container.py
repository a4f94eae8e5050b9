"""The image and its composition, as far as they can be judged without a container engine."""

import re
import shutil
import subprocess
import sys
from dataclasses import fields
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.conftest import ROOT, SECRET
from tests.services import running_redis
from tracking_site.settings import Settings

FOLDER = ROOT / "deploy" / "container"
DOCKERFILE = (FOLDER / "Dockerfile").read_text(encoding="utf-8")
LET_IN = [
    line.removeprefix("!")
    for line in (FOLDER / "Dockerfile.dockerignore").read_text(encoding="utf-8").splitlines()
    if line.startswith("!")
]


def composition() -> dict[str, Any]:
    read: dict[str, Any] = yaml.safe_load((FOLDER / "compose.yaml").read_text(encoding="utf-8"))
    return read


def copied() -> list[tuple[list[str], str]]:
    """Return sources and target of each COPY from the repository."""
    lines = re.findall(r"(?m)^COPY (?!--)(.+)$", DOCKERFILE)
    return [(line.split()[:-1], line.split()[-1]) for line in lines]


def build_tree(folder: Path) -> Path:
    """Do what the first stage does with the repository's files; returns the site's folder."""
    for sources, target in copied():
        for source in sources:
            place = folder / target
            if (ROOT / source).is_dir():
                shutil.copytree(ROOT / source, place, ignore=shutil.ignore_patterns("__pycache__"))
            else:
                place = place / Path(source).name if target.endswith(("/", ".")) else place
                place.parent.mkdir(parents=True, exist_ok=True)
                shutil.copy(ROOT / source, place)
    (folder / "site" / "tracking_site" / "demo.py").unlink()
    return folder / "site"


def test_what_is_copied_exists_and_is_let_in() -> None:
    sources = [source for sources, _ in copied() for source in sources]
    assert "requirements.txt" in sources
    for source in sources:
        assert (ROOT / source).exists(), source
        inside = f"{source}/x" if (ROOT / source).is_dir() else source
        assert any(fnmatch(inside, pattern) for pattern in LET_IN), source


def test_the_site_starts_from_what_is_in_the_image(tmp_path: Path) -> None:
    site = build_tree(tmp_path)
    assert "RUN rm site/tracking_site/demo.py" in DOCKERFILE
    ran = subprocess.run(
        [
            sys.executable,
            "-c",
            "import wsgi; c = wsgi.application.test_client();"
            "print([c.get(p).status_code for p in ('/', '/bantuan', '/pantau.schema.json')])",
        ],
        cwd=site,
        env={"CLAIMS_API_URL": "http://127.0.0.1:9", "SECRET_KEYS": SECRET},
        capture_output=True,
        text=True,
    )
    assert "[200, 200, 200]" in ran.stdout, ran.stderr
    for command in ("demo", "sandbox", "pattern"):
        asked = [sys.executable, "-m", "tracking_site", command]
        refused = subprocess.run(asked, cwd=site, env={}, capture_output=True, text=True)
        assert refused.returncode == 2
        assert refused.stderr == f"{command} needs the whole repository, not the site alone.\n"


def test_the_image_is_small_in_rights_and_its_packages_are_held_to_their_hashes() -> None:
    stages = re.findall(r"(?m)^FROM (\S+)", DOCKERFILE)
    last = DOCKERFILE.rpartition("\nFROM ")[2]
    assert len(stages) == 2
    assert len(set(stages)) == 1
    assert re.search(r"(?m)^USER [1-9]\d*:[1-9]\d*$", last)
    assert "--require-hashes" in DOCKERFILE
    assert not re.search(r"(?m)^RUN", last)
    assert not re.search(r"(?i)secret|token", DOCKERFILE)


def test_two_nodes_one_redis_and_a_proxy_with_nothing_to_write_on() -> None:
    services = composition()["services"]
    assert set(services) == {"web1", "web2", "redis", "nginx"}
    for name, service in services.items():
        assert service["read_only"] is True, name
        assert service["cap_drop"] == ["ALL"], name
        assert service["security_opt"] == ["no-new-privileges:true"], name
        assert service["mem_limit"], name
        assert service["pids_limit"], name
    for name in ("web1", "web2", "redis"):
        assert re.fullmatch(r"[1-9]\d*:[1-9]\d*", services[name]["user"])
        assert "ports" not in services[name]
    assert composition()["networks"]["inside"] == {"internal": True}
    assert services["redis"]["networks"] == ["inside"]


def test_the_settings_of_the_nodes_exist_and_their_secrets_are_files() -> None:
    known = {each.name.upper(): each.metadata["secret"] for each in fields(Settings)}
    told = composition()
    node = told["services"]["web1"]
    for name, value in node["environment"].items():
        plain = name.removesuffix("_FILE")
        assert name in known or known[plain], name
        if value.startswith("/run/secrets/"):
            assert Path(value).name in node["secrets"]
            assert Path(value).name in told["secrets"]
        elif name.endswith("_FILE"):
            assert value in {each["target"] for each in node["configs"]}
    plain = {
        name: value
        for name, value in node["environment"].items()
        if "$" not in value and not name.endswith("_FILE")
    }
    read = Settings.from_env(plain | {"CLAIMS_API_URL": "http://core", "SECRET_KEYS": SECRET})
    assert (read.trusted_proxies, read.web_concurrency) == (1, 2)


def test_files_that_are_mounted_from_the_repository_exist() -> None:
    for service in composition()["services"].values():
        for volume in service.get("volumes", ()):
            source = volume.split(":")[0]
            assert source == "./tls" or (FOLDER / source).resolve().is_file(), source


def test_the_proxy_is_the_tested_one_with_other_nodes() -> None:
    command = composition()["services"]["nginx"]["command"][2]
    text = (ROOT / "deploy/nginx/lacak-klaim.conf").read_text(encoding="utf-8")
    swaps = re.findall(r"s\|([^|]+)\|([^|]+)\|", command)
    assert len(swaps) == 4
    for old, new in swaps:
        # sed changes the first of each line.
        assert max(line.count(old) for line in text.splitlines()) == 1, old
        text = text.replace(old, new)
    assert "server web1:8000" in text
    assert "server web2:8000" in text
    assert "127.0.0.1" not in text


@pytest.mark.redis
def test_redis_starts_as_configured_and_the_site_finds_it_in_order() -> None:
    with running_redis(ROOT / "deploy" / "redis.conf") as server, server.client() as client:
        assert client.config_get("maxmemory-policy")["maxmemory-policy"] == "noeviction"
        assert client.config_get("save")["save"] == ""
        ran = subprocess.run(
            [sys.executable, "-m", "tracking_site", "check"],
            cwd=ROOT,
            env={
                "CLAIMS_API_URL": "http://127.0.0.1:9",
                "SECRET_KEYS": SECRET,
                "REDIS_URL": server.url,
            },
            capture_output=True,
            text=True,
        )
        assert "Redis" not in ran.stderr, ran.stderr
        assert "Nobody answers where CLAIMS_API_URL leads" in ran.stderr

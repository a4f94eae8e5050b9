"""Each lock file holds for the oldest and the newest Python that the README names.

Asked of uv, which judges markers for the Python that it is told of; pip judges them for its own.
Only descriptions of packages are read, from the index that pip is configured for.
"""

import ast
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from packaging.specifiers import SpecifierSet
from uv import find_uv_bin

from tests.conftest import ROOT
from tests.deploy.test_supply import LOCKS, PROJECT, PYTHONS
from tests.needs import missing

OLDEST, NEWEST = PYTHONS
SYSTEM = "x86_64-manylinux_2_36"
"""Debian 12."""

IN_UV = {
    "index-url": "UV_DEFAULT_INDEX",
    "extra-index-url": "UV_INDEX",
    "find-links": "UV_FIND_LINKS",
    "trusted-host": "UV_INSECURE_HOST",
    "cert": "SSL_CERT_FILE",
}
"""What pip's configuration is called in the environment of uv, which reads none of pip's."""


@pytest.fixture(scope="module")
def environ(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The environment in which uv asks the index that pip asks, as pip does."""
    listed = subprocess.run(
        [sys.executable, "-m", "pip", "config", "list"], capture_output=True, text=True, check=True
    )
    cache = str(tmp_path_factory.mktemp("uv"))
    return {**os.environ, **as_uv_takes_it(listed.stdout), "UV_CACHE_DIR": cache}


def as_uv_takes_it(listed: str) -> dict[str, str]:
    """Return pip's configuration, as `pip config list` prints it, in uv's words."""
    taken = {"UV_INDEX_STRATEGY": "unsafe-best-match"}
    # What stands in the environment goes before what stands in a file, as in pip.
    for line in sorted(listed.splitlines(), key=lambda line: line.startswith(":env:")):
        key, _, value = line.partition("=")
        name = key.rpartition(".")[2]
        words = ast.literal_eval(value).split() if name in IN_UV else []
        if name == "find-links":
            # pip passes over a folder that is not there, uv refuses to start.
            words = [word for word in words if "://" in word or Path(word).exists()]
        if words:
            taken[IN_UV[name]] = ("," if name == "find-links" else " ").join(words)
    return taken


def resolved(
    lock: Path, python: str, environ: dict[str, str], folder: Path
) -> subprocess.CompletedProcess[str]:
    """Let uv resolve a lock file and install nothing."""
    options = ["--dry-run", "--require-hashes", "--only-binary", ":all:", "--color", "never"]
    target = ["--python-version", python, "--python-platform", SYSTEM, "--target", str(folder)]
    answer = subprocess.run(
        [find_uv_bin(), "pip", "install", *options, *target, "-r", str(lock)],
        capture_output=True,
        text=True,
        timeout=300,
        env=environ,
    )
    if "Failed to fetch" in answer.stderr:
        missing(f"the package index does not answer: {answer.stderr.strip()[-300:]}")
    return answer


def test_the_oldest_python_is_the_one_that_the_project_asks_for() -> None:
    assert PROJECT["requires-python"] == f">={OLDEST}"
    assert NEWEST in SpecifierSet(PROJECT["requires-python"])


@pytest.mark.parametrize("python", [OLDEST, NEWEST])
@pytest.mark.parametrize("lock", LOCKS.values())
def test_a_lock_resolves(lock: str, python: str, environ: dict[str, str], tmp_path: Path) -> None:
    answer = resolved(ROOT / lock, python, environ, tmp_path / "none")
    assert answer.returncode == 0, answer.stderr
    assert re.search(r"Would install \d\d+ packages", answer.stderr)


@pytest.mark.parametrize(
    ("lock", "pattern", "complaint"),
    [
        ("requirements.txt", r"(?m)^async-timeout==.*\n(?: .*\n)+", "async-timeout"),
        ("requirements-dev.txt", r"(?m)^soupsieve==.* < '3.*\n(?: .*\n)+", "soupsieve"),
    ],
)
def test_a_lock_made_for_a_newer_python_alone_does_not(
    lock: str, pattern: str, complaint: str, environ: dict[str, str], tmp_path: Path
) -> None:
    text, count = re.subn(pattern, "", (ROOT / lock).read_text(encoding="utf-8"))
    assert count == 1
    # What is left of the package is asked of every Python, as a lock made for one Python asks it.
    text = re.sub(rf"(?m)^({complaint}==\S+) ; [^\\]+", r"\1 ", text)
    (tmp_path / lock).write_text(text, encoding="utf-8")
    oldest = resolved(tmp_path / lock, OLDEST, environ, tmp_path / "none")
    assert oldest.returncode != 0
    assert complaint in oldest.stderr
    assert resolved(tmp_path / lock, NEWEST, environ, tmp_path / "none").returncode == 0


def test_the_index_is_the_one_that_pip_is_configured_for(tmp_path: Path) -> None:
    listed = "\n".join(
        [
            ":env:.index-url='https://of-the-environment.example/simple'",
            "global.cert='/etc/ca.pem'",
            "global.extra-index-url='https://a.example/simple https://b.example/simple'",
            f"global.find-links='{tmp_path} {tmp_path}/gone https://c.example/'",
            "global.index-url='https://of-a-file.example/simple'",
            "global.no-cache-dir='true'",
        ]
    )
    assert as_uv_takes_it(listed) == {
        "SSL_CERT_FILE": "/etc/ca.pem",
        "UV_DEFAULT_INDEX": "https://of-the-environment.example/simple",
        "UV_FIND_LINKS": f"{tmp_path},https://c.example/",
        "UV_INDEX": "https://a.example/simple https://b.example/simple",
        "UV_INDEX_STRATEGY": "unsafe-best-match",
    }

"""A core that nobody here wrote: Prism, serving the contract's document and its examples.

The versions and hashes in `prism/package-lock.json` are installed once, under `artifacts/`.
"""

import hashlib
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from sandbox import Sandbox
from tests.contract.document import PATH
from tests.needs import missing, needed

LOCKED = Path(__file__).parent / "prism"
ARTIFACTS = Path(__file__).parents[2] / "artifacts"
INSTALL_SECONDS = 300
START_SECONDS = 60
TOKEN = "letmein"
HEADERS = {"Authorization": f"Bearer {TOKEN}"}


@pytest.fixture(scope="module")
def guarded() -> Iterator[Sandbox]:
    """A sandbox that asks for a token, as a real core would."""
    with Sandbox(participants=1000, token=TOKEN) as running:
        yield running


@pytest.fixture(scope="session")
def prism() -> Path:
    """The program, installed from the lock file when it is not there yet."""
    npm = needed("npm")
    lock = (LOCKED / "package-lock.json").read_bytes()
    home = ARTIFACTS / f"prism-{hashlib.sha256(lock).hexdigest()[:12]}"
    if not home.exists():
        ARTIFACTS.mkdir(exist_ok=True)
        # Installed beside and moved, so that a broken install is never taken for a whole one.
        with tempfile.TemporaryDirectory(dir=ARTIFACTS) as fresh:
            new = Path(fresh) / "prism"
            shutil.copytree(LOCKED, new)
            install = subprocess.run(
                [npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund"],
                cwd=new,
                capture_output=True,
                text=True,
                timeout=INSTALL_SECONDS,
            )
            if install.returncode:
                missing(f"npm could not bring Prism: {install.stderr.strip()[-300:]}")
            if not home.exists():
                new.rename(home)
    return home / "node_modules" / ".bin" / "prism"


@pytest.fixture(scope="session")
def mock_core(prism: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The base address of a mock core.

    It answers with the document's first example and refuses requests that break the document.
    `Prefer: example=<name>` or `Prefer: code=<status>` choose another answer; any bearer token
    will do, but one must be there.
    """
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    log = tmp_path_factory.mktemp("prism") / "log.txt"
    url = f"http://127.0.0.1:{port}"
    with log.open("wb") as output:
        process = subprocess.Popen(
            [needed("node"), prism, "mock", "--host", "127.0.0.1", "--port", str(port), PATH],
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        _wait_until_it_answers(url, process, log)
        yield url
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait(timeout=30)


def _wait_until_it_answers(url: str, process: subprocess.Popen[bytes], log: Path) -> None:
    until = time.monotonic() + START_SECONDS
    while time.monotonic() < until and process.poll() is None:
        try:
            requests.get(f"{url}/v1/health", headers={"Authorization": "Bearer x"}, timeout=5)
        except requests.ConnectionError:
            time.sleep(0.1)
        else:
            return
    raise RuntimeError(f"Prism did not start: {log.read_text(errors='replace')[-2000:]}")

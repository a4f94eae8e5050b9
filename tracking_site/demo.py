"""`make run`: the sandbox core and the site beside each other, with the sample numbers printed.

The two are separate processes that speak real HTTP, as they do in production.
"""

import os
import secrets
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from http.client import HTTPException
from itertools import islice
from types import FrameType
from urllib.request import urlopen

from sandbox import Sandbox

_START_SECONDS = 30
_STOP_SECONDS = 20
_SHOWN_SAMPLES = 12
_NOTICES = {
    "SITE_NOTICE": "Data contoh. Tidak ada data peserta sungguhan.",
    "SITE_NOTICE_EN": "Sample data. No real participant's data.",
}
_STOPPING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def run_demo(environ: Mapping[str, str]) -> int:
    """Start both, print where they are, wait for Ctrl-C or SIGTERM, stop both."""
    core_port = environ.get("CORE_PORT", "9100")
    port = environ.get("PORT", "8000")
    core_url = f"http://127.0.0.1:{core_port}"
    site_environ = {
        **environ,
        "CLAIMS_API_URL": core_url,
        "SECRET_KEYS": environ.get("SECRET_KEYS") or secrets.token_urlsafe(32),
        **({} if environ.get("SITE_NOTICE") else _NOTICES),
        "PORT": port,
    }
    for name in _STOPPING:
        signal.signal(name, _as_interrupt)
    processes: list[subprocess.Popen[bytes]] = []
    try:
        sandbox = [sys.executable, "-m", "tracking_site", "sandbox", "--port", core_port]
        processes.append(_start(sandbox, environ))
        gunicorn = [sys.executable, "-m", "gunicorn", "wsgi:application"]
        processes.append(_start(gunicorn, site_environ))
        for process, url in zip(
            processes, (f"{core_url}/v1/health", f"http://127.0.0.1:{port}/-/healthz"), strict=True
        ):
            if not _answers(url, process):
                problem = f"Nothing answers at {url}. Is the port taken? Set PORT or CORE_PORT."
                print(problem, file=sys.stderr)
                return 1
        _print_samples(port)
        while all(process.poll() is None for process in processes):
            time.sleep(0.2)
        return 1
    except KeyboardInterrupt:
        return 0
    finally:
        _stop(processes)


def _start(command: list[str], environ: Mapping[str, str]) -> subprocess.Popen[bytes]:
    # At Ctrl-C a terminal interrupts the whole group, and a worker that is interrupted in the
    # middle of an answer hangs until it is killed. Deaf to that, it is terminated and ends well.
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        return subprocess.Popen(command, env=environ)
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _as_interrupt(number: int, frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def _answers(url: str, process: subprocess.Popen[bytes]) -> bool:
    give_up_at = time.monotonic() + _START_SECONDS
    while time.monotonic() < give_up_at and process.poll() is None:
        try:
            with urlopen(url, timeout=1):  # noqa: S310 - our own loopback address
                return True
        except (HTTPException, OSError):
            # Also of a port that is none, of which the process itself says what is wrong.
            time.sleep(0.1)
    return False


def _print_samples(port: str) -> None:
    print(f"\nLacak Klaim:  http://127.0.0.1:{port}/\n\nNumbers to try (all of the sandbox):")
    for sample in islice(Sandbox().directory.listing(0), _SHOWN_SAMPLES):
        print(f"  NIK {sample['nik']}  KPJ {sample['kpj']}  {sample['situation']}")
    python = os.path.relpath(sys.executable)
    print(f"\nMore: {python} -m tracking_site sandbox --list\nStop with Ctrl-C.", flush=True)


def _stop(processes: list[subprocess.Popen[bytes]]) -> None:
    # A second Ctrl-C must not break this off and leave them running without their parent.
    for name in _STOPPING:
        signal.signal(name, signal.SIG_IGN)
    for process in processes:
        process.terminate()
    for process in processes:
        try:
            process.wait(_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()

"""Load from wrk: a list of requests sent in turn over kept connections."""

import subprocess
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from harness.servers import Server, program

SCRIPT = Path(__file__).with_name("requests.lua")
CONNECTIONS = 16
HTMX_FORM = {"HX-Request": "true", "Content-Type": "application/x-www-form-urlencoded"}


@dataclass(frozen=True)
class Requests:
    """What is sent: method, path and body each; `strangers` come from a new address each time.

    With `may_miss` a number of which nothing is known is answered as well as any other.
    """

    lines: tuple[tuple[str, str, str], ...]
    headers: dict[str, str] = field(default_factory=dict)
    strangers: bool = False
    may_miss: bool = False

    @classmethod
    def get(cls, path: str, **headers: str) -> "Requests":
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return cls((("GET", path, ""),), named)

    @classmethod
    def lookups(
        cls, numbers: Iterable[str], strangers: bool = False, may_miss: bool = False
    ) -> "Requests":
        lines = tuple(("POST", "/lacak", f"nomor={number}") for number in numbers)
        return cls(lines, HTMX_FORM, strangers, may_miss)


class Load(NamedTuple):
    """`rate` in requests a second, `p99` in seconds; `failed` had a status above 399, or none."""

    rate: float
    p99: float
    failed: int


def load(server: Server, requests: Requests, seconds: int, seed: int) -> Load:
    """Let wrk send for so long. Raises RuntimeError when it did not run."""
    with tempfile.NamedTemporaryFile("w", suffix=".txt") as sent:
        sent.write("|".join(f"{name}: {value}" for name, value in requests.headers.items()))
        sent.writelines(f"\n{method}\t{path}\t{body}" for method, path, body in requests.lines)
        sent.flush()
        options = ["-t1", f"-c{CONNECTIONS}", f"-d{seconds}s", "-s", str(SCRIPT), server.url]
        flags = [str(int(requests.strangers)), str(seed), str(int(requests.may_miss))]
        arguments = ["--", sent.name, *flags]
        ran = subprocess.run(
            [program("wrk"), *options, *arguments], capture_output=True, text=True, timeout=120
        )
    told = [line.split()[1:] for line in ran.stdout.splitlines() if line.startswith("result ")]
    if not told:
        raise RuntimeError(f"wrk: {ran.stdout} {ran.stderr}")
    count, microseconds, p99, failed = map(int, told[0])
    return Load(count / microseconds * 1e6, p99 / 1e6, failed)

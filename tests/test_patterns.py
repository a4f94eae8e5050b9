"""Every pattern of the tree reads hostile text of 100 kB in a time that grows as the text does.

A stranger's text reaches patterns before any limit counts it, and while one goes back and forth
no other thread of the process runs. They are found where they stand, so that a new one is held
to this by itself.
"""

import json
import signal
import subprocess
import sys
from collections.abc import Iterator
from threading import Timer

import pytest

from tests.hostile import DONE
from tests.pattern_places import ROOT, Found, all_patterns

pytestmark = pytest.mark.proofs

KILL_SECONDS = 120
"""Only against a process that hangs for another reason; what is held is its own time."""


class Reader:
    """Reads hostile text by patterns, in one process for as long as none of them is stopped."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[str] | None = None

    def stopped(self, found: Found) -> str:
        """Read by a pattern; return what it was at when its time was over, or ""."""
        process = self._process or self._started()
        hangs = Timer(KILL_SECONDS, process.kill)
        hangs.start()
        try:
            return self._asked(process, found)
        finally:
            hangs.cancel()

    def close(self) -> None:
        if self._process:
            self._process.communicate()

    def _started(self) -> "subprocess.Popen[str]":
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.hostile"],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        return self._process

    def _asked(self, process: "subprocess.Popen[str]", found: Found) -> str:
        assert process.stdin is not None
        assert process.stdout is not None
        told = {
            "pattern": found.pattern,
            "flags": found.flags,
            "is_bytes": found.is_bytes,
            "methods": list(found.methods),
        }
        process.stdin.write(json.dumps(told) + "\n")
        process.stdin.flush()
        said = []
        for line in process.stdout:
            said.append(line.rstrip("\n"))
            if said[-1] == DONE:
                return ""
        self._process = None
        process.communicate()
        assert process.returncode == -signal.SIGVTALRM, said
        return said[-1]


@pytest.fixture(scope="module")
def reader() -> Iterator[Reader]:
    reader = Reader()
    yield reader
    reader.close()


@pytest.mark.parametrize("found", all_patterns(), ids=lambda found: found.place)
def test_a_pattern_takes_no_longer_than_its_text_is_long(reader: Reader, found: Found) -> None:
    assert reader.stopped(found) == ""


@pytest.mark.parametrize(
    "pattern",
    [
        r"(?<![\w:])[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*(?![\w:])",
        r"\w+@",
        r"--([\w-]+):",
        r"<[^>]+>",
        r":root\s*\{([^}]*)\}",
        r"(?:[a-z]+)*$",
        r"\d+\D\d+",
        r"no\s*\s*$",
    ],
)
def test_a_pattern_that_goes_back_and_forth_is_stopped(reader: Reader, pattern: str) -> None:
    assert reader.stopped(Found("here", pattern, methods=("search",)))

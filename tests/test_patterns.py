"""Every pattern of the tree reads hostile text of 100 kB in a time that grows as the text does.

A stranger's text reaches patterns before any limit counts it, and while one goes back and forth
no other thread of the process runs. They are found where they stand, so that a new one is held
to this by itself.
"""

import json
import subprocess
import sys

import pytest

from tests.pattern_places import ROOT, Found, NotConstant, all_patterns, in_source

KILL_SECONDS = 120
"""Only against a process that hangs for another reason; what is held is its own time."""


def stopped(found: Found) -> str:
    """Read hostile text by a pattern; return what it was at when its time was over, or ""."""
    told = {
        "pattern": found.pattern,
        "flags": found.flags,
        "is_bytes": found.is_bytes,
        "methods": list(found.methods),
    }
    ran = subprocess.run(
        [sys.executable, "-m", "tests.hostile"],
        cwd=ROOT,
        input=json.dumps(told),
        capture_output=True,
        text=True,
        timeout=KILL_SECONDS,
    )
    assert ran.stderr == ""
    return ran.stdout.splitlines()[-1] if ran.returncode else ""


@pytest.mark.parametrize("found", all_patterns(), ids=lambda found: found.place)
def test_a_pattern_takes_no_longer_than_its_text_is_long(found: Found) -> None:
    assert stopped(found) == ""


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
def test_a_pattern_that_goes_back_and_forth_is_stopped(pattern: str) -> None:
    assert stopped(Found("here", pattern, methods=("search",)))


SOURCE = """
import re as patterns
from re import sub as replaced, IGNORECASE

DIGITS = "[0-9]"
ONE = patterns.compile(rf"{DIGITS}+" "x", IGNORECASE)

def read(text):
    replaced(b"two", b"", text)
    declared(pattern="three")
    return ONE.subn("", patterns.escape(text))
"""


def test_patterns_are_found_under_any_name() -> None:
    names: dict[str, object] = {}
    exec(SOURCE, names)
    found = {each.pattern: each for each in in_source(SOURCE, names, "there")}
    assert set(found) == {"[0-9]+x", "two", "three"}
    assert found["[0-9]+x"].place == "there:6"
    assert found["[0-9]+x"].flags == 2
    assert (found["two"].is_bytes, found["two"].methods) == (True, ("sub",))


def test_a_pattern_that_nobody_can_know_beforehand_is_not_passed_over() -> None:
    source = "import re\ndef read(text, word):\n    return re.search(word, text)\n"
    with pytest.raises(NotConstant, match="there:3"):
        list(in_source(source, {}, "there"))


def test_patterns_of_every_kind_are_found() -> None:
    places = [found.place for found in all_patterns()]
    for part in ("redaction.py:", "result.js: /", "lacak-klaim.conf: ^"):
        assert any(part in place for place in places)

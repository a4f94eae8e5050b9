"""Patterns are found wherever they stand in the tree, and none is passed over."""

import re

import pytest

from tests.pattern_places import NotConstant, all_patterns, in_source

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
    patterns = all_patterns()
    for found in patterns:
        re.compile(found.pattern.encode() if found.is_bytes else found.pattern, found.flags)
    places = [found.place for found in patterns]
    for part in ("redaction.py:", "result.js: /", "lacak-klaim.conf: ^"):
        assert any(part in place for place in places)

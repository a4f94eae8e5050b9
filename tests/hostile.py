"""Hostile text for a pattern, and one pattern against it in a process that may be stopped.

`python -m tests.hostile` reads patterns as JSON, one a line, and says `DONE` after each of which
every text was read within `PROCESSOR_SECONDS`. What is limited is the time that the process itself
has had, not the time on the wall, so that a busy machine fails nothing: a linear pattern takes some
hundredths of a second for 100 kB, a quadratic one ten seconds, a cubic one years. The kernel ends
the process when the time is over, because a pattern that backtracks lets no Python code run.
"""

import json
import re
import signal
import sys
from collections.abc import Iterator
from itertools import product
from re import _constants as codes  # type: ignore[attr-defined]
from re import _parser as parser  # type: ignore[attr-defined]
from typing import Any

LENGTH = 100_000
"""Characters of each text."""

PROCESSOR_SECONDS = 0.5

MAX_SINGLE = 12
MAX_PAIRED = 4
MAX_BEGINNINGS = 8
MAX_WAYS = 4

DONE = "done"

ENDS = "gé\x01"
"""What fits hexadecimal digits, ASCII or any letter no more, so that much has to be taken back."""

CATEGORIES = {
    "CATEGORY_DIGIT": "0",
    "CATEGORY_NOT_DIGIT": "x",
    "CATEGORY_SPACE": " ",
    "CATEGORY_NOT_SPACE": "x",
    "CATEGORY_WORD": "a",
    "CATEGORY_NOT_WORD": "-",
}


def texts_for(pattern: str) -> Iterator[str]:
    """Yield texts of `LENGTH` characters made of what the pattern itself looks for.

    Its characters, pairs of them, and beginnings of what it would match, each repeated to the
    end; and each of its characters repeated after such a beginning.
    """
    tree = list(parser.parse(pattern))
    singles = list(dict.fromkeys([*_characters(tree), "0", "a", ":", " "]))[:MAX_SINGLE]
    few = singles[:MAX_PAIRED]
    pairs = [one + other for one, other in product(few, few) if one != other]
    told = [("", unit) for unit in singles + pairs]
    for way in _ways(tree):
        match = _match(way)
        begun = [_match(way[:end]) for end in range(1, len(way))][-MAX_BEGINNINGS:]
        told += [("", match[:end]) for end in range(2, min(len(match), MAX_BEGINNINGS) + 1)]
        told += [("", match), *product(begun, few)]
    for head, unit in dict.fromkeys(pair for pair in told if pair[1]):
        yield head + (unit * (LENGTH // len(unit) + 1))[:LENGTH] + ENDS
    yield from (single * LENGTH for single in singles)


def run(pattern: str, flags: int, is_bytes: bool, methods: list[str]) -> None:
    """Read every text by each of these methods of the compiled pattern."""
    signal.signal(signal.SIGVTALRM, signal.SIG_DFL)
    compiled: Any = re.compile(pattern.encode("latin-1") if is_bytes else pattern, flags)
    for text in texts_for(pattern):
        read: Any = text.encode("latin-1", "replace") if is_bytes else text
        for method in methods:
            print(f"{method} of {text[:24]!r} …", flush=True)
            signal.setitimer(signal.ITIMER_VIRTUAL, PROCESSOR_SECONDS)
            if method in ("sub", "subn"):
                getattr(compiled, method)(lambda _: "", read) if not is_bytes else compiled.sub(
                    b"", read
                )
            elif method == "finditer":
                list(compiled.finditer(read))
            else:
                getattr(compiled, method)(read)
            signal.setitimer(signal.ITIMER_VIRTUAL, 0)


def _ways(tree: list[Any]) -> list[list[Any]]:
    """Return the alternatives of a pattern that is nothing else, or the pattern itself."""
    if len(tree) == 1 and tree[0][0] is codes.BRANCH:
        return [list(each) for each in tree[0][1][1][:MAX_WAYS]]
    return [tree]


def _characters(tree: Any) -> Iterator[str]:
    """Yield one character for every place of a pattern where characters may stand."""
    for code, given in tree:
        if code in (codes.LITERAL, codes.NOT_LITERAL):
            yield chr(given)
        elif code is codes.IN:
            yield from map(_one_of, [[each] for each in given if each[0] is not codes.NEGATE][:3])
        elif code is codes.ANY:
            yield "x"
        else:
            for inner in _inner(code, given):
                yield from _characters(inner)


def _match(tree: Any) -> str:
    """Return a short text that a pattern begins to match."""
    parts = []
    for code, given in tree:
        if code is codes.LITERAL:
            parts.append(chr(given))
        elif code is codes.NOT_LITERAL:
            parts.append("x" if given != ord("x") else "y")
        elif code is codes.IN:
            parts.append(_one_of(given))
        elif code is codes.ANY:
            parts.append("x")
        elif code in (codes.MAX_REPEAT, codes.MIN_REPEAT, codes.POSSESSIVE_REPEAT):
            parts.append(_match(given[2]) * max(1, min(given[0], 20)))
        elif code not in (codes.ASSERT, codes.ASSERT_NOT):
            parts += [_match(inner) for inner in _inner(code, given)[:1]]
    return "".join(parts)


def _one_of(members: Any) -> str:
    if members[0][0] is codes.NEGATE:
        refused = {chr(given) for code, given in members if code is codes.LITERAL}
        return next(each for each in "x :0-" if each not in refused)
    code, given = members[0]
    if code is codes.CATEGORY:
        return CATEGORIES[str(given)]
    return chr(given[0] if code is codes.RANGE else given)


def _inner(code: Any, given: Any) -> list[Any]:
    """Return the patterns within an element of a pattern."""
    if code is codes.BRANCH:
        return list(given[1])
    if code in (codes.MAX_REPEAT, codes.MIN_REPEAT, codes.POSSESSIVE_REPEAT):
        return [given[2]]
    if code is codes.SUBPATTERN:
        return [given[3]]
    if code in (codes.ASSERT, codes.ASSERT_NOT):
        return [given[1]]
    if code is codes.ATOMIC_GROUP:
        return [given]
    return []


if __name__ == "__main__":
    for line in sys.stdin:
        run(**json.loads(line))
        print(DONE, flush=True)

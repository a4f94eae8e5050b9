"""The numbers in a text that is more than one number: cut into runs, picked out.

The text comes folded (identifiers.py). Knows how long a NIK and a KPJ are and nothing else of
them. Every step walks the text once, so that a hostile text costs no more than its length.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

NIK_LENGTH = 16
KPJ_LENGTH = 11

MIN_DIGITS = 8
"""A word among others with fewer digits is no card number; old cards carry a letter or two."""

LOOKALIKES = frozenset("OIL")
"""Letters that people type for 0 and 1."""

_TOKEN = re.compile(r"(?:[^\W_]|[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\ufffd])+")
"""Letters, digits, and what stands where a character was lost."""

_CLEAN = re.compile(r"[0-9A-Z]+")
_LETTERS_OR_DIGITS = re.compile(r"[A-Z]+|[0-9]+")
_WEAK_GAP = re.compile(r"(?:[^\S\n\r]|[.,\-_/·•'’‐-―−])*")
"""What stands between groups of one number; anything else may also part two."""

_AFTER_MARKER = re.compile(r"[.)\]]\s[^0-9A-Z]*")
"""What stands after the number of a list's line: "1. "."""

_REFERENCE = re.compile(
    r"(?<![0-9A-Z])(?!NIK|KPJ|KTP|NO|HP|WA)"
    r"(?:(?:[A-Z]{2,4}[-‐-―−/]|(?:JHT|JKK|JKM|JKP|JP)[. ]?)[0-9]{2}(?:0[1-9]|1[0-2])[-‐-―−/. ]?"
    r"|[0-9]{2}(?:0[1-9]|1[0-2])[-‐-―−])"
    r"[0-9]{6}(?![0-9A-Z])"
)
"""The number of a claim as the contract's examples have it: JHT-2611-190248."""

# fmt: off
_LABELS = frozenset({
    "NIK", "NIT", "KPJ", "KTP", "EKTP", "NO", "NOMOR", "NUMBER", "KARTU", "CARD", "PESERTA",
    "JAMSOSTEK", "BPJS", "BPJSTK", "TK", "KETENAGAKERJAAN", "SAYA", "MY", "ADALAH", "IS",
})
# fmt: on
"""Words that stand before a number: alone they are a field that was not filled in."""


@dataclass(frozen=True, slots=True)
class Cluster:
    """Letters and digits that stand together, and what stands before them."""

    text: str
    gap: str


Run = list[Cluster]
"""Groups without a word between them: a number, or several, or a date."""

IsNumber = Callable[[str], bool]


@dataclass(frozen=True, slots=True)
class Contents:
    """What a text holds: `numbers` of a possible form, each as often as it stands there.

    Without any, the rest says why: the longest run of digits (`nearest`, `has_plus` where a
    plus stands before it), lost characters among digits, a claim's number, words.
    """

    numbers: tuple[str, ...] = ()
    nearest: str = ""
    has_plus: bool = False
    is_spoiled: bool = False
    is_reference: bool = False
    has_words: bool = False


def contents_of(text: str, is_number: IsNumber) -> Contents:
    """Return what a folded text holds; `is_number` judges what has the length of one."""
    runs, is_spoiled, has_words = _runs(text)
    numbers = tuple(number for run in runs for number in _numbers_of(run, is_number))
    if numbers:
        return Contents(numbers)
    nearest = max(map(_without_marker, runs), key=lambda run: len(_joined(run)), default=[])
    return Contents(
        nearest=_joined(nearest),
        has_plus=bool(nearest) and "+" in nearest[0].gap,
        is_spoiled=is_spoiled,
        is_reference=bool(_REFERENCE.search(text)),
        has_words=has_words,
    )


def _runs(text: str) -> tuple[list[Run], bool, bool]:
    """Cut a text at its words; say too whether digits are spoiled and whether words remain."""
    runs: list[Run] = [[]]
    single: Run = []
    is_spoiled = has_words = False
    for group in _groups(text):
        if not _CLEAN.fullmatch(group.text):
            is_spoiled |= any(each.isdecimal() for each in group.text)
            has_words = True
        elif any(each.isdecimal() for each in group.text):
            # A letter alone belongs to a number only where the number goes on after it.
            runs[-1] += [*single, group] if runs[-1] else [group]
            single = []
            continue
        elif len(group.text) == 1 or LOOKALIKES.issuperset(group.text):
            single.append(group)
            continue
        else:
            has_words |= group.text not in _LABELS
        single = []
        if runs[-1]:
            runs.append([])
    return [run for run in runs if run], is_spoiled, has_words


def _groups(text: str) -> Iterator[Cluster]:
    end = 0
    for token in _TOKEN.finditer(text):
        gap = text[end : token.start()]
        end = token.end()
        if _has_form(token[0]) or not _CLEAN.fullmatch(token[0]):
            yield Cluster(token[0], gap)
            continue
        for place, part in enumerate(_parted(token[0])):
            yield Cluster(part, "" if place else gap)


def _parted(token: str) -> Iterator[str]:
    """Part a label from the number that is stuck to it: "NIK3174…"."""
    number = ""
    for part in _LETTERS_OR_DIGITS.findall(token):
        is_word = part.isalpha() and len(part) > 1 and not LOOKALIKES.issuperset(part)
        if not is_word:
            number += part
            continue
        if number:
            yield number
        number = ""
        yield part
    if number:
        yield number


def _has_form(text: str) -> bool:
    if len(text) not in (NIK_LENGTH, KPJ_LENGTH) or not _CLEAN.fullmatch(text):
        return False
    digits = sum(each.isdecimal() for each in text)
    if len(text) == KPJ_LENGTH:
        return digits >= MIN_DIGITS
    return digits >= MIN_DIGITS and all(each.isdecimal() or each in LOOKALIKES for each in text)


def _numbers_of(run: Run, is_number: IsNumber) -> list[str]:
    whole = _joined(run)
    if "+" in run[0].gap and whole.startswith("62"):
        return []
    if _has_form(whole) and is_number(whole):
        return [whole]
    found = [number for part in _parts(run) for number in _numbers_of_part(part, is_number)]
    whole = _joined(_without_marker(run))
    return found or ([whole] if _has_form(whole) else [])


def _parts(run: Run) -> Iterator[Run]:
    part: Run = []
    for group in run:
        if part and not _WEAK_GAP.fullmatch(group.gap):
            yield part
            part = []
        part.append(group)
    yield part


def _numbers_of_part(part: Run, is_number: IsNumber) -> list[str]:
    whole = _joined(part)
    if _has_form(whole) and is_number(whole):
        return [whole]
    alone = [group.text for group in part if _has_form(group.text)]
    if alone:
        return alone
    whole = _joined(_without_marker(part))
    return [whole] if _has_form(whole) else []


def _without_marker(run: Run) -> Run:
    """Leave out the number of a list's line: "1. 3174 …"."""
    if len(run) < 2 or len(run[0].text) > 2 or not run[0].text.isdecimal():
        return run
    return run[1:] if _AFTER_MARKER.fullmatch(run[1].gap) else run


def _joined(run: Run) -> str:
    return "".join(group.text for group in run)

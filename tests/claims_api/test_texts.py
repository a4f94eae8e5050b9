"""Texts of the core: as long as the contract allows, and without the number of a person."""

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest

from tests.claims_api.fakes import MOVING
from tests.contract.document import schemas
from tracking_site.claims_api.contract import answer_of, decode_snapshot
from tracking_site.claims_api.errors import CoreError, Trouble
from tracking_site.claims_api.source import Answer
from tracking_site.domain.identifiers import Identifier, Kpj, Nik, OneCard

NOON = "2026-11-20T12:00:00+07:00"
BRANCH = ("name", "regency", "phone", "address", "hours", "timezone")
PARTS: dict[str, Any] = {
    "branch": dict.fromkeys(BRANCH, "A"),
    "milestones": [{"stage": "registered", "entered_at": NOON, "note": "resubmitted"}],
    "documents": [{"type": "photo", "state": "missing", "cause": None, "due_on": None}],
    "appointment": {"kind": "branch_visit", "starts_at": NOON, "ends_at": NOON},
    "notices": [{"means": "email", "about": "decision", "sent_at": NOON}],
    "outcome": {"result": "refused", "cause": "waiting_period", "next_step": "wait"},
}
NIK, CARD = Nik("3174054501900005"), Kpj("97J20418834")


def texts_in(schema: dict[str, Any], *way: str) -> Iterator[tuple[tuple[str, ...], int]]:
    """Yield where the contract has a text, and how long it may be."""
    named = [each["$ref"] for each in (schema, *schema.get("anyOf", ())) if "$ref" in each]
    for kind in (schema, *(schemas()[name.rpartition("/")[2]] for name in named)):
        bound = re.search(r"\{0,(\d+)\}\$$", kind.get("pattern", ""))
        longest = int(bound[1]) + 1 if bound else kind.get("maxLength")
        if longest and "format" not in kind:
            yield way, longest
        for name, inner in kind.get("properties", {}).items():
            yield from texts_in(inner, *way, name)
        if "items" in kind:
            yield from texts_in(kind["items"], *way)


TEXTS = sorted(texts_in(schemas()["Claim"]))


def told_with(way: tuple[str, ...], text: str) -> str:
    """Return an answer whose claim tells everything, with a text at one place."""
    document = json.loads(MOVING)
    document["claims"][0] |= json.loads(json.dumps(PARTS))
    *first, last = way
    place = document["claims"][0]
    for name in first:
        place = place[name][0] if isinstance(place[name], list) else place[name]
    place[last] = text
    return json.dumps(document, ensure_ascii=False)


def read_at(way: tuple[str, ...], answer: str) -> Any:
    read: Any = decode_snapshot(answer.encode()).claims[0]
    for name in way:
        read = getattr(read, name)
        read = read[0] if isinstance(read, tuple) else read
    return read


def test_every_text_of_the_contract_is_tried() -> None:
    assert len(TEXTS) == 23


@pytest.mark.parametrize(("way", "longest"), TEXTS)
def test_a_text_that_is_too_long_is_cut_and_hides_no_claim(
    way: tuple[str, ...], longest: int
) -> None:
    """A reference of 100 kB made a calendar of 1 MB."""
    assert read_at(way, told_with(way, "a" * longest)) == "a" * longest
    for length in (longest + 1, 100_000):
        # Half a telephone calls somebody else.
        cut = None if way[-1] == "phone" else "b" * (longest - 1) + "…"
        assert read_at(way, told_with(way, "b" * length)) == cut


@pytest.mark.parametrize("way", [way for way, _ in TEXTS], ids="-".join)
@pytest.mark.parametrize("asked", [NIK, CARD, OneCard(NIK, "45")], ids=["nik", "card", "both"])
def test_the_number_that_is_asked_stands_in_no_text(
    way: tuple[str, ...], asked: Identifier
) -> None:
    number = asked.number
    grouped = f"No. {number[:4]} {number[4:8]}-{number[8:]}"
    for text in (number, f"x{number}y", f"{number}{number}", number.lower(), grouped):
        plain = told_with(way, text)
        escaped = plain.replace(text, "".join(f"\\u{ord(each):04x}" for each in text))
        for body in (plain, escaped):
            answer = answer_of(body.encode(), asked)
            told = re.sub(r"[ -]", "", f"{answer.body.decode()} {answer.snapshot}").upper()
            assert number not in told
            assert answer.snapshot.claims


@pytest.mark.parametrize("around", ["{}", "JHT-{}", "2611{}", "({})", "0{}0"])
def test_the_nik_of_anybody_stands_in_no_text(around: str) -> None:
    told = read_at(("reference",), told_with(("reference",), around.format(NIK.number)))
    assert told == around.format("•" * 14 + "05")


@pytest.mark.parametrize("text", ["2026112500001234", "0000000000000000", "JHT-2611-190248"])
def test_digits_that_are_no_number_of_a_person_are_shown(text: str) -> None:
    answer = answer_of(told_with(("reference",), text).encode(), CARD)
    assert answer.snapshot.claims[0].reference == text


def test_what_holds_no_number_is_kept_to_the_letter() -> None:
    assert answer_of(MOVING, NIK, 7.0) == Answer(MOVING, decode_snapshot(MOVING), 7.0)
    with pytest.raises(CoreError, match=Trouble.SHAPE):
        answer_of(NIK.number.encode() + b"{", NIK)

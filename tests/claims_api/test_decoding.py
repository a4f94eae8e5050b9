"""The core's JSON: strict where the contract is, tolerant where it is."""

import json
import unicodedata
from datetime import date, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.claims_api.fakes import MOVING, number
from tracking_site.claims_api.contract import decode_durations, decode_snapshot, encode_lookup
from tracking_site.claims_api.errors import CoreError, Trouble
from tracking_site.domain.claims import Claim, Location, Pause, Payment, Snapshot, StageDuration
from tracking_site.domain.identifiers import Nik


def changed(path: str, value: Any) -> bytes:
    """Return a good answer with one thing in it changed; `del` takes it out."""
    document = json.loads(MOVING)
    *way, last = path.split(".")
    place = document
    for step in way:
        place = place[int(step)] if step.isdigit() else place[step]
    if value == "del":
        del place[last]
    else:
        place[last] = value
    return json.dumps(document).encode()


def test_a_number_travels_with_its_kind_in_the_body() -> None:
    assert json.loads(encode_lookup(Nik("3174010101900001"))) == {
        "identifier": {"type": "nik", "value": "3174010101900001"}
    }
    assert json.loads(encode_lookup(number(7)))["identifier"] == {
        "type": "kpj",
        "value": "00000000007",
    }


def test_unknown_codes_are_kept_and_unknown_fields_ignored() -> None:
    claim = decode_snapshot(changed("claims.0.state", "teleported")).claims[0]
    assert claim.state == "teleported"
    assert decode_snapshot(changed("claims.0.colour", {"deep": [1]})).claims[0].service == "jht"


UNSEEN = "\x00\x07\x1b\x7f\x80\x9f\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e" + (
    "\u2066\u2067\u2068\u2069\u206a\u206f\ufff9\ufffb"
)


@pytest.mark.parametrize("escaped", [True, False])
@pytest.mark.parametrize("unseen", UNSEEN, ids=lambda each: f"{ord(each):04x}")
def test_characters_that_only_change_how_a_text_looks_are_taken_out(
    unseen: str, escaped: bool
) -> None:
    document = json.loads(changed("claims.0.branch.name", f"Kantor{unseen} Cabang"))
    document["claims"][0]["state"] = f"on_{unseen}hold"
    claim = decode_snapshot(_written(document, escaped)).claims[0]
    assert (claim.branch.name, claim.state) == ("Kantor Cabang", "on_hold")


@pytest.mark.parametrize("escaped", [True, False])
def test_line_breaks_become_spaces_and_other_writing_stays(escaped: bool) -> None:
    document = json.loads(
        changed("claims.0.branch.hours", "Senin–Jumat\r\n08.00\u202815.00 “é” 你好")
    )
    document["claims"][0]["branch"]["name"] = "مكتب \\u202e"
    branch = decode_snapshot(_written(document, escaped)).claims[0].branch
    assert branch.hours == "Senin–Jumat 08.00 15.00 “é” 你好"
    assert branch.name == "مكتب \\u202e"


@given(st.text(max_size=20))
def test_no_text_shows_other_words_than_it_says(text: str) -> None:
    told = decode_snapshot(changed("claims.0.branch.name", text)).claims[0].branch.name
    assert not set(told) & set(UNSEEN)
    assert not any(unicodedata.category(each) == "Cc" for each in told)


def _written(document: Any, escaped: bool) -> bytes:
    return json.dumps(document, ensure_ascii=escaped).encode()


def test_pauses_are_read_and_a_core_may_tell_none() -> None:
    since, until = "2026-11-20T09:00:00+07:00", "2026-11-21T09:00:00+07:00"
    told = [{"from": since, "until": until}, {"from": until, "until": None, "why": "new"}]
    pauses = decode_snapshot(changed("claims.0.pauses", told)).claims[0].pauses
    assert pauses == (
        Pause(datetime.fromisoformat(since), datetime.fromisoformat(until)),
        Pause(datetime.fromisoformat(until)),
    )
    assert decode_snapshot(changed("claims.0.pauses", [])).claims[0].pauses == ()
    assert decode_snapshot(changed("as_of", since)).claims[0].pauses is None


def test_a_claim_that_is_told_twice_is_one() -> None:
    one = json.loads(MOVING)["claims"][0]
    other = {**one, "reference": "JHT-2"}
    claims = decode_snapshot(changed("claims", [one, other, one, one])).claims
    assert [each.reference for each in claims] == [one["reference"], "JHT-2"]


NO_DAYS = ("9999-12-31", "0001-01-01", "1900-01-01", "2999-01-01")


@pytest.mark.parametrize("day", NO_DAYS)
def test_a_day_that_stands_for_none_is_none(day: str) -> None:
    def claim_with(path: str, value: Any) -> Claim:
        return decode_snapshot(changed(f"claims.0.{path}", value)).claims[0]

    document = {"type": "photo", "state": "missing", "cause": None, "due_on": day}
    payment = {"scheduled_on": day, "sent_at": None, "returned_at": None}
    sent = {**payment, "sent_at": "2026-11-20T09:00:00+07:00"}
    assert claim_with("due_on", day).due_on is None
    assert claim_with("documents", [document]).documents[0].due_on is None
    assert claim_with("payment", payment).payment is None
    told = claim_with("payment", sent).payment
    assert told is not None and told.sent_at is not None
    assert told.scheduled_on == told.sent_at.date()
    assert claim_with("due_on", "2026-12-01").due_on == date(2026, 12, 1)


NO_MOMENTS = (
    "0001-01-01T00:00:00Z",
    "1900-01-01T00:00:00+07:00",
    "1970-01-01 00:00:00Z",
    "2200-01-01T00:00:00Z",
    "9999-12-31T23:59:59.999+07:00",
)


@pytest.mark.parametrize("moment", NO_MOMENTS)
def test_so_is_a_moment_where_the_core_may_leave_it_out(moment: str) -> None:
    def claim_with(path: str, value: Any) -> Claim:
        return decode_snapshot(changed(f"claims.0.{path}", value)).claims[0]

    since = "2026-11-20T09:00:00+07:00"
    payment = {"scheduled_on": "2026-11-21", "sent_at": moment, "returned_at": moment}
    returned = {"scheduled_on": "9999-12-31", "sent_at": moment, "returned_at": since}
    assert claim_with("documents_complete_at", moment).documents_complete_at is None
    assert claim_with("payment", payment).payment == Payment(date(2026, 11, 21))
    told = claim_with("payment", returned).payment
    assert told == Payment(date(2026, 11, 20), None, datetime.fromisoformat(since))
    pauses = claim_with("pauses", [{"from": since, "until": moment}]).pauses
    assert pauses == (Pause(datetime.fromisoformat(since)),)


@pytest.mark.parametrize("moment", NO_MOMENTS)
def test_what_is_nothing_without_its_moment_is_left_out(moment: str) -> None:
    def claim_with(path: str, value: Any) -> Claim:
        return decode_snapshot(changed(f"claims.0.{path}", value)).claims[0]

    known = "2026-11-20T09:00:00+07:00"
    visit = {"kind": "branch_visit", "starts_at": moment, "ends_at": moment}
    assert claim_with("appointment", visit).appointment is None
    told = claim_with("appointment", visit | {"starts_at": known}).appointment
    assert told is not None
    assert told.ends_at == told.starts_at == datetime.fromisoformat(known)
    message = {"means": "email", "about": "decision", "sent_at": known}
    messages = [message, message | {"sent_at": moment}]
    assert len(claim_with("notices", messages).notices) == 1
    step = {"stage": "registered", "entered_at": known, "note": None}
    steps = [step, {"stage": "approval", "entered_at": moment, "note": None}]
    assert [each.stage for each in claim_with("milestones", steps).milestones] == ["registered"]
    # Of a wait without its beginning nobody tells how long it was.
    waits = [{"from": known, "until": known}, {"from": moment, "until": None}]
    assert claim_with("pauses", waits).pauses is None


@pytest.mark.parametrize("moment", [NO_MOMENTS[0], NO_MOMENTS[-1]])
@pytest.mark.parametrize("path", ["as_of", "claims.0.submitted_at"])
def test_what_has_to_be_told_is_not_left_out(path: str, moment: str) -> None:
    with pytest.raises(CoreError, match=Trouble.SHAPE):
        decode_snapshot(changed(path, moment))


def test_the_core_cannot_call_its_own_answer_stale() -> None:
    assert not decode_snapshot(changed("is_stale", True)).is_stale


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("as_of", "del"),
        ("as_of", "2026-11-22T14:05:00"),
        ("as_of", 1795330800),
        ("as_of", "0001-01-01T00:00:00+23:59"),
        ("claims", "del"),
        ("claims", None),
        ("claims", {}),
        ("claims.0.reference", "del"),
        ("claims.0.reference", 7),
        ("claims.0.state", None),
        ("claims.0.kpj_suffix", "145"),
        ("claims.0.kpj_suffix", "21049873145"),
        ("claims.0.branch", "Jakarta"),
        ("claims.0.branch.name", "del"),
        ("claims.0.milestones", "del"),
        ("claims.0.milestones.0.entered_at", "yesterday"),
        ("claims.0.milestones.0.entered_at", "2026-11-20T09:00:00"),
        ("claims.0.submitted_at", None),
        ("claims.0.due_on", "2026-02-30"),
        ("claims.0.documents", [{"type": "photo"}]),
        ("claims.0.outcome", {"result": "refused"}),
        ("claims.0.pauses", {}),
        ("claims.0.pauses", [{"until": None}]),
        ("claims.0.pauses", [{"from": "2026-11-20T09:00:00", "until": None}]),
        ("claims.0.pauses", [{"from": "2026-11-20", "until": None}]),
    ],
)
def test_a_missing_or_mistyped_field_refuses_the_whole_answer(path: str, value: Any) -> None:
    with pytest.raises(CoreError, match=Trouble.SHAPE) as refused:
        decode_snapshot(changed(path, value))
    assert refused.value.kind == Trouble.SHAPE


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"null",
        b"[]",
        b"\xff\xfe",
        b"\x00" * 100,
        b"<html></html>",
        MOVING[:-1],
        MOVING + b"x",
        MOVING.replace(b'"JHT-1"', b'"\xff"'),
        MOVING.replace(b'"JHT-1"', b'"\\ud800"'),
        MOVING.replace(b'"as_of"', b'"x":' + b"[" * 300_000 + b',"as_of"'),
    ],
)
def test_garbage_is_not_understood_and_not_an_accident(body: bytes) -> None:
    with pytest.raises(CoreError, match=Trouble.SHAPE):
        decode_snapshot(body)


@given(st.binary(max_size=200) | st.text(max_size=200).map(str.encode))
def test_any_bytes_are_an_answer_or_not_understood(body: bytes) -> None:
    for decode in (decode_snapshot, decode_durations):
        try:
            assert isinstance(decode(body), Snapshot | tuple)
        except CoreError as error:
            assert str(error) == "shape"


def test_what_went_wrong_is_told_without_what_the_core_sent() -> None:
    with pytest.raises(CoreError, match=Trouble.SHAPE) as refused:
        decode_snapshot(changed("claims.0.due_on", "3174010101900001"))
    assert "3174" not in f"{refused.value!r}{refused.value.__cause__!r}"


def durations_of(*quartiles: float) -> bytes:
    body = {
        "as_of": "2026-11-22T00:00:00+07:00",
        "window_days": 90,
        "items": [
            {
                "service": "jht",
                "stage": "assessment",
                "working_days": dict(zip(("p25", "p50", "p75"), quartiles, strict=True)),
                "claims": 12,
            }
        ],
    }
    return json.dumps(body).encode()


def test_durations_become_flat() -> None:
    assert decode_durations(durations_of(1, 2.5, 4)) == (
        StageDuration("jht", "assessment", 1, 2.5, 4, 12),
    )
    assert decode_durations(durations_of(0, 0, 1000))


@pytest.mark.parametrize(
    "quartiles", [(-1, 2, 4), (-1e308, 2, 4), (3, 2, 4), (1, 5, 4), (1, 2, 1001), (1, 2, 1e308)]
)
def test_quartiles_that_are_none_are_not_understood(quartiles: tuple[float, ...]) -> None:
    """Every result with a stage of theirs was an accident, or took all memory, for an hour."""
    with pytest.raises(CoreError, match=Trouble.SHAPE):
        decode_durations(durations_of(*quartiles))


def test_a_branch_says_where_it_is_and_a_core_may_leave_it_out() -> None:
    told = {"latitude": -6.26, "longitude": 106.81}
    branch = decode_snapshot(changed("claims.0.branch.location", told)).claims[0].branch
    assert branch.location == Location(-6.26, 106.81)
    assert (branch.address, branch.hours) == (None, None)
    branch = decode_snapshot(changed("claims.0.branch.address", "Jalan Contoh 1")).claims[0].branch
    assert (branch.address, branch.location) == ("Jalan Contoh 1", None)


def test_degrees_that_are_exchanged_hide_no_claim_and_are_no_place() -> None:
    told = {"latitude": 106.81, "longitude": -6.26}
    (claim, *_) = decode_snapshot(changed("claims.0.branch.location", told)).claims
    assert claim.branch.location is not None
    assert not claim.branch.location.is_real


@pytest.mark.parametrize("wrong", [{"latitude": 1}, "di sini"])
def test_a_place_without_degrees_is_refused(wrong: Any) -> None:
    with pytest.raises(CoreError, match=Trouble.SHAPE):
        decode_snapshot(changed("claims.0.branch.location", wrong))

"""The end of a card with every NIK: it opens one person's claims, and guessing it costs."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from tests.domain.claims import claim
from tests.guard.test_desk import VISIT, Core, make
from tracking_site.domain.claims import Snapshot
from tracking_site.domain.identifiers import Invalid, InvalidReason
from tracking_site.domain.outcomes import Found, NotFound
from tracking_site.guard.challenge import Challenged
from tracking_site.guard.desk import Desk

NIK, KPJ = "3174054501900005", "00001234567"
NOW = datetime(2027, 1, 1, tzinfo=UTC)
CLAIMS = (
    claim("registered", kpj_suffix="45", reference="A"),
    claim("registered", kpj_suffix="9Z", reference="B"),
    claim("registered", kpj_suffix=None, reference="C"),
)


@pytest.fixture
def lookup() -> Desk:
    return make(Core(Snapshot(CLAIMS, NOW)), asks_card=True)


def references(outcome: object) -> set[str]:
    assert isinstance(outcome, Found)
    return {journey.claim.reference for journey in outcome.journeys}


def test_the_end_of_a_card_opens_its_claims_and_those_without_a_card(
    lookup: Desk,
) -> None:
    assert references(lookup.look_up(NIK, replace(VISIT, card="45"))) == {"A", "C"}
    assert references(lookup.look_up(NIK, replace(VISIT, card=" 0000 1234 59z "))) == {"B", "C"}


def test_a_wrong_end_is_the_answer_for_an_unknown_number(lookup: Desk) -> None:
    assert isinstance(lookup.look_up(NIK, replace(VISIT, card="00")), NotFound)


@pytest.mark.parametrize("card", ["", "4", "4!", "4" * 12, "\x00\x00"])
def test_without_an_end_it_is_asked_for_and_nothing_is_charged(lookup: Desk, card: str) -> None:
    for _ in range(20):
        outcome = lookup.look_up(NIK, replace(VISIT, card=card))
        assert isinstance(outcome, Invalid)
        assert outcome.reason is InvalidReason.CARD_END
    assert isinstance(lookup.look_up(NIK, replace(VISIT, card="45")), Found)


def test_a_card_number_needs_nothing_more(lookup: Desk) -> None:
    assert references(lookup.look_up(KPJ, VISIT)) == {"A", "B", "C"}


def test_trying_ends_is_charged_like_trying_numbers(lookup: Desk) -> None:
    outcomes = [lookup.look_up(NIK, replace(VISIT, card=f"0{n}")) for n in range(5)]
    assert isinstance(outcomes[2], NotFound)
    assert isinstance(outcomes[3], Challenged)


def test_a_ticket_shows_the_same_claims_again(lookup: Desk) -> None:
    visit = replace(VISIT, card="45")
    found = lookup.look_up(NIK, visit)
    assert isinstance(found, Found)
    paid_form = lookup.paid_form(found, visit)
    assert references(lookup.look_up_paid(paid_form, visit)) == {"A", "C"}


def test_switched_off_it_asks_nothing() -> None:
    desk = make(Core(Snapshot(CLAIMS, NOW)), is_guarded=False)
    assert references(desk.look_up(NIK, VISIT)) == {"A", "B", "C"}

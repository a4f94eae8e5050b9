"""What is said of one service is not said of another, whose claims go another way."""

import re
from dataclasses import replace
from datetime import date, timedelta
from itertools import permutations, product

import pytest

from tests.contract.document import schemas
from tests.domain.claims import at, claim
from tests.test_lookup import CALENDAR, GivenClaims
from tests.truth.told import WORDS
from tests.web.test_words_contract import known, pairs
from tracking_site.data.facts import WAYS
from tracking_site.domain.claims import (
    Appointment,
    Claim,
    ClaimOutcome,
    ClaimState,
    Document,
    Payment,
    Service,
    Snapshot,
)
from tracking_site.domain.identifiers import Kpj
from tracking_site.domain.outcomes import Found
from tracking_site.guard.desk import LookupService
from tracking_site.telling.journeys import PresentedJourney
from tracking_site.telling.languages import LANGUAGES
from tracking_site.telling.outcomes import Presented, present
from tracking_site.telling.story import NO_CLAIMS

NOW = at(2)
OF_CLAIMS_ALONE = frozenset(
    {
        "account_closed", "account_name_mismatch", "account_number_wrong", "balance_over_limit",
        "branch_check_needed", "employer_report_missing", "face_check_failed",
        "membership_active", "membership_too_short", "partial_already_taken", "waiting_period",
    }
)  # fmt: skip
"""Causes that nothing but a claim can have."""
ANEW = ("submit_again", "use_other_channel")
CHANNELS = {Service.JKP: "siapkerja", Service.COMPLAINT: "call_centre"}
STAGES = schemas()["StageCode"]["x-stages"]

in_each_language = pytest.mark.parametrize("language", LANGUAGES)


def told_of(language: str, *claims: Claim) -> Presented:
    lookup = LookupService(GivenClaims(Snapshot(claims, NOW)), CALENDAR, lambda: NOW)
    outcome = lookup.look_up_identifier(Kpj("21049873145"))
    assert isinstance(outcome, Found)
    return present(outcome, WORDS[language], NOW)


def ended(service: str, state: str, cause: str, step: str) -> Claim:
    first, second, *_ = STAGES[service]["order"]
    return claim(
        first,
        second,
        service=service,
        channel=CHANNELS.get(Service(service), "branch"),
        state=state,
        outcome=ClaimOutcome("refused", cause, step),
    )


def advice_in(journey: PresentedJourney) -> str:
    parts = [journey.headline, *journey.lead, journey.todo.title, journey.todo.text]
    message = journey.message.text if journey.message else ""
    return " ".join([*(each.text for each in parts if each), message])


@pytest.mark.proofs
@in_each_language
@pytest.mark.parametrize("service", sorted(NO_CLAIMS))
def test_what_is_no_claim_is_not_called_one_in_its_advice(service: str, language: str) -> None:
    pairs_here = [each for each in pairs() if each[1] not in OF_CLAIMS_ALONE]
    for (state, cause), step in product(pairs_here, known("NextStepCode")):
        (journey,) = told_of(language, ended(service, state, cause, step)).journeys
        assert not re.search(r"\b(klaim|claim)", advice_in(journey), re.I), (cause, step)


@in_each_language
@pytest.mark.parametrize("service", ["jkk", "jkm", "jp", "jkp"])
def test_a_rule_of_old_age_savings_is_told_of_them_alone(service: str, language: str) -> None:
    rule = re.compile(r"\bJHT\b|\b10 (tahun|years)|saldo lama|old balance")
    for state, cause in pairs():
        if cause in ("membership_active", "membership_too_short"):
            (other,) = told_of(language, ended(service, state, cause, "ask_employer")).journeys
            assert not rule.search(advice_in(other)), cause
            (jht,) = told_of(language, ended("jht", state, cause, "ask_employer")).journeys
            assert rule.search(advice_in(jht)), cause


@in_each_language
@pytest.mark.parametrize("service", Service)
@pytest.mark.parametrize("step", ANEW)
def test_who_submits_again_is_led_to_where_this_service_is_asked_for(
    service: str, step: str, language: str
) -> None:
    at_lapak_asik, at_siapkerja = WAYS["lapak_asik"].address, WAYS["siapkerja"].address
    way = {"jht": at_lapak_asik, "jkm": at_lapak_asik, "jkp": at_siapkerja}.get(service)
    told = ended(service, ClaimState.CANCELLED, "deadline_passed", step)
    (journey,) = told_of(language, told).journeys
    assert journey.action is not None
    assert journey.action.address == (way or "tel:175")
    names = {at_lapak_asik: "Lapak Asik", at_siapkerja: "SIAPkerja", None: "175"}
    assert names[way] in str(journey.todo.text)
    others = {"Lapak Asik", "SIAPkerja", "JMO"} - {names[way], "JMO" if service == "jht" else ""}
    assert not [name for name in others if name in str(journey.todo.text)]


@in_each_language
@pytest.mark.parametrize("step", ANEW)
@pytest.mark.parametrize("state", [ClaimState.REJECTED, ClaimState.CANCELLED])
def test_a_claim_for_a_house_is_made_where_help_says(step: str, state: str, language: str) -> None:
    """At the branch and a partner bank; its page led to Lapak Asik."""
    told = replace(ended("jht", state, "documents_incomplete", step), kind="partial_30_housing")
    (journey,) = told_of(language, told).journeys
    assert journey.action is not None
    assert journey.action.address.startswith("tel:")
    assert re.search("bank mitra|partner bank", str(journey.todo.text))
    assert not re.search("Lapak Asik|JMO", str(journey.todo.text))
    assert journey.says_todo


@in_each_language
def test_a_visit_whose_time_has_passed_is_not_one_of_which_no_day_is_known(language: str) -> None:
    visit = Appointment("branch_visit", at(1), at(1) + timedelta(hours=1))
    booking = claim("registered", "scheduled", service="queue_booking", channel="branch")
    (without,) = told_of(language, booking).journeys
    assert re.search("belum tercatat|not recorded", without.headline.text)
    told = claim(
        "registered", "scheduled", service="queue_booking", channel="branch", appointment=visit
    )
    (journey,) = told_of(language, told).journeys
    said = " ".join(each.text for each in journey.lead)
    assert not re.search("harinya|its day", said)
    assert said


@in_each_language
def test_of_several_claims_that_move_the_first_has_a_day_that_comes(language: str) -> None:
    """Since when another one stands where it is answers nobody who waits for money."""
    slow = claim("registered", "document_check", service="jp", reference="JP-0000-000000")
    paid = claim(
        "registered",
        "document_check",
        "payment",
        payment=Payment(date(2026, 11, 12)),
        submitted_at=at(1),
    )
    later = claim("registered", service="jkp", channel="siapkerja", reference="JKP-0000-000000")
    sent = replace(paid, payment=Payment(date(2026, 11, 10), at(1)), reference="X", service="jkk")
    for claims in permutations((slow, paid, later)):
        told = told_of(language, *claims)
        assert told.headline is not None
        assert told.headline.day == date(2026, 11, 12)
        assert [each.claim.service for each in told.journeys] == ["jht", "jkp", "jp"]
        # That money was sent is news, however long ago.
        assert told_of(language, *claims, sent).journeys[0].claim.service == "jkk"


@in_each_language
@pytest.mark.parametrize(
    ("services", "named"),
    [
        (("jht", "jp"), {"id": "2 klaim,", "en": "2 claims,"}),
        (("jht", "complaint"), {"id": "2 klaim dan layanan,", "en": "2 claims and services,"}),
        (("complaint", "queue_booking"), {"id": "2 layanan,", "en": "2 services,"}),
    ],
)
def test_several_are_counted_as_what_they_are(
    services: tuple[str, ...], named: dict[str, str], language: str
) -> None:
    claims = [claim("registered", service=each, reference=each) for each in services]
    told = told_of(language, *claims)
    assert told.headline is not None
    assert told.headline.text.startswith(named[language])


CARD = {"id": "KPJ berakhiran 12", "en": "KPJ ending in 12"}


@in_each_language
def test_the_first_sentence_of_several_claims_says_which_one_it_is_of(language: str) -> None:
    """The date of money that is nobody knows whose is read as that of the other claim."""
    slow = claim("registered", "document_check", service="jp", reference="JP-0000-000000")
    paid = claim("registered", "payment", payment=Payment(date(2026, 11, 12)), submitted_at=at(1))
    later = replace(paid, payment=None)
    on_card, named = replace(paid, kpj_suffix="12"), CARD[language]
    for claims, which in (
        ((paid, slow), "JHT:"),
        ((on_card, slow), "JHT:"),
        ((on_card, later), f"{named}:"),
        ((on_card, slow, later), f"JHT, {named}:"),
        ((paid, later), ""),
    ):
        told = told_of(language, *claims)
        it, first = told.headline, told.journeys[0].headline
        assert it is not None
        assert (it.which, it.own, it.large) == (which, first.label, first.large)
        assert it.text == " ".join(filter(None, (it.label, which, first.label, first.large)))


@in_each_language
def test_of_several_claims_the_one_that_waits_is_named_by_what_it_is(language: str) -> None:
    moves = claim("registered", "document_check", service="jp", reference="JP-0000-000000")
    waits = claim("registered", state="action_needed", documents=(Document("ktp", "missing"),))
    told = told_of(language, moves, waits)
    assert told.headline is not None
    todo = told.journeys[0].todo.title.text.rstrip(".")
    assert told.headline.text.endswith(f". JHT: {todo}")

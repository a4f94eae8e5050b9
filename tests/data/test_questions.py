"""Questions have words, addresses that stay, and places in a claim from where they are linked."""

from datetime import date, timedelta
from typing import Any

import pytest

from tests.contract.document import schemas
from tests.domain.claims import at, claim
from tools.catalogues import catalogues, read
from tracking_site.data.facts import load_facts
from tracking_site.domain.claims import Claim, ClaimOutcome, Document, Payment
from tracking_site.telling.journeys import question_of
from tracking_site.telling.languages import LANGUAGES

FACTS = load_facts()
ASKED = FACTS.asked_at
SCHEMAS = schemas()
NOW = at(10)

ADDRESSES = {
    "saldo-nol", "kapan-cair", "belum-masuk", "retur", "berapa-lama", "wawancara", "hitungan",
    "terlambat", "jmo-tidak-dapat-dilanjutkan", "kpj-tidak-ditemukan", "saldo-tidak-tersedia",
    "biometrik-gagal", "masih-aktif", "perusahaan-diam", "perusahaan-tutup", "menunggak",
    "kartu-hilang", "paklaring-hilang", "beberapa-kartu", "masa-tunggu", "keberatan", "jkp-hangus",
    "beasiswa",
}  # fmt: skip
"""Links to these stand in messages and search engines: one may be added, none may go."""


def test_no_address_of_a_question_goes() -> None:
    assert {each.anchor for each in FACTS.questions.values()} >= ADDRESSES


def test_codes_and_addresses_are_each_given_once() -> None:
    questions = [each for group in FACTS.groups for each in group.questions]
    assert len(FACTS.questions) == len(questions)
    anchors = [*(each.anchor for each in questions), *(each.anchor for each in FACTS.groups)]
    assert len(set(anchors)) == len(anchors)


@pytest.mark.parametrize("language", LANGUAGES)
def test_questions_and_their_words_are_the_same_list(language: str) -> None:
    path = next(each for each in catalogues() if each.parts[-3] == language)
    families = ("help_group", "help_question", "help_answer", "help_point", "help_asked")
    worded = {key for each in read(path) if (key := str(each.id)).partition(".")[0] in families}
    told = {f"help_group.{group.code}" for group in FACTS.groups}
    for each in FACTS.questions.values():
        told |= {f"help_answer.{each.code}", f"help_asked.{each.code}"}
        told |= {f"help_point.{each.code}.{point.code}" for point in each.points}
        # A sentence that people meet elsewhere is its own heading.
        told |= set() if each.says else {f"help_question.{each.code}"}
    assert worded == told


def test_every_question_that_something_leads_to_exists() -> None:
    see = {point.see for each in FACTS.questions.values() for point in each.points if point.see}
    causes = (ASKED.cause, ASKED.cause_while_open)
    tables = (*causes, ASKED.document, ASKED.state, ASKED.situation, ASKED.page)
    linked = {
        code
        for table in (*tables, *ASKED.stage.values())
        for codes in table.values()
        for code in codes
    }
    assert linked | set(see) <= FACTS.questions.keys()


@pytest.mark.parametrize(
    ("codes", "schema"),
    [
        (ASKED.cause, "OutcomeCauseCode"),
        (ASKED.cause_while_open, "OutcomeCauseCode"),
        (ASKED.document, "DocumentTypeCode"),
        (ASKED.state, "StateCode"),
        (ASKED.stage, "ServiceCode"),
    ],
)
def test_questions_are_linked_from_codes_that_the_contract_knows(
    codes: dict[str, Any], schema: str
) -> None:
    assert codes.keys() <= set(SCHEMAS[schema]["x-known-codes"])


def test_questions_are_linked_from_stages_that_their_service_has() -> None:
    for service, stages in ASKED.stage.items():
        assert stages.keys() <= set(SCHEMAS["StageCode"]["x-stages"][service]["order"])


def test_situations_are_those_that_a_claim_is_asked_for() -> None:
    assert ASKED.situation.keys() == {"late", "paid"}
    assert ASKED.page.keys() == {"form", "not_found"}


def refused(cause: str, state: str = "rejected", **changes: Any) -> Claim:
    outcome = ClaimOutcome("refused", cause, "wait")
    return claim("registered", "assessment", state=state, outcome=outcome, **changes)


SENT = Payment(date(2026, 11, 18), sent_at=at(9))


@pytest.mark.parametrize(
    ("subject", "is_late", "expected"),
    [
        (claim("registered", "approval"), False, "balance_zero"),
        (claim("registered", "payment"), False, "balance_zero"),
        (claim("registered", "assessment"), True, "late"),
        (claim("registered", "approval"), True, "late"),
        (refused("membership_active"), False, "still_active"),
        (refused("membership_active", "on_hold"), False, "still_active"),
        (refused("nobody_knows"), False, "object"),
        (refused("interview_missed", "action_needed"), False, "interview"),
        (refused("interview_missed", "on_hold"), False, "interview"),
        (refused("interview_missed", "cancelled"), False, ""),
        (refused("interview_missed"), False, "object"),
        (refused("account_closed", "payment_returned"), False, "returned"),
        (claim("completed", state="completed", payment=SENT), False, "not_arrived"),
        (claim("completed", state="completed"), False, "not_arrived"),
        (claim("registered", service="moon_landing"), False, ""),
        (claim(), False, ""),
        (
            claim(
                "registered",
                "document_check",
                state="action_needed",
                documents=(Document("employment_letter", "missing"),),
            ),
            False,
            "lost_letter",
        ),
    ],
)
def test_a_claim_links_to_the_question_that_is_nearest(
    subject: Claim, is_late: bool, expected: str
) -> None:
    assert question_of(subject, NOW, is_late=is_late) == expected


def test_money_that_was_sent_long_ago_is_not_asked_for() -> None:
    subject = claim("completed", state="completed", payment=SENT)
    assert question_of(subject, at(9) + timedelta(days=90), is_late=False) == ""


def test_documents_of_a_claim_that_has_ended_are_not_asked_for() -> None:
    missing = (Document("employment_letter", "missing"),)
    assert (
        question_of(refused("deadline_passed", documents=missing), NOW, is_late=False) == "object"
    )

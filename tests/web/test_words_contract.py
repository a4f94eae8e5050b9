"""Every code of the contract, and every member of the domain, has words in both languages."""

import re
from collections.abc import Iterator

import pytest

from tests.contract.document import schemas
from tracking_site.domain.identifiers import InvalidReason
from tracking_site.domain.situation import Situation
from tracking_site.domain.timeline import StepState
from tracking_site.domain.working_days import ClockState, Unsure
from tracking_site.telling.languages import LANGUAGES
from tracking_site.telling.words import Words

SCHEMAS = schemas()
FAMILIES_OF = {
    "ServiceCode": ["service", "service_short", "after"],
    "KindCode": ["kind", "help_kind", "after"],
    "ClaimCauseCode": ["claim_cause"],
    "ChannelCode": ["channel"],
    "StateCode": ["state", "help_state"],
    "StageCode": ["stage", "stage_what"],
    "NoteCode": ["note"],
    "DocumentTypeCode": ["document", "document_in_text"],
    "DocumentStateCode": ["document_state"],
    "DocumentCauseCode": ["document_cause"],
    "AppointmentKindCode": ["appointment", "appointment_ready"],
    "MeansCode": ["means"],
    "AboutCode": ["notice"],
    "ResultCode": ["result"],
    "OutcomeCauseCode": ["cause"],
    "NextStepCode": ["todo", "todo_where"],
}
WAITING = (
    "action",
    "action_due",
    "action_late",
    "on_hold",
    "stopped",
    "promised",
    "promise_passed",
)
NAMES = "since on due when limit now todo cause range days n all first"
VALUES = dict.fromkeys(NAMES.split(), "X")


def known(schema: str) -> list[str]:
    codes: list[str] = SCHEMAS[schema]["x-known-codes"]
    return codes


def pairs() -> Iterator[tuple[str, str]]:
    for state, causes in SCHEMAS["OutcomeCauseCode"]["x-causes-by-state"].items():
        yield from ((state, cause) for cause in causes)


@pytest.fixture(params=LANGUAGES)
def words(request: pytest.FixtureRequest) -> Words:
    return Words.load(request.param)


def test_every_list_of_codes_in_the_contract_is_looked_at() -> None:
    listed = {name for name, schema in SCHEMAS.items() if "x-known-codes" in schema}
    assert listed == set(FAMILIES_OF)


@pytest.mark.parametrize("schema", FAMILIES_OF)
def test_a_code_of_the_contract_has_words(schema: str, words: Words) -> None:
    wanted = [(family, code) for family in FAMILIES_OF[schema] for code in known(schema)]
    assert [each for each in wanted if not words.has(*each)] == []


@pytest.mark.parametrize(("state", "cause"), list(pairs()))
def test_a_pair_of_state_and_cause_is_explained(state: str, cause: str, words: Words) -> None:
    assert words.has("cause_explain", state, cause)


def test_a_cause_that_may_come_with_several_states_is_explained_for_each(words: Words) -> None:
    states: dict[str, list[str]] = {}
    for state, cause in pairs():
        states.setdefault(cause, []).append(state)
    for cause, several in states.items():
        told = {words.code("cause_explain", state, cause, limit_million=15) for state in several}
        assert len(told) == len(several), cause


def test_every_stage_of_every_service_opens_with_a_sentence_of_its_own(words: Words) -> None:
    general = words.code("stage_now", "other")
    for service, process in SCHEMAS["StageCode"]["x-stages"].items():
        for stage in process["order"]:
            assert words.has("stage_now", service, stage), (service, stage)
            assert words.code("stage_now", service, stage) != general, (service, stage)


@pytest.mark.parametrize("situation", [*WAITING, "rejected", "cancelled", "completed"])
@pytest.mark.parametrize(
    "service", ["profile_update", "balance_merge", "queue_booking", "complaint"]
)
def test_what_is_no_claim_is_not_called_one(situation: str, service: str, words: Words) -> None:
    told = words.headline(situation, service, **VALUES)
    assert "klaim" not in told.lower()
    assert "claim" not in told.lower()


@pytest.mark.parametrize("document", known("DocumentTypeCode"))
@pytest.mark.parametrize("state", ["missing", "rejected"])
def test_every_document_is_asked_for_by_name(document: str, state: str, words: Words) -> None:
    general = words.code("todo", "document", state)
    assert words.code("todo", "document", document, state) != general


@pytest.mark.parametrize("reason", InvalidReason)
def test_every_wrong_number_has_its_reason_and_its_advice(reason: str, words: Words) -> None:
    assert words.has("invalid", reason)
    assert words.has("invalid_todo", reason)


def test_every_state_of_a_step_and_of_the_clock_has_words(words: Words) -> None:
    # Where a claim failed, its own state is told.
    assert all(words.has("step_state", state) for state in set(StepState) - {StepState.FAILED})
    assert all(words.has("clock_heading", state) for state in ClockState)
    assert all(words.has("clock", f"unsure_{why}") for why in Unsure)
    assert all(words.has("clock_rule", service) for service in ("jht", "jkm", "jkk"))


def test_every_stage_has_a_text_for_what_was_and_what_is(words: Words) -> None:
    for service, process in SCHEMAS["StageCode"]["x-stages"].items():
        for stage in process["order"]:
            done = words.code("stage_done", service, stage, on=" X")
            now = words.code("stage_what", service, stage)
            assert words.has("stage_done", service, stage)
            assert done != now, (service, stage)


@pytest.mark.parametrize("note", known("NoteCode"))
def test_a_note_is_as_true_after_its_step_as_during_it(note: str, words: Words) -> None:
    """It stands beside steps that are long done, too."""
    now = {"id": r"\b(sedang|masih|harus)\b", "en": r"\b(is|are|has|have)\b"}[words.language]
    assert not re.search(now, words.code("note", note))


def test_of_what_has_ended_nothing_is_said_to_go_on(words: Words) -> None:
    """Nobody here knows what has become of a request that was made elsewhere."""
    for state, cause in pairs():
        if state in ("rejected", "cancelled"):
            told = words.code("cause_explain", "jht", state, cause, limit_million=15)
            assert not re.search(r"\b(sedang|masih|tetap) di|\bbeing\b", told), cause


@pytest.mark.parametrize("situation", Situation)
@pytest.mark.parametrize("service", known("ServiceCode"))
def test_every_situation_opens_with_a_sentence(
    situation: Situation, service: str, words: Words
) -> None:
    keys = {Situation.RUNNING: "in_progress"}
    told = words.headline(keys.get(situation, situation), service, term="X", **VALUES)
    assert told[0].isupper()
    # What names it, and what stands large after it; both are one sentence without its stop.
    assert told.count("|") == 1
    assert not told.endswith(".")


@pytest.mark.parametrize(
    ("step", "state"),
    [(step, state) for step in known("NextStepCode") for state in ("rejected", "cancelled")],
)
def test_what_to_do_after_the_end_is_never_to_wait(step: str, state: str, words: Words) -> None:
    if step == "wait":
        # Such a claim waits for nothing (domain/standing.py).
        return
    for cause in known("OutcomeCauseCode"):
        told = words.code("todo", state, cause, step)
        assert not told.startswith(("Tunggu", "Wait", "You only need to wait"))


def test_another_month_of_jkp_is_possible_and_not_certain(words: Words) -> None:
    """There are six at most, and none once somebody works again."""
    assert re.search(r"\b(bila|if)\b", words.code("after", "jkp"), re.IGNORECASE)


def test_someone_overdue_is_told_where_to_complain(words: Words) -> None:
    assert "175" in words.code("todo", "in_progress", "ask_late")
    assert "lapor.go.id" in words.code("action", "lapor", phone="")
    assert re.search(r"tertulis|in writing", words.code("advice_step", "write"))


def test_the_name_of_a_step_that_lasts_does_not_say_that_it_is_over(words: Words) -> None:
    """It stands beside "Saat ini" too, and on a step that is still to come."""
    moments = {"registered", "scheduled", "answered", "completed"}
    over = r"\b(sudah|selesai|disetujui|dibayar|dikirim|checked|approved|worked out|paid|sent)\b"
    for service in (None, *known("ServiceCode")):
        for stage in sorted({*known("StageCode")} - moments):
            name = words.code("stage", service, stage)
            assert not re.search(over, name.lower()), name

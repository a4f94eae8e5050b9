"""What the sandbox says keeps the contract, and says everything that the contract can."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
import requests

from sandbox import Participant, Sandbox
from tests.contract.document import known, schemas, validator

NOW = datetime(2026, 11, 18, 7, 5, tzinfo=UTC)
SANDBOX = Sandbox(clock=lambda: NOW)
CLAIMS = [claim for sample in SANDBOX.samples for claim in SANDBOX.directory.claims_of(sample)]

Get = Callable[[dict[str, Any]], list[Any]]

FIELDS: dict[str, tuple[str, Get]] = {
    "service": ("ServiceCode", lambda claim: [claim["service"]]),
    "kind": ("KindCode", lambda claim: [claim["kind"]]),
    "cause": ("ClaimCauseCode", lambda claim: [claim["cause"]]),
    "channel": ("ChannelCode", lambda claim: [claim["channel"]]),
    "state": ("StateCode", lambda claim: [claim["state"]]),
    "stage": ("StageCode", lambda claim: [each["stage"] for each in claim["milestones"]]),
    "note": ("NoteCode", lambda claim: [each["note"] for each in claim["milestones"]]),
    "document type": ("DocumentTypeCode", lambda claim: [e["type"] for e in claim["documents"]]),
    "document state": (
        "DocumentStateCode",
        lambda claim: [each["state"] for each in claim["documents"]],
    ),
    "document cause": (
        "DocumentCauseCode",
        lambda claim: [each["cause"] for each in claim["documents"]],
    ),
    "appointment": (
        "AppointmentKindCode",
        lambda claim: [(claim["appointment"] or {}).get("kind")],
    ),
    "means": ("MeansCode", lambda claim: [each["means"] for each in claim["notices"]]),
    "about": ("AboutCode", lambda claim: [each["about"] for each in claim["notices"]]),
    "result": ("ResultCode", lambda claim: [(claim["outcome"] or {}).get("result")]),
    "outcome cause": ("OutcomeCauseCode", lambda claim: [(claim["outcome"] or {}).get("cause")]),
    "next step": ("NextStepCode", lambda claim: [(claim["outcome"] or {}).get("next_step")]),
    "timezone": ("", lambda claim: [claim["branch"]["timezone"]]),
}


def codes_of(field: str) -> list[str]:
    schema = FIELDS[field][0]
    if not schema:
        return list(schemas()["Branch"]["properties"]["timezone"]["x-known-codes"])
    return known(schema)


@pytest.mark.parametrize("sample", SANDBOX.samples, ids=lambda sample: sample.situation)
def test_a_samples_answer_keeps_the_schema(sample: Participant) -> None:
    answer = {
        "as_of": NOW.isoformat(),
        "claims": SANDBOX.directory.claims_of(sample),
    }
    errors = [
        f"{error.json_path}: {error.message}"
        for error in validator("ClaimLookupResult").iter_errors(answer)
    ]
    assert errors == []


@pytest.mark.proofs
def test_members_of_the_population_keep_the_schema() -> None:
    population = Sandbox(participants=300, clock=lambda: NOW).directory
    for member in population.population:
        answer = {"as_of": NOW.isoformat(), "claims": population.claims_of(member)}
        validator("ClaimLookupResult").validate(answer)


@pytest.mark.parametrize("field", FIELDS)
def test_every_known_code_has_a_sample(field: str) -> None:
    said = {code for claim in CLAIMS for code in FIELDS[field][1](claim)}
    assert set(codes_of(field)) - said == set()


@pytest.mark.parametrize("field", [name for name in FIELDS if name != "timezone"])
def test_every_code_also_comes_as_one_that_nobody_knows(field: str) -> None:
    said = {code for claim in CLAIMS for code in FIELDS[field][1](claim)} - {None}
    assert said - set(codes_of(field))


def test_every_state_comes_with_each_of_its_causes() -> None:
    table = schemas()["OutcomeCauseCode"]["x-causes-by-state"]
    said = {
        (claim["state"], claim["outcome"]["cause"])
        for claim in CLAIMS
        if claim["outcome"] and claim["outcome"]["cause"] in known("OutcomeCauseCode")
    }
    allowed = {(state, cause) for state, causes in table.items() for cause in causes}
    assert said == allowed


def test_every_stage_of_every_service_is_where_some_claim_stands() -> None:
    table = schemas()["StageCode"]["x-stages"]
    stands = {
        (claim["service"], claim["milestones"][-1]["stage"])
        for claim in CLAIMS
        if claim["milestones"]
    }
    wanted = {(service, stage) for service, process in table.items() for stage in process["order"]}
    assert wanted <= stands


def test_durations_are_given_for_every_stage_that_can_last() -> None:
    with Sandbox(clock=lambda: NOW) as sandbox:
        answer = requests.get(f"{sandbox.url}/v1/stage-durations", timeout=30).json()
    validator("StageDurations").validate(answer)
    table = schemas()["StageCode"]["x-stages"]
    wanted = {
        (service, stage) for service, process in table.items() for stage in process["order"][:-1]
    }
    assert {(item["service"], item["stage"]) for item in answer["items"]} == wanted
    assert any(item["claims"] < 30 for item in answer["items"])
    for item in answer["items"]:
        days = item["working_days"]
        assert days["p25"] <= days["p50"] <= days["p75"]

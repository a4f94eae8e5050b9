"""schemathesis, which knows nothing of the sandbox, reads each sample and catches a broken core."""

from typing import Any

import pytest
import requests
import schemathesis
from schemathesis.core.failures import FailureGroup

from sandbox import Participant, Sandbox
from tests.contract.conftest import HEADERS
from tests.contract.document import PATH

SCHEMA = schemathesis.openapi.from_path(PATH)


def lookup_of(participant: Participant) -> Any:
    body = {"identifier": {"type": "nik", "value": participant.nik}}
    return SCHEMA["/v1/claim-lookups"]["POST"].Case(body=body, media_type="application/json")


def test_every_sample_keeps_the_contract(guarded: Sandbox) -> None:
    with requests.Session() as session:
        for sample in guarded.samples:
            case = lookup_of(sample)
            response = case.call(base_url=guarded.url, headers=HEADERS, session=session)
            case.validate_response(response, excluded_checks=[schemathesis.checks.ignored_auth])


@pytest.mark.parametrize("mode", ["wrong_shape", "wrong_type", "html", "malformed", "redirect"])
def test_a_core_that_breaks_the_contract_is_caught(guarded: Sandbox, mode: str) -> None:
    faults = f"{guarded.url}/sandbox/faults"
    requests.post(faults, json={"mode": mode}, timeout=30)
    try:
        with pytest.raises(FailureGroup):
            lookup_of(guarded.samples[0]).call_and_validate(base_url=guarded.url, headers=HEADERS)
    finally:
        requests.post(faults, json={"mode": "none"}, timeout=30)

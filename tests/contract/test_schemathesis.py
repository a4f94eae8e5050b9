"""schemathesis, which knows nothing of the sandbox, reads each sample and catches a broken core."""

from collections.abc import Callable
from typing import Any

import pytest
import requests

from sandbox import Participant, Sandbox
from tests.contract.conftest import HEADERS
from tests.contract.document import PATH

LookupOf = Callable[[Participant], Any]


@pytest.fixture(scope="module")
def lookup_of() -> LookupOf:
    # Half a second, which who collects tests or runs others need not wait.
    import schemathesis

    schema = schemathesis.openapi.from_path(PATH)

    def lookup_of(participant: Participant) -> Any:
        body = {"identifier": {"type": "nik", "value": participant.nik}}
        return schema["/v1/claim-lookups"]["POST"].Case(body=body, media_type="application/json")

    return lookup_of


def test_every_sample_keeps_the_contract(guarded: Sandbox, lookup_of: LookupOf) -> None:
    from schemathesis.checks import ignored_auth

    with requests.Session() as session:
        for sample in guarded.samples:
            case = lookup_of(sample)
            response = case.call(base_url=guarded.url, headers=HEADERS, session=session)
            case.validate_response(response, excluded_checks=[ignored_auth])


@pytest.mark.parametrize("mode", ["wrong_shape", "wrong_type", "html", "malformed", "redirect"])
def test_a_core_that_breaks_the_contract_is_caught(
    guarded: Sandbox, lookup_of: LookupOf, mode: str
) -> None:
    from schemathesis.core.failures import FailureGroup

    faults = f"{guarded.url}/sandbox/faults"
    requests.post(faults, json={"mode": mode}, timeout=30)
    try:
        with pytest.raises(FailureGroup):
            lookup_of(guarded.samples[0]).call_and_validate(base_url=guarded.url, headers=HEADERS)
    finally:
        requests.post(faults, json={"mode": "none"}, timeout=30)

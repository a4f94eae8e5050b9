"""The mock core keeps the document, so a client that it accepts keeps it too."""

from typing import Any

import pytest
import requests

from tests.contract.document import contract, validator

HEADERS = {"Authorization": "Bearer letmein"}
LOOKUP = {"identifier": {"type": "nik", "value": "3174054501900005"}}


def look_up(mock_core: str, body: Any = LOOKUP, **headers: str) -> requests.Response:
    return requests.post(
        f"{mock_core}/v1/claim-lookups", json=body, headers=HEADERS | headers, timeout=30
    )


def test_it_answers_with_the_first_example(mock_core: str) -> None:
    response = look_up(mock_core)
    assert response.status_code == 200
    validator("ClaimLookupResult").validate(response.json())
    assert response.json()["claims"][0]["state"] == "in_progress"


def test_every_example_can_be_asked_for(mock_core: str) -> None:
    operation = contract()["paths"]["/v1/claim-lookups"]["post"]
    examples = operation["responses"]["200"]["content"]["application/json"]["examples"]
    for name, example in examples.items():
        assert look_up(mock_core, Prefer=f"example={name}").json() == example["value"]


@pytest.mark.parametrize("status", [400, 401, 403, 429, 500, 502, 503, 504])
def test_every_refusal_can_be_asked_for(mock_core: str, status: int) -> None:
    response = look_up(mock_core, Prefer=f"code={status}")
    assert response.status_code == response.json()["status"] == status
    assert response.headers["Content-Type"] == "application/problem+json"


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"identifier": {"type": "nik", "value": "3174 0545 0190 0005"}},
        {"identifier": {"type": "kpj", "value": "3174054501900005"}},
        {"identifier": {"type": "nik", "value": "3174054501900005", "name": "x"}},
    ],
)
def test_it_refuses_what_the_document_does_not_allow(mock_core: str, body: Any) -> None:
    assert look_up(mock_core, body).status_code == 400


def test_it_asks_for_a_token(mock_core: str) -> None:
    assert requests.get(f"{mock_core}/v1/health", timeout=30).status_code == 401


def test_durations_and_health_are_served_too(mock_core: str) -> None:
    durations = requests.get(f"{mock_core}/v1/stage-durations", headers=HEADERS, timeout=30)
    validator("StageDurations").validate(durations.json())
    health = requests.get(f"{mock_core}/v1/health", headers=HEADERS, timeout=30)
    validator("Health").validate(health.json())

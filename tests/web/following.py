"""Steps of somebody who follows a claim, for tests."""

import random
from base64 import urlsafe_b64decode, urlsafe_b64encode
from typing import Any

import requests
from flask.testing import FlaskClient

from sandbox import Participant, Sandbox
from tests.conftest import HTMX

FORMS = ["", ".atom", ".ics", ".json"]
"""What follows a private address, and in which form it then answers."""


def key_in(address: str) -> str:
    return address.rpartition("/")[2]


def ticket_address(client: FlaskClient, number: str) -> str:
    """Look a number up and return the address of its result."""
    return client.post("/lacak", data={"nomor": number}).headers["Location"]


def follow(client: FlaskClient, participant: Participant, tree: str = "") -> str:
    """Return a private address for what a participant's number shows."""
    address = tree + ticket_address(client, participant.nik)
    response = client.post(f"{address}/pantau")
    assert response.status_code == 303
    return response.headers["Location"]


def poll(client: FlaskClient, address: str, version: str) -> Any:
    """Ask as an open page does, which says what it shows."""
    return client.get(address, headers={**HTMX, "If-None-Match": version})


def version_of(client: FlaskClient, address: str) -> str:
    """Return the version that a followed page shows."""
    version: str = client.get(f"{address}.json").json["version"]
    return version


def change(core: Sandbox, participant: Participant, **what: Any) -> None:
    """Move a claim on at the core."""
    document = {"nik": participant.nik, **what}
    answer = requests.post(f"{core.url}/sandbox/claims", json=document, timeout=5)
    assert answer.status_code == 200


def wrong_keys(key: str, count: int, seed: int = 7) -> list[str]:
    """Return keys that were never made: half of them random, half one bit beside a real one."""
    chance = random.Random(seed)
    raw = urlsafe_b64decode(key + "=" * (-len(key) % 4))
    wrong = [chance.randbytes(len(raw)) for _ in range(count // 2)]
    for _ in range(count - len(wrong)):
        flipped = int.from_bytes(raw, "big") ^ (1 << chance.randrange(8 * len(raw)))
        wrong.append(flipped.to_bytes(len(raw), "big"))
    return [urlsafe_b64encode(each).rstrip(b"=").decode() for each in wrong]

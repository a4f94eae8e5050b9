"""What a partner uses up costs its own readers a little work: never a refusal, nobody else."""

import base64
import json
from collections.abc import Callable
from itertools import count
from pathlib import Path
from typing import Any

import altcha
import pytest
from bs4 import BeautifulSoup
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from sandbox import Participant
from tests.clock import Clock
from tests.conftest import HTMX
from tests.partners import partner, partners_file
from tracking_site.app import create_app
from tracking_site.guard.guard import Guard
from tracking_site.guard.memory_ledger import MemoryLedger
from tracking_site.guard.networks import Carriers
from tracking_site.guard.policy import NEVER, Policy
from tracking_site.settings import Settings

KEY = b"the key of these tests, long enough"
NOON = 1_800_000_000.0 // 86_400 * 86_400 + 5 * 3_600
USUAL = 2
"""Numbers in the usual hour of a partner, here; three times as many cost nothing."""


class Readers:
    """People at addresses of their own, each looking up one number of their own."""

    def __init__(self, site: FlaskClient, numbers: list[str]) -> None:
        self._site = site
        self._places = count()
        self._numbers = numbers

    def next(self, path: str, *, dest: str = "", **fields: str) -> TestResponse:
        """Ask for the next number from the next address, as a browser says for what (`dest`)."""
        self.place = next(self._places)
        return self.again(path, dest=dest, **fields)

    def again(self, path: str, *, dest: str = "", **fields: str) -> TestResponse:
        return self.from_(self.place, self.place, path, dest=dest, **fields)

    def from_(
        self, place: int, number: int, path: str, *, dest: str = "", **fields: str
    ) -> TestResponse:
        """Ask for a number from the address of a place."""
        headers = {**HTMX, "X-Forwarded-For": f"198.{18 + place % 2}.{place}.7"}
        headers |= {"Sec-Fetch-Dest": dest} if dest else {}
        return self._site.post(
            path, data={"nomor": self._numbers[number], **fields}, headers=headers
        )


@pytest.fixture
def clock() -> Clock:
    return Clock(NOON)


@pytest.fixture
def readers_of(
    environ: dict[str, str], tmp_path: Path, samples: dict[str, Participant], clock: Clock
) -> Callable[..., Readers]:
    def make(quota: int = 0, **policy: Any) -> Readers:
        koran, other = partner("koran", daily_lookups=quota), partner("majalah")
        path = partners_file(tmp_path, koran, other)
        changes = {"PARTNERS_FILE": str(path), "TRUSTED_PROXIES": "1"}
        rules = Policy(**policy)
        ledger = MemoryLedger(rules)
        guard = Guard(ledger, [KEY], Carriers(), clock, pow_scale=0.001, policy=rules)
        app = create_app(Settings.from_env(environ | changes), guard=guard)
        numbers = [each.nik for each in samples.values() if each.specs]
        return Readers(app.test_client(), numbers)

    return make


def solved(challenge: TestResponse) -> str:
    form = BeautifulSoup(challenge.text, "html.parser").find("form", attrs={"data-challenge": True})
    assert form is not None
    told = json.loads(str(form["data-challenge"]))
    solution = altcha.solve_challenge(altcha.Challenge.from_dict(told))
    assert solution is not None
    payload = {"challenge": told, "solution": solution.to_dict()}
    return base64.b64encode(json.dumps(payload).encode()).decode()


def test_a_quota_that_is_used_up_asks_work_there_and_nowhere_else(
    readers_of: Callable[..., Readers],
) -> None:
    readers = readers_of(quota=4)
    koran = "/sematan/lacak?mitra=koran"
    assert [readers.next(koran).status_code for _ in range(4)] == [200] * 4
    assert [readers.next(koran).status_code for _ in range(4)] == [403] * 4
    for elsewhere in ("/sematan/lacak?mitra=majalah", "/lacak", "/en/lacak"):
        assert [readers.next(elsewhere).status_code for _ in range(4)] == [200] * 4


def test_the_work_opens_the_way_however_far_beyond_the_quota(
    readers_of: Callable[..., Readers],
) -> None:
    readers = readers_of(quota=1)
    koran = "/sematan/lacak?mitra=koran"
    readers.next(koran)
    for _ in range(4):
        challenge = readers.next(koran)
        assert challenge.status_code == 403
        assert readers.again(koran, altcha=solved(challenge)).status_code == 200


@pytest.mark.parametrize(
    ("changes", "served"), [({}, 5), ({"partner_numbers_each": NEVER}, 0)], ids=["held", "a hole"]
)
def test_a_stranger_does_not_use_a_partners_quota_up(
    readers_of: Callable[..., Readers], changes: dict[str, int], served: int
) -> None:
    readers = readers_of(quota=8, **changes)
    koran = "/sematan/lacak?mitra=koran"
    stranger, others = 200, count(20)
    for number in range(12):
        reply = readers.from_(stranger, number, koran)
        if reply.status_code == 403:
            reply = readers.from_(stranger, number, koran, altcha=solved(reply))
        assert reply.status_code == 200
    places = [next(others) for _ in range(6)]
    told = [readers.from_(place, place, koran).status_code for place in places]
    assert told == [200] * served + [403] * (6 - served)


def test_who_opens_the_frame_as_a_page_counts_for_no_partner(
    readers_of: Callable[..., Readers],
) -> None:
    readers = readers_of(quota=2)
    koran = "/sematan/lacak?mitra=koran"
    for dest, told in (("document", 200), ("empty", 200), ("iframe", 403)):
        found = [readers.next(koran, dest=dest).status_code for _ in range(2)]
        assert found == [told, told], dest


def test_the_next_day_has_its_own_quota(readers_of: Callable[..., Readers], clock: Clock) -> None:
    readers = readers_of(quota=1)
    koran = "/sematan/lacak?mitra=koran"
    assert [readers.next(koran).status_code for _ in range(2)] == [200, 403]
    clock.now += 86_400
    assert [readers.next(koran).status_code for _ in range(2)] == [200, 403]


def test_beyond_three_usual_hours_a_partners_readers_work_and_nobody_is_refused(
    readers_of: Callable[..., Readers], clock: Clock
) -> None:
    readers = readers_of(partner_least=USUAL)
    koran = "/sematan/lacak?mitra=koran"
    assert [readers.next(koran).status_code for _ in range(3 * USUAL)] == [200] * (3 * USUAL)
    assert [readers.next(koran).status_code for _ in range(5)] == [403] * 5
    challenge = readers.next(koran)
    assert readers.again(koran, altcha=solved(challenge)).status_code == 200
    assert readers.next("/sematan/lacak?mitra=majalah").status_code == 200
    assert readers.next("/lacak").status_code == 200
    clock.now += 3_600
    assert readers.next(koran).status_code == 200

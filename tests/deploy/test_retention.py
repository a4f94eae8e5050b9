"""What lies in Redis after a day with everything in it, and how long, as docs/privacy.md says."""

import re
from collections.abc import Iterator
from dataclasses import fields

import pytest
from flask.testing import FlaskClient

from harness.servers import RedisServer
from sandbox import Participant
from tests.conftest import ROOT
from tests.services import running_redis
from tracking_site.app import create_app
from tracking_site.cache.config import LifetimeConfig
from tracking_site.redis import day_secrets
from tracking_site.settings import Settings

TEXT = (ROOT / "docs" / "privacy.md").read_text(encoding="utf-8")
HOUR, DAY = 3600, 86_400
LONGEST = {
    b"claims:1:day:": 2 * DAY,
    b"claims:1:": 31 * HOUR + 60,
    b"g2:day:": 2 * DAY,
    b"g2:": 2 * DAY,
    b"limit1:LIMITER/keys-": DAY,
    b"limit1:": 60,
    b"gone:1:": 90 * DAY,
    b"seen:2:": 90 * DAY,
}
ENDLESS = {b"claims:1:all", b"g2:circuit", b"g2:circuit:tail"}
TOKEN = "the-token-of-these-tests"


@pytest.fixture(scope="module")
def redis() -> Iterator[RedisServer]:
    with running_redis() as server:
        yield server


def live_a_day(site: FlaskClient, samples: dict[str, Participant]) -> None:
    """Look up, follow, read, end and purge."""
    numbers = [samples[name].nik for name in ("paid_today", "assessment_day_3", "nothing_to_show")]
    for nik in [*numbers, *(sample.kpj for sample in list(samples.values())[:6])]:
        told = site.post("/lacak", data={"nomor": nik})
        if told.status_code == 303 and site.get(told.headers["Location"]).status_code == 200:
            address = told.headers["Location"]
    key = site.post(f"{address}/pantau").headers["Location"]
    for ending in ("", ".atom", ".ics", ".json"):
        assert site.get(key + ending).status_code == 200
    assert site.post(f"{key}/lupakan").status_code == 303
    site.post("/bersihkan", data={"tiket": address.rpartition("/")[2]})
    shown = {"Authorization": f"Bearer {TOKEN}"}
    purged = {"identifier": {"type": "nik", "value": numbers[0]}}
    assert site.post("/-/purge", json=purged, headers=shown).status_code == 204
    assert site.post("/-/purge", json={"all": True}, headers=shown).status_code == 204


@pytest.mark.redis
def test_everything_that_is_kept_ends_as_the_record_of_processing_says(
    environ: dict[str, str], samples: dict[str, Participant], redis: RedisServer
) -> None:
    changes = {"REDIS_URL": redis.url, "GUARD_OFF": "0", "PURGE_TOKEN": TOKEN}
    site = create_app(Settings.from_env(environ | changes)).test_client()
    live_a_day(site, samples)
    seen = set()
    with redis.client() as client:
        for key in client.keys("*"):
            prefix = next(each for each in LONGEST if key.startswith(each))
            seen.add(prefix)
            left = client.ttl(key)
            assert key in ENDLESS if left == -1 else left <= LONGEST[prefix], (key, left)
            raw = client.dump(key) or b""
            for sample in samples.values():
                for number in (sample.nik, sample.kpj):
                    assert number.encode() not in key + raw
    assert seen == set(LONGEST)
    for name in [*LONGEST, *ENDLESS]:
        assert f"`{name.decode()}`" in TEXT


def test_the_times_in_the_record_are_those_of_the_code() -> None:
    default = {each.name: each.metadata["default"] for each in fields(Settings)}
    life = LifetimeConfig()
    assert f"{default['ticket_minutes']} minutes (`TICKET_MINUTES`)" in TEXT
    assert f"{default['watch_days']} days (`WATCH_DAYS`)" in TEXT
    assert f"{life.keep_seconds / DAY:g} day with claims" in TEXT
    assert f"{life.keep_empty_seconds / 60:g} minutes where there is nothing to show" in TEXT
    assert TEXT.count(f"| {day_secrets.KEEP_SECONDS // DAY} days |") == 4


def test_proofs_and_settings_that_it_names_exist() -> None:
    proofs = re.findall(r"`(tests/[\w/.]+)`", TEXT)
    assert len(proofs) > 8
    for path in proofs:
        assert (ROOT / path).exists(), path
    known = {each.name.upper() for each in fields(Settings)}
    for name in re.findall(r"`([A-Z]+(?:_[A-Z]+)+)(?:=\w+)?`", TEXT):
        assert name in known, name

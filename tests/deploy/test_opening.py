"""What somebody with the site's keys opens, with Redis and without the secrets of its days."""

import time
from collections.abc import Iterator

import pytest

from bench.opening import asking, cached, followed, reckoned
from harness.servers import RedisServer
from sandbox import Participant
from tests.conftest import ROOT
from tests.services import running_redis
from tracking_site.app import create_app
from tracking_site.domain.identifiers import Identifier, Invalid, parse_identifier
from tracking_site.guard.networks import parse_network
from tracking_site.redis.client import Patience, brief_redis
from tracking_site.redis.day_secrets import day_at
from tracking_site.settings import Settings

UNHURRIED = Patience(5, 5)
NETWORKS = [parse_network(f"198.51.{third}.9") for third in range(50)]
ASKING = NETWORKS[20]


@pytest.fixture
def redis() -> Iterator[RedisServer]:
    with running_redis() as server:
        yield server


def read(number: str) -> Identifier:
    identifier = parse_identifier(number)
    assert not isinstance(identifier, Invalid)
    return identifier


def test_the_table_in_the_document_is_the_reckoning() -> None:
    text = (ROOT / "docs" / "privacy.md").read_text(encoding="utf-8")
    assert reckoned() in text, "run python -m bench.opening --write"


@pytest.mark.redis
def test_keys_and_redis_open_what_the_privacy_document_says_and_keys_alone_do_not(
    environ: dict[str, str], samples: dict[str, Participant], redis: RedisServer
) -> None:
    changes = {"REDIS_URL": redis.url, "GUARD_OFF": "0", "TRUSTED_PROXIES": "1"}
    settings = Settings.from_env(environ | changes)
    site = create_app(settings).test_client()
    everybody = [read(sample.nik) for sample in samples.values()]
    looked_up = [samples[name].nik for name in ("paid_today", "assessment_day_3")]
    with brief_redis(redis.url, UNHURRIED) as client:
        # A day that ends while this runs would leave what is sought in the one before.
        day = None
        while day != day_at(time.time()):
            client.flushall()
            day = day_at(time.time())
            for nik in looked_up:
                sent = {"X-Forwarded-For": "198.51.20.9"}
                address = site.post("/lacak", data={"nomor": nik}, headers=sent).headers["Location"]
            key = site.post(f"{address}/pantau").headers["Location"]
            assert site.get(f"{key}.atom").status_code == 200

        keys = settings.secret_keys
        random = client.get(b"g2:day:%d" % day)
        names = {name: client.dump(name) for name in client.scan_iter()}
        assert cached(client, keys, everybody, time.time) == set(looked_up)
        assert asking(client, keys[0], day, random, NETWORKS) == {str(ASKING)}
        assert followed(client, keys, everybody) == {looked_up[-1]}

        secrets = {name for name in names if b":day:" in name}
        assert len(secrets) == 2
        client.delete(*secrets)
        assert cached(client, keys, everybody, time.time) == set()
        assert asking(client, keys[0], day, b"", NETWORKS) == set()
        assert followed(client, keys, everybody) == {looked_up[-1]}

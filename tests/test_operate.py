"""The operator's commands over a guard that lives in a real Redis."""

from collections.abc import Iterator

import pytest

from harness.servers import RedisServer
from tests.services import running_redis
from tracking_site.domain.identifiers import Nik
from tracking_site.guard.guard import guard_of
from tracking_site.guard.networks import carriers_of, parse_network
from tracking_site.operate import run
from tracking_site.redis import client
from tracking_site.redis.client import redis_of
from tracking_site.settings import Settings, SettingsError

pytestmark = pytest.mark.redis
SCANNER, NEIGHBOUR = "203.0.113.7", "198.51.100.9"


@pytest.fixture(scope="module")
def redis() -> Iterator[RedisServer]:
    with running_redis() as server:
        yield server


@pytest.fixture
def settings(redis: RedisServer, monkeypatch: pytest.MonkeyPatch) -> Settings:
    # A busy machine makes a healthy Redis late, and each process would count alone.
    monkeypatch.setattr(client, "PATIENT", client.Patience(10, 10))
    redis.client().flushall()
    return Settings.from_env(
        {
            "CLAIMS_API_URL": "http://you-forgot-to-give-a-claims-source.invalid",
            "SECRET_KEYS": "k" * 40,
            "REDIS_URL": redis.url,
        }
    )


def said(settings: Settings, *arguments: str) -> str:
    return "\n".join(run(settings, arguments))


def scan(settings: Settings) -> None:
    guard = guard_of(settings, carriers_of(settings), redis_of(settings))
    assert guard is not None
    for place in range(3):
        number = Nik(f"317405010190{place + 1:04}")
        _, reservation = guard.reserve(parse_network(SCANNER), number)
        guard.settle(reservation, found=False)


def test_status_shows_digests_and_no_address(settings: Settings) -> None:
    scan(settings)
    told = said(settings, "status")
    assert "alarm            0 of 2" in told
    assert SCANNER not in told
    assert said(settings, "explain", SCANNER).split("digest ")[1][:8] in told


def test_explain_names_the_rule_that_decides(settings: Settings) -> None:
    scan(settings)
    assert "work_distinct" in said(settings, "explain", SCANNER)
    assert "free" in said(settings, "explain", NEIGHBOUR)


def test_forgiving_lets_a_network_begin_anew(settings: Settings) -> None:
    scan(settings)
    said(settings, "forgive", SCANNER)
    assert "free" in said(settings, "explain", SCANNER)


def test_a_siege_holds_until_it_is_ended(settings: Settings) -> None:
    said(settings, "siege", "on")
    assert "alarm            2 of 2 (siege)" in said(settings, "status")
    said(settings, "siege", "off")
    assert "siege" not in said(settings, "status")


def test_a_wrong_network_is_refused_with_the_right_form(settings: Settings) -> None:
    with pytest.raises(SettingsError, match=r"such as 203\.0\.113\.7"):
        said(settings, "explain", "the-neighbours")


@pytest.mark.parametrize(
    ("prefix", "bits"),
    [("203.0.113.0/24", 32), ("0.0.0.0/0", 32), ("203.0.113.7/99", 32), ("2001:db8::/32", 64)],
)
def test_a_prefix_of_several_networks_is_not_taken_for_its_first_one(
    settings: Settings, prefix: str, bits: int
) -> None:
    for command in ("explain", "forgive"):
        with pytest.raises(SettingsError, match=f"counted by /{bits}"):
            said(settings, command, prefix)
    assert "free" in said(settings, "explain", f"{prefix.partition('/')[0]}/{bits}")


def test_without_a_shared_store_it_says_what_is_needed() -> None:
    settings = Settings.from_env({"CLAIMS_API_URL": "http://a", "SECRET_KEYS": "k" * 40})
    with pytest.raises(SettingsError, match="REDIS_URL"):
        said(settings, "status")


def test_a_store_that_is_down_is_named(settings: Settings, redis: RedisServer) -> None:
    redis.kill()
    try:
        for command in (["explain", NEIGHBOUR], ["status"], ["siege", "on"]):
            with pytest.raises(SettingsError, match="does not answer"):
                said(settings, *command)
    finally:
        redis.start()

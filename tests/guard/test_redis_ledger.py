from __future__ import annotations

import multiprocessing
from dataclasses import replace
from multiprocessing.pool import Pool
from pathlib import Path
from types import SimpleNamespace

import pytest
import redis
from msgspec import msgpack

from tests.guard.asking import Desk
from tests.guard.conftest import Clock, Number, RedisServer
from tracking_site.guard import redis_ledger
from tracking_site.guard.networks import parse_network
from tracking_site.guard.partners import PartnerQuota
from tracking_site.guard.policy import Policy
from tracking_site.guard.redis_ledger import VERSION, RedisLedger, script
from tracking_site.guard.rows import BIN_SECONDS
from tracking_site.redis import client
from tracking_site.redis.client import (
    BriefRedis,
    Patience,
    RedisDown,
    RedisForeign,
    RedisFull,
    brief_redis,
)
from tracking_site.redis.day_secrets import KEEP_SECONDS

pytestmark = pytest.mark.redis


@pytest.fixture
def desk(redis_client: BriefRedis, clock: Clock) -> Desk:
    return Desk(RedisLedger(redis_client, Policy()), clock)


def calls(client: redis.Redis) -> dict[str, int]:
    stats = client.info("commandstats")
    return {name.removeprefix("cmdstat_"): int(of["calls"]) for name, of in stats.items()}


def test_reserve_and_settle_are_one_round_trip_each(redis_client: redis.Redis, desk: Desk) -> None:
    desk.look_up(True)
    redis_client.config_resetstat()
    desk.look_up(True)
    assert calls(redis_client)["evalsha"] == 2
    from_clients = {"evalsha", "config|resetstat", "info"}
    in_scripts = {"mget", "bitfield_ro", "bitfield", "set", "ttl", "expire", "get"}
    assert set(calls(redis_client)) - in_scripts <= from_clients


def test_neither_numbers_nor_addresses_are_stored(redis_client: redis.Redis, desk: Desk) -> None:
    number = Number("0000015507850001")
    desk.look_up(False, number, partner=PartnerQuota("koran"))
    kept = b"".join(key + (redis_client.dump(key) or b"") for key in redis_client.scan_iter())
    for secret in (number.canonical, "203.0.113", "00000155"):
        assert secret.encode() not in kept


LASTING = {VERSION + b"circuit", VERSION + b"circuit:tail"}


def lasting(client: redis.Redis) -> set[bytes]:
    return {key for key in client.scan_iter() if client.ttl(key) < 0}


def test_everything_that_belongs_to_a_day_expires(redis_client: redis.Redis, desk: Desk) -> None:
    desk.network = parse_network("2001:db8::1")
    desk.look_up(True)
    desk.look_up(False)
    assert lasting(redis_client) == LASTING
    assert all(redis_client.ttl(key) <= KEEP_SECONDS for key in redis_client.scan_iter())


@pytest.mark.parametrize("found", [True, False])
def test_what_is_booked_in_a_store_that_was_emptied_expires_too(
    redis_client: redis.Redis, desk: Desk, found: bool
) -> None:
    first, second = (desk.reserve()[1] for _ in range(2))
    redis_client.flushdb()
    for reservation, is_found in ((first, False), (second, found)):
        assert reservation is not None
        desk.ledger.settle(reservation, is_found, desk.clock.now)
        assert lasting(redis_client) == LASTING
    desk.look_up(found)
    assert lasting(redis_client) == LASTING


def test_rows_of_another_version_are_never_read(redis_client: redis.Redis, desk: Desk) -> None:
    for _ in range(3):
        desk.look_up(True)
    for key in list(redis_client.scan_iter()):
        redis_client.rename(key, key.replace(VERSION, b"g0:"))
    assert desk.ledger.peek(desk.ask()).first.distinct == 0
    desk.look_up(True)
    assert desk.ledger.peek(desk.ask()).first.distinct == 1


@pytest.mark.parametrize("junk", [b"7", b"x" * 40])
def test_a_row_in_another_form_is_an_error_and_no_exemption(
    redis_client: redis.Redis, desk: Desk, junk: bytes
) -> None:
    desk.look_up(True)
    for key in redis_client.keys(VERSION + b"?n*"):
        redis_client.set(key, junk)
    for step in (desk.reserve, lambda: desk.ledger.peek(desk.ask())):
        with pytest.raises(RedisForeign):
            step()


def test_a_key_of_another_type_is_an_error(redis_client: redis.Redis, desk: Desk) -> None:
    desk.look_up(True)
    for key in redis_client.keys(VERSION + b"?f*"):
        redis_client.delete(key)
        redis_client.lpush(key, 1)
    with pytest.raises(RedisForeign):
        desk.reserve()


@pytest.mark.parametrize("junk", [b"\x93\x01\x02\x03", b"\xc1", b"\x05"])
def test_a_strange_circuit_is_an_error(redis_client: redis.Redis, desk: Desk, junk: bytes) -> None:
    redis_client.set(VERSION + b"circuit", junk)
    for step in (desk.reserve, lambda: desk.ledger.peek(desk.ask())):
        with pytest.raises(RedisForeign):
            step()


@pytest.mark.parametrize("junk", [b"\x90", b"\xc1", b"\x05", msgpack.encode(["x"] * 60)])
def test_a_strange_tail_of_the_circuit_is_an_error(
    redis_client: redis.Redis, desk: Desk, junk: bytes
) -> None:
    desk.look_up(True)
    redis_client.set(VERSION + b"circuit:tail", junk)
    desk.clock.advance(BIN_SECONDS)
    for step in (desk.reserve, lambda: desk.ledger.peek(desk.ask())):
        with pytest.raises(RedisForeign):
            step()


def test_what_others_count_while_a_bin_is_closed_is_not_lost(
    redis_client: BriefRedis, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Their clocks are a little behind, so that they still count in the bin before."""
    others, look = Desk(RedisLedger(redis_client, Policy()), Clock()), redis_client.mget
    desk.look_up(True)
    others.given = 100
    desk.clock.advance(BIN_SECONDS)

    def look_slowly(*keys: bytes) -> list[bytes | None]:
        seen = look(*keys)
        monkeypatch.undo()
        others.look_up(True)
        return seen

    monkeypatch.setattr(desk.ledger, "_client", SimpleNamespace(mget=look_slowly))
    desk.look_up(True)
    status = desk.ledger.status(desk.clock.now, desk.ask().day)
    assert status.hour_numbers == 3


def test_a_bin_is_closed_by_one_number_alone(redis_client: redis.Redis, desk: Desk) -> None:
    desk.look_up(True)
    desk.clock.advance(BIN_SECONDS)
    redis_client.config_resetstat()
    desk.look_up(True)
    assert calls(redis_client)["evalsha"] == 4
    redis_client.config_resetstat()
    desk.look_up(True)
    assert calls(redis_client)["evalsha"] == 2


@pytest.mark.parametrize("is_old", [True, False])
def test_a_full_store_counts_on_or_is_an_error_that_leaves_nothing_half_written(
    redis_client: BriefRedis, clock: Clock, monkeypatch: pytest.MonkeyPatch, is_old: bool
) -> None:
    if is_old:
        # As before Redis 7, which gives no script leave to write in a full server.
        monkeypatch.setattr(client, "WHEN_FULL", b"")
    desk = Desk(RedisLedger(redis_client, Policy()), clock)
    desk.look_up(True)
    before = desk.ledger.peek(desk.ask())
    redis_client.config_set("maxmemory-policy", "noeviction")
    redis_client.config_set("maxmemory", "1mb")
    try:
        if is_old:
            with pytest.raises(RedisFull):
                desk.reserve()
            assert desk.ledger.peek(desk.ask()) == before
        else:
            desk.look_up(False)
            desk.ledger.siege(True)
            assert desk.ledger.peek(desk.ask()).first.distinct == before.first.distinct + 1
            assert desk.ledger.status(clock(), desk.ask().day).siege
    finally:
        redis_client.config_set("maxmemory", "0")
        desk.ledger.siege(False)
    assert desk.reserve()[0].kind == "ok"


def test_a_store_that_lost_its_scripts_learns_them_again(
    redis_client: redis.Redis, desk: Desk
) -> None:
    desk.look_up(True)
    redis_client.script_flush()
    desk.look_up(True)
    assert desk.ledger.peek(desk.ask()).first.distinct == 2


def test_a_store_that_is_gone_is_an_error(own_redis_server: RedisServer, clock: Clock) -> None:
    desk = Desk(RedisLedger(own_redis_server.brief(seconds=5), Policy()), clock)
    desk.look_up(True)
    own_redis_server.kill()
    for step in (desk.reserve, lambda: desk.ledger.siege(True), lambda: desk.look_up(True)):
        with pytest.raises(RedisDown) as error:
            step()
        assert "203.0.113" not in str(error.value)


def fire(arguments: tuple[int, int]) -> int:
    """A process of its own asks for sixteen new numbers and pays nothing."""
    port, process = arguments
    patient = brief_redis(f"redis://127.0.0.1:{port}/0", Patience(10, 10))
    desk = Desk(RedisLedger(patient, Policy()), Clock(), given=1_000 * process)
    return sum(desk.reserve()[0].kind == "ok" for _ in range(16))


@pytest.mark.proofs
def test_four_processes_together_get_exactly_the_free_three(
    redis_client: redis.Redis, redis_server: RedisServer
) -> None:
    context = multiprocessing.get_context("spawn")
    pool: Pool
    with context.Pool(4) as pool:
        let_through = pool.map(fire, [(redis_server.port, n) for n in range(4)], chunksize=1)
    assert sum(let_through) == 3


def test_a_partner_far_beyond_its_usual_hour_costs_a_level(desk: Desk) -> None:
    small = PartnerQuota("radio", daily_lookups=2)
    for n in range(3):
        desk.network = parse_network(f"198.51.{n}.1")
        decision = desk.reserve(partner=small)[0]
    assert (decision.kind, decision.rule) == ("challenge", "work_partner")
    assert desk.reserve(partner=PartnerQuota("koran"))[0].kind == "ok"


def test_the_policys_figures_reach_the_scripts() -> None:
    text = script("rows", "rules", "circuit", policy=replace(Policy(), unproven_distinct=4321))
    assert "if row.n >= 4321 then" in text
    assert "reached(row.d, ({3, 8, 14}))" in text
    assert "row.d >= 3\n" in text
    assert "math.max(2.2 * site[USUAL_MISS], 0.25)" in text
    assert "site[BIN] - 12 <= bin" in text
    assert "P." not in text


def test_a_figure_that_the_policy_lacks_stops_the_start(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "strange.lua").write_text("return P.gone_long_ago")
    monkeypatch.setattr(redis_ledger, "SCRIPTS", tmp_path)
    with pytest.raises(KeyError):
        script("strange", policy=Policy())

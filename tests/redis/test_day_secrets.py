"""The random bytes of a day: one secret for all processes, read once, gone after two days."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest

from tests.guard.conftest import redis_client, redis_server
from tracking_site.redis.client import BriefRedis, RedisDown
from tracking_site.redis.day_secrets import (
    KEEP_SECONDS,
    SECRET_BYTES,
    DaySecrets,
    SharedSecrets,
    day_at,
)

__all__ = ["redis_client", "redis_server"]

DAY = 20_000
AT_ONCE = 16


class Store:
    """Two days' secrets, as Redis keeps them; `is_away` makes it fail."""

    def __init__(self) -> None:
        self.kept: dict[int, bytes] = {}
        self.reads = 0
        self.is_away = False

    def read(self, day: int, proposed: bytes) -> tuple[bytes, bytes | None]:
        self.reads += 1
        if self.is_away:
            raise RedisDown
        return self.kept.setdefault(day, proposed), self.kept.get(day - 1)


@pytest.fixture
def store() -> Store:
    return Store()


def test_the_day_ends_at_midnight_in_jakarta() -> None:
    midnight = 1_785_171_600
    assert day_at(midnight) == day_at(midnight - 1) + 1


def test_every_day_has_random_bytes_of_its_own() -> None:
    one, other = DaySecrets(), DaySecrets()
    seen = {secrets.of(day) for secrets in (one, other) for day in (DAY, DAY + 1)}
    assert len(seen) == 4
    assert {len(secret) for secret in seen} == {SECRET_BYTES}


def test_a_day_is_read_once_and_gives_the_day_before_too(store: Store) -> None:
    former = DaySecrets(store.read)
    yesterday, today = former.of(DAY), former.of(DAY + 1)
    store.reads = 0
    process = DaySecrets(store.read)
    for _ in range(3):
        assert process.of(DAY + 1) == today
        assert process.of(DAY) == yesterday
    assert store.reads == 1


def test_threads_that_come_at_midnight_wait_for_the_one_who_reads(store: Store) -> None:
    secrets, begin = DaySecrets(store.read), Barrier(AT_ONCE)

    def read(_: int) -> bytes:
        begin.wait()
        return secrets.of(DAY)

    with ThreadPoolExecutor(AT_ONCE) as pool:
        assert len(set(pool.map(read, range(AT_ONCE)))) == 1
    assert store.reads == 1


def test_while_the_store_is_away_the_last_one_goes_on_alike_in_every_process(store: Store) -> None:
    processes = [DaySecrets(store.read) for _ in range(3)]
    before = {process.of(DAY) for process in processes}
    store.is_away = True
    alone = {process.of(DAY + 1) for process in processes}
    assert len(before) == len(alone) == 1
    assert before != alone
    assert {process.of(DAY) for process in processes} == before


def test_a_process_that_has_read_none_draws_its_own_and_forgets_it(store: Store) -> None:
    store.is_away = True
    one, other = DaySecrets(store.read), DaySecrets(store.read)
    drawn = one.of(DAY)
    assert drawn != other.of(DAY)
    store.is_away = False
    one.forget(DAY, drawn)
    other.forget(DAY, other.of(DAY))
    assert one.of(DAY) == other.of(DAY) == store.kept[DAY]


def test_nobody_forgets_what_another_thread_has_read_meanwhile(store: Store) -> None:
    process = DaySecrets(store.read)
    today = process.of(DAY)
    process.forget(DAY, b"what the store had before")
    assert process.of(DAY) == today
    assert store.reads == 1


def test_reading_again_proposes_what_this_process_goes_on_with(store: Store) -> None:
    process = DaySecrets(store.read)
    today = process.of(DAY)
    store.kept.clear()
    assert process.read_again(DAY) == today == store.kept[DAY]
    store.kept[DAY] = b"of another process"
    assert process.read_again(DAY) == process.of(DAY) == b"of another process"


def test_a_clock_that_was_years_ahead_brings_nothing_of_then_back(store: Store) -> None:
    process = DaySecrets(store.read)
    process.of(DAY + 400)
    assert process.of(DAY) == DaySecrets(store.read).of(DAY)


@pytest.mark.redis
def test_of_many_processes_at_midnight_the_first_is_heard(redis_client: BriefRedis) -> None:
    begin = Barrier(AT_ONCE)

    def read(_: int) -> bytes:
        process = DaySecrets(SharedSecrets(redis_client, b"t:day:").read)
        begin.wait()
        return process.of(DAY)

    with ThreadPoolExecutor(AT_ONCE) as pool:
        assert len(set(pool.map(read, range(AT_ONCE)))) == 1


@pytest.mark.redis
def test_in_redis_it_lives_two_days_whoever_reads_it(redis_client: BriefRedis) -> None:
    shared = SharedSecrets(redis_client, b"t:day:")
    DaySecrets(shared.read).of(DAY)
    redis_client.expire(shared.name_of(DAY), 50)
    DaySecrets(shared.read).of(DAY + 1)
    lives = [redis_client.ttl(shared.name_of(day)) for day in (DAY, DAY + 1)]
    assert 0 < lives[0] <= 50 < lives[1] <= KEEP_SECONDS
    assert shared.peek(DAY + 2) is None


@pytest.mark.redis
@pytest.mark.parametrize("written", [b"", b"hello", bytes(SECRET_BYTES - 1), bytes(100)], ids=len)
def test_what_somebody_else_wrote_in_its_place_is_none(
    redis_client: BriefRedis, written: bytes
) -> None:
    shared = SharedSecrets(redis_client, b"t:day:")
    for day in (DAY - 1, DAY, DAY + 1):
        redis_client.set(shared.name_of(day), written)
    proposed = bytes(range(SECRET_BYTES))
    assert shared.peek(DAY + 1) is None
    assert shared.read(DAY, proposed) == (proposed, None)
    assert shared.read(DAY, bytes(SECRET_BYTES))[0] == proposed
    assert 0 < redis_client.ttl(shared.name_of(DAY)) <= KEEP_SECONDS

"""What the guard counts under random bytes of a day: in all processes the same, and nameless after.

Each `Process` is a guard of its own over one Redis, as gunicorn's workers are.
"""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

import pytest

from tests.guard.asking import Number
from tests.guard.conftest import Clock
from tracking_site.guard.guard import Guard
from tracking_site.guard.kept import SECRET_SLOT_BYTES, SECRETS_AT, Common, Kept
from tracking_site.guard.keys import DAY_SECONDS, Days, DaySecret
from tracking_site.guard.memory_ledger import KEPT_DAY_BYTES, MemoryLedger
from tracking_site.guard.networks import Carriers, parse_network
from tracking_site.guard.policy import Policy
from tracking_site.guard.redis_ledger import SECRETS, VERSION, RedisLedger
from tracking_site.guard.resilient import ResilientLedger
from tracking_site.guard.rules import Decision
from tracking_site.redis.client import BriefRedis, RedisDown
from tracking_site.redis.day_secrets import DaySecrets, SharedSecrets

KEY = b"a key of the site, of thirty-two characters"
HOME = parse_network("203.0.113.7")
AT_ONCE = 8


class Away:
    """Redis as a process sees it, and the switch that takes it away."""

    def __init__(self, client: BriefRedis) -> None:
        self._client = client
        self.is_away = False

    def register_script_when_full(self, script: str) -> Callable[..., object]:
        run = self._client.register_script_when_full(script)

        def called(*words: object) -> object:
            if self.is_away:
                raise RedisDown
            return run(*words)

        return called

    def __getattr__(self, name: str) -> object:
        return getattr(self._client, name)


class Process:
    """A guard with a shared ledger and its own private one."""

    def __init__(self, client: BriefRedis, clock: Clock) -> None:
        self.redis = Away(client)
        shared = SharedSecrets(self.redis, SECRETS)  # type: ignore[arg-type]
        secrets = DaySecrets(shared.read, Common(1))
        ledger = ResilientLedger(
            RedisLedger(self.redis, Policy()),  # type: ignore[arg-type]
            MemoryLedger(Policy().degraded(4)),
        )
        self.guard = Guard(
            ledger,
            [KEY],
            Carriers(),
            clock,
            policy=Policy(),
            days=Days(KEY, secrets=secrets),
            pow_scale=0.01,
        )

    def asks(self, serial: int, found: bool = True) -> Decision:
        decision, reservation = self.guard.reserve(HOME, Number(f"{serial:012}0001"))
        self.guard.settle(reservation, found)
        return decision

    @property
    def distinct(self) -> int:
        return self.guard.explain(HOME).seen.first.distinct


@pytest.fixture
def processes(redis_client: BriefRedis, clock: Clock) -> list[Process]:
    return [Process(redis_client, clock) for _ in range(AT_ONCE)]


@pytest.mark.redis
def test_all_processes_count_together_also_when_midnight_comes_to_all_at_once(
    processes: list[Process], clock: Clock
) -> None:
    for day in range(2):
        begin = Barrier(AT_ONCE)

        def ask(place: int, day: int = day, begin: Barrier = begin) -> str:
            begin.wait()
            return processes[place].asks(100 * day + place).kind

        with ThreadPoolExecutor(AT_ONCE) as pool:
            kinds = list(pool.map(ask, range(AT_ONCE)))
        assert kinds.count("ok") == Policy().work_by_distinct[0]
        assert {process.distinct for process in processes} == {kinds.count("ok")}
        clock.now += DAY_SECONDS


@pytest.mark.redis
def test_what_a_row_carries_over_midnight_is_found_by_a_process_that_began_after_it(
    processes: list[Process], redis_client: BriefRedis, clock: Clock
) -> None:
    for serial in range(3):
        processes[0].asks(serial, found=False)
    missed = processes[0].guard.explain(HOME).seen.first.suspicion
    clock.now += DAY_SECONDS
    after = Process(redis_client, clock).guard.explain(HOME).seen.first
    assert after.distinct == 0
    assert 0 < after.suspicion < missed


@pytest.mark.redis
def test_a_lookup_is_one_script_before_and_one_after_and_a_day_begins_with_one_more(
    processes: list[Process], redis_client: BriefRedis
) -> None:
    def scripts() -> int:
        stats = redis_client.info("commandstats")
        return sum(int(stats.get(f"cmdstat_{name}", {}).get("calls", 0)) for name in ("evalsha",))

    processes[0].asks(1)
    counts = []
    for process in (processes[1], processes[1], processes[1]):
        redis_client.config_resetstat()
        process.asks(len(counts) + 2)
        counts.append(scripts())
    assert counts == [3, 2, 1]  # the last number is the fourth: challenged before it is settled


@pytest.mark.redis
def test_a_redis_that_was_emptied_gets_the_bytes_back_that_all_processes_have(
    processes: list[Process], redis_client: BriefRedis
) -> None:
    for place in range(3):
        processes[place].asks(place)
    before = redis_client.get(one_secret(redis_client))
    redis_client.flushall()
    kinds = [processes[place % 3].asks(10 + place).kind for place in range(6)]
    assert redis_client.get(one_secret(redis_client)) == before
    assert kinds.count("ok") == 3


@pytest.mark.redis
@pytest.mark.parametrize("written", [b"", b"hello", bytes(100)], ids=len)
def test_bytes_of_another_length_in_redis_stop_nobody_and_give_way(
    processes: list[Process], redis_client: BriefRedis, clock: Clock, written: bytes
) -> None:
    day = Days(KEY).day_of(clock.now)
    redis_client.set(SECRETS + b"%d" % day, written)
    redis_client.set(SECRETS + b"%d" % (day - 1), written)
    kinds = [process.asks(place).kind for place, process in enumerate(processes[:4])]
    assert kinds == ["ok", "ok", "ok", "challenge"]
    assert processes[4].distinct == 3


@pytest.mark.redis
def test_processes_that_had_others_go_on_with_those_that_stand_in_redis(
    processes: list[Process], redis_client: BriefRedis, clock: Clock
) -> None:
    for place in range(3):
        processes[place].asks(place)
    redis_client.flushall()
    new = Process(redis_client, clock)
    kinds = [each.asks(10 + place).kind for place, each in enumerate((new, *processes[:4]))]
    assert kinds == ["ok", "ok", "ok", "challenge", "challenge"]
    assert new.distinct == processes[0].distinct == 3


@pytest.mark.redis
def test_what_was_answered_alone_after_midnight_is_booked_for_all(
    processes: list[Process], redis_client: BriefRedis, clock: Clock
) -> None:
    one, other = processes[:2]
    one.asks(1)
    other.asks(2)
    clock.now += DAY_SECONDS
    one.redis.is_away = other.redis.is_away = True
    assert one.asks(11).kind == other.asks(12).kind == "ok"
    one.redis.is_away = other.redis.is_away = False
    for process in (one, other):
        process.asks(13)
    # Eleven, twelve and thirteen, in one row: both had derived the same bytes.
    assert Process(redis_client, clock).distinct == 3


@pytest.mark.redis
def test_a_process_that_began_without_redis_counts_with_the_others_when_it_is_back(
    processes: list[Process], redis_client: BriefRedis, clock: Clock
) -> None:
    processes[0].asks(1)
    alone = Process(redis_client, clock)
    alone.redis.is_away = True
    assert alone.asks(2).kind == "ok"
    alone.redis.is_away = False
    alone.asks(3)
    assert alone.distinct == processes[0].distinct == 2
    assert [alone.asks(4).kind, alone.asks(5).kind] == ["ok", "challenge"]


@pytest.mark.redis
def test_keys_alone_open_no_row_and_nothing_names_one_once_the_bytes_are_gone(
    processes: list[Process], redis_client: BriefRedis, clock: Clock
) -> None:
    processes[0].asks(1)
    day = Days(KEY).day_of(clock())

    def found(secret: DaySecret) -> bool:
        name = secret.network(HOME).first
        return any(name in key for key in redis_client.scan_iter(match=VERSION + b"*"))

    random = redis_client.get(SECRETS + b"%d" % day)
    assert not found(DaySecret(KEY, day))
    assert found(DaySecret(KEY, day, random))
    assert 0 < redis_client.ttl(SECRETS + b"%d" % day) <= 2 * DAY_SECONDS


def one_secret(client: BriefRedis) -> bytes:
    (name,) = client.scan_iter(match=SECRETS + b"*")
    return bytes(name)


DAY = 20_000


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "guard"
    path.touch(mode=0o600)
    return path


def test_without_redis_the_next_worker_reads_them_in_the_file(file: Path) -> None:
    worker = DaySecrets(Kept(file, KEY, KEPT_DAY_BYTES).secret)
    yesterday, today = worker.of(DAY), worker.of(DAY + 1)
    after = DaySecrets(Kept(file, KEY, KEPT_DAY_BYTES).secret)
    assert (after.of(DAY + 1), after.of(DAY)) == (today, yesterday)


def test_in_the_file_nothing_is_left_of_a_day_before_yesterday(file: Path) -> None:
    secrets = DaySecrets(Kept(file, KEY, KEPT_DAY_BYTES).secret)
    of_days = [secrets.of(day) for day in range(DAY, DAY + 3)]
    kept = file.read_bytes()[SECRETS_AT : SECRETS_AT + 3 * SECRET_SLOT_BYTES]
    assert [secret in kept for secret in of_days] == [False, True, True]


def test_bytes_that_somebody_without_the_key_wrote_are_none(file: Path) -> None:
    Kept(file, KEY, KEPT_DAY_BYTES).secret(DAY, b"a" * 32)
    with file.open("r+b") as written:
        written.seek(SECRETS_AT + DAY % 3 * SECRET_SLOT_BYTES + 8)
        written.write(b"b" * 32)
    assert Kept(file, KEY, KEPT_DAY_BYTES).secret(DAY, b"c" * 32) == (b"c" * 32, None)


def test_a_file_whose_name_was_removed_serves_its_process_to_the_end(file: Path) -> None:
    kept = Kept(file, KEY, KEPT_DAY_BYTES)
    file.unlink()
    assert kept.secret(DAY, b"a" * 32) == (b"a" * 32, None)
    assert kept.secret(DAY, b"b" * 32) == (b"a" * 32, None)


def _race(file: Path, day: int) -> bytes:
    return DaySecrets(Kept(file, KEY, KEPT_DAY_BYTES).secret).of(day)


def test_two_workers_at_midnight_go_on_with_one(file: Path) -> None:
    Kept(file, KEY, KEPT_DAY_BYTES)
    with multiprocessing.get_context("spawn").Pool(2) as pool:
        for day in range(DAY, DAY + 20):
            assert len(set(pool.starmap(_race, [(file, day)] * 2))) == 1


def test_processes_of_a_machine_hand_the_secret_of_a_day_on() -> None:
    def says(day: int, proposed: bytes) -> tuple[bytes, bytes | None]:
        return b"s" * 32, None

    def is_away(day: int, proposed: bytes) -> tuple[bytes, bytes | None]:
        raise RedisDown("gone")

    common = Common(8)
    began_without = DaySecrets(is_away, common)
    assert began_without.of(4) == DaySecrets(is_away, common).of(4)
    assert DaySecrets(says, common).of(5) == b"s" * 32
    assert DaySecrets(is_away, common).of(5) == b"s" * 32
    assert began_without.of(5) == b"s" * 32
    assert DaySecrets(is_away, common).of(6) != b"s" * 32
    assert DaySecrets(is_away, common).of(5) == b"s" * 32
    DaySecrets(is_away, common).of(7)
    assert DaySecrets(is_away, common).of(5) != b"s" * 32

"""As few connections as threads that ask at once, and no answer that is read as another's."""

import os
import time
import tracemalloc
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from threading import Barrier

import pytest
from redis import Redis

from harness.servers import RedisServer, free_port
from tests.services import running_redis
from tracking_site.records import QUEUE
from tracking_site.redis import connections as of_redis
from tracking_site.redis.client import Patience, RedisDown, brief_redis
from tracking_site.redis.connections import round_trip

pytestmark = pytest.mark.redis
ANSWER_SECONDS = 2.0


@pytest.fixture(scope="module")
def server() -> Iterator[RedisServer]:
    with running_redis() as running:
        yield running


@pytest.fixture
def client(server: RedisServer) -> Iterator[Redis]:
    with brief_redis(server.url, Patience(5, ANSWER_SECONDS, rest=0)) as client:
        client.set("colour", "green")
        yield client


def connections(server: RedisServer) -> set[str]:
    """Return the ids of the connections that the server holds, without the one that asks."""
    with server.client() as asking:
        return {
            each["id"] for each in asking.client_list() if each["id"] != str(asking.client_id())
        }


def test_one_connection_is_used_again_and_again(client: Redis, server: RedisServer) -> None:
    before = connections(server)
    with ThreadPoolExecutor(1) as another:
        for _ in range(20):
            assert client.get("colour") == b"green"
            assert another.submit(client.get, "colour").result() == b"green"
    assert connections(server) == before


def test_threads_that_ask_at_once_get_a_connection_each_and_their_own_answers(
    client: Redis, server: RedisServer
) -> None:
    before = len(connections(server))

    def wait(thread: int) -> tuple[bytes, bytes] | None:
        return client.blpop([f"list {thread}"], timeout=5 * ANSWER_SECONDS)

    with server.client() as other, ThreadPoolExecutor(4) as threads:
        waiting = threads.map(wait, range(4))
        give_up_at = time.monotonic() + ANSWER_SECONDS / 2
        while len(connections(server)) < before + 3 and time.monotonic() < give_up_at:
            time.sleep(0.01)
        assert len(connections(server)) == before + 3
        for thread in range(4):
            other.rpush(f"list {thread}", f"answer {thread}")
        assert list(waiting) == [
            (b"list %d" % thread, b"answer %d" % thread) for thread in range(4)
        ]


def test_as_many_threads_as_a_process_may_have_all_get_their_answer(client: Redis) -> None:
    begun = Barrier(256, timeout=20)

    def ask(_: int) -> bytes | None:
        begun.wait()
        return client.get("colour")

    with ThreadPoolExecutor(256) as threads:
        assert list(threads.map(ask, range(256))) == [b"green"] * 256


def test_a_connection_that_the_server_closed_is_replaced_unnoticed(
    client: Redis, server: RedisServer
) -> None:
    with server.client() as operator:
        for mine in connections(server):
            operator.client_kill_filter(_id=mine)
    assert client.get("colour") == b"green"


def test_an_answer_that_came_too_late_is_not_read_as_the_next_one(client: Redis) -> None:
    with pytest.raises(RedisDown):
        client.blpop(["nothing"], timeout=5 * ANSWER_SECONDS)
    assert client.get("colour") == b"green"


def test_an_answer_that_nobody_read_is_not_read_as_the_next_one(client: Redis) -> None:
    pool = client.connection_pool
    connection = pool.get_connection()
    connection.send_command("ECHO", "left")
    time.sleep(0.2)
    pool.release(connection)
    assert client.get("colour") == b"green"


def test_a_refusal_of_the_server_costs_no_connection(client: Redis, server: RedisServer) -> None:
    before = connections(server)
    with pytest.raises(RedisDown):
        client.incr("colour")
    assert client.get("colour") == b"green"
    assert connections(server) == before


def test_a_forked_process_takes_a_connection_of_its_own(client: Redis) -> None:
    child = os.fork()
    if not child:
        os._exit(0 if client.get("colour") == b"green" else 1)
    answers = [client.get("colour") for _ in range(50)]
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    assert answers == [b"green"] * 50


def test_nothing_is_left_open_at_the_end(client: Redis, server: RedisServer) -> None:
    before = len(connections(server))
    with ThreadPoolExecutor(3) as threads:
        list(threads.map(lambda _: client.get("colour"), range(30)))
        client.connection_pool.disconnect()
    give_up_at = time.monotonic() + 10
    while len(connections(server)) >= before and time.monotonic() < give_up_at:
        time.sleep(0.02)
    assert len(connections(server)) < before


def test_where_nobody_listens_the_first_try_is_the_last() -> None:
    nobody = brief_redis(f"redis://127.0.0.1:{free_port()}")
    with pytest.raises(RedisDown) as down:
        nobody.get("colour")
    assert not down.value.is_resting
    with pytest.raises(RedisDown) as down:
        nobody.get("colour")
    assert down.value.is_resting


def test_a_connection_for_each_of_many_threads_takes_little_memory(client: Redis) -> None:
    pool = client.connection_pool
    pool.disconnect()
    tracemalloc.start()
    try:
        before = tracemalloc.get_traced_memory()[0]
        taken = [pool.get_connection() for _ in range(20)]
        assert (tracemalloc.get_traced_memory()[0] - before) / len(taken) < 20_000
    finally:
        tracemalloc.stop()
    for each in taken:
        pool.release(each)


@pytest.mark.parametrize("size", [0, 1, 4_095, 4_096, 4_097, 100_000, 1_000_000])
def test_an_answer_of_any_size_is_read_whole(client: Redis, size: int) -> None:
    value = os.urandom(size)
    client.set("large", value)
    assert client.get("large") == value
    assert client.get("colour") == b"green"


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ("MISCONF Redis is configured to save RDB snapshots", "MISCONF"),
        ("WRONGTYPE Operation against a key holding", "WRONGTYPE"),
        ("NOPERM User nobody has no permissions", "NOPERM"),
        ("ERR about 3171234567890123", "ERR"),
        ("3171234567890123", "ERR"),
    ],
)
def test_the_log_says_by_which_word_redis_refuses_and_nothing_else(
    client: Redis, caplog: pytest.LogCaptureFixture, said: str, code: str
) -> None:
    refuse = client.register_script("return redis.error_reply(ARGV[1])")
    with pytest.raises(RedisDown):
        refuse(args=[said])
    assert [record.getMessage() for record in caplog.records] == [f"Redis refuses: {code}"]


@pytest.fixture
def asides(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Grows with each step aside of this thread."""
    taken: list[str] = []

    @contextmanager
    def aside() -> Iterator[None]:
        taken.append("aside")
        yield

    monkeypatch.setattr(QUEUE, "aside", aside)
    return taken


@pytest.mark.parametrize(("seconds", "steps"), [(0.0009, 0), (0.003, 3)], ids=["near", "far"])
def test_who_asks_a_far_server_steps_aside_until_it_answers(
    server: RedisServer,
    asides: list[str],
    monkeypatch: pytest.MonkeyPatch,
    seconds: float,
    steps: int,
) -> None:
    monkeypatch.setattr(of_redis, "round_trip", lambda connection: seconds)
    with brief_redis(server.url, Patience(5, ANSWER_SECONDS)) as client:
        for _ in range(3):
            client.get("colour")
    assert len(asides) == steps


def test_how_far_a_server_is_the_kernel_tells(server: RedisServer) -> None:
    with server.client() as slow, brief_redis(server.url, Patience(5, ANSWER_SECONDS)) as client:
        pool = client.connection_pool
        connection = pool.get_connection()
        try:
            # It answers late, as a busy one does, and is no farther for it.
            slow.execute_command("CLIENT", "PAUSE", 50, "ALL")
            connection.send_command("GET", "colour")
            connection.read_response()
            assert 0 < round_trip(connection) < 0.01
            assert not connection.is_far
        finally:
            pool.release(connection)

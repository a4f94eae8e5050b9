"""A server that is no more the one to ask is left at once, and every connection as old with it."""

import socket
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest

from harness.way import Way
from tests.claims_api.fakes import Clock, Events
from tests.claims_api.raw import RawServer, raw_server
from tests.services import running_redis
from tracking_site.redis.client import (
    BriefRedis,
    Patience,
    RedisDown,
    RedisForeign,
    RedisFull,
    brief_redis,
)
from tracking_site.redis.connections import connections_to

IDLE = 4
GREEN = b"$5\r\ngreen\r\n"
REST = 1.0

LEFT = {
    "READONLY": "READONLY You can't write against a read only replica.",
    "READONLY, in a script of Redis 6": "ERR Error running script (call to f_1): @user_script:1: "
    "@user_script: 1: -READONLY You can't write against a read only replica.",
    "MASTERDOWN": "MASTERDOWN Link with MASTER is down and replica-serve-stale-data is set to no",
    "LOADING": "LOADING Redis is loading the dataset in memory",
    "NOAUTH": "NOAUTH Authentication required.",
    "WRONGPASS": "WRONGPASS invalid username-password pair or user is disabled.",
    "UNBLOCKED": "UNBLOCKED force unblock from blocking operation, instance state changed",
    "NOREPLICAS": "NOREPLICAS Not enough good replicas to write.",
    "CLUSTERDOWN": "CLUSTERDOWN The cluster is down",
    "MOVED": "MOVED 3999 127.0.0.1:6381",
    "ASK": "ASK 3999 127.0.0.1:6381",
    "TRYAGAIN": "TRYAGAIN Multiple keys request during rehashing of slot",
}
STAYED_WITH = {
    "OOM command not allowed when used memory > 'maxmemory'.": RedisFull,
    "ERR Error running script: @user_script:1: OOM command not allowed": RedisFull,
    "WRONGTYPE Operation against a key holding the wrong kind of value": RedisForeign,
    "GUARDFOREIGN a row in another form": RedisForeign,
    "NOPERM this user has no permissions to run the 'get' command": RedisDown,
    "MISCONF Redis is configured to save RDB snapshots, but it's currently unable to": RedisDown,
    "ERR unknown command 'ASKED'": RedisDown,
}


class Turning:
    """Says "green"; once `turned`, what is open says something else, and new connections do if
    `wherever`."""

    def __init__(self) -> None:
        self.said = ""
        self.turned_at = 0
        self.refusals = 0
        self.wherever = False

    def turn(self, server: RawServer, said: str) -> None:
        self.turned_at, self.said = server.connections, said

    def serve(self, server: RawServer, connection: socket.socket) -> None:
        place = server.connections
        while connection.recv(65536):
            if self.said and (self.wherever or place <= self.turned_at):
                self.refusals += 1
                connection.sendall(f"-{self.said}\r\n".encode())
            else:
                connection.sendall(GREEN)


@pytest.fixture
def turning() -> Turning:
    return Turning()


@pytest.fixture
def server(turning: Turning) -> Iterator[RawServer]:
    with raw_server(turning.serve) as server:
        yield server


@pytest.fixture
def events() -> Events:
    return Events()


@pytest.fixture
def clock() -> Clock:
    return Clock()


def address_of(server: RawServer) -> str:
    return server.url.replace("http", "redis")


@pytest.fixture
def client(server: RawServer, events: Events, clock: Clock) -> Iterator[BriefRedis]:
    connections = connections_to(address_of(server), connect=5, answer=5)
    with BriefRedis(connections, REST, lambda: 0.0, events, clock) as client:
        at_once(client)
        assert server.connections == IDLE
        yield client


def at_once(client: BriefRedis) -> None:
    """Ask in several threads at once, so that as many connections are idle afterwards."""
    begin = Barrier(IDLE)
    connections = [client.connection_pool.get_connection() for _ in range(IDLE)]
    for connection in connections:
        client.connection_pool.release(connection)

    def ask(_: int) -> object:
        begin.wait()
        return client.get("colour")

    with ThreadPoolExecutor(IDLE) as threads:
        assert list(threads.map(ask, range(IDLE))) == [b"green"] * IDLE


@pytest.mark.parametrize("said", LEFT.values(), ids=LEFT)
def test_a_wrong_server_is_left_with_all_idle_connections_and_nobody_notices(
    client: BriefRedis, server: RawServer, turning: Turning, events: Events, said: str
) -> None:
    turning.turn(server, said)
    assert [client.get("colour") for _ in range(IDLE)] == [b"green"] * IDLE
    assert (turning.refusals, server.connections) == (1, IDLE + 1)
    assert events.seen == {}


@pytest.mark.parametrize("said", LEFT.values(), ids=LEFT)
def test_where_the_address_leads_nowhere_better_redis_is_down_and_left_alone(
    client: BriefRedis,
    server: RawServer,
    turning: Turning,
    events: Events,
    clock: Clock,
    said: str,
) -> None:
    turning.wherever = True
    turning.turn(server, said)
    for is_resting in (False, True, True):
        with pytest.raises(RedisDown) as down:
            client.get("colour")
        assert down.value.is_resting is is_resting
    assert (turning.refusals, server.connections) == (2, IDLE + 1)
    assert events.seen == {"store_refused": 1, "store:open": 1}
    turning.said = ""
    clock.pass_(REST)
    assert client.get("colour") == b"green"
    assert events["store:closed"] == 1


@pytest.mark.parametrize(("said", "error"), STAYED_WITH.items())
def test_a_refusal_of_one_command_costs_no_connection_and_no_rest(
    client: BriefRedis,
    server: RawServer,
    turning: Turning,
    events: Events,
    said: str,
    error: type[RedisDown],
) -> None:
    turning.turn(server, said)
    for _ in range(2):
        with pytest.raises(RedisDown) as refused:
            client.get("colour")
        assert type(refused.value) is error
        assert said not in str(refused.value)
    turning.said = ""
    assert client.get("colour") == b"green"
    assert server.connections == IDLE
    assert events.seen == {"store_refused": 2}


@pytest.mark.parametrize(
    "said",
    [
        b"-MOVED\r\n",
        b"-ASK 3999\r\n",
        b"-MOVED slot 127.0.0.1:port\r\n",
        b"-\xff\xfe\r\n",
        b"-\r\n",
        b":9999999999999999999999\r\n",
        b"$-1\r\n",
        b"*-1\r\n",
        b"HTTP/1.1 400 Bad Request\r\n\r\n",
    ],
)
def test_whatever_else_is_said_there_is_a_redis_that_is_down(said: bytes) -> None:
    def serve(_: RawServer, connection: socket.socket) -> None:
        while connection.recv(65536):
            connection.sendall(said)

    with raw_server(serve) as server, brief_redis(address_of(server)) as client:
        run = client.register_script("return 1")
        with pytest.raises(RedisDown):
            run(["key"], ["value"])


def test_a_connection_that_is_in_use_at_the_failure_of_another_is_not_used_again(
    client: BriefRedis, server: RawServer, turning: Turning
) -> None:
    in_use = client.connection_pool.get_connection()
    turning.turn(server, LEFT["READONLY"])
    client.get("colour")
    client.connection_pool.release(in_use)
    assert client.get("colour") == b"green"
    assert turning.refusals == 1


def test_after_a_failure_it_is_left_alone_and_tried_again_by_one_at_a_time(clock: Clock) -> None:
    def hang_up(server: RawServer, connection: socket.socket) -> None:
        connection.recv(65536)

    with raw_server(hang_up) as server:
        connections = connections_to(address_of(server), connect=5, answer=5)
        client = BriefRedis(connections, REST, lambda: 0.0, clock=clock)
        for tries in range(1, 4):
            for _ in range(50):
                with pytest.raises(RedisDown):
                    client.get("colour")
            assert server.connections == tries
            clock.pass_(REST)


@pytest.mark.redis
@pytest.mark.parametrize("trouble", ["forget", "swallow", "reset", "hang_up"])
def test_one_dead_connection_speaks_for_all_that_are_as_old(trouble: str) -> None:
    with running_redis() as redis, Way(redis.port) as way:
        redis.client().set("colour", "green")
        client = brief_redis(f"redis://127.0.0.1:{way.port}", Patience(5, 0.5, rest=0))
        at_once(client)
        getattr(way, trouble)()
        with pytest.raises(RedisDown):
            client.get("colour")
        assert [client.get("colour") for _ in range(IDLE)] == [b"green"] * IDLE
        client.close()


@pytest.mark.redis
@pytest.mark.parametrize(
    "ask",
    [
        lambda client: client.set("colour", "red"),
        lambda client: client.register_script("return redis.call('SET', KEYS[1], 'red')")(
            keys=["colour"]
        ),
    ],
    ids=["command", "script"],
)
def test_a_demoted_master_is_left_for_the_new_one_behind_the_same_address(
    ask: Callable[[BriefRedis], object],
) -> None:
    with running_redis() as old, running_redis() as new, Way(old.port) as way:
        old.client().set("colour", "green")
        client = brief_redis(f"redis://127.0.0.1:{way.port}", Patience(5, 5))
        at_once(client)
        way.lead_to(new.port)
        old.client().replicaof("127.0.0.1", new.port)
        ask(client)
        assert new.client().get("colour") == b"red"
        client.close()

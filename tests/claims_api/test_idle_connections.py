"""Connections to the core that died while idle lose nobody, and a slow core is asked once."""

import socket
import ssl
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from harness.way import Way
from sandbox import Sandbox
from tests.claims_api.conftest import Core
from tests.claims_api.fakes import MOVING, Crowd, Events, number
from tests.claims_api.raw import RawServer, always, ok, raw_server
from tests.deploy.proxy import make_certificate
from tracking_site.cache.claims import Claims, build_claims
from tracking_site.cache.config import ClaimsConfig
from tracking_site.claims_api.client import ClaimsClient
from tracking_site.claims_api.config import HEALTH_PATH, ClientConfig
from tracking_site.claims_api.contract import ContractCore
from tracking_site.claims_api.errors import CoreError, Trouble
from tracking_site.claims_api.exchange import Exchange

PLACES = 6
TROUBLES = ("forget", "swallow", "reset", "hang_up")
KERNEL_NOTICES = 2.5
"""Seconds after which the kernel's own probes have found an idle connection dead."""

MakeClient = Callable[..., ClaimsClient]


def port_of(url: str) -> int:
    return int(url.rpartition(":")[2])


@pytest.fixture
def events() -> Events:
    return Events()


@pytest.fixture
def way(core: Core) -> Iterator[Way]:
    with Way(port_of(core.url)) as way:
        yield way


@pytest.fixture
def make_client(way: Way, events: Events) -> Iterator[MakeClient]:
    made: list[ClaimsClient] = []

    def make(**config: object) -> ClaimsClient:
        named = {"url": f"http://127.0.0.1:{way.port}"} | config
        client = ClaimsClient(ClientConfig(**named), observe=events)  # type: ignore[arg-type]
        made.append(client)
        return client

    yield make
    for client in made:
        client.close()


def warmed_up(core: Core, way: Way, events: Events) -> Claims:
    """Return the cached client after so many lookups at once, each of which left a connection."""
    # Patient about places, for a busy machine; as impatient about silence as the site.
    config = ClientConfig(f"http://127.0.0.1:{way.port}", hold_seconds=3.0)
    claims = build_claims(ClaimsConfig(config), secrets=[b"s" * 32], observe=events)
    core.fails("slow", latency_ms=300)
    first = 0
    # On a busy machine not all of a crowd are there at once: those who come again are new numbers.
    while way.connections < PLACES and first < 20 * PLACES:
        crowd = Crowd()
        for n in range(first, first + PLACES):
            crowd.start(lambda n=n: claims.source.claims_of(number(1000 + n)))
        crowd.join()
        first += PLACES
    assert way.connections == PLACES
    core.fails("none")
    core.counts_anew()
    return claims


@pytest.mark.proofs
@pytest.mark.parametrize(
    ("trouble", "people"),
    [
        *((trouble, PLACES) for trouble in TROUBLES),
        # What is acknowledged and never answered holds its place too long for a second party.
        *((trouble, 2 * PLACES) for trouble in TROUBLES if trouble != "swallow"),
    ],
)
def test_nobody_is_lost_when_all_idle_connections_are_dead(
    core: Core, way: Way, events: Events, trouble: str, people: int
) -> None:
    claims = warmed_up(core, way, events)
    getattr(way, trouble)()
    crowd = Crowd()
    for n in range(people):
        crowd.start(lambda n=n: claims.source.claims_of(number(100 + n)))
    answers = crowd.join()
    claims.close()
    assert [each for each in answers if isinstance(each, Exception)] == []
    assert core.stats()["lookups"] == people
    assert events["breaker:open"] == 0
    assert 1 <= events["core_asked_again"] <= PLACES


def test_a_connection_is_used_again_for_a_while_and_not_after(
    core: Core, way: Way, make_client: MakeClient
) -> None:
    client = make_client(idle_seconds=0.2)
    for n in range(3):
        client.claims_of(number(n))
    assert way.connections == 1
    time.sleep(0.3)
    client.claims_of(core.someone)
    assert way.connections == 2


def test_a_connection_that_is_never_to_be_idle_is_used_once(
    way: Way, make_client: MakeClient
) -> None:
    client = make_client(idle_seconds=0.0)
    for n in range(3):
        client.claims_of(number(n))
    assert way.connections == 3


def test_the_kernel_finds_a_dead_connection_before_anybody_asks_on_it(
    way: Way, make_client: MakeClient, events: Events
) -> None:
    client = make_client(idle_seconds=60.0)
    client.claims_of(number(1))
    way.forget()
    time.sleep(KERNEL_NOTICES)
    client.claims_of(number(2))
    assert (way.connections, events["core_asked_again"]) == (2, 0)


def test_what_was_idle_when_one_of_them_was_found_dead_is_not_tried(
    core: Core, way: Way, events: Events
) -> None:
    claims = warmed_up(core, way, events)
    way.reset()
    for n in range(PLACES):
        claims.source.claims_of(number(100 + n))
    claims.close()
    assert events["core_asked_again"] == 1


def test_a_slow_core_is_asked_once_on_a_connection_that_was_used_before(
    core: Core, way: Way, make_client: MakeClient, events: Events
) -> None:
    client = make_client(total_seconds=3.0, late_seconds=0.5)
    client.claims_of(number(1))
    core.fails("slow", latency_ms=1000)
    core.counts_anew()
    assert not client.claims_of(number(2)).claims
    assert (core.stats()["lookups"], events["core_asked_again"]) == (1, 0)


def test_a_core_may_take_four_seconds_of_five_before_it_is_asked_again() -> None:
    config = ClientConfig("http://core.invalid")
    assert config.silent_share * config.total_seconds >= 4.0


def test_a_connection_that_was_not_used_before_is_not_tried_twice(
    way: Way, make_client: MakeClient, events: Events
) -> None:
    with raw_server(lambda server, connection: server.read_request(connection)) as server:
        client = make_client(url=server.url)
        with pytest.raises(CoreError) as failed:
            client.claims_of(number(1))
    assert failed.value.kind is Trouble.CONNECTION
    assert (server.connections, events["core_asked_again"]) == (1, 0)


def test_a_core_that_began_to_answer_is_not_asked_again(make_client: MakeClient) -> None:
    def serve(server: RawServer, connection: socket.socket) -> None:
        server.read_request(connection)
        connection.sendall(ok(MOVING))
        server.read_request(connection)
        connection.sendall(b"HTTP/1.1 2")

    with raw_server(serve) as server:
        client = make_client(url=server.url)
        client.claims_of(number(1))
        with pytest.raises(CoreError):
            client.claims_of(number(2))
        assert (server.connections, len(server.requests)) == (1, 2)


def test_a_core_that_hangs_up_on_the_fresh_connection_too_is_a_failure(
    make_client: MakeClient, events: Events
) -> None:
    def serve(server: RawServer, connection: socket.socket) -> None:
        server.read_request(connection)
        if server.connections == 1:
            connection.sendall(ok(MOVING))
            server.read_request(connection)

    with raw_server(serve) as server:
        client = make_client(url=server.url)
        client.claims_of(number(1))
        with pytest.raises(CoreError) as failed:
            client.claims_of(number(2))
        assert server.connections == 2
    assert failed.value.kind is Trouble.CONNECTION
    assert (events["core_asked_again"], events["core_failed:connection"]) == (1, 1)


def test_a_core_that_starts_anew_is_waited_for_after_its_dead_connection(events: Events) -> None:
    def serve(server: RawServer, connection: socket.socket) -> None:
        server.read_request(connection)
        connection.sendall(ok(MOVING))
        server.read_request(connection)
        server.stop()

    came_up: list[RawServer] = []

    def random() -> float:
        came_up.append(RawServer(always(ok(MOVING)), port))
        return 0.0

    with raw_server(serve) as server:
        port = port_of(server.url)
        config = ClientConfig(server.url)
        exchange = Exchange(config, random=random, observe=events)
        client = ClaimsClient(config, core=ContractCore(exchange, HEALTH_PATH), observe=events)
        client.claims_of(number(1))
        assert client.claims_of(number(2)).claims
        client.close()
    assert len(came_up) == 1
    came_up[0].stop()
    assert events["core_asked_again"] == 1


@pytest.mark.parametrize("trouble", ["forget", "reset", "hang_up"])
def test_a_dead_connection_under_tls_loses_nobody(
    way: Way, events: Events, tmp_path: Path, trouble: str
) -> None:
    make_certificate(tmp_path, "localhost")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(tmp_path / "fullchain.pem", tmp_path / "privkey.pem")

    def serve(server: RawServer, connection: socket.socket) -> None:
        with context.wrap_socket(connection, server_side=True) as sealed:
            always(ok(MOVING))(server, sealed)

    with raw_server(serve) as server:
        way.lead_to(port_of(server.url))
        trusted = tmp_path / "fullchain.pem"
        config = ClientConfig(f"https://localhost:{way.port}", ca_file=trusted)
        client = ClaimsClient(config, observe=events)
        client.claims_of(number(1))
        getattr(way, trouble)()
        client.claims_of(number(2))
        client.close()
        assert (len(server.requests), events["core_asked_again"]) == (2, 1)


def test_a_core_that_moved_is_found_where_it_is_now(
    core: Core, make_client: MakeClient, way: Way, events: Events
) -> None:
    client = make_client()
    client.claims_of(core.someone)
    with Sandbox() as elsewhere:
        way.lead_to(port_of(elsewhere.url))
        way.reset()
        assert client.claims_of(core.someone).claims
    assert events["core_failed:connection"] == 0


def answer_to_last(server: RawServer, name: str = "") -> bytes:
    """Return a reply that says in its body which request it answers, and in its head or `name`."""
    own = server.requests[-1].partition(b"X-Request-ID: ")[2].partition(b"\r\n")[0]
    return ok(own, f"X-Request-ID: {name or own.decode()}")


@pytest.mark.parametrize("before", ["anna", None], ids=["of a page", "of none"])
def test_nobody_is_given_the_second_answer_to_the_request_before(
    events: Events, before: str | None
) -> None:
    def serve(server: RawServer, connection: socket.socket) -> None:
        server.read_request(connection)
        first = answer_to_last(server)
        connection.sendall(first)
        # Too late to be found before the next request is sent.
        if server.read_request(connection):
            connection.sendall(first if server.connections == 1 else answer_to_last(server))

    people = (before, "budi", "citra")
    with raw_server(serve) as server:
        exchange = Exchange(ClientConfig(server.url), observe=events)
        told = [
            exchange.ask("/", b"{}", request_id=each, due=time.monotonic() + 5).body.decode()
            for each in people
        ]
        assert server.connections == 2
    assert told[0] == before or before is None
    assert told[1:] == ["budi", "citra"]
    assert events["core_asked_again"] == 1


def test_a_gateway_may_have_ids_of_its_own(events: Events) -> None:
    def serve(server: RawServer, connection: socket.socket) -> None:
        while server.read_request(connection):
            connection.sendall(answer_to_last(server, "gateway"))

    with raw_server(serve) as server:
        exchange = Exchange(ClientConfig(server.url), observe=events)
        for each in ("anna", "anna", "budi"):
            assert exchange.ask("/", b"{}", request_id=each, due=time.monotonic() + 5).body
        assert (len(server.requests), server.connections) == (3, 1)
    assert events["core_asked_again"] == 0

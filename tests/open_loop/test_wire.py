"""What the generator notes is what was sent over a socket, and when it was due."""

import socket
import threading
import time
from collections.abc import Callable, Iterator

import pytest

from bench.open_loop.crowd import written
from bench.open_loop.wire import CUT, UNANSWERED, Connection, Loop, Reply

Script = Callable[[socket.socket, int], None]
OK = b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\nX-Of: %d\r\n\r\nHalo"


class Scripted:
    """A server that does as a function says with each connection, in turn."""

    def __init__(self, script: Script) -> None:
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        self.accepted = 0
        self._script = script
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            self.accepted += 1
            with connection:
                self._script(connection, self.accepted)

    def close(self) -> None:
        self._listener.close()


@pytest.fixture
def serve() -> Iterator[Callable[[Script], Scripted]]:
    servers = []

    def start(script: Script) -> Scripted:
        servers.append(Scripted(script))
        return servers[-1]

    yield start
    for server in servers:
        server.close()


def asked(port: int, times: int = 1, patience: float = 20.0) -> list[Reply]:
    """Ask so often over one connection, each time after the answer before."""
    loop, replies = Loop(), []
    connection = Connection(loop, port)

    def hear(reply: Reply) -> None:
        replies.append(reply)
        if len(replies) < times:
            ask()

    def ask() -> None:
        connection.ask(written("GET", "/", "192.0.2.1", False), hear, loop.now() + patience)

    ask()
    loop.run(lambda: len(replies) == times)
    connection.close()
    return replies


def test_a_connection_is_kept_for_the_next_request(serve: Callable[[Script], Scripted]) -> None:
    def answer(connection: socket.socket, turn: int) -> None:
        while connection.recv(65536):
            # In two parts, so that an answer is read to its end.
            connection.sendall((OK % turn)[:50])
            time.sleep(0.01)
            connection.sendall((OK % turn)[50:])

    server = serve(answer)
    replies = asked(server.port, times=3)
    assert [reply.body for reply in replies] == [b"Halo"] * 3
    assert server.accepted == 1


def test_a_kept_connection_that_ended_is_opened_anew(serve: Callable[[Script], Scripted]) -> None:
    def answer_once(connection: socket.socket, turn: int) -> None:
        connection.recv(65536)
        connection.sendall(OK % turn)

    server = serve(answer_once)
    assert [reply.headers["x-of"] for reply in asked(server.port, times=3)] == ["1", "2", "3"]


def test_a_new_connection_that_ends_without_an_answer_was_cut_off(
    serve: Callable[[Script], Scripted],
) -> None:
    assert asked(serve(lambda connection, _: None).port) == [CUT]


def test_a_port_that_refuses_cuts_off() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    assert asked(port) == [CUT]


def test_half_an_answer_is_none(serve: Callable[[Script], Scripted]) -> None:
    def answer_half(connection: socket.socket, turn: int) -> None:
        connection.recv(65536)
        connection.sendall((OK % turn)[:-2])

    assert asked(serve(answer_half).port) == [CUT]


def test_an_answer_without_a_length_lasts_until_the_end(
    serve: Callable[[Script], Scripted],
) -> None:
    def answer(connection: socket.socket, _: int) -> None:
        connection.recv(65536)
        connection.sendall(b"HTTP/1.0 503 Service Unavailable\r\n\r\nZu")

    assert asked(serve(answer).port) == [Reply(503, {}, b"Zu")]


def test_whoever_waits_too_long_gives_up(serve: Callable[[Script], Scripted]) -> None:
    over = threading.Event()
    server = serve(lambda connection, _: over.wait(20))
    assert asked(server.port, patience=0.1) == [UNANSWERED]
    over.set()

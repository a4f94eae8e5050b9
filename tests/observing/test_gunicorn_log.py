"""gunicorn says of itself what it likes, and of requests nothing but the kind of their fault."""

import json
import logging
import os
import threading
from collections.abc import Callable
from typing import Any

import pytest
from gunicorn.http.errors import InvalidHeader, InvalidRequestLine, NoMoreData

from tracking_site.observing.logs import KindHandler, Lines

SECRET = "secret part of 3174054501900005"


@pytest.fixture
def log() -> logging.Logger:
    return logging.Logger("gunicorn.error", logging.DEBUG)


def said(log: logging.Logger, say: Callable[[], None]) -> list[dict[str, Any]]:
    """Let a thread that serves requests say something; return its lines."""
    reading, writing = os.pipe()
    log.handlers = [KindHandler(Lines(writing))]
    thread = threading.Thread(target=say)
    thread.start()
    thread.join()
    os.close(writing)
    with os.fdopen(reading) as lines:
        return [json.loads(line) for line in lines]


@pytest.mark.parametrize(
    "error", [InvalidRequestLine(SECRET), InvalidHeader(SECRET), NoMoreData(SECRET.encode())]
)
def test_a_fault_of_the_client_is_said_by_its_kind(log: logging.Logger, error: Exception) -> None:
    def say() -> None:
        try:
            raise error
        except Exception as raised:
            # As gunicorn does: quoted in the message, in its arguments, in the error.
            log.warning(f"Invalid request from ip=203.0.113.9: {raised}")
            log.debug("Ignored premature client disconnection. %s", raised)
            log.exception("Error handling request %s", SECRET)

    lines = said(log, say)
    assert [line["level"] for line in lines] == ["warning", "debug", "error"]
    assert {line["event"] for line in lines} == {"a request could not be served"}
    assert {line["error"] for line in lines} == {type(error).__name__}
    assert "secret" not in json.dumps(lines)


def test_a_fault_of_ours_has_its_place_and_not_its_text(log: logging.Logger) -> None:
    def say() -> None:
        try:
            {}[SECRET]
        except KeyError:
            log.exception("Error handling request %s", SECRET)

    (line,) = said(log, say)
    assert line["error"] == "KeyError"
    assert "test_gunicorn_log.py" in line["trace"]
    assert "{}[SECRET]" in line["trace"]
    assert "3174" not in json.dumps(line)


def test_without_a_fault_arguments_are_left_out(log: logging.Logger) -> None:
    (line,) = said(log, lambda: log.info("%s %s", "GET", SECRET))
    assert line["event"] == "%s %s"


def test_the_end_of_a_connection_is_no_fault(log: logging.Logger) -> None:
    def say() -> None:
        try:
            next(iter(()))
        except StopIteration as error:
            log.debug("Closing connection. %s", error)

    (line,) = said(log, say)
    assert line["event"] == "a connection ended"
    assert "error" not in line


def test_what_gunicorn_says_of_itself_stays_whole(log: logging.Logger) -> None:
    reading, writing = os.pipe()
    log.handlers = [KindHandler(Lines(writing))]
    try:
        raise OSError("in use")
    except OSError as error:
        log.error("Connection in use: %s (%s)", "127.0.0.1:8000", error)
    os.close(writing)
    with os.fdopen(reading) as lines:
        assert json.loads(lines.read())["event"] == "Connection in use: 127.0.0.1:8000 (in use)"

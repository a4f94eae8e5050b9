"""JSON lines from everybody: structlog for the site, the standard library for everyone else.

`configure_logs` is called once by whoever starts the process, never by the application. What
gunicorn itself says comes as such lines too, and nothing of what it was sent.
"""

import logging
import os
import sys
import threading
import time
import traceback
from collections.abc import Callable, MutableMapping
from datetime import UTC, datetime
from types import TracebackType
from typing import Any

import msgspec
import structlog
from gunicorn.glogging import Logger
from gunicorn.http.errors import NoMoreData, ParseException

from .redaction import redacted_end, redacted_line, redacted_text


class Lines:
    """`on_lost` is called for each line that could not be written whole."""

    def __init__(self, descriptor: int = 1, on_lost: Callable[[], None] = lambda: None) -> None:
        self._descriptor = descriptor
        self._has_lost = False
        self.on_lost = on_lost

    def write(self, line: bytes) -> None:
        """Write one line, redacted, in one call, so that no other thread's and no other process's
        stands in it (write, POSIX.1: where a file is appended to, and up to 4 kB in a pipe).

        After a lost one a new line is begun, because half of it may stand there.
        """
        # No lock: while one writes, another runs, and of 256 threads 70 stood at it.
        rest = redacted_line(line) + b"\n"
        if self._has_lost:
            rest = b"\n" + rest
        try:
            while rest:
                rest = rest[os.write(self._descriptor, rest) :]
                self._has_lost = bool(rest)
        except OSError:
            self._has_lost = True
            self.on_lost()


LEVELS = {
    "debug": logging.DEBUG,
    "info": logging.INFO,
    "warning": logging.WARNING,
    "error": logging.ERROR,
}

_encode = msgspec.json.Encoder(enc_hook=str).encode


class LineLogger:
    """What structlog calls with a rendered line."""

    def __init__(self, lines: Lines) -> None:
        self.debug = self.info = self.warning = self.error = self.critical = lines.write
        self.exception = self.msg = lines.write


class LineHandler(logging.Handler):
    """Writes records of the standard library as JSON lines, their free text redacted."""

    def __init__(self, lines: Lines | None = None) -> None:
        super().__init__()
        self._lines = lines or Lines()

    def emit(self, record: logging.LogRecord) -> None:
        fields = {
            **self.fields(record),
            "level": record.levelname.lower(),
            "timestamp": _moment(record.created),
            "logger": record.name,
        }
        self._lines.write(_encode(fields))

    def fields(self, record: logging.LogRecord) -> dict[str, str]:
        """Return what a record says, with the kind and the trace of the error that it is about."""
        try:
            text = record.getMessage()
        except (TypeError, ValueError):
            text = str(record.msg)
        fields = {"event": redacted_text(text)}
        if record.exc_info and record.exc_info[0] is not None:
            fields["error"] = record.exc_info[0].__name__
            fields["trace"] = redacted_end("".join(traceback.format_exception(*record.exc_info)))
        return fields


def configure_logs(level: str, lines: Lines | None = None) -> Lines:
    """Send every log line of this process to `lines` (stdout), at `level` and above."""
    lines = lines or Lines()
    logging.basicConfig(level=LEVELS[level], handlers=[LineHandler(lines)], force=True)
    logging.captureWarnings(True)
    structlog.configure(
        processors=[structlog.processors.add_log_level, _finish],
        wrapper_class=structlog.make_filtering_bound_logger(LEVELS[level]),
        logger_factory=lambda *_: LineLogger(lines),
        cache_logger_on_first_use=True,
    )
    sys.excepthook = _uncaught
    threading.excepthook = lambda args: _uncaught(
        args.exc_type, args.exc_value or args.exc_type(), args.exc_traceback
    )
    return lines


def _finish(logger: object, name: str, event: MutableMapping[str, Any]) -> bytes:
    event["timestamp"] = _moment(time.time())
    return _encode(event)


def _moment(epoch: float) -> str:
    return datetime.fromtimestamp(epoch, UTC).isoformat(timespec="milliseconds")


def _uncaught(kind: type[BaseException], error: BaseException, place: TracebackType | None) -> None:
    logging.getLogger("uncaught").error("uncaught error", exc_info=(kind, error, place))


class JsonLogger(Logger):  # type: ignore[misc]
    """gunicorn's `logger_class`: its errors go to the lines, and it logs no access.

    The site logs each request itself. Configured by a dictionary instead, gunicorn would
    gather what an access line needs, address and query included, a tenth of a request's time.
    """

    def setup(self, cfg: Any) -> None:
        super().setup(cfg)
        self.error_log.handlers = [KindHandler()]
        self.error_log.propagate = False
        self.access_log.handlers = []

    def access(self, resp: Any, req: Any, environ: Any, request_time: Any) -> None:
        """Log nothing."""


class KindHandler(LineHandler):
    """Writes whole what gunicorn says of itself, and of requests the kind alone.

    gunicorn quotes a bad request in its messages, in their arguments and in the texts of its
    errors. All of them come from the threads that serve requests; the main thread accepts
    connections and reads none.
    """

    def fields(self, record: logging.LogRecord) -> dict[str, str]:
        """Return what a record says; of a request, its error's class and where it was raised."""
        if threading.current_thread() is threading.main_thread():
            return super().fields(record)
        error = sys.exception()
        if error is None:
            return {"event": str(record.msg)}
        if isinstance(error, StopIteration):
            # So gunicorn leaves a connection on which no request comes any more.
            return {"event": "a connection ended"}
        fields = {"event": "a request could not be served", "error": type(error).__name__}
        if not isinstance(error, (ParseException, NoMoreData, ConnectionError)):
            # The frames hold lines of our own files; the text of the error may quote the request.
            fields["trace"] = redacted_end("".join(traceback.format_tb(error.__traceback__)))
        return fields

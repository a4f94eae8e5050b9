"""JSON lines from everybody: structlog for the site, the standard library for everyone else.

`configure_logs` is called once by whoever starts the process, never by the application. What
gunicorn itself says comes as such lines too, and nothing of what it was sent.
"""

import atexit
import logging
import os
import select
import sys
import threading
import time
import traceback
from collections.abc import Callable, MutableMapping
from datetime import UTC, datetime
from queue import SimpleQueue
from types import TracebackType
from typing import Any

import msgspec
import structlog
from gunicorn.glogging import Logger
from gunicorn.http.errors import NoMoreData, ParseException

from ..records import QUEUE
from .redaction import redacted_end, redacted_line, redacted_text

MAX_WAITING = 8192
"""Lines of a process that wait to be written, some 4 MB; what comes beyond them is dropped."""

GATHER_SECONDS = 0.02
"""So long lines gather before they are written: a thread that woke for each would take turns from
those that serve."""

MANY_WAITING, MANY_BYTES = 256, 16_384
"""With so many lines waiting so much is written at once: where hundreds of threads are busy, the
one that writes has few turns. Linux takes it whole as well, unless the pipe is nearly full."""

FLUSH_SECONDS = 2.0
"""How long a process that ends waits for its last lines to be taken."""


class Lines:
    """Writes lines to a descriptor; no thread waits for whoever reads them.

    A pipe that nobody reads is full after 64 kB, and a write to it then waits for ever. So in a
    process that was forked, as the server's workers are, one thread writes for all the others; it
    is begun with the first line after the fork. Where nothing was forked the caller writes, as
    long as the descriptor takes more. What nobody took is dropped and counted: `on_lost` is called
    for each such line, and for each that could not be written whole, and a line says how many they
    were when lines are taken again.
    """

    def __init__(self, descriptor: int = 1, on_lost: Callable[[], None] = lambda: None) -> None:
        self._descriptor = descriptor
        self._is_torn = False
        self._dropped = 0
        self.on_lost = on_lost
        self._process = os.getpid()
        self._waiting: SimpleQueue[bytes | None] | None = None
        self._beginning = threading.Lock()

    def write(self, line: bytes) -> None:
        """Write one line, redacted, in one call, so that no other thread's and no other process's
        stands in it (write, POSIX.1: where a file is appended to, and up to 4 kB in a pipe).
        """
        line = redacted_line(line) + b"\n"
        if os.getpid() != self._process:
            self._after_fork()
        waiting = self._waiting
        if waiting is None:
            self._write_now(line)
        elif waiting.qsize() < MAX_WAITING:
            waiting.put(line)
        else:
            self._drop()

    def _after_fork(self) -> None:
        with self._beginning:
            if os.getpid() == self._process:
                return
            waiting: SimpleQueue[bytes | None] = SimpleQueue()
            thread = threading.Thread(
                target=self._write_all, args=[waiting], name="log", daemon=True
            )
            self._is_torn, self._dropped = False, 0
            try:
                thread.start()
            except RuntimeError:
                # A process that ends, or may have no more threads: the caller writes.
                self._waiting = None
            else:
                self._waiting = waiting
                atexit.register(self._flush, waiting, thread)
            self._process = os.getpid()

    def _write_all(self, waiting: "SimpleQueue[bytes | None]") -> None:
        """Write what comes until None does; at once as many lines as a pipe takes whole."""
        lines = b""
        while True:
            if lines and waiting.empty():
                self._write(lines)
                lines = b""
                if waiting.empty():
                    time.sleep(GATHER_SECONDS)
            line = waiting.get()
            most = select.PIPE_BUF if waiting.qsize() < MANY_WAITING else MANY_BYTES
            if lines and (line is None or len(lines) + len(line) > most):
                self._write(lines)
                lines = b""
            if line is None:
                return
            lines += line

    def _flush(self, waiting: "SimpleQueue[bytes | None]", thread: threading.Thread) -> None:
        self._waiting = None
        waiting.put(None)
        thread.join(FLUSH_SECONDS)

    def _write_now(self, line: bytes) -> None:
        ready = select.poll()
        ready.register(self._descriptor, select.POLLOUT)
        if ready.poll(0):
            self._write(line)
        else:
            self._drop()

    def _drop(self) -> None:
        # Two threads in the same moment may lose a count; the figure of `on_lost` loses none.
        self._dropped += 1
        self.on_lost()

    def _write(self, lines: bytes) -> None:
        # No lock: while one writes, another runs, and of 256 threads 70 stood at it.
        # After a torn line a new one is begun.
        rest = b"\n" + lines if self._is_torn else lines
        try:
            while rest:
                rest = rest[os.write(self._descriptor, rest) :]
                self._is_torn = bool(rest)
        except OSError:
            self._is_torn = True
            for _ in range(max(rest.count(b"\n"), 1)):
                self.on_lost()
            return
        if self._dropped:
            dropped, self._dropped = self._dropped, 0
            said = {
                "event": "log lines were dropped, since nobody read them",
                "lines": dropped,
                "level": "warning",
                "timestamp": _moment(time.time()),
            }
            self._write(_encode(said) + b"\n")


_encode = msgspec.json.Encoder(enc_hook=str).encode


class LineLogger:
    """What structlog calls with a rendered line."""

    def __init__(self, lines: Lines) -> None:
        self.debug = self.info = self.warning = self.error = self.critical = lines.write
        self.exception = self.msg = lines.write


_QUOTES_ANSWERS = "urllib3.connection"
"""Its logger quotes, to the letter, answers of the core with a header that it cannot read: whatever
stands behind that one, cookies and names too."""

_TELLS_SECRETS = "requests_oauthlib"
"""Its loggers write, at debug, the secret of the client and each token of the core."""


class LineHandler(logging.Handler):
    """Writes records of the standard library as JSON lines, their free text redacted."""

    def __init__(self, lines: Lines | None = None) -> None:
        super().__init__()
        self.lines = lines or Lines()

    def emit(self, record: logging.LogRecord) -> None:
        fields = {
            **self.fields(record),
            "level": record.levelname.lower(),
            "timestamp": _moment(record.created),
            "logger": record.name,
        }
        self.lines.write(_encode(fields))

    def fields(self, record: logging.LogRecord) -> dict[str, str]:
        """Return what a record says, with the kind and the trace of the error that it is about."""
        try:
            text = record.getMessage()
        except (TypeError, ValueError):
            text = str(record.msg)
        quotes = record.name == _QUOTES_ANSWERS
        fields = {"event": str(record.msg) if quotes else redacted_text(text)}
        if record.exc_info and record.exc_info[0] is not None:
            fields["error"] = record.exc_info[0].__name__
            if quotes:
                return fields
            fields["trace"] = redacted_end("".join(traceback.format_exception(*record.exc_info)))
        return fields


def configure_logs(level: str, lines: Lines | None = None) -> Lines:
    """Send every log line of this process to `lines` (stdout), at `level` and above."""
    lines, number = lines or Lines(), logging.getLevelNamesMapping()[level.upper()]
    for handler in logging.getLogger("gunicorn.error").handlers:
        if isinstance(handler, LineHandler):
            handler.lines = lines
    logging.basicConfig(level=number, handlers=[LineHandler(lines)], force=True)
    logging.getLogger(_TELLS_SECRETS).setLevel(max(number, logging.INFO))
    logging.captureWarnings(True)
    structlog.configure(
        processors=[structlog.processors.add_log_level, _finish],
        wrapper_class=structlog.make_filtering_bound_logger(number),
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
    connections, and serves those alone that are passed before all that wait.
    """

    def fields(self, record: logging.LogRecord) -> dict[str, str]:
        """Return what a record says; of a request, its error's class and where it was raised."""
        if threading.current_thread() is threading.main_thread() and not QUEUE.is_passed:
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

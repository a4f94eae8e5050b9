"""What gunicorn itself says, as JSON lines like everybody's, and nothing of what it was sent."""

import logging
import sys
import threading
import traceback
from typing import Any

from gunicorn.glogging import Logger
from gunicorn.http.errors import NoMoreData, ParseException

from .logs import LineHandler
from .redaction import redacted_end


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

    def told(self, record: logging.LogRecord) -> dict[str, str]:
        """Return what a record says; of a request, its error's class and where it was raised."""
        if threading.current_thread() is threading.main_thread():
            return super().told(record)
        error = sys.exception()
        if error is None:
            return {"event": str(record.msg)}
        if isinstance(error, StopIteration):
            # So gunicorn leaves a connection on which no request comes any more.
            return {"event": "a connection ended"}
        told = {"event": "a request could not be served", "error": type(error).__name__}
        if not isinstance(error, (ParseException, NoMoreData, ConnectionError)):
            # The frames hold lines of our own files; the text of the error may quote the request.
            told["trace"] = redacted_end("".join(traceback.format_tb(error.__traceback__)))
        return told

"""What gunicorn itself says, as JSON lines like everybody's."""

from typing import Any

from gunicorn.glogging import Logger

from .logs import LineHandler


class JsonLogger(Logger):  # type: ignore[misc]
    """gunicorn's `logger_class`: its errors go to the lines, and it logs no access.

    The site logs each request itself. Configured by a dictionary instead, gunicorn would
    gather what an access line needs, address and query included, a tenth of a request's time.
    """

    def setup(self, cfg: Any) -> None:
        super().setup(cfg)
        self.error_log.handlers = [LineHandler()]
        self.error_log.propagate = False
        self.access_log.handlers = []

    def access(self, resp: Any, req: Any, environ: Any, request_time: Any) -> None:
        """Log nothing."""

"""The site's application over claims from a file; a program of its own, for any version of it.

    python rendering_stage.py CHECKOUT CLAIMS

Loads the site from CHECKOUT, and looks up each answer of CLAIMS (a JSON list of the core's
bodies, the first of them the observed durations) from one place to another, as each line that it
reads says: `part 0 20` as htmx does, `page 0 20` as browsers without it do. Says seconds of
processor time for all of them: in `page` from outcome to bytes, in `visit` with all else of the
lookup. Place 0 begins a new minute, for which nothing was rendered before.
It imports nothing of this checkout, only what the site's older versions have as well.
"""

import io
import json
import os
import sys
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

CHECKOUT = sys.argv[1]
sys.path.insert(0, CHECKOUT)

from tracking_site.app import create_app  # noqa: E402
from tracking_site.claims_api.contract import decode_durations, decode_snapshot  # noqa: E402
from tracking_site.observing.logs import Lines, configure_logs  # noqa: E402
from tracking_site.settings import Settings  # noqa: E402
from tracking_site.web import tracking  # noqa: E402

try:
    from tracking_site.web.templates import load_templates
except ImportError:
    from tracking_site.web.rendering import load_templates

Application = Callable[..., Any]


class Source:
    """Gives the answer whose place a number ends with."""

    def __init__(self, bodies: list[str]) -> None:
        self._bodies = [body.encode() for body in bodies]

    def claims_of(self, identifier: Any) -> Any:
        return decode_snapshot(self._bodies[int(identifier.number[-4:]) - 1])


class Timed:
    """Adds up the processor time of what it stands for."""

    def __init__(self, made: Callable[..., Any]) -> None:
        self.spent = 0.0
        self._made = made

    def __call__(self, renderings: Any, found: Any, *rest: Any, **more: Any) -> Any:
        # What is computed of the claims is not how they are shown.
        _ = found.journeys
        begun = time.thread_time()
        response = self._made(renderings, found, *rest, **more)
        self.spent += time.thread_time() - begun
        return response


class Clock:
    """Stands still, and is a minute later each time: what was rendered before is forgotten."""

    def __init__(self, now: datetime) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now

    def pass_a_minute(self) -> None:
        self.now += timedelta(minutes=1)


def ask(app: Application, path: str, form: bytes = b"", *, htmx: bool = False) -> str:
    """Send a request; return the address to go on to, or the type of what came."""
    environ = {
        "REQUEST_METHOD": "POST" if form else "GET",
        "PATH_INFO": path,
        "QUERY_STRING": "",
        "SCRIPT_NAME": "",
        "SERVER_NAME": "localhost",
        "SERVER_PORT": "80",
        "HTTP_HOST": "localhost",
        "REMOTE_ADDR": "127.0.0.1",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "CONTENT_TYPE": "application/x-www-form-urlencoded",
        "CONTENT_LENGTH": str(len(form)),
        "wsgi.input": io.BytesIO(form),
        "wsgi.errors": sys.stderr,
        "wsgi.url_scheme": "http",
    }
    if htmx:
        environ["HTTP_HX_REQUEST"] = "true"
    told: dict[str, str] = {}

    def start(status: str, headers: list[tuple[str, str]], *_: object) -> None:
        told.update(headers, status=status)

    body = b"".join(app(environ, start))
    if told["status"][:3] not in ("200", "303"):
        raise RuntimeError(f"{told['status']} {body[:500]!r}")
    return told.get("Location", "")


def main() -> None:
    # As in production, where nobody reads a line for each step of a lookup.
    configure_logs("warning", Lines(os.open(os.devnull, os.O_WRONLY)))
    durations, *bodies = json.loads(Path(sys.argv[2]).read_text(encoding="utf-8"))
    # As the site keeps them: one mapping for as long as the core says the same.
    usual = {
        (each.service, each.stage): each
        for each in decode_durations(json.dumps(durations).encode())
    }
    now = datetime.fromisoformat(json.loads(bodies[0])["as_of"])
    clock = Clock(now)
    timed = Timed(tracking.found_again)
    tracking.found_again = timed
    settings = Settings.from_env(
        {"CLAIMS_API_URL": "http://127.0.0.1:1", "SECRET_KEYS": "x" * 40}
        | {"GUARD_OFF": "1", "SITE_NOTICE": "Uji", "REQUESTS_PER_MINUTE": "1000000"}
        # Older versions bound what comes from everybody.
        | {"REQUESTS_PER_SECOND": "1000000"}
    )
    app = create_app(settings, source=Source(bodies), clock=clock, durations=lambda: usual)
    load_templates(app)
    for line in sys.stdin:
        kind, first, end = line.split()
        if first == "0":
            clock.pass_a_minute()
        as_part = kind == "part"
        timed.spent, begun = 0.0, time.thread_time()
        for place in range(int(first) + 1, int(end) + 1):
            form = b"nomor=317401010180%04d" % place
            address = ask(app.wsgi_app, "/lacak", form, htmx=as_part)
            if not as_part:
                ask(app.wsgi_app, address)
        visit = time.thread_time() - begun
        print(json.dumps({"page": timed.spent, "visit": visit}), flush=True)


if __name__ == "__main__":
    main()

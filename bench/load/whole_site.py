"""The site's whole application over a core without a wire, filled with so many numbers.

    python -m bench.load.whole_site COUNT

Says what it weighs, then, for each line it reads, what two lookups cost beside hello. It is
forked from what loaded the code, as gunicorn forks its workers.
"""

import gc
import io
import json
import os
import random
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

from bench.peers.hello import application as hello
from harness.servers import SECRET, resident_bytes
from tracking_site.app import create_app
from tracking_site.cache.answers import CachedClaims
from tracking_site.cache.config import LifetimeConfig, MemoryConfig
from tracking_site.cache.stores import Keyring, MemoryStore
from tracking_site.claims_api.contract import decode_snapshot
from tracking_site.claims_api.source import Answer
from tracking_site.domain.identifiers import Invalid, parse_identifier
from tracking_site.guard.challenge import Paid
from tracking_site.guard.guard import guard_of
from tracking_site.guard.networks import carriers_of, parse_network
from tracking_site.observing.logs import Lines, configure_logs
from tracking_site.settings import Settings
from tracking_site.web.templates import load_templates

BATCH = 100
RECENT = 20
"""The numbers looked up last, which are timed: their answers and fragments are at hand."""

WORK = Paid(4)
"""Filling pays whatever is asked: among a million, some numbers stand near too many misses."""

LONG = 36_000.0
"""Seconds that answers stay fresh here, so that filling and timing may take their time."""

USUAL_MISS = 9
"""Every so manyth number finds nothing; with none the guard would see a list that was bought."""

BODY = (
    b'{"as_of":"2026-11-22T14:05:00+07:00","claims":[{"reference":"JHT-2611-190248",'
    b'"service":"jht","kind":"full","cause":"resignation","channel":"lapak_asik_online",'
    b'"kpj_suffix":"45","branch":{"name":"Cabang Contoh","regency":"Kabupaten Contoh",'
    b'"phone":null,"timezone":"Asia/Jakarta"},"state":"in_progress","submitted_at":'
    b'"2026-11-12T08:08:00+07:00","documents_complete_at":"2026-11-18T10:49:00+07:00",'
    b'"due_on":null,"milestones":[{"stage":"registered","entered_at":"2026-11-12T08:08:00+07:00",'
    b'"note":null},{"stage":"document_check","entered_at":"2026-11-13T09:06:00+07:00","note":null},'
    b'{"stage":"interview","entered_at":"2026-11-17T10:07:00+07:00","note":null},{"stage":'
    b'"assessment","entered_at":"2026-11-18T10:49:00+07:00","note":null}],"documents":[{"type":'
    b'"participant_card","state":"accepted","cause":null,"due_on":null},{"type":"identity_card",'
    b'"state":"accepted","cause":null,"due_on":null},{"type":"family_card","state":"accepted",'
    b'"cause":null,"due_on":null},{"type":"bank_book","state":"accepted","cause":null,"due_on":'
    b'null}],"appointment":null,"payment":null,"notices":[{"means":"whatsapp","about":'
    b'"claim_received","sent_at":"2026-11-12T08:12:00+07:00"}],"outcome":null}]}'
)


class _Site:
    """The site's application over a core without a wire, and hello."""

    def __init__(self) -> None:

        configure_logs("info", Lines(os.open(os.devnull, os.O_WRONLY)))
        # What goes wrong here is for whoever measures, not for a log.
        sys.excepthook = sys.__excepthook__
        settings = Settings.from_env(
            {
                "CLAIMS_API_URL": "http://127.0.0.1:1",
                "SECRET_KEYS": SECRET,
                "TRUSTED_PROXIES": "1",
                "REQUESTS_PER_MINUTE": "1000000",
            }
        )
        guard = guard_of(settings, carriers_of(settings), redis=None)
        if guard is None:
            raise RuntimeError("the guard is off")
        self._guard = guard
        bound = MemoryConfig(most_bytes=settings.cache_megabytes << 20)
        self._events: Counter[str] = Counter()
        store = MemoryStore(bound, time.time, self._note)
        lifetimes = LifetimeConfig(fresh_seconds=LONG, jitter=0)
        ring = Keyring(settings.secret_keys)
        self._source = CachedClaims(_Core(), store, ring, lifetimes=lifetimes, observe=self._note)
        app = create_app(settings, self._source, guard=guard)
        load_templates(app)
        self._app = app.wsgi_app
        self._hello = hello.wsgi_app
        self._draw = random.Random(1)

    @property
    def rows(self) -> int:
        return self._guard._ledger.rows

    @property
    def entries(self) -> int:
        return self._events["miss"] - self._events["evicted"]

    def _note(self, event: str, /, **_: str) -> None:
        self._events[event] += 1

    def fill(self, place: int) -> None:
        """Do what a lookup does in the rooms that remember: guard and cache."""

        number = parse_identifier(_number(place))
        if isinstance(number, Invalid):
            raise RuntimeError("not a number that can be one")
        decision, reservation = self._guard.reserve(parse_network(_address(place)), number, WORK)
        # Among a million, a few hundred pass for repeats (guard/keys.py).
        if decision.kind not in ("ok", "repeat"):
            raise RuntimeError(f"the guard says {decision.kind} by {decision.rule}")
        self._source.claims_of(number)
        self._guard.settle(reservation, place % USUAL_MISS > 0)

    def look_up(self, place: int, *, is_new: bool) -> None:
        address = ".".join(str(self._draw.randrange(1, 224)) for _ in range(4))
        body = b"nomor=" + _number(place).encode()
        status = ask(
            self._app,
            {
                **environ_of("POST", "/lacak", body),
                "HTTP_HX_REQUEST": "true",
                "HTTP_X_FORWARDED_FOR": address if is_new else _address(place),
            },
        )
        if status != "200 OK":
            raise RuntimeError(status)

    def hello(self) -> None:
        ask(self._hello, environ_of("GET", "/", b""))


class _Core:
    def answer_for(self, identifier: object, caller: object) -> Any:

        return Answer(BODY, decode_snapshot(BODY))


def _number(place: int) -> str:
    """Return a number that can be one of a person; few share a birth date and a district."""
    rest, day = divmod(place, 28)
    rest, month = divmod(rest, 12)
    rest, year = divmod(rest, 60)
    serial, district = divmod(rest, 30)
    return f"3174{1 + district:02d}{1 + day:02d}{1 + month:02d}{40 + year:02d}{1 + serial:04d}"


def _address(place: int) -> str:
    """Return an address that no other place has, in a network that few share."""
    mixed = place * 2654435761 % (1 << 32)
    return f"{1 + (mixed >> 24) % 126}.{mixed >> 16 & 255}.{mixed >> 8 & 255}.{1 + mixed % 250}"


def environ_of(method: str, path: str, body: bytes) -> dict[str, Any]:
    """Return a request as a server hands it to an application."""
    return {
        "REQUEST_METHOD": method,
        "PATH_INFO": path,
        "QUERY_STRING": "",
        "SCRIPT_NAME": "",
        "SERVER_NAME": "localhost",
        "SERVER_PORT": "80",
        "HTTP_HOST": "localhost",
        "REMOTE_ADDR": "127.0.0.1",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "CONTENT_TYPE": "application/x-www-form-urlencoded",
        "CONTENT_LENGTH": str(len(body)),
        "wsgi.input": io.BytesIO(body),
        "wsgi.errors": sys.stderr,
        "wsgi.url_scheme": "http",
    }


def ask(application: Any, environ: dict[str, Any]) -> str:
    """Return the status of the answer, which is read to its end."""
    told: list[str] = []
    parts = application(environ, lambda status, headers, *_: told.append(status))
    b"".join(parts)
    return told[0]


def _cost(work: Callable[[], object]) -> float:
    """Return the best time of several small batches."""

    def batches() -> Iterator[float]:
        for _ in range(5):
            begun = time.perf_counter()
            for _ in range(BATCH):
                work()
            yield time.perf_counter() - begun

    return min(batches())


def _serve(site: _Site, count: int) -> None:
    for place in range(count):
        site.fill(place)
    recent = range(count - RECENT, count)
    for place in recent:
        site.look_up(place, is_new=False)
    weights = {"resident": resident_bytes(os.getpid()), "rows": site.rows, "entries": site.entries}
    print(json.dumps(weights), flush=True)
    draw = random.Random(count)
    for _ in sys.stdin:
        bare = _cost(site.hello)
        again = _cost(lambda: site.look_up(draw.choice(recent), is_new=False))
        new = _cost(lambda: site.look_up(draw.choice(recent), is_new=True))
        print(json.dumps([again / bare, new / bare]), flush=True)


def main() -> None:
    site = _Site()
    gc.collect()
    gc.freeze()
    worker = os.fork()
    if worker:
        os.waitpid(worker, 0)
    else:
        _serve(site, int(sys.argv[1]))


if __name__ == "__main__":
    main()

"""A site over a core that answers at once, with time that passes when the benchmark says so."""

import logging
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta

import structlog
from flask import Flask
from werkzeug.test import EnvironBuilder

from harness.servers import SECRET
from tracking_site.app import create_app
from tracking_site.cache.answers import CachedClaims
from tracking_site.cache.config import MemoryConfig
from tracking_site.cache.stores import Keyring, MemoryStore
from tracking_site.claims_api.source import ANYONE, Answer, Caller
from tracking_site.domain.claims import Branch, Claim, Milestone, Notice, Snapshot
from tracking_site.domain.identifiers import Identifier
from tracking_site.settings import Settings

BEGIN = datetime(2026, 11, 16, 3, tzinfo=UTC)
STAGES = ("registered", "document_check", "interview", "assessment", "approval", "payment")
MAX_SERIAL = 9999


class Clock:
    now = BEGIN.timestamp()

    def __call__(self) -> float:
        return self.now

    def moment(self) -> datetime:
        return datetime.fromtimestamp(self.now, UTC)


@dataclass
class Core:
    """Writes down when it was asked for whom."""

    clock: Clock
    asked: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))

    def answer_for(self, identifier: Identifier, caller: Caller = ANYONE) -> Answer:
        self.asked[identifier.canonical].append(self.clock.now)
        claim = claim_of(identifier)
        return Answer(b"{}", Snapshot((claim,), self.clock.moment()))

    @property
    def lookups(self) -> int:
        return sum(map(len, self.asked.values()))


def has_ended(number: str) -> bool:
    """Every tenth claim of the benchmark is over."""
    return number.endswith("0")


def claim_of(identifier: Identifier) -> Claim:
    number = identifier.canonical
    hours = (timedelta(hours=n) for n in range(len(STAGES)))
    entered = zip(STAGES, hours, strict=True)
    return Claim(
        reference=f"JHT-{number[-8:]}",
        service="jht",
        channel="lapak_asik_online",
        branch=Branch("Cabang Contoh", "Kota Contoh"),
        state="cancelled" if has_ended(number) else "in_progress",
        submitted_at=BEGIN,
        milestones=tuple(Milestone(stage, BEGIN + after) for stage, after in entered),
        documents_complete_at=BEGIN,
        due_on=date(2026, 11, 23),
        notices=(Notice("whatsapp", "claim_received", BEGIN),),
    )


@dataclass
class Stage:
    """`addresses` are private ones, by the number that each stands for."""

    clock: Clock
    core: Core
    app: Flask
    addresses: dict[str, str]

    def ask(self, path: str, **headers: str) -> tuple[int, dict[str, str], bytes]:
        """Send a request without a socket; return status, headers and body."""
        return self.send(EnvironBuilder(path=path, headers=headers).get_environ())

    def send(self, environ: dict[str, object]) -> tuple[int, dict[str, str], bytes]:
        head: list[tuple[str, list[tuple[str, str]]]] = []
        parts = self.app.wsgi_app(environ, lambda *began: head.append(began[:2]))
        body = b"".join(parts)
        if hasattr(parts, "close"):
            parts.close()
        status, headers = head[0]
        return int(status[:3]), dict(headers), body


def stage(claims: int) -> Stage:
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
    clock = Clock()
    core = Core(clock)
    store = MemoryStore(MemoryConfig(most_entries=2 * claims + 100, most_bytes=1 << 30), clock)
    cached = CachedClaims(core, store, Keyring([SECRET.encode()]), clock=clock)
    settings = Settings.from_env(
        {
            "CLAIMS_API_URL": "http://127.0.0.1:1",
            "SECRET_KEYS": SECRET,
            "SITE_NOTICE": "bench",
            "GUARD_OFF": "1",
            "REQUESTS_PER_MINUTE": "100000",
            "WATCH_REQUESTS_PER_MINUTE": "100000",
        }
    )
    app = create_app(settings, cached, clock.moment)
    seal = app.extensions["following"].keys.seal
    return Stage(clock, core, app, {each: f"/pantau/{seal(each)}" for each in numbers(claims)})


def numbers(count: int) -> Iterator[str]:
    """Yield numbers that can be ones of people and belong to nobody."""
    for n in range(count):
        day, serial = divmod(n, MAX_SERIAL)
        yield f"317405{1 + day % 28:02d}0190{1 + serial:04d}"

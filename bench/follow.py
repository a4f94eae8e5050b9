"""What following costs: `python -m bench.follow [--claims 10000] [--hours 1]`.

Feed readers ask every ten minutes, whatever happened; the core must hardly notice, and an
answer without news must be cheap. All in one process, without sockets: the ratio is of our own
work. Exits 1 when something is not reached.
"""

import argparse
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from statistics import median

from flask.testing import FlaskClient

from tests.web.following import wrong_keys
from tracking_site.app import create_app
from tracking_site.claims_api.cache import CachedClaims
from tracking_site.claims_api.config import LifetimeConfig, MemoryConfig
from tracking_site.claims_api.keyring import Keyring
from tracking_site.claims_api.source import Answer
from tracking_site.claims_api.stores import MemoryStore
from tracking_site.domain.claims import Branch, Claim, Milestone, Notice, Snapshot
from tracking_site.domain.identifiers import Identifier
from tracking_site.settings import Settings

READER_SECONDS = 600
MOST_OF_A_WHOLE = 0.5
JITTER = 0.1
BEGIN = datetime(2026, 11, 16, 3, tzinfo=UTC)
FORMS = ("atom", "ics", "json")
SECRET = "a-secret-of-the-benchmark-and-of-nothing-else"


@dataclass
class Clock:
    """Time that passes when the benchmark says so."""

    now: float = BEGIN.timestamp()

    def __call__(self) -> float:
        return self.now

    def moment(self) -> datetime:
        return datetime.fromtimestamp(self.now, UTC)


@dataclass
class Core:
    """A core that answers at once and writes down when it was asked for whom."""

    clock: Clock
    asked: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))

    def answer_for(self, identifier: Identifier, **_: object) -> Answer:
        self.asked[identifier.canonical].append(self.clock.now)
        return Answer(b"{}", Snapshot((claim_of(identifier),), self.clock.moment()))


def claim_of(identifier: Identifier) -> Claim:
    """Return a claim on its way; every tenth has ended."""
    is_over = identifier.canonical.endswith("0")
    stages = ("registered", "document_check", "interview", "assessment", "approval", "payment")
    milestones = tuple(Milestone(stage, BEGIN + timedelta(hours=n)) for n, stage in enumerate(stages))
    return Claim(
        reference=f"JHT-{identifier.canonical[-6:]}",
        service="jht",
        channel="branch",
        branch=Branch("Cabang Contoh", "Kota Contoh"),
        state="cancelled" if is_over else "in_progress",
        submitted_at=BEGIN,
        milestones=milestones,
        documents_complete_at=BEGIN,
        due_on=date(2026, 11, 23),
        notices=(Notice("whatsapp", "claim_received", BEGIN),),
    )


@dataclass
class Stage:
    clock: Clock
    core: Core
    client: FlaskClient
    addresses: list[str]


def stage(claims: int) -> Stage:
    clock = Clock()
    core = Core(clock)
    store = MemoryStore(MemoryConfig(most_entries=2 * claims + 100, most_bytes=1 << 30), clock)
    cached = CachedClaims(core, store, Keyring([SECRET.encode()]), clock=clock)
    settings = Settings.from_env(
        {
            "CLAIMS_API_URL": "http://nobody-is-asked-over-http.invalid",
            "SECRET_KEYS": SECRET,
            "SITE_NOTICE": "bench",
            "GUARD_OFF": "1",
            "WATCH_REQUESTS_PER_MINUTE": "100000",
            "LOG_LEVEL": "error",
        }
    )
    app = create_app(settings, cached, clock.moment)
    keys = app.extensions["following"].keys
    addresses = [f"/pantau/{keys.seal(number)}" for number in numbers(claims)]
    return Stage(clock, core, app.test_client(), addresses)


def numbers(count: int) -> Iterator[str]:
    for n in range(count):
        yield f"317405{1 + n // 9999 % 28:02d}0190{1 + n % 9999:04d}"


def measure_answers(rounds: int) -> bool:
    """Compare an answer without news with a whole one, in turns."""
    set_up = stage(1)
    address, client = set_up.addresses[0], set_up.client
    print(f"\nWhole answer and 304, median of {rounds} in turns, microseconds:\n")
    print("| form | bytes | whole | 304 | ratio | reached |\n|---|---|---|---|---|---|")
    is_reached = True
    for form in FORMS:
        first = client.get(f"{address}.{form}")
        known = {"If-None-Match": first.headers["ETag"]}
        whole: list[float] = []
        nothing: list[float] = []
        for _ in range(rounds):
            whole.append(timed(lambda form=form: client.get(f"{address}.{form}"), 200))
            nothing.append(
                timed(lambda form=form: client.get(f"{address}.{form}", headers=known), 304)
            )
        ratio = median(nothing) / median(whole)
        is_reached &= ratio <= MOST_OF_A_WHOLE
        print(
            f"| {form} | {len(first.data)} | {median(whole):.0f} | {median(nothing):.0f} "
            f"| {ratio:.2f} | {'yes' if ratio <= MOST_OF_A_WHOLE else 'NO'} |"
        )
    return is_reached


def timed(ask: Callable[[], object], status: int) -> float:
    begun = time.perf_counter()
    answer = ask()
    taken = time.perf_counter() - begun
    assert answer.status_code == status  # type: ignore[attr-defined]
    return taken * 1e6

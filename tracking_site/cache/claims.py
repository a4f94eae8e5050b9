"""What the site looks claims up with: by numbers, by single cards, and how both are put together.

The end of a card that is not the person's is answered as a number that the core does not know:
the core is asked where it would be asked for such a number, what it says is kept as long, and
while it is down nobody hears that the number itself is known.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from random import random as draw
from time import monotonic as machine_seconds
from time import time

from ..breaker import Breaker
from ..claims_api.client import ClaimsClient, Rooms, Shielded
from ..claims_api.contract import encode_snapshot
from ..claims_api.events import CoreWatch
from ..claims_api.gate import Gate, MemoryGate
from ..claims_api.redis_gate import RedisGate, SharedGate
from ..claims_api.source import ANYONE, Answer, AnswerSource, Caller, Core
from ..domain.claims import Snapshot
from ..domain.identifiers import Identifier, OneCard
from ..records import Observe, do_nothing
from ..redis.client import RedisClients
from .answers import CachedClaims
from .config import ClaimsConfig
from .copies import EntrySealer
from .redis_store import RedisStore
from .stores import Keyring, MemoryStore, Store
from .tiered import TieredStore


class CardClaims:
    """A source of claims for numbers and for single cards.

    `numbers` keeps what the core says of numbers, `wrong_ends` what is said of ends that are
    no one's; that one is a cache over AnswersNothing.
    """

    def __init__(self, numbers: CachedClaims, wrong_ends: CachedClaims) -> None:
        self._numbers = numbers
        self._wrong_ends = wrong_ends

    def claims_of(self, identifier: Identifier) -> Snapshot:
        if not isinstance(identifier, OneCard):
            return self._numbers.claims_of(identifier)
        kept = self._numbers.at_hand(identifier.nik)
        if kept is not None and _is_wrong(identifier, kept):
            return self._wrong_ends.claims_of(identifier)
        snapshot = self._numbers.claims_of(identifier.nik)
        if _is_wrong(identifier, snapshot):
            # What the core has just said it is not asked again.
            self._wrong_ends.learn(identifier, _nothing(snapshot.as_of))
        return snapshot

    def is_at_hand(self, identifier: Identifier) -> bool:
        if not isinstance(identifier, OneCard):
            return self._numbers.is_at_hand(identifier)
        return self._numbers.is_at_hand(identifier.nik) or self._wrong_ends.is_at_hand(identifier)

    def is_crowded(self, identifier: Identifier) -> bool:
        return self._numbers.is_crowded(
            identifier.nik if isinstance(identifier, OneCard) else identifier
        )

    def close(self) -> None:
        """Let go of what keeps wrong ends; `numbers` belongs to whoever made it."""
        self._wrong_ends.close()


class AnswersNothing:
    """Asks the core for the number of a card, and answers as if it did not know it."""

    def __init__(self, core: AnswerSource) -> None:
        self._core = core

    def answer_for(self, identifier: Identifier, caller: Caller = ANYONE) -> Answer:
        def when_late(late: Answer) -> None:
            caller.when_late(_nothing(late.snapshot.as_of))

        answer = self._core.answer_for(identifier, replace(caller, when_late=when_late))
        return _nothing(answer.snapshot.as_of)


def _is_wrong(card: OneCard, snapshot: Snapshot) -> bool:
    return bool(snapshot.claims) and not snapshot.of_card(card.end).claims


def _nothing(as_of: datetime) -> Answer:
    nothing = Snapshot((), as_of)
    return Answer(encode_snapshot(nothing), nothing)


@dataclass(frozen=True)
class Claims:
    """`source` answers lookups and forgets; `client` is for durations and readiness.

    `cards` answers the same lookups, and those for one card of a person. `gate` stands before the
    core, `breaker` behind it.
    """

    source: CachedClaims
    cards: CardClaims
    client: ClaimsClient
    gate: Gate
    breaker: Breaker

    def close(self) -> None:
        self.source.close()
        self.cards.close()
        self.client.close()


def build_claims(
    config: ClaimsConfig,
    *,
    secrets: Sequence[bytes],
    redis: RedisClients | None = None,
    clock: Callable[[], float] = time,
    monotonic: Callable[[], float] = machine_seconds,
    observe: Observe = do_nothing,
    watch: CoreWatch | None = None,
    request_id: Callable[[], str | None] = lambda: None,
    core: Core | None = None,
) -> Claims:
    """Build the cached client; with `redis` shared by all processes and nodes. The gate asks the
    patient one: without it a process keeps no order with the others.

    `secrets`: the first names and seals what is kept, all of them read. `clock` gives epoch
    seconds, `monotonic` those by which the breaker rests and copies are trusted, `request_id` the
    id of the page request being served. `core` stands in for the contract over HTTP.
    No socket is opened and no thread started before the first lookup.
    """
    near = MemoryStore(config.memory, clock, observe)
    patience = config.client.total_seconds
    gate: Gate = MemoryGate(config.client.in_flight, clock, patience=patience)
    store: Store = near
    if redis is not None:
        sealer = EntrySealer(secrets, observe)
        far = RedisStore(redis.quick, sealer, config.redis, config.lifetimes, clock)
        store = TieredStore(near, far, config.redis, monotonic)
        longest = patience + config.client.late_seconds + 1
        in_flight, prefix = config.client.in_flight, config.redis.prefix
        shared = RedisGate(redis.patient, prefix, in_flight, longest, patience=patience)
        gate = SharedGate(shared, clock)
    rooms = Rooms(gate, config.client.in_flight, config.client.held)
    client = ClaimsClient(
        config.client, rooms=rooms, observe=observe, watch=watch, request_id=request_id, core=core
    )
    breaker = Breaker(
        config.breaker,
        monotonic,
        draw,
        lambda state: observe("breaker", state=state),
        lambda: gate.look().length > 0,
    )
    shielded = Shielded(client, breaker, config.breaker.probe_seconds)

    def cached(source: AnswerSource, *, of_cards: bool = False) -> CachedClaims:
        keyring = Keyring(secrets, of_cards=of_cards)
        return CachedClaims(
            source,
            store,
            keyring,
            config.cache,
            config.lifetimes,
            clock=clock,
            observe=observe,
            seats=rooms.seats,
        )

    source = cached(shielded)
    cards = CardClaims(source, cached(AnswersNothing(shielded), of_cards=True))
    return Claims(source, cards, client, gate, breaker)

"""The whole of this room put together, for the composition root."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from random import random as draw
from time import monotonic as machine_seconds
from time import time

from ..breaker import Breaker
from ..claims_api.client import ClaimsClient, Shielded
from ..claims_api.contract import Core
from ..claims_api.events import CoreWatch, Observe, unobserved
from ..claims_api.gate import Gate, MemoryGate
from ..claims_api.redis_gate import RedisGate, SharedGate
from ..claims_api.rooms import Rooms
from ..claims_api.source import AnswerSource
from ..redis.client import BriefRedis
from .answers import CachedClaims
from .cards import AnswersNothing, CardClaims
from .config import ClaimsConfig
from .keyring import Keyring
from .redis_store import RedisStore
from .sealed import EntrySealer
from .stores import MemoryStore, Store
from .tiered import TieredStore


@dataclass(frozen=True)
class Claims:
    """`source` answers lookups and forgets; `client` is for durations and readiness.

    `cards` answers the same lookups, and those for one card of a person. `near` is the memory of
    this process, `gate` what stands before the core.
    """

    source: CachedClaims
    cards: CardClaims
    client: ClaimsClient
    near: MemoryStore
    gate: Gate

    def close(self) -> None:
        self.source.close()
        self.cards.close()
        self.client.close()


def build_claims(
    config: ClaimsConfig,
    *,
    secrets: Sequence[bytes],
    redis: BriefRedis | None = None,
    clock: Callable[[], float] = time,
    monotonic: Callable[[], float] = machine_seconds,
    random: Callable[[], float] = draw,
    observe: Observe = unobserved,
    watch: CoreWatch | None = None,
    request_id: Callable[[], str | None] = lambda: None,
    core: Core | None = None,
) -> Claims:
    """Build the cached client; with `redis` shared by all processes and nodes.

    `secrets`: the first names and seals what is kept, all of them read. `clock` gives epoch
    seconds, `monotonic` those by which the breaker rests and copies are trusted, `random` numbers
    in [0, 1), `request_id` the id of the page request being served. `core` stands in for the
    contract over HTTP.
    No socket is opened and no thread started before the first lookup.
    """
    keyring = Keyring(secrets)
    near = MemoryStore(config.memory, clock, observe)
    gate: Gate = MemoryGate(config.client.in_flight, clock)
    store: Store = near
    if redis is not None:
        far = RedisStore(
            redis, EntrySealer(keyring, observe), config.redis, config.lifetimes, clock
        )
        store = TieredStore(near, far, config.redis, monotonic)
        longest = config.client.total_seconds + config.client.late_seconds + 1
        shared = RedisGate(redis, config.redis.prefix, config.client.in_flight, longest)
        gate = SharedGate(shared, clock)
    rooms = Rooms(gate, config.client.in_flight, config.client.held)
    client = ClaimsClient(
        config.client,
        rooms=rooms,
        observe=observe,
        watch=watch,
        request_id=request_id,
        core=core,
    )
    breaker = Breaker(
        config.breaker,
        monotonic,
        random,
        lambda state: observe("breaker", state=state),
        lambda: gate.look().length > 0,
    )
    shielded = Shielded(client, breaker, config.breaker.probe_seconds)

    def cached(source: AnswerSource) -> CachedClaims:
        return CachedClaims(
            source,
            store,
            keyring,
            config.cache,
            config.lifetimes,
            clock=clock,
            random=random,
            observe=observe,
        )

    source = cached(shielded)
    cards = CardClaims(source, cached(AnswersNothing(shielded)))
    return Claims(source, cards, client, near, gate)

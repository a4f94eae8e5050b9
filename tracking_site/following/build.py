"""The whole of this room put together, for the composition root."""

from collections.abc import Callable, Sequence, Set
from dataclasses import dataclass
from secrets import token_bytes

from ..redis.client import BriefRedis
from ..sealing import FORMS, Purpose, Sealer
from .forgotten import Forgotten, MemoryForgotten, RedisForgotten
from .keys import Addresses
from .sightings import MemorySightings, RedisSightings, Row, Sightings, rows_by

DAY = 86_400


@dataclass(frozen=True)
class Following:
    """Tickets and watch keys that can be taken back, and what a followed page needs beside."""

    tickets: Addresses
    keys: Addresses
    sightings: Sightings
    row: Callable[[str, str], Row]


def build_following(
    secrets: Sequence[bytes],
    *,
    ticket_minutes: int,
    watch_days: int,
    revoked: Set[str],
    redis: BriefRedis | None,
    clock: Callable[[], float],
    random_bytes: Callable[[int], bytes] = token_bytes,
    form: int = FORMS[-1],
) -> Following:
    """Build it over Redis where there is one, else in the memory of this process.

    `clock` gives epoch seconds. `form` is that of new addresses (sealing.py).
    """
    tickets = Sealer(secrets, Purpose.TICKET, ticket_minutes * 60, clock, random_bytes, form=form)
    keys = Sealer(secrets, Purpose.WATCH, watch_days * DAY, clock, random_bytes, form=form)
    forgotten: Forgotten = MemoryForgotten(clock)
    sightings: Sightings = MemorySightings()
    if redis is not None:
        forgotten = RedisForgotten(redis)
        sightings = RedisSightings(redis, watch_days * DAY)
    return Following(
        # A ticket ends within minutes anyway, and lookups go on while the store is away.
        tickets=Addresses(tickets, forgotten, is_strict=False, ends_families=True),
        keys=Addresses(keys, forgotten, revoked, is_strict=True),
        sightings=sightings,
        row=rows_by(secrets),
    )

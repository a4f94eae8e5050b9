"""Sealed addresses that can be taken back: watch keys for months, tickets for minutes."""

from collections.abc import Callable, Sequence, Set
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

from ..redis.client import RedisClients, RedisDown
from ..redis.day_secrets import DAY_SECONDS
from ..sealing import Opened, Purpose, Sealer
from ..settings import Settings
from .forgotten import Forgotten, LateForgotten, MemoryForgotten, RedisForgotten
from .sightings import MemorySightings, RedisSightings, Sightings, rows_by


class Revoked(Exception):
    """The address was good, and somebody has put an end to it."""


class LinkOver(Exception):
    """A private address for following was good once: its time is over, or it was taken back."""


class CannotTell(Exception):
    """Whether the address was taken back cannot be known at the moment."""


class TooManyKeys(Exception):
    """Enough private addresses were made of a number, or by a network, until `ends_at`.

    The result for which one more was asked stays at `ticket`.
    """

    def __init__(self, retry_after: float, ends_at: datetime | None, ticket: str) -> None:
        super().__init__()
        self.retry_after = retry_after
        self.ends_at = ends_at
        self.ticket = ticket


class CannotEnd(CannotTell):
    """Somebody wants an address ended, `key`, which cannot be written down at the moment."""

    def __init__(self, key: str) -> None:
        super().__init__()
        self.key = key


def digest_of(sealed: str) -> str:
    """Return what stands for an address where it must not stand itself: SHA-256, as hex.

    The same as `printf %s <key> | sha256sum`, which is how an operator fills REVOKED_KEYS.
    """
    return sha256(sealed.encode()).hexdigest()


RENEWED_SECONDS = DAY_SECONDS
"""After the first moment of a family its address is renewed no more."""


@dataclass(frozen=True, slots=True)
class Address:
    """An address that is good, with what stands for it in stores; `is_sure` where these said so."""

    opened: Opened
    digest: str
    is_sure: bool = True

    @property
    def number(self) -> str:
        return self.opened.text

    @property
    def expires_at(self) -> int:
        return self.opened.expires_at


class Addresses:
    """Makes, opens and takes back sealed addresses of one purpose.

    `revoked` are digests that never open. `is_strict` says what happens while the store of
    what was taken back does not answer: strict addresses raise CannotTell, others open.
    With `ends_families` an address is taken back with all that it was renewed by, or renewed.
    """

    def __init__(
        self,
        sealer: Sealer,
        forgotten: Forgotten,
        revoked: Set[str] = frozenset(),
        *,
        is_strict: bool,
        ends_families: bool = False,
    ) -> None:
        self._sealer = sealer
        self._forgotten = forgotten
        self._revoked = revoked
        self._is_strict = is_strict
        self._ends_families = ends_families
        self.seal = sealer.seal
        """Returns a new address for a number, of a family that is given; every one is different."""

    def open(self, sealed: str) -> Address:
        """Return what an address leads to.

        Raises NotSealed and Expired (sealing.py), Revoked, and CannotTell where strict.
        """
        opened = self._sealer.open(sealed)
        digest = digest_of(sealed)
        names = (digest, _name_of(opened.family)) if self._ends_families else (digest,)
        is_forgotten = self._is_forgotten(*names)
        if digest in self._revoked or is_forgotten:
            raise Revoked
        return Address(opened, digest, is_sure=is_forgotten is not None)

    def just_sealed(self, sealed: str) -> Address:
        """Return what a new address leads to, which nobody can have ended; asks no store."""
        return Address(self._sealer.open(sealed), digest_of(sealed))

    def family_of(self, sealed: str) -> bytes:
        """Return the family of an address, taken back or not; asks no store.

        Raises NotSealed and Expired (sealing.py).
        """
        return self._sealer.open(sealed).family

    def seal_of(self, text: str, family: bytes) -> str:
        """Return an address of a family that may have ended; raises Revoked where it has."""
        self.require_live(family)
        return self._sealer.seal(text, family)

    def require_live(self, family: bytes) -> None:
        """Raise Revoked where a family has ended."""
        if self._is_forgotten(_name_of(family)):
            raise Revoked

    def forget_family(self, family: bytes) -> None:
        """Take back all addresses of a family, also those that are yet to be made.

        Raises CannotTell when it could not be written down.
        """
        self._add(_name_of(family), self._end_of_families())

    def forget(self, sealed: str) -> None:
        """Take an address back, for every process, from now on; a ticket with all its family.

        Raises NotSealed, Expired and Revoked as `open` does, and CannotEnd when it could not be
        read or written down.
        """
        try:
            address = self.open(sealed)
            name, until = address.digest, address.expires_at
            if self._ends_families:
                name, until = _name_of(address.opened.family), self._end_of_families()
            self._add(name, until)
        except CannotTell as error:
            raise CannotEnd(sealed) from error

    def is_of_today(self, address: Address) -> bool:
        """Return whether the family that an address was made from may still be renewed."""
        return self._age(address) < RENEWED_SECONDS

    def is_half_over(self, address: Address) -> bool:
        """Return whether less than half the time of an address is left."""
        return address.expires_at - self._sealer.clock() < self._sealer.lifetime / 2

    def is_young(self, address: Address) -> bool:
        """Return whether the first of its family, which may be itself, would still open."""
        return self._age(address) < self._sealer.lifetime

    def turned_old(self, address: Address) -> bool:
        """Return whether the first of its family ended since this address was given."""
        given_at = address.expires_at - self._sealer.lifetime
        was_young = given_at - address.opened.first_at < self._sealer.lifetime
        return was_young and not self.is_young(address)

    def renew(self, sealed: str, address: Address) -> str:
        """Return an address to go on with: the same once a renewal would not last longer.

        And where nobody can tell whether it was taken back: renewed so, it would outlive that.
        """
        if not address.is_sure or address.expires_at >= address.opened.first_at + RENEWED_SECONDS:
            return sealed
        return self._sealer.renew(address.opened, RENEWED_SECONDS)

    def _age(self, address: Address) -> float:
        return self._sealer.clock() - address.opened.first_at

    def _end_of_families(self) -> int:
        # What was sealed by now opens for a lifetime at most, and is renewed no more. As much again
        # for answers of places that were sealed by now, while the store cannot be asked.
        return int(self._sealer.clock() + 2 * self._sealer.lifetime)

    def _add(self, digest: str, until: int) -> None:
        try:
            self._forgotten.add(digest, until)
        except RedisDown as error:
            raise CannotTell from error

    def _is_forgotten(self, *digests: str) -> bool | None:
        """Return whether one of them was taken back; None where it cannot be told."""
        try:
            return self._forgotten.holds(*digests)
        except RedisDown as error:
            if self._is_strict:
                raise CannotTell from error
            return None


@dataclass(frozen=True, slots=True)
class OpenedKey:
    """A result under a private address: its key, and until when it works.

    `is_compared` says whether the address that was opened says what was seen last, `is_new`
    whether it was made within a day, so that who clears the screen is asked about it.
    """

    key: str
    ends_at: datetime
    is_compared: bool
    is_new: bool


@dataclass(frozen=True)
class Following:
    """Tickets and watch keys that can be taken back, and what a followed page needs beside."""

    tickets: Addresses
    keys: Addresses
    sightings: Sightings
    row: Callable[[str], Sequence[str]]

    @classmethod
    def of(
        cls,
        settings: Settings,
        redis: RedisClients | None,
        clock: Callable[[], float],
        random_bytes: Callable[[int], bytes],
    ) -> "Following":
        """Build them over Redis where there is one, else in memory."""
        lasting = settings.watch_days * DAY_SECONDS
        forgotten: Forgotten = MemoryForgotten(clock)
        sightings: Sightings = MemorySightings()
        if redis is not None:
            forgotten = RedisForgotten(redis.patient, clock)
            sightings = RedisSightings(redis.patient, lasting)

        def sealer(purpose: Purpose, seconds: int) -> Sealer:
            return Sealer(settings.secret_keys, purpose, seconds, clock, random_bytes)

        tickets = sealer(Purpose.TICKET, settings.ticket_minutes * 60)
        keys = sealer(Purpose.WATCH, lasting)
        return cls(
            # A ticket ends within minutes anyway, and lookups go on while the store is away.
            Addresses(
                tickets, LateForgotten(forgotten, clock), is_strict=False, ends_families=True
            ),
            Addresses(keys, forgotten, settings.revoked_keys, is_strict=True),
            sightings,
            rows_by(settings.secret_keys),
        )


def _name_of(family: bytes) -> str:
    return sha256(b"family" + family).hexdigest()

"""Under which names a number stands in Redis: of today, of yesterday, and as it stood before.

A name is a digest of the number under the site's keys (keyring.py), taken once more under random
bytes of a day (redis/day_secrets.py). Once these are gone nobody can find the number by it, also
with every key. An answer lives for a day, so that of yesterday's names the copies are still good.

Former versions named by the keys alone. Their names are read until they expire; where the first
step of a roll-out says so they are the ones that are written, too.
"""

from collections.abc import Callable
from dataclasses import dataclass
from hashlib import blake2b

from ..redis.day_secrets import DaySecrets, SharedSecrets, day_at
from .stores import Key

NAME_BYTES = 16


@dataclass(frozen=True, slots=True)
class Names:
    """The names of a number, that which is written first; `places` are the secrets that seal.

    `day` and `secret` say what they were made with. `former` are those of a former version.
    """

    every: tuple[bytes, ...]
    places: tuple[int, ...]
    former: frozenset[bytes]
    day: int
    secret: bytes

    @property
    def written(self) -> bytes:
        return self.every[0]


class DayNames:
    """Makes the names of numbers; `clock` gives epoch seconds."""

    def __init__(
        self, shared: SharedSecrets, clock: Callable[[], float], *, writes_former: bool = False
    ) -> None:
        self._shared = shared
        self._secrets = DaySecrets(shared.read)
        self._clock = clock
        self._writes_former = writes_former

    def of(self, key: Key) -> Names:
        """Return the names of today and yesterday, and those of a former version."""
        day = day_at(self._clock())
        today = self._secrets.of(day)
        return self._names(key, day, today, (today, self._secrets.of(day - 1)))

    def of_all(self, key: Key) -> Names:
        """Return the same, and those of tomorrow for a node whose clock is ahead.

        The secrets are read anew, so that nothing of other processes is left out. Raises
        RedisDown.
        """
        day = day_at(self._clock())
        today = self._secrets.read_again(day)
        tomorrow = self._shared.peek(day + 1)
        secrets = (today, self._secrets.of(day - 1), *([tomorrow] if tomorrow else []))
        return self._names(key, day, today, secrets)

    def secret_name(self, names: Names) -> bytes:
        """Return the key under which the secret stands that these names were made with."""
        return self._shared.name_of(names.day)

    def forget(self, names: Names) -> None:
        """Read the day's secret anew: other processes name by another one."""
        self._secrets.forget(names.day, names.secret)

    def _names(self, key: Key, day: int, today: bytes, secrets: tuple[bytes, ...]) -> Names:
        own = [
            (blake2b(digest, key=secret, digest_size=NAME_BYTES).digest(), place)
            for place, digest in enumerate(key)
            for secret in secrets
        ]
        former = [(digest, place) for place, digest in enumerate(key)]
        every = [*former, *own] if self._writes_former else [*own, *former]
        return Names(
            tuple(name for name, _ in every),
            tuple(place for _, place in every),
            frozenset() if self._writes_former else frozenset(key),
            day,
            today,
        )

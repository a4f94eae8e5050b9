"""Results that were rendered this minute, given again with the ticket of whoever asks.

A rendering is found again by everything that is in it, and by nothing that stands for a person:
the claims that are shown (after the second field has taken out those of other cards), their
moment, the minute, and how they were asked for. It holds no ticket, but a mark where one belongs.
What does not change while the site runs (its name, banner, files and words) is in no key.
"""

from collections.abc import Mapping
from datetime import datetime
from secrets import choice
from string import ascii_lowercase
from typing import Any, NamedTuple

from ..claims_api.shelf import Shelf
from ..following.versions import Version
from ..lookup import Found
from .partners import Partner
from .requests import base_of

MAX_BYTES = 8 << 20
"""Memory of each process for renderings: a fragment has some 10 kB, a page 20."""

MAX_ENTRIES = 2000

KEY_BYTES = 1000
"""What an entry takes beside its body, about."""


class Rendering(NamedTuple):
    """A body, and the address at which it can be read again, cut where the ticket belongs."""

    body: list[bytes]
    address: list[str]

    @classmethod
    def around(cls, mark: str, body: bytes, address: str) -> "Rendering":
        """Return the rendering in which `mark` stood for the ticket."""
        return cls(body.split(mark.encode()), address.split(mark))

    def for_ticket(self, ticket: str) -> tuple[bytes, str]:
        """Return both with the ticket in them."""
        return ticket.encode().join(self.body), ticket.join(self.address)


Key = tuple[Any, ...]
"""All that changes a rendering, as values."""


class Renderings:
    """The renderings of this minute, the ones used longest ago leaving first.

    `host_matters` where pages name the host by which they were asked for.
    """

    def __init__(self, host_matters: bool, max_bytes: int = MAX_BYTES) -> None:
        self._host_matters = host_matters
        self._kept: Shelf[Key, Rendering] = Shelf(MAX_ENTRIES, max_bytes)
        self._versions: Shelf[Key, tuple[Version, str]] = Shelf(MAX_ENTRIES, max_bytes)
        self._minute: datetime | None = None

    def key_of(
        self,
        found: Found,
        blueprint: str,
        language: str,
        is_fragment: bool,
        environ: Mapping[str, Any],
        options: Mapping[str, str] | None = None,
        partner: Partner | None = None,
    ) -> Key | None:
        """Return the key of a rendering; None for one that is not kept.

        `options` are those that the addresses of a frame carry, `partner` is who frames it.
        """
        base = base_of(environ, self._host_matters)
        told = tuple(options.items()) if options else ()
        if base is None or (told and not all(map(_is_lasting, told))):
            return None
        return (
            found.digest,
            found.is_stale,
            found.checked_at,
            # Of another length for each kind of number.
            found.identifier.masked,
            blueprint,
            language,
            is_fragment,
            base,
            told,
            partner,
        )

    def get(self, key: Key | None) -> Rendering | None:
        """Return the rendering that is kept under a key."""
        return None if key is None else self._kept.get(key)

    def keep(self, key: Key | None, found: Found, rendering: Rendering) -> None:
        """Keep a rendering until its minute is over."""
        if key is not None:
            self._begin(found.checked_at)
            self._kept.put(key, rendering, KEY_BYTES + sum(map(len, rendering.body)))

    def shows_all_of(self, outcome: object, shown: str) -> bool:
        """Return whether a page of the version in `shown` would not look different now."""
        if not isinstance(outcome, Found):
            return False
        version, text = self._version_of(outcome)
        # The same text says so without being read.
        return shown == text or version.is_shown_by(shown)

    def _version_of(self, found: Found) -> tuple[Version, str]:
        # Made once a minute, however many polls ask for it.
        key = (found.digest, found.is_stale, found.checked_at)
        kept = self._versions.get(key)
        if kept is None:
            version = Version.of(found)
            kept = (version, str(version))
            self._begin(found.checked_at)
            self._versions.put(key, kept, KEY_BYTES)
        return kept

    def _begin(self, minute: datetime) -> None:
        if minute != self._minute:
            self._minute = minute
            self._kept.clear()
            self._versions.clear()


def _is_lasting(option: tuple[str, str]) -> bool:
    """Return whether the snippet of a partner carries this option.

    The slug is one of the partners' by then. Looks that are tried out come as texts without end.
    """
    return option[0] == "mitra" or option == ("amp", "1")


def new_mark() -> str:
    """Return what can stand for a ticket in an address, and in no text of anybody."""
    return "".join(choice(ascii_lowercase) for _ in range(40))

"""What every writer gets: the told claims, their words, and how to name and date things."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from ..following.sightings import Sighting
from .journeys import PresentedJourney
from .outcomes import Presented
from .words import Words

Count = Callable[[datetime], int]
"""Gives where a count of changes begins at a moment; it rises with time, if at all."""

See = Callable[[Mapping[str, bytes], Count], dict[str, Sighting]]
"""Tells since when each named content has been what it is (following/sightings.py)."""


@dataclass(frozen=True, slots=True)
class FeedSource:
    """`authority` is the host that names things for good (RFC 4151); `form_url`, `page_url`
    and `self_url` are whole addresses; `key` stands for the private address, opaquely."""

    presented: Presented
    words: Words
    site_name: str
    authority: str
    key: str
    form_url: str
    page_url: str
    self_url: str
    see: See
    now: datetime

    def named_journeys(self) -> Iterable[tuple[str, PresentedJourney]]:
        """Yield each journey under a name of its claim that stays, and is its alone here."""
        seen: dict[str, int] = {}
        for journey in self.presented.journeys:
            reference = journey.claim.reference
            # Characters that every kind of name allows.
            name = "".join(x if x.isascii() and x.isalnum() else "-" for x in reference)
            seen[name] = seen.get(name, 0) + 1
            yield name if seen[name] == 1 else f"{name}.{seen[name]}", journey


def utc(seconds: float) -> datetime:
    return datetime.fromtimestamp(int(seconds), UTC)

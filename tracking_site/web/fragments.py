"""Results that were rendered this minute, given again with the ticket of whoever asks.

A rendering stands on the outcome that it was made of (`Found.made`), which lives for a minute
at most and never leaves the process; it holds no ticket, but a mark where one belongs.
"""

from collections.abc import Callable
from secrets import choice
from string import ascii_lowercase
from typing import NamedTuple

from ..lookup import Found

MOST_VARIANTS = 8
"""Renderings of one outcome: languages, the page and the part, a few partners."""


class Rendering(NamedTuple):
    """A body, and the address at which it can be read again; both with marks for the ticket."""

    body: bytes
    address: str


class Fragments:
    """Keeps renderings; `mark` stands where a ticket belongs and occurs in nothing else."""

    def __init__(self) -> None:
        self.mark = "".join(choice(ascii_lowercase) for _ in range(40))
        self._mark_bytes = self.mark.encode()

    def given(
        self, found: Found, variant: tuple[str, ...], ticket: str, render: Callable[[], Rendering]
    ) -> Rendering:
        """Return a variant of what is told of an outcome, rendered with `mark` if it is new."""
        rendering = found.made.get(variant)
        if rendering is None:
            rendering = render()
            if len(found.made) < MOST_VARIANTS:
                found.made[variant] = rendering
        return Rendering(
            rendering.body.replace(self._mark_bytes, ticket.encode()),
            rendering.address.replace(self.mark, ticket),
        )

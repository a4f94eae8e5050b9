"""Results that were rendered this minute, given again with the ticket of whoever asks.

A rendering stands on the outcome that it was made of (`Found.made`), which lives for a minute
at most and never leaves the process. It holds no ticket, but a mark where one belongs.
"""

from collections.abc import Mapping
from secrets import choice
from string import ascii_lowercase
from typing import Any, NamedTuple

from ..lookup import Found
from .requests import wants_fragment

MOST_VARIANTS = 8
"""Renderings of one outcome: languages, the page and the part, a few partners."""


class Rendering(NamedTuple):
    """A body, and the address at which it can be read again; `mark` stands for the ticket."""

    body: bytes
    address: str
    mark: str

    def for_ticket(self, ticket: str) -> tuple[bytes, str]:
        """Return both with the ticket in them."""
        body = self.body.replace(self.mark.encode(), ticket.encode())
        return body, self.address.replace(self.mark, ticket)


def new_mark() -> str:
    """Return what can stand for a ticket in an address, and in no text of anybody."""
    return "".join(choice(ascii_lowercase) for _ in range(40))


def rendering_at_hand(
    found: Found,
    blueprint: str,
    language: str,
    environ: Mapping[str, Any],
    options: tuple[str, ...] = (),
) -> Rendering | None:
    """Return the rendering for a request, if this outcome was told so before."""
    return found.made.get(_variant(blueprint, language, environ, options))


def keep_at_hand(
    rendering: Rendering,
    found: Found,
    blueprint: str,
    language: str,
    environ: Mapping[str, Any],
    options: tuple[str, ...] = (),
) -> None:
    """Keep a rendering for as long as its outcome lives; a few of each outcome."""
    if len(found.made) < MOST_VARIANTS:
        found.made[_variant(blueprint, language, environ, options)] = rendering


def _variant(
    blueprint: str, language: str, environ: Mapping[str, Any], options: tuple[str, ...]
) -> tuple[Any, ...]:
    # Pages name the host by which they were asked for, where the site has no address set.
    host = environ.get("HTTP_HOST", "")
    return (wants_fragment(environ), blueprint, language, host, *options)

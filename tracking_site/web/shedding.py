"""In front of everything: requests of who floods are answered at once, with as little as can be."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from ..guard.floods import Floods
from ..guard.networks import Network
from .headers import Application, Environ, Start

RETRY_SECONDS = 10

_PAGE = b"""<!doctype html>
<html lang="id">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>Situs ini sedang sangat ramai.</title></head>
<body>
<h1>Situs ini sedang sangat ramai.</h1>
<p>Terlalu banyak permintaan dari jaringan Anda. Tunggu sepuluh detik, lalu muat ulang.
<a href="/">Buka halaman depan</a></p>
<p lang="en">This site is very busy, and your network sends too many requests. Wait ten seconds,
then reload. <a href="/en/">Open the front page</a></p>
</body>
</html>
"""
_HEADERS = [
    ("Content-Type", "text/html; charset=utf-8"),
    ("Content-Length", str(len(_PAGE))),
    ("Cache-Control", "no-store"),
    ("Content-Security-Policy", "default-src 'none'"),
    ("Referrer-Policy", "same-origin"),
    ("X-Content-Type-Options", "nosniff"),
    ("Retry-After", str(RETRY_SECONDS)),
]
_OURS = "/-/"
"""What operators and the core ask; it has tokens, and says how the site is when it is busy."""


class Shedding:
    """Wraps the whole site. `holds_ticket` says whether an address carries what we sealed;
    `shed` counts, by the width of what had too much."""

    def __init__(
        self,
        site: Application,
        floods: Floods,
        network_of: Callable[[Environ], Network],
        holds_ticket: Callable[[str], bool],
        shed: Callable[[str], None],
    ) -> None:
        self._site = site
        self._floods = floods
        self._network_of = network_of
        self._holds_ticket = holds_ticket
        self._shed = shed

    def __call__(self, environ: Environ, start_response: Start) -> Iterable[bytes]:
        path: Any = environ["PATH_INFO"]
        if path.startswith(_OURS):
            return self._site(environ, start_response)
        width = self._floods.refuse(self._network_of(environ), lambda: self._holds_ticket(path))
        if width is None:
            return self._site(environ, start_response)
        self._shed(width)
        start_response("429 Too Many Requests", list(_HEADERS))
        return [b"" if environ["REQUEST_METHOD"] == "HEAD" else _PAGE]


def ticket_in(openers: Mapping[str, Callable[[str], object]]) -> Callable[[str], bool]:
    """Return what says whether an address carries a sealed form that opens.

    `openers` open each by the part of the address before it, and raise where it does not.
    """

    def holds(path: str) -> bool:
        before, _, rest = path.rpartition("/")
        open_ = openers.get(before.rpartition("/")[2])
        if open_ is None:
            return False
        try:
            open_(rest)
        except Exception:  # noqa: BLE001 - whatever is wrong with it, it is no ticket
            return False
        return True

    return holds

"""Answers in the language of the request: a whole page, or the fragment that htmx asked for.

A result that was rendered this minute is given again with the ticket of whoever asks. It is found
by everything that is in it, and by nothing that stands for a person: the claims that are shown
(after the second field has taken out those of other cards), their moment, the minute, and how
they were asked for. It holds no ticket, but a mark where one belongs. What does not change while
the site runs (its name, banner, files and words) is in no key.
"""

import re
import struct
import zlib
from collections.abc import Iterable, Mapping
from datetime import datetime
from functools import lru_cache
from html import unescape
from secrets import token_hex
from typing import Any, NamedTuple

from flask import Flask, Response, current_app, g, redirect, render_template, url_for
from htmx_flask import make_response, request
from jinja2 import Environment
from markupsafe import Markup, escape
from werkzeug.routing import Map

from ..cache.stores import BoundedLru
from ..domain.outcomes import Found
from ..following.keys import OpenedKey
from ..records import note, timed
from ..telling.languages import LANGUAGES, language_of_path
from ..telling.outcomes import Presented
from ..telling.words import Words
from .layers import base_of, is_partial

MAX_BYTES = 5 << 20
"""Memory of each process for renderings: a fragment has some 14 kB, a page 18, packed and plain."""

MAX_ENTRIES = 2000

KEY_BYTES = 1000
"""What an entry takes beside its body, about."""

_LEVEL = 6
"""Of zlib's nine: 1 takes half the processor's time and leaves a tenth more, 9 saves nothing."""

_MEMORY = 7
"""One less than usual, for as many bytes: with 8 the system gives each compressor fresh pages of
memory, which takes as long as the compressing."""

_STEP = 128
"""Bytes: what is compressed has a multiple of them, so that its length says less of what it is."""

_IN_NO_TEXT = b"\xff"
"""No UTF-8 holds this byte (RFC 3629)."""

_END = b"\x03\x00"
"""The last block of a deflated body, which is empty."""


_LETTERS = str.maketrans("0123456789", "ghijklmnop")


def new_mark() -> str:
    """Return what can stand for a ticket in an address, and in no text of anybody."""
    return token_hex(20).translate(_LETTERS)


HOST = new_mark()
"""Stands for the host that was asked for, in what is rendered to be kept."""


class Packer:
    """Deflates a body (RFC 1951) in which, here and there, stands what came with the request.

    The compressor is shown the text and never what was sent, of which it learns the length
    alone: that is stored as it came, and no part of the text refers to it. So a body comes no
    shorter for a guess at what stands in it (BREACH).
    """

    def __init__(self) -> None:
        self._deflate = zlib.compressobj(_LEVEL, zlib.DEFLATED, -zlib.MAX_WBITS, _MEMORY)

    def text(self, pieces: Iterable[str], sent: str) -> bytes:
        """Return what comes next of the body: pieces that no request brought, `sent` between."""
        parts: list[bytes] = []
        for piece in pieces:
            if parts:
                parts.append(self.sent(sent))
            parts.append(self._deflated(piece.encode()))
        return b"".join(parts)

    def sent(self, value: str) -> bytes:
        """Return what was sent, as it stands in the body; another of its length may stand there."""
        self._deflated(_IN_NO_TEXT * len(value))
        return stored(value)

    def _deflated(self, piece: bytes) -> bytes:
        return self._deflate.compress(piece) + self._deflate.flush(zlib.Z_SYNC_FLUSH)


def stored(value: str) -> bytes:
    """Return a block that is not compressed (RFC 1951, 3.2.4) of ASCII."""
    return struct.pack("<BHH", 0, len(value), len(value) ^ 0xFFFF) + value.encode("ascii")


class Rendering(NamedTuple):
    """A body, and the address at which it can be read again, cut where the ticket belongs.

    `packed` is the body deflated, around a ticket of one length.
    """

    body: list[bytes]
    address: list[str]
    packed: list[bytes]

    @classmethod
    def around(cls, mark: str, text: str, address: str, ticket: str, host: str = "") -> "Rendering":
        """Return the rendering in which `mark` stands for the ticket, and `HOST` for the host."""
        parts, packer, packed = [part.split(HOST) for part in text.split(mark)], Packer(), []
        for pieces in parts:
            packed.append(packer.text(pieces, sent=host))
            packer.sent(ticket)
        body = [host.join(pieces).encode() for pieces in parts]
        return cls(body, address.split(mark), packed)

    def for_ticket(self, ticket: str) -> tuple[bytes, str]:
        """Return body and address with the ticket in them."""
        return ticket.encode().join(self.body), ticket.join(self.address)

    def gzipped(self, ticket: str, body: bytes) -> bytes:
        """Return as gzip (RFC 1952) what `for_ticket` returned as the body, filled up to a step."""
        deflated = stored(ticket).join(self.packed)
        filling = -(26 + len(deflated)) % _STEP
        head = struct.pack("<4B6xH2sH", 0x1F, 0x8B, 8, 4, 4 + filling, b"LK", filling)
        tail = struct.pack("<II", zlib.crc32(body), len(body))
        return head + bytes(filling) + deflated + _END + tail


Key = tuple[Any, ...]
"""All that changes a rendering, as values."""


class Renderings:
    """The renderings of this minute, the ones used longest ago leaving first.

    `host_matters` where pages name the host by which they were asked for.
    """

    def __init__(self, host_matters: bool, max_bytes: int = MAX_BYTES) -> None:
        self._host_matters = host_matters
        self._kept: BoundedLru[Key, Rendering] = BoundedLru(MAX_ENTRIES, max_bytes)
        self._minute: datetime | None = None

    def key_of(self, found: Found) -> Key | None:
        """Return the key of what the request being served is shown; None where that is not kept."""
        # Of another length for each kind of number.
        masked, way = found.identifier.masked, self.way()
        return way and (found.digest, found.is_stale, found.checked_at, masked, *way)

    def way(self) -> Key | None:
        """Return how the request being served asks; None where strangers make up as many ways."""
        base, given = base_of(request.environ, self._host_matters), (*frame_options().items(),)
        # A partner's snippet carries these alone; looks that are tried out are texts without end.
        if base is None or not all(each[0] == "mitra" or each == ("amp", "1") for each in given):
            return None
        words, is_part = current_words(), wants_fragment()
        return door(), words.language, is_part, base, given, g.get("partner")

    def get(self, key: Key | None) -> Rendering | None:
        return None if key is None else self._kept.get(key)

    def keep(self, key: Key | None, found: Found, rendering: Rendering) -> None:
        """Keep a rendering until its minute is over."""
        if key is None:
            return
        if found.checked_at != self._minute:
            self._minute = found.checked_at
            self._kept.clear()
        pieces = (*rendering.body, *rendering.packed)
        self._kept.put(key, rendering, KEY_BYTES + sum(map(len, pieces)))


_UNBROKEN = re.compile(r"(?<!\S)\S*\d–\d\S*|\(\w+ \d+/\d{4}\)\S*")
_WHOLE = r'<span class="whole">\g<0></span>'

_PLAIN = re.compile(r"[A-Za-z0-9_-]+").fullmatch
"""What stands in an address as it is."""


def current_words() -> Words:
    words: Words = g.words
    return words


def wants_fragment() -> bool:
    return is_partial(request.environ)


def link(endpoint: str, language: str | None = None, **values: Any) -> str:
    """Return the address of a page in the language of the request, or in the one named."""
    if endpoint.startswith("embed."):
        values = frame_options() | values
    endpoint = f"{language or current_words().language}.{endpoint}"
    is_plain = all(isinstance(each, str) and _PLAIN(each) for each in values.values())
    pieces = is_plain and _pieces(current_app.url_map, endpoint, tuple(values))
    if not pieces:
        return url_for(endpoint, **values)
    return "".join(values[each] if place % 2 else each for place, each in enumerate(pieces))


@lru_cache(200)
def _pieces(addresses: Map, endpoint: str, names: tuple[str, ...]) -> tuple[str, ...]:
    """Return an address in pieces, every second one the name of a value that stands there.

    Nothing where it takes only some values.
    """
    marks = {new_mark(): name for name in names}
    try:
        address = addresses.bind("").build(endpoint, {name: mark for mark, name in marks.items()})
    except ValueError:
        return ()
    for mark, name in marks.items():
        address = address.replace(mark, f"\0{name}\0")
    return tuple(address.split("\0"))


def frame_options() -> dict[str, str]:
    """Return what the addresses of a frame carry on: the partner, or the look of a preview."""
    kept: dict[str, str] = g.get("frame_options", {})
    return kept


def unbroken(text: str) -> Markup:
    """Return a text in which "2–4", "10.00–10.30" or "(PP 44/2015)" has a line that has room."""
    return Markup(_UNBROKEN.sub(_WHOLE, str(escape(text))))  # noqa: S704  (escaped before)


def door() -> str:
    """Return by which blueprint a lookup comes in: the site's own pages, or a frame."""
    is_framed = (request.endpoint or "").partition(".")[2].startswith("embed.")
    return "embed" if is_framed else "tracking"


def page(template: str, http_status: int = 200, **context: Any) -> Response:
    return make_response(_rendered(template, **context), http_status)  # type: ignore[no-any-return]


def may_be_indexed(response: Response) -> Response:
    """Let search engines list this page."""
    response.headers["X-Robots-Tag"] = "all"
    return response


def see_other(address: str) -> Response:
    return redirect(address, 303)  # type: ignore[return-value]


def sentence(template: str, **context: Any) -> str:
    """Render a part of a page that is one sentence, as text."""
    return " ".join(unescape(_rendered(template, **context)).split())


def answer(
    presented: Presented, push: bool = False, kept: OpenedKey | None = None, **more: Any
) -> Response:
    """Render the outcome of a lookup.

    With `push` a fragment carries the address at which the result can be read again. `more` is
    what the template of this outcome reads beside; `came` in it, the parameters that this address
    carries on.
    """
    text = text_of(presented, kept, more)
    address = link(**g.read_again) if push and wants_fragment() else None
    response: Response = make_response(text, presented.status, push_url=address)
    if presented.retry_after:
        response.headers["Retry-After"] = str(presented.retry_after)
    return response


def text_of(presented: Presented, kept: OpenedKey | None, more: Mapping[str, Any]) -> str:
    """Return what `answer` sends, and know at which address it can be read again."""
    context = {"outcome": presented, "came": {}, **({"kept": kept} if kept else {}), **more}
    if kept:
        g.read_again = {"endpoint": "follow.page", "key": kept.key, **context["came"]}
    elif presented.place:
        # Who asked a page not to reload itself did so in every language.
        quiet = {name: request.args[name] for name in ("diam",) if name in request.args}
        here = {"endpoint": f"{door()}.stand", "place": presented.place}
        g.read_again = {**here, **context["came"], **quiet}
    elif presented.ticket:
        g.read_again = {"endpoint": f"{door()}.result", "ticket": presented.ticket}
    whole = "follow/page.html" if kept else f"{door()}/result.html"
    text = _rendered("partials/_result.html" if wants_fragment() else whole, **context)
    return without_idle_drawings(text)


def without_idle_drawings(text: str) -> str:
    """Return a page without the drawings of its sprite that nothing in it points at."""
    before, begin, rest = text.partition("<svg hidden>\n")
    drawings, end, after = rest.partition("</svg>")
    used = {each.partition('"')[0] for each in after.split('href="#')}
    kept = (each for each in drawings.splitlines(True) if each.split('"', 2)[1] in used)
    return "".join((before, begin, *kept, end, after)) if end else text


def _rendered(template: str, **context: Any) -> str:
    with timed("render"):
        environments: Mapping[tuple[str, str], Environment] = current_app.extensions["templates"]
        return render_template(
            environments[current_words().language, door()].get_template(template), **context
        )


def know_requests(app: Flask, words: Mapping[str, Words]) -> None:
    """Choose the language of each request by its address, and let templates know it."""

    @app.before_request
    def choose_language() -> None:
        rule, tree = request.url_rule, (request.endpoint or "").partition(".")[0]
        g.words = words[tree] if tree in words else words[language_of_path(request.path)]
        note(route=rule.rule if rule is not None else "none")

    @app.context_processor
    def of_this_request() -> dict[str, Any]:
        words = current_words()
        return {
            "lang": words.language,
            "w": words,
            # Where this page stands in each other language, by its code.
            "tongues": {each: _in_language(each) for each in LANGUAGES if each != words.language},
            "partner": g.get("partner"),
        }


def _in_language(other: str) -> str:
    if "read_again" in g:
        return link(language=other, **g.read_again)
    tree, _, endpoint = (request.endpoint or "").partition(".")
    is_read = request.method in ("GET", "HEAD")
    if is_read and tree in LANGUAGES and request.routing_exception is None:
        return link(endpoint, other, **(request.view_args or {}))
    return link("embed.form" if endpoint.startswith("embed.") else "tracking.form", other)

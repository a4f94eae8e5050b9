"""Answers in the language of the request: a whole page, or the fragment that htmx asked for.

A result that was rendered this minute is given again with the ticket of whoever asks. It is found
by everything that is in it, and by nothing that stands for a person: the claims that are shown
(after the second field has taken out those of other cards), their moment, the minute, and how
they were asked for. It holds no ticket, but a mark where one belongs. What does not change while
the site runs (its name, banner, files and words) is in no key.
"""

import re
from collections.abc import Callable, Mapping
from datetime import datetime
from functools import lru_cache
from html import unescape
from secrets import token_hex
from typing import Any, NamedTuple

from flask import Flask, Response, current_app, g, render_template, url_for
from htmx_flask import make_response, request
from jinja2 import Environment
from werkzeug.routing import Map

from ..cache.stores import BoundedLru
from ..domain.outcomes import Found, Version
from ..following.keys import OpenedKey
from ..records import note, timed
from ..telling.languages import LANGUAGES, language_of_path
from ..telling.outcomes import Presented, present
from ..telling.words import Words
from .embed.partners import Partner
from .headers import base_of

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


DOORS = ("tracking", "embed")

Key = tuple[Any, ...]
"""All that changes a rendering, as values."""


class Renderings:
    """The renderings of this minute, the ones used longest ago leaving first.

    `host_matters` where pages name the host by which they were asked for.
    """

    def __init__(self, host_matters: bool, max_bytes: int = MAX_BYTES) -> None:
        self._host_matters = host_matters
        self._kept: BoundedLru[Key, Rendering] = BoundedLru(MAX_ENTRIES, max_bytes)
        self._versions: BoundedLru[Key, tuple[Version, str]] = BoundedLru(MAX_ENTRIES, max_bytes)
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
        given = tuple(options.items()) if options else ()
        if base is None or (given and not all(map(_is_lasting, given))):
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
            given,
            partner,
        )

    def get(self, key: Key | None) -> Rendering | None:
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


_PLAIN = re.compile(r"[A-Za-z0-9_-]+").fullmatch
"""What stands in an address as it is."""

_LETTERS = str.maketrans("0123456789", "ghijklmnop")


def new_mark() -> str:
    """Return what can stand for a ticket in an address, and in no text of anybody."""
    return token_hex(20).translate(_LETTERS)


def current_words() -> Words:
    """Return the words of the language that this request is served in."""
    words: Words = g.words
    return words


def wants_fragment() -> bool:
    """Return whether htmx asks for a part of a page; it also fetches whole ones, for history."""
    return is_partial(request.environ)


def is_partial(environ: Mapping[str, Any]) -> bool:
    """Return the same of the request with these variables."""
    is_whole = environ.get("HTTP_HX_REQUEST_TYPE") == "full"
    return environ.get("HTTP_HX_REQUEST") == "true" and not is_whole


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


def origin_of_site(site_url: str | None) -> Callable[[], str]:
    """Return what gives scheme and host of the site as the public knows it, else as it is asked."""
    return lambda: site_url or request.host_url.rstrip("/")


def frame_options() -> dict[str, str]:
    """Return what the addresses of a frame carry on: the partner, or the look of a preview."""
    kept: dict[str, str] = g.get("frame_options", {})
    return kept


def door() -> str:
    """Return by which blueprint a lookup comes in: the site's own pages, or a frame."""
    is_framed = (request.endpoint or "").partition(".")[2].startswith("embed.")
    return "embed" if is_framed else "tracking"


def page(template: str, http_status: int = 200, **context: Any) -> Response:
    response: Response = make_response(_rendered(template, **context), http_status)
    return response


def sentence(template: str, **context: Any) -> str:
    """Render a part of a page that is one sentence, as text."""
    return " ".join(unescape(_rendered(template, **context)).split())


def answer(
    presented: Presented, push: bool = False, kept: OpenedKey | None = None, **more: Any
) -> Response:
    """Render the outcome of a lookup.

    With `push` a fragment carries the address at which the result can be read again. `more` is
    what the template of this outcome reads beside.
    """
    text = _answered(presented, kept, more)
    address = link(**g.read_again) if push and wants_fragment() else None
    response: Response = make_response(text, presented.status, push_url=address)
    if presented.retry_after:
        response.headers["Retry-After"] = str(presented.retry_after)
    return response


def _answered(presented: Presented, kept: OpenedKey | None, more: Mapping[str, Any]) -> str:
    if kept:
        g.read_again = {"endpoint": "follow.page", "key": kept.key}
    elif presented.place:
        g.read_again = {"endpoint": f"{door()}.stand", "place": presented.place}
    elif presented.ticket:
        g.read_again = {"endpoint": f"{door()}.result", "ticket": presented.ticket}
    context = {"outcome": presented, **({"kept": kept} if kept else {}), **more}
    if wants_fragment():
        return _rendered("partials/_result.html", **context)
    return _rendered("follow/page.html" if kept else f"{door()}/result.html", **context)


def found_again(renderings: Renderings, found: Found, ticket: str, push: bool = False) -> Response:
    """Answer with a result, rendered at most once a minute for each copy of the core's answer.

    The same as `answer`, for whom nothing is told as new.
    """
    key = renderings.key_of(
        found,
        door(),
        current_words().language,
        wants_fragment(),
        request.environ,
        frame_options(),
        g.get("partner"),
    )
    rendering = renderings.get(key)
    if rendering is None:
        mark = new_mark()
        presented = present(found, current_words(), found.checked_at, ticket=mark)
        address = link(f"{door()}.result", ticket=mark)
        rendering = Rendering.around(mark, _answered(presented, None, {}).encode(), address)
        renderings.keep(key, found, rendering)
    body, address = rendering.for_ticket(ticket)
    headers = {"HX-Push-Url": address} if push else {}
    return Response(body, headers=headers, mimetype="text/html")


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
        return {
            "lang": current_words().language,
            "w": current_words(),
            "tongues": _tongues(),
            "partner": g.get("partner"),
        }


def _tongues() -> dict[str, str]:
    """Return where this page stands in each other language, by its code."""
    own = current_words().language
    return {each: _in_language(each) for each in LANGUAGES if each != own}


def _in_language(other: str) -> str:
    if "read_again" in g:
        return link(language=other, **g.read_again)
    tree, _, endpoint = (request.endpoint or "").partition(".")
    is_read = request.method in ("GET", "HEAD")
    if is_read and tree in LANGUAGES and request.routing_exception is None:
        return link(endpoint, other, **(request.view_args or {}))
    return link("embed.form" if endpoint.startswith("embed.") else "tracking.form", other)

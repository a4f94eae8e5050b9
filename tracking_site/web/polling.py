"""Who comes again: open pages, readers of feeds, places in the line; they hear of news alone.

A poll carries the version that its page shows, a reader its validators (RFC 9110, 13.1).
"""

import re
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from datetime import UTC, datetime
from functools import partial
from typing import Any, NamedTuple

from flask import Response
from htmx_flask import request
from jinja2 import Environment, Template

from ..cache.stores import BoundedLru
from ..domain.outcomes import Found, Version, Waiting
from ..following.keys import Address, Addresses
from ..guard.line import QUIET
from ..records import note, timed
from ..sealing import Expired, NotSealed
from ..telling.languages import LANGUAGES, prefix_of
from ..telling.outcomes import present
from ..telling.words import Words
from .layers import Environ, Start, is_partial, private_by_default
from .rendering import (
    MAX_ENTRIES,
    answer,
    current_words,
    door,
    link,
    see_other,
    wants_fragment,
)
from .templates import translated


def is_known(version: Version, last_changed: Callable[[], float]) -> bool:
    """Return whether the reader already has this version, before anything is rendered.

    `last_changed` gives the epoch second of the last change; it is asked only where the
    reader sends no ETag.
    """
    if "If-None-Match" in request.headers:
        tags = request.if_none_match
        known = tags.as_set(include_weak=True)
        return tags.star_tag or any(map(version.says_the_same_as, known))
    since = request.if_modified_since
    return since is not None and since.timestamp() >= int(last_changed())


def add_validators(response: Response, version: str, last_changed: float | None) -> Response:
    """Name a version: the ETag is weak, since moments of checking differ in the same version."""
    response.set_etag(version, weak=True)
    if last_changed is not None:
        response.last_modified = datetime.fromtimestamp(int(last_changed), UTC)
    return response


def shown_version() -> str:
    """Return the version that a poll says its page shows; nothing for any other request."""
    return request.headers.get("If-None-Match", "").strip() if wants_fragment() else ""


def seen_version() -> str:
    """Return the version from which on everything is new to the person, where it is known."""
    return carried("sejak").get("sejak", "")


class Versions:
    """The versions of what was found, each made once a minute, however many polls ask for it."""

    def __init__(self) -> None:
        self._kept = BoundedLru[tuple[object, ...], tuple[Version, str]](MAX_ENTRIES, MAX_ENTRIES)

    def are_shown(self, found: Found, shown: str) -> bool:
        """Return whether a page of the version in `shown` would not look different now."""
        key = (found.digest, found.is_stale, found.checked_at)
        kept = self._kept.get(key)
        if kept is None:
            version = Version.of(found)
            kept = (version, str(version))
            self._kept.put(key, kept, 1)
        version, text = kept
        # The same text says so without being read.
        return shown == text or version.is_shown_by(shown)


def no_news(outcome: object, versions: Versions) -> Response | None:
    """Return 204 without a body where the page that polls shows all there is."""
    shown = shown_version()
    is_known = shown and isinstance(outcome, Found) and versions.are_shown(outcome, shown)
    return Response(status=204) if is_known else None


def fresh_ticket(tickets: Addresses, ticket: str, address: Address) -> str:
    """Return the ticket for the page that is sent: a new one once half its time is over.

    Only polls are given new ones, so that an open page outlives its ticket and a kept
    address does not; after a day the family ends, and the page asks for the number again.
    """
    if shown_version() and tickets.is_half_over(address):
        return tickets.renew(ticket, address)
    return ticket


_BACK = {"tiket": ("result", "ticket"), "pantau": ("follow.page", "key")}
"""Parameters of a place's address: which page to return to, and the name of its own."""

WAY_BACK = (*_BACK, "sejak")
"""What links on the page of a place carry on; `sejak` says what was seen before (follow.py)."""


def carried(*names: str) -> dict[str, str]:
    """Return what of the address that is asked for links carry on, by parameter."""
    given = {name: request.args.get(name, "") for name in names}
    # What is no version tells nothing, and may be as long as an address can be.
    if not Version.parse(given.get("sejak", "")):
        given.pop("sejak", None)
    return {name: text for name, text in given.items() if text}


def sent_to_the_line(outcome: Waiting, now: datetime, **back: str) -> Response:
    """Show a place that was just given: as a fragment, or by leading to its page."""
    if wants_fragment() and not back:
        return waiting(outcome, now, push=True)
    address = link(f"{door()}.stand", place=outcome.place, **back, **carried("sejak"))
    return see_other(address)


def waiting(outcome: Waiting, now: datetime, *, push: bool = False) -> Response:
    """Show a place that waits; its page reloads by itself unless it was asked not to."""
    presented = present(outcome, current_words(), now)
    says, told = told_time(presented.seconds, request.args.get("tadi", ""))
    came = carried(*WAY_BACK)
    response = answer(presented, push, says=says, told=told, polls=wants_fragment(), came=came)
    if not wants_fragment() and outcome.pause < QUIET:
        response.headers["Refresh"] = str(presented.retry_after)
    return response


def told_time(seconds: int, before: str) -> tuple[bool, int]:
    """Return whether a time left is to be spoken, and which one was told last.

    The heading tells the first, and has the focus; another is spoken where it is far from the one
    that was told last, which is `before`, as the address has it.
    """
    if not (before.isdecimal() and len(before) <= 5):
        return False, seconds
    is_far = not int(before) / 2 <= seconds <= int(before) * 1.5
    return is_far, seconds if is_far else int(before)


def came_from() -> str | None:
    """Return the address that led to the line; None for the form."""
    for name, (endpoint, parameter) in _BACK.items():
        for there in carried(name).values():
            tree = "" if "." in endpoint else f"{door()}."
            return link(f"{tree}{endpoint}", **{parameter: there}, **carried("sejak"))
    return None


_LAST = re.compile(r"tadi=(\d{1,5})").fullmatch


class _Tree(NamedTuple):
    """The line in one language: its words, its template, and what that reads beside an outcome."""

    words: Words
    template: Template
    of_all: Mapping[str, Any]
    route: str
    others: tuple[tuple[str, str], ...]


class StillWaiting:
    """Answers without Flask what htmx asks again of a place whose turn is not near; else None.

    Most requests of a busy day are these; the fragment is the one of `waiting`. `still_waits`
    returns how long such a place waits (guard/desk.py).
    """

    def __init__(
        self,
        words: Mapping[str, Words],
        environments: Mapping[tuple[str, str], Environment],
        still_waits: Callable[[str], Waiting | None],
        clock: Callable[[], datetime],
    ) -> None:
        self._still_waits = still_waits
        self._clock = clock
        self._trees = {
            f"{prefix_of(language)}/antre": _Tree(
                each,
                environments[language, "tracking"].get_template("partials/_result.html"),
                {
                    "lang": language,
                    "w": each,
                    "partner": None,
                    "polls": True,
                    "came": {},
                    "gettext": partial(translated, each),
                    "link": partial(_link, prefix_of(language)),
                },
                f"{prefix_of(language)}/antre/<place>",
                tuple((other, prefix_of(other)) for other in LANGUAGES if other != language),
            )
            for language, each in words.items()
        }

    def __call__(self, environ: Environ, start_response: Start) -> Iterable[bytes] | None:
        folder, _, place = environ["PATH_INFO"].rpartition("/")
        tree = self._trees.get(folder)
        is_asked_again = (
            tree is not None
            and environ["REQUEST_METHOD"] == "GET"
            and is_partial(environ)
            and not environ.get("SCRIPT_NAME")
            and _LAST(environ.get("QUERY_STRING", ""))
        )
        if tree is None or not is_asked_again:
            return None
        try:
            outcome = self._still_waits(place)
        except (NotSealed, Expired):
            return None
        if outcome is None:
            return None
        note(route=tree.route)
        show = private_by_default(partial(self._shown, tree, outcome))
        return show(environ, start_response)

    def _shown(
        self, tree: _Tree, outcome: Waiting, environ: Environ, start_response: Start
    ) -> Iterable[bytes]:
        presented = present(outcome, tree.words, self._clock())
        tongues = {name: f"{prefix}/antre/{presented.place}" for name, prefix in tree.others}
        says, told = told_time(presented.seconds, environ["QUERY_STRING"].removeprefix("tadi="))
        with timed("render"):
            text = tree.template.render(
                tree.of_all, outcome=presented, tongues=tongues, says=says, told=told
            )
        body = text.encode()
        headers = [
            ("Content-Type", "text/html; charset=utf-8"),
            ("Content-Length", str(len(body))),
            ("Retry-After", str(presented.retry_after)),
        ]
        start_response("202 ACCEPTED", headers)
        return [body]


def _link(prefix: str, endpoint: str, place: str, tadi: int = 0) -> str:
    return f"{prefix}/antre/{place}?tadi={tadi}" if tadi else f"{prefix}/antre/{place}"


_CARRIED = re.compile(r"/(klaim|pantau|antre)/([A-Za-z0-9_-]+)").search
"""Its end may say what is to be done there, or in which form it is to be read."""


def ticket_in(openers: Mapping[str, Callable[[str], object]]) -> Callable[[str], bool]:
    """Return what says whether an address carries a sealed form that opens.

    `openers` open each by the part of the address before it, and raise where it does not.
    """

    def holds(path: str) -> bool:
        if found := _CARRIED(path):
            # Whatever is wrong with it, it is no ticket.
            with suppress(Exception):
                openers[found[1]](found[2])
                return True
        return False

    return holds

"""Whose turn is not near yet is answered without Flask: most requests of a busy day are these.

What htmx asks again of a place in the line, and nothing else; the fragment is the same.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from functools import partial
from typing import Any, NamedTuple

from jinja2 import Environment, Template

from ..domain.outcomes import Waiting
from ..records import note, timed
from ..sealing import Expired, NotSealed
from ..telling.languages import LANGUAGES, prefix_of
from ..telling.outcomes import present
from ..telling.words import Words
from .headers import Environ, PrivateByDefault, Start
from .polling import is_news
from .rendering import is_partial
from .templates import translated

_LAST = re.compile(r"tadi=(\d{1,5})").fullmatch
_WAITING = "tracking.waiting"


class _Tree(NamedTuple):
    """The line in one language: its words, its template, and what that reads beside an outcome."""

    words: Words
    template: Template
    of_all: Mapping[str, Any]
    route: str
    others: tuple[tuple[str, str], ...]


class StillWaiting:
    """Answers in the place of the site, or returns None. `still_waits` returns how long the place
    with a sealed form waits whose turn is not near (guard/desk.py)."""

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
                    "gettext": partial(translated, each),
                    "link": partial(_link, prefix_of(language)),
                },
                f"{prefix_of(language)}/antre/<place>",
                tuple((other, prefix_of(other)) for other in LANGUAGES if other != language),
            )
            for language, each in words.items()
        }
        self._show = PrivateByDefault(self._shown)

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
        return self._show({**environ, _WAITING: (tree, outcome)}, start_response)

    def _shown(self, environ: Environ, start_response: Start) -> Iterable[bytes]:
        tree, outcome = environ[_WAITING]
        presented = present(outcome, tree.words, self._clock())
        tongues = {name: f"{prefix}/antre/{presented.place}" for name, prefix in tree.others}
        says = is_news(presented.seconds, environ["QUERY_STRING"].removeprefix("tadi="))
        with timed("render"):
            text = tree.template.render(tree.of_all, outcome=presented, tongues=tongues, says=says)
        body = text.encode()
        headers = [
            ("Content-Type", "text/html; charset=utf-8"),
            ("Content-Length", str(len(body))),
            ("Retry-After", str(presented.retry_after)),
        ]
        start_response("202 ACCEPTED", headers)
        return [body]


def _link(prefix: str, endpoint: str, place: str = "", tadi: int = 0) -> str:
    if not place:
        return f"{prefix}/"
    return f"{prefix}/antre/{place}?tadi={tadi}" if tadi else f"{prefix}/antre/{place}"

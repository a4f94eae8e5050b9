"""What htmx asks most, answered in front of Flask: a lookup that is at hand, a poll without news.

The same rules in the same order as in `tracking.py`, over the same collaborators; whatever is
not at hand goes on to the view, with what was decided here, so that nothing counts twice.
It is worth a place of its own: there Flask takes as long as the guard, the cache and the log
together (docs/performance.md).
"""

from collections.abc import Callable, Iterable, Mapping
from io import BytesIO
from urllib.parse import parse_qsl

from ..following.keys import Addresses, CannotTell, TakenBack
from ..guard.guarded_lookup import GuardedLookup, GuardedOutcome
from ..guard.limits import RequestLimit
from ..guard.networks import Network
from ..lookup import Found
from ..observing.records import lap, note_route
from ..sealing import Expired, NotSealed
from .headers import Application, Environ, Start, private_headers
from .renderings import Rendering, Renderings
from .requests import LONGEST_ECHO, wants_fragment
from .visits import visit_with

DECIDED = "tracking_site.decided"
"""Where a view finds the outcome that was decided in front of it, or the accident on the way."""

LARGEST = 1024
"""Bytes of a form that is read here: a number alone has forty; work goes on to the view."""

MOST_FIELDS = 20


class QuickAnswers:
    """Answers for `/lacak` and `/klaim/<ticket>` under each prefix of `languages`."""

    def __init__(
        self,
        site: Application,
        lookup: GuardedLookup,
        tickets: Addresses,
        limit: RequestLimit,
        network_of: Callable[[Environ], Network],
        renderings: Renderings,
        languages: Mapping[str, str],
    ) -> None:
        self._site = site
        self._lookup = lookup
        self._tickets = tickets
        self._limit = limit
        self._network_of = network_of
        self._renderings = renderings
        self._lookups = {f"{prefix}/lacak": language for prefix, language in languages.items()}
        self._results = {f"{prefix}/klaim": language for prefix, language in languages.items()}
        self._headers = private_headers("text/html; charset=utf-8")

    def __call__(self, environ: Environ, start_response: Start) -> Iterable[bytes]:
        answer = None
        if wants_fragment(environ):
            try:
                answer = self._quick(environ, start_response)
            except Exception as accident:  # noqa: BLE001 - the view raises it where it is told in words
                environ[DECIDED] = accident
        return self._site(environ, start_response) if answer is None else answer

    def _quick(self, environ: Environ, start_response: Start) -> Iterable[bytes] | None:
        path, method = environ["PATH_INFO"], environ["REQUEST_METHOD"]
        if method == "POST" and path in self._lookups:
            return self._looked_up(environ, path, start_response)
        route, _, ticket = path.rpartition("/")
        if method == "GET" and route in self._results:
            return self._result(environ, route, ticket, start_response)
        return None

    def _looked_up(
        self, environ: Environ, path: str, start_response: Start
    ) -> Iterable[bytes] | None:
        form = _form_of(environ)
        if form is None:
            return None
        visit = visit_with(self._network_of(environ), form)
        typed = form.get("nomor", "")[: LONGEST_ECHO + 1]
        outcome = self._limit.take(visit.network) or self._lookup.look_up(typed, visit)
        rendering = self._at_hand(outcome, self._lookups[path], environ)
        if rendering is None or not isinstance(outcome, Found):
            environ[DECIDED] = outcome
            return None
        note_route(path)
        body, address = rendering.for_ticket(
            self._tickets.seal(self._lookup.paid_form(outcome, visit))
        )
        return self._sent(start_response, "200 OK", body, ("HX-Push-Url", address))

    def _result(
        self, environ: Environ, route: str, ticket: str, start_response: Start
    ) -> Iterable[bytes] | None:
        shown = environ.get("HTTP_IF_NONE_MATCH", "").strip()
        try:
            address = self._tickets.open(ticket)
        except (NotSealed, Expired, TakenBack, CannotTell):
            return None
        if shown and self._tickets.is_half_over(address):
            return None
        outcome = self._limit.take(self._network_of(environ)) or self._lookup.look_up_paid(
            address.number
        )
        note_route(f"{route}/<ticket>")
        if shown and self._renderings.shows_all_of(outcome, shown):
            return self._sent(start_response, "204 No Content", b"")
        rendering = self._at_hand(outcome, self._results[route], environ)
        if rendering is None or shown or environ.get("QUERY_STRING"):
            environ[DECIDED] = outcome
            return None
        return self._sent(start_response, "200 OK", rendering.for_ticket(ticket)[0])

    def _at_hand(
        self, outcome: GuardedOutcome, language: str, environ: Environ
    ) -> Rendering | None:
        if not isinstance(outcome, Found):
            return None
        with lap("render"):
            key = self._renderings.key_of(outcome, "tracking", language, True, environ)
            return self._renderings.get(key)

    def _sent(
        self, start_response: Start, status: str, body: bytes, *more: tuple[str, str]
    ) -> Iterable[bytes]:
        headers = [*self._headers, *more]
        if body:
            headers.append(("Content-Length", str(len(body))))
        start_response(status, headers)
        return [body]


def _form_of(environ: Environ) -> dict[str, str] | None:
    """Read a small urlencoded form and leave it to be read again; None for any other body."""
    length = environ.get("CONTENT_LENGTH", "")
    if not length.isdecimal() or int(length) > LARGEST:
        return None
    if environ.get("CONTENT_TYPE", "").partition(";")[0].strip() != (
        "application/x-www-form-urlencoded"
    ):
        return None
    body = environ["wsgi.input"].read(int(length))
    environ["wsgi.input"] = BytesIO(body)
    return fields_of(body.decode(errors="replace"))


def fields_of(body: str) -> dict[str, str] | None:
    """Return the first of each field of an urlencoded body; None when there are too many."""
    if "%" not in body and "+" not in body and body.count("&") < MOST_FIELDS:
        # A number alone is mostly typed so, and then nothing has to be decoded.
        plain = [pair.partition("=")[::2] for pair in body.split("&") if pair]
        return dict(reversed(plain))
    try:
        fields = parse_qsl(body, keep_blank_values=True, max_num_fields=MOST_FIELDS)
    except ValueError:
        return None
    return dict(reversed(fields))

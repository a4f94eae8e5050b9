"""Plain WSGI in front of Flask: what every request passes, and every answer is given.

Who floods is answered at once. Every answer is private, strict, not indexed, not framed, unless a
view says more; every redirect leads to a path of the site, whoever asked by whatever name.

What another site's page makes a browser send is refused before anything reads or counts it.
A browser says where a request comes from in `Sec-Fetch-Site` (Fetch Metadata), older ones in
`Origin` (RFC 6454). Programs of their own, such as the core that purges, send neither and pass:
nobody else's browser can be made to leave both out.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from flask import Request, g, request

from ..guard.floods import NO_WIDTH, Floods
from ..guard.networks import NETWORK, Network
from ..records import QUEUE, note
from ..settings import DEFAULT_PORTS, as_browsers_say
from .unread import FLOODS, FULL, ShortAnswer

Environ = dict[str, Any]
Start = Callable[..., Any]
Application = Callable[[Environ, Start], Iterable[bytes]]

_SAME_ORIGIN_ONLY = (
    "default-src 'none'; script-src 'self'; worker-src 'self'; style-src 'self'; "
    "img-src 'self'; connect-src 'self'; manifest-src 'self'; form-action 'self'; base-uri 'none'; "
)

ALWAYS = {
    "X-Content-Type-Options": "nosniff",
    # Nothing to other sites. To ourselves yes: without it our own forms would say `Origin: null`.
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": (
        "accelerometer=(), camera=(), display-capture=(), geolocation=(), gyroscope=(), "
        "microphone=(), payment=(), usb=()"
    ),
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "X-Robots-Tag": "noindex, nofollow",
    "Cache-Control": "no-store",
}

_HOST = re.compile(
    r"(?:[A-Za-z0-9_-]{1,63}(?:\.[A-Za-z0-9_-]{1,63})*\.?|\[[0-9A-Fa-f:.]{2,45}\])(?::[0-9]{1,5})?"
)
_UP_TO_PATH = re.compile(r"\A[A-Za-z][A-Za-z0-9+.-]{0,30}:(?://[^/?#]*)?")
_NO_CHARACTERS = dict.fromkeys((*range(33), 127))
"""What browsers leave out of an address, or no address may hold."""

FOR_OTHER_SITES = {"Cross-Origin-Resource-Policy": "cross-origin"}
"""Of what the pages of other sites load: files, the host script, frames."""

FRAMED = {**FOR_OTHER_SITES, "Cross-Origin-Embedder-Policy": "require-corp"}
"""Of frames and their worker: a host that isolates itself (COEP) shows no others."""

MAX_BASE = 300
"""Characters of `base_of`: a host name has at most 253."""

VARY = "HX-Request, HX-Request-Type"


def content_security_policy(frame_ancestors: tuple[str, ...] = (), frames: str = "") -> str:
    """Return the policy; nobody may frame a page unless origins are named.

    `frames` names what the page itself may hold in frames.
    """
    may_hold = f"frame-src {frames}; " if frames else ""
    ancestors = " ".join(frame_ancestors) or "'none'"
    return f"{_SAME_ORIGIN_ONLY}{may_hold}frame-ancestors {ancestors}"


_FRAMED_BY_NOBODY = content_security_policy()


def private_by_default(site: Application) -> Application:
    """Add to every answer of a WSGI application what it did not set itself.

    Redirects become paths without a body, also those that Werkzeug makes of the host that was
    asked for; a host that cannot be one is not shown to the application. Below Flask, where a
    header is a pair in a list: there it costs a tenth.
    """

    def ask(environ: Environ, start_response: Start) -> Iterable[bytes]:
        leads_on = False

        def start(status: str, headers: list[tuple[str, str]], *rest: Any) -> Any:
            nonlocal leads_on
            leads_on = _lead_to_own_path(headers)
            add_what_is_missing(headers, environ["REQUEST_METHOD"])
            return start_response(status, headers, *rest)

        if not asked_host(environ):
            environ.pop("HTTP_HOST", None)
        body = site(environ, start)
        if not leads_on:
            return body
        # Werkzeug's page names the host that was asked for, in English.
        close = getattr(body, "close", None)
        if close is not None:
            close()
        return ()

    return ask


def asked_host(environ: Mapping[str, Any]) -> str:
    """Return the host that a request names; empty where it names none, or what cannot be one."""
    host: str = environ.get("HTTP_HOST", "")
    return host if _HOST.fullmatch(host) else ""


def host_of(request: Request) -> str:
    """Return the host by which an address begins; Werkzeug reads none with an underscore."""
    return request.host or asked_host(request.environ)


def may_be_host(text: str) -> bool:
    """Return whether a request may name this as its host: none at all, as RFC 9112 (3.2) has it."""
    return not text or _HOST.fullmatch(text) is not None


def base_of(environ: Mapping[str, Any], host_matters: bool) -> tuple[str, ...] | None:
    """Return what addresses on a page begin with, as part of the key of what is kept.

    The host belongs to it where pages name the one by which they were asked for. None for texts
    that are longer than any host name: strangers make up as many as they like.
    """
    base = [environ.get("SCRIPT_NAME", "")]
    if host_matters:
        base += [environ["wsgi.url_scheme"], asked_host(environ)]
    return tuple(base) if sum(map(len, base)) <= MAX_BASE else None


def path_alone(address: str) -> str:
    """Return path and query of an address; they begin with exactly one slash.

    Browsers take a second slash, or a backslash, for the beginning of another host's name.
    """
    plain = address.translate(_NO_CHARACTERS).replace("\\", "/")
    return "/" + _UP_TO_PATH.sub("", plain).partition("#")[0].lstrip("/")


def _lead_to_own_path(headers: list[tuple[str, str]]) -> bool:
    """Make the address of a redirect a path; return whether there is one."""
    address = next((value for name, value in headers if name.lower() == "location"), None)
    if address is None:
        return False
    replaced = ("location", "content-length", "content-type")
    headers[:] = [pair for pair in headers if pair[0].lower() not in replaced]
    headers += [("Location", path_alone(address)), ("Content-Length", "0")]
    return True


def add_what_is_missing(headers: list[tuple[str, str]], method: str) -> None:
    present = {name.lower(): value for name, value in headers}
    headers += [pair for pair in ALWAYS.items() if pair[0].lower() not in present]
    policy = present.get("content-security-policy")
    if policy is None:
        headers.append(("Content-Security-Policy", _FRAMED_BY_NOBODY))
    if policy is None or "frame-ancestors 'none'" in policy:
        headers.append(("X-Frame-Options", "DENY"))
    if method in ("GET", "HEAD", "POST"):
        headers[:] = [pair for pair in headers if pair[0].lower() != "vary"]
        own = present.get("vary")
        headers.append(("Vary", f"{VARY}, {own}" if own else VARY))


def is_partial(environ: Mapping[str, Any]) -> bool:
    """Return whether htmx asks for a part of a page; it also fetches whole ones, for history."""
    is_whole = environ.get("HTTP_HX_REQUEST_TYPE") == "full"
    return environ.get("HTTP_HX_REQUEST") == "true" and not is_whole


def accepts(environ: Mapping[str, Any], coding: str) -> bool:
    """Return whether a content coding is named, and not refused with q=0 (RFC 9110, 12.5.3)."""
    for each in environ.get("HTTP_ACCEPT_ENCODING", "").split(","):
        name, _, weight = each.partition(";")
        if name.strip().lower() == coding:
            return weight.replace(" ", "").lower() not in ("q=0", "q=0.0", "q=0.00", "q=0.000")
    return False


SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS", "TRACE"})
"""Requests that look nothing up and change nothing (RFC 9110, 9.2.1): links lead here."""

OWN_PAGES = frozenset({"same-origin", "none"})
"""Values of `Sec-Fetch-Site`: our own pages, or the person herself."""

OUTCOME = "cross_origin"
"""How a refusal is called in the log and in the figures."""


class CrossOrigin(Exception):
    """A page of another origin sent the request."""


def origin_of(address: str) -> str:
    """Return scheme, host and port of an address that somebody sent; empty where it has none."""
    try:
        parts = urlsplit(address)
    except ValueError:
        return ""
    return f"{parts.scheme}://{parts.netloc}" if parts.netloc else ""


@dataclass(frozen=True, slots=True)
class OwnOrigin:
    """What our own pages say as their origin: that of `site_url`, where the operator set one.

    Without it, the host by which we are asked, under any scheme: a proxy may have ended TLS.
    """

    site_url: str | None = None

    def is_named_by(self, address: str, environ: Environ) -> bool:
        """Return whether an address that a browser sent lies at our own origin."""
        named = _scheme_and_host(address)
        if self.site_url is not None:
            return named == _scheme_and_host(self.site_url)
        host = environ.get("HTTP_HOST", "")
        asked = {_scheme_and_host(f"{scheme}://{host}")[1] for scheme in DEFAULT_PORTS}
        return named[1] in asked - {""}

    def sent(self, environ: Environ) -> bool:
        """Return whether a page of our own sent a request, or no page at all.

        `Sec-Fetch-Site` decides where it is sent, else `Origin`.
        """
        fetched_from = environ.get("HTTP_SEC_FETCH_SITE")
        if fetched_from is not None:
            return fetched_from in OWN_PAGES
        origin = environ.get("HTTP_ORIGIN")
        return origin is None or self.is_named_by(origin, environ)


def origin_of_site(site_url: str | None) -> Callable[[], str]:
    """Return what gives scheme and host of the site as the public knows it, else as it is asked.

    While something is rendered to be kept `g.host` stands for the host that was asked for.
    """
    return lambda: site_url or f"{request.scheme}://{g.get('host') or host_of(request)}"


def same_origin_only(site: Application, refuse: Application, own: OwnOrigin) -> Application:
    """Let a request pass that may change something only where it comes from our own pages.

    It stands in front of everything that reads a form, so that no route can be without it;
    `refuse` answers the others.
    """

    def judge(environ: Environ, start_response: Start) -> Iterable[bytes]:
        if environ["REQUEST_METHOD"] in SAFE_METHODS or own.sent(environ):
            return site(environ, start_response)
        note(outcome=OUTCOME)
        return refuse(environ, start_response)

    return judge


def _scheme_and_host(address: str) -> tuple[str, str]:
    scheme, _, host = as_browsers_say(origin_of(address)).partition("://")
    return scheme, host


PREFIX = "/static/"
_OURS = "/-/"
"""What operators and the core ask, with a token or from this machine; and what anybody probes."""

HURRIED = "tracking_site.hurried"
"""In the environ where there is time for little: of a lookup, to promise a place in the line."""

MAX_HURRIED_SECONDS = 3.0
"""Who waited so long is promised nothing: even that is more than the process has time for."""


def shedding(
    site: Application,
    floods: Floods,
    network_of: Callable[[Environ], Network],
    holds_ticket: Callable[[str], bool],
    shed: Callable[[str], None],
    is_trusted: Callable[[Environ], bool],
    probed: Callable[[Environ], ShortAnswer | None],
    is_ready: Callable[[str], bool],
) -> Application:
    """Wrap the whole site, and note the client's network in the environ for all behind.

    `network_of` names it, as far as the proxies in front are trusted. `holds_ticket` says whether
    an address carries what we sealed; `shed` counts, by the width of what had too much.

    Below `/-/` nobody is shed who `is_trusted`; nor is a probe, which `probed` answers for as
    little as a refusal costs: where one is refused, a node that works is taken away.

    Where the process has more than it can do and nobody floods, what `is_ready` at an address is
    given out, which takes as long as a refusal; who looks up, or opens a frame, is `HURRIED`.
    """

    def lies_ready(environ: Environ) -> bool:
        is_read = environ["REQUEST_METHOD"] in ("GET", "HEAD") and is_ready(environ["PATH_INFO"])
        return is_read and "HTTP_HX_REQUEST" not in environ

    def may_be_hurried(environ: Environ, path: str) -> bool:
        # A frame is each partner's own. WordPress, refused its one question, has none for a day.
        asked = {"lacak": "POST", "sematan": "GET", "tema.css": "GET", "oembed": "GET"}
        is_little = asked.get(path.rpartition("/")[2]) == environ["REQUEST_METHOD"]
        return is_little and QUEUE.seconds <= MAX_HURRIED_SECONDS

    def let_in(environ: Environ, start_response: Start) -> Iterable[bytes]:
        network = environ[NETWORK] = network_of(environ)
        path: Any = environ["PATH_INFO"]
        is_file = "." in path and lies_ready(environ) and not floods.takes_many(network)
        is_ours = path.startswith(_OURS)
        if (is_file and QUEUE.is_passed) or (is_ours and is_trusted(environ)):
            return site(environ, start_response)
        answer = probed(environ) if is_ours else None
        if answer is None:
            # What is to end with the screen stands in the form, and in the address of its page.
            held = environ.get("HTTP_REFERER", "") if path.endswith("/bersihkan") else path
            width = floods.refuse(network, lambda: holds_ticket(held), is_file)
            if width is None:
                return site(environ, start_response)
            environ[HURRIED] = width == NO_WIDTH and may_be_hurried(environ, path)
            if environ[HURRIED] or (width == NO_WIDTH and lies_ready(environ)):
                return site(environ, start_response)
            shed(width)
            answer = FULL if width == NO_WIDTH else FLOODS
        start_response(answer.status, [*answer.headers])
        return [b"" if environ["REQUEST_METHOD"] == "HEAD" else answer.body]

    return let_in


def asked_first(
    site: Application,
    is_theirs: Callable[[str], object],
    first: Callable[[Environ, Start], Iterable[bytes] | None],
) -> Application:
    """Let `first` answer at its own addresses; where it returns None the site does."""

    def ask(environ: Environ, start_response: Start) -> Iterable[bytes]:
        answer = first(environ, start_response) if is_theirs(environ["PATH_INFO"]) else None
        return site(environ, start_response) if answer is None else answer

    return ask

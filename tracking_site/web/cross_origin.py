"""What another site's page makes a browser send: refused before anything reads or counts it.

A browser says where a request comes from in `Sec-Fetch-Site` (Fetch Metadata), older ones in
`Origin` (RFC 6454). Programs of their own, such as the core that purges, send neither and pass:
nobody else's browser can be made to leave both out.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import urlsplit

from ..records import note
from .headers import Application, Environ, Start

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS", "TRACE"})
"""Requests that look nothing up and change nothing (RFC 9110, 9.2.1): links lead here."""

OWN_PAGES = frozenset({"same-origin", "none"})
"""Values of `Sec-Fetch-Site`: our own pages, or the person herself."""

OUTCOME = "cross_origin"
"""How a refusal is called in the log and in the figures."""

_DEFAULT_PORTS = {"http": ":80", "https": ":443"}


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
        asked = {_scheme_and_host(f"{scheme}://{host}")[1] for scheme in _DEFAULT_PORTS}
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


class SameOriginOnly:
    """Lets a request pass that may change something only where it comes from our own pages.

    It stands in front of everything that reads a form, so that no route can be without it;
    `refuse` answers the others.
    """

    def __init__(self, site: Application, refuse: Application, own: OwnOrigin) -> None:
        self._site = site
        self._refuse = refuse
        self._own = own

    def __call__(self, environ: Environ, start_response: Start) -> Iterable[bytes]:
        if environ["REQUEST_METHOD"] in SAFE_METHODS or self._own.sent(environ):
            return self._site(environ, start_response)
        note(outcome=OUTCOME)
        return self._refuse(environ, start_response)


def _scheme_and_host(address: str) -> tuple[str, str]:
    """Return both in small letters, with a port where it is not the scheme's own."""
    scheme, _, host = origin_of(address).lower().partition("://")
    return scheme, host.removesuffix(_DEFAULT_PORTS.get(scheme, ""))

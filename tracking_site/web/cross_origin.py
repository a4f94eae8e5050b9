"""What another site's page makes a browser send: refused before anything reads or counts it.

A browser says where a request comes from in `Sec-Fetch-Site` (Fetch Metadata), older ones in
`Origin` (RFC 6454). Programs of their own, such as the core that purges, send neither and pass:
nobody else's browser can be made to leave both out.
"""

from collections.abc import Iterable

from ..observing.records import note
from .headers import Application, Environ, Start
from .requests import origin_of

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS", "TRACE"})
"""Requests that look nothing up and change nothing (RFC 9110, 9.2.1): links lead here."""

OWN_PAGES = frozenset({"same-origin", "none"})
"""Values of `Sec-Fetch-Site`: our own pages, or the person herself."""

OUTCOME = "cross_origin"
"""How a refusal is called in the log and in the figures."""

_DEFAULT_PORTS = {"http": ":80", "https": ":443"}


class CrossOrigin(Exception):
    """A page of another origin sent the request."""


class SameOriginOnly:
    """Lets a request pass that may change something only where it comes from our own pages.

    It stands in front of everything that reads a form, so that no route can be without it.
    `refuse` answers the others; `site_url` is the site's address where the operator has set one.
    """

    def __init__(self, site: Application, refuse: Application, site_url: str | None) -> None:
        self._site = site
        self._refuse = refuse
        self._site_url = site_url

    def __call__(self, environ: Environ, start_response: Start) -> Iterable[bytes]:
        if environ["REQUEST_METHOD"] in SAFE_METHODS or is_own(environ, self._site_url):
            return self._site(environ, start_response)
        note(outcome=OUTCOME)
        return self._refuse(environ, start_response)


def is_own(environ: Environ, site_url: str | None) -> bool:
    """Return whether a request comes from a page of our own, or from no page at all.

    `Sec-Fetch-Site` decides where it is sent, else `Origin`: that of `site_url`, or without one
    the host by which we are asked, under any scheme.
    """
    fetched_from = environ.get("HTTP_SEC_FETCH_SITE")
    if fetched_from is not None:
        return fetched_from in OWN_PAGES
    origin = environ.get("HTTP_ORIGIN")
    if origin is None:
        return True
    scheme, named = _scheme_and_host(origin)
    if site_url is not None:
        return (scheme, named) == _scheme_and_host(site_url)
    host = environ.get("HTTP_HOST", "")
    return named != "" and any(
        named == _scheme_and_host(f"{scheme}://{host}")[1] for scheme in _DEFAULT_PORTS
    )


def _scheme_and_host(address: str) -> tuple[str, str]:
    """Return both in small letters, with a port where it is not the scheme's own."""
    scheme, _, host = origin_of(address).lower().partition("://")
    return scheme, host.removesuffix(_DEFAULT_PORTS.get(scheme, ""))

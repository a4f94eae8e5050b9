"""The request as views see it: htmx's, with what the hot routes read told without detours."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from htmx_flask.requests import HtmxAwareRequest
from werkzeug.datastructures import ImmutableMultiDict
from werkzeug.exceptions import RequestEntityTooLarge
from werkzeug.utils import cached_property

from ..domain.identifiers import LONGEST_TEXT
from .headers import asked_host

_URLENCODED = "application/x-www-form-urlencoded"
_MOST_FIELDS = 20

LONGEST_ECHO = LONGEST_TEXT
"""Characters of typed text that are given back: what can be read is not lost."""

MAX_BASE = 300
"""Characters of `base_of`: a host name has at most 253."""


def wants_fragment(environ: Mapping[str, Any]) -> bool:
    """Tell whether htmx asks for a part of a page; it also fetches whole ones, for history."""
    is_whole = environ.get("HTTP_HX_REQUEST_TYPE") == "full"
    return environ.get("HTTP_HX_REQUEST") == "true" and not is_whole


def base_of(environ: Mapping[str, Any], host_matters: bool) -> tuple[str, ...] | None:
    """Return what addresses on a page begin with, as part of the key of what is kept.

    The host belongs to it where pages name the one by which they were asked for. None for texts
    that are longer than any host name: strangers make up as many as they like.
    """
    base = [environ.get("SCRIPT_NAME", "")]
    if host_matters:
        base += [environ["wsgi.url_scheme"], asked_host(environ)]
    return tuple(base) if sum(map(len, base)) <= MAX_BASE else None


def origin_of(address: str) -> str:
    """Return scheme, host and port of an address that somebody sent; empty where it has none."""
    try:
        parts = urlsplit(address)
    except ValueError:
        return ""
    return f"{parts.scheme}://{parts.netloc}" if parts.netloc else ""


class LeanRequest(HtmxAwareRequest):  # type: ignore[misc]
    """Reads a small urlencoded form in a third of the usual time; others as usual.

    MAX_CONTENT_LENGTH holds for both.
    """

    @cached_property
    def form(self) -> Any:
        if self.environ.get("CONTENT_TYPE", "").partition(";")[0].strip() != _URLENCODED:
            return HtmxAwareRequest.form.__get__(self, type(self))
        body = self.get_data(cache=True, parse_form_data=False)
        try:
            fields = parse_qsl(
                body.decode(errors="replace"), keep_blank_values=True, max_num_fields=_MOST_FIELDS
            )
        except ValueError:
            raise RequestEntityTooLarge from None
        return ImmutableMultiDict(fields)

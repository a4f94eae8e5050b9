"""Who sends a request, as the guard counts them."""

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from flask import Request

from ..guard.guarded_lookup import Visit
from ..guard.networks import Network, network_of
from ..guard.partners import Partner as PartnerBudget
from .partners import KINDS, Partner

HOP_CHARACTERS = 64
"""More than an address in the longest form, with spaces around it."""


@lru_cache(8192)
def _read(peer: str | None, forwarded_for: str, trusted_proxies: int) -> Network:
    return network_of(peer, [forwarded_for], trusted_proxies)


def network_behind(environ: Mapping[str, Any], trusted_proxies: int) -> Network:
    """Return whom the guard counts; WSGI servers join all lines of a header with commas."""
    forwarded_for = _end_of(environ.get("HTTP_X_FORWARDED_FOR", ""), trusted_proxies)
    return _read(environ.get("REMOTE_ADDR"), forwarded_for, trusted_proxies)


def _end_of(forwarded_for: str, trusted_proxies: int) -> str:
    """Return the hops that trusted proxies wrote: the rest is a client's, and as long as it likes.

    A hop that is too long to be an address is none, and so is everything before it.
    """
    most = HOP_CHARACTERS * trusted_proxies
    if len(forwarded_for) <= most:
        return forwarded_for
    return forwarded_for[len(forwarded_for) - most :].partition(",")[2]


def visit_of(request: Request, trusted_proxies: int, partner: Partner | None = None) -> Visit:
    """Return the network behind a request, what it brings as payment, and the framing partner."""
    return visit_with(network_behind(request.environ, trusted_proxies), request.form, partner)


def visit_with(network: Network, form: Mapping[str, str], partner: Partner | None = None) -> Visit:
    """Return who asks with these fields."""
    return Visit(
        network=network,
        solution=form.get("altcha", ""),
        wait_ticket=form.get("tunggu", ""),
        card=form.get("kartu", ""),
        partner=PartnerBudget(partner.slug, partner.daily_lookups)
        if partner and partner.slug
        else None,
        accepts=partner.accepts if partner else KINDS,
    )

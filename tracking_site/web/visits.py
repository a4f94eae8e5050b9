"""Who sends a request, as the guard counts them."""

from collections.abc import Callable, Mapping
from functools import lru_cache
from threading import Event
from typing import Any

import structlog
from flask import g, request

from ..guard.desk import Visit
from ..guard.networks import Network, forwarded_address, network_of
from ..guard.partners import Partner as PartnerBudget
from .partners import KINDS, Partner

_log = structlog.get_logger()

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


VisitNow = Callable[[], Visit]
"""Returns who sends the request that is being served."""


def visitors(trusted_proxies: int) -> VisitNow:
    """Return what reads the network behind a request, its payment, and the framing partner.

    Where trusted proxies write no address it warns once: the site works on, for everybody as one.
    """

    def is_read(environ: Mapping[str, Any]) -> bool:
        end = _end_of(environ.get("HTTP_X_FORWARDED_FOR", ""), trusted_proxies)
        return forwarded_address([end], trusted_proxies) is not None

    warned = Event()

    def visit() -> Visit:
        if trusted_proxies and not warned.is_set() and not is_read(request.environ):
            warned.set()
            _log.warning(
                "X-Forwarded-For names no address where TRUSTED_PROXIES looks for one: "
                "all visitors behind that proxy count as one network",
                trusted_proxies=trusted_proxies,
            )
        form: Mapping[str, str] = request.form
        partner: Partner | None = g.get("partner")
        budget = PartnerBudget(partner.slug, partner.daily_lookups) if partner else None
        return Visit(
            network=network_behind(request.environ, trusted_proxies),
            solution=form.get("altcha", ""),
            wait_ticket=form.get("tunggu", ""),
            card=form.get("kartu", ""),
            partner=budget if budget and budget.slug else None,
            accepts=partner.accepts if partner else KINDS,
        )

    return visit


def peers(trusted_proxies: int) -> Callable[[Mapping[str, Any]], str]:
    """Return what names the address behind a request, as the log shortens it."""
    named = lru_cache(4096)(lambda network: str(network).partition("/")[0])
    return lambda environ: named(network_behind(environ, trusted_proxies))

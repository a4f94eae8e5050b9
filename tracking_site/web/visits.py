"""Who sends a request, as the guard counts them."""

from flask import Request

from ..guard.guarded_lookup import Visit
from ..guard.networks import network_of
from ..guard.partners import Partner as PartnerBudget
from .partners import KINDS, Partner


def visit_of(request: Request, trusted_proxies: int, partner: Partner | None = None) -> Visit:
    """Return the network behind a request, what it brings as payment, and the framing partner."""
    return Visit(
        network=network_of(
            request.remote_addr, request.headers.getlist("X-Forwarded-For"), trusted_proxies
        ),
        solution=request.form.get("altcha", ""),
        wait_ticket=request.form.get("tunggu", ""),
        card=request.form.get("kartu", ""),
        partner=PartnerBudget(partner.slug, partner.daily_lookups)
        if partner and partner.slug
        else None,
        accepts=partner.accepts if partner else KINDS,
    )

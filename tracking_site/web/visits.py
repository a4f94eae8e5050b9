"""Who sends a request, as the guard counts them."""

from flask import Request

from ..guard.guarded_lookup import Visit
from ..guard.networks import network_of


def visit_of(request: Request, trusted_proxies: int) -> Visit:
    """Return the network behind a request, and what it brings as payment."""
    return Visit(
        network=network_of(
            request.remote_addr, request.headers.getlist("X-Forwarded-For"), trusted_proxies
        ),
        solution=request.form.get("altcha", ""),
        wait_ticket=request.form.get("tunggu", ""),
        card=request.form.get("kartu", ""),
    )

"""The same lookup without page furniture, for the origins that may frame it and nobody else."""

from flask import Blueprint, Response

from ..following.keys import Addresses
from ..guard.guarded_lookup import GuardedLookup
from ..guard.limits import RequestLimit
from .headers import content_security_policy
from .rendering import page
from .tracking import VisitNow, add_lookup


def make_blueprint(
    lookup: GuardedLookup,
    tickets: Addresses,
    limit: RequestLimit,
    visit: VisitNow,
    origins: tuple[str, ...],
) -> Blueprint:
    """Return `/sematan` and its lookup; `origins` are those that may frame it."""
    blueprint = Blueprint("embed", __name__)
    blueprint.get("/sematan", endpoint="form")(lambda: page("embed/form.html"))
    add_lookup(blueprint, "/sematan", lookup, tickets, limit, visit)

    @blueprint.after_request
    def may_be_framed(response: Response) -> Response:
        response.headers["Content-Security-Policy"] = content_security_policy(origins)
        return response

    return blueprint

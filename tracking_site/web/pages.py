"""Pages that say the same to everybody: help and privacy."""

from collections.abc import Callable

from flask import Blueprint, Response

from ..data.facts import Facts
from ..domain.processes import PROCESSES
from .headers import may_be_indexed
from .rendering import link, page


def make_blueprint(facts: Facts, site_url: Callable[[], str]) -> Blueprint:
    """Return the pages that hold nothing of anybody and may be indexed."""
    blueprint = Blueprint("pages", __name__)

    @blueprint.get("/bantuan", endpoint="help")
    def help_page() -> Response:
        return may_be_indexed(
            page(
                "pages/help.html",
                facts=facts,
                processes={service: process.stages for service, process in PROCESSES.items()},
                canonical_form_url=site_url() + link("tracking.form"),
            )
        )

    @blueprint.get("/privasi")
    def privacy() -> Response:
        return may_be_indexed(page("pages/privacy.html"))

    return blueprint

"""Pages that say the same to everybody: help and privacy."""

from flask import Blueprint

from .headers import may_be_indexed
from .rendering import page


def make_blueprint() -> Blueprint:
    """Return the pages that hold nothing of anybody and may be indexed."""
    blueprint = Blueprint("pages", __name__)
    blueprint.get("/bantuan", endpoint="help")(lambda: may_be_indexed(page("pages/help.html")))
    blueprint.get("/privasi", endpoint="privacy")(
        lambda: may_be_indexed(page("pages/privacy.html"))
    )
    return blueprint

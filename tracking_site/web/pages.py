"""Pages that say the same to everybody: help and privacy."""

from collections.abc import Callable, Mapping
from datetime import date

from flask import Blueprint, Response, render_template

from ..data.facts import Facts
from ..domain.timeline import PROCESSES
from ..telling.words import Words
from .headers import may_be_indexed
from .rendering import current_words, link, page


def make_blueprint(facts: Facts, calendar_until: date, site_url: Callable[[], str]) -> Blueprint:
    """Return the pages that hold nothing of anybody and may be indexed.

    `calendar_until` is the last date for which days off are known.
    """
    blueprint = Blueprint("pages", __name__)

    @blueprint.get("/bantuan", endpoint="help")
    def help_page() -> Response:
        return may_be_indexed(
            page(
                "pages/help.html",
                values=_values(facts, calendar_until, current_words()),
                processes={service: process.stages for service, process in PROCESSES.items()},
                canonical_form_url=site_url() + link("tracking.form"),
            )
        )

    @blueprint.get("/privasi")
    def privacy() -> Response:
        return may_be_indexed(page("pages/privacy.html"))

    @blueprint.get("/situs.webmanifest")
    def manifest() -> Response:
        return Response(
            render_template("pages/manifest.json"), mimetype="application/manifest+json"
        )

    return blueprint


def _values(facts: Facts, calendar_until: date, words: Words) -> Mapping[str, str]:
    """Return the figures that answers name, each taken from its one place."""
    times = {each.service: each for each in facts.times}
    experiences = {each.code: f"{each.low}–{each.high}" for each in facts.experiences}
    return {
        "limit": words.working_days(times["jht"].working_days),
        "late_per_cent": str(times["jkk"].late_per_cent),
        "bank_days": words.working_days(facts.bank.working_days),
        "complaint_days": words.working_days(facts.complaint.working_days),
        "limit_million": str(facts.jmo_limit_million),
        "before": experiences["before_interview"],
        "after": experiences["after_interview"],
        "until": words.day(calendar_until),
    }

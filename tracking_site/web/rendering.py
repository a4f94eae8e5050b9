"""Answers in the language of the request: a whole page, or the fragment that htmx asked for."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from html import unescape
from typing import Any

from flask import Flask, Response, g, render_template, url_for
from htmx_flask import make_response, request

from ..lookup import Found
from ..observing.records import lap, note_route
from . import requests
from .assets import Assets
from .identity import Identity
from .outcomes import Told, tell
from .renderings import Rendering, Renderings, new_mark
from .words import LANGUAGES, SOURCE_LANGUAGE, Words


@dataclass(frozen=True, slots=True)
class Kept:
    """A result under a private address: its key, until when it works, and whether the
    address that was opened says what was seen last."""

    key: str
    ends_at: datetime
    is_compared: bool


def current_words() -> Words:
    """Return the words of the language that this request is served in."""
    words: Words = g.words
    return words


def wants_fragment() -> bool:
    """Tell whether htmx asks for a part of a page; it also fetches whole ones, for history."""
    return requests.wants_fragment(request.environ)


def typed_number() -> str:
    """Return what stands in the field `nomor`, at a length that can be shown again."""
    typed: str = request.form.get("nomor", "")
    return typed[: requests.LONGEST_ECHO + 1]


def link(endpoint: str, language: str | None = None, **values: Any) -> str:
    """Return the address of a page in the language of the request, or in the one named."""
    if endpoint.startswith("embed."):
        values = frame_options() | values
    return url_for(f"{language or current_words().language}.{endpoint}", **values)


def frame_options() -> dict[str, str]:
    """Return what the addresses of a frame carry on: the partner, or the look of a preview."""
    kept: dict[str, str] = g.get("frame_options", {})
    return kept


def page(template: str, http_status: int = 200, **context: Any) -> Response:
    """Render a whole page."""
    response: Response = make_response(_rendered(template, **context), http_status)
    return response


def sentence(template: str, **context: Any) -> str:
    """Render a part of a page that is one sentence, as text."""
    return " ".join(unescape(_rendered(template, **context)).split())


def answer(told: Told, blueprint: str, push: bool = False, kept: Kept | None = None) -> Response:
    """Render the outcome of a lookup for a blueprint that has a `result` page.

    With `push` a fragment carries the address at which the result can be read again.
    """
    if kept:
        g.read_again = {"endpoint": "follow.page", "key": kept.key}
    elif told.ticket:
        g.read_again = {"endpoint": f"{blueprint}.result", "ticket": told.ticket}
    context: dict[str, Any] = {"outcome": told} | ({"kept": kept} if kept else {})
    if not wants_fragment():
        template = "follow/page.html" if kept else f"{blueprint}/result.html"
        response = page(template, told.status, **context)
    else:
        address = link(**g.read_again) if push else None
        fragment = _rendered("partials/_result.html", blueprint=blueprint, **context)
        response = make_response(fragment, told.status, push_url=address)
    if told.retry_after:
        response.headers["Retry-After"] = str(told.retry_after)
    return response


def found_again(
    renderings: Renderings, found: Found, ticket: str, blueprint: str, push: bool = False
) -> Response:
    """Answer with a result, rendered at most once a minute for each copy of the core's answer.

    The same as `answer`, for whom nothing is told as new.
    """
    key = renderings.key_of(
        found,
        blueprint,
        current_words().language,
        wants_fragment(),
        request.environ,
        frame_options(),
        g.get("partner"),
    )
    rendering = renderings.get(key)
    if rendering is None:
        mark = new_mark()
        told = tell(found, current_words(), found.checked_at, ticket=mark)
        address = link(f"{blueprint}.result", ticket=mark)
        rendering = Rendering.around(mark, answer(told, blueprint).get_data(), address)
        renderings.keep(key, found, rendering)
    body, address = rendering.for_ticket(ticket)
    headers = {"HX-Push-Url": address} if push else {}
    return Response(body, headers=headers, mimetype="text/html")


def _rendered(template: str, **context: Any) -> str:
    with lap("render"):
        return render_template(template, **context)


def language_of_path(path: str) -> str:
    """Return the language in which an address is served; the source language has no prefix."""
    prefix = path.split("/", 2)[1] if path.startswith("/") else ""
    return prefix if prefix in LANGUAGES and prefix != SOURCE_LANGUAGE else SOURCE_LANGUAGE


def _other_language_url() -> str:
    other = next(each for each in LANGUAGES if each != current_words().language)
    if "read_again" in g:
        return link(language=other, **g.read_again)
    tree, _, endpoint = (request.endpoint or "").partition(".")
    if request.method == "GET" and tree in LANGUAGES and request.routing_exception is None:
        return link(endpoint, other, **(request.view_args or {}))
    return link("embed.form" if endpoint.startswith("embed.") else "tracking.form", other)


def load_templates(app: Flask) -> None:
    """Compile every template now, so that no visitor waits for it and processes share them."""
    for name in app.jinja_env.list_templates(extensions=["html"]):
        app.jinja_env.get_template(name)


def prepare_templates(
    app: Flask,
    words: Mapping[str, Words],
    assets: Assets,
    identity: Identity,
    site_notices: Mapping[str, str | None],
) -> None:
    """Give templates their language, addresses, files and the site's identity."""

    words_of_route: dict[str, Words] = {}

    @app.before_request
    def choose_language() -> None:
        rule = request.url_rule
        route = rule.rule if rule is not None else "none"
        known = words_of_route.get(route)
        if known is None:
            known = words[language_of_path(request.path)]
            if rule is not None:
                words_of_route[route] = known
        g.words = known
        note_route(route)

    @app.context_processor
    def of_this_request() -> dict[str, Any]:
        return {
            "lang": current_words().language,
            "w": current_words(),
            "other_language_url": _other_language_url(),
            "partner": g.get("partner"),
            "site_notice": site_notices[current_words().language],
        }

    environment = app.jinja_env
    environment.add_extension("jinja2.ext.i18n")
    environment.install_gettext_callables(  # type: ignore[attr-defined]
        lambda text: current_words().gettext(text),
        lambda one, many, n: current_words().ngettext(one, many, n),
        newstyle=True,
    )
    environment.globals.update(
        link=link,
        asset=lambda name: f"/static/{assets.path_of[name]}",
        integrity=lambda name: assets.integrity_of[name],
        site=identity,
    )

"""The same lookup inside other sites' pages: framed by listed origins, a link card elsewhere.

State lives in the address alone: `?mitra=<slug>` names the partner on every address of the
frame, and no cookie or storage is used.
"""

import gzip
from collections.abc import Callable, Mapping

from flask import Blueprint, Response, abort, g, redirect
from htmx_flask import make_response, request

from ...cache.stores import BoundedLru
from ...records import current, note
from ..layers import FRAMED, OwnOrigin, accepts, content_security_policy, origin_of
from ..polling import came_from
from ..rendering import Key, current_words, link, page, wants_fragment
from ..tracking import Lookups, add_lookup
from .partners import OPTIONS, Partner, Partners, previewed
from .theme import Tokens, theme_css

Count = Callable[[str, str], None]
"""Counts an event of a partner, both by name."""

_EVENTS: Mapping[str, tuple[str, ...]] = {
    "found": ("lookup",),
    "not_found": ("lookup", "miss"),
    "unavailable": ("lookup",),
    "challenge": ("challenge",),
    "refused": ("refusal",),
}
"""By outcome. A number that cannot be one was never looked up."""


def events_of(view: str, shown: str) -> tuple[str, ...]:
    """Return what the request being served counts as.

    `view` is the frame's: form, look_up, stand, result, …; `shown` is "card" or "nothing" where
    that came instead. A lookup that waits counts when it is answered. Reading a result again and
    polls are no lookups; a refusal there is one.
    """
    if shown:
        return ("card",) if shown == "card" else ()
    if view == "form":
        return ("frame",)
    record = current()
    events = _EVENTS.get(record.outcome, ()) if record else ()
    is_lookup = view == "look_up" or (view == "stand" and came_from() is None)
    return events if is_lookup or events == ("refusal",) else ()


_THEME_SECONDS = 300
MAX_PACKED, MAX_PACKED_BYTES = 256, 1 << 20
"""Forms that are kept as they are sent, the ones asked for longest ago leaving first."""

_ANYBODY = ("*",)


def make_blueprint(
    lookups: Lookups,
    partners: Partners,
    unnamed: Partner,
    own: OwnOrigin,
    tokens: Tokens,
    count: Count,
) -> Blueprint:
    """Return `/sematan` and its lookup; `unnamed` is who may frame it without a slug.

    `own` knows our own pages; `count` hears what happens in the frames of each partner.
    """
    blueprint = Blueprint("embed", __name__)
    blueprint.before_request(lambda: _know_the_partner(partners, unnamed, own))

    @blueprint.after_request
    def may_be_framed(response: Response) -> Response:
        # The card holds no form and nothing of a person: anybody may show it.
        partner: Partner | None = g.get("partner")
        ancestors = ("'self'", *partner.origins) if partner else _ANYBODY
        response.headers["Content-Security-Policy"] = content_security_policy(ancestors)
        response.headers.update(FRAMED)
        slug = request.args.get("mitra", "")
        if slug or not previewed(request.args):
            label = partners.label_of(slug)
            note(partner=label)
            # By HEAD and OPTIONS nobody is shown anything.
            is_shown = request.method in ("GET", "POST")
            for event in events_of(_view(), g.get("shows", "")) if is_shown else ():
                count(label, event)
        return response

    @blueprint.get("/sematan/tema.css")
    def theme() -> Response:
        css, look = "", g.partner
        if look is not None:
            css = theme_css(
                tokens, accent=look.accent, radius=look.radius, appearance=look.appearance
            )
        response = Response(css, mimetype="text/css")
        response.headers["Cache-Control"] = f"public, max-age={_THEME_SECONDS}"
        return response

    packed = BoundedLru[Key, bytes](MAX_PACKED, MAX_PACKED_BYTES)

    @blueprint.get("/sematan")
    def form() -> Response:
        # The link below a result stays in its document: a new one keeps the old one's height.
        if wants_fragment():
            return page("partials/_form.html")
        way = lookups.renderings.way() if accepts(request.environ, "gzip") else None
        if way is None:
            return page("embed/form.html")
        body = packed.get(way)
        if body is None:
            body = gzip.compress(page("embed/form.html").get_data(), mtime=0)
            packed.put(way, body, len(body))
        headers = {"Content-Encoding": "gzip", "Vary": "Accept-Encoding"}
        return Response(body, headers=headers, mimetype="text/html")

    @blueprint.get("/sematan/<path:wrong>")
    def nothing(wrong: str) -> Response:
        # Here, so that the page which says so may be framed: of any other browsers show their own.
        abort(404)

    add_lookup(blueprint, "/sematan", lookups)
    return blueprint


def _know_the_partner(partners: Partners, unnamed: Partner, own: OwnOrigin) -> Response | None:
    slug = request.args.get("mitra", "")
    partner = partners.look_up(slug) if slug else previewed(request.args) or unnamed
    # Caches keep a style sheet for everybody: it is by its address alone what it is.
    is_style = _view() == "theme"
    g.partner = partner if partner and (is_style or _may_be_here(partner, own)) else None
    g.frame_options = {name: request.args[name] for name in OPTIONS if name in request.args}
    if g.partner is not None and _speaks_another(g.partner):
        g.shows = "nothing"
        return redirect(link("embed.form", g.partner.language))  # type: ignore[return-value]
    if g.partner is not None or is_style:
        return None
    if wants_fragment():
        # The frame stands open on a partner that was switched off since: let it load the card.
        redirected: Response = make_response("", redirect=link("embed.form"))
        return redirected
    g.shows = "card"
    return page("embed/card.html")


def _may_be_here(partner: Partner, own: OwnOrigin) -> bool:
    """Return whether the page around the frame is the partner's, as far as the browser says.

    The browser itself enforces `frame-ancestors`; this only chooses the card over a blank
    rectangle where the framing page named itself.
    """
    asked = request.headers
    if asked.get("Sec-Fetch-Dest", "iframe") != "iframe":
        return True
    referrer = origin_of(asked.get("Referer", ""))
    # Our own: the frame itself leads on, or our page shows a preview.
    is_own = own.is_named_by(referrer, request.environ)
    return not referrer or is_own or referrer in partner.origins


def _speaks_another(partner: Partner) -> bool:
    """Return whether the form was asked for in a language that the partner's file does not name."""
    is_other = partner.language not in (None, current_words().language)
    return is_other and request.method in ("GET", "HEAD") and _view() == "form"


def _view() -> str:
    return (request.endpoint or "").rpartition(".")[2]

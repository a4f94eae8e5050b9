"""For those who embed: the page that explains it, what to copy, the host script, oEmbed."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from urllib.parse import parse_qs, urlencode, urlsplit

from flask import Blueprint, Response, abort, g, jsonify
from htmx_flask import request
from markupsafe import Markup

from ...settings import as_browsers_say
from ...telling.languages import in_all, language_of_path, prefix_of
from ..layers import FOR_OTHER_SITES, content_security_policy, origin_of
from ..rendering import link, may_be_indexed, page
from .partners import OPTIONS, Partner, Partners, looks_in

WIDTH, HEIGHT = 600, 480
"""Pixels of the frame where a host asks for less than it would take by itself."""

_SCRIPT_SECONDS = 3600
_PUBLIC = in_all("", "/bantuan", "/sematan", "/mitra")
_EXAMPLE_SLUG = "nama-situs-anda"

SiteUrl = Callable[[], str]
"""Returns the public address of the site, without a slash at the end."""


def make_blueprint(partners: Partners, site_url: SiteUrl, site_name: str) -> Blueprint:
    """Return `/mitra`: what embedding is, a live preview, the snippets to copy."""
    blueprint = Blueprint("embedding", __name__)

    @blueprint.get("/mitra")
    def about() -> Response:
        asked = request.args
        chosen = looks_in(asked)
        chose = {name: asked[name] for name in ("di", *OPTIONS) if name in asked}
        g.read_again = {"endpoint": "embedding.about", **chose}
        slug = asked.get("mitra", "")
        partner = partners.look_up(slug)
        shown_slug = slug if partner else _EXAMPLE_SLUG
        form = link("embed.form", partner.language if partner else None)
        address = f"{site_url()}{form}?{urlencode({'mitra': shown_slug})}"
        place = asked.get("di", "")
        place = place if place in PLACES else next(iter(PLACES))
        kind = PLACES[place]
        response = page(
            "embedding/about.html",
            chosen=chosen,
            place=place,
            places=list(PLACES),
            is_unknown=bool(slug) and shown_slug == _EXAMPLE_SLUG,
            slug=slug,
            preview=f"{link('embed.form')}?{urlencode(kind.looks or _asked_by(chosen))}",
            snippet=written(kind.snippet, address, site_url(), site_name),
            also=written(kind.also, address, site_url(), site_name),
        )
        response.headers["Content-Security-Policy"] = content_security_policy(frames="'self'")
        return may_be_indexed(response)

    return blueprint


def make_service_blueprint(
    partners: Partners, host_script: bytes, site_url: SiteUrl, site_name: str
) -> Blueprint:
    """Return `/sematan.js` and `/oembed`, which have no language.

    The frame that oEmbed answers with is that of the partner whom the address names.
    """
    blueprint = Blueprint("embedding_service", __name__)

    @blueprint.get("/sematan.js")
    def script() -> Response:
        response = Response(host_script, mimetype="text/javascript")
        response.headers["Cache-Control"] = f"public, max-age={_SCRIPT_SECONDS}"
        response.headers.update(FOR_OTHER_SITES)
        # A script of type "module", or one with an integrity hash, is fetched with CORS.
        response.headers["Access-Control-Allow-Origin"] = "*"
        return response

    @blueprint.get("/oembed")
    def oembed() -> Response:
        if request.args.get("format", "json") != "json":
            abort(501)
        url = request.args.get("url", "")
        is_ours = as_browsers_say(origin_of(url)) == as_browsers_say(site_url())
        asked = urlsplit(url) if is_ours else None
        if asked is None or asked.path.rstrip("/") not in _PUBLIC:
            abort(404)
        slug = parse_qs(asked.query).get("mitra", [""])[0]
        query = f"?{urlencode({'mitra': slug})}" if partners.look_up(slug) else ""
        width, height = _at_most("maxwidth", WIDTH), _at_most("maxheight", HEIGHT)
        address = f"{site_url()}{prefix_of(language_of_path(asked.path))}/sematan{query}"
        response = jsonify(
            version="1.0",
            type="rich",
            title=site_name,
            provider_name=site_name,
            provider_url=site_url(),
            cache_age=86400,
            html=written(_OEMBED, address, site_url(), site_name, width=width, height=height),
            width=width,
            height=height,
        )
        response.headers["Access-Control-Allow-Origin"] = "*"
        response.headers.update(FOR_OTHER_SITES)
        return response

    return blueprint


def _asked_by(partner: Partner) -> dict[str, str]:
    asked = {"pratinjau": "1", "tampilan": partner.appearance}
    if partner.accent:
        asked["aksen"] = partner.accent
    if partner.radius is not None:
        asked["sudut"] = str(partner.radius)
    if partner.compact:
        asked["ringkas"] = "1"
    return asked


def _at_most(name: str, most: int) -> int:
    asked = request.args.get(name, "")
    is_whole = asked.isascii() and asked.isdecimal() and len(asked) < 6
    return max(min(int(asked), most), 1) if is_whole else most


# What a host pastes, by where its site runs: the frame with every attribute that matters, and a
# plain link beside it. The height stands only where no script may grow the frame: elsewhere it
# would stop `frame-sizing`.

_SANDBOX = "allow-scripts allow-forms allow-same-origin allow-popups allow-popups-to-escape-sandbox"

_NOBODY = "-"
"""No partner's slug: such a frame is the card."""

_SCRIPT = Markup('\n<script src="{site}/sematan.js" async></script>')
_HTML = (
    Markup(
        '<iframe src="{address}" title="{title}" loading="lazy" referrerpolicy="strict-origin" '
        'sandbox="{sandbox}" '
        'style="width: 100%; min-height: 480px; border: 0; frame-sizing: content-height">'
        "</iframe>\n"
        '<p><a href="{site}/">{title}</a></p>'
    )
    + _SCRIPT
)
_WORDPRESS = Markup("<!-- wp:html -->\n") + _HTML + Markup("\n<!-- /wp:html -->")
_ADDRESS = "{address}"
"""oEmbed makes a frame of it."""

_PROVIDER = "wp_oembed_add_provider( '{site}/sematan*', '{site}/oembed' );"
"""By this line WordPress trusts our oEmbed answer, for every role."""

_WITHOUT_SCRIPT = Markup(
    '<iframe src="{address}" title="{title}" width="100%" height="800" loading="lazy" '
    'referrerpolicy="strict-origin" sandbox="{sandbox}"></iframe>\n'
    '<p><a href="{site}/">{title}</a></p>'
)
"""For systems that drop scripts and styles: the frame scrolls in itself."""

_AMP = Markup(
    "<!-- head -->\n"
    '<script async custom-element="amp-iframe" '
    'src="https://cdn.ampproject.org/v0/amp-iframe-0.1.js"></script>\n'
    "<!-- body -->\n"
    '<amp-iframe src="{address}&amp;amp=1" title="{title}" width="600" height="480" '
    'layout="responsive" resizable sandbox="{sandbox}" frameborder="0">\n'
    '  <div overflow tabindex="0" role="button">{title}</div>\n'
    '  <a placeholder href="{site}/">{title}</a>\n'
    "</amp-iframe>"
)
_OEMBED = (
    Markup(
        # WordPress loads the script that hears the frame only where this quotation stands.
        '<blockquote class="wp-embedded-content"><a href="{site}/">{title}</a></blockquote>'
        '<iframe src="{address}" title="{title}" width="{width}" height="{height}" '
        'style="width: 100%; min-height: {height}px; border: 0" '
        'referrerpolicy="strict-origin" sandbox="{sandbox}"></iframe>'
    )
    + _SCRIPT
)
"""With numbers for its size, as oEmbed wants it."""


def written(snippet: str, address: str, site_url: str, title: str, **size: int) -> str:
    """Return what is pasted; in HTML what is written into it is escaped."""
    return str(
        snippet.format(address=address, site=site_url, title=title, sandbox=_SANDBOX, **size)
    )


@dataclass(frozen=True, slots=True)
class Editor:
    """Where a site runs: what its editor copies; `also` is for the one who looks after it.

    `looks` are the parameters of a frame as readers see it there, where that is no form.
    """

    snippet: str
    also: str = ""
    looks: Mapping[str, str] | None = None


PLACES: Mapping[str, Editor] = {
    "wordpress": Editor(_WORDPRESS),
    "wordpress-penulis": Editor(_ADDRESS, _PROVIDER, {"mitra": _NOBODY}),
    "blogger": Editor(_HTML),
    "html": Editor(_HTML),
    "amp": Editor(_AMP),
    "lain": Editor(_WITHOUT_SCRIPT),
}
"""By the value of `di` in the address of `/mitra`; the first is what most sites need."""

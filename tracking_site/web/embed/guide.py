"""For those who embed: the page that explains it, the host script, the oEmbed answer."""

from collections.abc import Callable
from urllib.parse import parse_qs, urlencode, urlsplit

from flask import Blueprint, Response, abort, jsonify
from htmx_flask import request

from ...telling.languages import in_all, language_of_path, prefix_of
from ..headers import FOR_OTHER_SITES, content_security_policy, may_be_indexed, origin_of
from ..rendering import link, page
from .partners import Partner, Partners, previewed
from .snippets import PLACES, oembed_html

WIDTH, HEIGHT = 600, 480
"""Pixels of the frame where a host asks for less than it would take by itself."""

_SCRIPT_SECONDS = 3600
_EXAMPLE_SLUG = "nama-situs-anda"

SiteUrl = Callable[[], str]
"""Returns the public address of the site, without a slash at the end."""


def make_blueprint(partners: Partners, site_url: SiteUrl, site_name: str) -> Blueprint:
    """Return `/mitra`: what embedding is, a live preview, the snippets to copy."""
    blueprint = Blueprint("embedding", __name__)

    @blueprint.get("/mitra")
    def about() -> Response:
        chosen = previewed({**request.args, "pratinjau": "1"}) or Partner("", "", ())
        slug = request.args.get("mitra", "")
        partner = partners.look_up(slug)
        shown_slug = slug if partner else _EXAMPLE_SLUG
        form = link("embed.form", partner.language if partner else None)
        address = f"{site_url()}{form}?{urlencode({'mitra': shown_slug})}"
        asked = request.args.get("di", "")
        place = asked if asked in PLACES else next(iter(PLACES))
        kind = PLACES[place]
        response = page(
            "embedding/about.html",
            chosen=chosen,
            place=place,
            places=list(PLACES),
            is_unknown=bool(slug) and shown_slug == _EXAMPLE_SLUG,
            slug=slug,
            preview=f"{link('embed.form')}?{urlencode(kind.looks or _asked_by(chosen))}",
            snippet=kind.write(address, site_url(), site_name),
            also=kind.also(address, site_url(), site_name) if kind.also else "",
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
        if origin_of(url) != site_url() or not _is_public(urlsplit(url).path):
            abort(404)
        asked = urlsplit(url)
        slug = parse_qs(asked.query).get("mitra", [""])[0]
        query = f"?{urlencode({'mitra': slug})}" if partners.look_up(slug) else ""
        width = _at_most("maxwidth", WIDTH)
        height = _at_most("maxheight", HEIGHT)
        language = prefix_of(language_of_path(asked.path))
        response = jsonify(
            version="1.0",
            type="rich",
            title=site_name,
            provider_name=site_name,
            provider_url=site_url(),
            cache_age=86400,
            html=oembed_html(
                f"{site_url()}{language}/sematan{query}", site_url(), site_name, width, height
            ),
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


def _is_public(path: str) -> bool:
    return path.rstrip("/") in in_all("", "/bantuan", "/sematan", "/mitra")


def _at_most(name: str, most: int) -> int:
    asked = request.args.get(name, "")
    is_whole = asked.isascii() and asked.isdecimal() and len(asked) < 6
    return max(min(int(asked), most), 1) if is_whole else most

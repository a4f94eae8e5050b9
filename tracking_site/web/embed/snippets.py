"""What a host pastes, by where its site runs: the frame with every attribute that matters.

A plain link stands beside each frame. The height attribute stands only where no script may grow
the frame: elsewhere it would stop `frame-sizing`.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from markupsafe import Markup, escape

_SANDBOX = "allow-scripts allow-forms allow-same-origin allow-popups allow-popups-to-escape-sandbox"

_NOBODY = "-"
"""No partner's slug: such a frame is the card."""

_LOOK = "width: 100%; min-height: 480px; border: 0; frame-sizing: content-height"

_FRAME = Markup(
    '<iframe src="{address}" title="{title}" loading="lazy" referrerpolicy="strict-origin" '
    'sandbox="{sandbox}" style="{look}"></iframe>\n'
    '<p><a href="{site}/">{title}</a></p>'
)
_SCRIPT = Markup('\n<script src="{site}/sematan.js" async></script>')
_WITHOUT_SCRIPT = Markup(
    '<iframe src="{address}" title="{title}" width="100%" height="800" loading="lazy" '
    'referrerpolicy="strict-origin" sandbox="{sandbox}"></iframe>\n'
    '<p><a href="{site}/">{title}</a></p>'
)
_WORDPRESS = Markup("<!-- wp:html -->\n{frame}\n<!-- /wp:html -->")
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
_OEMBED = Markup(
    # WordPress loads the script that hears the frame only where this quotation stands.
    '<blockquote class="wp-embedded-content"><a href="{site}/">{title}</a></blockquote>'
    '<iframe src="{address}" title="{title}" width="{width}" height="{height}" '
    'style="width: 100%; min-height: {height}px; border: 0" '
    'referrerpolicy="strict-origin" sandbox="{sandbox}"></iframe>'
)


def html(address: str, site_url: str, title: str) -> str:
    """Return the snippet for a page that is written by hand, or whose editor keeps HTML."""
    frame = _FRAME.format(address=address, title=title, site=site_url, sandbox=_SANDBOX, look=_LOOK)
    return str(frame + _SCRIPT.format(site=site_url))


def wordpress(address: str, site_url: str, title: str) -> str:
    """Return the snippet as a WordPress HTML block."""
    return str(_WORDPRESS.format(frame=Markup(html(address, site_url, title))))  # noqa: S704


def pasted(address: str, site_url: str, title: str) -> str:
    """Return the address alone: oEmbed makes a frame of it."""
    return address


def provider(address: str, site_url: str, title: str) -> str:
    """Return the line by which WordPress trusts our oEmbed answer, for every role."""
    return f"wp_oembed_add_provider( '{site_url}/sematan*', '{site_url}/oembed' );"


def without_script(address: str, site_url: str, title: str) -> str:
    """Return the frame for systems that drop scripts and styles: it scrolls in itself."""
    frame = _WITHOUT_SCRIPT.format(address=address, title=title, site=site_url, sandbox=_SANDBOX)
    return str(frame)


def amp(address: str, site_url: str, title: str) -> str:
    """Return the snippet for an AMP page: its head, then its body."""
    return str(_AMP.format(address=escape(address), title=title, site=site_url, sandbox=_SANDBOX))


def oembed_html(address: str, site_url: str, title: str, width: int, height: int) -> str:
    """Return the frame with numbers for its size, as oEmbed wants it, and the host script."""
    frame = _OEMBED.format(
        address=address, site=site_url, title=title, width=width, height=height, sandbox=_SANDBOX
    )
    return str(frame + _SCRIPT.format(site=site_url))


Write = Callable[[str, str, str], str]


@dataclass(frozen=True, slots=True)
class Editor:
    """Where a site runs: what its editor copies; `also` is for the one who looks after it.

    `looks` are the parameters of a frame as readers see it there, where that is no form.
    """

    name: str
    write: Write
    also: Write | None = None
    looks: Mapping[str, str] | None = None


PLACES: Mapping[str, Editor] = {
    "wordpress": Editor("WordPress, editor", wordpress),
    "wordpress-penulis": Editor("WordPress, author", pasted, provider, {"mitra": _NOBODY}),
    "blogger": Editor("Blogger", html),
    "html": Editor("HTML", html),
    "amp": Editor("AMP", amp),
    "lain": Editor("CMS", without_script),
}
"""By the value of `di` in the address of `/mitra`; the first is what most sites need."""

"""What a host pastes: the frame with every attribute that matters, and a plain link beside it."""

from collections.abc import Callable, Mapping

from markupsafe import Markup, escape

_SANDBOX = "allow-scripts allow-forms allow-same-origin allow-popups allow-popups-to-escape-sandbox"

_LOOK = "width: 100%; min-height: 480px; border: 0; frame-sizing: content-height"

_FRAME = Markup(
    '<iframe src="{address}" title="{title}" loading="lazy" referrerpolicy="strict-origin" '
    'sandbox="{sandbox}" style="{look}"></iframe>\n'
    '<p><a href="{site}/">{title}</a></p>'
)
_SCRIPT = Markup('\n<script src="{site}/sematan.js" async></script>')
_WORDPRESS = Markup("<!-- wp:html -->\n{frame}\n<!-- /wp:html -->")
_AMP = Markup(
    '<amp-iframe src="{address}&amp;amp=1" title="{title}" width="600" height="480" '
    'layout="responsive" resizable sandbox="{sandbox}" frameborder="0">\n'
    '  <div overflow tabindex="0" role="button">{title}</div>\n'
    '  <a placeholder href="{site}/">{title}</a>\n'
    "</amp-iframe>"
)
_OEMBED = Markup(
    '<iframe src="{address}" title="{title}" width="{width}" height="{height}" '
    'referrerpolicy="strict-origin" sandbox="{sandbox}"></iframe>'
)


def html(address: str, site_url: str, title: str) -> str:
    """Return the snippet for a page that is written by hand."""
    return str(_frame(address, site_url, title) + _SCRIPT.format(site=site_url))


def wordpress(address: str, site_url: str, title: str) -> str:
    """Return the snippet as a WordPress HTML block."""
    return str(_WORDPRESS.format(frame=_frame(address, site_url, title)))


def amp(address: str, site_url: str, title: str) -> str:
    """Return the snippet for an AMP page."""
    return str(_AMP.format(address=escape(address), title=title, site=site_url, sandbox=_SANDBOX))


def frame_html(address: str, title: str, width: int, height: int) -> str:
    """Return the frame alone, with numbers for its size, as oEmbed wants it."""
    return str(
        _OEMBED.format(address=address, title=title, width=width, height=height, sandbox=_SANDBOX)
    )


def _frame(address: str, site_url: str, title: str) -> Markup:
    return _FRAME.format(address=address, title=title, site=site_url, sandbox=_SANDBOX, look=_LOOK)


SNIPPETS: Mapping[str, Callable[[str, str, str], str]] = {
    "HTML": html,
    "WordPress": wordpress,
    "AMP": amp,
}

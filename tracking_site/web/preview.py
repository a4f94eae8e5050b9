"""What a frame would look like: the options of a partner, tried out in the address."""

from collections.abc import Mapping

from .partners import Partner, read_option

OPTIONS = ("mitra", "pratinjau", "aksen", "sudut", "tampilan", "ringkas", "amp")
"""Query parameters that the addresses of a frame carry on."""


def previewed(asked: Mapping[str, str]) -> Partner | None:
    """Return a partner of these looks that nobody but this site may frame; None without one.

    What cannot be read is left at its default, so that a half-typed colour breaks nothing.
    """
    if asked.get("pratinjau") != "1":
        return None
    options = {
        "accent": read_option("accent", asked.get("aksen")),
        "radius": read_option("radius", _whole(asked.get("sudut", ""))),
        "appearance": read_option("appearance", asked.get("tampilan")) or "auto",
        "compact": asked.get("ringkas") == "1",
    }
    return Partner("", "", (), **options)


def _whole(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 4 else None

"""Colours that somebody else chose, brought to where they can be read.

Contrast and relative luminance as WCAG 2.2 defines them.
"""

import re

LEAST_CONTRAST = 4.5
"""WCAG 2.2, 1.4.3 Contrast (Minimum), level AA, for text of any size."""

_STEPS = 200

Rgb = tuple[float, float, float]


def parse_colour(text: str) -> Rgb:
    """Read `#rgb` or `#rrggbb` as three parts from 0 to 1; raises ValueError for anything else."""
    if not re.fullmatch(r"#(?:[0-9a-fA-F]{3}){1,2}", text):
        raise ValueError("a colour such as #0a5c66")
    digits = text[1:] if len(text) == 7 else "".join(2 * digit for digit in text[1:])
    red, green, blue = (int(digits[place : place + 2], 16) / 255 for place in (0, 2, 4))
    return red, green, blue


def to_hex(colour: Rgb) -> str:
    return "#" + "".join(f"{round(part * 255):02x}" for part in colour)


def contrast(one: Rgb, other: Rgb) -> float:
    """Return the contrast ratio of two colours, 1 to 21."""
    light, dark = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def readable_on(colour: str, grounds: tuple[str, ...], least: float = LEAST_CONTRAST) -> str:
    """Return the colour nearest to this one that can be read on every ground.

    It is darkened or lightened, whichever changes it less. Raises ValueError when no shade
    can be read on all of them.
    """
    wanted = parse_colour(colour)
    parsed = [parse_colour(ground) for ground in grounds]
    for step in range(_STEPS + 1):
        for end in (0.0, 1.0):
            red, green, blue = (part + (end - part) * step / _STEPS for part in wanted)
            # Judged as it will be written: rounding may cost the last hundredth.
            shade = parse_colour(to_hex((red, green, blue)))
            if all(contrast(shade, ground) >= least for ground in parsed):
                return to_hex(shade)
    raise ValueError("no shade of this colour can be read on all grounds")


def _luminance(colour: Rgb) -> float:
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in colour
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue

"""Another accent, other corners, light or dark: a closed list, as a small style sheet.

Built over the site's own tokens (static/css/tokens.css), and readable whatever was chosen:
colours are judged by their contrast (WCAG 2.2, 1.4.3).
"""

import re
from dataclasses import dataclass
from functools import lru_cache

MIN_CONTRAST = 4.5
"""WCAG 2.2, 1.4.3 Contrast (Minimum), level AA, for text of any size."""

_STEPS = 200

COLOUR = r"^#(?:[0-9a-fA-F]{3}){1,2}\Z"

Rgb = tuple[float, float, float]


def parse_colour(text: str) -> Rgb:
    """Read `#rgb` or `#rrggbb` as three parts from 0 to 1; raises ValueError for anything else."""
    if not re.search(COLOUR, text):
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


def readable_on(colour: str, grounds: tuple[str, ...]) -> str:
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
            if all(contrast(shade, ground) >= MIN_CONTRAST for ground in parsed):
                return to_hex(shade)
    raise ValueError("no shade of this colour can be read on all grounds")


def _luminance(colour: Rgb) -> float:
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in colour
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


_BLOCK = re.compile(r":root\s*\{([^{}]*)\}")
_TOKEN = re.compile(r"(?<![\w-])--([a-z][a-z0-9-]*):([^;:]*);")

_TINT = 0.1
"""How much of the accent its quiet ground holds."""

_USUAL = 0.28
"""How much of the accent the bar of usual waits holds."""

_STRONG = 0.77
"""How much of the accent its stronger shade holds."""


@dataclass(frozen=True, slots=True)
class Tokens:
    """The declarations of the light and of the dark tokens, as they stand in the file."""

    light: str
    dark: str

    @classmethod
    def of(cls, css: str) -> "Tokens":
        """Read them; raises ValueError when the file has another form."""
        blocks = _BLOCK.findall(css)
        if len(blocks) != 2:
            raise ValueError("tokens.css has one block of light and one of dark tokens")
        return cls(*(block.strip() for block in blocks))

    def value(self, name: str, *, dark: bool) -> str:
        values = dict(_TOKEN.findall(self.dark if dark else self.light))
        if name not in values:
            raise ValueError(f"tokens.css has no --{name}")
        return str(values[name].strip())

    def colours(self) -> str:
        """Return the light tokens that the dark ones change."""
        names = dict(_TOKEN.findall(self.dark))
        return "".join(f"--{name}:{self.value(name, dark=False)};" for name in names)


# A colour that can be read is looked for in hundreds of shades, and every reader of a partner asks.
@lru_cache(64)
def theme_css(
    tokens: Tokens,
    *,
    accent: str | None = None,
    accent_dark: str | None = None,
    radius: int | None = None,
    appearance: str = "auto",
) -> str:
    """Return the rules that lay this look over the tokens; empty when nothing was chosen.

    `accent_dark` is the accent on dark ground, the same colour where none is given. Both are
    darkened or lightened until they can be read (WCAG 2.2 AA).
    """
    rules = []
    if radius is not None:
        rules.append(f":root{{--round:{radius}px;--round-control:{radius}px}}")
    light = _accent_rules(tokens, accent, dark=False)
    dark = _accent_rules(tokens, accent_dark or accent, dark=True)
    if appearance == "light":
        rules.append(f":root{{color-scheme:light;{tokens.colours()}{light}}}")
    elif appearance == "dark":
        rules.append(f":root{{color-scheme:dark;{tokens.dark}{dark}}}")
    elif light or dark:
        rules.append(f":root{{{light}}}")
        rules.append(f"@media (prefers-color-scheme:dark){{:root{{{dark}}}}}")
    return "\n".join(rules)


def _accent_rules(tokens: Tokens, accent: str | None, *, dark: bool) -> str:
    if accent is None:
        return ""
    paper, card = (tokens.value(name, dark=dark) for name in ("paper", "card"))
    # A little of a dark colour on warm paper is grey, on white it is a tint.
    tinted = _mixed(accent, paper if dark else card, _TINT)
    shade = readable_on(accent, (paper, card, tinted))
    strong = _mixed(shade, "#fff" if dark else "#000", _STRONG)
    usual = _mixed(shade, card, _USUAL)
    text_on_it = readable_on(tokens.value("on-accent", dark=dark), (shade, strong))
    text_on_usual = readable_on(tokens.value("on-usual", dark=dark), (usual,))
    return (
        f"--accent:{shade};--accent-strong:{strong};--large:{strong};--on-accent:{text_on_it};"
        f"--accent-ground:{tinted};--usual:{usual};--on-usual:{text_on_usual};"
    )


def recoloured(picture: bytes, tokens: Tokens, accent: str | None) -> bytes:
    """Return a picture of ours in an operator's accent, as readable on white as the site's own."""
    if accent is None:
        return picture
    shade = readable_on(accent, (tokens.value("card", dark=False),))
    return picture.replace(tokens.value("accent", dark=False).encode(), shade.encode())


def _mixed(accent: str, ground: str, share: float) -> str:
    pairs = zip(parse_colour(accent), parse_colour(ground), strict=True)
    red, green, blue = (part * share + below * (1 - share) for part, below in pairs)
    return to_hex((red, green, blue))

"""A partner's or operator's look never costs anybody the text."""

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracking_site.web.embed.theme import Tokens, contrast, parse_colour, theme_css

TOKENS = Tokens.of((Path(__file__).parents[2] / "static/css/tokens.css").read_text())
COLOURS = st.from_regex(r"#[0-9a-f]{6}", fullmatch=True)


def declared(css: str, name: str) -> str:
    found = re.findall(rf"--{name}:([^;}}]+)", css)
    assert found, name
    return str(found[-1]).strip()


def ratio(one: str, other: str) -> float:
    return contrast(parse_colour(one), parse_colour(other))


@given(COLOURS, st.sampled_from(["light", "dark"]))
def test_text_buttons_and_quiet_grounds_can_be_read(accent: str, appearance: str) -> None:
    css = theme_css(TOKENS, accent=accent, appearance=appearance)
    shade = declared(css, "accent")
    for ground in ("paper", "card", "accent-ground"):
        assert ratio(shade, declared_or_token(css, ground, appearance)) >= 4.5
    assert ratio(declared(css, "on-accent"), shade) >= 4.5
    ink = TOKENS.value("ink", dark=appearance == "dark")
    assert ratio(ink, declared(css, "accent-ground")) >= 4.5


@given(COLOURS, st.sampled_from(["light", "dark"]))
def test_large_text_a_pressed_button_and_the_usual_days_can_be_read(
    accent: str, appearance: str
) -> None:
    css = theme_css(TOKENS, accent=accent, appearance=appearance)
    assert ratio(declared(css, "on-usual"), declared(css, "usual")) >= 4.5
    assert ratio(declared(css, "on-accent"), declared(css, "accent-strong")) >= 4.5
    for ground in ("paper", "card", "accent-ground"):
        assert ratio(declared(css, "large"), declared_or_token(css, ground, appearance)) >= 4.5
        assert (
            ratio(declared(css, "accent-strong"), declared_or_token(css, ground, appearance)) >= 4.5
        )


@pytest.mark.parametrize("appearance", ["light", "dark"])
def test_the_sites_own_accent_gives_very_nearly_the_sites_own_look(appearance: str) -> None:
    """deploy/site.example.toml holds it: a site with that file is no duller than one without."""
    is_dark = appearance == "dark"
    css = theme_css(TOKENS, accent=TOKENS.value("accent", dark=is_dark), appearance=appearance)
    for name in ("accent", "accent-strong", "large", "accent-ground", "usual", "on-usual"):
        own, made = (
            parse_colour(each) for each in (TOKENS.value(name, dark=is_dark), declared(css, name))
        )
        assert max(abs(a - b) for a, b in zip(own, made, strict=True)) <= 0.06, name


def declared_or_token(css: str, name: str, appearance: str) -> str:
    if f"--{name}:" in css:
        return declared(css, name)
    return TOKENS.value(name, dark=appearance == "dark")


def test_light_undoes_every_dark_token() -> None:
    css = theme_css(TOKENS, appearance="light")
    assert "color-scheme:light" in css
    for name in re.findall(r"--([\w-]+):", TOKENS.dark):
        assert declared(css, name) == TOKENS.value(name, dark=False)


def test_dark_brings_every_dark_token() -> None:
    css = theme_css(TOKENS, appearance="dark")
    assert declared(css, "paper") == TOKENS.value("paper", dark=True)


def test_corners_follow_and_nothing_chosen_is_nothing_sent() -> None:
    assert "--round:4px" in theme_css(TOKENS, radius=4)
    assert theme_css(TOKENS) == ""


def test_a_file_of_another_form_is_refused() -> None:
    with pytest.raises(ValueError, match="one block"):
        Tokens.of("body { color: red }")

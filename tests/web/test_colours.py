"""Whatever colour somebody chooses, it can be read."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracking_site.web.embed.theme import contrast, parse_colour, readable_on, to_hex

COLOURS = st.from_regex(r"#(?:[0-9a-fA-F]{3}|[0-9a-fA-F]{6})", fullmatch=True)
LIGHT, DARK = ("#fbfaf6", "#ffffff"), ("#10151f", "#182030")


@given(COLOURS, st.sampled_from([LIGHT, DARK]))
def test_every_colour_becomes_readable(colour: str, grounds: tuple[str, ...]) -> None:
    shade = parse_colour(readable_on(colour, grounds))
    assert all(contrast(shade, parse_colour(ground)) >= 4.5 for ground in grounds)


@given(COLOURS)
def test_a_colour_that_can_be_read_is_kept(colour: str) -> None:
    if all(contrast(parse_colour(colour), parse_colour(each)) >= 4.5 for each in LIGHT):
        assert readable_on(colour, LIGHT) == to_hex(parse_colour(colour))


def test_contrast_is_that_of_wcag() -> None:
    assert contrast(parse_colour("#000"), parse_colour("#fff")) == pytest.approx(21)
    assert contrast(parse_colour("#777"), parse_colour("#fff")) == pytest.approx(4.48, abs=0.01)


@pytest.mark.parametrize("text", ["", "red", "#12", "#12345", "0a5c66", "#0a5c66; x", "#gggggg"])
def test_anything_else_is_no_colour(text: str) -> None:
    with pytest.raises(ValueError, match="such as"):
        parse_colour(text)


def test_grounds_that_no_shade_suits_are_refused() -> None:
    with pytest.raises(ValueError, match="no shade"):
        readable_on("#0a5c66", ("#777777", "#ffffff", "#000000"))

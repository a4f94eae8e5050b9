"""Partners are data: checked at the start, read again when the file changes."""

import os
from pathlib import Path

import pytest

from tracking_site.web.embed.partners import Partners

ROOT = Path(__file__).parents[2]
GOOD = """
[[partner]]
slug = "koran"
name = "Koran"
origins = ["https://koran.example", "http://127.0.0.1:8080"]
accent = "#0a5"
daily_lookups = 50
"""


def partners_of(folder: Path, text: str) -> tuple[Partners, Path]:
    path = folder / "partners.toml"
    path.write_text(text)
    return Partners(path), path


def change(path: Path, text: str, stamp: int) -> None:
    path.write_text(text)
    os.utime(path, ns=(stamp, stamp))


def test_a_partner_has_what_the_file_says_and_defaults_for_the_rest(tmp_path: Path) -> None:
    partners, _ = partners_of(tmp_path, GOOD)
    koran = partners.look_up("koran")
    assert koran is not None
    assert koran.origins == ("https://koran.example", "http://127.0.0.1:8080")
    assert (koran.daily_lookups, koran.accepts, koran.appearance) == (50, ("kpj", "nik"), "auto")
    assert partners.look_up("majalah") is None


def test_without_a_file_there_are_none() -> None:
    assert Partners(None).look_up("koran") is None


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("[[partner", "not TOML"),
        ("[[partners]]\nslug = 'x'", "only [[partner]] entries"),
        ("[[partner]]\nslug = 'x'", "['name', 'origins'] is missing"),
        (GOOD.replace('"koran"', '"Koran!"'), "slug must be lower-case"),
        (GOOD.replace("https://koran.example", "https://koran.example/path"), "origins must be"),
        (GOOD.replace("https://koran.example", "https://*"), "origins must be"),
        (GOOD.replace("#0a5", "green"), "accent must be a colour such as"),
        (GOOD.replace("50", '"50"'), "daily_lookups must be a whole number"),
        (GOOD.replace("50", "true"), "daily_lookups must be a whole number"),
        (GOOD + "colour = 'red'", "['colour'] is not known"),
        (GOOD + GOOD, "the slug koran stands twice"),
    ],
)
def test_a_wrong_file_is_refused_and_the_entry_named(tmp_path: Path, text: str, told: str) -> None:
    with pytest.raises(ValueError) as caught:
        partners_of(tmp_path, text)
    assert told in str(caught.value)


def test_a_partner_that_is_switched_off_is_gone_at_the_next_look(tmp_path: Path) -> None:
    partners, path = partners_of(tmp_path, GOOD)
    assert partners.look_up("koran") is not None
    change(path, GOOD + "disabled = true", 1)
    assert partners.look_up("koran") is None


def test_a_broken_or_missing_file_keeps_the_last_good_list(tmp_path: Path) -> None:
    partners, path = partners_of(tmp_path, GOOD)
    change(path, "[[partner", 1)
    assert partners.look_up("koran") is not None
    path.unlink()
    assert partners.look_up("koran") is not None
    change(path, GOOD.replace("koran", "majalah"), 2)
    assert partners.look_up("koran") is None
    assert partners.look_up("majalah") is not None


def test_the_example_is_right() -> None:
    partners = Partners(ROOT / "deploy" / "partners.example.toml")
    assert partners.look_up("koran") is not None

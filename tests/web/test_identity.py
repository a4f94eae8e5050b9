"""An operator puts its own name, logo, colours and contacts on the site with one file."""

from collections.abc import Callable
from pathlib import Path

import pytest
from bs4 import BeautifulSoup
from flask import Flask

from tracking_site.settings import SettingsError
from tracking_site.web.identity import Identity

ROOT = Path(__file__).parents[2]


def test_one_file_re_brands_the_site(make_site: Callable[..., Flask], tmp_path: Path) -> None:
    (tmp_path / "logo.svg").write_text('<svg xmlns="http://www.w3.org/2000/svg"/>')
    path = tmp_path / "site.toml"
    path.write_text(
        'name = "Pelacak Kita"\noperator = "Lembaga Kita"\nphone = "1500"\n'
        'logo = "logo.svg"\naccent = "#aa00aa"\nsecurity_contact = "mailto:a@b.example"'
    )
    client = make_site(SITE_FILE=str(path)).test_client()
    page = client.get("/").text
    for told in ("Pelacak Kita", "Lembaga Kita", "tel:1500", "/static/img/operator."):
        assert told in page
    css = page.split('rel="stylesheet" href="')[1].split('"')[0]
    assert "--accent:#aa00aa" in client.get(css).text
    assert "Contact: mailto:a@b.example" in client.get("/.well-known/security.txt").text


def test_what_shares_the_accents_role_takes_its_colour(
    make_site: Callable[..., Flask], tmp_path: Path
) -> None:
    path = tmp_path / "site.toml"
    path.write_text('accent = "#aa00aa"')
    client = make_site(SITE_FILE=str(path)).test_client()
    page = BeautifulSoup(client.get("/").text, "html.parser")
    icon = page.find("link", rel="icon")
    styles = page.find("link", rel="stylesheet")
    assert icon is not None
    assert styles is not None
    assert '"#aa00aa"' in client.get(str(icon["href"])).text
    theme = client.get(str(styles["href"])).text.rpartition("--accent:#aa00aa")[2]
    for name in ("accent-strong", "on-accent", "accent-ground", "usual"):
        assert f"--{name}:" in theme
    plain = make_site().test_client()
    page = BeautifulSoup(plain.get("/").text, "html.parser")
    assert '"#0a5c66"' in plain.get(str(page.find("link", rel="icon")["href"])).text  # type: ignore[index]


def test_the_example_is_right() -> None:
    assert Identity.read(ROOT / "deploy" / "site.example.toml").operator


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("name = ", "not TOML"),
        ("nama = 'x'", "nama is not known"),
        ("name = ''", "name must be a text"),
        ("phone = 175", "phone must be a text"),
        ("accent = 'green'", "accent must be a colour such as"),
        ("logo = 'missing.svg'", "logo must be a file"),
        ("logo = 'site.toml'", "logo must be a file"),
    ],
)
def test_a_wrong_file_stops_the_start_and_names_the_entry(
    make_site: Callable[..., Flask], tmp_path: Path, text: str, told: str
) -> None:
    path = tmp_path / "site.toml"
    path.write_text(text)
    with pytest.raises(SettingsError, match=told):
        make_site(SITE_FILE=str(path))

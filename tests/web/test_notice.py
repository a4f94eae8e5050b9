"""The operator's banner, in the language of the page."""

from collections.abc import Callable

import pytest
from bs4 import BeautifulSoup
from flask import Flask

NOTICES = {"SITE_NOTICE": "Data contoh.", "SITE_NOTICE_EN": "Sample data."}


def notice(site: Flask, path: str) -> str:
    page = BeautifulSoup(site.test_client().get(path).text, "html.parser")
    told = page.find(class_="site-notice")
    return told.get_text(strip=True) if told else ""


@pytest.mark.parametrize("path", ["/", "/sematan", "/bantuan"])
def test_each_language_has_its_own_banner(make_site: Callable[..., Flask], path: str) -> None:
    site = make_site(**NOTICES)
    assert notice(site, path) == "Data contoh."
    assert notice(site, "/en" + path) == "Sample data."


def test_without_an_english_one_both_show_the_same(make_site: Callable[..., Flask]) -> None:
    site = make_site(SITE_NOTICE="Data contoh.", SITE_NOTICE_EN="")
    assert notice(site, "/en/") == "Data contoh."


def test_without_any_there_is_no_banner(make_site: Callable[..., Flask]) -> None:
    site = make_site(SITE_NOTICE="", SITE_NOTICE_EN="", GUARD_OFF="0")
    assert notice(site, "/") == notice(site, "/en/") == ""

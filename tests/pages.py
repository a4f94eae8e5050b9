"""What every page of the site keeps, whoever opens it: checked on each page any test visits."""

import re
from collections import Counter
from typing import Any

from bs4 import BeautifulSoup, Tag

HOLDS_TEXT = frozenset(
    {
        "h1", "h2", "h3", "h4", "h5", "h6", "p", "li", "dt", "dd", "a", "button", "label",
        "legend", "summary", "details",
    }
)  # fmt: skip
FILLS = ["img", "svg", "input", "select", "textarea", "iframe", "picture"]
NUMBER = re.compile(r"(?<![0-9A-Za-z])(?:\d{16}|\d{11})(?![0-9A-Za-z])")


def assert_keeps_house_rules(html: str, language: str, typed: str = "") -> BeautifulSoup:
    """Check a whole page; `typed` is the one text that its own field may show again."""
    page = _rendered(html)
    root = page.html
    assert root is not None
    assert root.get("lang") == language
    headings = page.find_all("h1")
    assert len(headings) == 1
    assert page.title is not None
    assert text_of(headings[0]) in text_of(page.title)
    assert page.find("main") is not None
    return _with_house_rules(page, html, typed)


def assert_fragment_keeps_house_rules(html: str, typed: str = "") -> BeautifulSoup:
    """Check what holds for a part of a page as well."""
    return _with_house_rules(_rendered(html), html, typed)


def _with_house_rules(part: BeautifulSoup, html: str, typed: str) -> BeautifulSoup:
    # Gone through once: thousands of pages are read.
    tags = [each for each in part.descendants if isinstance(each, Tag)]
    ids = Counter(tag["id"] for tag in tags if tag.has_attr("id"))
    assert not [name for name, count in ids.items() if count > 1]
    labelled = {tag.get("for") for tag in tags if tag.name == "label"}
    for tag in tags:
        assert tag.name not in HOLDS_TEXT or not _is_empty(tag), f"nothing in it: {tag}"
        assert tag.name != "style", "inline style"
        assert not tag.has_attr("style"), "style attribute"
        assert not [name for name in tag.attrs if name.startswith("on")], "inline handler"
        if tag.name == "script":
            assert tag.get("src"), "inline script"
        elif tag.name in ("input", "select", "textarea"):
            if tag.get("type") not in ("hidden", "submit"):
                assert _is_labelled(tag, labelled), f"no label: {tag.get('name')}"
        elif tag.name == "form":
            assert tag.get("action"), "a form needs an action to work without JavaScript"
            assert tag.get("method"), "a form needs a method to work without JavaScript"
        elif tag.name == "a":
            assert tag.get("href"), "a link needs an address"
    shown = NUMBER.search(html.replace(typed, "") if typed else html)
    assert shown is None, "a number stands in the page"
    return part


def text_of(tag: Any) -> str:
    assert tag is not None
    return " ".join(tag.get_text(" ").split())


def steps(page: BeautifulSoup) -> list[Tag]:
    return page.select(".rail > .step")


def _rendered(html: str) -> BeautifulSoup:
    page = BeautifulSoup(html, "html.parser")
    for unused in page.find_all("template"):
        unused.clear()
    return page


def _is_empty(tag: Tag) -> bool:
    """Return whether nobody finds anything there; in what opens, once it is open."""
    if tag.name == "details":
        inside = [each for each in tag.children if getattr(each, "name", None) != "summary"]
        return not any(each.get_text(strip=True) for each in inside)
    return next(tag.stripped_strings, None) is None and tag.find(FILLS) is None


def _is_labelled(field: Tag, labelled: set[Any]) -> bool:
    return bool(
        field.get("aria-label") or field.get("aria-labelledby") or field.get("id") in labelled
    )

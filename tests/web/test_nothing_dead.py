"""Nothing is kept that no page uses: templates, rules of styles, tokens, sentences."""

import re
from pathlib import Path

import pytest

from tests.conftest import ROOT
from tools.catalogues import read, running_text

TEMPLATES = ROOT / "templates"
STYLES = sorted((ROOT / "static/css").glob("*.css"))
PAGES = "\n".join(path.read_text(encoding="utf-8") for path in TEMPLATES.rglob("*.html"))
SCRIPTS = "\n".join(path.read_text(encoding="utf-8") for path in (ROOT / "static/js").glob("*.js"))
CODE = "\n".join(path.read_text("utf-8") for path in (ROOT / "tracking_site").rglob("*.py"))
BY_HTMX = {"htmx-request", "htmx-indicator"}


def rules(style: str) -> str:
    return re.sub(r"/\*.*?\*/", "", style, flags=re.S)


def has_word(word: str, text: str) -> bool:
    return re.search(rf"(?<![\w-]){re.escape(word)}(?![\w-])", text) is not None


@pytest.mark.parametrize("path", STYLES, ids=lambda path: path.name)
def test_every_selector_is_of_something_on_a_page(path: Path) -> None:
    selectors = " ".join(re.findall(r"([^{}]+)\{", rules(path.read_text(encoding="utf-8"))))
    named = set(re.findall(r"[.#]([a-zA-Z][\w-]*)|\[([\w-]+)", selectors))
    names = {one or other for one, other in named} - BY_HTMX
    assert sorted(name for name in names if not has_word(name, PAGES + SCRIPTS)) == []


def test_every_token_is_used_and_every_used_one_is_there() -> None:
    """A rule with a token that is nowhere is no rule: it lost the room around things once."""
    all_rules = "\n".join(rules(path.read_text(encoding="utf-8")) for path in STYLES)
    tokens = set(re.findall(r"--([\w-]+)\s*:", all_rules))
    assert set(re.findall(r"var\(--([\w-]+)", all_rules)) == tokens


def test_every_template_is_rendered_or_included() -> None:
    names = [path.relative_to(TEMPLATES).as_posix() for path in TEMPLATES.rglob("*.html")]
    parts = set(re.findall(r"name = \"(\w+)\"", CODE))  # _result.html includes an outcome by it.
    unused = [
        name
        for name in names
        if name not in PAGES + CODE
        and not (name.endswith("/result.html"))
        and re.sub(r"partials/_(\w+)\.html", r"\1", name) not in parts
    ]
    assert unused == []


def test_every_translated_sentence_stands_in_a_template() -> None:
    standing = {text for _name, text in running_text()}
    catalogue = read(ROOT / "tracking_site/locale/en/LC_MESSAGES/messages.po")
    assert [each.id for each in catalogue if each.id and each.id not in standing] == []

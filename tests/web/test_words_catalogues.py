"""The catalogues are whole: compiled, translated, and alike in both languages."""

import re
from io import BytesIO
from pathlib import Path
from string import Formatter

import pytest
from babel.messages.catalog import Catalog
from babel.messages.mofile import read_mo

from tools.catalogues import catalogues, read, running_text
from tracking_site.telling.languages import LANGUAGES

from .families import FAMILIES

LOCALE = catalogues()[0].parents[2]
RUN_THIS = "run: python -m tools.catalogues"
WRITING = {
    "weekday", "weekday_short", "month", "month_short", "date", "number", "list",
    "days", "working_days", "ago", "ago_minute", "ago_hour", "ago_day",
}  # fmt: skip


def codes(language: str) -> dict[str, str]:
    catalogue = read(LOCALE / language / "LC_MESSAGES" / "codes.po")
    return {str(each.id): str(each.string) for each in catalogue if each.id}


def texts(catalogue: Catalog) -> dict[object, object]:
    return {each.id: each.string for each in catalogue if each.id and each.string}


def names_in(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name}


@pytest.mark.parametrize("path", catalogues(), ids=lambda path: f"{path.parts[-3]}-{path.stem}")
def test_a_compiled_catalogue_is_in_step_with_its_text(path: Path) -> None:
    compiled = read_mo(BytesIO(path.with_suffix(".mo").read_bytes()))
    assert texts(compiled) == texts(read(path)), RUN_THIS


def test_every_language_has_the_same_codes() -> None:
    ours, *others = (codes(language) for language in LANGUAGES)
    for other in others:
        assert ours.keys() == other.keys()


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_code_is_without_words(language: str) -> None:
    assert [key for key, text in codes(language).items() if not text.strip()] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_texts_ask_only_for_the_values_of_their_family(language: str) -> None:
    for key, text in codes(language).items():
        family = key.split(".", 1)[0]
        if family not in WRITING:
            assert names_in(text) <= FAMILIES[family], key


def test_every_language_uses_the_same_values() -> None:
    ours, theirs = (codes(language) for language in LANGUAGES)
    differ = [key for key in ours if names_in(ours[key]) != names_in(theirs[key])]
    assert differ == []


def test_the_running_text_of_every_template_is_translated() -> None:
    english = texts(read(LOCALE / "en" / "LC_MESSAGES" / "messages.po"))
    found = list(running_text())
    assert len(found) > 50
    missing = {text for _name, text in found if text not in english}
    assert missing == set(), RUN_THIS


def test_a_translation_keeps_values_and_links() -> None:
    kept = re.compile(r"%\(\w+\)s|</?[a-z]+[^>]*>")
    for message in read(LOCALE / "en" / "LC_MESSAGES" / "messages.po"):
        if isinstance(message.id, str) and message.id:
            ours, theirs = kept.findall(message.id), kept.findall(str(message.string))
            assert sorted(ours) == sorted(theirs), message.id


def test_running_text_has_no_line_breaks() -> None:
    broken = [name for name, text in running_text() if "\n" in str(text)]
    assert broken == [], "write {% trans trimmed %}"


def test_no_count_of_one_reads_as_many_in_english() -> None:
    """Whatever is counted may be one; Indonesian has no plural, so nobody sees it there."""
    many = re.compile(r"%\(\w+\)s (seconds|minutes|hours|days|claims)\b")
    english = texts(read(LOCALE / "en" / "LC_MESSAGES" / "messages.po")).values()
    assert [text for text in english if many.search(str(text))] == []


def test_one_thing_has_one_name_on_the_pages_that_people_read() -> None:
    """What is kept is a "link pribadi", whichever page speaks of it; `/mitra` is for editors."""
    other = re.compile(r"\b(tautan|alamat pantau)\b", re.IGNORECASE)
    messages = [text for name, text in running_text() if "embedding" not in name]
    said = [*codes("id").values(), *map(str, messages)]
    assert [text for text in said if other.search(text)] == []

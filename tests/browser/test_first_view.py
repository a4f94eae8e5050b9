"""What a worried person sees first, how far the page goes, and how many words it takes."""

import json
import re
from pathlib import Path
from statistics import median
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import MakeVisitor
from tests.live import LiveSite

SMALL_PHONE = {"width": 360, "height": 640}
FIRST_VIEW = 560
MAX_HEIGHT = 2200
A_STEP_BACK = 80
"""Pixels that a journey may add for each step that it went back to, and says why."""

WORDS_OF_FORMER = 0.6
FORMER = json.loads((Path(__file__).parent / "former_words.json").read_text(encoding="utf-8"))
"""Words of each result as it was drawn before its first sentence carried the date; seen ones."""

MEASURE = """async ({ address, number }) => {
    const answer = await fetch(address, {
        method: 'POST',
        body: new URLSearchParams({ nomor: number }),
        headers: { 'HX-Request': 'true', 'HX-Request-Type': 'partial' },
    });
    const main = document.querySelector('main');
    main.innerHTML = await answer.text();
    const all = (selector, within = main) => [...within.querySelectorAll(selector)];
    all('[data-live], [data-copy], [data-print]').forEach((each) => { each.hidden = false; });
    all('[data-reload]').forEach((each) => { each.hidden = true; });
    const bottom = (each) => (each ? each.getBoundingClientRect().bottom + scrollY : 0);
    const seen = main.cloneNode(true);
    const unseen = 'svg, [hidden], .printed, .said, [aria-hidden], details > :not(summary)';
    all(unseen, seen).forEach((each) => each.remove());
    const todo = main.querySelector('.band .calm, .band .button, .band .todo');
    return {
        first: Math.max(bottom(main.querySelector('h1')), bottom(todo)),
        height: document.documentElement.scrollHeight,
        calm: main.querySelectorAll('.sheet:not(.many) .answer .calm').length,
        back: main.querySelectorAll('.rail .step > p, .rail .card > p + p + p').length,
        text: seen.textContent,
    };
}"""


@pytest.mark.parametrize(("prefix", "language"), [("", "id"), ("/en", "en")])
def test_every_sample_fits_what_a_worried_person_has_time_for(
    make_visitor: MakeVisitor, live_site: LiveSite, prefix: str, language: str
) -> None:
    page = make_visitor(viewport=SMALL_PHONE).open(f"{prefix}/")
    styles = page.locator("#kabar").get_attribute("data-styles")
    page.add_style_tag(url=styles)
    low: dict[str, Any] = {}
    tall: dict[str, Any] = {}
    words: dict[str, int] = {}
    for sample in live_site.core.samples:
        if sample.situation not in FORMER[language]:
            continue
        asked = {"address": f"{prefix}/lacak", "number": sample.nik}
        told = page.evaluate(MEASURE, asked)
        words[sample.situation] = len(re.findall(r"\w+", told["text"]))
        if told["first"] > FIRST_VIEW and sample.situation not in LONG_BY_NATURE:
            low[sample.situation] = told["first"]
        if told["calm"] and told["height"] > MAX_HEIGHT + A_STEP_BACK * told["back"]:
            tall[sample.situation] = told["height"]
    assert low == {}
    assert {name: each for name, each in tall.items() if name not in LONG_BY_NATURE} == {}
    former = median(FORMER[language][name] for name in words)
    assert median(words.values()) <= WORDS_OF_FORMER * former


LONG_BY_NATURE = {"long_names", "markup_in_names"}
"""Samples whose names are as long as the contract allows."""


@pytest.mark.parametrize("width", [320, 740], ids=["four_times_as_large", "a_phone_that_lies"])
def test_a_low_window_shows_no_drawings_and_says_all_the_same_what_to_type(
    make_visitor: MakeVisitor, width: int
) -> None:
    page = make_visitor(viewport={"width": width, "height": 256}).open()
    for text in ("KPJ: 11 angka", "di kartu peserta", "NIK: 16 angka", "di KTP"):
        expect(page.get_by_text(text, exact=True)).to_be_visible()
    expect(page.locator(".drawn svg").first).to_be_hidden()

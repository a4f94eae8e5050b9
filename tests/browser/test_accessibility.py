"""Every page and every kind of result, by axe-core and by what a screen reader is told."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.axe import violations
from tests.browser.conftest import MakeVisitor
from tests.live import LiveSite
from tests.snapshots.others import PAGES

PATHS = [path for path in PAGES.values() if re.fullmatch(r"/[\w-]*", path)]

SHOW = """async ({ address, number }) => {
    const answer = await fetch(address, {
        method: 'POST',
        body: new URLSearchParams({ nomor: number }),
        headers: { 'HX-Request': 'true', 'HX-Request-Type': 'partial' },
    });
    const main = document.querySelector('main');
    main.innerHTML = await answer.text();
    main.querySelectorAll('details').forEach((each) => { each.open = true; });
    const look = (each) => each.tagName + [...each.attributes]
        .filter(({ name }) => /^(class|data-(state|step|clock|day|gap|payment)|hidden)$/.test(name))
        .map(({ name, value }) => `[${name}=${value}]`).join('');
    const looks = [...main.querySelectorAll('*')].map((each) => {
        const box = each.closest('.box, .card, .step, .clock');
        return `${box ? look(box) : ''} ${look(each.parentElement)} > ${look(each)}`;
    });
    return [...new Set(looks)];
}"""
"""Shows the answer for a number as htmx would, unfolded, and tells how its elements look."""


@pytest.mark.parametrize(("prefix", "scheme"), [("", "light"), ("/en", "dark")])
def test_no_sample_breaks_a_rule(
    make_visitor: MakeVisitor, live_site: LiveSite, prefix: str, scheme: str
) -> None:
    """All samples are shown; the rules are run where one looks unlike all before it."""
    page = make_visitor(color_scheme=scheme).open(f"{prefix}/")
    known: set[str] = set()
    broken = {}
    for sample in live_site.core.samples:
        asked = {"address": f"{prefix}/lacak", "number": sample.nik}
        looks = set(page.evaluate(SHOW, asked))
        if looks - known:
            broken[sample.situation] = violations(page)
        known |= looks
    assert {situation: lines for situation, lines in broken.items() if lines} == {}
    assert len(broken) > 10, "the samples look too much alike to be those of the sandbox"


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("prefix", ["", "/en"])
def test_no_page_breaks_a_rule(make_visitor: MakeVisitor, prefix: str, scheme: str) -> None:
    visitor = make_visitor(color_scheme=scheme)
    broken = {}
    for path in PATHS:
        page = visitor.open(f"{prefix}{path}")
        page.evaluate(
            "document.querySelectorAll('details').forEach((each) => { each.open = true; })"
        )
        found = violations(page)
        if found:
            broken[path] = found
    assert broken == {}


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_refused_number_breaks_no_rule(make_visitor: MakeVisitor, scheme: str) -> None:
    visitor = make_visitor(color_scheme=scheme)
    assert violations(visitor.look_up("12345", outcome="invalid")) == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_message_of_a_lost_connection_breaks_no_rule(
    make_visitor: MakeVisitor, scheme: str
) -> None:
    visitor = make_visitor(color_scheme=scheme)
    visitor.bear("net::ERR_|Failed to fetch")
    page = visitor.open()
    page.route("**/lacak", lambda route: route.abort())
    visitor.type_number("12345")
    visitor.press()
    expect(page.locator(".trouble")).to_be_visible()
    assert violations(page) == []

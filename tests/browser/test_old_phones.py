"""Old phones, as far as a new browser can play them: Chrome and WebView from 80 on, iOS from 13.4.

What those do not know is taken out of the styles, out of the page and out of htmx; what they
cannot read is looked for in our scripts.
"""

import re

import pytest
from playwright.sync_api import Page, Route, expect

from harness.servers import ROOT
from tests.browser.conftest import MakeVisitor
from tests.browser.visitor import NO_FADE, Visitor
from tests.live import LiveSite

NEWER_LAYOUT = re.compile(
    r"(?<![\w-])(?:(?:margin|padding|border)-(?:block|inline)(?:-\w+)?|inset(?:-\w+)*|row-gap|gap"
    r"|aspect-ratio)\s*:[^;}]*;?"
)
"""Flex gaps are of Chrome 84 and iOS 14.5, logical properties and `inset` of 87 and 14.5."""

NEWER_LOOK = re.compile(r"(?<![\w-])(?:accent-color|text-wrap|content-visibility)\s*:[^;}]*;?")
NEWER_RULES = re.compile(
    r"[^{}]*(?::is\(|:where\(|:has\(|:focus-visible|::details-content)[^{}]*\{[^}]*\}"
)

NEWER_SCRIPT = re.compile(
    r"(?:\|\||&&|\?\?)=|\breplaceChildren\b|\brequestSubmit\b|\.replaceAll\(|\.at\(|\bhasOwn\b"
    r"|\bstructuredClone\b|\bPromise\.any\b|\bAbortSignal\.(?:any|timeout)\b|\bstatic \{|[{;]\s*#\w"
    r"|\.checkVisibility\(|\.toSorted\(|\.findLast\("
)
"""`||=` is of Chrome 85 and iOS 14, `replaceChildren` of 86 and 14, `requestSubmit` of iOS 16."""

FOR_EDITORS = ("partners.js",)
"""What is no page of a person who follows a claim."""

SCRIPTS = sorted(path.name for path in (ROOT / "static/js").glob("*.js"))
STYLES = ("tokens.css", "base.css", "components.css", "claim.css", "embed.css")

OVERLAPS = """(pairs) => pairs.flatMap(([one, other]) => [...document.querySelectorAll(one)]
    .filter((each) => each.checkVisibility()).flatMap((each) => {
        const a = each.getBoundingClientRect();
        return [...each.closest('li, summary, div').querySelectorAll(other)].filter((next) => {
            const b = next.getBoundingClientRect();
            return next !== each && b.width && next.checkVisibility()
                && a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom;
        }).map((next) => `${each.outerHTML.slice(0, 60)} on ${next.outerHTML.slice(0, 60)}`);
    }))"""
MUST_NOT_TOUCH = [
    [".dot", ".step-name, .card"],
    ["summary > .icon", "summary > span"],
    [".trio > *", ".trio > *"],
    [".pair > *", ".pair > *"],
    [".tile b", ".tile b"],
    [".drawn", ".drawn"],
]
AT_THE_EDGE = """() => [...document.querySelectorAll('main *, footer *')].filter((each) => {
    const own = [...each.childNodes].some((node) => node.nodeType === 3 && node.data.trim());
    const box = each.getBoundingClientRect();
    const isSeen = own && box.width && each.checkVisibility() && !each.closest('.said, .printed');
    return isSeen && (box.left < 10 || box.right > document.documentElement.clientWidth - 8);
}).map((each) => each.outerHTML.slice(0, 80))"""


@pytest.mark.parametrize("name", [each for each in SCRIPTS if each not in FOR_EDITORS])
def test_our_scripts_use_nothing_newer(name: str) -> None:
    script = (ROOT / "static/js" / name).read_text(encoding="utf-8")
    assert NEWER_SCRIPT.findall(script) == []


@pytest.mark.parametrize("name", STYLES)
def test_no_measure_is_newer(name: str) -> None:
    style = (ROOT / "static/css" / name).read_text(encoding="utf-8")
    assert [each for each in NEWER_LAYOUT.findall(style) if each] == []


def without_what_is_newer(route: Route) -> None:
    answer = route.fetch()
    style = answer.text()
    for newer in (NEWER_LAYOUT, NEWER_LOOK, NEWER_RULES):
        style = newer.sub("", style)
    route.fulfill(response=answer, body=style)


def unreadable_htmx(visitor: Visitor) -> None:
    """Let htmx come and not be read, as where its private methods are no syntax."""

    def without_its_hash(route: Route) -> None:
        answer = route.fetch(max_redirects=0)
        text = re.sub(r'integrity="[^"]*"', 'integrity=""', answer.text())
        route.fulfill(response=answer, body=text)

    visitor.bear(f"Unexpected identifier|SyntaxError|{NO_FADE}|'integrity' attribute")
    visitor.page.route(re.compile(r"/$|/klaim/|/lacak$"), without_its_hash)
    visitor.page.route(
        "**/vendor/htmx*",
        lambda route: route.fulfill(body="no syntax", content_type="text/javascript"),
    )


def assert_stands_apart(page: Page) -> None:
    assert page.evaluate(OVERLAPS, MUST_NOT_TOUCH) == []
    assert page.evaluate(AT_THE_EDGE) == []


@pytest.mark.parametrize("situation", ["assessment_day_3", "missing_document", "several_claims"])
def test_nothing_touches_what_is_beside_it(
    make_visitor: MakeVisitor, live_site: LiveSite, situation: str
) -> None:
    visitor = make_visitor()
    visitor.page.route("**/static/css/*", without_what_is_newer)
    visitor.open()
    assert_stands_apart(visitor.page)
    page = visitor.look_up(live_site.sample(situation).nik)
    page.evaluate("document.querySelectorAll('details').forEach((each) => { each.open = true; })")
    assert_stands_apart(page)


def test_where_htmx_cannot_be_read_a_lookup_goes_as_forms_do(
    make_visitor: MakeVisitor, live_site: LiveSite
) -> None:
    visitor = make_visitor()
    unreadable_htmx(visitor)
    page = visitor.open()
    visitor.type_number(live_site.sample("assessment_day_3").nik)
    visitor.press()
    page.wait_for_url("**/klaim/*")
    page.wait_for_selector("#hasil[data-outcome=found]")
    (sent,) = visitor.requests("/lacak")
    assert "hx-request" not in sent.headers
    # Scripts may run later than the page is there.
    expect(page.locator("[data-reload]"), "it does not refresh itself, and says so").to_be_visible()
    expect(page.locator("[data-print]"), "what needs no htmx is there").to_be_visible()

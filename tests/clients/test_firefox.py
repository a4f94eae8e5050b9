"""What a person does with Firefox; and that the harness itself drives it for real."""

import json
from pathlib import Path
from unittest.mock import Mock

import pytest
from playwright.sync_api import Browser, Error, expect

from tests.browser.conftest import MakeVisitor
from tests.browser.framing import frame_tag, look_up, show
from tests.browser.host import HostPage
from tests.browser.visitor import Visitor
from tests.clients.bidi import answered, asks_usual_look
from tests.clients.conftest import FirefoxVisitor, MakeFirefox
from tests.clients.firefox import start_firefox
from tests.live import LiveSite


def test_it_is_the_firefox_of_the_system_and_not_a_build_of_the_driver(browser: Browser) -> None:
    page = browser.new_page()
    agent = page.evaluate("navigator.userAgent")
    page.close()
    assert f"Firefox/{browser.version.partition('.')[0]}." in agent


def test_a_number_leads_to_its_claim_and_back(visitor: Visitor, live_site: LiveSite) -> None:
    page = visitor.look_up(live_site.sample("assessment_day_3").nik)
    expect(page.locator("h1")).to_be_focused()
    assert "/klaim/" in page.url
    page.go_back()
    expect(page.locator("#nomor")).to_have_value("")


def test_without_scripts_it_is_the_same(make_visitor: MakeVisitor, live_site: LiveSite) -> None:
    visitor = make_visitor(java_script_enabled=False)
    page = visitor.look_up(live_site.sample("assessment_day_3").nik)
    assert "/klaim/" in page.url
    assert page.evaluate("window.htmx") is None


def test_inside_a_page_of_somebody_else(
    reader: Visitor, host: HostPage, framed_site: LiveSite
) -> None:
    frame = show(reader, host, frame_tag(reader.site))
    look_up(frame, framed_site.sample("assessment_day_3").nik)
    assert reader.page.url == f"{host.origin}/"


def test_what_a_page_complains_of_is_heard(browser: Browser, live_site: LiveSite) -> None:
    visitor = FirefoxVisitor(browser, live_site.url)
    visitor.open().evaluate("console.error('a complaint')")
    visitor.page.wait_for_timeout(100)
    assert [each for each in visitor.leave() if "a complaint" in each]


def test_preferences_are_taken(make_firefox: MakeFirefox) -> None:
    page = make_firefox({"ui.systemUsesDarkTheme": 1}).new_page()
    assert page.evaluate("matchMedia('(prefers-color-scheme: dark)').matches")


@pytest.mark.parametrize(("ci", "outcome"), [("true", "Failed"), ("", "Skipped")])
@pytest.mark.parametrize("step", ["launch", "new_context"])
def test_one_that_is_too_old_is_named_with_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str, ci: str, outcome: str
) -> None:
    monkeypatch.setenv("CI", ci)
    old = Mock()
    does_not_know = Error("Protocol error (network.addDataCollector): unknown command")
    (old if step == "launch" else old.launch.return_value).configure_mock(
        **{f"{step}.side_effect": does_not_know}
    )
    with pytest.raises(BaseException, match="apt-get install --only-upgrade") as raised:
        start_firefox(Mock(firefox=old), tmp_path)
    assert type(raised.value).__name__ == outcome


@pytest.mark.parametrize(
    ("command", "usual"),
    [
        ({"method": "emulation.setMediaFeaturesOverride", "features": {}}, True),
        (
            {
                "method": "emulation.setMediaFeaturesOverride",
                "features": {"prefers-color-scheme": "light"},
            },
            True,
        ),
        (
            {
                "method": "emulation.setMediaFeaturesOverride",
                "features": {"prefers-color-scheme": "dark"},
            },
            False,
        ),
        ({"method": "emulation.setLocaleOverride", "features": {}}, False),
    ],
)
def test_the_usual_look_alone_is_answered_for_firefox(
    command: dict[str, object], usual: bool
) -> None:
    asked = {"id": 7, "method": command["method"], "params": {"features": command["features"]}}
    assert asks_usual_look(asked) is usual


def test_an_answer_is_changed_only_where_firefox_knows_no_such_command() -> None:
    unknown = {"type": "error", "id": 7, "error": "unknown command"}
    other = {"type": "error", "id": 7, "error": "invalid argument"}
    done = {"type": "success", "id": 7, "result": {"a": 1}}
    assert json.loads(answered(json.dumps(unknown), {7})) == {
        "type": "success",
        "id": 7,
        "result": {},
    }
    for message, ids in ((unknown, {8}), (other, {7}), (done, {7})):
        text = json.dumps(message)
        assert answered(text, ids) == text

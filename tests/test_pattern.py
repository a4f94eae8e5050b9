"""The pattern page holds every sample and every outcome, in both languages."""

import re

import pytest

from sandbox import Sandbox
from tests.pages import assert_keeps_house_rules
from tracking_site.domain.identifiers import InvalidReason
from tracking_site.pattern import pattern_app


@pytest.mark.proofs
@pytest.mark.parametrize(("path", "language"), [("/-/pola", "id"), ("/en/-/pola", "en")])
def test_it_shows_every_sample_and_every_reason(sandbox: Sandbox, path: str, language: str) -> None:
    response = pattern_app(sandbox).test_client().get(path)
    assert response.status_code == 200
    page = assert_keeps_house_rules(response.text, language)
    shown = {name.get_text(strip=True) for name in page.find_all(class_="pattern-name")}
    assert {sample.situation for sample in sandbox.samples} <= shown
    assert {f"invalid {reason}" for reason in InvalidReason} <= shown
    assert {"stale", "refused", "unavailable"} <= shown
    blocks = {
        each.find(class_="pattern-name").get_text(): each
        for each in page.select(".pattern[data-outcome]")
    }
    of_the_line = {name: each for name, each in blocks.items() if name.startswith("waiting")}
    assert len(of_the_line) == 4
    assert all(each.select(".line-drawn .you") for each in of_the_line.values())
    assert len({each.h2.get_text() for each in of_the_line.values()}) == 4
    assert blocks["waiting quiet"].find(string=re.compile("10 m")) is not None
    asked = [blocks["challenge"], blocks["challenge too early"]]
    assert [len(each.select("form[data-challenge] button")) for each in asked] == [1, 1]
    assert [len(each.select("[role=alert]")) for each in asked] == [0, 1]
    for name in ("refused", "unavailable", "unavailable closed"):
        assert blocks[name].select(".band .lead") and blocks[name].select(".next-part"), name
    assert blocks["nothing_to_show"].select("dl dt")


@pytest.mark.proofs
def test_one_claim_looks_as_on_its_page_and_several_as_rows(sandbox: Sandbox) -> None:
    response = pattern_app(sandbox).test_client().get("/-/pola")
    page = assert_keeps_house_rules(response.text, "id")
    blocks = {each.find(class_="pattern-name").get_text(): each for each in page.select(".pattern")}
    alone = blocks["overdue"]
    assert alone.select(".band.answer > h2.first > .large")
    assert alone.select(".side > .journey .rail")
    assert alone.select(".side .usual .cells")
    assert not alone.select(".claim-row")
    assert len(blocks["several_cards"].select(".claim-row")) == 3

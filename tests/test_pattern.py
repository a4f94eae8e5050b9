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

"""Pages, parts, frames and feeds are what was last read in review, to the byte."""

import re
from collections.abc import Callable, Mapping

import pytest
from flask import Flask

from sandbox import Participant
from tests.conftest import ROOT
from tests.snapshots import kept
from tests.snapshots.others import PAGES, WRONG
from tests.snapshots.results import FEEDS, TREES
from tracking_site.domain.identifiers import (
    Invalid,
    InvalidReason,
    parse_identifier,
)

Texts = Mapping[str, str]
MakeSite = Callable[..., Flask]


@pytest.fixture(scope="module")
def texts() -> Texts:
    return kept.taken()


@pytest.mark.proofs
def test_nothing_has_changed_unseen(texts: Texts) -> None:
    found = list(kept.differences(texts))
    assert not found, "\n".join(
        ["Answers have changed. If they should:", f"    {kept.COMMAND}", *found]
    )


@pytest.mark.proofs
def test_every_sample_is_there_in_both_languages_and_every_form(
    texts: Texts, samples: dict[str, Participant]
) -> None:
    for situation in samples:
        for language in TREES:
            of_sample = {name for name in texts if name.startswith(f"{situation} {language} ")}
            forms = {name.rpartition(" ")[2] for name in of_sample}
            is_found = texts[f"{situation} {language} part"].startswith("HTTP 200")
            assert forms >= {"part", "page", "frame", *(("followed", *FEEDS) if is_found else ())}


def test_every_page_is_there_and_named_in_the_log_of_nginx(make_site: MakeSite) -> None:
    site = make_site()
    client = site.test_client()
    pages = {
        rule.rule
        for rule in site.url_map.iter_rules()
        if rule.endpoint.startswith("id.") and "GET" in rule.methods and not rule.arguments
        if client.get(rule.rule).mimetype == "text/html"
    }
    assert {"/", "/sematan"} < pages <= set(PAGES.values())
    nginx = (ROOT / "deploy" / "nginx" / "lacak-klaim.conf").read_text(encoding="utf-8")
    [named] = re.findall(r'"~(\S+)" \$uri;', nginx)
    assert [page for page in pages if not re.search(named, page)] == []


def test_every_way_to_be_wrong_is_there() -> None:
    elsewhere = {InvalidReason.CARD_END, InvalidReason.KIND_NOT_HERE}
    assert set(WRONG) == set(InvalidReason) - elsewhere
    for reason, text in WRONG.items():
        wrong = parse_identifier(text)
        assert isinstance(wrong, Invalid)
        assert wrong.reason is reason


@pytest.mark.proofs
def test_of_a_change_the_lines_are_shown_or_the_name_is_told(texts: Texts) -> None:
    shown, named = kept.IN_FULL[0], "rejected_data_mismatch en frame"
    changed = {name: text for name, text in texts.items() if name != "help id page"}
    for name in (shown, named):
        changed[name] = texts[name].replace("<h1", "<h2")
    told = list(kept.differences({**changed, "one more": ""}))
    assert {line[1:4] for line in told if line.startswith(("-<", "+<"))} == {"<h1", "<h2"}
    assert f"--- kept: {shown}" in told
    for line in ("2 changed:", f"  {named}", "1 gone:", "  help id page", "1 new:", "  one more"):
        assert line in told


@pytest.mark.proofs
def test_no_hash_of_a_file_stands_in_a_text(texts: Texts) -> None:
    assert all("/static/" not in line or ".HASH." in line for line in texts["form id page"].split())

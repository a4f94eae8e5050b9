"""What the core leaves out is left out of a page, and never leaves a hole in it."""

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from bs4 import BeautifulSoup

from sandbox import Participant
from tests.conftest import Visit
from tests.domain.claims import BRANCH, at, claim
from tests.pages import assert_keeps_house_rules, text_of
from tests.test_lookup import NIK, GivenClaims
from tracking_site.app import create_app
from tracking_site.domain.claims import (
    Appointment,
    Branch,
    Claim,
    ClaimOutcome,
    Document,
    Payment,
    Snapshot,
)
from tracking_site.settings import Settings

NOW = at(2)
LOOKUPS = {"id": "/lacak", "en": "/en/lacak"}
IN_A_FRAME = {"id": "/sematan/lacak", "en": "/en/sematan/lacak"}
UNNAMED = Branch("", "", "(000) 555-0199")
NOT_TOLD_AT_ALL = Branch(" ", "")
PATHS = [(language, path) for paths in (LOOKUPS, IN_A_FRAME) for language, path in paths.items()]

in_each_place = pytest.mark.parametrize(("language", "path"), PATHS)


PageOf = Callable[..., BeautifulSoup]


@pytest.fixture(scope="module")
def page_of(environ: dict[str, str]) -> PageOf:
    """Read what one site says of the claims that its core tells this time."""
    source = GivenClaims(Snapshot((), NOW))
    client = create_app(Settings.from_env(environ), source, clock=lambda: NOW).test_client()

    def read(told: Claim, language: str, path: str, *others: Claim) -> BeautifulSoup:
        source.answer = Snapshot((told, *others), NOW)
        response = client.post(path, data={"nomor": NIK}, follow_redirects=True)
        assert response.status_code == 200
        return assert_keeps_house_rules(response.text, language)

    return read


@pytest.mark.proofs
@pytest.mark.parametrize("path", ["/lacak", "/sematan/lacak"])
def test_nothing_on_a_page_of_a_sample_is_empty(
    visit: Visit, samples: dict[str, Participant], path: str
) -> None:
    """What holds of every page is checked by the visit itself (tests/pages.py)."""
    for sample in samples.values():
        response, _ = visit(path, {"nomor": sample.nik})
        assert response.status_code in (200, 404)


@in_each_place
@pytest.mark.parametrize("branch", [UNNAMED, NOT_TOLD_AT_ALL])
@pytest.mark.parametrize(
    "step", ["upload_documents", "fix_data_at_branch", "call_175", "submit_again", "wait", "none"]
)
@pytest.mark.parametrize("state", ["action_needed", "rejected", "payment_returned"])
def test_a_branch_without_a_name_is_called_a_branch(
    page_of: PageOf, language: str, path: str, branch: Branch, step: str, state: str
) -> None:
    told = claim(
        "registered",
        "document_check",
        state=state,
        branch=branch,
        outcome=ClaimOutcome("correction_needed", "documents_incomplete", step),
    )
    page = page_of(told, language, path)
    text = text_of(page.select_one(".claim"))
    assert re.search(r"\b(ke|di|to|at|or|and) ?[.,;]", text) is None, text
    named = page.select_one(".branch h2, .folds b bdi, p.fold bdi")
    assert text_of(named) == {"id": "Kantor cabang", "en": "Branch"}[language]


@in_each_place
def test_what_a_database_writes_for_nothing_is_not_shown(
    page_of: PageOf, language: str, path: str
) -> None:
    dashes = Branch("-", "-", "-", address=" ", hours="–")
    page = page_of(claim("registered", branch=dashes), language, path)
    untold = page_of(claim("registered", branch=NOT_TOLD_AT_ALL), language, path)
    assert text_of(page.select_one(".claim")) == text_of(untold.select_one(".claim"))


@in_each_place
def test_a_way_that_is_not_told_has_no_row(page_of: PageOf, language: str, path: str) -> None:
    rows = page_of(claim("registered"), language, path).select(".particulars dt")
    without = page_of(replace(claim("registered"), channel=""), language, path)
    assert len(without.select(".particulars dt")) == len(rows) - 1


@in_each_place
def test_documents_that_all_stand_above_are_not_folded_again(
    page_of: PageOf, language: str, path: str
) -> None:
    told = claim(
        "registered",
        "document_check",
        state="action_needed",
        documents=(Document("bank_book", "missing"), Document("family_card", "rejected")),
    )
    page = page_of(told, language, path)
    assert len(page.select(".papers > li")) == 2
    assert not page.select(".documents")
    assert page.select(".particulars")


@in_each_place
@pytest.mark.parametrize("branch", [BRANCH, replace(BRANCH, phone="(000) 555-0199")])
def test_what_opens_in_a_frame_holds_something(
    page_of: PageOf, language: str, path: str, branch: Branch
) -> None:
    page = page_of(claim("registered", branch=branch), language, path)
    opens = {text_of(each.summary) for each in page.select("details.fold")}
    is_framed = path == IN_A_FRAME[language]
    assert (f"{BRANCH.name} {BRANCH.regency}" in opens) is bool(branch.phone and is_framed)
    assert BRANCH.name in text_of(page)


@in_each_place
@pytest.mark.parametrize("kind", ["video_interview", "branch_visit"])
def test_a_time_beside_something_else_says_of_what_it_is(
    page_of: PageOf, language: str, path: str, kind: str
) -> None:
    starts = NOW + timedelta(days=1)
    told = claim(
        "registered",
        "document_check",
        state="action_needed",
        documents=(Document("bank_book", "missing"),),
        appointment=Appointment(kind, starts, starts + timedelta(minutes=30)),
    )
    said = text_of(page_of(told, language, path).select_one(".answer .lead b"))
    named = {
        "video_interview": {
            "id": "Wawancara lewat panggilan video",
            "en": "Interview by video call",
        },
        "branch_visit": {"id": "Kunjungan ke kantor cabang", "en": "Visit to the branch"},
    }[kind][language]
    assert re.fullmatch(rf"{named}: (besok|tomorrow), .+ WIB", said)


@pytest.mark.parametrize("path", ["/lacak", "/sematan/lacak"])
def test_the_row_of_what_has_ended_names_each_service_once(page_of: PageOf, path: str) -> None:
    ended = [
        claim(
            "registered",
            "completed",
            service=service,
            kind=kind,
            state="completed",
            reference=f"X-{place}",
            submitted_at=at(-60 - place),
            payment=Payment(at(-40).date(), at(-40)),
        )
        for place, (service, kind) in enumerate([("jht", "full"), ("jkp", None), ("jht", "full")])
    ]
    page = page_of(claim("registered"), "id", path, *ended)
    (row,) = page.select(".done-rows > summary")
    assert text_of(row) == "3 sudah selesai JHT 100%, JKP"


@in_each_place
@pytest.mark.parametrize("is_first", [True, False])
def test_a_claim_that_names_no_card_or_no_day_leaves_no_hole_in_a_row(
    page_of: PageOf, language: str, path: str, is_first: bool
) -> None:
    """Beside one that names both."""
    returned = claim("registered", "payment", state="payment_returned")
    named = replace(
        returned,
        reference="JHT-0000-000001",
        kpj_suffix="45",
        payment=Payment(at(1).date(), at(1), at(1, 8)),
    )
    untold = replace(returned, submitted_at=at(1 if is_first else -1))
    rows = page_of(untold, language, path, named).select(".row-title, h1")
    assert len(rows) == 3
    for row in rows:
        assert "None" not in text_of(row)
        assert " :" not in text_of(row)

"""Names of the core that are written from right to left turn no other word around."""

from dataclasses import replace

import pytest
from bs4 import BeautifulSoup

from tests.domain.claims import at, claim
from tests.test_lookup import NIK, GivenClaims
from tracking_site.app import create_app
from tracking_site.claims_api.contract import decode_snapshot, encode_snapshot
from tracking_site.domain.claims import Branch, ClaimOutcome, Snapshot
from tracking_site.settings import Settings

NAME = "מרכז 175"
TURNED = "Cabang \u202eATAD\u202c"
BRANCH = Branch(NAME, TURNED, address=TURNED, hours=TURNED)


@pytest.mark.parametrize("path", ["/lacak", "/en/lacak", "/sematan/lacak"])
def test_names_stand_apart_and_nothing_turns_the_page(environ: dict[str, str], path: str) -> None:
    told = claim(
        "registered",
        "document_check",
        state="action_needed",
        branch=BRANCH,
        reference="מ-0000-000000",
        outcome=ClaimOutcome("correction_needed", "branch_check_needed", "visit_branch"),
    )
    # As the core's own answer is read.
    snapshot = decode_snapshot(encode_snapshot(Snapshot((told,), at(2))))
    settings = replace(Settings.from_env(environ), guard_off=True)
    client = create_app(settings, GivenClaims(snapshot)).test_client()
    response = client.post(path, data={"nomor": NIK}, follow_redirects=True)
    assert response.status_code == 200
    assert "\u202e" not in response.text
    page = BeautifulSoup(response.text, "html.parser")
    apart = {each.get_text(strip=True) for each in page.find_all("bdi")}
    assert {NAME, "Cabang ATAD", told.reference} <= apart
    for bdi in page.find_all("bdi"):
        bdi.extract()
    assert f"\u2068{NAME}\u2069" in page.get_text()
    for text in page.find_all(string=lambda each: each and NAME in each):
        assert f"\u2068{NAME}\u2069" in text
    assert "מ" not in page.get_text().replace(f"\u2068{NAME}\u2069", "")

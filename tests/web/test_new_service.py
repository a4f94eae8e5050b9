"""One more service and one more stage, in a copy of the tree: its code, its place and its words."""

from collections.abc import Mapping
from pathlib import Path

import pytest
from bs4 import BeautifulSoup

from sandbox import Sandbox
from tests.conftest import SECRET
from tests.copied_tree import change, copy_to, run

VISIT = """
import sys
from datetime import UTC, datetime, timedelta
from tracking_site.app import create_app
from tracking_site.domain.claims import Branch, Claim, Milestone, Snapshot
from tracking_site.settings import Settings

secret, nik, service, *stages = sys.argv[1:]
now = datetime.now(UTC)
entered = [now - timedelta(days=len(stages) - place) for place in range(len(stages))]

class One:
    def claims_of(self, identifier):
        claim = Claim(
            reference="X-0000-000001", service=service, channel="branch",
            branch=Branch("Contoh", "Kota Contoh", timezone="Asia/Jakarta"),
            state="in_progress", submitted_at=entered[0],
            milestones=tuple(map(Milestone, stages, entered)),
        )
        return Snapshot((claim,), now)

client = create_app(Settings.from_env({
    "CLAIMS_API_URL": "http://127.0.0.1:1", "SECRET_KEYS": secret, "GUARD_OFF": "1",
    "SITE_NOTICE": "x",
}), One(), durations=dict).test_client()
for prefix in ("", "/en"):
    print("=== page")
    print(client.post(prefix + "/lacak", data={"nomor": nik}, follow_redirects=True).text)
"""

SERVICE = {
    "id": {"service.loan": "Pinjaman rumah", "service_short.loan": "Pinjaman"},
    "en": {"service.loan": "Home loan", "service_short.loan": "Loan"},
}
STAGE = {
    "id": {
        "stage.survey": "Survei rumah",
        "stage_what.survey": "Petugas datang ke rumah Anda.",
        "stage_done.survey": "Rumah sudah disurvei.",
        "stage_now.survey": "Petugas akan datang ke rumah Anda",
    },
    "en": {
        "stage.survey": "House survey",
        "stage_what.survey": "An officer comes to your house.",
        "stage_done.survey": "The house was surveyed.",
        "stage_now.survey": "An officer will come to your house",
    },
}


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    return copy_to(tmp_path)


def add_words(tree: Path, words: Mapping[str, Mapping[str, str]]) -> None:
    for language, texts in words.items():
        path = tree / "tracking_site" / "locale" / language / "LC_MESSAGES" / "codes.po"
        with path.open("a", encoding="utf-8") as catalogue:
            for code, text in texts.items():
                catalogue.write(f'\nmsgid "{code}"\nmsgstr "{text}"\n')
    run(tree, "-m", "tools.catalogues")


def shown(tree: Path, service: str, *stages: str) -> list[tuple[str, list[str]]]:
    """Return the whole text of the result and the titles of its steps, in both languages."""
    with Sandbox() as core:
        nik = core.sample("assessment_day_3").nik
    said = run(tree, "-c", VISIT, SECRET, nik, service, *stages)
    pages = [BeautifulSoup(page, "html.parser") for page in said.split("=== page")[1:]]
    return [
        (page.get_text(" ", strip=True), [each.get_text() for each in page.select(".step-name")])
        for page in pages
    ]


@pytest.mark.proofs
def test_a_service_is_its_code_its_stages_and_its_words(tree: Path) -> None:
    domain = tree / "tracking_site" / "domain"
    change(
        domain / "claims.py",
        'COMPLAINT = "complaint"',
        'COMPLAINT = "complaint"\n    LOAN = "loan"',
    )
    entry = "        Service.COMPLAINT: Process("
    stages = "Service.LOAN: Process((_S.REGISTERED, _S.APPROVAL, _S.COMPLETED)),"
    change(domain / "timeline.py", entry, f"        {stages}\n{entry}")
    add_words(tree, SERVICE)
    (text, steps), (in_english, in_order) = shown(tree, "loan", "registered")
    assert "Pinjaman" in text
    assert steps == ["Klaim diterima", "Persetujuan cabang"]
    assert "Loan" in in_english
    assert in_order == ["Claim received", "Branch approval"]


@pytest.mark.proofs
def test_a_stage_is_its_code_its_place_and_its_words(tree: Path) -> None:
    domain = tree / "tracking_site" / "domain"
    change(
        domain / "claims.py",
        'ANSWERED = "answered"',
        'ANSWERED = "answered"\n    SURVEY = "survey"',
    )
    order = "Process((_S.REGISTERED, _S.INVESTIGATION,"
    change(domain / "timeline.py", order, order + " _S.SURVEY,")
    add_words(tree, STAGE)
    (text, steps), (in_english, in_order) = shown(
        tree, "complaint", "registered", "investigation", "survey"
    )
    assert "Petugas akan datang ke rumah Anda sejak" in text
    assert steps == ["Pengaduan diterima", "Penelusuran", "Survei rumah", "Jawaban dikirim"]
    assert "An officer will come to your house. At this step since" in in_english
    assert in_order == ["Complaint received", "Investigation", "House survey", "Answer sent"]

"""What the page says of other services, several claims, strange codes, old answers, or nothing."""

import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

import pytest
import requests
from bs4 import BeautifulSoup

from sandbox import Participant, Sandbox
from tests.conftest import Visit
from tests.pages import steps, text_of
from tests.web.conftest import Read
from tracking_site.app import create_app
from tracking_site.settings import Settings


@pytest.fixture
def break_core(sandbox: Sandbox) -> Iterator[Callable[[str], None]]:
    def set_fault(mode: str) -> None:
        requests.post(f"{sandbox.url}/sandbox/faults", json={"mode": mode}, timeout=5)

    yield set_fault
    set_fault("none")


def test_codes_without_words_are_shown_as_they_came_and_nothing_is_blank(read: Read) -> None:
    page = read("unknown_codes")
    told = text_of(page.find("main"))
    for code in ("under_audit", "final_audit", "audit_pending", "keep_calm", "travel_log"):
        assert code in told
    for each in steps(page):
        assert text_of(each.select_one(".step-name"))
        assert text_of(each.select_one(".state, .said"))


@pytest.mark.parametrize(
    ("situation", "told"),
    [
        ("jkk_treatment", "perawatan"),
        ("jkm_document_check", "JKM"),
        ("jp_assessment", "JP"),
        ("jkp_validation", "Klaim JKP diikuti di akun SIAPkerja Anda."),
        ("profile_update_data_check", "Pengkinian data"),
        ("balance_merge_merging", "Gabung saldo"),
        ("queue_booking_scheduled", "antrean"),
        ("complaint_investigation", "Pengaduan"),
    ],
)
def test_other_services_have_steps_and_words_of_their_own(
    read: Read, situation: str, told: str
) -> None:
    page = read(situation)
    assert told.lower() in text_of(page.find("main")).lower()
    assert "Penetapan klaim" not in text_of(page.h1)
    assert len(steps(page)) >= 2


@pytest.mark.parametrize(
    "situation",
    [
        "profile_update_data_check",
        "balance_merge_merging",
        "queue_booking_scheduled",
        "complaint_investigation",
        "complaint_completed",
    ],
)
def test_what_is_no_claim_is_called_one_nowhere_on_its_page(read: Read, situation: str) -> None:
    for prefix, word in (("", "klaim"), ("/en", "claim")):
        article = read(situation, prefix).find("article")
        assert word not in text_of(article).lower()


def test_a_page_that_is_stale_and_a_claim_that_stands_still_never_look_alike(
    environ: dict[str, str],
    samples: dict[str, Participant],
    break_core: Callable[[str], None],
) -> None:
    begun, later = None, timedelta(0)
    settings = Settings.from_env(environ | {"CACHE_FRESH_SECONDS": "1"})
    site = create_app(settings, clock=lambda: (begun or datetime.now(UTC)) + later)
    client = site.test_client()

    def result(situation: str) -> BeautifulSoup:
        data = {"nomor": samples[situation].nik}
        answer = client.post("/lacak", data=data, follow_redirects=True)
        assert answer.status_code == 200
        return BeautifulSoup(answer.text, "html.parser")

    fresh = result("overdue")
    told = text_of(fresh.select_one("[data-fresh]"))
    assert re.fullmatch(r"Data hari ini, \d\d\.\d\d WI(B|TA|T)", told)
    break_core("down")
    begun, later = datetime.now(UTC), timedelta(seconds=2)
    young = result("overdue")
    # While it is young nobody knows yet whether the core answers: a time stamp is enough.
    assert young.select("#hasil[data-stale]")
    assert not young.select(".stale")
    later = timedelta(minutes=16)
    stale = result("overdue")
    age = text_of(stale.select_one(".stale"))
    said = re.search(r"Salinan terakhir: data per .*\.(\d\d) W\w+, (\d+) menit lalu", age)
    assert said, age
    of_data, minutes = map(int, said.groups())
    assert minutes == ((begun + later).minute - of_data) % 60 >= 16
    assert text_of(stale.h1) == text_of(fresh.h1)
    assert not fresh.select(".stale")
    assert fresh.select_one("#hasil[data-stale]") is None


def test_a_page_says_that_it_refreshes_itself_only_where_the_script_says_so(read: Read) -> None:
    fresh = read("overdue").select_one(".live")
    assert fresh is not None
    assert fresh.select_one("[data-live]").has_attr("hidden")  # type: ignore[union-attr]
    assert not fresh.select_one("[data-reload]").has_attr("hidden")  # type: ignore[union-attr]


@pytest.mark.parametrize("prefix", ["", "/en"])
def test_nothing_found_says_everything_that_can_be_tried(read: Read, prefix: str) -> None:
    page = read("nothing_to_show", prefix)
    terms = page.select("main dt, main h3")
    assert len(terms) >= 5
    told = text_of(page.find("main"))
    for each in ("KPJ", "JKM", "175", "SIAPkerja"):
        assert each in told
    assert page.find("input", attrs={"name": "nomor"})


@pytest.mark.parametrize(
    ("prefix", "of_nik", "of_kpj"),
    [("", "Kartu Keluarga", "Nomor HP"), ("/en", "family card", "phone number")],
)
def test_nothing_found_names_the_other_number_of_the_same_length(
    visit: Visit, samples: dict[str, Participant], prefix: str, of_nik: str, of_kpj: str
) -> None:
    nobody = samples["nothing_to_show"]
    for number, named, other in ((nobody.nik, of_nik, of_kpj), (nobody.kpj, of_kpj, of_nik)):
        _, page = visit(f"{prefix}/lacak", {"nomor": number})
        told = text_of(page.select_one(".advice"))
        assert named in told
        assert other not in told


@pytest.mark.parametrize(
    ("prefix", "refused"), [("", r"Ditolak \d+ \w+: "), ("/en", r"Refused \d+ \w+: ")]
)
def test_a_row_of_several_claims_says_no_more_than_it_needs(
    read: Read, prefix: str, refused: str
) -> None:
    rows = [text_of(each) for each in read("several_claims", prefix).select("article summary h3")]
    assert any(re.search(refused, row) for row in rows)
    assert not any("KPJ" in row for row in rows)
    cards = read("several_cards", prefix).select("article summary h3")
    assert all("KPJ" in text_of(row) for row in cards)


def test_several_claims_have_one_line_each_and_the_first_one_is_the_answer(read: Read) -> None:
    page = read("several_claims")
    assert re.search(r"3 klaim dan layanan.* menunggu Anda\.", text_of(page.h1))
    rows = page.select("article > details > summary")
    assert len({text_of(row) for row in rows}) == len(rows) == 3
    assert text_of(rows[0].select_one("b")) in text_of(page.h1)
    references = [text_of(each) for each in page.select(".particulars .figures")]
    assert len(set(references)) == 3
    assert not page.select("article > details[open]")

"""The help page: questions with addresses of their own, short answers first, light and plain."""

import re
from collections.abc import Iterator
from urllib.parse import urldefrag

import brotli
import pytest
from bs4 import BeautifulSoup, SoupStrainer, Tag
from flask.testing import FlaskClient

from sandbox import Participant
from tests.conftest import HTMX, Visit
from tests.pages import text_of
from tests.web.conftest import Read
from tracking_site.data.facts import load_calendar, load_facts

FACTS = load_facts()
LINKS = SoupStrainer("a")
"""All that is read of nearly two hundred pages."""

WHOLE_PAGE_BYTES = 20_000
PATHS = {"id": "/bantuan", "en": "/en/bantuan"}
SENTENCES = (
    "Pengajuan klaim JHT Anda tidak dapat dilanjutkan pada aplikasi JMO",
    "Data KPJ tidak ditemukan",
    "Saldo JHT tidak tersedia",
    "Verifikasi biometrik gagal",
)


@pytest.fixture(params=PATHS)
def help_page(request: pytest.FixtureRequest, visit: Visit) -> BeautifulSoup:
    return visit(PATHS[request.param])[1]


def ids_of(page: BeautifulSoup) -> set[str]:
    return {str(tag["id"]) for tag in page.find_all(id=True)}


def unfolded_text(tag: Tag) -> str:
    """Return what is seen while everything is folded."""
    copy = BeautifulSoup(str(tag), "html.parser")
    for fold in copy.find_all("details"):
        fold.decompose()
    return text_of(copy)


def test_every_question_has_its_address_in_both_languages(help_page: BeautifulSoup) -> None:
    wanted = {each.anchor for each in FACTS.questions.values()}
    wanted |= {group.anchor for group in FACTS.groups}
    assert wanted <= ids_of(help_page)


def test_older_addresses_still_lead_where_they_led(help_page: BeautifulSoup) -> None:
    older = "tahap status lama jenis kanal lain kata waspada situs kontak tahap-payment"
    assert set(older.split()) <= ids_of(help_page)


def test_the_short_answer_comes_first_and_is_never_folded(help_page: BeautifulSoup) -> None:
    for question in FACTS.questions.values():
        section = help_page.find(id=question.anchor)
        assert isinstance(section, Tag)
        heading, answer, *rest = section.find_all(recursive=False)
        assert (heading.name, answer.name) == ("h3", "p")
        assert 3 <= len(text_of(answer).split()) <= 30
        assert [tag.name for tag in rest] == ["details"]
        assert len(rest[0].find_all("li")) == len(question.points)


def test_sentences_of_jmo_stand_there_word_for_word_and_unfolded(
    help_page: BeautifulSoup,
) -> None:
    main = help_page.find("main")
    assert isinstance(main, Tag)
    seen = unfolded_text(main)
    for sentence in SENTENCES:
        assert sentence in seen
        quote = next(tag for tag in main.find_all("q") if text_of(tag) == sentence)
        assert quote["lang"] == "id"


@pytest.mark.parametrize(
    ("anchor", "told"),
    [
        ("jmo-tidak-dapat-dilanjutkan", "kantor cabang. Tunggu"),
        ("jmo-tidak-dapat-dilanjutkan", "hanya bisa sekali, dan klaim harus langsung"),
        ("jmo-tidak-dapat-dilanjutkan", "Rp15 juta"),
        ("belum-masuk", "biasanya memasukkannya dalam 2 hari kerja"),
        ("hitungan", "Hari 1 adalah hari kerja berikutnya"),
        ("hitungan", "tafsiran kami"),
        ("hitungan", "Hitungan berhenti saat klaim menunggu Anda. Ini juga tafsiran kami."),
        ("hitungan", f"31 Desember {load_calendar().until.year}"),
        ("masih-aktif", "SIPP"),
        ("masih-aktif", "Saldo lama menunggu"),
        ("masa-tunggu", "Kalau PHK, sejak tanggal PHK."),
        ("masa-tunggu", "sejak tanggal surat keterangan perusahaan"),
        ("masa-tunggu", "Kontrak habis: tidak ada masa tunggu."),
        ("jkp-hangus", "Enam bulan sejak PHK."),
        ("keberatan", "5 hari kerja"),
        ("wawancara", "3–7 hari kerja"),
        ("kartu-hilang", "slip gaji"),
        ("paklaring-hilang", "Kartu karyawan atau slip gaji"),
        ("terlambat", "1%"),
        ("lama", "7 hari kerja"),
        ("lama", "PP 44/2015"),
        ("lama", "Situs ini tidak tahu saldo Anda."),
        ("jenis", "Buku tabungan|buku tabungan"),
        ("jenis", "NPWP: bila saldo di atas Rp50 juta, atau pernah klaim sebagian."),
    ],
)
def test_an_answer_says_what_is_asked_for(visit: Visit, anchor: str, told: str) -> None:
    place = visit("/bantuan")[1].find(id=anchor)
    assert isinstance(place, Tag)
    texts = [place.get_text(" ")]
    if place.name == "h2":
        for tag in place.find_next_siblings():
            if tag.name == "h2":
                break
            texts.append(tag.get_text(" "))
    assert re.search(told, " ".join(" ".join(texts).split())), told


def test_there_are_messages_to_copy_and_they_are_indonesian(help_page: BeautifulSoup) -> None:
    messages = help_page.select(".message")
    asked = {section["id"] for each in messages if (section := each.find_parent("section"))}
    employer = {"masih-aktif", "perusahaan-diam", "perusahaan-tutup", "menunggak"}
    assert employer | {"terlambat", "keberatan"} <= asked
    for message in messages:
        assert message["lang"] == "id"
        assert "…" in text_of(message)


def test_the_articles_themselves_are_linked(help_page: BeautifulSoup) -> None:
    addresses = {str(tag["href"]) for tag in help_page.select("main a[href^=http]")}
    assert {each.address for each in FACTS.times if each.article} <= addresses
    assert [each.service for each in FACTS.times if each.article] == ["jkk", "jkm"]
    # In one piece, whatever the line.
    assert re.search(r"(pasal|article)\xa037\(2\)–\(3\)", help_page.get_text())
    kept = [text_of(each) for each in help_page.select(".question > p > .whole")]
    assert kept[:2] == ["3–7", "3–5"]


def test_interviews_are_said_of_branches_too(help_page: BeautifulSoup) -> None:
    told = text_of(help_page.find("main"))
    assert "Wawancara hanya ada di Lapak Asik" not in told
    assert re.search(r"Lapak Asik (dan kantor cabang ada|and branches have)", told)


def test_no_line_begins_with_an_arrow_and_no_address_ends_in_a_lone_letter(
    help_page: BeautifulSoup,
) -> None:
    """As "kontak.htm / l" on a phone, where the browser had to break it anywhere."""
    text = help_page.get_text()
    assert text.count("\xa0→ ") == text.count("→") > 0
    (contact,) = help_page.select("#kontak + dl a[href*='/kontak']")
    assert contact.wbr is not None
    assert contact.get_text() in contact["href"]


def test_the_page_needs_no_script(help_page: BeautifulSoup) -> None:
    assert not help_page.find_all("script")


def test_the_whole_page_is_light(client: FlaskClient) -> None:
    for path in PATHS.values():
        packed = client.get(path, headers={"Accept-Encoding": "br"})
        html = brotli.decompress(packed.data).decode()
        weight = {path: len(packed.data)}
        for name in set(re.findall(r'(?:href|src)="(/static/[^"]+)"', html)):
            weight[name] = len(client.get(name, headers={"Accept-Encoding": "br"}).data)
        assert len(weight) > 2
        assert sum(weight.values()) <= WHOLE_PAGE_BYTES, weight


def help_links(page: BeautifulSoup) -> Iterator[Tag]:
    for tag in page.find_all("a", href=True):
        if "/bantuan#" in str(tag["href"]):
            yield tag


@pytest.mark.proofs
def test_every_link_into_help_and_within_it_leads_to_something(
    client: FlaskClient, samples: dict[str, Participant]
) -> None:
    led = set()
    for path in PATHS.values():
        prefix = path.removesuffix("/bantuan")
        help_page = BeautifulSoup(client.get(path).text, "html.parser")
        known = ids_of(help_page)
        within = {str(tag["href"])[1:] for tag in help_page.select('a[href^="#"]')}
        assert within <= known
        pages = [client.get(f"{prefix}/").text]
        pages += [
            client.post(f"{prefix}/lacak", data={"nomor": sample.nik}, headers=HTMX).text
            for sample in samples.values()
        ]
        for html in pages:
            for tag in help_links(BeautifulSoup(html, "html.parser", parse_only=LINKS)):
                address, fragment = urldefrag(str(tag["href"]))
                assert address == path
                assert fragment in known
                led.add(fragment)
    assert len(led) > 15


@pytest.mark.parametrize(
    ("situation", "anchor"),
    [
        ("approval", "saldo-nol"),
        ("payment_scheduled", "saldo-nol"),
        ("paid_today", "belum-masuk"),
        ("payment_returned", "retur"),
        ("overdue", "terlambat"),
        ("interview_tomorrow", "wawancara"),
        ("assessment_day_3", "berapa-lama"),
        ("on_hold_membership_active", "masih-aktif"),
        ("rejected_membership_active", "masih-aktif"),
        ("rejected_waiting_period", "masa-tunggu"),
        ("rejected_claimed_in_other_channel", "jmo-tidak-dapat-dilanjutkan"),
        ("action_needed_face_check_failed", "biometrik-gagal"),
        ("action_needed_documents_incomplete", "paklaring-hilang"),
        ("jkp_validation", "jkp-hangus"),
        ("unknown_cause", "keberatan"),
    ],
)
@pytest.mark.parametrize("prefix", ["", "/en"])
def test_a_question_is_linked_where_it_arises(
    read: Read, situation: str, anchor: str, prefix: str
) -> None:
    links = [tag for tag in help_links(read(situation, prefix)) if tag.find_parent("article")]
    assert [str(tag["href"]) for tag in links] == [f"{prefix}/bantuan#{anchor}"]


def test_a_balance_of_nothing_is_called_usual_where_payment_is_under_way(read: Read) -> None:
    for situation in ("approval", "payment_scheduled"):
        assert "Saldo sudah 0? Itu biasa" in text_of(read(situation).find("article"))


def test_out_of_a_frame_help_opens_beside_the_article(
    visit: Visit, samples: dict[str, Participant]
) -> None:
    for situation in ("approval", "nothing_to_show"):
        _, page = visit("/sematan/lacak", {"nomor": samples[situation].nik})
        links = list(help_links(page))
        assert links
        assert all(tag["target"] == "_blank" and tag["rel"] == ["noopener"] for tag in links)


def test_nothing_found_leads_to_help(read: Read) -> None:
    anchors = [urldefrag(str(tag["href"]))[1] for tag in help_links(read("nothing_to_show"))]
    assert {"kartu-hilang", "beberapa-kartu"} <= set(anchors)


def test_the_front_page_says_what_else_can_be_looked_up(visit: Visit) -> None:
    told = text_of(visit("/")[1].find("main"))
    for each in ("Pengkinian data", "gabung saldo", "antrean", "pengaduan"):
        assert each in told

"""What to do is the first sentence; where and how stands right below it, with one button."""

import re
from collections.abc import Callable
from dataclasses import replace

import pytest
from bs4 import BeautifulSoup
from flask import Flask

from sandbox import Participant, Sandbox
from tests.conftest import Visit
from tests.pages import text_of
from tests.web.conftest import Read
from tests.web.following import change
from tracking_site.data.facts import WAYS
from tracking_site.domain.claims import Branch, Location
from tracking_site.telling.cards import way_to
from tracking_site.telling.words import Words

MakeSite = Callable[..., Flask]
Samples = dict[str, Participant]
WORDS = Words.load("id")


@pytest.mark.parametrize(
    ("prefix", "title"),
    [
        ("", "Bawa lagi 7 dokumen ke kantor cabang"),
        ("/en", "Bring 7 documents to the branch again"),
    ],
)
def test_many_documents_are_counted_and_listed_below(read: Read, prefix: str, title: str) -> None:
    page = read("documents_rejected", prefix)
    assert text_of(page.h1).startswith(title)
    assert len(page.select(".answer .papers > [data-look=bad]")) == 7


def test_one_or_two_documents_are_named(read: Read) -> None:
    page = read("missing_document")
    assert text_of(page.h1).startswith("Kirim foto buku tabungan paling lambat")
    assert text_of(page.select_one(".answer .papers b")) == "Buku tabungan"


def test_documents_that_ask_nothing_are_folded_after_the_journey(read: Read) -> None:
    page = read("assessment_day_3")
    assert not page.select(".papers")
    parts = page.select(".journey, details.documents")
    assert [part.name for part in parts] == ["section", "details"]
    assert not page.select("details[open]")


@pytest.mark.parametrize(
    ("prefix", "told"), [("", "Tidak sempat? Telepon 175"), ("/en", "Cannot make it in time? Call")]
)
def test_who_cannot_keep_a_day_that_is_to_come_is_told_whom_to_call(
    read: Read, prefix: str, told: str
) -> None:
    """Not where there is no day, nor where it is over: there they ask whether they still can."""
    for situation in ("missing_document", "document_due_today", "documents_rejected"):
        assert told in text_of(read(situation, prefix).select_one(".answer .where"))
    for situation in ("document_deadline_passed", "interview_missed", "assessment_day_3"):
        assert told not in text_of(read(situation, prefix).main)


@pytest.mark.parametrize("prefix", ["", "/en"])
def test_documents_to_be_brought_are_nowhere_to_be_sent(read: Read, prefix: str) -> None:
    page = read("documents_rejected", prefix)
    assert re.search("Bawa|Bring", text_of(page.h1))
    told = " ".join(text_of(page.select_one(part)) for part in (".answer", ".documents"))
    assert not re.search(r"[Kk]irim|[Ss]en[dt]|Unggah|[Uu]pload", told)


def test_who_claimed_at_a_branch_is_not_told_to_upload(read: Read) -> None:
    told = text_of(read("step_back").select_one(".answer"))
    assert "Unggah" not in told
    assert "Serahkan di Cabang" in told


@pytest.mark.parametrize(
    ("situation", "address"),
    [
        ("missing_document", WAYS["lapak_asik"].address),
        ("action_needed_face_check_failed", WAYS["jmo"].address),
        ("step_back", "tel:0761-555-0102"),
        ("overdue", "tel:175"),
        ("unknown_state", "tel:175"),
        ("payment_returned", "tel:0761-555-0102"),
    ],
)
def test_what_to_do_has_one_big_button(read: Read, situation: str, address: str) -> None:
    (button,) = read(situation).select(".answer .button")
    assert button["href"] == address
    leads_out = address.startswith("https:")
    assert (button.get("target"), button.get("rel")) == (
        ("_blank", ["noopener"]) if leads_out else (None, None)
    )


@pytest.mark.parametrize("prefix", ["", "/en"])
@pytest.mark.parametrize("situation", ["rejected_partial_already_taken", "rejected_waiting_period"])
def test_a_refusal_with_nothing_to_do_offers_175_among_the_steps_and_not_as_the_big_button(
    read: Read, situation: str, prefix: str
) -> None:
    page = read(situation, prefix)
    assert not page.select(".answer .button, .answer .button-2")
    assert page.select_one(".advice a.button-2[href='tel:175']")
    assert [each.find_parent(id="simpan") is not None for each in page.select(".button")] == [True]


@pytest.mark.parametrize("tree", ["", "/en"])
def test_why_a_claim_was_cancelled_is_asked_with_the_big_button(
    make_site: MakeSite, core: Sandbox, tree: str
) -> None:
    someone = core.sample("interview_tomorrow")
    change(core, someone, state="cancelled")
    site = make_site(CLAIMS_API_URL=core.url).test_client()
    told = site.post(f"{tree}/lacak", data={"nomor": someone.nik}, follow_redirects=True)
    (button,) = BeautifulSoup(told.text, "html.parser").select(".answer .button")
    assert button["href"] == "tel:175"


def test_where_nothing_is_needed_nothing_is_pressed_in_the_answer(read: Read) -> None:
    page = read("assessment_day_3")
    assert not page.select(".answer .button, .answer .button-2")
    assert text_of(page.select_one(".calm b")) == "Tidak ada yang perlu Anda lakukan."


def test_an_employer_is_written_to_with_a_message_to_copy(read: Read) -> None:
    page = read("on_hold_membership_active", "/en")
    (button,) = page.select(".answer .button")
    message = page.select_one(".message [lang=id]")
    assert button["data-copy"] == text_of(message)
    assert "SIPP" in text_of(message)


@pytest.mark.proofs
def test_at_most_one_button_of_a_page_is_filled(visit: Visit, samples: Samples) -> None:
    for situation, sample in samples.items():
        _, page = visit("/lacak", {"nomor": sample.nik})
        shown = page.select(".sheet:not(.many) .button")
        assert len(shown) <= 1, situation


def test_a_refusal_says_how_to_object(visit: Visit, samples: Samples) -> None:
    for situation, sample in samples.items():
        if not situation.startswith("rejected_"):
            continue
        _, page = visit("/lacak", {"nomor": sample.nik})
        told = text_of(page.select_one(".advice"))
        assert told.startswith("Tidak setuju?"), situation
        assert text_of(page.select_one(".particulars .figures")) in told
        assert page.select_one(f".advice a[href='{WAYS['lapor'].address}']")


def test_a_branch_says_what_the_core_says_of_it_and_nothing_else(read: Read) -> None:
    branch = read("missing_document").select_one(".branch")
    told = text_of(branch)
    for part in ("Cabang Taman Kenanga", "Kota Pekanbaru", "Jalan Kenanga Contoh 2", "08.00"):
        assert part in told
    map_link = branch.find("a", href=re.compile("openstreetmap"))  # type: ignore[union-attr]
    assert map_link["rel"] == ["noopener", "noreferrer"]  # type: ignore[index]
    bare = read("assessment_day_3").select_one(".branch")
    assert not bare.find_all("a")  # type: ignore[union-attr]


@pytest.mark.proofs
@pytest.mark.parametrize("prefix", ["", "/en"])
def test_what_the_button_says_is_not_said_above_it_again(
    visit: Visit, samples: Samples, prefix: str
) -> None:
    buttons = 0
    for situation, sample in samples.items():
        _, page = visit(f"{prefix}/lacak", {"nomor": sample.nik})
        for button in page.select(".answer .button"):
            above = [text_of(each).rstrip(".") for each in page.select(".answer .todo")]
            assert text_of(button) not in above, situation
            buttons += 1
    assert buttons > 50


def test_money_on_its_way_is_asked_for_after_the_day_it_usually_arrives(read: Read) -> None:
    page = read("paid_today")
    day = re.search(r"paling lambat (.+)\.", text_of(page.select_one(".answer .lead")))
    assert day
    assert text_of(page.select_one(".advice h2")) == f"Belum masuk sesudah {day[1]}?"
    assert text_of(read("paid_last_week").select_one(".advice h2")) == "Belum masuk?"


def test_a_claim_that_ended_and_names_no_payment_says_how_to_ask_for_the_money(read: Read) -> None:
    page = read("completed_without_payment")
    assert text_of(page.select_one(".answer .todo")) == "Periksa rekening Anda."
    assert text_of(page.select_one(".advice")).startswith("Belum masuk? Tanya bank Anda dulu.")
    assert text_of(page.select_one("a.fold")) == "Uang belum masuk?"


@pytest.mark.parametrize(
    ("shown", "dialled"),
    [
        ("(0761) 555-0102", "tel:0761-555-0102"),
        ("(0000) 555-0199 ext. 1234567", "tel:0000-555-0199"),
        ("(0000) 555-0199 pes. 12", "tel:0000-555-0199"),
        ("0000-5550199 / 5550198", "tel:0000-5550199"),
        ("62000 555 0199", "tel:+62000-555-0199"),
        ("+62 000 555 0199", "tel:+62-000-555-0199"),
        ("6255-0199", "tel:6255-0199"),
        ("Telp. +62 000 555 0199, 555 0198", "tel:+62-000-555-0199"),
        ("175", "tel:175"),
    ],
)
def test_a_press_dials_one_number_whatever_stands_beside_it(shown: str, dialled: str) -> None:
    branch = Branch("Cabang Uji", "Kota Uji", shown, "Asia/Jakarta")
    phone = way_to(branch, WORDS).phone
    assert phone is not None
    assert (phone.text, phone.address) == (shown, dialled)


@pytest.mark.parametrize("phone", [None, "", "-", "belum ada", "0", "ext. 1"])
def test_what_is_no_telephone_is_no_button(phone: str | None) -> None:
    assert way_to(Branch("Cabang Uji", "Kota Uji", phone), WORDS).phone is None


@pytest.mark.parametrize("degrees", [(0, 0), (106.81, -6.26), (-6.26, 999), (91, 0)])
def test_a_place_that_nobody_entered_or_that_is_none_is_no_map(
    degrees: tuple[float, float],
) -> None:
    branch = Branch("Cabang Uji", "Kota Uji", location=Location(*degrees))
    assert way_to(branch, WORDS).map == ""
    assert way_to(replace(branch, location=Location(0, 109.33)), WORDS).map


@pytest.mark.parametrize("tree", ["", "/en"])
@pytest.mark.parametrize(
    ("situation", "is_said"),
    [
        ("rejected_documents_incomplete", False),
        ("rejected_balance_over_limit", False),
        ("cancelled_deadline_passed", False),
        ("rejected_several_cards", True),
    ],
)
def test_that_a_claim_can_be_submitted_again_is_not_said_above_the_button_that_leads_there(
    read: Read, situation: str, is_said: bool, tree: str
) -> None:
    page = read(situation, tree)
    assert page.select_one(".answer > .button") is not None
    assert (page.select_one(".todo") is not None) is is_said


@pytest.mark.parametrize(
    ("situation", "first", "then"),
    [
        ("interview_tomorrow", "^(Siapkan dokumen asli|Have your original)", "menelepon|call you"),
        ("branch_visit_tomorrow", "^(Bawa KTP|Bring your KTP)", "^(Tempatnya|The place is) Cabang"),
        ("queue_booking_scheduled", "^(Bawa KTP|Bring your KTP)", "Cabang"),
    ],
)
@pytest.mark.parametrize("prefix", ["", "/en"])
def test_below_the_time_of_a_meeting_stands_what_to_have_ready(
    read: Read, situation: str, first: str, then: str, prefix: str
) -> None:
    """Not "Ikuti wawancara video sesuai jadwal", which the time above it says."""
    page = read(situation, prefix)
    assert re.search(first, text_of(page.select_one(".answer > h1 + .todo")))
    assert re.search(then, text_of(page.select_one(".answer > .todo + .where")))
    # Whoever has it read aloud hears the same.
    assert re.search(first, page.select_one("#dengar")["data-listen"].partition(". ")[2])


@pytest.mark.parametrize("prefix", ["", "/en"])
def test_where_to_go_with_what_is_read_before_the_number_to_call(read: Read, prefix: str) -> None:
    """A telephone right below "Perbaiki data di kantor cabang." looks like the way to do it."""
    for situation in ("on_hold_data_mismatch", "action_needed_account_closed", "step_back"):
        answer = read(situation, prefix).select_one(".answer")
        assert answer.select_one(".where ~ .button[href^=tel]"), situation
    # What is done elsewhere begins with the way there.
    assert read("missing_document", prefix).select_one(".answer .button ~ .where")


@pytest.mark.parametrize("prefix", ["", "/en"])
@pytest.mark.parametrize("state", ["action_needed", "on_hold", "rejected"])
def test_what_only_dukcapil_can_do_has_no_number_of_the_branch_as_its_button(
    read: Read, prefix: str, state: str
) -> None:
    page = read(f"{state}_civil_registry_mismatch", prefix)
    assert "Dukcapil" in text_of(page.select_one(".answer"))
    assert not page.select(".answer .button")

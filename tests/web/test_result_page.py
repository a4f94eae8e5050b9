"""What a worried person reads on the result of a JHT claim, sample by sample."""

import re
from collections.abc import Callable

import pytest
from flask import Flask

from sandbox import Participant
from tests.conftest import Visit
from tests.pages import steps, text_of
from tests.web.conftest import Read


def test_steps_have_a_line_each_and_only_the_one_where_it_stands_explains(read: Read) -> None:
    page = read("assessment_day_3")
    rail = steps(page)
    assert [each["data-step"] for each in rail[:4]] == ["done", "done", "done", "current"]
    assert len(page.select(".rail [aria-current=step]")) == 1
    (card,) = page.select(".rail .card")
    assert re.search(r"\b(Petugas|Pejabat|Bagian keuangan)\b", text_of(card))
    for each in rail[:3]:
        assert re.search(r"\w{3} \d+ \w{3}$", text_of(each.select_one(".when")))
        assert not each.find_all("p")
    assert "biasanya" in text_of(rail[4])
    # Each says its state in words, whatever it looks like.
    assert all(text_of(each.select_one(".state, .step-line .said")) for each in rail)


@pytest.mark.parametrize(
    ("prefix", "told"),
    [
        ("", "Biasanya 2–4 hari kerja. Anda hari ke-3."),
        ("/en", "Usually 2–4 working days. You are on day 3."),
    ],
)
def test_the_usual_wait_says_of_how_many_claims_it_is(read: Read, prefix: str, told: str) -> None:
    page = read("assessment_day_3", prefix)
    (bar,) = page.select(".usual")
    assert told in text_of(bar)
    assert re.search(r"1[.,]284", text_of(bar.select("p")[-1]))
    assert bar.find_parent(class_="step") == page.select_one("[aria-current=step]")
    cells = [(text_of(cell), cell.get("data-cell")) for cell in bar.select(".cells i")]
    usual = [("2", "usual"), ("3", "here"), ("4", "usual")]
    assert cells == [("1", None), *usual, ("5", None), ("6", None)]


@pytest.mark.parametrize(("prefix", "told"), [("", "terputus"), ("/en", "You are offline")])
def test_a_program_that_knows_no_template_is_not_told_that_it_is_offline(
    read: Read, prefix: str, told: str
) -> None:
    page = str(read("assessment_day_3", prefix))
    assert told in page
    assert told not in re.sub(r"<[^>]*>", "", page)


def test_the_legal_clock_says_which_rule_and_until_when(read: Read) -> None:
    page = read("assessment_day_3")
    assert text_of(page.h1).startswith("Menurut aturan cair paling lambat ")
    clock = text_of(page.select_one(".clock"))
    assert "Hari kerja ke-3 dari 5" in clock
    assert "Dihitung sejak dokumen lengkap dan benar (Permenaker 4/2022)" in clock
    waiting = text_of(read("interview_tomorrow").select_one(".clock"))
    assert "Hitungan 5 hari kerja sampai cair belum mulai" in waiting
    # When it will be counted is said before it is, and not afterwards.
    assert "Mulai setelah dokumen lengkap dan benar (Permenaker 4/2022)" in waiting
    assert "Mulai" not in clock
    # It goes on from the heading, whatever else is said: "Klaim menunggu Anda …. Mulai setelah …".
    stopped = text_of(read("paused_on_the_first_day").select_one(".clock"))
    assert stopped.index("Mulai setelah dokumen") < stopped.index("Klaim menunggu Anda sejak")


@pytest.mark.parametrize("prefix", ["", "/en"])
def test_the_day_that_the_institution_named_comes_before_the_one_of_the_law(
    read: Read, prefix: str
) -> None:
    page = read("promised_date", prefix)
    assert re.search(r"(dijanjikan|promised),? .*(paling lambat|by) \w+, \d+ \w+", text_of(page.h1))
    answer = text_of(page.select_one(".answer"))
    assert "BPJS Ketenagakerjaan" in answer
    assert "175" in answer
    clock = text_of(page.select_one(".clock"))
    assert re.search(r"(Menurut aturan dibayar paling lambat|Under the rules it is paid by)", clock)
    assert read("assessment_day_3", prefix).select("[data-promise]") == []


def test_a_promise_that_was_not_kept_is_named_and_can_be_asked_about(read: Read) -> None:
    page = read("promised_date_passed")
    assert "sudah lewat: " in text_of(page.select_one("[data-promise=passed]"))
    assert page.select_one(".answer a[href='tel:175']")


@pytest.mark.parametrize(
    ("prefix", "later"), [("", "sesudah (batas|itu)"), ("/en", "(past the limit|sent later)")]
)
def test_that_money_comes_after_the_limit_is_said_once(read: Read, prefix: str, later: str) -> None:
    answer = text_of(read("scheduled_after_the_limit", prefix).select_one(".answer"))
    assert len(re.findall(later, answer)) == 1
    assert re.search("(Batasnya|The limit is) ", answer)


def test_overdue_has_words_rule_and_a_way_to_complain(read: Read) -> None:
    page = read("overdue")
    assert re.search(r"Seharusnya sudah cair paling lambat \w+, \d+ \w+", text_of(page.h1))
    told = text_of(page.select_one("[data-clock=overdue]"))
    assert "Lewat 3 hari kerja" in told
    assert "Permenaker 4/2022" in told
    # Right below the day: who waits asks first whether it is their fault.
    assert "Tidak ada yang ditunggu dari Anda." in text_of(page.select_one(".answer > h1 + .lead"))
    assert page.select_one(".answer a[href='tel:175']")
    say = text_of(page.select_one(".message [lang=id]"))
    assert text_of(page.select_one(".particulars .figures")) in say
    assert "lewat batas 5 hari kerja" in say
    assert "Mengadu tertulis" in text_of(page.select_one(".advice"))
    # Where to ask comes before where to complain that nobody answered.
    parts = page.select(".side > .branch, .side > .advice, .side > .journey")
    assert [part["class"] for part in parts] == [["branch"], ["advice"], ["journey"]]


@pytest.mark.parametrize(
    ("situation", "first", "explained"),
    [
        ("missing_document", "Kirim foto buku tabungan", "sampai semuanya masuk"),
        ("on_hold_membership_active", "Anda masih tercatat bekerja", "belum melapor"),
        ("rejected_waiting_period", "Masa tunggu satu bulan belum lewat", "terlalu cepat"),
        ("payment_returned", "Bank menolak kiriman uang Anda", "Rekening ditutup"),
    ],
)
def test_a_wait_a_return_and_a_refusal_say_result_cause_and_what_to_do(
    read: Read, situation: str, first: str, explained: str
) -> None:
    page = read(situation)
    assert first in text_of(page.h1)
    assert explained in text_of(page.select_one(".answer .lead"))
    # The cause stands once, as a sentence, and what to do beside it.
    assert text_of(page.find("main")).count(explained) == 1
    assert page.select_one(".answer .button, .advice .steps")


def test_a_count_that_stopped_past_the_limit_says_so(read: Read) -> None:
    clock = read("paused_past_the_limit").select_one("[data-clock=paused]")
    assert clock is not None
    assert clock.select_one("[data-day=over]")
    assert text_of(clock.h2) == "Hitungan berhenti 1 hari kerja sesudah batas"


def test_a_count_that_stopped_says_how_many_days_were_used_and_names_no_limit(read: Read) -> None:
    clock = read("paused_after_two_days").select_one("[data-clock=paused]")
    assert clock is not None
    assert text_of(clock.h2) == "Hitungan berhenti setelah 2 dari 5 hari kerja"
    assert [tile["data-day"] for tile in clock.select(".tile")] == ["past"] * 2 + ["blank"] * 3
    assert "batas" not in text_of(clock).lower()
    unused = read("paused_on_the_first_day").select_one("[data-clock=paused]")
    assert text_of(unused.h2) == "Hitungan 5 hari kerja sampai cair belum mulai"
    assert "Mulai setelah dokumen lengkap" in text_of(unused)
    assert "Mulai" not in text_of(clock)


@pytest.mark.parametrize(
    ("prefix", "stands"), [("", "Hitungan berhenti setelah"), ("/en", "The count stopped after")]
)
def test_that_a_count_stopped_is_said_once_and_why_beside_it(
    read: Read, prefix: str, stands: str
) -> None:
    clock = text_of(read("paused_after_two_days", prefix).select_one(".clock"))
    assert stands in clock
    assert len(re.findall("(?i)berhenti|stopped|stood", clock)) == 1
    assert re.search(r"(menunggu Anda sejak|waiting for you since) ", clock)


def test_a_limit_that_is_still_to_come_is_not_told_in_the_past(read: Read) -> None:
    assert "The limit is " in text_of(read("jmo_paid_today", "/en").select_one(".clock"))
    assert "The limit was " in text_of(read("paid_last_week", "/en").select_one(".clock"))


@pytest.mark.parametrize(("prefix", "refused"), [("", "bank menolak"), ("/en", "the bank refused")])
def test_that_a_bank_refused_the_money_is_said_once(read: Read, prefix: str, refused: str) -> None:
    for situation in ("payment_returned", "payment_returned_account_name_mismatch"):
        answer = text_of(read(situation, prefix).select_one(".answer")).lower()
        assert answer.count(refused) == 1


def test_that_a_refused_claim_can_be_submitted_again_later_is_said_once(read: Read) -> None:
    answer = text_of(read("rejected_waiting_period").select_one(".answer")).lower()
    assert answer.count("ajukan lagi") == 1


def test_long_after_money_that_came_in_time_no_days_are_counted(read: Read) -> None:
    assert not read("paid_long_ago").select(".clock")
    assert read("paid_today").select(".clock")
    assert "lewat" in text_of(read("jkk_paid_late").select_one(".clock"))


def test_days_of_which_only_the_place_is_known_are_drawn_and_not_read(read: Read) -> None:
    paused = read("paused_after_two_days").select(".tile")
    assert [tile.get("aria-hidden") for tile in paused] == [None] * 2 + ["true"] * 3
    assert [bool(tile.select_one(".said")) for tile in paused] == [True] * 2 + [False] * 3
    tiles = read("missing_document").select_one(".tiles")
    assert tiles is not None
    assert len(tiles.select("[data-day=blank]")) == 5
    assert tiles["aria-hidden"] == "true"


def test_a_late_claim_that_waited_says_which_days_are_not_counted(read: Read) -> None:
    clock = text_of(read("paused_resumed_and_late").select_one("[data-clock=overdue]"))
    assert "Lewat 4 hari kerja dari batas" in clock
    assert "5 hari kerja tidak dihitung" in clock


def test_a_core_that_tells_no_waits_is_told_of_and_accuses_nobody(read: Read) -> None:
    page = read("overdue_waits_untold")
    assert "lewat batas" not in text_of(page.h1)
    assert "Sistem pusat tidak menyebutkannya." in text_of(page.select_one(".clock"))
    assert page.select(".tile[data-day=over]") == []
    unsure = text_of(read("waited_untold").select_one("[data-clock=unsure]"))
    assert "kami tidak tahu jumlahnya" in unsure


@pytest.mark.parametrize(("situation", "told"), [("jkk_late", "1%"), ("jkm_overdue", "1%")])
def test_a_late_benefit_says_what_is_owed(read: Read, situation: str, told: str) -> None:
    assert told in text_of(read(situation).select_one("[data-clock=overdue]"))


def test_the_first_lookup_after_a_start_has_the_usual_times(
    make_site: Callable[..., Flask], visit: Visit, samples: dict[str, Participant]
) -> None:
    client = make_site().test_client()
    _, page = visit("/lacak", {"nomor": samples["assessment_day_3"].nik}, via=client)
    assert page.select_one(".usual")


@pytest.mark.parametrize(
    ("prefix", "told"),
    [
        ("", r"diperiksa\. Uang biasanya dikirim \d+–\d+ hari kerja lagi$"),
        ("/en", r"checked\. The money is usually sent in \d+–\d+ working days$"),
    ],
)
def test_before_any_day_is_known_the_usual_rest_is_told_and_never_promised(
    read: Read, prefix: str, told: str
) -> None:
    page = read("document_check", prefix)
    # Of which end it is the estimate stands beside it: "10–14 hari kerja lagi" until what?
    assert re.search(told, text_of(page.h1))
    request = text_of(read("balance_merge_data_check", prefix).h1)
    assert re.search("diperiksa. Biasanya selesai|checked. It is usually done in", request)
    assert not re.search("[Uu]ang|money", request)
    notes = text_of(page.select_one(".answer .notes"))
    assert re.search(r"1[.,]240 (klaim, bukan janji|claims, not a promise)", notes)
    for situation in ("assessment_day_3", "payment_scheduled", "missing_document", "paid_today"):
        assert not re.search("bukan janji|not a promise", text_of(read(situation, prefix).main))


def test_what_to_do_about_returned_money_is_said_once(read: Read) -> None:
    page = text_of(read("payment_returned").find("main"))
    assert page.count("Bawa buku tabungan") == 1
    assert page.count("dikirim lagi setelah") == 1


@pytest.mark.parametrize(
    ("prefix", "where"),
    [
        ("", "Uangnya kembali ke BPJS Ketenagakerjaan"),
        ("/en", "The money went back to BPJS Ketenagakerjaan"),
    ],
)
@pytest.mark.parametrize("cause", ["name_mismatch", "closed", "number_wrong"])
def test_where_the_money_is_that_a_bank_refused_is_said_first(
    read: Read, cause: str, prefix: str, where: str
) -> None:
    lead = read(f"payment_returned_account_{cause}", prefix).select_one(".answer .lead")
    assert where in text_of(lead)


def test_documents_say_their_state_their_cause_and_until_when(read: Read) -> None:
    page = read("missing_document")
    assert re.search(r"paling lambat (besok, \w+|\w+,) \d+ \w+", text_of(page.h1))
    assert text_of(page.select_one(".papers .state")) == "Belum ada"
    rows = [text_of(row) for row in page.select(".documents .rows li")]
    assert len(rows) > 2
    assert all(row.endswith(("Diterima", "Menunggu diperiksa")) for row in rows), rows
    causes = [text_of(row) for row in read("documents_rejected").select(".papers p")]
    assert len(set(causes)) == 7


@pytest.mark.parametrize(
    ("situation", "zone"),
    [
        ("interview_tomorrow", "WIB"),
        ("interview_tomorrow_wita", "WITA"),
        ("interview_tomorrow_wit", "WIT"),
    ],
)
def test_an_interview_says_when_in_the_branchs_own_time_and_what_to_have_ready(
    read: Read, situation: str, zone: str
) -> None:
    box = text_of(read(situation).select_one(".answer"))
    assert re.search(rf"besok, \w+ \d+ \w+(?: \d{{4}})?, \d\d\.\d\d–\d\d\.\d\d {zone}\b", box)
    assert "Siapkan dokumen asli" in box


@pytest.mark.parametrize(
    ("situation", "where", "elsewhere"),
    [
        ("interview_tomorrow", "lewat panggilan video dan", "di kantor cabang"),
        ("branch_visit_tomorrow", "di kantor cabang dan", "panggilan video"),
    ],
)
def test_how_an_interview_is_held_is_said_as_its_time_is(
    read: Read, situation: str, where: str, elsewhere: str
) -> None:
    """Below "Wawancara video Anda besok" stood that it is by video call or at the branch."""
    told = text_of(read(situation).select_one(".rail .card"))
    assert f"Petugas mewawancarai Anda {where}" in told
    assert elsewhere not in told


def test_notices_say_what_was_sent_by_which_means_and_what_is_never_asked(read: Read) -> None:
    page = read("assessment_day_3")
    notices = text_of(page.select_one("details.notices"))
    assert re.search(r"(WhatsApp|SMS|email), \w+, \d+ \w+", notices)
    assert "Petugas tidak pernah meminta OTP, kata sandi, atau uang." in text_of(page.footer)


def test_money_says_what_sent_means_and_the_day_from_which_to_ask(read: Read) -> None:
    scheduled = text_of(read("payment_scheduled").select_one(".answer"))
    assert "Uang belum dikirim (belum cair)." in scheduled
    page = read("paid_today")
    assert text_of(page.h1).startswith("Uang Anda sudah dikirim hari ini, ")
    assert page.select_one(".answer[data-tone=good] .ring")
    sent = text_of(page.select_one(".answer"))
    assert re.search(r"Biasanya masuk rekening paling lambat (besok, )?\w+,? \d+ \w+\.", sent)
    assert "Tanya bank Anda dulu." in text_of(page.select_one(".advice"))
    long_ago = text_of(read("paid_long_ago").select_one(".answer"))
    assert re.search(r"Biasanya sudah masuk rekening pada \w+, \d+ \w+ \d{4}\.", long_ago)


def test_after_the_end_the_page_says_what_follows(read: Read) -> None:
    partial = text_of(read("partial_10_paid_long_ago").find("main"))
    assert "Sisa saldo tetap tersimpan." in partial
    assert "pajaknya progresif" in partial
    assert "Jaminan Pensiun diurus terpisah" in text_of(read("paid_today").find("main"))


def test_a_day_that_was_not_needed_is_not_called_ahead(read: Read) -> None:
    days = [text_of(day) for day in read("jkk_paid_late").select(".tile .said")]
    assert days
    assert not [day for day in days if day.endswith("belum")]


def test_a_step_back_stands_where_it_happened_with_its_reason(read: Read) -> None:
    page = read("step_back")
    rail = steps(page)
    stages = [text_of(each.select_one(".step-name")) for each in rail]
    assert stages.count("Dokumen diperiksa") == 2
    (back,) = [each for each in rail if "Mundur ke tahap ini." in text_of(each)]
    assert rail.index(back) > stages.index("Hak Anda dihitung")
    assert len(text_of(back).partition("Mundur ke tahap ini.")[2]) > 20


@pytest.mark.parametrize("prefix", ["", "/en", "/sematan"])
def test_where_the_core_tells_no_step_none_is_said_to_come(read: Read, prefix: str) -> None:
    page = read("bare_claim", prefix)
    assert not page.select(".step, .journey, .journey-fold")
    assert page.select(".folds .particulars")

"""What a worried person reads on the result of a JHT claim, sample by sample."""

import re
from collections.abc import Callable

import pytest
from flask import Flask

from tests.conftest import Visit
from tests.pages import steps, text_of
from tests.web.conftest import Read
from tracking_site.sandbox import Participant


def test_steps_past_current_and_coming_each_say_what_happens_and_by_whom(read: Read) -> None:
    page = read("assessment_day_3")
    rail = steps(page)
    assert [each["data-step"] for each in rail[:4]] == ["done", "done", "done", "current"]
    assert len(page.select(".rail [aria-current=step]")) == 1
    for each in rail[:-1]:
        told = " ".join(text_of(part) for part in each.find_all("p"))
        assert re.search(r"\b(Petugas|Pejabat|Bagian keuangan)\b", told), told
    assert all(text_of(each.select_one(".state")) for each in rail)


@pytest.mark.parametrize(
    ("prefix", "told"),
    [
        ("", "Separuh dari 1.284 klaim, 90 hari terakhir. Anda: 3 hari kerja."),
        ("/en", "Half of 1,284 claims, last 90 days. You: 3 working days."),
    ],
)
def test_the_usual_wait_says_of_how_many_claims_it_is(read: Read, prefix: str, told: str) -> None:
    page = read("assessment_day_3", prefix)
    (bar,) = page.select(".usual")
    assert told in text_of(bar)
    assert re.search(r"\b2–4\b", text_of(bar))
    assert bar.find_parent(class_="step") == page.select_one("[aria-current=step]")


def test_the_legal_clock_says_which_rule_and_until_when(read: Read) -> None:
    clock = text_of(read("assessment_day_3").select_one(".clock"))
    assert "Hari kerja ke-3 dari 5" in clock
    assert "Paling lambat dibayar" in clock
    assert "sejak dokumen lengkap dan benar (Permenaker 4/2022)" in clock
    waiting = text_of(read("interview_tomorrow").select_one(".clock"))
    assert "Hari klaim diajukan belum dihitung." in waiting


@pytest.mark.parametrize("prefix", ["", "/en"])
def test_the_day_that_the_institution_named_stands_beside_the_one_of_the_law(
    read: Read, prefix: str
) -> None:
    page = read("promised_date", prefix)
    promise = text_of(page.select_one("[data-promise=ahead]"))
    assert re.search(r"(paling lambat|by) \w+, \d+ \w+\.", promise)
    assert "175" in promise
    # Another day before which nobody should call would contradict it.
    assert "before" not in text_of(page.select_one(".clock"))
    assert "menelepon sebelum" not in text_of(page.select_one(".clock"))
    assert read("assessment_day_3", prefix).select("[data-promise]") == []


def test_a_promise_that_was_not_kept_is_named_and_can_be_asked_about(read: Read) -> None:
    page = read("promised_date_passed")
    assert "sudah lewat: " in text_of(page.select_one("[data-promise=passed]"))
    assert page.select_one(".box a[href='tel:175']")


def test_overdue_has_words_rule_and_a_way_to_complain(read: Read) -> None:
    page = read("overdue")
    assert "sudah lewat batas 5 hari kerja" in text_of(page.h1)
    clock = page.select_one("[data-clock=overdue]")
    told = text_of(clock)
    assert "Lewat 3 hari kerja" in told
    assert "Permenaker 4/2022" in told
    assert "telepon 175" in told
    assert "mengadu secara tertulis" in told
    assert page.select_one(".box a[href='tel:175']")


@pytest.mark.parametrize(
    ("situation", "result", "cause", "where"),
    [
        ("missing_document", "Ada yang perlu diperbaiki", "Dokumen belum lengkap", "Cabang"),
        ("on_hold_membership_active", "Klaim ditunda sementara", "Kepesertaan masih aktif", None),
        ("rejected_waiting_period", "Klaim ditolak", "Masa tunggu satu bulan belum lewat", None),
        (
            "payment_returned",
            "Bank menolak kiriman uang (retur)",
            "Rekening tidak aktif",
            "Cabang",
        ),
    ],
)
def test_a_wait_a_return_and_a_refusal_come_in_three_parts(
    read: Read, situation: str, result: str, cause: str, where: str | None
) -> None:
    box = read(situation).select(".claim .box:not(.stale)")[0]
    why = box.select_one(".why")
    assert why is not None
    told = dict(
        zip(map(text_of, why.find_all("dt")), map(text_of, why.find_all("dd")), strict=False)
    )
    assert told == {"Hasil": result, "Sebab": cause}
    assert len(text_of(box.find(["h2", "h3"]))) > 10
    assert where is None or where in text_of(box)


def test_a_count_that_stopped_past_the_limit_says_so(read: Read) -> None:
    clock = read("paused_past_the_limit").select_one("[data-clock=paused]")
    assert clock is not None
    assert clock.select_one("[data-day=over]")
    assert text_of(clock.h2) == "Hitungan berhenti, lewat 1 hari kerja dari batas"


def test_a_count_that_stopped_says_how_many_days_were_used_and_names_no_limit(read: Read) -> None:
    clock = read("paused_after_two_days").select_one("[data-clock=paused]")
    assert clock is not None
    assert text_of(clock.h2) == "2 dari 5 hari kerja sudah terpakai; hitungan berhenti"
    assert [tile["data-day"] for tile in clock.select(".tile")] == ["past"] * 2 + ["blank"] * 3
    assert "batas" not in text_of(clock).lower()
    first = text_of(read("paused_on_the_first_day").select_one("[data-clock=paused] h2"))
    assert first.startswith("0 dari 5 hari kerja")


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
        ("", r"Dari sini biasanya \d+–\d+ hari kerja lagi sampai uang dikirim\."),
        ("/en", r"From here it usually takes \d+–\d+ more working days until the money is sent\."),
    ],
)
def test_before_any_day_is_known_the_usual_rest_is_told_and_never_promised(
    read: Read, prefix: str, told: str
) -> None:
    outlook = text_of(read("document_check", prefix).select_one("[data-outlook]"))
    assert re.search(told, outlook)
    assert re.search(r"1[.,]240 (klaim, bukan janji|claims, not a promise)", outlook)
    for situation in ("assessment_day_3", "payment_scheduled", "missing_document", "paid_today"):
        assert read(situation, prefix).select("[data-outlook]") == []


def test_what_to_do_about_returned_money_is_said_once(read: Read) -> None:
    page = text_of(read("payment_returned").find("main"))
    assert page.count("Bawa buku tabungan") == 1
    assert "Uang ini belum Anda terima." in page


def test_documents_say_their_state_their_cause_and_until_when(read: Read) -> None:
    documents = read("missing_document").select(".claim .fold")[0]
    rows = [text_of(row) for row in documents.select(".rows li")]
    assert re.search(r"Ditunggu sampai \w+, \d+ \w+", rows[0])
    assert len(rows) > 2
    assert all(row.endswith(("Diterima", "Menunggu diperiksa")) for row in rows[1:]), rows
    causes = [text_of(row) for row in read("documents_rejected").select(".fold .rows li p")]
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
    box = text_of(read(situation).select(".claim .box:not(.stale)")[0])
    assert re.search(rf"besok, \w+ \d+ \w+(?: \d{{4}})?, \d\d\.\d\d–\d\d\.\d\d {zone}\b", box)
    assert "Siapkan dokumen asli" in box


def test_notices_say_what_was_sent_by_which_means_and_what_is_never_asked(read: Read) -> None:
    folds = [text_of(fold) for fold in read("assessment_day_3").select(".fold")]
    (notices,) = [fold for fold in folds if fold.startswith("Pemberitahuan")]
    assert re.search(r"(WhatsApp|SMS|email), \w+, \d+ \w+", notices)
    assert "Petugas tidak pernah meminta OTP, kata sandi, atau uang." in notices


def test_money_says_what_sent_means_and_the_day_from_which_to_ask(read: Read) -> None:
    scheduled = text_of(read("payment_scheduled").select_one("[data-payment=scheduled]"))
    assert "Uang belum dikirim (belum cair)." in scheduled
    sent = text_of(read("paid_today").select_one("[data-payment=sent]"))
    assert "uang sudah keluar dari BPJS Ketenagakerjaan" in sent
    assert re.search(r"Kalau belum masuk pada \w+, \d+ \w+, tanyakan ke bank Anda", sent)
    long_ago = text_of(read("paid_long_ago").select_one("[data-payment=sent]"))
    assert re.search(r"Uang biasanya sudah masuk pada \w+, \d+ \w+ \d{4}\.", long_ago)


def test_after_the_end_the_page_says_what_follows(read: Read) -> None:
    partial = text_of(read("partial_10_paid_long_ago").find("main"))
    assert "Sisa saldo tetap tersimpan." in partial
    assert "pajaknya progresif" in partial
    assert "Jaminan Pensiun diurus terpisah" in text_of(read("paid_today").find("main"))


def test_a_day_that_was_not_needed_is_not_called_ahead(read: Read) -> None:
    days = [text_of(day) for day in read("partial_10_paid_long_ago").select(".tile .said")]
    assert days
    assert not [day for day in days if day.endswith("belum")]


def test_a_step_back_stands_where_it_happened_with_its_reason(read: Read) -> None:
    page = read("step_back")
    rail = steps(page)
    stages = [text_of(each.find(["h3", "h4"])) for each in rail]
    assert stages.count("Pemeriksaan dokumen") == 2
    (back,) = [each for each in rail if "Mundur ke tahap ini." in text_of(each)]
    assert rail.index(back) > stages.index("Penetapan klaim")
    assert len(text_of(back).partition("Mundur ke tahap ini.")[2]) > 20

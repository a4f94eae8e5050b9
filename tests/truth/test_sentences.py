"""How sentences stand together on one page, of every sample and in both languages."""

import re
from collections import Counter
from dataclasses import replace
from datetime import date, datetime
from itertools import islice

import pytest

from tests.domain.claims import at, claim
from tests.test_lookup import GivenClaims
from tests.truth.core import CALENDAR
from tests.truth.moments import WIB
from tests.truth.test_services import told_of
from tests.truth.told import WORDS, found_at, journeys_at
from tracking_site.domain.claims import (
    ClaimOutcome,
    Document,
    Milestone,
    NextStep,
    OutcomeCause,
    Snapshot,
    StageDuration,
)
from tracking_site.domain.identifiers import Kpj
from tracking_site.domain.outcomes import Found
from tracking_site.domain.situation import Need, Situation
from tracking_site.domain.standing import NOT_THE_PERSONS_TURN
from tracking_site.domain.working_days import WorkingCalendar
from tracking_site.guard.desk import LookupService
from tracking_site.telling.journeys import PresentedJourney
from tracking_site.telling.languages import LANGUAGES
from tracking_site.telling.outcomes import present, several_headline
from tracking_site.telling.statements import Says

FRIDAY = datetime(2026, 11, 27, 19, 10, tzinfo=WIB)
SATURDAY = datetime(2026, 11, 28, 9, 0, tzinfo=WIB)
_TODAY = {"id": "Hari ini bukan", "en": "Today is not"}

EVERY_DAY = WorkingCalendar({}, date(2027, 12, 31))
"""Without holidays."""

in_each_language = pytest.mark.parametrize("language", LANGUAGES)


@in_each_language
def test_a_first_sentence_of_two_parts_has_something_between_them(language: str) -> None:
    """Feeds, titles and voices have no lines: there the parts would run into each other."""
    named = (Situation.ACTION, Situation.STOPPED, Situation.ON_HOLD, Situation.UNKNOWN)
    named += (Situation.REJECTED, Situation.CANCELLED, Situation.RETURNED)
    labels = {each.headline.label for each in journeys_at(FRIDAY, language) if is_one(each, named)}
    assert len(labels) > 5
    assert [label for label in labels if label and not label.endswith(":")] == []


def is_one(journey: PresentedJourney, situations: tuple[Situation, ...]) -> bool:
    return journey.situation in situations


@in_each_language
def test_documents_that_came_and_wait_are_not_counted_as_none_that_was_received(
    language: str,
) -> None:
    """ "0 dari 7 diterima" can be read so, beside a claim that was "diterima"."""
    read = 0
    for journey in journeys_at(FRIDAY, language):
        rows = journey.documents.rows if journey.documents else ()
        if journey.documents and any(row.state.code == "waiting" for row in rows):
            count = journey.documents.count
            assert count.code == "documents" or re.search("diperiksa|checked", count.text)
            read += 1
    assert read > 5


@in_each_language
def test_sentences_that_stand_in_one_line_end_before_the_next_begins(language: str) -> None:
    read = 0
    for journey in journeys_at(FRIDAY, language):
        clock = journey.clock_card
        lines = [journey.lead, journey.notes, *((clock.texts, clock.notes) if clock else ())]
        for text in (each.text for line in lines for each in line):
            assert text.endswith((".", "?", ".)")), text
            read += 1
    assert read > 200


@in_each_language
@pytest.mark.parametrize("cause", [*OutcomeCause, "sanction_list"])
def test_a_cause_that_is_explained_nowhere_is_named_in_a_sentence(
    cause: str, language: str
) -> None:
    words, now = WORDS[language], FRIDAY
    (found,) = [each for each in found_at(now) if each.claims[0].state == "under_audit"][:1]
    outcome = ClaimOutcome("deferred", cause, "keep_calm")
    claim = replace(found.claims[0], outcome=outcome, milestones=())
    (journey,) = present(replace(found, claims=(claim,)), words, now).journeys
    assert len(journey.lead) == 2
    assert all(each.text.endswith(".") for each in journey.lead), journey.lead


@in_each_language
def test_a_voice_does_not_say_what_to_do_twice(language: str) -> None:
    for journey in journeys_at(FRIDAY, language):
        said, first = journey.spoken.rstrip("."), journey.headline.text
        assert not said or said not in first, first
        what = journey.todo.title.text.rstrip(".")
        assert what in f"{first} {said}", first


@in_each_language
def test_that_it_waits_is_said_once_of_several_claims(language: str) -> None:
    waits = {
        "id": re.compile(r"menunggu Anda\b|Kode status|memakai kode"),
        "en": re.compile(r"wait(?:s|ing) for you\b|status code|with a code"),
    }[language]
    one, *others = journeys_at(FRIDAY, language)
    for other in others:
        text = several_headline((other, one), WORDS[language]).text
        assert len(waits.findall(text)) == 1, text


@in_each_language
def test_a_missed_interview_asks_for_a_new_time_only_where_one_is_needed(language: str) -> None:
    new_time = {"id": "jadwal baru", "en": "new time"}[language]
    read = 0
    for journey in journeys_at(FRIDAY, language):
        notes = [step.note for step in journey.steps if step.step.note == "interview_missed"]
        needs = not journey.standing.is_final and journey.standing.appointment is None
        assert needs or not [note for note in notes if new_time in note], journey.headline.text
        read += bool(notes)
    assert read > 2


@in_each_language
def test_no_day_is_called_over_while_it_is_today(language: str) -> None:
    over = WORDS[language].code("tile", "past")
    full = 0
    for journey in journeys_at(FRIDAY, language):
        for tile in journey.clock_card.tiles if journey.clock_card else ():
            if tile.day == journey.standing.today:
                assert not tile.said.endswith(over), tile.said
                full += tile.look == "past"
    assert full


@in_each_language
def test_who_was_refused_for_what_can_be_mended_may_claim_again(language: str) -> None:
    again = {"id": "[Aa]jukan|mengajukan", "en": "[Ss]ubmit"}[language]
    refused = [each for each in journeys_at(FRIDAY, language) if is_mended(each)]
    assert len(refused) > 8
    for journey in refused:
        told = [*journey.lead, journey.todo.title, journey.todo.text]
        assert re.search(again, " ".join(map(str, told))), journey.headline.text


def is_mended(journey: PresentedJourney) -> bool:
    calls = journey.standing.step == "call_175"
    refused = journey.situation is Situation.REJECTED
    return refused and journey.todo.need is Need.AGAIN and not calls


@in_each_language
def test_who_brings_an_account_to_a_branch_is_told_to_bring_its_book(language: str) -> None:
    book = {"id": "buku tabungan", "en": "bank book"}[language]
    accounts = (
        OutcomeCause.ACCOUNT_CLOSED,
        OutcomeCause.ACCOUNT_NAME_MISMATCH,
        OutcomeCause.ACCOUNT_NUMBER_WRONG,
    )
    read = 0
    for journey in journeys_at(FRIDAY, language):
        outcome = journey.claim.outcome
        if outcome and outcome.cause in accounts and journey.todo.need in (Need.STEP, Need.AGAIN):
            assert book in str(journey.todo.text), journey.headline.text
            read += 1
    assert read > 5


@in_each_language
def test_why_documents_come_again_is_said_once(language: str) -> None:
    """Each of them says why; above them it would be said of all what is true of one."""
    read = 0
    for journey in journeys_at(FRIDAY, language):
        wanted = journey.documents.wanted if journey.documents else ()
        outcome = journey.claim.outcome
        if wanted and outcome and outcome.cause == OutcomeCause.FILE_UNREADABLE:
            assert bool(journey.lead) != all(row.cause for row in wanted)
            read += 1
    assert read > 2


@in_each_language
def test_who_has_an_answer_is_told_what_to_do_if_it_is_not_enough(language: str) -> None:
    answered = [
        each
        for each in journeys_at(FRIDAY, language)
        if (each.claim.service, each.standing.stage) == ("complaint", "answered")
    ]
    assert answered
    assert all("175" in str(each.todo.text) for each in answered)


@in_each_language
def test_a_claim_that_goes_on_elsewhere_says_so_with_a_link(language: str) -> None:
    of_jkp = [each for each in journeys_at(FRIDAY, language) if each.claim.service == "jkp"]
    assert len(of_jkp) > 3
    for journey in of_jkp:
        assert journey.elsewhere
        assert "SIAPkerja" in journey.elsewhere.text
        assert journey.elsewhere.link
        assert journey.elsewhere.link.is_away
        assert journey.afterwards == ()


@in_each_language
def test_where_to_ask_stands_once_on_a_page_that_tells_how_to_object(language: str) -> None:
    asked = [
        each
        for each in journeys_at(FRIDAY, language)
        if each.situation is Situation.REJECTED and each.todo.need is Need.ASK_WHY
    ]
    assert asked
    for journey in asked:
        assert journey.todo.text is None
        assert journey.advice is not None
        branch = journey.claim.branch.name
        assert sum(branch in step.text for step in journey.advice.steps) == 1


@in_each_language
@pytest.mark.parametrize(
    ("due", "channel", "is_closed"),
    [
        (date(2026, 11, 14), "branch", True),
        (date(2026, 11, 15), "lapak_asik_online", True),
        (date(2026, 11, 13), "branch", False),
        (date(2026, 11, 14), "siapkerja", False),
        (date(2026, 11, 8), "branch", False),
    ],
)
def test_who_has_to_bring_something_by_a_day_off_is_told_that_branches_are_closed(
    due: date, channel: str, is_closed: bool, language: str
) -> None:
    wanted = Document("bank_book", "missing", due_on=due)
    told = claim("registered", state="action_needed", channel=channel, documents=(wanted,))
    (journey,) = told_of(language, told).journeys
    closed = {"id": "bukan hari kerja", "en": "not a working day"}[language]
    assert (closed in str(journey.todo.text)) is is_closed


@in_each_language
def test_who_is_asked_for_something_by_today_reads_today_and_not_that_day(language: str) -> None:
    """Of what is to be handed in on a Sunday, on that Sunday."""
    sunday = datetime(2026, 11, 15, 9, 0, tzinfo=WIB)
    wanted = Document("bank_book", "missing", due_on=sunday.date())
    told = claim("registered", state="action_needed", channel="branch", documents=(wanted,))
    source = GivenClaims(Snapshot((told,), sunday))
    lookup = LookupService(source, CALENDAR, lambda: sunday)
    outcome = lookup.look_up_identifier(Kpj("21049873145"))
    assert isinstance(outcome, Found)
    (journey,) = present(outcome, WORDS[language], sunday).journeys
    today = {"id": "Hari ini bukan hari kerja", "en": "Today is not a working day"}[language]
    assert today in str(journey.todo.text)


@in_each_language
def test_holidays_between_which_nobody_works_are_one_span(language: str) -> None:
    """Before Idul Fitri they were named one by one, and nobody saw that all of it is one break."""
    complete = datetime(2027, 3, 5, 9, 0, tzinfo=WIB)
    told = claim("registered", documents_complete_at=complete, pauses=(), submitted_at=complete)
    told = replace(told, milestones=(Milestone("assessment", complete),))
    source, now = GivenClaims(Snapshot((told,), complete)), complete
    outcome = LookupService(source, CALENDAR, lambda: now).look_up_identifier(Kpj("21049873145"))
    assert isinstance(outcome, Found)
    (journey,) = present(outcome, WORDS[language], now).journeys
    assert journey.clock_card is not None
    (note,) = [each.text for each in journey.clock_card.notes if each.says is Says.LEFT_OUT]
    assert {
        "id": "Senin, 8\xa0Maret sampai Senin, 15\xa0Maret (Hari Suci Nyepi, Cuti bersama, dan",
        "en": "Monday, 8\xa0March to Monday, 15\xa0March (Nyepi (Day of Silence), Joint leave and",
    }[language] in note
    assert len(note.split()) <= 25


@in_each_language
@pytest.mark.parametrize("count", [1, 2, 3])
@pytest.mark.parametrize("state", ["missing", "rejected"])
def test_what_is_to_be_brought_is_nowhere_to_be_sent_however_many_there_are(
    state: str, count: int, language: str
) -> None:
    kinds = ("bank_book", "family_card", "claim_form")[:count]
    told = claim(
        "registered",
        state="action_needed",
        documents=tuple(Document(kind, state) for kind in kinds),
        outcome=ClaimOutcome("correction_needed", None, "bring_documents_to_branch"),
    )
    (journey,) = told_of(language, told).journeys
    assert re.search("Bawa|Bring", journey.headline.text)
    said = f"{journey.headline.text} {journey.todo.title.text} {journey.todo.text}"
    assert not re.search(r"[Kk]irim|[Ss]end|foto|photo", said)


@in_each_language
@pytest.mark.parametrize("step", sorted(set(NextStep) - NOT_THE_PERSONS_TURN))
def test_documents_that_are_wanted_do_not_hide_the_step_that_the_institution_names(
    step: str, language: str
) -> None:
    told = claim(
        "registered",
        "document_check",
        state="action_needed",
        documents=(Document("bank_book", "missing"),),
        outcome=ClaimOutcome("correction_needed", "data_mismatch", step),
    )
    (journey,) = told_of(language, told).journeys
    said = f"{journey.headline.text} {journey.todo.text}"
    assert re.search("buku tabungan|bank book", said)
    own = WORDS[language].code("todo", "action_needed", "data_mismatch", step)
    is_about_them = step in ("upload_documents", "bring_documents_to_branch")
    assert (own in said) is not is_about_them


@in_each_language
@pytest.mark.parametrize(
    ("days", "is_told_to_ask"), [(1, False), (3, False), (8, False), (9, True), (60, True)]
)
def test_who_waits_far_longer_than_others_may_ask(
    days: int, is_told_to_ask: bool, language: str
) -> None:
    """Nobody whom no rule protects is kept silent; one in four waits a little longer."""
    usual = {("jkp", "validation"): StageDuration("jkp", "validation", 1, 2, 2.5, claims=500)}
    told = claim("registered", "validation", service="jkp", channel="siapkerja")
    source, now = GivenClaims(Snapshot((told,), at(1))), working_days_after(at(1), days)
    lookup = LookupService(source, EVERY_DAY, lambda: now, durations=lambda: usual)
    outcome = lookup.look_up_identifier(Kpj("21049873145"))
    assert isinstance(outcome, Found)
    (journey,) = present(outcome, WORDS[language], now).journeys
    assert journey.todo.need is Need.NOTHING
    assert ("175" in str(journey.todo.text)) is is_told_to_ask


def working_days_after(moment: datetime, count: int) -> datetime:
    *_, day = islice(EVERY_DAY.after(moment.date()), count)
    return moment + (day - moment.date())


STILL_WORKS = r"175 (apakah masih bisa|whether)"


@in_each_language
@pytest.mark.parametrize(("day", "is_late"), [(10, True), (11, False), (12, False)])
def test_who_has_missed_the_last_day_is_told_to_ask_whether_it_still_works(
    day: int, is_late: bool, language: str
) -> None:
    wanted = Document("bank_book", "missing", due_on=date(2026, 11, day))
    told = claim("registered", state="action_needed", documents=(wanted,))
    (journey,) = told_of(language, told).journeys
    assert bool(re.search(STILL_WORKS, str(journey.todo.text))) is is_late


@in_each_language
def test_a_day_that_can_still_be_kept_comes_before_one_that_is_over(language: str) -> None:
    late = Document("bank_book", "missing", due_on=date(2026, 11, 10))
    soon = Document("photo", "missing", due_on=date(2026, 11, 13))
    told = claim("registered", state="action_needed", documents=(late, soon))
    (journey,) = told_of(language, told).journeys
    (alone,) = told_of(language, replace(told, documents=(soon,))).journeys
    assert journey.headline == alone.headline
    assert re.search(STILL_WORKS, str(journey.todo.text))
    # That there is somebody to ask is said once.
    assert str(journey.todo.text).count("175") == str(alone.todo.text).count("175") == 1
    assert journey.documents is not None
    rows = [(row.due.says if row.due else None) for row in journey.documents.wanted]
    assert rows == [None, Says.ACTION_DUE_PASSED]


@pytest.mark.parametrize("service", ["jht", "complaint"])
def test_what_stopped_on_an_unknown_day_is_told_as_it_is_in_english(service: str) -> None:
    (journey,) = told_of("en", claim("registered", state="on_hold", service=service)).journeys
    assert journey.standing.held_since is None
    assert "on hold" in journey.headline.text
    assert "has been" not in journey.headline.text


@in_each_language
def test_who_has_something_to_ask_or_to_do_is_told_that_the_branch_is_closed_today(
    language: str,
) -> None:
    """On days off for certain; once, also where a document is due on that very day."""
    closed = {"id": "kantor cabang biasanya tutup", "en": "branches are usually closed"}[language]
    christmas = datetime(2026, 12, 25, 10, 0, tzinfo=WIB)
    may_move = datetime(2027, 3, 10, 10, 0, tzinfo=WIB)
    for now, is_off in ((SATURDAY, True), (christmas, True), (FRIDAY, False), (may_move, False)):
        told = Counter[bool]()
        for journey in journeys_at(now, language):
            texts = [str(journey.closed), str(journey.todo.text)]
            said = sum(f"{closed}." in each and _TODAY[language] in each for each in texts)
            assert said == (is_off and not journey.todo.is_calm), journey.claim.reference
            told[bool(said)] += 1
        assert told[True] > 50 or not is_off
        assert told[False] > 50


@in_each_language
@pytest.mark.parametrize(("day", "is_over"), [(30, False), (32, True)])
def test_who_has_waited_longer_than_the_month_is_not_told_to_wait(
    day: int, is_over: bool, language: str
) -> None:
    over = {"id": "Sejak pengajuan sudah lewat satu bulan.", "en": "More than a month has passed"}
    outcome = ClaimOutcome("on_hold", OutcomeCause.WAITING_PERIOD, "wait_until_period_ends")
    held = claim("registered", "document_check", state="on_hold", outcome=outcome)
    lookup = LookupService(GivenClaims(Snapshot((held,), at(day))), CALENDAR, lambda: at(day))
    found = lookup.look_up_identifier(Kpj("21049873145"))
    assert isinstance(found, Found)
    (journey,) = present(found, WORDS[language], at(day)).journeys
    assert (over[language] in str(journey.todo.text)) == is_over
    assert (journey.todo.title.says is Says.WAIT) == (not is_over)

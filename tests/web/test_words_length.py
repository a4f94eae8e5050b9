"""Sentences are short and plain, above all the first one."""

import pytest

from tests.web.readability import (
    MAX_WORDS,
    MEAN_WORDS,
    measure,
    sentences_in,
    stiff,
    texts_of,
    words_in,
)
from tests.web.test_words_contract import known
from tracking_site.domain.situation import Situation
from tracking_site.telling.languages import LANGUAGES
from tracking_site.telling.words import Words

FIRST_SENTENCE = 25
WITH_TODO = (Situation.ACTION, Situation.ACTION_DUE, Situation.ACTION_LATE, Situation.STOPPED)
NAMED_OTHERWISE = {*WITH_TODO, Situation.RUNNING}
MAX_DATE = {"id": "Selasa, 18 November 2026", "en": "Tuesday, 18 November 2026"}


@pytest.mark.parametrize("language", LANGUAGES)
def test_sentences_are_short_on_average_and_none_is_long(language: str) -> None:
    result = measure(texts_of(language))
    assert result.sentences > 200
    assert result.mean_words <= MEAN_WORDS
    assert result.longest_words <= MAX_WORDS, result.longest


@pytest.mark.parametrize("language", LANGUAGES)
def test_nothing_shouts_or_sounds_like_an_office(language: str) -> None:
    assert stiff(texts_of(language)) == []


def test_the_measure_finds_what_it_looks_for() -> None:
    assert stiff(["Klaim Anda cair!", "Mohon maaf atas ketidaknyamanannya."]) != []
    assert sentences_in("Dokumen {n} diterima. Tunggu <b>kabar</b>. Label") == [
        "Dokumen nilai diterima.",
        "Tunggu kabar.",
    ]
    assert words_in("Paling lambat Senin, 24 November.") == 5


def all_of(family: str, words: Words, language: str) -> list[str]:
    """Return every text of a family."""
    assert words.language == language
    codes = known("StageCode") if family == "stage_now" else known("OutcomeCauseCode")
    return [words.code(family, code) for code in codes]


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_first_sentence_with_what_to_do_has_at_most_25_words(language: str) -> None:
    words = Words.load(language)
    day = MAX_DATE[language]
    near = {"id": f"besok, {day}", "en": f"tomorrow, {day}"}[language]
    values = {
        "since": f" since {day}",
        "on": f" on {day}",
        "due": near,
        "when": f"{near}, 10.00–10.30 WITA",
        "limit": words.working_days(5),
        "term": "under_audit",
        "now": max(all_of("stage_now", words, language), key=words_in),
        "cause": max(all_of("cause", words, language), key=words_in),
        "range": "6–14",
        "days": words.working_days(5),
        "todo": "",
    }
    details = {*known("ServiceCode"), *known("StageCode"), *known("NextStepCode")}
    situations = (
        *(each for each in Situation if each not in NAMED_OTHERWISE),
        *("in_progress", "outlook", "overdue_untold", "on_hold_plain", "rejected_plain"),
    )
    headlines = {
        words.headline(situation, service, detail, **values)
        for situation in situations
        for service in known("ServiceCode")
        for detail in details
    }
    todos = {
        words.code("todo", cause, step)
        for cause in known("OutcomeCauseCode")
        for step in known("NextStepCode")
    } | {
        words.code("todo", "document", document, state)
        for document in known("DocumentTypeCode")
        for state in ("missing", "rejected")
    }
    asked = max(todos, key=words_in)
    headlines |= {
        words.headline(situation, service, **{**values, "todo": asked})
        for situation in WITH_TODO
        for service in known("ServiceCode")
    }
    longest = max(headlines, key=words_in)
    assert words_in(longest) <= FIRST_SENTENCE, longest

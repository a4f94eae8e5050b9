"""Words for codes: the most specific ones, and an honest answer where there are none."""

import pytest

from tracking_site.telling.languages import LANGUAGES
from tracking_site.telling.words import Words


@pytest.fixture(params=LANGUAGES)
def words(request: pytest.FixtureRequest) -> Words:
    return Words.load(request.param)


def test_a_code_is_told_in_the_words_of_the_language() -> None:
    assert Words.load("id").code("stage", "assessment") == "Hak Anda dihitung"
    assert Words.load("en").code("stage", "assessment") == "Benefit calculation"


def test_the_most_specific_words_win(words: Words) -> None:
    general = words.code("stage", "payment")
    assert words.code("stage", "jkk", "payment") != general
    assert words.code("stage", "jht", "payment") == general


def test_a_headline_falls_back_to_its_situation(words: Words) -> None:
    told = words.headline("scheduled", "a_service_from_the_future", due="X")
    assert told == words.headline("scheduled", due="X")
    assert words.headline("scheduled", "jkk", due="X") != told


def test_a_stage_never_passes_for_a_situation(words: Words) -> None:
    told = words.headline("a_state_from_the_future", "jht", "completed")
    assert "a_state_from_the_future" in told
    assert told != words.headline("completed", due="")


def test_an_unknown_code_is_shown_as_it_came_with_a_sentence_and_counted_by_family() -> None:
    counted: list[str] = []
    words = Words.load("id", counted.append)
    assert words.code("document", "moon_dust") == "moon_dust (kode ini belum kami kenal)"
    assert words.code("cause_explain", "rejected", "moon_dust").endswith("artinya ke 175.")
    assert counted == ["document", "cause_explain"]


def test_a_known_code_is_not_counted() -> None:
    counted: list[str] = []
    Words.load("id", counted.append).code("document", "photo")
    assert counted == []


def test_braces_in_an_unknown_code_are_shown_and_never_interpreted(words: Words) -> None:
    assert "{branch}" in words.code("document", "{branch}")


def test_braces_in_a_value_are_shown_and_never_interpreted(words: Words) -> None:
    assert "{due}" in words.code("todo_where", "visit_branch", branch="{due}")


def test_no_code_has_nothing_to_say(words: Words) -> None:
    assert words.code("cause", "rejected", None) == ""
    assert not words.has("cause", None)


def test_context_that_is_missing_is_left_out(words: Words) -> None:
    assert words.code("todo", None, "call_175") == words.code("todo", "call_175")


def test_it_tells_whether_a_code_has_words(words: Words) -> None:
    assert words.has("stage_official", "jht", "assessment")
    assert not words.has("stage_official", "jkk", "assessment")


def test_indonesian_running_text_is_its_own_key() -> None:
    assert Words.load("id").gettext("Lacak klaim") == "Lacak klaim"


def test_a_language_without_catalogues_is_refused() -> None:
    with pytest.raises(FileNotFoundError):
        Words.load("tlh")

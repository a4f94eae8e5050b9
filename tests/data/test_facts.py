"""Facts have their source and words, and agree with what the code does."""

import tomllib
from pathlib import Path

import msgspec
import pytest

from tracking_site.data.facts import Contact, Facts, Named, load_facts
from tracking_site.domain.claims import Channel, ClaimKind
from tracking_site.domain.identifiers import PROVINCES
from tracking_site.domain.processes import PROCESSES, legal_working_days_of
from tracking_site.locale.compile import catalogues, read
from tracking_site.web.words import LANGUAGES, Words

FACTS = load_facts()
DATA = Path(__file__).parents[2] / "tracking_site" / "data"


@pytest.fixture(params=LANGUAGES)
def words(request: pytest.FixtureRequest) -> Words:
    return Words.load(request.param)


def test_the_law_gives_what_the_clock_counts() -> None:
    told = {each.service: each.working_days for each in FACTS.times}
    counted = {service: legal_working_days_of(service) for service in PROCESSES}
    assert told == {service: days for service, days in counted.items() if days}


def test_a_rule_is_named_beside_the_clock(words: Words) -> None:
    for each in FACTS.times:
        assert each.rule in words.code("clock_rule", each.service, limit=each.working_days)


def test_the_provinces_are_those_that_numbers_are_checked_by() -> None:
    told = tomllib.loads((DATA / "provinces.toml").read_text("utf-8"))["provinces"]
    assert told.keys() == PROVINCES
    assert len(set(told.values())) == 38


def test_every_kind_of_claim_is_explained() -> None:
    assert [kind.code for kind in FACTS.kinds] == list(ClaimKind)


def test_every_kind_says_what_to_bring_and_on_what_condition() -> None:
    for kind in FACTS.kinds:
        assert kind.cases or (kind.documents and kind.conditions)
        assert all(case.documents for case in kind.cases)


def test_every_fact_has_its_words(words: Words) -> None:
    for kind in FACTS.kinds:
        assert words.has("help_kind", kind.code)
        for each in (kind, *kind.cases):
            for document in (*each.documents, *each.if_asked):
                assert words.has("document", document)
                assert words.has("document_in_text", document)
            for code, values in each.conditions.items():
                assert words.code("help_condition", code, **values)
        assert all(words.has("claim_cause", case.cause) for case in kind.cases)


@pytest.mark.parametrize(
    ("family", "named"),
    [
        ("help_contact", FACTS.contacts),
        ("help_warning", FACTS.warnings),
        ("help_term", FACTS.terms),
        ("help_term_means", FACTS.terms),
    ],
)
def test_a_list_of_facts_and_its_words_are_the_same_list(
    family: str, named: tuple[Contact | Named, ...]
) -> None:
    catalogue = read(catalogues()[0])
    worded = {key for each in catalogue if (key := str(each.id)).startswith(f"{family}.")}
    assert worded == {f"{family}.{each.code}" for each in named}


def test_every_channel_where_a_claim_can_be_made_is_explained(words: Words) -> None:
    told = {
        each.code: words.code("help_channel", each.code, **each.values) for each in FACTS.channels
    }
    assert told.keys() == set(Channel) - {Channel.CALL_CENTRE}


def test_no_whatsapp_number_is_given_because_none_is_recent() -> None:
    given = " ".join(f"{each.text} {each.address}" for each in FACTS.contacts).lower()
    assert "wa.me" not in given
    assert "0813" not in given


def test_a_fact_without_source_or_date_is_refused() -> None:
    complete = msgspec.to_builtins(FACTS)
    assert msgspec.convert(complete, Facts) == FACTS
    for lost in ("source", "as_of"):
        broken = msgspec.to_builtins(FACTS)
        del broken["tax"][lost]
        with pytest.raises(msgspec.ValidationError, match=lost):
            msgspec.convert(broken, Facts)


def test_a_date_that_is_none_is_refused() -> None:
    broken = msgspec.to_builtins(FACTS)
    broken["tax"]["as_of"] = "recently"
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert(broken, Facts)

"""Facts have their source and words, and agree with what the code does."""

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from tests.contract.document import known
from tools.catalogues import catalogues, read
from tracking_site.data.facts import Contact, Facts, Named, load_facts
from tracking_site.domain.claims import Channel
from tracking_site.domain.identifiers import ABROAD, PROVINCES
from tracking_site.domain.standing import BANK_WORKING_DAYS
from tracking_site.domain.timeline import PROCESSES
from tracking_site.telling.languages import LANGUAGES
from tracking_site.telling.words import Words

FACTS = load_facts()
DATA = Path(__file__).parents[2] / "tracking_site" / "data"
DATE = re.compile(r"\d{4}(-\d{2}){0,2}|undated")
FACT_FILES = ("help.toml", "service_level.toml", "questions.toml", "provinces.toml")
IS_NO_FACT = {"group", "asked_at", "provinces"}
"""Tables that order facts or hold codes; what stands in them is looked at by itself."""


@pytest.fixture(params=LANGUAGES)
def words(request: pytest.FixtureRequest) -> Words:
    return Words.load(request.param)


def tables_of(name: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield every table of a data file with its path."""

    def walk(path: str, value: Any) -> Iterator[tuple[str, dict[str, Any]]]:
        if isinstance(value, dict):
            yield path, value
            for key, each in value.items():
                yield from walk(f"{path}.{key}", each)
        elif isinstance(value, list):
            for place, each in enumerate(value):
                yield from walk(f"{path}[{place}]", each)

    yield from walk(name, tomllib.loads((DATA / name).read_text("utf-8")))


def facts_in(name: str) -> list[tuple[str, dict[str, Any]]]:
    """Return the tables that say something: all but plain lists of codes and values."""
    told = []
    for path, table in tables_of(name):
        key = re.sub(r"\[\d+\]", "", path).removeprefix(name).rpartition(".")[2]
        within = re.sub(r"\[\d+\]", "", path).split(".")
        if key in IS_NO_FACT or "asked_at" in within or "conditions" in within or key == "values":
            continue
        if table and path != name:
            told.append((path, table))
    return told


@pytest.mark.parametrize("name", FACT_FILES)
def test_every_fact_of_every_file_has_its_source_and_its_date(name: str) -> None:
    facts = facts_in(name)
    assert facts or name == "provinces.toml"
    for path, table in facts:
        assert len(str(table.get("source", ""))) > 2, path
        assert DATE.fullmatch(str(table.get("as_of", ""))), path


def test_many_facts_are_looked_at() -> None:
    assert sum(len(facts_in(name)) for name in FACT_FILES) >= 150


def test_codes_of_provinces_and_of_the_mission_abroad_have_their_source() -> None:
    file = tomllib.loads((DATA / "provinces.toml").read_text("utf-8"))
    for table in (file, file["abroad"]):
        assert table["source"]
        assert DATE.fullmatch(table["as_of"])


def test_every_year_of_holidays_names_its_decree_with_number_date_and_address() -> None:
    years = tomllib.loads((DATA / "holidays.toml").read_text("utf-8"))["year"]
    assert len(years) >= 4
    for year in years:
        assert re.search(r"\d+/20\d\d", year["decree"]), year["year"]
        assert DATE.fullmatch(str(year["decided_on"])), year["year"]
        assert year["address"].startswith("https://")


def test_every_prefix_of_a_carrier_stands_below_a_source_that_is_named_and_dated() -> None:
    origin = source = ""
    prefixes = 0
    for line in (DATA / "carriers.txt").read_text("utf-8").splitlines():
        if match := re.match(r"# (AS\d+), ", line):
            origin, source = match[1], ""
        if "commit" in line and re.search(r"[0-9a-f]{7}", line):
            source = line
        if line and not line.startswith("#"):
            prefixes += 1
            assert origin, line
            assert source, line
    assert prefixes > 3


def test_the_law_gives_what_the_clock_counts() -> None:
    told = {each.service: each.working_days for each in FACTS.times}
    limits = {service: process.time_limit for service, process in PROCESSES.items()}
    assert told == {service: limit.working_days for service, limit in limits.items() if limit}
    for each in FACTS.times:
        limit = limits[each.service]
        assert limit is not None
        assert limit.late_per_cent == (each.late_per_cent or 0)


def test_a_work_accident_has_seven_working_days_and_lateness_its_price() -> None:
    times = {each.service: each for each in FACTS.times}
    assert (times["jkk"].working_days, times["jkk"].late_per_cent) == (7, 1)
    assert "PP 44/2015" in times["jkk"].source
    assert times["jkm"].late_per_cent == 1
    assert times["jht"].late_per_cent is None


ABOUT_THE_BANK = (
    "lead.sent", "lead.sent_before", "lead.sent_undated", "calendar_what.scheduled",
    "help_answer.not_arrived",
)  # fmt: skip


def test_a_bank_has_the_same_time_everywhere_and_it_is_only_usual() -> None:
    assert FACTS.bank.working_days == BANK_WORKING_DAYS
    for catalogue in map(read, catalogues()):
        texts = {str(each.id): str(each.string) for each in catalogue}
        for key in ABOUT_THE_BANK if "stage.payment" in texts else ():
            assert re.search(r"biasanya|usually", texts[key], re.IGNORECASE), key
            assert re.search(r"\{(bank_days|day|on)\}", texts[key]), key
            assert not re.search(r"seharusnya|harus|should|must", texts[key]), key


def test_small_balances_are_promised_the_same_everywhere() -> None:
    promised = FACTS.small_balance.working_days
    for catalogue in map(read, catalogues()):
        texts = {str(each.id): str(each.string) for each in catalogue}
        for key in ("clock_todo.jht.running", "help_point.how_long.small"):
            text = texts.get(key)
            assert text is None or re.search(rf"\b{promised} (hari kerja|working day)\b", text), key


def test_a_rule_is_named_beside_the_clock(words: Words) -> None:
    for each in FACTS.times:
        assert each.rule in words.code("clock_rule", each.service, limit=each.working_days)


def test_the_article_for_construction_workers_is_not_said_of_everybody(words: Words) -> None:
    for family in ("clock_rule", "help_time"):
        told = words.code(family, "jkm", limit="3")
        assert re.search(r"konstruksi|construction", told)


def test_a_limit_in_million_stands_in_one_place(words: Words) -> None:
    limit = f"Rp{FACTS.jmo_limit_million}"
    for catalogue in map(read, catalogues()):
        assert not [each.id for each in catalogue if limit in str(each.string)]
    explained = words.code("cause_explain", "rejected", "balance_over_limit", limit_million=15)
    assert limit in explained


def test_the_provinces_are_those_that_numbers_are_checked_by() -> None:
    file = tomllib.loads((DATA / "provinces.toml").read_text("utf-8"))
    assert file["provinces"].keys() == PROVINCES
    assert len(set(file["provinces"].values())) == 38
    assert file["abroad"]["code"] == ABROAD
    assert ABROAD not in PROVINCES


def test_every_kind_of_claim_is_explained() -> None:
    assert [kind.code for kind in FACTS.kinds] == known("KindCode")


def test_every_kind_says_what_the_law_asks_and_what_practice_asks() -> None:
    for kind in FACTS.kinds:
        for each in kind.cases or (kind,):
            assert each.documents
            assert each.practice
            assert {"bank_book", "family_card"} <= {*each.practice.documents}
            assert not {*each.documents} & {*each.practice.documents}


def test_only_who_was_laid_off_or_resigned_waits_a_month() -> None:
    (full, *_) = FACTS.kinds
    conditions = {case.cause: set(case.conditions) for case in full.cases}
    assert conditions["layoff"] == {"waiting_layoff"}
    assert conditions["resignation"] == {"waiting_resignation"}
    assert conditions["contract_end"] == {"no_waiting"}
    assert (
        sum(any(code.startswith("waiting") for code in each) for each in conditions.values()) == 2
    )


def test_every_fact_has_its_words(words: Words) -> None:
    for kind in FACTS.kinds:
        assert words.has("help_kind", kind.code)
        for each in (kind, *kind.cases):
            asked = each.practice.documents if each.practice else ()
            for document in (*each.documents, *asked):
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

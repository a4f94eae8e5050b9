"""The JSON of a followed claim: in its published form, and the same facts as the page."""

import json
import re
from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from bs4 import BeautifulSoup, Tag
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from sandbox import Participant, Sandbox
from tests.pages import text_of
from tests.web.following import follow
from tracking_site.domain.claims import zone_of
from tracking_site.telling.words import Words

SCHEMA = json.loads((Path(__file__).parents[3] / "docs" / "follow.schema.json").read_text())
ENDED = ("completed", "rejected", "cancelled")
VALIDATOR = jsonschema.Draft202012Validator(
    SCHEMA, format_checker=jsonschema.Draft202012Validator.FORMAT_CHECKER
)


def test_the_published_schema_is_one_and_is_served(client: FlaskClient) -> None:
    jsonschema.Draft202012Validator.check_schema(SCHEMA)
    response = client.get("/pantau.schema.json")
    assert response.mimetype == "application/schema+json"
    assert response.json == SCHEMA


@pytest.mark.proofs
@pytest.mark.parametrize("tree", ["", "/en"])
def test_every_sample_keeps_the_schema_and_says_what_the_page_says(
    client: FlaskClient, sandbox: Sandbox, tree: str
) -> None:
    words = Words.load(tree[1:] or "id")
    for someone in sandbox.samples:
        if someone.situation.startswith("nothing_to_show"):
            continue
        address = follow(client, someone, tree)
        response, page = both_at_once(client, address)
        assert 'rel="describedby"' in response.headers["Link"]
        VALIDATOR.validate(response.json)
        assert_same_facts(response.json, page, words)
        assert someone.nik not in response.text
        assert someone.kpj not in response.text


def both_at_once(client: FlaskClient, address: str) -> tuple[TestResponse, BeautifulSoup]:
    """Return the twin and the page of one answer of the core, which is fetched anew at times."""
    while True:
        response = client.get(f"{address}.json")
        page = BeautifulSoup(client.get(address).text, "html.parser")
        again = client.get(f"{address}.json")
        if all(response.json[name] == again.json[name] for name in ("as_of", "stale")):
            return again, page


def assert_same_facts(twin: Any, page: BeautifulSoup, words: Words) -> None:
    result = page.find(id="hasil")
    assert isinstance(result, Tag)
    assert result["data-outcome"] == twin["outcome"]
    assert result["data-as-of"] == twin["as_of"]
    assert result.has_attr("data-stale") == twin["stale"]
    assert result.has_attr("hx-get") == twin["live"]
    assert re.search(f"(berakhiran|ending in) {twin['number']['masked'][-2:]}", text_of(result))
    articles = result.find_all("article")
    assert len(articles) == len(twin["claims"])
    for claim, article in zip(twin["claims"], articles, strict=True):
        # A day that is near is written without its comma: "besok, Selasa 24 November".
        shown = without_commas(text_of(result if len(articles) == 1 else article))
        assert article["data-state"] == claim["state"]["code"]
        assert article["data-stage"] == (claim["stage"] or {"code": ""})["code"]
        for said in said_by(claim, words):
            assert without_commas(said) in shown, said
        assert_same_steps(claim, article)
        # Beside money that came back, or came in time long ago, a count helps nobody.
        if article.select(".clock"):
            days = article.select(".tile:not([data-day=over], [data-day=blank])")
            assert len(days) == len(claim["clock"]["days"])
            over = [text_of(tile) for tile in article.select(".tile[data-day=over] b")]
            late_by = claim["clock"]["over_by"]
            assert over == ([f"+{late_by}"] if late_by else [])
        else:
            is_over = claim["todo"]["title"] == words.code("todo", "none")
            came_in_time = claim["clock"] and claim["clock"]["state"] == "kept" and is_over
            is_back = claim["state"]["code"] == "payment_returned"
            assert not claim["clock"] or came_in_time or is_back


def without_commas(text: str) -> str:
    return " ".join(text.replace(",", "").split())


def assert_same_steps(claim: Any, article: Tag) -> None:
    steps = article.select(".rail .step")
    # That the end is still to come is not drawn.
    drawn = [
        step
        for step in claim["steps"]
        if (step["stage"]["code"], step["state"]["code"]) != ("completed", "upcoming")
    ]
    assert [text_of(step.select_one(".step-name")) for step in steps] == [
        step["stage"]["text"] for step in drawn
    ]
    states = [str(step["data-step"]) for step in steps]
    told = [step["state"]["code"] for step in drawn]
    waits = claim["state"]["code"] in ("action_needed", "on_hold")
    assert [state for state in states if state != "waiting"] == [
        state for state in told if not (waits and state == "current")
    ]


def said_by(claim: Any, words: Words) -> list[str]:
    """Return what a page must say when its twin says this, in words."""
    zone = zone_of(claim["branch"]["timezone"])
    said = [claim["reference"], claim["headline"], claim["todo"]["text"]]
    if claim["todo"]["needed"] is not False:
        # What to do is the first sentence, stands below it, or is a refusal's way to object.
        said.append(claim["todo"]["title"].rstrip("."))
    said += [(claim["kind"] or claim["service"])["text"], claim["channel"]["text"]]
    said += texts(claim["cause"], *(step["note"] for step in claim["steps"]))
    # What went well to its end is told by the headline alone.
    went_well = claim["state"]["code"] == "completed"
    if claim["outcome"] and claim["outcome"]["cause"] and not went_well:
        state, cause = claim["state"]["code"], claim["outcome"]["cause"]
        # A code that has no words is explained by who to ask.
        explained = words.has("cause_explain", state, cause["code"])
        explained = explained or not words.has("cause", cause["code"])
        large = state in ("rejected", "cancelled", "on_hold")
        text = words.code("cause_explain", state, cause["code"], limit_million=15)
        each_says_why = all(each["cause"] for each in claim["documents"] if wanted(each))
        if cause["code"] != "file_unreadable" or not each_says_why:
            said.append(text if explained and not large else cause["text"])
    for document in claim["documents"]:
        said += texts(document["type"], document["state"], document["cause"])
    if claim["outlook"]:
        said += re.findall(r"\d+–\d+", claim["outlook"])
    if claim["promised_on"] and claim["state"]["code"] not in ENDED:
        said.append(words.day(date.fromisoformat(claim["promised_on"])).rsplit(" ", 1)[0])
    for notice in claim["notices"]:
        said += texts(notice["about"], notice["means"])
    entered = [step for step in claim["steps"] if step["entered_at"]]
    here = entered[-1] if entered and claim["state"]["code"] != "completed" else None
    for step in claim["steps"]:
        if step["entered_at"]:
            # A line of the journey has its day in short, the step where it stands in full.
            day = datetime.fromisoformat(step["entered_at"]).astimezone(zone).date()
            said.append(words.day_short(day) if step is not here else words.day(day, day))
    return said


def wanted(document: Any) -> bool:
    return document["state"]["code"] in ("missing", "rejected")


def texts(*coded: Any) -> list[str]:
    return [each["text"] for each in coded if each]


def test_an_open_twin_tells_when_to_stop_asking(
    client: FlaskClient, samples: dict[str, Participant]
) -> None:
    live = {
        situation: client.get(f"{follow(client, samples[situation])}.json").json["live"]
        for situation in ("approval", "paid_today", "rejected_data_mismatch")
    }
    assert live == {"approval": True, "paid_today": False, "rejected_data_mismatch": False}


def test_every_error_is_json_for_who_asked_for_json(
    make_site: Callable[..., Flask], samples: dict[str, Participant]
) -> None:
    site = make_site(WATCH_REQUESTS_PER_MINUTE="2").test_client()
    ended, asked = (follow(site, samples["approval"]) for _ in range(2))
    site.post(f"{ended}/lupakan")
    answers = [site.get(f"{tree}{path}.json") for tree, path in (("", ended), ("/en", ended))]
    answers += [site.get(path) for path in (f"/pantau/{'x' * 71}.json", "/tidak-ada.json")]
    answers += [site.get(f"{asked}.json") for _ in range(3)][2:]
    down = make_site(CLAIMS_API_URL="http://127.0.0.1:9").test_client()
    answers.append(down.get(f"{asked}.json"))
    assert [each.status_code for each in answers] == [410, 410, 404, 404, 429, 503]
    for each in answers:
        assert each.mimetype == "application/problem+json"
        VALIDATOR.validate(each.json)
        assert each.json["status"] == each.status_code
        assert ("Retry-After" in each.headers) is (each.status_code in (429, 503))
        assert ended.rpartition("/")[2] not in each.text
    assert answers[0].json["title"] != answers[1].json["title"]


def test_a_slash_too_many_leads_to_the_address_without_it(
    client: FlaskClient, samples: dict[str, Participant]
) -> None:
    address = follow(client, samples["approval"])
    for path in (f"{address}.ics", f"{address}.json", address, "/en/bantuan", "/sematan"):
        response = client.get(f"{path}/?sejak=x")
        assert (response.status_code, response.location) == (308, f"{path}?sejak=x")
    for path in ("/tidak-ada/", "/klaim/", "/antre/", "/pantau/"):
        assert client.get(path).status_code == 404, path


@pytest.mark.parametrize(
    "document", [{"outcome": "refused", "retry_after": 5}, {"outcome": "not_found"}, {}]
)
def test_answers_without_claims_are_in_the_schema(document: Any) -> None:
    document = {"type": "urn:lacak-klaim:problem:x", "title": "x", "status": 404} | document
    VALIDATOR.validate(document)
    with pytest.raises(jsonschema.ValidationError):
        VALIDATOR.validate(document | {"claims": []})

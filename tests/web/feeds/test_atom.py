"""The feed of a followed claim: valid, one entry for each milestone, ids that stay."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import feedparser
import pytest
from bs4 import BeautifulSoup
from flask import Flask
from flask.testing import FlaskClient
from lxml import etree

from sandbox import Participant, Sandbox
from tests.conftest import SiteClock
from tests.domain.claims import claim
from tests.test_lookup import NIK, GivenClaims
from tests.web.following import change, follow, ticket_address
from tracking_site.app import create_app
from tracking_site.domain.claims import Milestone, Snapshot
from tracking_site.settings import Settings

MakeSite = Callable[..., Flask]
GRAMMAR = etree.RelaxNG(etree.parse(str(Path(__file__).parent / "atom.rng")))
ATOM = "{http://www.w3.org/2005/Atom}"


def read(client: FlaskClient, address: str) -> Any:
    """Return a feed as a published reader sees it."""
    response = client.get(f"{address}.atom")
    assert response.content_type == "application/atom+xml; charset=utf-8"
    feed = feedparser.parse(response.data)
    assert not feed.bozo
    return feed


@pytest.mark.proofs
@pytest.mark.parametrize("tree", ["", "/en"])
def test_the_feed_of_every_sample_is_valid(
    client: FlaskClient, sandbox: Sandbox, tree: str
) -> None:
    for someone in sandbox.samples:
        if someone.situation.startswith("nothing_to_show"):
            continue
        document = client.get(f"{follow(client, someone, tree)}.atom").data
        feed = etree.fromstring(document)
        GRAMMAR.assertValid(feed)
        ids = [each.text for each in feed.iter(f"{ATOM}id")]
        assert len(ids) == len(set(ids)), someone.situation
        assert feed.get("{http://www.w3.org/XML/1998/namespace}lang") == (tree[1:] or "id")
        rels = [each.get("rel", "alternate") for each in feed.iter(f"{ATOM}link")]
        assert sorted(rels) == ["alternate"] * (len(rels) - 1) + ["self"]
        for each in feed.iter(f"{ATOM}entry"):
            published, updated = (each.find(ATOM + name).text for name in ("published", "updated"))
            assert published <= updated, someone.situation
        assert someone.nik.encode() not in document
        assert someone.kpj.encode() not in document


def test_the_grammar_refuses_what_is_no_feed(
    client: FlaskClient, samples: dict[str, Participant]
) -> None:
    document = client.get(f"{follow(client, samples['approval'])}.atom").data
    for tag in (b"id", b"title", b"updated", b"author"):
        without = etree.fromstring(document)
        without.remove(without.find(ATOM + tag.decode()))
        assert not GRAMMAR.validate(without), tag


def test_there_is_an_entry_for_each_milestone_newest_first(
    client: FlaskClient, samples: dict[str, Participant]
) -> None:
    address = follow(client, samples["step_back"])
    steps = client.get(f"{address}.json").json["claims"][0]["steps"]
    entered = [step for step in steps if step["entered_at"]]
    entries = read(client, address).entries
    assert len(entries) == len(entered) > 2
    for step, entry in zip(reversed(entered), entries, strict=True):
        assert entry.tags[0].term == step["stage"]["code"]
        assert step["stage"]["text"] in entry.title


def test_where_the_claim_stands_the_entry_says_what_the_page_says(
    client: FlaskClient, samples: dict[str, Participant]
) -> None:
    address = follow(client, samples["missing_document"])
    told = client.get(f"{address}.json").json["claims"][0]
    newest = read(client, address).entries[0]
    for words in (told["headline"], told["todo"]["title"], told["todo"]["text"]):
        assert words in newest.content[0].value
    assert told["state"]["text"] in newest.title


def test_ids_are_tags_that_two_private_addresses_share(
    client: FlaskClient, samples: dict[str, Participant]
) -> None:
    one, other = (read(client, follow(client, samples["approval"])) for _ in range(2))
    ids = [[entry.id for entry in feed.entries] for feed in (one, other)]
    assert ids[0] == ids[1]
    assert all(each.startswith("tag:localhost,2026:") for each in ids[0])
    assert one.feed.id != other.feed.id


def test_links_and_names_carry_the_public_address(
    make_site: MakeSite, samples: dict[str, Participant]
) -> None:
    client = make_site(SITE_URL="https://lacak.example").test_client()
    address = follow(client, samples["approval"])
    feed = read(client, address).feed
    links = {link.rel: link.href for link in feed.links}
    assert links["self"] == f"https://lacak.example{address}.atom"
    assert links["alternate"] == f"https://lacak.example{address}"
    assert feed.id.startswith("tag:lacak.example,2026:")


def test_every_entry_leads_to_its_claim_on_the_page(
    client: FlaskClient, samples: dict[str, Participant]
) -> None:
    for situation in ("approval", "several_claims", "twelve_claims"):
        address = follow(client, samples[situation])
        page = BeautifulSoup(client.get(address).text, "html.parser")
        for entry in read(client, address).entries:
            assert [(link.rel, link.type) for link in entry.links] == [("alternate", "text/html")]
            path, _, fragment = entry.link.partition("#")
            assert path == f"http://localhost{address}"
            reference = entry.id.partition(",2026:")[2].split("/")[0]
            here = page.find(id=fragment) if fragment else page
            assert reference in [each.get_text() for each in here.select(".particulars bdi")]


def test_a_core_whose_clock_is_ahead_publishes_nothing_after_its_update(
    environ: dict[str, str], samples: dict[str, Participant]
) -> None:
    behind = datetime.now(UTC) - timedelta(days=2)
    client = create_app(Settings.from_env(environ), clock=lambda: behind).test_client()
    document = client.get(f"{follow(client, samples['approval'])}.atom").data
    for each in etree.fromstring(document).iter(f"{ATOM}entry"):
        published, updated = (each.find(ATOM + name).text for name in ("published", "updated"))
        assert published <= updated


def test_names_with_markup_and_control_characters_stay_text(
    client: FlaskClient, samples: dict[str, Participant]
) -> None:
    address = follow(client, samples["markup_in_names"])
    told = client.get(f"{address}.json").json["claims"][0]["branch"]["name"]
    assert "<" in told
    assert any(told in entry.content[0].value for entry in read(client, address).entries)


def test_a_change_updates_the_entry_and_a_new_stage_adds_one(
    make_site: MakeSite, core: Sandbox, site_clock: SiteClock
) -> None:
    client = make_site(CLAIMS_API_URL=core.url, CACHE_FRESH_SECONDS="1").test_client()
    someone = core.sample("approval")
    address = follow(client, someone)
    before = read(client, address)
    change(core, someone, state="on_hold")
    held = changed_since(client, site_clock, address, before)
    assert [entry.id for entry in held.entries] == [entry.id for entry in before.entries]
    assert held.entries[0].updated > before.entries[0].updated
    assert [entry.updated for entry in held.entries[1:]] == [
        entry.updated for entry in before.entries[1:]
    ]
    change(core, someone, stage="payment")
    paid = changed_since(client, site_clock, address, held)
    assert [entry.id for entry in paid.entries[1:]] == [entry.id for entry in held.entries]
    assert paid.feed.updated >= held.feed.updated
    left, stood = paid.entries[1], held.entries[0]
    assert left.content != stood.content
    assert left.updated > stood.updated, "else a reader goes on showing what was to be done there"


@pytest.mark.parametrize("tree", ["", "/en"])
def test_what_was_done_reads_the_same_the_day_after_and_the_year_after(
    environ: dict[str, str], tree: str
) -> None:
    entered = datetime(2026, 12, 30, 3, 0, tzinfo=UTC)
    told = claim(milestones=tuple(Milestone(stage, entered) for stage in ("registered", "payment")))
    source = GivenClaims(Snapshot((told,), entered))
    clock = SiteClock()
    clock.advance(seconds=(entered - clock()).total_seconds())
    client = create_app(Settings.from_env(environ), source, clock=clock).test_client()
    address = client.post(f"{tree}{ticket_address(client, NIK)}/pantau").headers["Location"]
    (before,) = read(client, address).entries[1:]
    assert "/registered/" in before.id
    for days in (1, 2):
        clock.advance(days=days)
        assert read(client, address).entries[1:] == [before]


def changed_since(client: FlaskClient, clock: SiteClock, address: str, before: Any) -> Any:
    """Read once the answer that is kept is past its time, and the site hears of a change."""
    clock.advance(minutes=11)
    feed = read(client, address)
    assert feed.entries != before.entries
    return feed

"""Following a claim over real HTTP to the sandbox: how it begins, what it shows and costs."""

import re
from collections.abc import Callable
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from urllib.parse import urlencode

import pytest
from flask import Flask
from flask.testing import FlaskClient

from sandbox import Participant, Sandbox
from tests.conftest import HTMX, SiteClock, Visit
from tests.domain.claims import at, claim
from tests.test_lookup import NIK, GivenClaims
from tests.web.following import FORMS, change, follow, ticket_address, version_of
from tracking_site.app import create_app
from tracking_site.domain.claims import Snapshot
from tracking_site.settings import Settings

Samples = dict[str, Participant]
MakeSite = Callable[..., Flask]


@pytest.mark.parametrize("tree", ["", "/en"])
def test_a_press_on_the_result_makes_a_private_address(
    client: FlaskClient, visit: Visit, someone: Participant, tree: str
) -> None:
    _, result = visit(tree + ticket_address(client, someone.nik))
    action = result.select_one("#simpan form")["action"]  # type: ignore[index]
    response = client.post(action)
    assert response.status_code == 303
    address = response.headers["Location"]
    assert address.startswith(f"{tree}/pantau/")
    _, page = visit(address)
    assert page.find(id="hasil")["data-outcome"] == "found"  # type: ignore[index]
    assert page.find(attrs={"data-stage": "assessment"})
    assert page.find("a", href=lambda href: href and href.endswith(".ics"))


def test_htmx_gets_the_followed_result_and_its_address(
    client: FlaskClient, visit: Visit, someone: Participant
) -> None:
    action = f"{ticket_address(client, someone.nik)}/pantau"
    response, part = visit(action, {}, htmx=True)
    assert response.status_code == 200
    address = response.headers["HX-Push-Url"]
    assert address.startswith("/pantau/")
    assert part.find("html") is None
    assert part.find(id="hasil")["hx-get"].startswith(f"{address}?sejak=")  # type: ignore[index]
    _, whole = visit(address)
    told = [str(each.select_one("article").get_text(" ", strip=True)) for each in (part, whole)]
    assert told[0] == told[1]


def test_the_followed_page_is_the_result_page_with_its_address_explained(
    client: FlaskClient, visit: Visit, someone: Participant
) -> None:
    address = follow(client, someone)
    _, followed = visit(address)
    _, result = visit(ticket_address(client, someone.nik))
    articles = [page.select_one("article").get_text(" ", strip=True) for page in (followed, result)]
    assert articles[0] == articles[1]
    explained = followed.select_one("#pantau p.quiet").get_text()  # type: ignore[union-attr]
    assert explained.count(".") == 2
    other = followed.find("a", hreflang="en")["href"]  # type: ignore[index]
    assert other == f"/en{address}"


@pytest.mark.parametrize(
    "situation", ["assessment_day_3", "missing_document", "overdue", "paid_today", "several_cards"]
)
def test_a_new_address_says_that_it_is_ready_and_shouts_no_louder_than_what_is_to_be_done(
    client: FlaskClient, visit: Visit, samples: Samples, situation: str
) -> None:
    """The press said "copy" or "WhatsApp", and only made what can be copied or sent."""
    _, page = visit(follow(client, samples[situation]))
    ready = page.select_one("#pantau p")
    assert ready is not None
    assert ready.get_text(strip=True) == "Link sudah jadi. Pilih cara menyimpannya."
    assert len(page.select(".button")) <= 1


def test_the_number_is_in_no_address_and_every_address_is_new(
    client: FlaskClient, someone: Participant
) -> None:
    addresses = {follow(client, someone) for _ in range(5)}
    assert len(addresses) == 5
    assert len({len(address) for address in addresses}) == 1
    for address in addresses:
        assert someone.nik not in address
        assert someone.kpj not in address


@pytest.mark.parametrize("form", FORMS)
def test_every_answer_is_private(client: FlaskClient, someone: Participant, form: str) -> None:
    headers = client.get(follow(client, someone) + form).headers
    assert headers["Cache-Control"] == "no-store"
    assert headers["Referrer-Policy"] == "same-origin"
    assert "noindex" in headers["X-Robots-Tag"]
    assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]


def test_an_address_has_a_rate_limit_of_its_own(make_site: MakeSite, someone: Participant) -> None:
    site = make_site(WATCH_REQUESTS_PER_MINUTE="3").test_client()
    address, other = follow(site, someone), follow(site, someone)
    assert [site.get(address + form).status_code for form in FORMS[:3]] == [200] * 3
    for form in FORMS:
        refused = site.get(address + form)
        assert refused.status_code == 429
        assert 1 <= int(refused.headers["Retry-After"]) <= 60
    assert site.get(other).status_code == 200


def test_opening_an_address_costs_no_budget_of_the_guard(
    make_site: MakeSite, samples: Samples
) -> None:
    site = make_site(GUARD_OFF="0").test_client()
    people = [samples[name] for name in ("approval", "overdue", "paid_today")]
    addresses = [follow(site, each) for each in people]
    for address in addresses * 20:
        assert site.get(address).status_code == 200
    fourth = site.post("/lacak", data={"nomor": samples["jmo_payment"].nik})
    assert fourth.status_code == 403, "three numbers are free, whatever was opened since"


def test_a_claim_that_is_gone_is_said_to_be_gone(
    make_site: MakeSite, environ: dict[str, str], someone: Participant, samples: Samples
) -> None:
    nobody = samples["nothing_to_show"]
    site = make_site()
    key = site.extensions["following"].keys.seal(nobody.nik)
    client = site.test_client()
    page = client.get(f"/pantau/{key}")
    assert page.status_code == 404
    assert "Klaim yang Anda pantau tidak ditemukan lagi." in page.text
    assert client.get(f"/pantau/{key}.json").json["outcome"] == "not_found"
    assert "hx-get" not in client.get(f"/pantau/{key}", headers=HTMX).text.partition("<form")[0]


@pytest.mark.parametrize("form", FORMS)
def test_while_the_core_is_away_an_address_says_so(
    make_site: MakeSite, someone: Participant, form: str
) -> None:
    client = make_site().test_client()
    address = follow(client, someone)
    away = make_site(CLAIMS_API_URL="http://127.0.0.1:1").test_client()
    response = away.get(address + form)
    assert response.status_code == 503
    assert int(response.headers["Retry-After"]) >= 1


def test_the_last_seen_version_in_the_address_tells_that_nothing_changed(
    client: FlaskClient, visit: Visit, someone: Participant
) -> None:
    address = follow(client, someone)
    seen = f"{address}?sejak={version_of(client, address)}"
    _, page = visit(seen)
    assert page.find(id="hasil")["data-address"].startswith(f"{address}?sejak=")  # type: ignore[index]
    assert "Belum ada yang berubah" in page.get_text()
    _, page = visit(address)
    assert "Belum ada yang berubah" not in page.get_text()


@pytest.mark.parametrize(
    ("tree", "unchanged", "gone"),
    [
        ("", "Belum ada yang berubah", "tidak lagi menampilkan 1 klaim"),
        ("/en", "Nothing has changed", "no longer shows 1 claim"),
    ],
)
def test_a_claim_that_is_gone_from_among_others_is_told(
    environ: dict[str, str], tree: str, unchanged: str, gone: str
) -> None:
    both = claim("registered"), claim("registered", reference="JHT-0000-000001")
    source = GivenClaims(Snapshot(both, at(1)))
    client = create_app(Settings.from_env(environ), source, clock=lambda: at(1)).test_client()
    address = client.post(f"{tree}{ticket_address(client, NIK)}/pantau").headers["Location"]
    seen = f"{address}?{urlencode({'sejak': version_of(client, address)})}"
    assert unchanged in client.get(seen).text
    source.answer = Snapshot(both[:1], at(1))
    page = client.get(seen).text
    assert gone in page
    assert unchanged not in page


def test_what_tells_no_visit_is_compared_with_none(
    client: FlaskClient, visit: Visit, someone: Participant
) -> None:
    """As an address comes out of a message that cut it, or of another release of this site."""
    address = follow(client, someone)
    version = version_of(client, address)
    for damaged in ("<b>x</b>", version[:-1], f"{version}…", f"B{version[1:]}", version[:8]):
        _, page = visit(f"{address}?{urlencode({'sejak': damaged})}")
        assert page.find(id="hasil")["data-outcome"] == "found"  # type: ignore[index]
        assert "Belum ada yang berubah" not in page.get_text(), damaged
        assert "Yang baru" not in page.get_text(), damaged


def test_a_second_follower_does_not_see_when_the_first_began(
    make_site: Callable[..., Flask], site_clock: SiteClock, samples: dict[str, Participant]
) -> None:
    client, someone = make_site().test_client(), samples["approval"]
    for form in (".atom", ".ics"):
        client.get(f"{follow(client, someone)}{form}")
    site_clock.advance(hours=5)
    made_at, second = site_clock(), follow(client, someone)
    site_clock.advance(hours=1)
    for form in (".atom", ".ics"):
        changed = client.get(f"{second}{form}").headers["Last-Modified"]
        assert parsedate_to_datetime(changed) >= made_at.replace(microsecond=0)
    stamps = re.findall(r"LAST-MODIFIED:(\w+)", client.get(f"{second}.ics").text)
    assert stamps
    assert min(stamps) >= made_at.strftime("%Y%m%dT%H%M%SZ")


def test_what_a_second_follower_reads_does_not_depend_on_when_the_first_began(
    make_site: MakeSite, site_clock: SiteClock, core: Sandbox
) -> None:
    someone = core.sample("interview_next_week")
    sites = [make_site(CLAIMS_API_URL=core.url).test_client() for _ in range(3)]
    for client in sites[:2]:
        for form in (".atom", ".ics"):
            client.get(f"{follow(client, someone)}{form}")
        site_clock.advance(hours=3)
    # A change that the second follower was not there for.
    starts = datetime(2027, 3, 1, 2, tzinfo=UTC)
    moments = {"starts_at": starts.isoformat(), "ends_at": starts.isoformat()}
    change(core, someone, appointment={"kind": "video_interview", **moments})
    site_clock.advance(hours=2)
    for client in sites[:2]:
        client.get(f"{follow(client, someone)}.atom")
    site_clock.advance(hours=30)
    addresses = [follow(client, someone) for client in sites]
    for form, mark in ((".ics", r"SEQUENCE:(\d+)"), (".atom", r"<updated>(.*?)</updated>")):
        told = [
            client.get(address + form).text
            for client, address in zip(sites, addresses, strict=True)
        ]
        first, second, nobody = (re.findall(mark, each) for each in told)
        assert first
        assert first == second == nobody


def test_what_is_for_programs_stands_after_all_that_people_do(
    client: FlaskClient, visit: Visit, someone: Participant
) -> None:
    """A box "Untuk pengembang" between a link and how to end it is nothing to a worried person."""
    _, page = visit(follow(client, someone))
    assert not page.select("#pantau details")
    (programs,) = page.select("#hasil .leave ~ .developers")
    assert not page.select(".developers ~ :not(.printed)")
    assert all(programs.select(f'a[href$="{form}"]') for form in FORMS if form)

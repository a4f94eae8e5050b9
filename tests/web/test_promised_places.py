"""A site with more to do than it can: places that are promised, and asked for when they come."""

from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from bs4 import BeautifulSoup
from flask import Flask
from flask.testing import FlaskClient

from sandbox import Participant, Sandbox
from tests.partners import partner, partners_file
from tests.web.test_line import (
    BEGIN,
    HTMX,
    USUAL,
    Site,
    fault,
    holds_briefly,
    paid_for,
    place_in,
    seconds_in,
)
from tests.web.test_tally import counted
from tracking_site.domain.identifiers import Invalid, parse_canonical
from tracking_site.following.keys import Revoked
from tracking_site.guard.floods import BURST_OVER_SECONDS, BURST_SECONDS
from tracking_site.guard.line import (
    MAX_LINE_SECONDS,
    MIN_RELOAD,
    PLACES,
    PROMISE_SECONDS,
    PROMISED,
    QUIET,
    InLine,
)
from tracking_site.guard.networks import parse_network
from tracking_site.records import QUEUE
from tracking_site.web.layers import HURRIED, MAX_HURRIED_SECONDS

__all__ = ["holds_briefly"]

HURRY = {HURRIED: True}
HERE = parse_network("127.0.0.1")


@pytest.fixture
def site(core: Sandbox) -> Iterator[Site]:
    made = Site(core)
    yield made
    made.empty()


def hurried(client: FlaskClient, number: str, prefix: str = "", **asks: Any) -> Any:
    typed = {"nomor": number}
    return client.post(f"{prefix}/lacak", data=typed, environ_overrides=HURRY, **asks)


def ask(client: FlaskClient, someone: Participant, **options: Any) -> Any:
    typed = {"nomor": someone.nik, "kartu": someone.kpj[-2:]}
    return client.post("/lacak", data=typed, **options)


def distinct(site: Site) -> int:
    """How many numbers the guard has charged the network of these tests."""
    guard: Any = site.app.extensions["guard"]
    return int(guard.explain(HERE).seen.first.distinct)


def test_a_place_is_promised_without_a_question_to_any_store(
    site: Site, someone: Participant, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = site.client()
    asked: list[str] = []
    for name in ("enter", "wait", "look"):
        monkeypatch.setattr(site.gate, name, lambda *_, name=name: asked.append(name))
    told = hurried(client, someone.nik, headers=HTMX)
    assert (told.status_code, asked, distinct(site)) == (202, [], 0)
    assert told.headers["HX-Push-Url"] == f"/antre/{place_in(told)}"
    assert PROMISE_SECONDS <= int(told.headers["Retry-After"]) <= 2 * PROMISE_SECONDS
    assert someone.nik not in told.text


def test_it_is_charged_once_and_answered_when_it_comes(site: Site, someone: Participant) -> None:
    client = site.client()
    place = place_in(hurried(client, someone.nik, headers=HTMX))
    site.clock.pass_(PROMISE_SECONDS)
    found = client.get(f"/antre/{place}?tadi=2", headers=HTMX)
    assert (found.status_code, distinct(site)) == (200, 1)
    assert 'data-outcome="found"' in found.text
    assert found.headers["HX-Replace-Url"].startswith("/klaim/")
    assert client.get(f"/antre/{place}", headers=HTMX).status_code == 200
    assert distinct(site) == 1


def test_where_there_is_no_room_it_stands_before_whoever_came_later(
    site: Site, samples: dict[str, Participant]
) -> None:
    client = site.client()
    promised = place_in(hurried(client, samples["assessment_day_3"].nik, headers=HTMX))
    site.clock.pass_(PROMISE_SECONDS)
    site.fill()
    later = client.post("/lacak", data={"nomor": samples["paid_today"].nik}, headers=HTMX)
    assert later.status_code == 202
    told = client.get(f"/antre/{promised}?tadi=2", headers=HTMX)
    placed = place_in(told)
    assert told.status_code == 202
    assert placed != promised
    # Reloading the page asks for the place that stands, and not for the promise anew.
    assert told.headers["HX-Replace-Url"] == f"/antre/{placed}"
    assert "HX-Push-Url" not in told.headers
    line: Any = site.app.extensions["line"]
    names = [name for _, name in site.gate._line]
    first, second = (line.open(each).place.name for each in (placed, place_in(later)))
    assert names.index(first) < names.index(second)


def test_without_javascript_it_is_asked_for_when_its_page_reloads(
    site: Site, someone: Participant
) -> None:
    client = site.client()
    site.fill()
    sent = hurried(client, someone.nik)
    address = sent.headers["Location"]
    assert (sent.status_code, address[:7]) == (303, "/antre/")
    # Where the browser is led to at once, there is no more time than before.
    page = client.get(address)
    assert (page.status_code, distinct(site)) == (202, 0)
    assert int(page.headers["Refresh"]) >= MIN_RELOAD
    site.clock.pass_(int(page.headers["Refresh"]))
    led = client.get(f"{address}?diam=1")
    assert (led.status_code, distinct(site)) == (303, 1)
    standing = led.headers["Location"]
    assert standing.startswith("/antre/")
    assert standing != address
    assert standing.endswith("?diam=1")
    site.empty()
    site.clock.pass_(MIN_RELOAD)
    done = client.get(standing.removesuffix("?diam=1"))
    assert done.headers["Location"].startswith("/klaim/")
    assert client.get(done.headers["Location"]).status_code == 200
    assert distinct(site) == 1


@pytest.mark.parametrize("prefix", ["/en", "/sematan", "/en/sematan"])
def test_in_english_and_in_frames_the_same(
    core: Sandbox, someone: Participant, prefix: str
) -> None:
    site = Site(core, EMBED_ORIGINS="https://berita.example")
    client = site.client()
    told = hurried(client, someone.nik, prefix, headers=HTMX)
    assert told.status_code == 202
    assert ("You are in the queue" in told.text) == prefix.startswith("/en")
    address = told.headers["HX-Push-Url"]
    assert address.startswith(f"{prefix}/antre/")
    site.clock.pass_(PROMISE_SECONDS)
    done = client.get(address, headers=HTMX)
    assert done.headers["HX-Replace-Url"].startswith(f"{prefix}/klaim/")


def test_a_partners_promise_counts_for_its_site_when_it_comes(
    core: Sandbox, someone: Participant, tmp_path: Path
) -> None:
    file = partners_file(tmp_path, partner("koran", daily_lookups=1))
    site = Site(core, PARTNERS_FILE=str(file))
    client = site.client()
    typed = {"nomor": someone.nik}
    asked = client.post(
        "/sematan/lacak?mitra=koran", data=typed, headers=HTMX, environ_overrides=HURRY
    )
    assert counted(client) == {}
    site.clock.pass_(PROMISE_SECONDS)
    assert client.get(asked.headers["HX-Push-Url"], headers=HTMX).status_code == 200
    assert counted(client) == {("koran", "lookup"): 1}


def test_nobody_learns_uncharged_of_which_numbers_there_is_a_copy(
    site: Site, samples: dict[str, Participant]
) -> None:
    client = site.client()
    known, other = samples["assessment_day_3"].nik, samples["paid_today"].nik
    assert client.post("/lacak", data={"nomor": known}, headers=HTMX).status_code == 200
    told = [hurried(client, each, headers=HTMX) for each in (known, other)]
    assert [each.status_code for each in told] == [202, 202]
    assert len({each.text.count("<") for each in told}) == 1
    assert distinct(site) == 1
    site.clock.pass_(PROMISE_SECONDS)
    site.fill()
    # When it comes, what has a copy waits for nobody.
    asked = [client.get(each.headers["HX-Push-Url"], headers=HTMX) for each in told]
    assert [each.status_code for each in asked] == [200, 202]


def test_what_cannot_be_a_number_is_said_at_once(site: Site) -> None:
    assert hurried(site.client(), "1", headers=HTMX).status_code == 422


def test_who_would_be_asked_to_pay_is_asked_when_the_place_comes(
    core: Sandbox, samples: dict[str, Participant]
) -> None:
    site = Site(core, POW_SCALE="0.001")
    # The library of the work also looks at the machine's clock.
    site.clock.now = BEGIN.replace(year=2096)
    client = site.client()
    numbers = [each.nik for each in samples.values()]
    while client.post("/lacak", data={"nomor": numbers.pop()}, headers=HTMX).status_code != 403:
        pass
    charged, number = distinct(site), numbers.pop()
    place = place_in(hurried(client, number, headers=HTMX))
    site.clock.pass_(PROMISE_SECONDS)
    asked = client.get(f"/antre/{place}?tadi=2", headers=HTMX)
    assert (asked.status_code, distinct(site)) == (403, charged)
    assert 'data-outcome="challenge"' in asked.text
    # Whoever holds the address need not know the number, which is not sent.
    assert number not in asked.text
    form = BeautifulSoup(asked.text, "html.parser").find("form", action=f"/antre/{place}")
    assert form is not None
    assert form["hx-post"] == f"/antre/{place}"
    fields = {each["name"]: each["value"] for each in form.find_all("input")}
    fields["altcha"] = paid_for(asked)
    paid = client.post(f"/antre/{place}", data=fields, headers=HTMX)
    assert (paid.status_code, distinct(site)) == (200, charged + 1)
    assert paid.headers["HX-Replace-Url"].startswith("/klaim/")


def test_who_has_paid_is_not_asked_to_pay_anew(
    core: Sandbox, samples: dict[str, Participant]
) -> None:
    site = Site(core, POW_SCALE="0.001", REQUESTS_PER_MINUTE="20")
    site.clock.now = BEGIN.replace(year=2096)
    client = site.client()
    numbers = [each.nik for each in samples.values()]
    while True:
        asked = client.post("/lacak", data={"nomor": (number := numbers.pop())}, headers=HTMX)
        if asked.status_code == 403:
            break
    charged = distinct(site)
    fields = {"nomor": number, "altcha": paid_for(asked)}
    # What was paid for another number is worth nothing.
    other = fields | {"nomor": numbers.pop()}
    hurry = partial(client.post, "/lacak", headers=HTMX, environ_overrides=HURRY)
    assert (hurry(data=other).status_code, distinct(site)) == (202, charged)
    assert (hurry(data=fields).status_code, distinct(site)) == (200, charged + 1)
    # It counts as a request, as without hurry.
    told = [hurry(data=fields).status_code for _ in range(20)]
    assert set(told) == {200, 429}


def test_without_javascript_who_would_be_asked_to_pay_may_wait(
    core: Sandbox, samples: dict[str, Participant]
) -> None:
    site = Site(core, SECOND_FACTOR="kpj_suffix")
    client = site.client()
    people = [each for each in samples.values() if each.specs]
    while ask(client, people.pop()).status_code != 403:
        pass
    someone = people.pop()
    address = ask(client, someone, environ_overrides=HURRY).headers["Location"]
    site.clock.pass_(MIN_RELOAD)
    page = client.get(address)
    assert page.status_code == 403
    assert someone.nik not in page.text
    form = BeautifulSoup(page.text, "html.parser").find("form", action=address)
    assert form is not None
    fields = {each["name"]: each["value"] for each in form.find_all("input")}
    assert set(fields) == {"altcha", "tunggu"}
    early = client.post(address, data=fields)
    assert (early.status_code, "Belum waktunya" in early.text) == (403, True)
    site.clock.pass_(60)
    done = client.post(address, data=fields)
    assert (done.status_code, done.headers["Location"][:7]) == (303, "/klaim/")
    assert client.post("/antre/x", data=fields).status_code == 404


def test_a_place_is_nothing_in_the_form_of_a_number(site: Site, someone: Participant) -> None:
    client = site.client()
    place = place_in(hurried(client, someone.nik, headers=HTMX))
    site.clock.pass_(PROMISE_SECONDS)
    assert client.post("/lacak", data={"antre": place}).status_code == 422
    asked = client.post("/lacak", data={"nomor": someone.nik, "antre": "x"})
    assert (asked.status_code, asked.headers["Location"][:7]) == (303, "/klaim/")


def test_who_holds_what_was_sealed_goes_on_with_it_when_the_site_is_full(
    full: FlaskClient, someone: Participant
) -> None:
    site, here = full.application, from_(1)
    line, following = site.extensions["line"], site.extensions["following"]
    network = parse_network(here["X-Forwarded-For"])
    place = line.seal(
        InLine(line.new_place(network), someone.nik, network, is_promised=True), line._clock()
    )
    ticket, key = (each.seal(someone.nik) for each in (following.tickets, following.keys))
    # More than a full site takes of anybody else.
    for _ in range(5):
        full.get("/mitra", headers=here)
    assert full.get("/mitra", headers=here).status_code == 429
    for path in (f"/pantau/{key}.ics", f"/pantau/{key}.json", f"/klaim/{ticket}/pantau"):
        assert full.get(path, headers=here).status_code in (200, 303)
    for path in (f"/antre/{place}", f"/klaim/{ticket}/pantau", f"/pantau/{key}/lupakan"):
        assert full.post(path, headers=here).status_code == 303
    # Who clears the screen does so, whatever else is asked: the next one sits down before it.
    page = here | {"Referer": f"http://localhost/klaim/{ticket}"}
    assert full.post("/bersihkan", data={"tiket": ticket}, headers=page).status_code == 303
    with pytest.raises(Revoked):
        following.tickets.open(ticket)
    # With what has ended nobody is let on.
    assert full.get(f"/klaim/{ticket}", headers=here).status_code == 429
    page = here | {"Referer": f"http://localhost/klaim/{following.tickets.seal(someone.nik)}"}
    assert full.post("/lacak", data={"nomor": someone.nik}, headers=page).status_code == 429
    assert full.post("/bersihkan", headers=here).status_code == 429
    for path in ("/pantau/x.ics", "/klaim/x/pantau", f"/mitra/klaim{ticket}"):
        assert full.get(path, headers=here).status_code == 429


def test_many_promises_of_one_network_come_to_no_more_places_than_others(
    site: Site, samples: dict[str, Participant]
) -> None:
    site.fill()
    client, numbers = site.client(), [each.nik for each in samples.values()][:12]
    places = [place_in(hurried(client, each, headers=HTMX)) for each in numbers]
    site.clock.pass_(PROMISE_SECONDS)
    told = [client.get(f"/antre/{each}?tadi=2", headers=HTMX).status_code for each in places]
    at_once = Site(site.core)
    at_once.fill()
    others = at_once.client()
    asked = [others.post("/lacak", data={"nomor": each}, headers=HTMX) for each in numbers]
    assert told == [each.status_code for each in asked]
    assert distinct(site) == distinct(at_once)


def test_each_promise_that_comes_counts_as_a_request_of_its_network(
    core: Sandbox, someone: Participant
) -> None:
    site = Site(core, REQUESTS_PER_MINUTE="3")
    client = site.client()
    places = [place_in(hurried(client, someone.nik, headers=HTMX)) for _ in range(4)]
    site.clock.pass_(PROMISE_SECONDS)
    told = [client.get(f"/antre/{each}?tadi=2", headers=HTMX).status_code for each in places]
    assert told == [200, 200, 200, 429]


def test_a_network_that_has_all_its_places_keeps_nobody_else_from_a_promise(
    core: Sandbox, samples: dict[str, Participant]
) -> None:
    site = Site(core, TRUSTED_PROXIES="1")
    site.fill()
    client, line = site.client(), site.app.extensions["line"]
    theirs, ours = ({"X-Forwarded-For": f"{each}.0.2.7"} for each in (192, 198))
    for _ in range(PLACES):
        assert site.gate.wait(line.new_place(parse_network("192.0.2.7")), PLACES, USUAL)
    numbers = [each.nik for each in samples.values()]
    refused = client.post("/lacak", data={"nomor": numbers[0]}, headers=HTMX | theirs)
    assert refused.status_code == 429
    assert hurried(client, numbers[1], headers=HTMX | ours).status_code == 202


def test_where_the_line_is_closed_nothing_is_promised(site: Site, someone: Participant) -> None:
    site.fill()
    client, line = site.client(), site.app.extensions["line"]
    site.lengthen(2_000)
    line._seen = site.gate.look()._replace(pace=2_000 / MAX_LINE_SECONDS / 2)
    closed = hurried(client, someone.nik, headers=HTMX)
    assert closed.status_code == 503
    assert int(closed.headers["Retry-After"]) > MAX_LINE_SECONDS
    assert distinct(site) == 0


def test_a_promise_is_kept_where_the_line_was_closed_since(
    site: Site, samples: dict[str, Participant], monkeypatch: pytest.MonkeyPatch
) -> None:
    site.fill()
    client, line = site.client(), site.app.extensions["line"]
    place = place_in(hurried(client, samples["assessment_day_3"].nik, headers=HTMX))
    site.lengthen(1_000)
    monkeypatch.setattr("tracking_site.guard.line.MAX_LINE_SECONDS", 1.0)
    line._seen = site.gate.look()
    led = client.get(f"/antre/{place}")
    assert (led.status_code, distinct(site)) == (202, 0)
    site.clock.pass_(PROMISE_SECONDS)
    closed = client.post("/lacak", data={"nomor": samples["paid_today"].nik}, headers=HTMX)
    assert closed.status_code == 503
    told = client.get(f"/antre/{place}?tadi=2", headers=HTMX)
    assert (told.status_code, distinct(site)) == (202, 1)
    # Who came before all of them is answered before them.
    assert seconds_in(told) == 1
    # Those that are gathered for later are no more than what is typed.
    site.clock.pass_(QUIET)
    late = client.get(f"/antre/{place}?tadi=2", headers=HTMX)
    assert (late.status_code, 'data-outcome="unavailable"' in late.text) == (503, True)


def test_who_was_promised_a_place_has_one_while_the_core_is_down(
    site: Site, someone: Participant
) -> None:
    client = site.client()
    place = place_in(hurried(client, someone.nik, headers=HTMX))
    site.clock.pass_(PROMISE_SECONDS)
    fault(site.core, "down")
    # An open page shows no 5xx: it went on saying that its turn comes in some seconds.
    told = client.get(f"/antre/{place}?tadi=2", headers=HTMX)
    assert (told.status_code, distinct(site)) == (202, 1)
    assert "Sistem pusat sedang tidak menjawab." in told.text
    fault(site.core, "none")
    site.clock.pass_(int(told.headers["Retry-After"]))
    found = client.get(f"/antre/{place_in(told)}", headers=HTMX)
    assert (found.status_code, distinct(site)) == (200, 1)


def test_who_asks_for_no_reloading_is_told_the_time_all_the_same(
    site: Site, someone: Participant
) -> None:
    client = site.client()
    address = hurried(client, someone.nik).headers["Location"]
    quiet = client.get(f"{address}?diam=1")
    assert "Refresh" not in quiet.headers
    assert seconds_in(quiet) <= 2 * PROMISE_SECONDS


def test_it_tells_the_time_that_the_line_takes(site: Site, someone: Participant) -> None:
    site.fill()
    client = site.client()
    site.lengthen(1_000)
    placed = client.post("/lacak", data={"nomor": someone.nik}, headers=HTMX)
    promised = hurried(client, someone.kpj, headers=HTMX)
    assert seconds_in(promised) == pytest.approx(seconds_in(placed), abs=1)


def test_the_version_before_takes_a_promise_for_no_number() -> None:
    assert isinstance(parse_canonical(PROMISED + "3174054501900005"), Invalid)
    assert isinstance(parse_canonical(PROMISED + "3174054501900005/3145"), Invalid)


ARRIVING = (
    *("/?fbclid=x", "/sematan", "/en/sematan?mitra=koran", "/sematan/tema.css?mitra=koran"),
    "/oembed?url=http%3A%2F%2Flocalhost%2Fsematan%3Fmitra%3Dkoran",
)
"""As people come from the news and other apps, and in frames."""


@pytest.fixture
def full(make_site: Callable[..., Flask], monkeypatch: pytest.MonkeyPatch) -> FlaskClient:
    """A site whose requests have waited for two seconds, for longer than a burst lasts."""
    site = make_site(REQUESTS_PER_MINUTE="120", TRUSTED_PROXIES="1")
    floods: Any = site.extensions["floods"]
    floods._long_since = floods._clock() - BURST_SECONDS - BURST_OVER_SECONDS
    monkeypatch.setattr(type(floods), "wait", 2.0)
    return site.test_client()


def from_(number: int) -> dict[str, str]:
    return {"X-Forwarded-For": f"{11 + number}.7.7.7"}


def test_a_full_site_gives_out_what_lies_ready_and_promises_places(
    full: FlaskClient, someone: Participant, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number, path in enumerate(full.application.extensions["ready_paths"]):
        # What shows a link that is passed on, or watches a site, asks for headers alone.
        for method in ("GET", "HEAD"):
            asked = full.open(path, method=method, headers=from_(number))
            assert asked.status_code == 200
    assert full.get("/sematan.js?ver=6.1", headers=from_(99)).status_code == 200
    typed = {"nomor": someone.nik}
    told = full.post("/lacak", data=typed, headers=HTMX | from_(100))
    assert told.status_code == 202
    for number, path in enumerate(ARRIVING, 130):
        assert full.get(path, headers=from_(number)).status_code == 200
    # What is neither costs more than a refusal, and so does a promise to who came long ago.
    others = ("get", "/mitra"), ("post", "/sematan"), ("post", "/"), ("get", "/klaim/x")
    for number, (method, path) in enumerate(others, 110):
        assert getattr(full, method)(path, headers=from_(number)).status_code == 503
    assert full.get("/", headers=HTMX | from_(120)).status_code == 503
    monkeypatch.setattr(QUEUE, "seconds", MAX_HURRIED_SECONDS + 0.1)
    assert full.get("/sematan", headers=from_(101)).status_code == 503
    late = full.post("/lacak", data=typed, headers=HTMX | from_(102))
    assert late.status_code == 503
    assert int(late.headers["Retry-After"]) > 0


def test_whoever_has_the_files_of_a_first_visit_may_look_up_all_the_same(
    full: FlaskClient, someone: Participant, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Of many who come at once few are given out what lies ready by the thread that takes them in.
    files = [each for each in full.application.extensions["ready_paths"] if "/static/" in each][:8]
    assert full.get("/", headers=from_(1)).status_code == 200
    for path in files:
        assert full.get(path, headers=from_(1)).status_code == 200
    typed = {"nomor": someone.nik}
    assert full.post("/lacak", data=typed, headers=HTMX | from_(1)).status_code == 202
    monkeypatch.setattr(type(full.application.extensions["floods"]), "wait", 0.9)
    # Who asks for nothing but files, and for far more of them, is shed while others wait.
    told = [full.get(files[0], headers=from_(2)).status_code for _ in range(100)]
    assert set(told) == {200, 429}
    assert told[:24] == [200] * 24
    # What asks for no file at its address is made anew by the site, and counts as what it costs.
    for number, method in enumerate(("POST", "PUT", "OPTIONS"), 3):
        asks = {"method": method, "headers": from_(number)}
        assert 429 in [full.open(files[0], **asks).status_code for _ in range(8)]


def test_who_floods_a_full_site_is_given_nothing(full: FlaskClient, someone: Participant) -> None:
    for _ in range(20):
        full.get("/mitra", headers=from_(1))
    for path in full.application.extensions["ready_paths"]:
        assert full.get(path, headers=from_(1)).status_code == 429
    typed = {"nomor": someone.nik}
    assert full.post("/lacak", data=typed, headers=HTMX | from_(1)).status_code == 429
    assert full.post("/lacak", data=typed, headers=HTMX | from_(2)).status_code == 202

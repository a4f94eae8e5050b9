"""Forms of other sites: refused before anything is counted, with a way to our own form."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from bs4 import BeautifulSoup
from flask import Flask
from flask.testing import FlaskClient
from structlog.testing import capture_logs

from sandbox import Participant
from tests.conftest import HTMX
from tests.partners import partner, partners_file
from tests.web.following import follow, ticket_address

MakeSite = Callable[..., Flask]
Samples = dict[str, Participant]

SITE = "https://lacak.example"
CROSS_SITE = {"Sec-Fetch-Site": "cross-site"}
REFUSED = [
    CROSS_SITE,
    {"Sec-Fetch-Site": "same-site"},
    {"Sec-Fetch-Site": "Same-Origin"},
    {"Sec-Fetch-Site": ""},
    {"Sec-Fetch-Site": "same-origin, cross-site"},
    {"Sec-Fetch-Site": "cross-site", "Origin": "http://localhost"},
    {"Origin": "null"},
    {"Origin": ""},
    {"Origin": "https://evil.example"},
    {"Origin": "http://localhost.evil.example"},
    {"Origin": "http://localhost:8080"},
    {"Origin": "http://localhost@evil.example"},
    {"Origin": "localhost"},
    {"Origin": "http://[broken"},
]
PASSED = [
    {},
    {"Sec-Fetch-Site": "same-origin"},
    {"Sec-Fetch-Site": "none"},
    {"Sec-Fetch-Site": "same-origin", "Origin": "null"},
    {"Sec-Fetch-Site": "same-origin", "Origin": "https://evil.example"},
    {"Origin": "http://localhost"},
    {"Origin": "https://localhost"},
    {"Origin": "https://LOCALHOST"},
]


def named(headers: dict[str, str]) -> str:
    return " ".join(f"{name}={value}" for name, value in headers.items()) or "neither"


@pytest.mark.parametrize("kind", [{}, HTMX], ids=["page", "fragment"])
@pytest.mark.parametrize("headers", REFUSED, ids=named)
def test_a_post_from_elsewhere_is_refused(
    client: FlaskClient, samples: Samples, headers: dict[str, str], kind: dict[str, str]
) -> None:
    data = {"nomor": samples["approval"].nik}
    assert client.post("/lacak", data=data, headers=headers | kind).status_code == 403


@pytest.mark.parametrize("kind", [{}, HTMX], ids=["page", "fragment"])
@pytest.mark.parametrize("headers", PASSED, ids=named)
def test_our_own_pages_and_clients_that_say_nothing_pass(
    client: FlaskClient, samples: Samples, headers: dict[str, str], kind: dict[str, str]
) -> None:
    data = {"nomor": samples["approval"].nik}
    expected = 200 if kind else 303
    assert client.post("/lacak", data=data, headers=headers | kind).status_code == expected


@pytest.mark.parametrize(
    ("origin", "host", "passes"),
    [
        (SITE, "lacak.example", True),
        ("https://LACAK.example:443", "lacak.example", True),
        (SITE, "127.0.0.1:8000", True),
        ("http://lacak.example", "lacak.example", False),
        ("https://lacak.example:8443", "lacak.example:8443", False),
        ("http://127.0.0.1:8000", "127.0.0.1:8000", False),
        ("https://evil.example", "evil.example", False),
        ("null", "lacak.example", False),
    ],
)
def test_with_an_address_of_its_own_the_site_takes_that_origin_alone(
    make_site: MakeSite, origin: str, host: str, passes: bool
) -> None:
    client = make_site(SITE_URL=SITE).test_client()
    headers = {"Origin": origin, "Host": host}
    response = client.post("/lacak", data={"nomor": "1"}, headers=headers)
    assert response.status_code == (422 if passes else 403)


@pytest.mark.parametrize("host", ["Lacak.example", "lacak.example:443", "lacak.example:80"])
def test_without_one_the_host_decides_by_any_scheme(client: FlaskClient, host: str) -> None:
    for scheme in ("http", "https"):
        headers = {"Origin": f"{scheme}://lacak.example", "Host": host}
        assert client.post("/lacak", data={"nomor": "1"}, headers=headers).status_code == 422


def test_no_route_takes_a_post_from_elsewhere_whatever_its_method_is_called(app: Flask) -> None:
    client, seen = app.test_client(), set()
    for rule in app.url_map.iter_rules():
        path = re.sub(r"<[^>]+>", "x", rule.rule)
        for method in (rule.methods or set()) - {"GET", "HEAD", "OPTIONS"}:
            assert client.open(path, method=method, headers=CROSS_SITE).status_code == 403, rule
            seen.add(rule.endpoint.rpartition(".")[2])
    assert seen >= {"look_up", "clear", "keep", "forget", "purge"}
    for method in ("POST", "PUT", "DELETE", "PATCH", "LOCK", "post"):
        for path in ("/", "/nothing", "/static/x", "/-/healthz", "/sematan.js"):
            answer = client.open(path, method=method, headers=CROSS_SITE)
            assert answer.status_code == 403, (method, path)


def test_links_from_elsewhere_go_on(client: FlaskClient, samples: Samples) -> None:
    address = ticket_address(client, samples["approval"].nik)
    for path in ("/", "/bantuan", "/sematan", address):
        headers = CROSS_SITE | {"Origin": "https://evil.example"}
        assert client.get(path, headers=headers).status_code == 200


@pytest.mark.parametrize("tree", ["", "/en", "/sematan", "/en/sematan"])
@pytest.mark.parametrize("htmx", [False, True], ids=["page", "fragment"])
def test_the_refusal_leads_to_the_form_and_repeats_nothing(
    client: FlaskClient, samples: Samples, tree: str, htmx: bool
) -> None:
    number = samples["approval"].nik
    site = "https://news.example"
    headers = CROSS_SITE | {"Origin": site, "Referer": f"{site}/a-page"}
    kind = HTMX if htmx else {}
    response = client.post(f"{tree}/lacak", data={"nomor": number}, headers=headers | kind)
    assert response.status_code == 403
    assert number not in response.text
    assert "a-page" not in response.text + str(response.headers)
    page = BeautifulSoup(response.text, "html.parser")
    assert (page.find("html") is None) is htmx
    for unused in page.find_all("template"):
        unused.decompose()
    assert [str(form["action"]) for form in page.find_all("form")] == []
    [way] = page.select("#isi a.button, #hasil a.button")
    form = client.get(str(way["href"]))
    assert 'name="nomor"' in form.text
    assert str(way["href"]).rstrip("/") == tree
    assert response.headers["Cache-Control"] == "no-store"
    assert response.headers["Content-Type"] == "text/html; charset=utf-8"
    words = "another site" if tree.startswith("/en") else "situs lain"
    assert words in page.get_text()


def test_in_a_frame_the_refusal_looks_and_leads_like_its_partner(
    make_site: MakeSite, tmp_path: Path
) -> None:
    path = partners_file(tmp_path, partner("koran", accent="#0a5"), partner("off", disabled=True))
    site = make_site(PARTNERS_FILE=str(path)).test_client()
    response = site.post("/sematan/lacak?mitra=koran", data={"nomor": "1"}, headers=CROSS_SITE)
    page = BeautifulSoup(response.text, "html.parser")
    assert response.status_code == 403
    assert page.select_one("#isi a.button")["href"] == "/sematan?mitra=koran"  # type: ignore[index]
    assert page.find("link", href="/sematan/tema.css?mitra=koran")
    policy = response.headers["Content-Security-Policy"]
    assert policy.endswith("frame-ancestors 'self' https://koran.example")
    for slug, said in (("off", {}), ("nobody", {}), ("koran", {"Origin": "null"})):
        response = site.post(f"/sematan/lacak?mitra={slug}", headers=CROSS_SITE | said)
        way = BeautifulSoup(response.text, "html.parser").select_one("#isi a.button")
        assert response.status_code == 403
        assert (way["href"], way["target"]) == ("/", "_blank")  # type: ignore[index]


def test_nobody_is_charged_and_nothing_is_changed(make_site: MakeSite, samples: Samples) -> None:
    app = make_site(GUARD_OFF="0", REQUESTS_PER_MINUTE="8")
    client, told = app.test_client(), []
    address = follow(client, samples["approval"])
    for name in ("overdue", "jmo_payment", "paid_today", "nothing_to_show") * 5:
        data: dict[str, Any] = {"nomor": samples[name].nik, "tiket": address.rpartition("/")[2]}
        for kind in ({}, HTMX):
            for path in ("/lacak", "/sematan/lacak", f"{address}/lupakan", "/bersihkan"):
                answer = client.post(path, data=data, headers=CROSS_SITE | kind)
                told.append(answer.status_code)
    assert set(told) == {403}
    assert client.get(address).status_code == 200
    for name in ("overdue", "jmo_payment"):
        assert client.post("/lacak", data={"nomor": samples[name].nik}).status_code == 303
    counted = client.get("/-/metrics").text
    assert re.search(r'tracking_guard_decisions_total\{kind="ok"[^}]*\} 3\.0', counted), counted


def test_it_is_counted_by_a_name_of_its_own_and_says_nothing_of_the_other_site(
    make_site: MakeSite, tmp_path: Path, samples: Samples
) -> None:
    path = partners_file(tmp_path, partner("koran"))
    client = make_site(PARTNERS_FILE=str(path)).test_client()
    number = samples["approval"].nik
    with capture_logs() as lines:
        for asked in ("/lacak", "/sematan/lacak?mitra=koran", "/nothing", "/sematan/lacak?mitra=x"):
            client.post(
                asked,
                data={"nomor": number},
                headers=CROSS_SITE
                | {"Origin": f"https://{number}.example", "Referer": "https://evil.example/x"},
            )
    assert [line["outcome"] for line in lines] == ["cross_origin"] * 4
    assert [line["route"] for line in lines][:3] == ["/lacak", "/sematan/lacak", "none"]
    assert "example" not in str(lines)
    counted = client.get("/-/metrics").text
    assert 'outcome="cross_origin",route="/lacak",status="403"' in counted
    assert "example" not in counted
    assert "tracking_partner_events_total{" not in counted


def test_the_core_still_purges_without_saying_where_it_comes_from(make_site: MakeSite) -> None:
    client = make_site(PURGE_TOKEN="t" * 40, SITE_URL=SITE).test_client()
    headers = {"Authorization": f"Bearer {'t' * 40}"}
    assert client.post("/-/purge", json={"all": True}, headers=headers).status_code == 204
    asked = client.post("/-/purge", json={"all": True}, headers=headers | CROSS_SITE)
    assert asked.status_code == 403

"""Pages without a person are rendered once and sent compressed; nothing else is kept."""

import gzip
from collections.abc import Callable
from pathlib import Path

import brotli
import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from sandbox import Participant
from tests.conftest import HTMX, SiteClock
from tests.partners import partner, partners_file
from tests.web.test_kept_renderings import rendered_by
from tests.web.test_tally import counted
from tracking_site.web.pages import MAX_NEW_A_MINUTE

PAGES = ["/", "/en/", "/bantuan", "/en/bantuan", "/privasi", "/en/privasi"]
FILES = ["/sematan.js", "/robots.txt", "/situs.webmanifest", "/en/situs.webmanifest"]
PATHS = [*PAGES, *FILES]


def renderings(app: Flask) -> list[str]:
    """Collect what the site is asked to render from now on."""
    asked: list[str] = []
    app.before_request(lambda: asked.append("asked") or None)  # type: ignore[func-returns-value]
    return asked


@pytest.mark.parametrize("path", PATHS)
def test_every_coding_holds_the_same_page(client: FlaskClient, path: str) -> None:
    plain = client.get(path)
    packed = client.get(path, headers={"Accept-Encoding": "gzip, br"})
    older = client.get(path, headers={"Accept-Encoding": "gzip, br;q=0"})
    assert packed.headers["Content-Encoding"] == "br"
    assert older.headers["Content-Encoding"] == "gzip"
    assert brotli.decompress(packed.data) == gzip.decompress(older.data) == plain.data
    assert "Accept-Encoding" in plain.headers["Vary"]
    assert int(packed.headers["Content-Length"]) == len(packed.data)
    # Two lines are no shorter for it.
    least = {"/robots.txt": 0.5}.get(path, 2 if path in PAGES else 1)
    assert len(packed.data) < len(plain.data) / least


def test_a_page_is_rendered_once(make_site: Callable[..., Flask]) -> None:
    app = make_site()
    asked, client = renderings(app), app.test_client()
    pages = {client.get("/").data for _ in range(5)}
    assert (len(pages), len(asked)) == (1, 1)


def test_hosts_that_cannot_be_one_are_rendered_once_together(
    make_site: Callable[..., Flask],
) -> None:
    app = make_site()
    asked, client = renderings(app), app.test_client()
    for host in (":" * 2_000, "x" * 300, "a b", "[::1", "evil.example/x"):
        assert client.get("/", environ_overrides={"HTTP_HOST": host}).status_code == 200
    assert len(asked) == 1


def test_made_up_hosts_get_the_page_and_few_of_them_are_compressed(
    make_site: Callable[..., Flask], site_clock: SiteClock
) -> None:
    def codings(hosts: range) -> list[str | None]:
        base = [f"http://h{host}.example" for host in hosts]
        pages = [client.get("/", base_url=each, headers={"Accept-Encoding": "br"}) for each in base]
        assert {page.status_code for page in pages} == {200}
        return [page.headers.get("Content-Encoding") for page in pages]

    client = make_site().test_client()
    assert codings(range(40)).count("br") == MAX_NEW_A_MINUTE
    assert codings(range(4)) == ["br"] * 4
    site_clock.advance(minutes=1)
    assert codings(range(40, 44)) == ["br"] * 4
    client = make_site(SITE_URL="https://lacak.example").test_client()
    assert codings(range(40)) == ["br"] * 40


def test_who_has_the_page_is_told_so_and_gets_no_body(client: FlaskClient) -> None:
    accepts = {"Accept-Encoding": "br"}
    etag = client.get("/", headers=accepts).headers["ETag"]
    again = client.get("/", headers=accepts | {"If-None-Match": etag})
    assert (again.status_code, again.data) == (304, b"")
    assert client.get("/", headers={"If-None-Match": etag}).status_code == 200


def test_head_has_the_headers_alone(client: FlaskClient) -> None:
    head, whole = client.head("/"), client.get("/")
    assert head.data == b""
    assert head.headers["Content-Length"] == whole.headers["Content-Length"]


def test_the_host_matters_only_while_the_site_has_no_address(
    make_site: Callable[..., Flask],
) -> None:
    for site_url, count in (("", 2), ("https://lacak.example", 1)):
        app = make_site(SITE_URL=site_url)
        asked, client = renderings(app), app.test_client()
        for host in ("a.example", "b.example", "a.example"):
            client.get("/", headers={"Host": host})
        assert len(asked) == count


@pytest.mark.proofs
def test_made_up_hosts_do_not_fill_the_memory(
    make_site: Callable[..., Flask], site_clock: SiteClock
) -> None:
    app = make_site()
    asked, client = renderings(app), app.test_client()
    for number in range(80):
        client.get("/", headers={"Host": f"h{number}.example"})
        site_clock.advance(seconds=10)
    client.get("/", headers={"Host": "h79.example"})
    assert len(asked) == 80
    client.get("/", headers={"Host": "h0.example"})
    assert len(asked) == 81


def test_fragments_and_results_are_never_kept(
    make_site: Callable[..., Flask], samples: dict[str, Participant]
) -> None:
    app = make_site()
    asked, client = renderings(app), app.test_client()
    address = client.post("/lacak", data={"nomor": samples["paid_today"].nik}).headers["Location"]
    for _ in range(2):
        client.get("/", headers=HTMX)
        result = client.get(address, headers={"Accept-Encoding": "br, gzip"})
        # Constant pages come in brotli, and with a tag.
        assert result.headers["Content-Encoding"] == "gzip"
        assert "ETag" not in result.headers
    assert len(asked) == 5


@pytest.mark.parametrize("path", PATHS)
def test_what_links_in_the_news_and_other_apps_carry_leads_to_the_same_page(
    make_site: Callable[..., Flask], path: str
) -> None:
    app = make_site()
    asked, client = renderings(app), app.test_client()
    carried = ["", "fbclid=IwAR0", "utm_source=berita&utm_medium=web", "x=<i>typed</i>", "nomor=1"]
    # Whatever is asked first is not what the others are shown.
    told = [
        client.get(path, query_string=each, headers={"Accept-Encoding": "br"})
        for each in carried[::-1]
    ]
    assert {each.status_code for each in told} == {200}
    assert len({(each.data, each.headers["ETag"]) for each in told}) == 1
    assert {each.headers["Content-Encoding"] for each in told} == {"br"}
    assert len(asked) == 1


GZIP = {"Accept-Encoding": "gzip", "Sec-Fetch-Dest": "iframe"}


def form_in_frame(client: FlaskClient, address: str, **more: str) -> TestResponse:
    return client.get(address, headers=GZIP | more)


def test_the_form_in_each_frame_is_made_once_and_comes_packed(
    make_site: Callable[..., Flask], tmp_path: Path
) -> None:
    compact = partner("compact", compact=True, accepts=["kpj"])
    listed = partners_file(tmp_path, partner("news"), compact)
    app = make_site(PARTNERS_FILE=str(listed), EMBED_ORIGINS="https://any.example")
    client, made = app.test_client(), rendered_by(app)
    frames = [
        f"{language}/sematan{asked}"
        for language in ("", "/en")
        for asked in ("", "?mitra=news", "?mitra=news&amp=1", "?mitra=compact")
    ]
    plain = [client.get(address, headers={"Sec-Fetch-Dest": "iframe"}) for address in frames]
    made.clear()
    for _ in range(2):
        packed = [form_in_frame(client, address) for address in frames]
        assert [gzip.decompress(each.data) for each in packed] == [each.data for each in plain]
        assert made == ["embed/form.html"] * len(frames)
    for one, other in zip(packed, plain, strict=True):
        same = ("Content-Security-Policy", "Cache-Control", "Content-Type", "X-Robots-Tag")
        assert [one.headers.get(name) for name in same] == [
            other.headers.get(name) for name in same
        ]
        assert "Accept-Encoding" in one.headers["Vary"]
        assert len(one.data) < len(other.data) / 2


def test_what_a_partner_changes_shows_at_once(
    make_site: Callable[..., Flask], tmp_path: Path
) -> None:
    listed = partners_file(tmp_path, partner("news"))
    client = make_site(PARTNERS_FILE=str(listed)).test_client()
    before = gzip.decompress(form_in_frame(client, "/sematan?mitra=news").data)
    assert b"frame-compact" not in before
    partners_file(tmp_path, partner("news", compact=True))
    after = form_in_frame(client, "/sematan?mitra=news")
    assert b"frame-compact" in gzip.decompress(after.data)


def test_only_what_an_operator_named_is_kept(
    make_site: Callable[..., Flask], tmp_path: Path
) -> None:
    """Looks that are tried out, and whatever else stands in an address, are texts without end."""
    app = make_site(PARTNERS_FILE=str(partners_file(tmp_path, partner("news"))))
    client, made = app.test_client(), rendered_by(app)
    for colour in ("a", "b"):
        tried = form_in_frame(client, f"/sematan?pratinjau=1&aksen=%23{colour * 3}")
        assert (tried.status_code, tried.headers.get("Content-Encoding")) == (200, None)
    made.clear()
    for mark in ("", "&utm_source=a", "&fbclid=b"):
        assert form_in_frame(client, f"/sematan?mitra=news{mark}").status_code == 200
    assert made == ["embed/form.html"]


def test_a_frame_that_is_kept_is_counted_and_refused_as_any(
    make_site: Callable[..., Flask], tmp_path: Path
) -> None:
    app = make_site(PARTNERS_FILE=str(partners_file(tmp_path, partner("news"))))
    client = app.test_client()
    before = counted(client).get(("news", "frame"), 0)
    for _ in range(3):
        assert b"nomor" in gzip.decompress(form_in_frame(client, "/sematan?mitra=news").data)
    elsewhere = form_in_frame(client, "/sematan?mitra=news", Referer="https://other.example/")
    assert b'name="nomor"' not in elsewhere.data
    assert elsewhere.headers.get("Content-Encoding") is None
    assert counted(client)["news", "frame"] == before + 3

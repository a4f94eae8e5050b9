"""Static files: named by content, compressed once, kept for a year."""

import base64
import gzip
import hashlib
import re
import tempfile
from collections.abc import Callable
from functools import partial
from pathlib import Path

import brotli
import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.claims_api.fakes import Crowd
from tracking_site.web.assets import CODINGS, Assets

STATIC = Path(__file__).parents[2] / "static"
MANIFEST = STATIC / "vendor" / "MANIFEST.md"


def addresses(client: FlaskClient) -> list[str]:
    return re.findall(r'(?:href|src)="(/static/[^"]+)"', client.get("/").text)


def test_files_of_the_page_are_served_for_a_year(client: FlaskClient) -> None:
    found = addresses(client)
    assert len(found) >= 3
    for address in found:
        response = client.get(address)
        assert response.status_code == 200
        assert response.headers["Cache-Control"] == "max-age=31536000, public, immutable"


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "OPTIONS", "PROPFIND"])
def test_what_is_no_way_to_ask_for_a_file_gets_a_page_as_strict_as_others(
    client: FlaskClient, method: str
) -> None:
    answer = client.open(addresses(client)[0], method=method)
    assert answer.status_code == 404
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "<h1" in answer.text


@pytest.mark.parametrize(
    ("encoding", "decode"), [("br", brotli.decompress), ("gzip", gzip.decompress)]
)
def test_files_come_compressed(client: FlaskClient, encoding: str, decode: object) -> None:
    address = next(each for each in addresses(client) if each.endswith(".css"))
    plain = client.get(address).data
    packed = client.get(address, headers={"Accept-Encoding": encoding})
    assert packed.headers["Content-Encoding"] == encoding
    assert len(packed.data) < len(plain)
    assert decode(packed.data) == plain  # type: ignore[operator]


def test_a_file_has_one_tag_for_what_it_means_and_none_for_its_bytes(
    make_site: Callable[..., Flask],
) -> None:
    """Parts of two codings under one strong tag could be put together (RFC 9110, 8.8.3.3)."""
    nodes = [make_site().test_client() for _ in range(2)]
    for address in addresses(nodes[0]):
        tags = {
            node.get(address, headers={"Accept-Encoding": coding}).headers["ETag"]
            for node in nodes
            for coding in ("br", "gzip", "identity")
        }
        (tag,) = tags
        assert tag.startswith('W/"')
        again = nodes[1].get(address, headers={"If-None-Match": tag})
        assert (again.status_code, again.data) == (304, b"")


def test_files_are_compressed_once_when_they_are_asked_for_or_before_the_fork(
    make_site: Callable[..., Flask], monkeypatch: pytest.MonkeyPatch
) -> None:
    packed: list[int] = []
    compress = CODINGS["br"]

    def counting(content: bytes) -> bytes:
        packed.append(len(content))
        return compress(content)

    monkeypatch.setitem(CODINGS, "br", counting)
    asked, forked = make_site(), make_site()
    assert packed == []
    sheets = [each for each in addresses(asked.test_client()) if each.endswith(".css")]
    packed.clear()
    for address in sheets * 2:
        assert asked.test_client().get(address).status_code == 200
    assert len(packed) == len(sheets)
    packed.clear()
    forked.extensions["static_files"].pack()
    assert len(packed) > len(sheets)
    packed.clear()
    for address in sheets:
        assert forked.test_client().get(address).status_code == 200
    assert packed == []


@pytest.mark.parametrize("coding", ["identity", "gzip", "br"])
def test_a_file_lies_nowhere_from_where_somebody_could_clear_it_away(
    make_site: Callable[..., Flask], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, coding: str
) -> None:
    """As systemd-tmpfiles does after ten days, with one file of three or with all of them."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    site = make_site()
    client = site.test_client()
    address = next(each for each in addresses(client) if each.endswith(".css"))
    asked = partial(client.get, address, headers={"Accept-Encoding": coding})
    before = asked()
    assert before.status_code == 200
    site.extensions["static_files"].pack()
    assert [*tmp_path.iterdir()] == []
    crowd = Crowd()
    for _ in range(8):
        crowd.start(lambda: site.test_client().get(address).status_code)
    assert crowd.join() == [200] * 8
    assert asked().data == before.data


def test_every_file_says_what_it_is(make_site: Callable[..., Flask]) -> None:
    site = make_site()
    files = site.extensions["static_files"]
    kinds = {
        name.rpartition(".")[2]: site.test_client().get(f"/static/{name}").headers["Content-Type"]
        for name in files._assets.contents
    }
    assert kinds == {
        "css": 'text/css; charset="utf-8"',
        "js": 'text/javascript; charset="utf-8"',
        "svg": "image/svg+xml",
        "png": "image/png",
    }


def test_another_content_has_another_address(tmp_path: Path) -> None:
    (tmp_path / "a.css").write_text("one")
    before = Assets.of(tmp_path).path_of["a.css"]
    (tmp_path / "a.css").write_text("two")
    assert Assets.of(tmp_path).path_of["a.css"] != before


def test_browsers_get_what_they_read_and_no_comments() -> None:
    served = Assets.of(STATIC)
    for path in sorted(STATIC.rglob("*")):
        name = path.relative_to(STATIC).as_posix()
        if path.suffix not in (".css", ".js"):
            continue
        written = path.read_bytes()
        content = served.contents[served.path_of[name]]
        if path.parent.name == "vendor":
            assert content == written, name
            continue
        assert not re.search(rb"^\s*(//|/\*)", content, re.MULTILINE), name


@pytest.mark.parametrize(
    ("written", "served"),
    [
        ("a();\n// why\nb();\n", "a();\nb();\n"),
        ("/* why,\n   at length */\na {}\n", "a {}\n"),
        ("/* one */ a {} /* two */\n/* three */\nb {}\n", "/* one */ a {} /* two */\nb {}\n"),
        ("x = 'https://a';\n  y = a /* b */ / c;\n", "x = 'https://a';\n  y = a /* b */ / c;\n"),
    ],
)
def test_only_comments_with_lines_of_their_own_are_left_out(
    tmp_path: Path, written: str, served: str
) -> None:
    (tmp_path / "a.js").write_text(written)
    found = Assets.of(tmp_path)
    assert found.contents[found.path_of["a.js"]].decode() == served


def test_styles_come_without_needless_spaces_and_scripts_with_them(tmp_path: Path) -> None:
    written = 'a :hover > b::after,\na {\n  b: c d;\n\n  content: ": ";\n}\n'
    for name in ("a.css", "a.js"):
        (tmp_path / name).write_text(written)
    found = Assets.of(tmp_path)
    tight = b'a :hover > b::after,a{b:c d;content:": ";}'
    assert found.contents[found.path_of["a.css"]] == tight
    assert found.contents[found.path_of["a.js"]] == written.encode()


def test_texts_in_styles_stay_as_they_are_written() -> None:
    served = Assets.of(STATIC)
    texts = re.compile(rb"\"[^\"\n]*\"|'[^'\n]*'|url\([^)]*\)")
    for path in STATIC.glob("css/*.css"):
        content = served.contents[served.path_of[f"css/{path.name}"]]
        written = re.sub(rb"/\*.*?\*/", b"", path.read_bytes(), flags=re.DOTALL)
        shown = re.sub(rb"/\*.*?\*/", b"", content, flags=re.DOTALL)
        assert texts.findall(shown) == texts.findall(written), path.name


def test_nothing_outside_the_folder_is_served(client: FlaskClient) -> None:
    for path in ("/static/../wsgi.py", "/static/%2e%2e/wsgi.py", "/static/vendor/MANIFEST.md"):
        assert client.get(path).status_code == 404


def test_vendored_files_are_what_the_manifest_says() -> None:
    rows = dict(
        re.findall(r"^\| `([^`]+)` \|.*\| `([A-Za-z0-9+/=]{64})` \|$", MANIFEST.read_text(), re.M)
    )
    files = {path.name for path in STATIC.joinpath("vendor").iterdir() if path.suffix != ".md"}
    assert set(rows) == files
    for name, expected in rows.items():
        digest = hashlib.sha384(STATIC.joinpath("vendor", name).read_bytes()).digest()
        assert base64.b64encode(digest).decode() == expected

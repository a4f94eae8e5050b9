"""Pages that stand alone: for whom the site has no time, and for bytes that are no request.

These gunicorn answers by itself; nginx says the same in front of it (deploy/nginx).
"""

import socket
from http import HTTPStatus
from typing import NamedTuple

from gunicorn import util

PAGE = """<!doctype html>
<html lang="id">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>{title}</title></head>
<body>
<h1>{title}</h1>
<p>{what_to_do} {next}</p>
<p lang="en">{in_english} {next_in_english}</p>
</body>
</html>
"""
_TO_FRONT_PAGE = {
    "next": '<a href="/">Buka halaman depan</a>',
    "next_in_english": '<a href="/en/">Open the front page</a>',
}
# In the page of a partner the front page may not be shown; what was asked for may.
_AGAIN = {"next": '<a href="">Muat ulang</a>', "next_in_english": '<a href="">Reload</a>'}
UNREAD = PAGE.format(
    **_TO_FRONT_PAGE,
    title="Permintaan ini tidak dapat dibaca.",
    what_to_do="Mulailah lagi dari halaman depan dan ketik nomor Anda di sana.",
    in_english="This request could not be read. Start again and type your number there.",
)
TOO_LARGE = PAGE.format(
    **_TO_FRONT_PAGE,
    title="Permintaan ini terlalu besar.",
    what_to_do="Biasanya karena kuki (cookie) di peramban Anda terlalu banyak. "
    "Buka situs ini di jendela samaran (incognito), atau hapus kuki lalu coba lagi.",
    in_english="This request is too large, mostly because of too many cookies in the browser. "
    "Open this site in a private window, or delete cookies and try again.",
)
OURS = PAGE.format(
    **_TO_FRONT_PAGE,
    title="Ada yang salah di pihak kami.",
    what_to_do="Tunggu sebentar, lalu mulailah lagi dari halaman depan.",
    in_english="Something went wrong on our side. Wait a moment, then start again.",
)
_PAGES = {
    HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE: TOO_LARGE,
    HTTPStatus.INTERNAL_SERVER_ERROR: OURS,
}
HEADERS = [
    ("Content-Type", "text/html; charset=utf-8"),
    ("Cache-Control", "no-store"),
    ("Content-Security-Policy", "default-src 'none'"),
    ("Referrer-Policy", "same-origin"),
    ("X-Content-Type-Options", "nosniff"),
]
"""Of a page that stands alone."""


RETRY_SECONDS = 10


class ShortAnswer(NamedTuple):
    """What a request is answered that goes no further."""

    status: str
    headers: list[tuple[str, str]]
    body: bytes


def _answer(status: str, why: str, why_in_english: str) -> ShortAnswer:
    body = PAGE.format(
        **_AGAIN,
        title="Situs ini sedang sangat ramai.",
        what_to_do=f"{why} Tunggu sepuluh detik, lalu muat ulang.",
        in_english=f"This site is very busy{why_in_english}. Wait ten seconds, then reload.",
    ).encode()
    length, again = ("Content-Length", str(len(body))), ("Retry-After", str(RETRY_SECONDS))
    return ShortAnswer(status, [*HEADERS, length, again], body)


FLOODS = _answer(
    "429 Too Many Requests",
    "Terlalu banyak permintaan dari jaringan Anda.",
    ", and your network sends too many requests",
)
FULL = _answer(
    "503 Service Unavailable",
    "Ini bukan karena Anda. Semua yang baru datang kami minta menunggu sebentar.",
    ". It is not because of you: everyone who comes now is asked to wait a little",
)


def write_error(client: socket.socket, status: int, _reason: str, _message: str) -> None:
    """Answer in the place of gunicorn's own function, whose page quotes what was sent."""
    known = HTTPStatus(status)
    body = _PAGES.get(known, UNREAD).encode()
    line = f"HTTP/1.1 {status} {known.phrase}"
    headers = [("Connection", "close"), *HEADERS, ("Content-Length", str(len(body)))]
    head = "\r\n".join([line, *map(": ".join, headers), "", ""])
    util.write_nonblock(client, head.encode("ascii") + body)

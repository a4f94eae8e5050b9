"""What gunicorn answers by itself, where the bytes are no request that the site could read.

nginx says the same in front of it (deploy/nginx).
"""

import socket
from http import HTTPStatus

from gunicorn import util

PAGE = """<!doctype html>
<html lang="id">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>{title}</title></head>
<body>
<h1>{title}</h1>
<p>{what_to_do} <a href="/">Buka halaman depan</a></p>
<p lang="en">{in_english} <a href="/en/">Open the front page</a></p>
</body>
</html>
"""
UNREAD = PAGE.format(
    title="Permintaan ini tidak dapat dibaca.",
    what_to_do="Mulailah lagi dari halaman depan dan ketik nomor Anda di sana.",
    in_english="This request could not be read. Start again and type your number there.",
)
TOO_LARGE = PAGE.format(
    title="Permintaan ini terlalu besar.",
    what_to_do="Biasanya karena kuki (cookie) di peramban Anda terlalu banyak. "
    "Buka situs ini di jendela samaran (incognito), atau hapus kuki lalu coba lagi.",
    in_english="This request is too large, mostly because of too many cookies in the browser. "
    "Open this site in a private window, or delete cookies and try again.",
)
OURS = PAGE.format(
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


def write_error(client: socket.socket, status: int, _reason: str, _message: str) -> None:
    """Answer in the place of gunicorn's own function, whose page quotes what was sent."""
    known = HTTPStatus(status)
    body = _PAGES.get(known, UNREAD).encode()
    line = f"HTTP/1.1 {status} {known.phrase}"
    headers = [("Connection", "close"), *HEADERS, ("Content-Length", str(len(body)))]
    head = "\r\n".join([line, *map(": ".join, headers), "", ""])
    util.write_nonblock(client, head.encode("ascii") + body)

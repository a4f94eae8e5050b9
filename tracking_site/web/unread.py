"""What gunicorn answers by itself, where the bytes are no request that the site could read."""

import socket

from gunicorn import util

_PAGE = """<!doctype html>
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
_UNREAD = {
    "title": "Permintaan ini tidak dapat dibaca.",
    "what_to_do": "Mulailah lagi dari halaman depan dan ketik nomor Anda di sana.",
    "in_english": "This request could not be read. Start again and type your number there.",
}
_OURS = {
    "title": "Ada yang salah di pihak kami.",
    "what_to_do": "Tunggu sebentar, lalu mulailah lagi dari halaman depan.",
    "in_english": "Something went wrong on our side. Wait a moment, then start again.",
}
_HEADERS = (
    "Connection: close",
    "Content-Type: text/html; charset=utf-8",
    "Cache-Control: no-store",
    "Content-Security-Policy: default-src 'none'",
    "Referrer-Policy: same-origin",
    "X-Content-Type-Options: nosniff",
)


def write_error(client: socket.socket, status: int, reason: str, _message: str) -> None:
    """Answer in the place of gunicorn's own function, whose page quotes what was sent."""
    told = _OURS if status >= 500 else _UNREAD
    body = _PAGE.format(**told).encode()
    lines = [f"HTTP/1.1 {status} {reason}", *_HEADERS, f"Content-Length: {len(body)}", "", ""]
    head = "\r\n".join(lines).encode("latin-1", errors="replace")
    util.write_nonblock(client, head + body)

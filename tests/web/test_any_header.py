"""Whatever stands in a header, nothing of the site breaks on it, in front of Flask or in it."""

from collections.abc import Callable
from io import BytesIO
from typing import Any

import pytest
from flask import Flask
from werkzeug.test import EnvironBuilder

from sandbox import Participant
from tests.web.following import follow
from tests.web.test_shedding import TOKENS

NAMES = (
    "Accept", "Accept-Encoding", "Accept-Language", "Authorization", "Cookie", "Expect",
    "Forwarded", "HX-Current-URL", "HX-History-Restore-Request", "HX-Request", "HX-Request-Type",
    "HX-Target", "If-Modified-Since", "If-None-Match", "If-Range", "Origin", "Range", "Referer",
    "Sec-Fetch-Dest", "Sec-Fetch-Site", "Transfer-Encoding", "User-Agent", "Webhook-Id",
    "Webhook-Signature", "Webhook-Timestamp", "X-Forwarded-For", "X-Forwarded-Host",
    "X-Request-ID", "X-Request-Start",
)  # fmt: skip

VALUES = (
    "", " ", "*", ",", ";", "=", '"', "\xe9", "\xff", "\xb2", "true", "null", "none", "same-origin",
    "Basic \xe9", "Basic =", "Basic /w==", "Basic eDp4", "Bearer \xe9", "http://[",
    'Digest u="\xe9', "Digest =", "Digest a*=utf-8''%ff", 'W/"', "W/\xe9",
    "http://[::1", "//", "https://a\x85b",
    "1234567890", "-1", "9" * 30, "t=1234567890.123", "v1,\xe9", "bytes=-", "bytes=9-1,",
    "1.2.3.4:9", "Mon, 01 Jan 0001 00:00:00 GMT", "Fri, 31 Dec 9999 23:59:59 -2359",
    "::ffff:1.2.3.4", "fe80::1%\xe9",
    "gzip;q=\xb2", "br;q=NaN, gzip;q=1e999", "multipart/form-data", "a" * 3_000,
)  # fmt: skip

PATHS = (
    "/", "/sematan?mitra=a", "/mitra", "/oembed?url=http://[", "/-/healthz", "/-/readyz",
    "/-/metrics", "/-/operator", "/-/purge", "/static/x", "/robots.txt", "/antre/x?tadi=1",
    "/klaim/x", "/lacak", "/bersihkan", "/nothing/",
)  # fmt: skip


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_no_text_in_any_header_is_an_accident(
    make_site: Callable[..., Flask], samples: dict[str, Participant], method: str
) -> None:
    settings = {"TRUSTED_PROXIES": "1", "REQUESTS_PER_MINUTE": "1000000"} | TOKENS
    site = make_site(WATCH_REQUESTS_PER_MINUTE="100000", **settings)
    followed = follow(site.test_client(), samples["interview_tomorrow"])
    for path in (*PATHS, *(f"{followed}{form}" for form in ("", ".atom", ".ics", ".json"))):
        for value in VALUES:
            headers = {f"HTTP_{name.upper().replace('-', '_')}": value for name in NAMES}
            environ = EnvironBuilder(path, method=method).get_environ()
            told: list[Any] = []
            environ |= headers | {"wsgi.input": BytesIO(), "REMOTE_ADDR": "203.0.113.7"}
            b"".join(site.wsgi_app(environ, lambda *given, told=told: told.extend(given)))
            assert told[0][:3] < "500", (path, value)

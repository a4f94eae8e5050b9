"""Pages send their address to ourselves as a referrer, and a ticket in it: no log writes one."""

from pathlib import Path

import pytest
import requests

from tests.deploy.proxy import NAME, Nginx
from tests.live import LiveSite

pytestmark = pytest.mark.nginx

PLACES = ("refererplace", "originplace")
"""Words that stand in what a browser says of where a request comes from, and nowhere else."""

SENT = {"Referer": f"https://x.example/{PLACES[0]}?q={PLACES[0]}"}
FOREIGN = {**SENT, "Origin": f"https://{PLACES[1]}.example"}


def asked(visitor: requests.Session, address: str, number: str) -> list[int]:
    """Ask in every way that is answered differently, and return the answers."""
    form = {"nomor": number}
    told = [
        visitor.get(f"{address}{path}", headers=SENT, timeout=20)
        for path in ("/", "/klaim/x", "/nothing", "/-/readyz", "/static/nothing.css")
    ]
    told += [
        visitor.post(f"{address}/lacak", headers=headers, data=data, timeout=20)
        for headers, data in (
            (SENT, form),
            (FOREIGN, form),
            (SENT | {"Origin": "null"}, form),
            (SENT, {"nomor": "1" * 13_000}),
            (SENT, {"nomor": "1" * 17_000}),
        )
    ]
    return [each.status_code for each in told]


def test_neither_gunicorn_nor_nginx_writes_where_a_request_comes_from(tmp_path: Path) -> None:
    settings = {"TRUSTED_PROXIES": "1", "SITE_URL": f"https://{NAME}"}
    with LiveSite(tmp_path / "log", **settings) as site, Nginx(tmp_path, [site.port]) as nginx:
        number, visitor = site.sample("paid_today").nik, nginx.session()
        direct = asked(requests.Session(), site.url, number)
        assert direct[5:8] == [200, 403, 403], direct
        assert asked(visitor, nginx.url, number)[5:8] == [200, 403, 403]
        site.raw(f"GET / HTTP/1.1\r\nReferer: {SENT['Referer']}\r\nB d: x\r\n\r\n".encode())
        site.stop()
        assert visitor.get(nginx.url, headers=SENT, timeout=20).status_code >= 502
        logs = site.logs.read_text() + nginx.logged()
    assert '"outcome":"cross_origin"' in logs
    assert '"event":"proxied"' in logs
    for place in PLACES:
        assert place not in logs

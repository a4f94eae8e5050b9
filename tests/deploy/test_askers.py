"""Whose requests nginx counts together: the owner of an IPv6 /64 has addresses without end."""

import re
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from harness.servers import free_port
from tests.deploy.proxy import Nginx

pytestmark = pytest.mark.nginx

COUNTED = {
    "203.0.113.7": ("203.0.113.7", "203.0.113", "203.0.113.0/24"),
    "2001:db8:1:2:3:4:5:6": ("2001:db8:1:2", "2001:db8:1", "2001:db8:1::/48"),
    "2001:db8:1:2::5": ("2001:db8:1:2", "2001:db8:1", "2001:db8:1::/48"),
    "2001:db8:0:7::5": ("2001:db8:0:7", "2001:db8:0", "2001:db8:0::/48"),
    "2001:db8:1::5": ("2001:db8:1:", "2001:db8:1", "2001:db8:1::/48"),
    "2001:db8:1::6:7": ("2001:db8:1:", "2001:db8:1", "2001:db8:1::/48"),
    "2001:db8::5": ("2001:db8", "2001:db8:", "2001:db8::/48"),
    "2001:db8::6:7": ("2001:db8", "2001:db8:", "2001:db8::/48"),
    "2001:db8::3:4:5:6": ("2001:db8", "2001:db8:", "2001:db8::/48"),
}
"""As what an address counts, by itself and with those around it, and how the log has it."""


@contextmanager
def told_by_header(folder: Path, upstream: int, tells: int) -> Iterator[Nginx]:
    """Start nginx, told of addresses in `From`; at the port `tells` it says as what they count."""
    proxy = Nginx(folder, [upstream])
    limits = folder / "lacak-klaim.conf"
    limits.write_text(re.sub("(limit_conn lacak_connections) 400", r"\1 1", limits.read_text()))
    around = folder / "nginx.conf"
    says = f"""
    set_real_ip_from 127.0.0.0/8;
    real_ip_header From;
    server {{
        listen 127.0.0.1:{tells};
        return 200 "$lacak_asker $lacak_wider $lacak_network";
    }}
"""
    around.write_text(around.read_text().replace("http {", "http {" + says))
    with proxy:
        yield proxy


def told(connection: socket.socket, address: str, path: str = "/") -> str:
    head = f"GET {path} HTTP/1.1\r\nHost: lacak.example\r\nFrom: {address}\r\n"
    connection.sendall(f"{head}Connection: close\r\n\r\n".encode())
    return b"".join(iter(lambda: connection.recv(65_536), b"")).decode()


def test_all_addresses_of_a_slash_64_are_one_asker(tmp_path: Path) -> None:
    tells = free_port()
    with told_by_header(tmp_path, free_port(), tells):
        for address, counted in COUNTED.items():
            with socket.create_connection(("127.0.0.1", tells), 10) as connection:
                said = told(connection, address).rpartition("\r\n")[2]
            assert tuple(said.split(" ")) == counted, address


def test_who_has_a_slash_64_has_no_more_requests_under_way_than_others(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        with told_by_header(tmp_path, port, free_port()) as proxy, proxy.tls() as waits:
            waits.sendall(b"GET / HTTP/1.1\r\nHost: lacak.example\r\nFrom: 2001:db8::5\r\n\r\n")
            with silent.accept()[0], proxy.tls() as neighbour:
                assert told(neighbour, "2001:db8::6:7").startswith("HTTP/1.1 429 ")

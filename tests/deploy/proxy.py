"""The nginx of deploy/, started as it is, but for ports, folders and a certificate of its own."""

import re
import socket
import ssl
import time
from collections.abc import Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import requests
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from requests.adapters import HTTPAdapter

from harness.servers import ROOT, Server, free_port
from tests.needs import needed

CONFIGURATION = ROOT / "deploy" / "nginx" / "lacak-klaim.conf"
NAME = "lacak.example"

_AROUND = """
{user}
worker_processes 1;
pid {folder}/nginx.pid;
error_log {folder}/main.error.log;
events {{ worker_connections 1024; }}
http {{
    default_type application/octet-stream;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    include {folder}/lacak-klaim.conf;
}}
"""


class _Named(HTTPAdapter):
    """Speaks to the loopback address as if its name were the site's."""

    def __init__(self, name: str, source: str) -> None:
        self._name = name
        self._source = source
        super().__init__(pool_maxsize=64)

    def init_poolmanager(self, *arguments: Any, **named: Any) -> Any:
        named |= {"server_hostname": self._name, "assert_hostname": self._name}
        named["source_address"] = (self._source, 0)
        return super().init_poolmanager(*arguments, **named)


class Nginx(Server):
    """nginx in front of the sites on these ports; also a context manager.

    `rate` and `burst` stand in for the limit against floods, which no test could reach; `name`
    for the site's own, where a browser has to find it.
    """

    def __init__(
        self,
        folder: Path,
        ports: Sequence[int],
        rate: str = "100r/s",
        burst: int = 400,
        name: str = NAME,
    ) -> None:
        self.name = name
        self.folder = folder
        self.plain_port = free_port()
        options = ["-p", str(folder), "-c", "nginx.conf", "-g", "daemon off;"]
        super().__init__([needed("nginx"), *options], free_port())
        self._write(ports, rate, burst)

    @property
    def url(self) -> str:
        return f"https://127.0.0.1:{self.port}"

    def session(self, source: str = "127.0.0.1") -> requests.Session:
        """Return a visitor that trusts the certificate and comes from this address."""
        session = requests.Session()
        session.trust_env = False
        session.mount("https://", _Named(self.name, source))
        session.headers["Host"] = self.name
        session.verify = str(self.folder / "fullchain.pem")
        return session

    def tls(self, name: str = "", protocols: Sequence[str] = ()) -> ssl.SSLSocket:
        """Open a connection by hand, past the handshake."""
        context = ssl.create_default_context(cafile=str(self.folder / "fullchain.pem"))
        if protocols:
            context.set_alpn_protocols(list(protocols))
        plain = socket.create_connection(("127.0.0.1", self.port), 20)
        return context.wrap_socket(plain, server_hostname=name or self.name)

    def logged(self) -> str:
        """Return all that nginx wrote, requests first."""
        time.sleep(1.2)
        access = self.folder / "lacak-klaim.access.log"
        logs = [access, *sorted(self.folder.glob("*error.log"))]
        return "".join(log.read_text(errors="replace") for log in logs if log.exists())

    def said(self) -> str:
        return self.logged()

    def _is_ready(self) -> bool:
        with suppress(OSError):
            self.tls().close()
            return True
        return False

    def _write(self, ports: Sequence[int], rate: str, burst: int) -> None:
        make_certificate(self.folder, self.name)
        text = CONFIGURATION.read_text(encoding="utf-8")
        nodes = "\n".join(
            f"    server 127.0.0.1:{port} max_fails=2 fail_timeout=3s;" for port in ports
        )
        # Where the machine has no IPv6, nginx would not start.
        text = _changed(text, r"(?m)^ *listen \[::\].*\n", "")
        text = _changed(text, r"(?m)^(    server 127\.0\.0\.1:800\d .*\n)+", nodes + "\n")
        text = _changed(text, r"listen 80;", f"listen 127.0.0.1:{self.plain_port};")
        text = _changed(text, r"listen 443 ", f"listen 127.0.0.1:{self.port} ")
        text = _changed(text, r"server_name lacak\.example;", f"server_name {self.name};")
        text = _changed(text, r"rate=100r/s", f"rate={rate}")
        text = _changed(text, r"burst=400 ", f"burst={burst} ")
        places = r"/etc/lacak-klaim/tls|/var/log/nginx|/var/cache"
        text = _changed(text, places, str(self.folder))
        (self.folder / "lacak-klaim.conf").write_text(text, encoding="utf-8")
        user = "user root;" if Path("/proc/self").owner() == "root" else ""
        around = _AROUND.format(folder=self.folder, user=user)
        (self.folder / "nginx.conf").write_text(around, encoding="utf-8")


def _changed(text: str, pattern: str, by: str) -> str:
    changed, times = re.subn(pattern, lambda _: by, text)
    assert times, f"{CONFIGURATION.name} holds no {pattern}"
    return changed


def make_certificate(folder: Path, host: str) -> None:
    """Write `privkey.pem` and a `fullchain.pem` that vouches for itself, for two days."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, host)])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(days=2))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(host)]), critical=False)
        .sign(key, hashes.SHA256())
    )
    pem, plain = serialization.Encoding.PEM, serialization.NoEncryption()
    form = serialization.PrivateFormat.PKCS8
    (folder / "privkey.pem").write_bytes(key.private_bytes(pem, form, plain))
    (folder / "fullchain.pem").write_bytes(certificate.public_bytes(pem))

"""What stands before an institution's core: TLS of a private authority, tokens, signatures.

The servers are other people's: Werkzeug under OpenSSL, Authlib's authorization server, proxy.py.
"""

import base64
import hashlib
import hmac
import ssl
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import trustme
from authlib.integrations.flask_oauth2 import AuthorizationServer
from authlib.oauth2.rfc6749 import grants
from flask import Flask, Response, request
from werkzeug.serving import make_server

from harness.servers import Server, free_port
from tests.claims_api.fakes import MOVING

Refuse = Callable[[], Response | None]


@dataclass
class Gateway:
    """A core that answers everything with a moving claim, unless `refuse` says otherwise.

    `seen` are the headers of each request, by names in small letters.
    """

    refuse: Refuse = lambda: None
    body: bytes = MOVING
    seen: list[dict[str, str]] = field(default_factory=list)
    paths: list[str] = field(default_factory=list)

    def app(self) -> Flask:
        app = Flask("gateway")

        @app.route("/", defaults={"path": ""}, methods=["GET", "POST"])
        @app.route("/<path:path>", methods=["GET", "POST"])
        def answer(path: str) -> Response:
            self.seen.append({name.lower(): value for name, value in request.headers})
            self.paths.append("/" + path)
            refused = self.refuse()
            return refused or Response(self.body, mimetype="application/json")

        return app


@contextmanager
def served(app: Any, context: ssl.SSLContext | None = None) -> Iterator[str]:
    """Serve an application on a free port; yields its address, by the name of this machine."""
    server = make_server("127.0.0.1", 0, app, threaded=True, ssl_context=context)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield f"{'https' if context else 'http'}://localhost:{server.port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@dataclass
class Authority:
    """A private authority and the files that it hands out."""

    folder: Path
    ca: trustme.CA = field(default_factory=trustme.CA)

    @property
    def file(self) -> Path:
        path = self.folder / "authority.pem"
        self.ca.cert_pem.write_to_path(path)
        return path

    def server(
        self, name: str = "localhost", clients: "Authority | None" = None, **options: Any
    ) -> ssl.SSLContext:
        """Return what a server of this name shows; with `clients` it wants a certificate too."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.ca.issue_cert(name, **options).configure_cert(context)
        if clients is not None:
            clients.ca.configure_trust(context)
            context.verify_mode = ssl.CERT_REQUIRED
        return context

    def client(self, name: str) -> tuple[Path, Path]:
        """Write a client's certificate and key."""
        issued = self.ca.issue_cert(f"{name}@site.example")
        certificate, key = self.folder / f"{name}.pem", self.folder / f"{name}.key"
        issued.cert_chain_pems[0].write_to_path(certificate)
        issued.private_key_pem.write_to_path(key)
        return certificate, key


class _Client:
    def __init__(self, identity: str, secret: str) -> None:
        self.client_id, self._secret = identity, secret

    def check_client_secret(self, secret: str) -> bool:
        return hmac.compare_digest(secret, self._secret)

    def check_endpoint_auth_method(self, method: str, endpoint: str) -> bool:
        return method == "client_secret_basic"

    def check_grant_type(self, kind: str) -> bool:
        return kind == "client_credentials"

    def get_allowed_scope(self, scope: str | None) -> str:
        return " ".join(each for each in (scope or "").split() if each == "claims.read")


LASTS = 600
"""Seconds for which a token is good."""


@dataclass
class Tokens:
    """An OAuth2 server, which knows one client; `good` are the tokens that its core takes.

    While somebody holds its `turn` it answers nobody; `says` is answered in its place.
    """

    client: str = "tracker"
    secret: str = "the-first-secret"
    good: list[str] = field(default_factory=list)
    is_down: bool = False
    says: Refuse = lambda: None
    turn: threading.Lock = field(default_factory=threading.Lock)

    def app(self) -> Flask:
        app = Flask("tokens")
        app.config["OAUTH2_TOKEN_EXPIRES_IN"] = {"client_credentials": LASTS}

        def save(token: dict[str, Any], request: Any) -> None:
            self.good.append(token["access_token"])

        server = AuthorizationServer(
            app,
            query_client=lambda name: _Client(name, self.secret) if name == self.client else None,
            save_token=save,
        )
        server.register_grant(grants.ClientCredentialsGrant)

        @app.post("/token")
        def token() -> Any:
            with self.turn:
                if self.is_down:
                    return Response("<h1>Bad gateway</h1>", 502)
                return self.says() or server.create_token_response()

        return app

    def refuse(self) -> Response | None:
        shown = request.headers.get("Authorization", "").removeprefix("Bearer ")
        return None if shown in self.good else Response(status=401)


def refusing_wrong_signatures(identity: str, secret: str) -> Refuse:
    """Check what the sister services of the institution ask of their callers, to the letter."""

    def refuse() -> Response | None:
        at = request.headers.get("X-timestamp", "")
        message = f"{identity}&{at}".encode()
        right = base64.b64encode(hmac.new(secret.encode(), message, hashlib.sha256).digest())
        is_right = (
            request.headers.get("X-cons-id") == identity
            and at.isdecimal()
            and abs(time.time() - int(at)) < 60
            and hmac.compare_digest(request.headers.get("X-signature", "").encode(), right)
        )
        return None if is_right else Response(status=401)

    return refuse


@contextmanager
def forward_proxy(user: str = "") -> Iterator[int]:
    """Run proxy.py; with `user` ("name:password") it wants to know who asks. Yields its port."""
    port = free_port()
    command = [sys.executable, "-m", "proxy", "--hostname", "127.0.0.1", "--port", str(port)]
    command += ["--num-workers", "1", "--num-acceptors", "1", "--log-level", "ERROR"]
    if user:
        command += ["--basic-auth", user]
    with Server(command, port):
        yield port

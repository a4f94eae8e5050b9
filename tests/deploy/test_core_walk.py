"""docs/core.md walked: each block of it as it stands, on a node, to a gateway that asks for it."""

import re
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from flask import Response, request

from harness.servers import SECRET
from tests.claims_api.gateways import (
    Authority,
    Gateway,
    Refuse,
    Tokens,
    forward_proxy,
    refusing_wrong_signatures,
    served,
)
from tests.claims_api.test_own_source import OtherCore
from tests.deploy.test_core_document import TEXT
from tests.deploy.test_first_node import Machine, commands_with, folder

pytestmark = pytest.mark.servers
__all__ = ["folder"]
IN_ORDER = "Everything is in order."


def block(word: str) -> str:
    return commands_with(word, TEXT)


class Walk:
    """A node without a token, whose core stands behind what is tried, under a private authority."""

    def __init__(self, machine: Machine, running: ExitStack) -> None:
        self._machine, self._running = machine, running
        (machine.etc / "secrets").mkdir(parents=True)
        (machine.etc / "secrets" / "secret-keys").write_text(SECRET)
        (machine.etc / "secrets" / "claims-api-token").write_text("")
        (machine.etc / "site.env").write_text("SITE_NOTICE=Data contoh\n")
        self.core = machine.etc / "core"
        self.core.mkdir()
        (self.core / "theirs").mkdir()
        self.authority = Authority(self.core / "theirs")
        self.authority.file.rename(self.core / "authority.pem")

    def gateway(self, refuse: Refuse = lambda: None, clients: Authority | None = None) -> None:
        """Put a gateway that refuses so in the place of the core, and trust its authority."""
        app = Gateway(refuse).app()
        self.leads_to(
            self._running.enter_context(served(app, self.authority.server(clients=clients)))
        )

    def leads_to(self, url: str) -> None:
        settings = self._machine.etc / "site.env"
        kept = re.sub(r"(?m)^CLAIMS_API_URL=.*\n", "", settings.read_text())
        settings.write_text(f"{kept}CLAIMS_API_URL={url}\n{self._machine.moved(block('CA_FILE='))}")

    def served(self, tokens: Tokens) -> str:
        return self._running.enter_context(served(tokens.app(), self.authority.server()))

    def add(self, text: str) -> None:
        """Put a block of the document into the settings, its indentation too."""
        with (self._machine.etc / "site.env").open("a") as settings:
            settings.write(self._machine.moved(text))

    def check(self) -> str:
        ran = self._machine.run("deploy/node check")
        return ran.stdout + ran.stderr


@pytest.fixture
def machine(folder: Path) -> Machine:
    machine = Machine(folder, "", "")
    machine.clone()
    return machine


@pytest.fixture
def walk(machine: Machine) -> Iterator[Walk]:
    with ExitStack() as running:
        yield Walk(machine, running)


def test_a_client_certificate(walk: Walk) -> None:
    walk.gateway(clients=walk.authority)
    assert walk.check().startswith("The core does not accept our certificate, or wants one.")
    walk.authority.client("site")
    for name in ("site.pem", "site.key"):
        (walk.core / "theirs" / name).rename(walk.core / name)
    walk.add(block("CORE_CLIENT_CERT_FILE="))
    assert IN_ORDER in walk.check()


def test_a_token_that_lies_where_the_other_files_are(walk: Walk) -> None:
    def refuse() -> Response | None:
        is_ours = request.headers.get("Authorization") == "Bearer of-the-core"
        return None if is_ours else Response(status=401)

    walk.gateway(refuse)
    assert walk.check().startswith("The core refuses our credentials.")
    (walk.core / "token").write_text("of-the-core\n")
    walk.add(block("CLAIMS_API_TOKEN_FILE="))
    assert IN_ORDER in walk.check()


def test_headers_of_a_gateway(walk: Walk) -> None:
    def refuse() -> Response | None:
        # Werkzeug leaves out a header whose name has an underscore, as many servers do.
        is_ours = request.headers.get("Authorization") == "Basic c2l0ZTp3b3Jk"
        return None if is_ours else Response(status=403)

    walk.gateway(refuse)
    (walk.core / "headers").write_text(block("# /etc/lacak-klaim/core/headers"))
    walk.add(block("CORE_HEADERS_FILE="))
    assert IN_ORDER in walk.check()


def test_oauth2(walk: Walk) -> None:
    tokens = Tokens(client="lacak-klaim")
    walk.gateway(tokens.refuse)
    (walk.core / "oauth").write_text("another\n")
    walk.add(block("CORE_AUTH=oauth2").replace("https://login.example", walk.served(tokens)))
    assert walk.check().startswith("Our client is refused.")
    (walk.core / "oauth").write_text(f"{tokens.secret}\n")
    assert IN_ORDER in walk.check()


def test_a_signature(walk: Walk) -> None:
    walk.gateway(refusing_wrong_signatures("12345", "word"))
    (walk.core / "hmac").write_text("another\n")
    walk.add(block("CORE_AUTH=hmac"))
    assert walk.check().startswith("The core refuses our signature.")
    (walk.core / "hmac").write_text("word\n")
    assert IN_ORDER in walk.check()


@pytest.mark.parametrize("where", ["CORE_PROXY=", "CORE_PROXY_FILE="])
def test_a_proxy(walk: Walk, where: str) -> None:
    walk.gateway()
    address = re.findall(r"CORE_PROXY=(\S+)", block("CORE_PROXY="))[0]
    with forward_proxy("site:password") as port:
        there = address.replace("proxy.example:3128", f"127.0.0.1:{port}")
        (walk.core / "proxy").write_text(f"{there}\n")
        walk.add(block(where).replace(address, there))
        assert IN_ORDER in walk.check()
    assert walk.check().startswith("The proxy does not let us through")


def test_a_source_of_their_own(walk: Walk, machine: Machine) -> None:
    with served(OtherCore().app(), walk.authority.server()) as url:
        walk.leads_to(url)
        assert IN_ORDER not in walk.check()
        ran = machine.run(block("our_core.py"))
        assert IN_ORDER in ran.stdout, ran.stderr


def test_a_core_is_tried_from_a_clone(walk: Walk, machine: Machine) -> None:
    walk.gateway()
    url = re.findall(r"(?m)^CLAIMS_API_URL=(.*)$", (machine.etc / "site.env").read_text())[0]
    tried = block("/claims SECRET_KEYS=").replace("https://gateway.example/claims", url)
    ran = machine.run(tried)
    assert "Put the certificate of its authority into CORE_CA_FILE." in ran.stderr

"""Who asks is read from the end of what proxies wrote, however much a client wrote before it."""

from collections.abc import Callable, Iterator

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st
from structlog.testing import capture_logs

from sandbox import Participant
from tracking_site.guard import networks
from tracking_site.guard.networks import network_behind, network_of

PEER = "192.0.2.1"
HOPS = st.sampled_from(
    ["203.0.113.7", " 2001:db8::1 ", "", "unknown", "::ffff:203.0.113.7", "x" * 60, " " * 60]
)


@pytest.fixture
def keys(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """What readings are remembered under."""
    seen: list[str] = []
    read = networks._read

    def spy(peer: str | None, forwarded_for: str, trusted_proxies: int) -> object:
        seen.append(forwarded_for)
        return read(peer, forwarded_for, trusted_proxies)

    monkeypatch.setattr(networks, "_read", spy)
    yield seen


@given(st.lists(HOPS, max_size=12), st.integers(0, 3))
def test_the_end_says_what_the_whole_says(hops: list[str], trusted_proxies: int) -> None:
    line = ",".join(hops)
    environ = {"REMOTE_ADDR": PEER, "HTTP_X_FORWARDED_FOR": line}
    assert network_behind(environ, trusted_proxies) == network_of(PEER, line, trusted_proxies)


@pytest.mark.parametrize("trusted_proxies", [0, 1, 2, 10])
def test_what_a_client_writes_fills_no_memory(keys: list[str], trusted_proxies: int) -> None:
    for junk in ("x" * 100_000, "203.0.113.7," * 10_000, "," * 100_000, " " * 100_000):
        environ = {"REMOTE_ADDR": PEER, "HTTP_X_FORWARDED_FOR": junk + ", 198.51.100.7"}
        network = network_behind(environ, trusted_proxies)
        if trusted_proxies == 1:
            assert str(network) == "198.51.100.7/32"
    assert max(map(len, keys)) <= 64 * (trusted_proxies + 1)


@pytest.mark.parametrize(
    ("trusted_proxies", "peer", "forwarded", "is_said"),
    [
        (1, "127.0.0.1", "unknown", True),
        (1, "127.0.0.1", None, True),
        (1, "127.0.0.1", "203.0.113.9:80", False),
        (1, "127.0.0.1", "10.1.2.3", False),
        (1, "127.0.0.1", "203.0.113.9, 10.1.2.3", True),
        (2, "127.0.0.1", "203.0.113.9, 10.1.2.3", False),
        (0, "127.0.0.1", "203.0.113.9", True),
        (0, "::1", "203.0.113.9", True),
        (0, "172.16.0.9", "203.0.113.9", True),
        (0, "198.51.100.7", "203.0.113.9", False),
        (0, "127.0.0.1", None, False),
    ],
)
def test_a_wrong_number_of_proxies_is_said_once_and_without_an_address(
    make_site: Callable[..., Flask],
    samples: dict[str, Participant],
    trusted_proxies: int,
    peer: str,
    forwarded: str | None,
    is_said: bool,
) -> None:
    number = {"nomor": samples["approval"].nik}
    client = make_site(TRUSTED_PROXIES=str(trusted_proxies), GUARD_OFF="1").test_client()
    headers = {"X-Forwarded-For": forwarded} if forwarded else {}
    with capture_logs() as said:
        for _ in range(3):
            answer = client.post(
                "/lacak", data=number, headers=headers, environ_base={"REMOTE_ADDR": peer}
            )
            assert answer.status_code == 303
    warnings = [line for line in said if line["log_level"] == "warning"]
    assert len(warnings) == int(is_said)
    assert all("count as one network" in line["event"] for line in warnings)
    assert "203.0.113.9" not in str(warnings)

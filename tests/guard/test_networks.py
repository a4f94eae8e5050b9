from __future__ import annotations

import ipaddress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drills.simulation.origins import full_address
from tracking_site.guard.networks import (
    UNKNOWN,
    Carriers,
    network_of,
    parse_network,
)

PEER = "192.0.2.1"

addresses = st.ip_addresses().filter(
    lambda a: isinstance(a, ipaddress.IPv4Address) or a.ipv4_mapped is None
)


def test_without_trusted_proxies_the_peer_counts_whatever_is_claimed() -> None:
    assert str(network_of(PEER, "203.0.113.9", 0)) == "192.0.2.1/32"


def test_the_hop_that_the_trusted_proxy_wrote_counts() -> None:
    assert str(network_of(PEER, "1.2.3.4, 203.0.113.9", 1)) == "203.0.113.9/32"


def test_two_proxies_are_read_over_all_lines_from_the_right() -> None:
    lines = ["1.2.3.4", "203.0.113.9", "198.51.100.1"]
    assert str(network_of(PEER, ",".join(lines), 2)) == "203.0.113.9/32"


def test_addresses_of_one_slash_64_are_one_network() -> None:
    one = network_of("2001:db8:1:2::1", "", 0)
    other = network_of("2001:db8:1:2:ffff::99", "", 0)
    assert one == other
    assert one != network_of("2001:db8:1:3::1", "", 0)


def test_two_slash_64_of_one_slash_48_share_the_second_level() -> None:
    one, other = parse_network("2001:db8:1:2::1"), parse_network("2001:db8:1:3::1")
    assert one.first != other.first
    assert one.second == other.second


def test_two_addresses_of_one_slash_24_share_the_second_level() -> None:
    one, other = parse_network("203.0.113.7"), parse_network("203.0.113.8")
    assert one.first != other.first
    assert one.second == other.second


@pytest.mark.parametrize(
    "hop",
    [
        "",
        "unknown",
        "_hidden",
        "203.0.113.9:",
        "203.0.113.9:port",
        "203.0.113.9:4711:1",
        "2001:db8::1]:443",
        "[203.0.113.9%1]",
        "[2001:db8::1]443",
        "[::ffff:203.0.113.9]:443",
        "[fe80::1%eth0]:443",
        "::ffff:203.0.113.9",
        "fe80::1%eth0",
        "2001:db8::1%25eth0",
        "203.0.113",
        "203.0.113.009",
        "0xcb007109",
        "3405803785",
        "\u0661.\u0662.\u0663.\u0664",
        "203.0.113.9/32",
        "203.0.113.9 ; by=1",
        "1" * 5_000,
    ],
)
def test_junk_at_the_trusted_place_falls_back_to_the_peer(hop: str) -> None:
    assert network_of(PEER, f"1.2.3.4, {hop}", 1) == network_of(PEER, "", 0)


@pytest.mark.parametrize(
    ("hop", "address"),
    [
        ("203.0.113.9:4711", "203.0.113.9"),
        ("[2001:db8::1]", "2001:db8::1"),
        ("[2001:db8::1]:443", "2001:db8::1"),
    ],
)
def test_a_port_that_the_trusted_proxy_wrote_is_left_out(hop: str, address: str) -> None:
    read = network_of(PEER, f"1.2.3.4, {hop}", 1)
    assert read == network_of(PEER, address, 1) == parse_network(address)


@pytest.mark.parametrize("lines", [[], [""], ["203.0.113.9"], ["203.0.113.9", ""]])
def test_too_few_hops_fall_back_to_the_peer(lines: list[str]) -> None:
    assert network_of(PEER, ",".join(lines), 3) == network_of(PEER, "", 0)


@pytest.mark.parametrize(
    ("peer", "canonical"),
    [
        ("::ffff:192.0.2.1", "192.0.2.1/32"),
        ("fe80::1%eth0", "fe80::/64"),
        ("2001:DB8:0:0::1", "2001:db8::/64"),
    ],
)
def test_the_peer_counts_in_canonical_form(peer: str, canonical: str) -> None:
    assert str(network_of(peer, "", 0)) == canonical


@pytest.mark.parametrize("peer", [None, "", "@", "unix:", "not an address"])
def test_peers_without_an_address_share_one_budget(peer: str | None) -> None:
    network = network_of(peer, "", 0)
    assert network == UNKNOWN
    assert network not in Carriers.parse("10.0.0.0/8")


@given(st.lists(st.text(max_size=40), max_size=6), st.integers(0, 4), addresses)
def test_whatever_is_claimed_some_network_is_counted(
    lines: list[str], proxies: int, client: ipaddress.IPv4Address | ipaddress.IPv6Address
) -> None:
    assert network_of(PEER, ",".join(lines), proxies).first
    # What the attacker writes stands to the left of what our own proxy appends.
    assert network_of(PEER, ",".join([*lines, str(client)]), 1) == parse_network(str(client))


def test_the_widths_of_a_drill_can_count_full_addresses() -> None:
    assert full_address("2001:db8::1") != full_address("2001:db8::2")


def test_an_operator_may_write_an_address_or_a_prefix() -> None:
    assert parse_network(" 203.0.113.7/32 ") == parse_network("203.0.113.7")
    with pytest.raises(ValueError, match=r"such as 203\.0\.113\.7"):
        parse_network("koran")

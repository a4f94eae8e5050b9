from __future__ import annotations

from pathlib import Path

import pytest

from tracking_site.guard.networks import Carriers, parse_network

SHIPPED = Path(__file__).parents[2] / "tracking_site" / "data" / "carriers.txt"

TEXT = """
# a comment
100.64.0.0/10   # shared
2001:db8:ca00::/40

198.51.100.0/25
198.51.100.128/25
"""


@pytest.mark.parametrize(
    ("address", "listed"),
    [
        ("100.64.0.1", True),
        ("100.127.255.255", True),
        ("100.128.0.0", False),
        ("100.63.255.255", False),
        ("198.51.100.200", True),
        ("198.51.101.0", False),
        ("2001:db8:ca12:1::9", True),
        ("2001:db8:cb00::1", False),
    ],
)
def test_a_listed_prefix_holds_its_addresses_and_no_others(address: str, listed: bool) -> None:
    assert (parse_network(address) in Carriers.parse(TEXT)) is listed


def test_neighbouring_prefixes_become_one() -> None:
    assert len(Carriers.parse(TEXT)) == 3


def test_an_empty_file_lists_nobody() -> None:
    carriers = Carriers.parse("# none\n")
    assert len(carriers) == 0
    assert parse_network("100.64.0.1") not in carriers


@pytest.mark.parametrize(
    ("line", "complaint"),
    [
        ("100.64.0.1/10", "host bits"),
        ("100.64.0.0/33", "line 2"),
        ("telkom", "line 2"),
        ("0.0.0.0/0", "too wide"),
        ("::/0", "too wide"),
        ("2001:db8::1/128", "narrower"),
    ],
)
def test_a_line_with_an_error_is_named(line: str, complaint: str) -> None:
    with pytest.raises(ValueError, match="line 2") as error:
        Carriers.parse(f"10.0.0.0/8\n{line}\n")
    assert complaint in str(error.value)


def test_every_wrong_line_is_named_at_once() -> None:
    with pytest.raises(ValueError, match=r"line 1.*line 3"):
        Carriers.parse("x\n10.0.0.0/8\ny")


def test_the_shipped_file_can_be_read() -> None:
    assert len(Carriers.parse(SHIPPED.read_text(encoding="utf-8"))) == 3

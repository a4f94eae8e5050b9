from __future__ import annotations

from pathlib import Path

import pytest

from tracking_site.guard.networks import Carriers, carriers_of, parse_network
from tracking_site.settings import Settings, SettingsError

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


def test_a_wrong_file_is_not_repeated_in_the_log() -> None:
    with pytest.raises(ValueError, match=r"line 1.*line 20.*and 5 lines more") as error:
        Carriers.parse("a-key-of-the-site\n" * 25)
    assert "key" not in str(error.value)
    assert "line 21" not in str(error.value)


def test_the_shipped_file_can_be_read() -> None:
    text = SHIPPED.read_text(encoding="utf-8")
    carriers = Carriers.parse(text)
    lines = [line for line in text.splitlines() if line and not line.startswith("#")]
    assert len(carriers) == len(lines) > 100
    for phone in ("114.125.0.1", "112.215.171.128", "114.79.18.167", "116.206.14.1"):
        assert parse_network(phone) in carriers
    for other in ("114.4.0.1", "23.192.180.1", "104.81.252.1", "112.215.7.1"):
        assert parse_network(other) not in carriers


def settings_with(file: Path, content: bytes) -> Settings:
    file.write_bytes(content)
    return Settings.from_env(
        {
            "CLAIMS_API_URL": "http://you-forgot-to-give-a-claims-source.invalid",
            "SECRET_KEYS": "k" * 40,
            "CARRIERS_FILE": str(file),
        }
    )


@pytest.mark.parametrize("wrong", [b"telkom", b"100.64.0.1/10", b"caf\xe9", b"\x00\xff"])
def test_the_start_names_the_wrong_line_of_the_file(tmp_path: Path, wrong: bytes) -> None:
    settings = settings_with(tmp_path / "carriers.txt", b"10.0.0.0/8\n" + wrong + b"\n")
    with pytest.raises(SettingsError, match="CARRIERS_FILE: carriers: line 2"):
        carriers_of(settings)


def test_a_file_as_windows_saves_it_can_be_read(tmp_path: Path) -> None:
    content = b"\xef\xbb\xbf10.0.0.0/8\r\n# M\xe9xico\r\n100.64.0.0/10\r\n"
    assert len(carriers_of(settings_with(tmp_path / "carriers.txt", content))) == 2


def test_a_file_that_went_away_is_told_in_words(tmp_path: Path) -> None:
    settings = settings_with(tmp_path / "carriers.txt", b"")
    (tmp_path / "carriers.txt").unlink()
    with pytest.raises(SettingsError, match="CARRIERS_FILE: No such file"):
        carriers_of(settings)

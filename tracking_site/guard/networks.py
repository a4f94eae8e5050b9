"""Whom the guard counts: a network, never an address that anybody can choose."""

import ipaddress
import re
from bisect import bisect_right
from collections.abc import Iterable, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

from ..settings import Settings, SettingsError, refusing_as

Address = ipaddress.IPv4Address | ipaddress.IPv6Address

_WITH_PORT = re.compile(r"([0-9.]{7,15}):[0-9]{1,5}|\[([0-9A-Fa-f:.]{2,45})\](?::[0-9]{1,5})?")

MAX_ADDRESS = 45
"""No textual address is longer (an IPv6 address with an embedded IPv4 one)."""

MIN_CARRIER_PREFIX = {4: 8, 6: 16}
"""A carrier's line that is shorter would treat a good part of the world as one carrier."""

MAX_CARRIER_PREFIX_V6 = 64
"""IPv6 clients are counted by /64, so a longer carrier prefix could never match one."""

MAX_ERRORS = 20
"""Lines that are named of a file that is something else."""

CARRIERS = Path(__file__).parent.parent / "data" / "carriers.txt"

HOP_CHARACTERS = 64
"""More than an address in the longest form, with spaces around it."""


class Network(NamedTuple):
    """A client as the guard counts it: IPv4 /32 or IPv6 /64, and above it /24 or /48.

    `family` is 4, 6, or 0 for a peer without an address, which all such peers share.
    `address` is the lowest address of the first level. An IPv6 network also lies in a /56,
    which one customer has; the addresses of an IPv4 /24 are different customers.
    """

    family: int
    address: int
    first_bits: int
    second_bits: int
    third_bits: int = 0

    @property
    def first(self) -> bytes:
        """What the digest of the first level is taken of."""
        return b"1:%d:%x/%d" % (self.family, self.address, self.first_bits)

    @property
    def second(self) -> bytes:
        width = 32 if self.family == 4 else 128
        above = self.address >> (width - self.second_bits)
        return b"2:%d:%x/%d" % (self.family, above, self.second_bits)

    @property
    def third(self) -> bytes | None:
        """What the digest of the /56 is taken of; None where there is none."""
        if not self.third_bits:
            return None
        return b"3:6:%x/%d" % (self.address >> (128 - self.third_bits), self.third_bits)

    def __str__(self) -> str:
        if not self.family:
            return "unknown"
        kind = ipaddress.IPv4Address if self.family == 4 else ipaddress.IPv6Address
        return f"{kind(self.address)}/{self.first_bits}"


UNKNOWN = Network(0, 0, 0, 0)
"""Every peer whose address cannot be read, together: a budget of its own, never an exemption."""


def network_of(peer_address: str | None, forwarded_for: str, trusted_proxies: int) -> Network:
    """The network of a request, read through exactly `trusted_proxies` hops from the right.

    A port behind the address is left out. Junk at that place, too few hops, an IPv4-mapped form
    or a zone id fall back to the peer, which is taken in canonical form: unmapped, without zone.
    """
    address = forwarded_address(forwarded_for, trusted_proxies)
    address = address or _canonical(peer_address or "")
    return UNKNOWN if address is None else network_at(address.version, int(address))


def forwarded_address(forwarded_for: str, trusted_proxies: int) -> Address | None:
    """Return the address that the outermost trusted proxy wrote; None where none can be read."""
    hops = forwarded_for.rsplit(",", trusted_proxies)
    if not 0 < trusted_proxies <= len(hops):
        return None
    return _strict(_without_port(hops[-trusted_proxies].strip(" \t")))


def parse_network(text: str) -> Network:
    """The network an operator means by an address, or by its prefix such as `203.0.113.7/32`.

    Raises `ValueError` with a sentence when the text is neither, or a prefix of several networks:
    what was done to the first of them would pass for done to all.
    """
    named, slash, bits = text.strip().partition("/")
    address = _canonical(named)
    if address is None:
        raise ValueError("write an address, such as 203.0.113.7 or 2001:db8::1")
    network = network_at(address.version, int(address))
    is_one = bits.isdecimal() and network.first_bits <= int(bits) <= address.max_prefixlen
    if slash and not is_one:
        raise ValueError(
            f"write one address of it: networks are counted by /{network.first_bits}, and what is "
            "around one goes with it"
        )
    return network


class Carriers:
    """The prefixes of mobile carriers that put thousands of people behind one address."""

    def __init__(self, prefixes: Iterable[ipaddress.IPv4Network | ipaddress.IPv6Network] = ()):
        given: list[Any] = list(prefixes)
        self._ranges = {
            version: _ranges([each for each in given if each.version == version])
            for version in (4, 6)
        }

    @classmethod
    @lru_cache(1)  # Tests build hundreds of sites in one process.
    def parse(cls, text: str) -> "Carriers":
        """Reads one prefix a line; `#` begins a comment.

        Raises `ValueError` that names every line with an error, and what is wrong with it; of
        many the first ones.
        """
        prefixes = []
        errors = []
        for number, line in enumerate(text.splitlines(), start=1):
            entry = line.split("#", 1)[0].strip()
            if not entry:
                continue
            try:
                prefix = ipaddress.ip_network(entry)
            except ValueError:
                errors.append(f"line {number}: {_why_no_prefix(entry)}")
                continue
            if prefix.prefixlen < MIN_CARRIER_PREFIX[prefix.version]:
                errors.append(f"line {number}: {entry} is too wide for one carrier")
                continue
            if prefix.version == 6 and prefix.prefixlen > MAX_CARRIER_PREFIX_V6:
                errors.append(f"line {number}: {entry} is narrower than the networks counted")
                continue
            prefixes.append(prefix)
        if errors:
            more = len(errors) - MAX_ERRORS
            told = [*errors[:MAX_ERRORS], *([f"and {more} lines more"] if more > 0 else [])]
            raise ValueError("carriers: " + "; ".join(told))
        return cls(prefixes)

    def __contains__(self, network: Network) -> bool:
        if not network.family:
            return False
        starts, ends = self._ranges[network.family]
        place = bisect_right(starts, network.address) - 1
        return place >= 0 and network.address <= ends[place]

    def __len__(self) -> int:
        return sum(len(starts) for starts, _ in self._ranges.values())


def _why_no_prefix(entry: str) -> str:
    # What is none is not repeated: the setting may name another file, with secrets in it.
    try:
        meant = ipaddress.ip_network(entry, strict=False)
    except ValueError:
        return "write a prefix, such as 203.0.113.0/24 or 2001:db8::/40"
    return f"{entry} has host bits set; its prefix is {meant}"


def _ranges(prefixes: list[Any]) -> tuple[list[int], list[int]]:
    whole: Iterable[Any] = ipaddress.collapse_addresses(prefixes)
    ordered = sorted((int(each.network_address), int(each.broadcast_address)) for each in whole)
    return [start for start, _ in ordered], [end for _, end in ordered]


def network_at(family: int, address: int) -> Network:
    """Return the network in which an address of this family lies."""
    if family == 4:
        return Network(4, address, 32, 24)
    return Network(6, address >> 64 << 64, 64, 48, 56) if family == 6 else UNKNOWN


def _without_port(hop: str) -> str:
    """Return `203.0.113.7:4711`, `[2001:db8::1]` or `[2001:db8::1]:443` without what is around.

    Application gateways write these forms; anything else is returned as it is.
    """
    found = _WITH_PORT.fullmatch(hop)
    return (found[1] or found[2]) if found else hop


def _parsed(text: str) -> Address | None:
    try:
        return ipaddress.ip_address(text)
    except ValueError:
        return None


def _strict(text: str) -> Address | None:
    """A hop as our own proxy writes it: a plain address, and in one form only."""
    address = None if len(text) > MAX_ADDRESS or "%" in text else _parsed(text)
    return None if getattr(address, "ipv4_mapped", None) else address


def _canonical(text: str) -> Address | None:
    """A peer as the socket names it, brought to the one form that is counted."""
    address = _parsed(text.split("%", 1)[0])
    return getattr(address, "ipv4_mapped", None) or address


_read = lru_cache(2048)(network_of)

NETWORK = "tracking_site.network"
"""Where a WSGI environ holds whom the guard counts, once it was worked out for a request."""


def network_behind(environ: Mapping[str, Any], trusted_proxies: int) -> Network:
    """Return whom the guard counts; WSGI servers join all lines of a header with commas."""
    forwarded_for = _end_of(environ.get("HTTP_X_FORWARDED_FOR", ""), trusted_proxies)
    return _read(environ.get("REMOTE_ADDR"), forwarded_for, trusted_proxies)


def is_named(environ: Mapping[str, Any], trusted_proxies: int) -> bool:
    """Return whether the trusted proxies wrote an address at all."""
    end = _end_of(environ.get("HTTP_X_FORWARDED_FOR", ""), trusted_proxies)
    return forwarded_address(end, trusted_proxies) is not None


_OF_OUR_SIDE = Carriers(
    ipaddress.ip_network(each)
    for each in (
        *("127.0.0.0/8", "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16"),
        *("::/64", "fe80::/10", "fc00::/7"),
    )
)
"""Addresses that nobody has on the internet (RFC 1918, RFC 4193), and a machine's own, by /64."""


def is_proxy(environ: Mapping[str, Any], trusted_proxies: int) -> bool:
    """Return whether the one who counts as a visitor stands on our side and speaks for others."""
    forwarded_for = environ.get("HTTP_X_FORWARDED_FOR")
    if forwarded_for is None or environ[NETWORK] not in _OF_OUR_SIDE:
        return False
    return bool(forwarded_for.count(",") >= trusted_proxies)


def _end_of(forwarded_for: str, trusted_proxies: int) -> str:
    """Return the hops that trusted proxies wrote: the rest is a client's, and as long as it likes.

    A hop that is too long to be an address is none, and so is everything before it.
    """
    most = HOP_CHARACTERS * trusted_proxies
    if len(forwarded_for) <= most:
        return forwarded_for
    return forwarded_for[len(forwarded_for) - most :].partition(",")[2]


def carriers_of(settings: Settings) -> Carriers:
    """Read the carriers' prefixes; raises SettingsError that names the wrong lines."""
    path = settings.carriers_file or CARRIERS
    try:
        # Strange bytes may stand in a comment; elsewhere they make their line a wrong one.
        text = path.read_text(encoding="utf-8-sig", errors="replace")
    except OSError as error:
        raise SettingsError([f"CARRIERS_FILE: {error.strerror}."]) from None
    with refusing_as("CARRIERS_FILE: "):
        return Carriers.parse(text)

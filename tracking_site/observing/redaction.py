"""The last line of defence: nothing that looks like a NIK, a KPJ or an address stays in a log.

The first line is that nobody logs them; this one is for what libraries say. Patterns read at
most MAX_TEXT_LENGTH characters, and each takes no longer than its text is long: while one runs, no
other thread does.
"""

import re
from ipaddress import IPv4Address, IPv4Network, IPv6Network, ip_address

from ..domain.pasted import KPJ_LENGTH, MIN_DIGITS

GONE = "[redacted]"

MAX_TEXT_LENGTH = 4000
"""Characters of what others wrote that are read; the rest is cut off before."""

CUT = "…"

_OWN = ("127.0.0.1", "::1", "0.0.0.0")  # noqa: S104 - compared, not bound

_IN_LINE = re.compile(rb"[0-9]{2}[0-9A-Za-z][0-9]{8,}")
_SHAPES = bytes(ord("0") if 48 <= value <= 57 else 0 for value in range(256))
_EIGHT_DIGITS = b"0" * 8
_DIGITS = re.compile(r"\d(?:[\s.\-/_]{0,2}\d){10,}")
_SEALED = re.compile(r"[A-Za-z0-9_-]{40,}")
_QUERY = re.compile(r"\?[^\s'\"]+")
_TOKEN = re.compile(r"(?<![^\W_])[^\W_]{11,}")
_IPV4 = re.compile(r"(?<![\d.])\d{1,3}(?:\.\d{1,3}){3}(?!\.?\d)")
_IPV6 = re.compile(r"(?<![\w:.])[0-9A-Fa-f.]{0,4}:[0-9A-Fa-f:.]{1,45}(?![\w:.])")
_BETWEEN_DIGITS = frozenset(".-/_\t\r\n")


def redacted_line(line: bytes) -> bytes:
    """Return a finished line without any run of 11 or more digits, or one with a letter third.

    Cheap enough for every line; our own fields hold nothing that it could meet.
    """
    # Walking a line with the pattern costs twenty times as much as this, and hardly any has one.
    if _EIGHT_DIGITS not in line.translate(_SHAPES):
        return line
    return _IN_LINE.sub(GONE.encode(), line)


def redacted_text(text: str) -> str:
    """Return what others wrote, without numbers, tickets and queries, addresses shortened.

    Of a long text this is the beginning.
    """
    if len(text) <= MAX_TEXT_LENGTH:
        return _redacted(text)
    words = _without_figures(text[:MAX_TEXT_LENGTH].split(" ")[:-1])
    return _redacted(" ".join(words)) + CUT


def redacted_end(text: str) -> str:
    """Return the same of the end of a long text: of a trace, which names its place last."""
    if len(text) <= MAX_TEXT_LENGTH:
        return _redacted(text)
    words = _without_figures(text[-MAX_TEXT_LENGTH:].split(" ")[:0:-1])
    return CUT + _redacted(" ".join(reversed(words)))


def _without_figures(words: list[str]) -> list[str]:
    # Half a number or address, whose other half was cut off, would not be known as one.
    while words and all(each.isdigit() or each in _BETWEEN_DIGITS for each in words[-1]):
        words.pop()
    return words


def _redacted(text: str) -> str:
    text = _QUERY.sub("?" + GONE, _SEALED.sub(GONE, text))
    text = _IPV4.sub(_shortened, text)
    text = _IPV6.sub(_shortened, text)
    text = _DIGITS.sub(GONE, text)
    return _TOKEN.sub(_judged, text)


def holds_number(text: str) -> bool:
    """Return whether a text without spaces holds what could be a NIK or a KPJ."""
    bare = "".join(each for each in text if each not in _BETWEEN_DIGITS)
    tokens = _TOKEN.findall(f"{text} {bare}")
    return bool(_DIGITS.search(text)) or any(
        len(token) == KPJ_LENGTH and _digits_in(token) >= MIN_DIGITS for token in tokens
    )


def shortened(address: str) -> str:
    """Return the network around an address, /24 or /48; "unknown" for what is no address."""
    try:
        whole = ip_address(address)
    except ValueError:
        return "unknown"
    whole = getattr(whole, "ipv4_mapped", None) or whole
    if isinstance(whole, IPv4Address):
        return str(IPv4Network((whole, 24), strict=False))
    return str(IPv6Network((int(whole), 48), strict=False))


def _shortened(found: re.Match[str]) -> str:
    text = found[0]
    # A colon or stop after an address belongs to the sentence: "from ip=2001:db8::1: too long".
    for end in (len(text), len(text) - 1):
        address, rest = text[:end], text[end:]
        if address in _OWN:
            break
        network = shortened(address)
        if network != "unknown":
            return network + rest
    return text


def _judged(found: re.Match[str]) -> str:
    return GONE if _digits_in(found[0]) >= MIN_DIGITS else found[0]


def _digits_in(token: str) -> int:
    return sum(character.isdigit() for character in token)

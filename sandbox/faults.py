"""Ways in which a core fails, each as what goes over the wire instead of a good answer.

    none         the answer, after `latency_ms`
    down         the connection is closed without a word
    error        a problem document with `status` (503), and Retry-After when `retry_after` is set
    slow         the answer, after `latency_ms` (3,000)
    capacity     the answer after `latency_ms` (500) while at most `slots` (20) are asked at once,
                 all of them more slowly in proportion beyond, 503 beyond four times `slots`;
                 `sigma` (0) spreads the work log-normally around its mean
    flaky        `error` for a share of the requests, `rate` (0.3)
    malformed    200 with JSON that stops half-way
    wrong_shape  200 with JSON that is not what the contract says
    wrong_type   the answer, said to be text/plain
    html         200 with a page that says it cannot be reached
    huge         the answer with 10 MiB of padding
    gzip_bomb    the same, 128 MiB, compressed to some 130 kB
    drip         head at once, then one byte every `latency_ms` (100)
    truncated    a chunked body that ends in the middle of a chunk
    close        HTTP/1.0 without a length, closed half-way
    http10       HTTP/1.0 without a length, whole
    redirect     307 (`status`) to an address that would answer well

`latency_ms` holds for every mode, and `rate` (1 but for flaky) is the share of requests it hits.
"""

import zlib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from sandbox.wire import Answer, problem

MODES = (
    "none", "down", "error", "slow", "capacity", "flaky", "malformed", "wrong_shape",
    "wrong_type", "html", "huge", "gzip_bomb", "drip", "truncated", "close", "http10", "redirect",
)  # fmt: skip
WHOLE = frozenset({"none", "slow", "capacity", "drip", "http10"})
"""Modes in which the answer arrives as it is."""

USUAL_LATENCY_MS = {"slow": 3000, "drip": 100, "capacity": 500}
MAX_LATENCY_MS = 600_000
MAX_SLOTS = 100_000
WIDEST_SIGMA = 3.0
FIELDS = ("mode", "latency_ms", "rate", "status", "retry_after", "slots", "sigma")
HUGE = 10 * 1024 * 1024
BOMB = 128 * 1024 * 1024
BLOCK = 64 * 1024
REDIRECTED = "/sandbox/redirected"

Piece = bytes | float


@dataclass(frozen=True)
class Fault:
    """What goes wrong at present."""

    mode: str = "none"
    latency_ms: int = 0
    rate: float = 1.0
    status: int = 503
    retry_after: int | None = None
    slots: int = 20
    sigma: float = 0.0

    def as_json(self) -> dict[str, Any]:
        return dict(vars(self))

    def for_roll(self, roll: float) -> "Fault":
        """This fault when the dice hit (`roll`, 0 to 1), else none."""
        if roll < self.rate:
            return self
        latency_ms = 0 if self.mode in USUAL_LATENCY_MS else self.latency_ms
        return replace(self, mode="none", latency_ms=latency_ms)


def explained() -> str:
    """Return what the modes do, for the command's help."""
    return "\n\n".join((__doc__ or "").split("\n\n")[1:])


def parse_fault(document: Any) -> Fault:
    """A fault from the control endpoint's body. Raises ValueError with the right form."""
    if not isinstance(document, dict):
        raise ValueError("A fault is an object with 'mode'.")
    mode = document.get("mode", "none")
    if not isinstance(mode, str) or mode not in MODES:
        raise ValueError(f"'mode' is one of: {', '.join(MODES)}.")
    if not set(document) <= set(FIELDS):
        raise ValueError(f"A fault has: {', '.join(FIELDS)}.")
    retry_after = document.get("retry_after")
    usual_status = 307 if mode == "redirect" else 503
    usual_rate = 0.3 if mode == "flaky" else 1.0
    return Fault(
        mode=mode,
        latency_ms=_whole(
            document,
            "latency_ms",
            USUAL_LATENCY_MS.get(mode, 0),
            MAX_LATENCY_MS,
            least=1 if mode == "capacity" else 0,
        ),
        rate=_decimal(document, "rate", usual_rate, 1),
        status=_whole(document, "status", usual_status, 599, least=300),
        retry_after=None if retry_after is None else _whole(document, "retry_after", 0, 86_400),
        slots=_whole(document, "slots", 20, MAX_SLOTS, least=1),
        sigma=_decimal(document, "sigma", 0.0, WIDEST_SIGMA),
    )


def spoil(answer: Answer, fault: Fault) -> tuple[Iterator[Piece], bool]:
    """The pieces to send (bytes, or seconds to wait), and whether the connection then closes."""
    mode, body = fault.mode, answer.body
    half = body[: len(body) // 2]
    closes = answer.closes
    whole = replace(answer, status=200, content_type="application/json")
    if mode == "down":
        pieces: list[Piece] = []
        closes = True
    elif mode in ("error", "flaky"):
        pieces = _plain(_error(fault))
    elif mode == "redirect":
        pieces = _plain(Answer(fault.status, content_type="", headers={"Location": REDIRECTED}))
    elif mode == "malformed":
        pieces = _plain(replace(whole, body=half))
    elif mode == "wrong_shape":
        pieces = _plain(replace(whole, body=b'{"as_of":12,"claims":{"reference":null}}'))
    elif mode == "html":
        page = b"<!doctype html><title>Error</title><h1>Service temporarily unavailable</h1>"
        pieces = _plain(replace(whole, body=page, content_type="text/html; charset=utf-8"))
    elif mode == "wrong_type":
        pieces = _plain(replace(answer, content_type="text/plain; charset=utf-8"))
    elif mode == "drip":
        return _dripping(answer, fault.latency_ms / 1000), closes
    elif mode == "huge":
        return _padded(whole, fault.latency_ms / 1000), closes
    elif mode == "gzip_bomb":
        packed = replace(whole, body=_bomb(body))
        pieces = _plain(packed.with_headers({"Content-Encoding": "gzip"}))
    elif mode == "truncated":
        head = whole.with_headers({"Transfer-Encoding": "chunked"}).head(length=False)
        pieces = [head + f"{len(body):x}\r\n".encode() + half]
        closes = True
    elif mode in ("close", "http10"):
        head = replace(answer, closes=True).head(version="HTTP/1.0", length=False)
        pieces = [head + (half if mode == "close" else body)]
        closes = True
    else:
        pieces = _plain(answer)
    return iter([fault.latency_ms / 1000, *pieces]), closes


def _plain(answer: Answer) -> list[Piece]:
    return [answer.head() + answer.body]


def no_room(fault: Fault) -> Answer:
    """What a core with a capacity answers whom it has no room for."""
    return problem(503, "Too many ask at once.", headers=_coming_back(fault))


def _error(fault: Fault) -> Answer:
    return problem(fault.status, "A fault was asked for.", headers=_coming_back(fault))


def _coming_back(fault: Fault) -> dict[str, str]:
    return {} if fault.retry_after is None else {"Retry-After": str(fault.retry_after)}


def _dripping(answer: Answer, pause: float) -> Iterator[Piece]:
    yield answer.head()
    for byte in answer.body:
        yield pause
        yield bytes([byte])


def _padded(answer: Answer, pause: float) -> Iterator[Piece]:
    opening, closing = _around(answer.body)
    empty = replace(answer, body=b"")
    length = len(opening) + HUGE + len(closing)
    yield pause
    yield empty.with_headers({"Content-Length": str(length)}).head(length=False) + opening
    for _ in range(HUGE // BLOCK):
        yield b"x" * BLOCK
    yield closing


def _bomb(body: bytes) -> bytes:
    opening, closing = _around(body)
    packer = zlib.compressobj(1, zlib.DEFLATED, 31)
    parts = [packer.compress(opening)]
    parts += [packer.compress(b"x" * BLOCK) for _ in range(BOMB // BLOCK)]
    parts += [packer.compress(closing), packer.flush()]
    return b"".join(parts)


def _around(body: bytes) -> tuple[bytes, bytes]:
    return body[:-1] + b',"padding":"', b'"}'


def _whole(document: dict[str, Any], name: str, usual: int, most: int, least: int = 0) -> int:
    value = document.get(name, usual)
    if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
        raise ValueError(f"'{name}' is a whole number from {least} to {most}.")
    return value


def _decimal(document: dict[str, Any], name: str, usual: float, most: float) -> float:
    value = document.get(name, usual)
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= most:
        raise ValueError(f"'{name}' is a number from 0 to {most:g}.")
    return float(value)

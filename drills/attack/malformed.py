"""Requests that no browser sends: broken lines, headers and bodies, full of hostile text."""

from collections.abc import Iterator

from sandbox import Sandbox

RUNS = (b":", b"a:", b".", b"1.", b"::1", b"1", b"1 ", b"?", b"%", b"/", b"\\", b"-", b"x", b"\xe9")
"""What is repeated: pieces of addresses, numbers, tickets, queries, and bytes over 127."""

SHORT, LONG, LONGER, HUGE = 1_600, 2_000, 3_000, 60_000
"""Within the bound of a request line, near it, beyond it, and far beyond every bound."""

HEADERS = (
    b"Accept", b"Accept-Encoding", b"Accept-Language", b"Authorization", b"Content-Type",
    b"Cookie", b"Forwarded", b"HX-Current-URL", b"HX-Request", b"If-Modified-Since",
    b"If-None-Match", b"Origin", b"Range", b"Referer", b"User-Agent", b"X-Forwarded-For",
    b"X-Forwarded-Host", b"X-Request-ID", b"X-Request-Start",
)  # fmt: skip
"""Those that something in the site, or below it, reads."""

FORM = b"POST /lacak HTTP/1.1\r\nHost: a\r\nContent-Type: application/x-www-form-urlencoded\r\n"
NUMBER = Sandbox().sample("assessment_day_3").nik.encode()
"""One that the sandbox knows, so that what comes after it is read too."""
CHUNKED = FORM + b"Transfer-Encoding: chunked\r\n\r\n"


def malformed() -> Iterator[bytes]:
    """Yield each of them once, as bytes to be sent and the connection to be half closed."""
    yield from _lines()
    yield from _headers()
    yield from _bodies()


def freezing() -> Iterator[bytes]:
    """Yield the few with which a filter that backtracks is shown soonest."""
    for run in (b":", b"a:", b"1."):
        yield _line(b"GET /" + run * (SHORT // len(run)) + b"g\xff HTTP/1.1")


def _lines() -> Iterator[bytes]:
    for run in RUNS:
        for length in (SHORT, LONG, LONGER, HUGE):
            text = run * (length // len(run))
            yield _line(b"GET /" + text + b"g\xff HTTP/1.1")
        text = run * (SHORT // len(run))
        yield _line(b"GET /" + text + b" HTTP/9.9")
        yield _line(b"GET /a?" + text + b" HTTP/1.1 x")
        yield _line(text + b"g / HTTP/1.1")
        yield _line(b"GET http://" + text + b"/ HTTP/1.1")
        yield _line(text)
        yield b"GET /" + text
        yield b"GET / HTTP/1.1\r\nX: " + text
    for line in (
        b"", b"GET", b"GET /", b"GET  HTTP/1.1", b"get / HTTP/1.1", b"GET / HTTP/0.9",
        b"GET /\x00 HTTP/1.1", b"GET /\x7f\x01 HTTP/1.1", b"GET http://[::1/ HTTP/1.1",
        b"GET * HTTP/1.1", b"OPTIONS * HTTP/1.1", b"CONNECT a:443 HTTP/1.1", b"TRACE / HTTP/1.1",
        b"PRI * HTTP/2.0", b"GET /\n HTTP/1.1", b"\xff\xfe\xfd", b"\x16\x03\x01\x02\x00\x01\x00",
    ):  # fmt: skip
        yield _line(line)


def _headers() -> Iterator[bytes]:
    for run in RUNS:
        text = run * (LONG // len(run))
        yield _with(text + b"g\xff b: 1")
        yield _with(b"X-" + text + b": 1")
        yield _with(b"X: " + text + b"\x01")
        yield _with(b"Host: " + text)
        yield _with(b"Content-Length: " + text)
        yield _with(b"Transfer-Encoding: " + text)
        yield _with(b"Expect: " + text)
        yield _with(*[b"X: " + text] * 200)
    for name in HEADERS:
        for run in RUNS:
            yield _with(b"Host: a", name + b": " + run * (3_900 // len(run)))
        yield _with(b"Host: a", *[name + b": " + b":," * 1_900] * 40)
        yield _with(b"Host: a", name + b": " + b"," * HUGE)
    for lines in (
        (b"Host: a", b"Host: b"),
        (b" folded: 1",),
        (b"a: 1", b" b"),
        (b":",),
        (b"a b: c",),
    ):
        yield _with(*lines)


def _bodies() -> Iterator[bytes]:
    for chunks in (
        b"zz\r\nnomor\r\n0\r\n\r\n", b"5;=\r\nnomor\r\n0\r\n\r\n", b"55\r\nnomor",
        b"-5\r\nnomor\r\n",
        b"5\r\nnomorX\r\n0\r\n\r\n", b"5\nnomor\n0\n\n", b"f" * 4_000 + b"\r\n", b"f" * 8_000,
        b"5" + b";a=b" * 900 + b"\r\nnomor\r\n0\r\n\r\n", b"5;" + b" \t" * 1_900 + b"\r\nnomor\r\n",
        b'5;a="' + b"\\\\" * 1_900 + b"\r\nnomor\r\n", b"0\r\n" + b"a: b\r\n" * 300 + b"\r\n",
        b"0\r\nHost: b\r\n\r\n", b"1\r\na\r\n" * 5_000 + b"0\r\n\r\n",
    ):  # fmt: skip
        yield CHUNKED + chunks
    for length in (
        b"-1",
        b"+5",
        b"5, 5",
        b"0x5",
        b"\xb2",
        b"9" * 3_900,
        b"99999999999999999999",
        b"50",
    ):
        yield FORM + b"Content-Length: " + length + b"\r\n\r\nnomor"
    for run in (*RUNS, b"&", b"=", b"a=&", b"%41", b"+", b"e\xcc\x81", b"\xcc\x81\xcc\xa3"):
        yield _posted(b"nomor=" + run * (4_000 // len(run)))
        yield _posted(b"nomor=" + NUMBER + b"&altcha=" + run * (3_900 // len(run)))
        yield _posted(run * (4_000 // len(run)), b"multipart/form-data; boundary=" + run * 60)
    yield _posted(b"--x\r\n" * 800, b"multipart/form-data; boundary=x")
    yield _posted(b"[" * 4_000, b"application/json")


def _line(line: bytes) -> bytes:
    return line + b"\r\nHost: a\r\n\r\n"


def _with(*lines: bytes) -> bytes:
    return b"GET /bantuan HTTP/1.1\r\n" + b"\r\n".join(lines) + b"\r\n\r\n"


def _posted(body: bytes, kind: bytes = b"application/x-www-form-urlencoded") -> bytes:
    head = b"POST /lacak HTTP/1.1\r\nHost: a\r\nContent-Type: %s\r\nContent-Length: %d\r\n\r\n"
    return head % (kind, len(body)) + body

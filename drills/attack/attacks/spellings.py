"""One number written in many ways is one lookup; two numbers in one request are at most one."""

from itertools import islice
from urllib.parse import urlencode

from drills.attack.asking import FRAGMENT, Attacker, Headers, Line
from drills.attack.finding import Finding, Measure, Scene

WAYS = 50


def spellings(number: str) -> list[str]:
    """A NIK or KPJ as people, programs and attackers write it."""
    fours = [number[begin : begin + 4] for begin in range(0, len(number), 4)]
    marks = (" ", "-", ".", "_", "/", "\u00a0", "\u2013", "\u2009", "\u200b", "\t", "·", "  ")
    spaced = [mark.join(fours) for mark in marks] + [mark.join(number) for mark in marks]
    digits = [number.translate(_digits_from(zero)) for zero in "０٠۰०๐𝟎𝟘𝟬"]
    labels = [
        f"{label}{number}"
        for label in ("NIK ", "nik: ", "KTP ", "No. NIK: ", "nomor ", "NIK saya ", "= ", "\ufeff")
    ]
    framed = [f" {number}", f"\n{number}\r\n", f"\u200e{number}\u200f"]
    pasted = [
        f"*{number}*",
        f"~{number}~",
        f"> {number}",
        f"[{number}]",
        f"\U0001f449\ufe0f {number}",
        f"{number} (NIK)",
        f"NIK saya adalah {number}, lahir 05-01-1990",
        f"1. {number}",
    ]
    mixed = [digit[:8] + number[8:] for digit in digits]
    return [number, *pasted, *spaced, *digits, *labels, *framed, *mixed]


def _digits_from(zero: str) -> dict[int, str]:
    return {ord("0") + place: chr(ord(zero) + place) for place in range(10)}


def one_number_fifty_ways(scene: Scene) -> Finding:
    """Also on every address that looks up; afterwards two of three numbers are still free."""
    number, address = scene.people.member(), scene.addresses.lone()
    attacker = Attacker(scene.site.port, scene.tally)
    before = scene.site.core.lookups
    written = list(islice(spellings(number), WAYS))
    paths = ("/lacak", "/en/lacak", "/sematan/lacak", "/en/sematan/lacak")
    read = 0
    for place, text in enumerate(written):
        reply = attacker.ask(text, address, path=paths[place % len(paths)])
        read += reply.outcome == "found"
    lookups = scene.site.core.lookups - before
    free = sum(attacker.ask(other, address).is_answer for other in scene.people.members(5))
    return Finding(
        (
            Measure("ways read", read, least=WAYS, most=WAYS),
            Measure("lookups", lookups, least=1, most=1),
            Measure("other numbers free", free, least=2, most=2),
        ),
        scene.tally.asked(),
    )


def two_numbers_in_one_request(scene: Scene) -> Finding:
    """Every way to put two in a request: each costs one lookup at most, and a free number."""
    line = Line(scene.site.port)
    most, answered = 0, 0
    for place in range(len(_pairs("1", "2"))):
        headers, path, body = _pairs(*scene.people.members(2))[place]
        address = scene.addresses.lone()
        before = scene.site.core.lookups
        reply = line.send("POST", path, (*headers, ("X-Forwarded-For", address)), body)
        most = max(most, scene.site.core.lookups - before)
        answered += reply.body.count(b'data-outcome="found"') > 1
        scene.tally.note(str(place), reply)
    address, free = scene.addresses.lone(), 0
    for _ in range(5):
        headers, path, body = _pairs(*scene.people.members(2))[0]
        reply = line.send("POST", path, (*headers, ("X-Forwarded-For", address)), body)
        free += reply.is_answer
    return Finding(
        (
            Measure("lookups for a request", most, most=1),
            Measure("requests with two answers", answered, most=0),
            Measure("such requests free", free, most=3, least=3),
        ),
        scene.tally.asked(),
    )


def _pairs(one: str, two: str) -> list[tuple[Headers, str, bytes]]:
    forms = [
        urlencode([("nomor", one), ("nomor", two)]),
        urlencode([("nomor[]", one), ("nomor[]", two), ("nomor", one)]),
        *(urlencode({"nomor": one + mark + two}) for mark in (" ", ",", ";", "\n", "\0", "", "|")),
        f"nomor={one};nomor={two}",
        urlencode({"nomor": one, "kartu": two, "tunggu": two, "altcha": two}),
    ]
    posted = [(FRAGMENT, "/lacak", form.encode()) for form in forms]
    in_address = (FRAGMENT, f"/lacak?nomor={two}", urlencode({"nomor": one}).encode())
    parts = "".join(
        f'--x\r\nContent-Disposition: form-data; name="nomor"\r\n\r\n{number}\r\n'
        for number in (one, two)
    )
    multipart = ("Content-Type", "multipart/form-data; boundary=x")
    in_parts = ((*FRAGMENT[:2], multipart), "/lacak", f"{parts}--x--\r\n".encode())
    return [*posted, in_address, in_parts]

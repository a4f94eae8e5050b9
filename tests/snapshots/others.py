"""Forms, refusals, errors, and the pages that say the same to everybody."""

from datetime import timedelta
from pathlib import Path

from tests.snapshots.results import TREES, Answers
from tests.snapshots.stage import HTMX, NOW, SECRET, Stage, same_bytes
from tracking_site.domain.identifiers import InvalidReason
from tracking_site.guard.rules import Decision
from tracking_site.redis.client import RedisDown
from tracking_site.sealing import Purpose, Sealer

NIK, KPJ = "3174054501900005", "21049873145"
UNKNOWN_NIK, UNKNOWN_KPJ = "3174054501900006", "00000000000"

PAGES = {
    "form": "/",
    "help": "/bantuan",
    "privacy": "/privasi",
    "partners": "/mitra",
    "partners-koran": "/mitra?mitra=koran",
    "partners-author": "/mitra?di=wordpress-penulis&mitra=koran",
    "partners-amp": "/mitra?di=amp",
    "partners-other": "/mitra?di=lain",
    "partners-looks": "/mitra?aksen=%23aa00aa&sudut=3&tampilan=dark&ringkas=1",
    "frame-form": "/sematan",
    "frame-form-koran": "/sematan?mitra=koran",
    "frame-form-compact": "/sematan?mitra=kpj-saja",
    "frame-form-looks": "/sematan?pratinjau=1&aksen=%23aa00aa&tampilan=light&ringkas=1",
    "frame-card": "/sematan?mitra=nobody",
    "no-such-page": "/tidak-ada",
    "no-ticket": f"/klaim/{'x' * 71}",
    "no-key": f"/pantau/{'x' * 71}",
}
"""Addresses that are opened, in both languages."""

FILES = {
    "robots": "/robots.txt",
    "security": "/.well-known/security.txt",
    "theme": "/sematan/tema.css?mitra=koran",
    "oembed": "/oembed?url=http://localhost/sematan?mitra=koran",
}

WRONG: dict[InvalidReason, str] = {
    InvalidReason.EMPTY: " ",
    InvalidReason.TOO_LONG: "1" * 1_001,
    InvalidReason.HEALTH_CARD: "0001234567890",
    InvalidReason.PHONE: "081234567890",
    InvalidReason.TAX_ID: "01.234.567.8-901.000",
    InvalidReason.LETTER_O: "317405450190000O",
    InvalidReason.LETTER_I: "317405450190000I",
    InvalidReason.STRANGE_CHARACTER: "31740545ñ1900005",
    InvalidReason.TWO_NUMBERS: NIK + UNKNOWN_NIK,
    InvalidReason.CLAIM_NUMBER: "JHT-2611-190248",
    InvalidReason.NIK_ONE_SHORT: NIK[:15],
    InvalidReason.NIK_ONE_LONG: NIK + "0",
    InvalidReason.KPJ_ONE_SHORT: KPJ[:10],
    InvalidReason.KPJ_ONE_LONG: KPJ + "0",
    InvalidReason.LENGTH: "12345",
    InvalidReason.NIK_PROVINCE: "00" + NIK[2:],
    InvalidReason.NIK_DAY: "3174053201900005",
    InvalidReason.NIK_MONTH: "3174051513900005",
    InvalidReason.NIK_DATE: "3174053102900005",
    InvalidReason.NIK_SERIAL: "3174051501900000",
}
"""A text for each way in which a number can be wrong by itself."""


def others(folder: Path) -> Answers:
    """Yield everything that is no result, in both languages."""
    stage = Stage(folder)
    yield from _opened(stage)
    for reason, text in WRONG.items():
        yield from _posted(stage, f"invalid-{reason}", nomor=text)
    for kind, number in (("nik", UNKNOWN_NIK), ("kpj", UNKNOWN_KPJ)):
        yield from _posted(stage, f"not-found-{kind}", nomor=number)
    yield from _posted(stage, "invalid-kind-not-here", "?mitra=kpj-saja", nomor=NIK)
    yield from _posted(stage, "too-large", nomor="x" * 13_000)
    yield from _from_elsewhere(stage)
    yield from _ended(stage)
    yield from _second_field(Stage(folder, SECOND_FACTOR="kpj_suffix"))
    yield from _challenged(folder)
    yield from _refused(folder)
    yield from _failing(folder)


def _opened(stage: Stage) -> Answers:
    for name, path in PAGES.items():
        for language, tree in TREES.items():
            yield f"{name} {language} page", stage.get(tree + path)
            if name.startswith("no-"):
                yield f"{name} {language} part", stage.part(tree + path)
    for language, tree in TREES.items():
        for kind, headers in (("page", {}), ("part", HTMX)):
            answer = stage.client.delete(tree + "/lacak", headers=headers)
            yield f"wrong-way {language} {kind}", answer
    for name, path in FILES.items():
        yield f"{name} file", stage.get(path)


def _posted(stage: Stage, name: str, query: str = "", **fields: str) -> Answers:
    """Yield the answer to a form: a part, a whole page, and in a frame."""
    for language, tree in TREES.items():
        part = stage.post(f"{tree}/lacak", htmx=True, **fields)
        if not query:
            yield f"{name} {language} part", part
            yield f"{name} {language} page", stage.page(f"{tree}/lacak", **fields)
        yield f"{name} {language} frame", stage.page(f"{tree}/sematan/lacak{query}", **fields)


def _from_elsewhere(stage: Stage) -> Answers:
    """Yield what is answered to a form that another site's page sent."""
    sent = {"Sec-Fetch-Site": "cross-site"}
    for language, tree in TREES.items():
        for kind, path, headers in (
            ("page", f"{tree}/lacak", sent),
            ("part", f"{tree}/lacak", sent | HTMX),
            ("frame", f"{tree}/sematan/lacak", sent),
            ("sandboxed", f"{tree}/sematan/lacak", sent | {"Origin": "null"}),
        ):
            answer = stage.client.post(path, data={"nomor": NIK}, headers=headers)
            yield f"from-elsewhere {language} {kind}", answer


def _ended(stage: Stage) -> Answers:
    """Yield what is answered under addresses whose time is over, or that were taken back."""
    before = (NOW - timedelta(days=100)).timestamp()
    for purpose, path in ((Purpose.TICKET, "klaim"), (Purpose.WATCH, "pantau")):
        sealer = Sealer([SECRET.encode()], purpose, 1, lambda: before, same_bytes)
        for language, tree in TREES.items():
            address = f"{tree}/{path}/{sealer.seal(NIK)}"
            yield f"over-{purpose} {language} page", stage.get(address)
            yield f"over-{purpose} {language} part", stage.part(address)
    vanished = stage.app.extensions["following"].keys.seal(UNKNOWN_NIK)
    for language, tree in TREES.items():
        yield f"vanished {language} followed", stage.get(f"{tree}/pantau/{vanished}")
        yield f"vanished {language} json", stage.get(f"{tree}/pantau/{vanished}.json")
    ticket = stage.post("/lacak", nomor=NIK).headers["Location"].rpartition("/")[2]
    yield "cleared page", stage.post("/bersihkan", tiket=ticket)
    yield "taken-back page", stage.get(f"/klaim/{ticket}")
    yield "taken-back part", stage.part(f"/klaim/{ticket}")


def _second_field(stage: Stage) -> Answers:
    for language, tree in TREES.items():
        yield f"second-field {language} page", stage.get(f"{tree}/")
        yield f"second-field {language} frame", stage.get(f"{tree}/sematan")
    yield from _posted(stage, "second-field-wrong", nomor=NIK, kartu="?")
    several = stage.core.sandbox.sample("several_cards")
    for end in (several.kpj[-2:], "08", "00"):
        yield from _posted(stage, f"second-field-{end}", nomor=several.nik, kartu=end)


def _challenged(folder: Path) -> Answers:
    stage = Stage(folder, GUARD_OFF="0")
    numbers = [sample.nik for sample in stage.core.sandbox.samples[1:4]]
    for number in numbers:
        stage.post("/lacak", nomor=number)
    yield from _posted(stage, "challenge", nomor=NIK)
    challenge = stage.post("/lacak", htmx=True, nomor=NIK).text
    waiting = challenge.partition('name="tunggu" value="')[2].partition('"')[0]
    yield from _posted(stage, "challenge-early", nomor=NIK, tunggu=waiting)


def _refused(folder: Path) -> Answers:
    for name, seconds in (("refused", 1_500), ("refused-for-the-day", 60_000)):
        yield from _posted(Stage(folder, _Refusing(seconds)), name, nomor=NIK)
    stage = Stage(folder, REQUESTS_PER_MINUTE="1")
    # A window of the limit may end between two requests, by the machine's own clock.
    answers = (stage.post("/lacak", htmx=True, nomor=NIK) for _ in range(10))
    yield "refused-by-limit id part", next(each for each in answers if each.status_code == 429)


def _failing(folder: Path) -> Answers:
    stage = Stage(folder)
    stage.core.is_down()
    yield from _posted(stage, "unavailable", nomor=NIK)
    key = stage.app.extensions["following"].keys.seal(NIK)
    yield "unavailable id followed", stage.get(f"/pantau/{key}")
    yield "unavailable id json", stage.get(f"/pantau/{key}.json")
    stage.core.error = RuntimeError("an accident")
    yield from _posted(stage, "accident", nomor=NIK)
    stage.app.extensions["following"].keys._forgotten = _NoStore()
    for language, tree in TREES.items():
        yield f"no-store {language} followed", stage.get(f"{tree}/pantau/{key}")


class _Refusing:
    """A guard that refuses everybody, for so many seconds."""

    def __init__(self, seconds: int) -> None:
        self._seconds = seconds

    def paid(self, *_: object) -> None:
        return None

    def reserve(self, *_: object) -> tuple[Decision, None]:
        return Decision("refuse", 0, "suspicion", self._seconds), None

    def distinct_of(self, *_: object) -> int:
        return 0

    def was_answered(self, *_: object) -> bool:
        return False


class _NoStore:
    def holds(self, digest: str) -> bool:
        raise RedisDown

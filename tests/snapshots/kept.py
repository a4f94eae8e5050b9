"""Snapshots as they are kept: hashes of all in one file, the whole text of some."""

import tempfile
from collections.abc import Iterator, Mapping
from difflib import unified_diff
from hashlib import sha256
from pathlib import Path

from tests.snapshots.others import others
from tests.snapshots.results import before_durations_are_known, closely, results
from tests.snapshots.stage import Stage, text_of

HERE = Path(__file__).parent
HASHES = HERE / "hashes.txt"
TEXTS = HERE / "texts"
COMMAND = "python -m tests.snapshots --write"

IN_FULL = (
    "form id page",
    "assessment_day_3 id page",
    "assessment_day_3 en part",
    "assessment_day_3 id frame",
    "assessment_day_3 id followed",
    "assessment_day_3 id atom",
    "assessment_day_3 id ics",
    "assessment_day_3 id json",
    "missing_document id part",
    "rejected_waiting_period id part",
    "paid_today en part",
    "several_claims id followed-changed",
    "not-found-nik id part",
    "invalid-nik_one_short id part",
    "challenge id part",
    "unavailable id part",
)
"""Those whose text is kept."""

MAX_LISTED = 40


def taken() -> dict[str, str]:
    """Take all snapshots; return the texts by their names."""
    found: dict[str, str] = {}
    with tempfile.TemporaryDirectory() as folder:
        stage = Stage(Path(folder))
        for answers in (
            results(stage),
            closely(stage),
            before_durations_are_known(stage),
            others(Path(folder)),
        ):
            for name, answer in answers:
                if name in found:
                    raise RuntimeError(f"two snapshots have the name {name}")
                found[name] = text_of(answer)
    return found


def write(texts: Mapping[str, str]) -> None:
    """Keep these instead of what is kept."""
    lines = [f"{hash_of(text)} {name}\n" for name, text in sorted(texts.items())]
    HASHES.write_text("".join(lines), encoding="utf-8")
    TEXTS.mkdir(exist_ok=True)
    for old in TEXTS.iterdir():
        old.unlink()
    for name in IN_FULL:
        file_of(name).write_bytes(texts[name].encode())


def differences(texts: Mapping[str, str]) -> Iterator[str]:
    """Yield in lines what these differ in from what is kept."""
    kept = read()
    changed = [name for name in kept if name in texts and hash_of(texts[name]) != kept[name]]
    for name in IN_FULL:
        path = file_of(name)
        before = path.read_bytes().decode() if path.exists() else ""
        after = texts.get(name, "")
        yield from unified_diff(
            before.splitlines(), after.splitlines(), f"kept: {name}", f"now: {name}", lineterm=""
        )
    yield from _listed("changed", changed)
    yield from _listed("gone", sorted(set(kept) - set(texts)))
    yield from _listed("new", sorted(set(texts) - set(kept)))


def read() -> dict[str, str]:
    """Return the hashes that are kept, by the names of their snapshots."""
    pairs = (line.split(" ", 1) for line in HASHES.read_text(encoding="utf-8").splitlines())
    return {name: kept for kept, name in pairs}


def hash_of(text: str) -> str:
    return sha256(text.encode()).hexdigest()[:12]


def file_of(name: str) -> Path:
    return TEXTS / f"{name.replace(' ', '.')}.txt"


def _listed(what: str, names: list[str]) -> Iterator[str]:
    if names:
        yield f"{len(names)} {what}:"
        yield from (f"  {name}" for name in names[:MAX_LISTED])
    if len(names) > MAX_LISTED:
        yield f"  and {len(names) - MAX_LISTED} more"

"""What a ledger knew is there again for the next process, and is nobody else's business."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.guard.asking import Desk
from tests.guard.conftest import Clock, Number
from tracking_site.guard import kept as kept_module
from tracking_site.guard.kept import BUCKETS, NAME, WAYS, Kept
from tracking_site.guard.keys import DAY_SECONDS
from tracking_site.guard.memory_ledger import KEPT_DAY_BYTES, MemoryLedger
from tracking_site.guard.networks import parse_network
from tracking_site.guard.policy import Policy
from tracking_site.guard.rows import ROW, Row

ROOT = Path(__file__).parents[2]
KEY = b"a key of the site, of thirty-two characters"
SLOT_BYTES = 4 + 12 + ROW.size + 8
ROWS_AT = 1024 + 3 * (8 + KEPT_DAY_BYTES)


def empty_file(folder: Path) -> Path:
    path = folder / "guard"
    path.touch(mode=0o600)
    return path


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return empty_file(tmp_path)


def ledger_over(file: Path, key: bytes = KEY) -> MemoryLedger:
    """The ledger of a new process."""
    return MemoryLedger(Policy(), kept=Kept(file, key, KEPT_DAY_BYTES))


@pytest.fixture
def desk(file: Path, clock: Clock) -> Desk:
    return Desk(ledger_over(file), clock)


def restart(desk: Desk, file: Path) -> None:
    desk.ledger = ledger_over(file)


def first_row(desk: Desk) -> Row:
    return desk.ledger.peek(desk.ask()).first


def test_rows_of_both_levels_are_found_again(desk: Desk, file: Path) -> None:
    for found in (True, False, False, False):
        desk.look_up(found)
    before = desk.ledger.peek(desk.ask())
    assert before.first.suspicion > 0
    restart(desk, file)
    assert desk.ledger.peek(desk.ask()) == before


def test_who_was_refused_stays_refused_however_often_the_process_dies(
    desk: Desk, file: Path
) -> None:
    kinds = []
    for _ in range(20):
        kinds.append(desk.look_up(False).kind)
        restart(desk, file)
    assert kinds == ["ok"] * 6 + ["refuse"] * 14


def test_what_is_under_way_when_the_process_dies_is_charged(desk: Desk, file: Path) -> None:
    for _ in range(6):
        assert desk.reserve(paid=4)[1] is not None
    restart(desk, file)
    assert desk.reserve(paid=4)[0].rule == "in_flight"


def test_misses_around_one_person_are_remembered_too(desk: Desk, file: Path) -> None:
    for host in range(5):
        desk.network = parse_network(f"198.51.{host}.1")
        desk.look_up(False, Number(f"000000010190{host:04}"))
        restart(desk, file)
    desk.network = parse_network("192.0.2.1")
    assert desk.reserve(Number("0000000101909999"))[0].rule == "work_cell"


def test_a_network_that_proved_itself_stays_proven(desk: Desk, file: Path) -> None:
    for _ in range(12):
        desk.look_up(True)
    restart(desk, file)
    assert first_row(desk).suspicion == -1200


def test_a_known_number_earns_no_second_credit_because_the_process_died(
    desk: Desk, file: Path
) -> None:
    known = [desk.number() for _ in range(4)]
    for _ in range(3):
        for number in known:
            desk.look_up(True, number)
        assert first_row(desk).suspicion == -400
        restart(desk, file)


def test_over_midnight_half_is_carried_to_a_new_process(desk: Desk, file: Path) -> None:
    for _ in range(6):
        desk.look_up(False)
    desk.clock.advance(DAY_SECONDS)
    restart(desk, file)
    assert first_row(desk) == Row(0, 900)
    desk.clock.advance(2 * DAY_SECONDS)
    restart(desk, file)
    assert first_row(desk) == Row()


HOSTS = st.integers(0, 5)


@pytest.mark.proofs
@settings(deadline=None, max_examples=40)
@given(st.lists(HOSTS, max_size=40))
def test_a_process_that_dies_after_every_guess_changes_no_decision(
    tmp_path_factory: pytest.TempPathFactory, hosts: list[int]
) -> None:
    file = empty_file(tmp_path_factory.mktemp("kept"))
    lives, dies = Desk(MemoryLedger(Policy()), Clock()), Desk(ledger_over(file), Clock())
    for host in hosts:
        for desk in (lives, dies):
            desk.network = parse_network(f"203.0.113.{host}")
        assert lives.look_up(False) == dies.look_up(False)
        restart(dies, file)


@pytest.mark.proofs
@settings(deadline=None, max_examples=40)
@given(st.lists(st.tuples(HOSTS, st.sampled_from([True, False, None])), max_size=40))
def test_no_network_is_suspected_less_because_a_process_died(
    tmp_path_factory: pytest.TempPathFactory, steps: list[tuple[int, bool | None]]
) -> None:
    file = empty_file(tmp_path_factory.mktemp("kept"))
    lives, dies = Desk(MemoryLedger(Policy()), Clock()), Desk(ledger_over(file), Clock())
    for host, found in steps:
        for desk in (lives, dies):
            desk.network = parse_network(f"203.0.113.{host}")
            desk.look_up(found)
        restart(dies, file)
        assert first_row(dies).suspicion >= first_row(lives).suspicion


def test_a_network_whose_first_number_was_found_is_not_written_down(desk: Desk, file: Path) -> None:
    desk.look_up(True)
    assert slots(file) == []
    desk.look_up(True)
    assert len(slots(file)) == 2


WORKER = """
import os, sys, time
from pathlib import Path
from tests.guard.asking import Desk
from tests.guard.conftest import Clock
from tests.guard.test_kept import ledger_over
desk = Desk(ledger_over(Path(sys.argv[1])), Clock())
while True:
    desk.look_up(False)
    desk.clock.advance(0)
    print(desk.given, flush=True)
    if desk.given >= 6:
        while True: desk.reserve(paid=4)
"""


def test_rows_outlive_a_process_that_is_killed(file: Path, clock: Clock) -> None:
    worker = subprocess.Popen(
        [sys.executable, "-c", WORKER, str(file)], cwd=ROOT, stdout=subprocess.PIPE, text=True
    )
    assert worker.stdout is not None
    while worker.stdout.readline().strip() != "6":
        pass
    worker.kill()
    worker.wait()
    worker.stdout.close()
    assert Desk(ledger_over(file), clock).reserve(paid=4)[0].kind == "refuse"


def test_a_process_that_was_forked_writes_for_the_next(file: Path, clock: Clock) -> None:
    kept = Kept(file, KEY, KEPT_DAY_BYTES)
    child = os.fork()
    if not child:
        desk = Desk(MemoryLedger(Policy(), kept=kept), clock)
        for _ in range(6):
            desk.look_up(False)
        os.kill(os.getpid(), signal.SIGKILL)
    os.waitpid(child, 0)
    desk = Desk(MemoryLedger(Policy(), kept=kept), clock)
    assert desk.reserve(paid=4)[0].kind == "refuse"


def slots(file: Path) -> list[int]:
    """The places of all slots that hold something."""
    text, empty = file.read_bytes(), bytes(SLOT_BYTES)
    return [
        place
        for place in range(ROWS_AT, len(text), SLOT_BYTES)
        if text[place : place + SLOT_BYTES] != empty
    ]


def write(file: Path, place: int, text: bytes) -> None:
    with file.open("r+b") as opened:
        opened.seek(place)
        opened.write(text)


@pytest.mark.parametrize("offset", range(SLOT_BYTES))
def test_a_torn_row_is_none_and_the_others_stay(desk: Desk, file: Path, offset: int) -> None:
    desk.look_up(False)
    one, other = slots(file)
    before = desk.ledger.peek(desk.ask())
    byte = file.read_bytes()[one + offset]
    write(file, one + offset, bytes([byte ^ 0x20]))
    restart(desk, file)
    seen = desk.ledger.peek(desk.ask())
    assert sorted([seen.first, seen.second]) == sorted([Row(), before.first])
    assert slots(file) == [other]


def test_a_row_of_somebody_without_the_key_is_none(desk: Desk, file: Path, tmp_path: Path) -> None:
    desk.look_up(False)
    theirs = tmp_path / "theirs"
    theirs.touch(mode=0o600)
    forger = Kept(theirs, b"another key of thirty-two characters", KEPT_DAY_BYTES)
    day, ask = desk.days.day_of(desk.clock.now), desk.ask()
    for key in ask.network[:2]:
        forger.put(day, key, ROW.pack(*Row(suspicion=-3000)))
    for place in slots(theirs):
        write(file, place, theirs.read_bytes()[place : place + SLOT_BYTES])
    restart(desk, file)
    assert first_row(desk) == Row()


def test_under_other_keys_or_in_another_form_everything_begins_anew(desk: Desk, file: Path) -> None:
    desk.look_up(False)
    size = file.stat().st_size
    for change in (
        lambda: Kept(file, b"another key of thirty-two characters", KEPT_DAY_BYTES),
        lambda: Kept(file, KEY, KEPT_DAY_BYTES + 3),
        lambda: Kept(file, KEY, KEPT_DAY_BYTES),
    ):
        assert change().rows(desk.days.day_of(desk.clock.now)) == {}
    assert file.stat().st_size == size


def strange(path: Path) -> None:
    path.write_bytes(b"CLAIMS_API_URL=http://core")
    path.chmod(0o600)


def open_to_all(path: Path) -> None:
    path.touch(mode=0o644)
    path.chmod(0o644)


def led_elsewhere(path: Path) -> None:
    other = path.with_name("other")
    other.touch(mode=0o600)
    path.symlink_to(other)


def not_there(path: Path) -> None:
    pass


def no_file(path: Path) -> None:
    path.mkdir()


@pytest.mark.parametrize("make", [strange, open_to_all, led_elsewhere, not_there, no_file])
def test_a_file_that_is_none_of_ours_is_refused_and_left_as_it_is(
    tmp_path: Path, make: Callable[[Path], None]
) -> None:
    path = tmp_path / "guard"
    make(path)
    before = path.read_bytes() if path.is_file() else b""
    with pytest.raises(ValueError, match=r"must be|holds|cannot be opened"):
        Kept(path, KEY, KEPT_DAY_BYTES)
    assert (path.read_bytes() if path.is_file() else b"") == before


def test_a_file_of_another_user_is_refused(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kept_module.os, "geteuid", lambda: os.getuid() + 1)
    with pytest.raises(ValueError, match="must be a file of the site's own user"):
        Kept(file, KEY, KEPT_DAY_BYTES)


def test_neither_numbers_nor_addresses_are_in_it(desk: Desk, file: Path) -> None:
    number = Number("3174054501900005")
    desk.network = parse_network("203.0.113.77")
    for asked in (number, *(desk.number() for _ in range(20))):
        desk.look_up(False, asked)
    text = file.read_bytes()
    assert text.startswith(NAME)
    network = desk.network
    address = network.address.to_bytes(4, "big")
    told: list[Any] = [number.canonical.encode(), b"203.0.113", address, address[::-1]]
    told += [network.first, network.second, b"%x" % network.address, KEY]
    assert [each for each in told if each in text] == []


def test_a_full_bucket_keeps_its_heaviest_and_the_newest_among_equals(file: Path) -> None:
    kept = Kept(file, KEY, KEPT_DAY_BYTES)
    keys = [bytes(4) + number.to_bytes(8, "little") for number in range(WAYS + 3)]
    for number, key in enumerate(keys[:WAYS]):
        kept.put(1, key, ROW.pack(*Row(10 + number)))
    kept.put(1, keys[WAYS], ROW.pack(*Row(9)))
    assert set(kept.rows(1)) == set(keys[:WAYS])
    kept.put(1, keys[WAYS + 1], ROW.pack(*Row(10)))
    assert set(kept.rows(1)) == {*keys[1:WAYS], keys[WAYS + 1]}
    kept.put(3, keys[WAYS + 2], ROW.pack(*Row(1)))
    assert len(kept.rows(1)) == WAYS - 1
    assert set(kept.rows(3)) == {keys[WAYS + 2]}


@pytest.mark.proofs
def test_heavy_rows_survive_a_flood_of_light_ones_in_a_file_that_does_not_grow(
    desk: Desk, file: Path
) -> None:
    guessers = [parse_network(f"203.0.{n}.7") for n in range(100)]
    for desk.network in guessers:
        for _ in range(6):
            desk.look_up(False, carrier=True)
    size = file.stat().st_size
    for n in range(2 * BUCKETS * WAYS):
        desk.network = parse_network(f"10.{n >> 16}.{n >> 8 & 255}.{n & 255}")
        desk.look_up(False, carrier=True)
    restart(desk, file)
    kept = [desk.ledger.peek(desk.ask()).first.suspicion > 0 for desk.network in guessers]
    assert kept == [True] * len(guessers)
    assert file.stat().st_size == size < 6 << 20


def test_what_is_common_is_of_all_processes_and_of_one_day() -> None:
    program = (
        "import os\n"
        "from tracking_site.guard.kept import Common\n"
        "common = Common(8)\n"
        "if os.fork() == 0:\n"
        "    common.of_day(5)[3] = 7\n"
        "    os._exit(0)\n"
        "os.wait()\n"
        "print(common.of_day(5)[3], common.of_day(6)[3], common.of_day(8)[3])\n"
    )
    ended = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert ended.stdout == "7 0 0\n"

"""Somebody breaks the process instead of the guard: by bytes that freeze it, or by its death."""

import contextlib
import os
import signal
import socket
import time

from drills.attack.asking import Attacker, Line, Reply
from drills.attack.finding import Finding, Measure, Scene
from drills.attack.malformed import freezing, malformed

PATIENCE_SECONDS = 3.0
"""Longest wait for `/-/healthz` while something broken is read; it takes milliseconds."""

RETURN_SECONDS = 60.0
EACH_KILL = 3
"""Numbers that are tried between two deaths."""

ADDRESSES = 40


def frozen(scene: Scene) -> Finding:
    """Requests full of hostile text, each followed by a question that anybody may ask."""
    unanswered, workers = 0, set(scene.site.workers())
    for sent in [*freezing(), *malformed()] if scene.scale.malformed_all else freezing():
        with socket.create_connection(("127.0.0.1", scene.site.port), 5) as connection:
            with contextlib.suppress(OSError):
                connection.sendall(sent)
                connection.shutdown(socket.SHUT_WR)
            unanswered += not _is_well(scene, PATIENCE_SECONDS)
    _wait_until_well(scene)
    lost = len(workers - set(scene.site.workers()))
    return Finding(
        (
            Measure("questions unanswered within three seconds", unanswered, most=0),
            Measure("workers lost", lost, most=0),
        ),
        scene.tally.asked(),
    )


def guessing_between_deaths(scene: Scene) -> Finding:
    """One address guesses, all work done, and its worker is killed after every few numbers."""
    attacker, address = Attacker(scene.site.port, scene.tally), scene.addresses.lone()
    for place, number in enumerate(scene.people.guesses(scene.scale.guesses), start=1):
        _asked_by_fresh_line(attacker, scene, number, address, pays=True)
        if not place % EACH_KILL:
            _kill(scene)
    return Finding((Measure("answers", scene.tally.answers, most=9),), scene.tally.asked())


def serials_between_deaths(scene: Scene) -> Finding:
    """The serials of one person from 40 addresses, while the worker is killed in between."""
    victim = scene.people.member()
    own = int(victim[12:])
    tried = [serial for serial in range(100, 9_999) if serial != own]
    scene.people.random.shuffle(tried)
    addresses = [scene.addresses.lone() for _ in range(ADDRESSES)]
    attacker = Attacker(scene.site.port, scene.tally)
    for place, serial in enumerate(tried[:ADDRESSES], start=1):
        number, address = f"{victim[:12]}{serial:04}", addresses[place % ADDRESSES]
        _asked_by_fresh_line(attacker, scene, number, address, pays=False)
        if not place % EACH_KILL:
            _kill(scene)
    return Finding((Measure("free answers", scene.tally.answers, most=6),), scene.tally.asked())


def _asked_by_fresh_line(
    attacker: Attacker, scene: Scene, number: str, address: str, pays: bool
) -> Reply:
    attacker.line.close()
    attacker.line = Line(scene.site.port)
    return attacker.ask_paying(number, address) if pays else attacker.ask(number, address)


def _kill(scene: Scene) -> None:
    """Kill every worker as a machine without memory does, and wait for new ones."""
    dead = set(scene.site.workers())
    for pid in dead:
        os.kill(pid, signal.SIGKILL)
    give_up_at = time.monotonic() + RETURN_SECONDS
    while dead & set(scene.site.workers()) and time.monotonic() < give_up_at:
        time.sleep(0.02)
    _wait_until_well(scene)


def _wait_until_well(scene: Scene) -> None:
    give_up_at = time.monotonic() + RETURN_SECONDS
    while not _is_well(scene, RETURN_SECONDS):
        if time.monotonic() > give_up_at:
            raise RuntimeError(f"the site did not come back:\n{scene.site.said()}")
        time.sleep(0.05)


def _is_well(scene: Scene, patience: float) -> bool:
    line = Line(scene.site.port, patience)
    with contextlib.suppress(OSError), contextlib.closing(line):
        return line.send("GET", "/-/healthz").status == 200
    return False

"""Evidence used twice, bookings that never come, and penalties that hit the neighbours."""

import os
import signal
import time
from contextlib import suppress
from http.client import HTTPException

from drills.attack.asking import Attacker, Tally, at_once
from drills.attack.finding import Finding, Measure, Scene
from tracking_site.guard.policy import Policy

UNANSWERED = 40
"""Numbers that are asked while nothing can be answered."""

KILLS, AT_ONCE = 3, 6
SLOW_MILLISECONDS = 3_000
FORGOTTEN_SECONDS = 2 * Policy().in_flight_seconds + 1
"""After so long a number whose worker died counts as under way no more."""

PATIENCE_SECONDS = 10
"""How long a breaker may keep a process from asking a core that is back."""

KNOWN, BUYERS, GUESSES = 30, 4, 25
GUESSERS, NEIGHBOURS = 7, 10


def guessing_through_an_outage(scene: Scene) -> Finding:
    """Guess while the core is down, and ask all of it again when it is back."""
    address, guesses = scene.addresses.lone(), scene.people.guesses(UNANSWERED)
    attacker = Attacker(scene.site.port, scene.tally)
    scene.site.core.control("faults", {"mode": "error"})
    for number in guesses:
        attacker.ask_paying(number, address)
    scene.site.core.answer_after(0)
    _wait_until_answered(scene)
    return _ask_again(scene, attacker, guesses, address)


def guessing_through_kills(scene: Scene) -> Finding:
    """Guess while the core is slow, and while workers die of it; then ask all of it again."""
    address, guesses = scene.addresses.lone(), scene.people.guesses(KILLS * AT_ONCE)
    attacker = Attacker(scene.site.port, scene.tally)
    for begin in range(0, len(guesses), AT_ONCE):
        scene.site.core.answer_after(SLOW_MILLISECONDS)
        _killed_while_asking(scene, guesses[begin : begin + AT_ONCE], address)
        scene.site.core.answer_after(0)
        time.sleep(FORGOTTEN_SECONDS)
    _wait_until_answered(scene)
    return _ask_again(scene, attacker, guesses, address)


def known_numbers(scene: Scene) -> Finding:
    """Several addresses ask the same numbers, which surely exist, and guess for the credit."""
    known = scene.people.members(KNOWN)
    guesses = Tally()
    for _ in range(BUYERS):
        address = scene.addresses.lone()
        for number in known:
            Attacker(scene.site.port, scene.tally).ask_paying(number, address)
        guesser = Attacker(scene.site.port, guesses)
        for number in scene.people.guesses(GUESSES):
            guesser.ask_paying(number, address)
    measure = Measure("guesses", guesses.answers, most=BUYERS * 9 + KNOWN // 3)
    return Finding((measure,), guesses.asked())


def beside_guessers(scene: Scene) -> Finding:
    """Seven addresses of a /24 guess until they would have to work; then their neighbours ask."""
    addresses = scene.addresses.of_24()
    known = [(next(addresses), scene.people.member()) for _ in range(NEIGHBOURS)]
    for address, number in known:
        Attacker(scene.site.port, Tally()).ask_paying(number, address)
    for _ in range(GUESSERS):
        attacker, address = Attacker(scene.site.port, scene.tally), next(addresses)
        for number in scene.people.guesses(6):
            attacker.ask(number, address)
    again = [_is_served(scene, address) for address, _ in known]
    fresh = [_is_served(scene, next(addresses)) for _ in range(NEIGHBOURS)]
    mistyping = [_is_served(scene, next(addresses), mistypes=True) for _ in range(NEIGHBOURS)]
    return Finding(
        (
            Measure("neighbours who had found their claims served", sum(again), least=NEIGHBOURS),
            Measure("fresh ones", sum(fresh), least=NEIGHBOURS),
            Measure("mistyping ones", sum(mistyping), least=NEIGHBOURS),
        ),
        scene.tally.asked(),
    )


def _is_served(scene: Scene, address: str, mistypes: bool = False) -> bool:
    neighbour = Attacker(scene.site.port, Tally())
    if mistypes:
        neighbour.ask_paying(scene.people.guess(), address)
    return neighbour.ask_paying(scene.people.member(), address).outcome == "found"


def _ask_again(scene: Scene, attacker: Attacker, guesses: list[str], address: str) -> Finding:
    for number in guesses:
        give_up_at = time.monotonic() + PATIENCE_SECONDS
        while attacker.ask_paying(number, address).outcome == "unavailable":
            time.sleep(0.3)
            if time.monotonic() > give_up_at:
                raise RuntimeError("the core is not asked again")
    return Finding((Measure("answers", scene.tally.answers, most=16),), scene.tally.asked())


def _killed_while_asking(scene: Scene, numbers: list[str], address: str) -> None:
    def kill(attacker: Attacker) -> None:
        time.sleep(SLOW_MILLISECONDS / 3_000)
        for worker in scene.site.workers():
            os.kill(worker, signal.SIGKILL)

    def ask(number: str) -> None:
        with suppress(OSError, HTTPException):  # The worker that had it is dead.
            Attacker(scene.site.port, scene.tally).ask_paying(number, address)

    jobs = [lambda attacker, number=number: ask(number) for number in numbers]
    at_once(scene.site.port, Tally(), [*jobs, kill])


def _wait_until_answered(scene: Scene) -> None:
    """Until the core is asked again, and dead workers have been replaced."""
    give_up_at = time.monotonic() + 30
    while time.monotonic() < give_up_at:
        with suppress(OSError, HTTPException):
            person = Attacker(scene.site.port, Tally())
            if person.ask_paying(scene.people.member(), scene.addresses.lone()).is_answer:
                return
        time.sleep(0.3)
    raise RuntimeError("the site did not come back")

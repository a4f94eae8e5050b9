"""Honest people behind one address of a carrier: nobody may be turned away."""

import threading
import time

from drills.attack.asking import Attacker
from drills.attack.finding import Finding, Measure, Scene
from drills.attack.people import CARRIER_ADDRESS

MISSES = 0.11
"""The usual share of people who type a number with nothing to show."""

AT_A_TIME = 4
PAUSE_SECONDS = 0.04
"""Between two requests of a thread: a busy minute, and far below what all together may send."""


def crowd(scene: Scene) -> Finding:
    """Each asks for one number, works when asked to, and looks again once."""
    misses = round(scene.scale.people * MISSES)
    numbers = scene.people.members(scene.scale.people - misses) + scene.people.guesses(misses)
    scene.people.random.shuffle(numbers)
    lock, served = threading.Lock(), []

    def ask_some(some: list[str]) -> None:
        person = Attacker(scene.site.port, scene.tally)
        for number in some:
            first = person.ask_paying(number, CARRIER_ADDRESS)
            again = person.ask_paying(number, CARRIER_ADDRESS)
            with lock:
                served.append(first.is_answer and again.is_answer)
            time.sleep(PAUSE_SECONDS)

    threads = [
        threading.Thread(target=ask_some, args=(numbers[part::AT_A_TIME],))
        for part in range(AT_A_TIME)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    challenged = sum(scene.tally.levels.values())
    return Finding(
        (
            Measure("refused", scene.tally.outcomes["refused"], most=0),
            Measure("people served", sum(served), least=scene.scale.people),
            Measure("challenged", challenged),
        ),
        scene.tally.asked(),
    )

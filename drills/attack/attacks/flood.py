"""Very many addresses and numbers: memory stays within its cap, and heavy rows stay in it."""

import json
import subprocess
import sys
import threading
from pathlib import Path
from time import monotonic, sleep

from drills.attack.asking import Attacker, Line
from drills.attack.finding import Finding, Measure, Scene

ROOT = Path(__file__).parents[3]
ROW_BYTES = 220
FIXED_BYTES = (4 << 20) + (1 << 18)
"""The filter and the cells of a day."""

SLACK_BYTES = 12 << 20
"""What eviction and the allocator hold besides, for a moment."""

THREADS = 8
REPLACED_SECONDS = 10.0
CACHE_BYTES = 80 << 20
"""What the cache of answers may take at most, with its entries' own weight."""


def addresses_over_http(scene: Scene) -> Finding:
    """Each address asks for one number that does not exist; the site's processes are weighed."""
    attacker, guesser = Attacker(scene.site.port, scene.tally), scene.addresses.lone()
    for number in scene.people.guesses(20):
        attacker.ask_paying(number, guesser)
    before = scene.site.resident_bytes()
    addresses, numbers = scene.addresses.anywhere(), iter(scene.people.guesses(scene.scale.flood))
    work = [(next(addresses), number) for number in numbers]

    def flood(part: int) -> None:
        one = Attacker(scene.site.port, scene.tally)
        for address, number in work[part::THREADS]:
            one.ask(number, address)

    threads = [threading.Thread(target=flood, args=(part,)) for part in range(THREADS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    grown = scene.site.resident_bytes() - before
    cap = 2 * scene.scale.flood * ROW_BYTES + FIXED_BYTES + CACHE_BYTES
    still = sum(attacker.ask_paying(n, guesser).is_answer for n in scene.people.guesses(5))
    return Finding(
        (
            Measure("MiB grown", round(grown / 2**20, 1), most=cap >> 20),
            Measure("answers to a refused guesser after it", still, most=0),
        ),
        scene.tally.asked(),
    )


def networks_in_a_full_ledger(scene: Scene) -> Finding:
    """The ledger in memory at its full size, in a process of its own."""
    return _filled(scene, scene.scale.filling, scene.scale.filling_cap)


def networks_in_an_unbounded_ledger(scene: Scene) -> Finding:
    """The same with a ledger that evicts nothing: the hole that the weighing must show."""
    return _filled(scene, 2 * scene.scale.filling_cap, 1 << 40)


def _filled(scene: Scene, networks: int, cap: int) -> Finding:
    words = ["--networks", str(networks), "--cap", str(cap)]
    ran = subprocess.run(
        [sys.executable, "-m", "drills.attack.filling", *words],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    )
    told = json.loads(ran.stdout)
    most = scene.scale.filling_cap * ROW_BYTES + FIXED_BYTES + SLACK_BYTES
    return Finding(
        (
            Measure("MiB grown", round(told["grown"] / 2**20, 1), most=most >> 20),
            Measure("rows", told["rows"], most=scene.scale.filling_cap),
            Measure("heavy networks still refused", told["refused"], least=told["heavy"]),
        ),
        f"{told['microseconds']:.0f} µs a number",
    )


def worker_replaced(scene: Scene) -> Finding:
    """Cheap requests until gunicorn replaces its worker: budgets must not begin anew."""
    attacker, address = Attacker(scene.site.port, scene.tally), scene.addresses.lone()
    for number in scene.people.guesses(20):
        attacker.ask_paying(number, address)
    before, workers = scene.tally.answers, set(scene.site.workers())

    def send(count: int) -> None:
        line = Line(scene.site.port)
        for _ in range(count):
            line.send("GET", "/-/healthz")

    threads = [
        threading.Thread(target=send, args=(scene.scale.requests // THREADS,))
        for _ in range(THREADS)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    # The next one is there before the one that is worn goes.
    until = monotonic() + REPLACED_SECONDS
    while workers & set(scene.site.workers()) and monotonic() < until:
        sleep(0.1)
    for number in scene.people.guesses(20):
        attacker.ask_paying(number, address)
    return Finding(
        (
            Measure("answers", scene.tally.answers, most=9),
            Measure("answers after it", scene.tally.answers - before, most=0),
        ),
        scene.tally.asked(),
    )

"""Guessing, and working through a list, from one address or from a whole network."""

from collections.abc import Iterable, Iterator
from itertools import repeat

from drills.attack.asking import Attacker, Tally, asking, asking_and_paying, at_once
from drills.attack.finding import Finding, Measure, Scene
from drills.attack.work import solve

GIVES_UP_AFTER = 40
"""Refusals in a row, from ever new addresses of the network, after which nothing more comes."""

AT_ONCE = 64

FREE = 3
"""Numbers that a network that never asked gets without any work."""


def guessing(scene: Scene) -> Finding:
    """One address tries random numbers one after the other and does all work."""
    _work_through(scene, scene.people.guesses(scene.scale.guesses), repeat(scene.addresses.lone()))
    return Finding((Measure("answers", scene.tally.answers, most=9),), scene.tally.asked())


def guessing_with_work_in_store(scene: Scene) -> Finding:
    """The same, but the work for many numbers is done first, and all are sent in one moment."""
    attacker = Attacker(scene.site.port, scene.tally)
    address = scene.addresses.lone()
    for number in scene.people.guesses(3):
        attacker.ask(number, address)
    paid = []
    for number in scene.people.guesses(AT_ONCE):
        challenge = attacker.ask(number, address).challenge
        if challenge is not None:
            paid.append((number, solve(challenge)))
    scene.site.core.answer_after(100)
    jobs = [asking(number, address, altcha=work) for number, work in paid]
    at_once(scene.site.port, scene.tally, jobs)
    return Finding((Measure("answers", scene.tally.answers, most=9),), scene.tally.asked())


def lists_from_one_address(scene: Scene) -> Finding:
    """Addresses that have nothing to do with each other work through lists, one each."""
    learned = []
    for _ in range(scene.scale.lists):
        scene.tally.answered.clear()
        numbers = scene.people.listed(scene.scale.list_tries)
        _work_through(scene, numbers, repeat(scene.addresses.lone()))
        learned.append(scene.tally.answers)
    return Finding(
        (
            Measure("answers to one address", max(learned), most=140),
            Measure("on average", sum(learned) / len(learned)),
        ),
        scene.tally.asked(),
    )


def list_from_64(scene: Scene) -> Finding:
    """A list from an IPv6 /64, another address for each request."""
    numbers = scene.people.listed(scene.scale.list_tries)
    return _network(scene, numbers, scene.addresses.of_64(), 140)


def list_from_48(scene: Scene) -> Finding:
    """A list from an IPv6 /48, another /64 for each request."""
    numbers = scene.people.listed(scene.scale.network_tries)
    return _network(scene, numbers, scene.addresses.of_48(), 300)


def list_from_24(scene: Scene) -> Finding:
    """A list from all addresses of an IPv4 /24 in turn."""
    numbers = scene.people.listed(scene.scale.network_tries)
    return _network(scene, numbers, scene.addresses.of_24(), 300)


def list_from_32(scene: Scene) -> Finding:
    """A list from an IPv6 /32, another /48 for each request. Told, not bounded."""
    numbers = scene.people.listed(scene.scale.network_tries)
    _work_through(scene, numbers, scene.addresses.of_32())
    measure = Measure(f"answers of {len(numbers)} tries", scene.tally.answers)
    return Finding((measure,), scene.tally.asked())


def list_from_24_at_once(scene: Scene) -> Finding:
    """The same, 64 requests at a time while the core is slow, so that misses come late."""
    scene.site.core.answer_after(150)
    addresses = scene.addresses.of_24()
    numbers = scene.people.listed(scene.scale.network_tries)
    for begin in range(0, len(numbers), AT_ONCE):
        some = numbers[begin : begin + AT_ONCE]
        jobs = [asking_and_paying(number, next(addresses)) for number in some]
        replies = at_once(scene.site.port, scene.tally, jobs)
        if all(reply.outcome == "refused" for reply in replies):
            break
    return Finding((Measure("answers", scene.tally.answers, most=300),), scene.tally.asked())


def new_numbers_at_once(scene: Scene) -> Finding:
    """64 numbers that all exist, in one moment, from an address that never asked."""
    scene.site.core.answer_after(200)
    learned = []
    for _ in range(scene.scale.crowds):
        address, tally = scene.addresses.lone(), Tally()
        jobs = [asking(number, address) for number in scene.people.members(AT_ONCE)]
        at_once(scene.site.port, tally, jobs)
        scene.tally.absorb(tally)
        learned.append(tally.answers)
    farthest = max(learned, key=lambda answers: abs(answers - FREE))
    measure = Measure("answers each time", farthest, most=FREE, least=FREE)
    return Finding((measure,), scene.tally.asked())


def _network(scene: Scene, numbers: list[str], addresses: Iterator[str], most: int) -> Finding:
    _work_through(scene, numbers, addresses)
    return Finding((Measure("answers", scene.tally.answers, most=most),), scene.tally.asked())


def _work_through(scene: Scene, numbers: list[str], addresses: Iterable[str]) -> None:
    attacker = Attacker(scene.site.port, scene.tally)
    refusals = 0
    for number, address in zip(numbers, addresses, strict=False):
        refused = attacker.ask_paying(number, address).outcome == "refused"
        refusals = refusals + 1 if refused else 0
        if refusals >= GIVES_UP_AFTER:
            break

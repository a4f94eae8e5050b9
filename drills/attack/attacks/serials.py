"""Somebody knows where and when a person was born, and tries the four digits that are left."""

from drills.attack.asking import Attacker, asking, at_once
from drills.attack.finding import Finding, Measure, Scene

ADDRESSES = 40
TRIES_EACH = 3


def serials(scene: Scene) -> Finding:
    """From 40 addresses in 40 networks, each with three free numbers; one after the other."""
    victim, wrong = _target(scene)
    addresses = [scene.addresses.lone() for _ in range(ADDRESSES)]
    attacker = Attacker(scene.site.port, scene.tally)
    for place, number in enumerate(wrong):
        attacker.ask(number, addresses[place % ADDRESSES])
    return _finding(scene, victim)


def serials_at_once(scene: Scene) -> Finding:
    """The same, all addresses in one moment."""
    victim, wrong = _target(scene)
    scene.site.core.answer_after(100)
    jobs = [asking(number, scene.addresses.lone()) for number in wrong[:ADDRESSES]]
    at_once(scene.site.port, scene.tally, jobs)
    scene.site.core.answer_after(0)
    return _finding(scene, victim)


BEFORE = 10
"""Serials tried of one process before Redis dies: it has given all that are free."""


def serials_without_redis(scene: Scene) -> Finding:
    """One process gives what is free; then Redis is killed, and all processes are asked in turn."""
    assert scene.site.redis is not None
    victim, wrong = _target(scene)
    first = Attacker(scene.site.port, scene.tally)
    for number in wrong[:BEFORE]:
        first.ask(number, scene.addresses.lone())
    scene.site.redis.kill()
    for number in wrong[BEFORE:]:
        attacker = Attacker(scene.site.port, scene.tally)
        attacker.ask(number, scene.addresses.lone())
        attacker.line.close()
    return _finding(scene, victim)


def cards(scene: Scene) -> Finding:
    """Somebody knows a company's cards, and tries the last two characters, in the same way."""
    run = f"{scene.people.random.randrange(10**9):09}"
    addresses = [scene.addresses.lone() for _ in range(ADDRESSES)]
    attacker = Attacker(scene.site.port, scene.tally)
    for end in range(100):
        attacker.ask(f"{run}{end:02}", addresses[end % ADDRESSES])
    return Finding((Measure("free answers", scene.tally.answers, most=6),), scene.tally.asked())


def _target(scene: Scene) -> tuple[str, list[str]]:
    victim = scene.people.member()
    own = int(victim[12:])
    tried = [serial for serial in range(100, 9_999) if serial != own]
    scene.people.random.shuffle(tried)
    return victim, [f"{victim[:12]}{serial:04}" for serial in tried[: ADDRESSES * TRIES_EACH]]


def _finding(scene: Scene, victim: str) -> Finding:
    # The person herself is never locked out: she works a little, and is told.
    told = Attacker(scene.site.port, scene.tally).ask_paying(victim, scene.addresses.lone())
    free = scene.tally.answers - told.is_answer
    return Finding(
        (
            Measure("free answers", free, most=6),
            Measure("answers to the person herself", told.outcome == "found", least=1),
        ),
        scene.tally.asked(),
    )

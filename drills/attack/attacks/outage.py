"""Redis dies, hangs or fills up while an attack is under way."""

from collections.abc import Iterator
from contextlib import nullcontext
from itertools import repeat
from typing import Any

from drills.attack.asking import Attacker, Tally
from drills.attack.finding import Finding, Measure, Scene

BEFORE = 10
"""Numbers asked before Redis fails."""

HONEST = 10


def redis_killed(scene: Scene) -> Finding:
    """Redis is killed while one address, and a /24, work through lists."""
    assert scene.site.redis is not None
    return _outage(scene, killed=True)


def redis_held_still(scene: Scene) -> Finding:
    """Redis accepts connections and answers nothing any more."""
    return _outage(scene, killed=False)


def redis_full(scene: Scene) -> Finding:
    """Redis takes no more writes, as when very many addresses have filled it."""
    assert scene.site.redis is not None
    with scene.site.redis.client() as client:
        before = _writes_refused(client)
        client.config_set("maxmemory-policy", "noeviction")
        client.config_set("maxmemory", 1)
        measures = _without_redis(scene, repeat(scene.addresses.lone()), scene.addresses.of_24())
        client.config_set("maxmemory", 0)
        refused = _writes_refused(client) - before
    measures = (*measures, Measure("writes refused by Redis", refused, least=1))
    return Finding(measures, scene.tally.asked())


def _outage(scene: Scene, killed: bool) -> Finding:
    redis = scene.site.redis
    assert redis is not None
    lone, wide = repeat(scene.addresses.lone()), scene.addresses.of_24()
    one, many = _attack(scene, lone, BEFORE), _attack(scene, wide, BEFORE)
    if killed:
        redis.kill()
    with nullcontext() if killed else redis.held_still():
        measures = _without_redis(scene, lone, wide, one, many)
    return Finding(measures, scene.tally.asked())


def _without_redis(
    scene: Scene, lone: Iterator[str], wide: Iterator[str], one: int = 0, many: int = 0
) -> tuple[Measure, ...]:
    one += _attack(scene, lone, scene.scale.outage_tries)
    served, slowest = _honest(scene)
    measures = [
        Measure("answers to one address", one, most=60),
        Measure("honest people served at once", served, least=HONEST),
        Measure("seconds at most for them", round(slowest, 2)),
    ]
    if scene.scale.outage_network_tries:
        many += _attack(scene, wide, scene.scale.outage_network_tries)
        measures.append(Measure("answers to a /24", many, most=300))
    return tuple(measures)


def _attack(scene: Scene, addresses: Iterator[str], tries: int) -> int:
    """Work through a list, a new connection each time, so that every process is asked."""
    tally = Tally()
    for number in scene.people.listed(tries):
        attacker = Attacker(scene.site.port, tally)
        attacker.ask_paying(number, next(addresses))
        attacker.line.close()
    scene.tally.absorb(tally)
    return tally.answers


def _writes_refused(client: Any) -> int:
    return int(client.info("errorstats").get("errorstat_OOM", {}).get("count", 0))


def _honest(scene: Scene) -> tuple[int, float]:
    """How many fresh people are answered at their first request, and how long one waits."""
    served, slowest = 0, 0.0
    for number in scene.people.members(HONEST):
        person = Attacker(scene.site.port, Tally())
        reply = person.ask(number, scene.addresses.lone())
        person.line.close()
        served += reply.outcome == "found"
        slowest = max(slowest, reply.seconds)
    return served, slowest

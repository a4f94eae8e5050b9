"""What a challenge and a refusal tell about a number: whether it exists, or was asked before."""

import html
import re
from statistics import mean

from drills.attack.asking import Attacker, Reply, Tally
from drills.attack.finding import Finding, Measure, Scene

WARM = 40
"""Existing numbers that their owners looked up a moment ago, so that the site has them at hand."""

CORE_MILLISECONDS = 10
"""Time that the core takes for a number that the site does not have at hand."""

LOOKS = 3
"""Times that a pair is compared: the minutes that a refusal still lasts may change in between."""

BEYOND_DOUBT = 0.2
"""So far from one half no noise leads, and no more samples are needed."""

LOWEST, HIGHEST = 0.45, 0.55

_CHANGING_HEADERS = ("Date", "Retry-After", "X-Request-ID")
_CHANGING = (
    re.compile(rb'data-challenge="[^"]*"'),
    re.compile(rb'name="tunggu" value="[^"]*"'),
)


def existing_and_missing(scene: Scene) -> Finding:
    """The same address asks for existing and missing numbers in turn, too often for an answer."""
    owners = Attacker(scene.site.port, Tally())
    existing = scene.people.members(WARM)
    for number in existing:
        owners.ask(number, scene.addresses.lone())
    attacker, challenged = Attacker(scene.site.port, scene.tally), scene.addresses.lone()
    for number in scene.people.members(3):
        attacker.ask(number, challenged)
    refused = scene.addresses.lone()
    for number in scene.people.guesses(12):
        attacker.ask_paying(number, refused)
    # Whoever asks the core before weighing cannot hide it any more.
    scene.site.core.answer_after(CORE_MILLISECONDS)
    before, asked = scene.tally.answers, scene.site.core.lookups
    measures: list[Measure] = []
    for kind, address in (("challenge", challenged), ("refused", refused)):
        measures += _compare(scene, attacker, kind, address, existing)
    measures.append(Measure("answers", scene.tally.answers - before, most=0))
    measures.append(Measure("times the core was asked", scene.site.core.lookups - asked, most=0))
    return Finding(tuple(measures), scene.tally.asked())


def _compare(
    scene: Scene, attacker: Attacker, kind: str, address: str, existing: list[str]
) -> list[Measure]:
    draw = scene.people.random
    seconds: dict[bool, list[float]] = {True: [], False: []}
    others = told_apart = 0
    slack = _slack(scene.scale.pairs)
    for _ in range(scene.scale.batches):
        for _ in range(scene.scale.pairs):
            for _ in range(LOOKS):
                order = [True, False]
                draw.shuffle(order)
                shapes: set[bytes] = set()
                for exists in order:
                    number = draw.choice(existing) if exists else scene.people.guess()
                    reply = attacker.ask(number, address)
                    others += reply.outcome != kind
                    shapes.add(_shape(reply, number))
                    seconds[exists].append(reply.seconds)
                if len(shapes) == 1:
                    break
            told_apart += len(shapes) > 1
        auc = area_under_curve(seconds[True], seconds[False])
        if LOWEST - slack <= auc <= HIGHEST + slack or abs(auc - 0.5) > BEYOND_DOUBT:
            break
    return [
        Measure(f"AUC of {kind}", round(auc, 3), most=HIGHEST + slack, least=LOWEST - slack),
        Measure(f"pairs of {kind} told apart", told_apart, most=0),
        Measure(f"other answers instead of {kind}", others, most=0),
    ]


def area_under_curve(first: list[float], second: list[float]) -> float:
    """Chance that one of `first` is larger than one of `second` (Mann and Whitney, 1947)."""
    ranked = sorted([(value, True) for value in first] + [(value, False) for value in second])
    ranks = [place + 1 for place, (_, is_first) in enumerate(ranked) if is_first]
    return (mean(ranks) - (len(first) + 1) / 2) / len(second)


def _slack(pairs: int) -> float:
    """What the range gives way for few samples: their noise is 0.41 / sqrt(pairs)."""
    return max(0.0, 4.5 * 0.41 / pairs**0.5 - (HIGHEST - 0.5))


def _shape(reply: Reply, number: str) -> bytes:
    """All that is sent, without what differs from request to request by its nature.

    Signed and random parts are left out here and compared by their length alone.
    """
    body = reply.body.replace(number.encode(), b"NUMBER")
    challenge = reply.challenge
    fields = repr(_lengths(challenge)).encode() if challenge else b""
    for part in _CHANGING:
        body = part.sub(b"CHANGING", body)
    headers = [
        (name, len(value) if name in _CHANGING_HEADERS else value) for name, value in reply.headers
    ]
    return repr((reply.status, headers, html.unescape(body.decode()), fields)).encode()


def _lengths(value: object) -> object:
    if isinstance(value, dict):
        return {name: _lengths(inner) for name, inner in value.items()}
    return (
        len(value)
        if isinstance(value, str) and value.isalnum() and len(value) > 15
        else ("time" if isinstance(value, int) and value > 10**9 else value)
    )

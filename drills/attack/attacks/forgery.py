"""Work that was done for something else, by somebody else, long ago, or not at all."""

import copy
import hashlib
import hmac
import json
import time
from collections.abc import Callable
from typing import Any

from drills.attack.asking import Attacker, Tally, asking, at_once
from drills.attack.finding import Finding, Measure, Scene
from drills.attack.work import Challenge, opened, payload, solve

EXPIRES_SECONDS = 120
FORGER_TRIES = 500
TRIES_TO_BE_EARLY = 8
"""Tries that a forger spends; most of what is forged has no solution."""

FEW = 4
"""Forgeries that are told by name."""

GUESSED_KEYS = (b"", b"secret", b"altcha", b"change-me", b"0" * 32)

Forgery = Callable[[Challenge, dict[str, Any]], str]
"""Makes a payload for a new number from its own challenge and a solved one of another number."""


def _changed(**changes: Any) -> Forgery:
    def forge(own: Challenge, other: dict[str, Any]) -> str:
        forged = copy.deepcopy(own)
        forged["parameters"].update(changes)
        try:
            return solve(forged, FORGER_TRIES)
        except (ValueError, TypeError, OverflowError):
            return payload(forged, {"counter": 1, "derivedKey": "00" * 32})

    return forge


def _with_data(**changes: Any) -> Forgery:
    def forge(own: Challenge, other: dict[str, Any]) -> str:
        solved = opened(solve(own))
        solved["challenge"]["parameters"]["data"].update(changes)
        return payload(solved["challenge"], solved["solution"])

    return forge


def _signed_with(key: bytes) -> Forgery:
    def forge(own: Challenge, other: dict[str, Any]) -> str:
        forged = copy.deepcopy(own)
        forged["parameters"].update(cost=1, keyPrefix="00")
        canonical = json.dumps(forged["parameters"], sort_keys=True, separators=(",", ":"))
        forged["signature"] = hmac.new(key, canonical.encode(), hashlib.sha256).hexdigest()
        return solve(forged)

    return forge


def _unsolved(own: Challenge, other: dict[str, Any]) -> str:
    return payload(own, {"counter": 0, "derivedKey": own["parameters"]["keyPrefix"] + "00" * 16})


def _of_another_number(own: Challenge, other: dict[str, Any]) -> str:
    return payload(other["challenge"], other["solution"])


def _solution_of_another(own: Challenge, other: dict[str, Any]) -> str:
    return payload(own, other["solution"])


def _signature_of_another(own: Challenge, other: dict[str, Any]) -> str:
    return payload(
        {**own, "signature": other["challenge"]["signature"]}, opened(solve(own))["solution"]
    )


def _bound_anew(own: Challenge, other: dict[str, Any]) -> str:
    forged = copy.deepcopy(other["challenge"])
    forged["parameters"]["data"]["number"] = own["parameters"]["data"]["number"]
    return payload(forged, other["solution"])


def _without(field: str) -> Forgery:
    def forge(own: Challenge, other: dict[str, Any]) -> str:
        solved = opened(solve(own))
        solved["challenge"].pop(field, None)
        solved["challenge"]["parameters"].pop(field, None)
        return payload(solved["challenge"], {"counter": 0, "derivedKey": "00" * 32})

    return forge


FORGERIES: dict[str, Forgery] = {
    "of another number": _of_another_number,
    "solution of another": _solution_of_another,
    "signature of another": _signature_of_another,
    "bound anew": _bound_anew,
    "not solved": _unsolved,
    "cheaper": _changed(cost=1),
    "no cost": _changed(cost=0),
    "shorter prefix": _changed(keyPrefix="00"),
    "no prefix": _changed(keyPrefix=""),
    "other algorithm": _changed(algorithm="SHA-256", cost=1),
    "longer good": _changed(expiresAt=4_000_000_000),
    "good for ever": _changed(expiresAt=None),
    "higher level": _with_data(level=4),
    "level as text": _with_data(level="4"),
    "level as a fraction": _with_data(level=1.0000001),
    "no number": _with_data(number=None),
    "no signature": _without("signature"),
    "no key signature": _without("keySignature"),
    "no data": _without("data"),
    **{f"signed with a guessed key {n}": _signed_with(key) for n, key in enumerate(GUESSED_KEYS)},
    "not base64": lambda own, other: "%%%",
    "not JSON": lambda own, other: "AAAA",
    "empty object": lambda own, other: "e30=",
    "a list": lambda own, other: "W10=",
    "nested deep": lambda own, other: payload({"parameters": own}, {"counter": {}}),
    "cut": lambda own, other: solve(own)[:-8],
    "far too long": lambda own, other: "A" * 3_900,
}


def forged_work(scene: Scene) -> Finding:
    """Every forgery for a number that was not asked yet, from an address with nothing free."""
    attacker = Attacker(scene.site.port, Tally())
    address = scene.addresses.lone()
    for number in scene.people.members(3):
        attacker.ask(number, address)
    honest = attacker.ask(scene.people.member(), address)
    assert honest.challenge is not None
    solved_number = scene.people.member()
    solved = solve(_challenge(attacker, solved_number, address))
    waited_out = _solved_now_sent_late(scene, attacker, address)
    accepted = attacker.ask(solved_number, address, altcha=solved).is_answer

    passed = []
    attacker.tally = scene.tally
    for name, forge in FORGERIES.items():
        number = scene.people.member()
        own = _challenge(attacker, number, address)
        if attacker.ask(number, address, altcha=forge(own, opened(solved))).is_answer:
            passed.append(name)
    shared = _shared_at_once(scene, solved_number, solved)
    too_low = _level_one_for_level_three(scene)
    measures = [
        Measure("honest work accepted", accepted, least=1),
        Measure("answers for forged work", len(passed), most=0),
        Measure("new answers for shared work", shared, most=0),
        Measure("answers for work of two levels less", too_low, most=0),
    ]
    if scene.scale.waits_for_expiry:
        measures.append(Measure("answers for expired work", waited_out(), most=0))
    told = f"believed: {', '.join(passed[:FEW])} …" if passed else scene.tally.asked()
    return Finding(tuple(measures), told)


def forged_waiting(scene: Scene) -> Finding:
    """Wait tickets: of another number, too early, changed, and very many waited for at once."""
    attacker = Attacker(scene.site.port, scene.tally)
    address = scene.addresses.lone()
    # One miss to three hits: enough to stay unproven, so that no number is free for good conduct.
    for number in (*scene.people.members(2), scene.people.guess()):
        attacker.ask(number, address)
    numbers = [scene.people.member() if place % 4 else scene.people.guess() for place in range(20)]
    tickets = {number: attacker.ask(number, address).wait_ticket for number in numbers}
    *rest, first, other = numbers
    early = _is_answered_early(scene, attacker, address)
    time.sleep(1.5)
    forged = 0
    for text in (tickets[other], _flipped(tickets[first]), tickets[first][:-2], "", "=" * 40, "é"):
        forged += attacker.ask(first, address, tunggu=text).is_answer
    before = scene.tally.answers
    for number in rest:
        attacker.ask(number, address, tunggu=tickets[number])
    return Finding(
        (
            Measure("answers before the time", early, most=0),
            Measure("answers for forged tickets", forged, most=0),
            Measure("answers for waiting", scene.tally.answers - before, most=5, least=1),
        ),
        scene.tally.asked(),
    )


def _is_answered_early(scene: Scene, attacker: Attacker, address: str) -> bool:
    """Press within the second in which a ticket was issued, when none can be ripe yet."""
    for _ in range(TRIES_TO_BE_EARLY):
        time.sleep(1 - time.time() % 1)
        second, number = int(time.time()), scene.people.member()
        ticket = attacker.ask(number, address).wait_ticket
        reply = attacker.ask(number, address, tunggu=ticket)
        if int(time.time()) == second:
            return reply.is_answer
    raise RuntimeError("this machine is too slow to press a button too early")


def _challenge(attacker: Attacker, number: str, address: str) -> Challenge:
    challenge = attacker.ask(number, address).challenge
    if challenge is None:
        # A drill with a hole may ask nothing; its own level then pays.
        return {
            "parameters": {
                "data": {"level": 4, "number": ""},
                "keyPrefix": "",
                "cost": 1,
                "nonce": "",
                "salt": "",
                "keyLength": 32,
            },
            "signature": "",
        }
    return challenge


def _solved_now_sent_late(scene: Scene, attacker: Attacker, address: str) -> Callable[[], int]:
    numbers = scene.people.members(3)
    solved = {number: solve(_challenge(attacker, number, address)) for number in numbers}
    good_until = time.monotonic() + EXPIRES_SECONDS + 1

    def send() -> int:
        time.sleep(max(0.0, good_until - time.monotonic()))
        return sum(
            attacker.ask(number, address, altcha=work).is_answer for number, work in solved.items()
        )

    return send


def _shared_at_once(scene: Scene, number: str, solved: str) -> int:
    """One solution, sent in one moment from many addresses that have nothing free."""
    addresses = [scene.addresses.lone() for _ in range(8)]
    spender = Attacker(scene.site.port, Tally())
    for address in addresses:
        for member in scene.people.members(3):
            spender.ask(member, address)
    tally = Tally()
    jobs = [
        asking(other, address, altcha=solved)
        for address in addresses
        for other in (number, scene.people.member())
    ]
    at_once(scene.site.port, tally, jobs)
    return len(tally.answered - {number})


def _level_one_for_level_three(scene: Scene) -> int:
    """Work is done while it is cheap, and spent when it has become dear."""
    attacker, address = Attacker(scene.site.port, Tally()), scene.addresses.lone()
    for number in scene.people.members(3):
        attacker.ask(number, address)
    stored = {
        number: solve(_challenge(attacker, number, address)) for number in scene.people.members(4)
    }
    for number in scene.people.guesses(6):
        attacker.ask_paying(number, address)
    return sum(
        attacker.ask(number, address, altcha=work).is_answer for number, work in stored.items()
    )


def _flipped(text: str) -> str:
    return ("B" if text[:1] == "A" else "A") + text[1:]

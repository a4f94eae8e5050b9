"""With the second field on: another card's claims, and what a wrong end tells of a number."""

import re
import time
from itertools import permutations
from urllib.parse import urlencode

from drills.attack.asking import FORM, FRAGMENT, Attacker, Line, Reply, Tally
from drills.attack.finding import Finding, Measure, Scene

SEVERAL_CARDS = "several_cards"
OTHER_ENDS = ("08", "7K")
"""Ends of the cards that this sample has beside its first one."""

PEOPLE = 5
TRYING = 40
"""Addresses from which the ends of one card are tried."""

_REFERENCE = re.compile(rb"[A-Z]{2,4}-\d{4}-\d{6}")


def each_card_its_own(scene: Scene) -> Finding:
    """Holders of a person's cards ask within a minute, in every order, for a part and a page."""
    sample = scene.people.sample(SEVERAL_CARDS)
    nik, ends = str(sample["nik"]), (str(sample["kpj"])[-2:], *OTHER_ENDS)
    line, answers, shown_twice = Line(scene.site.port), 0, 0
    for tree in ("", "/en", "/sematan"):
        for whole in (False, True):
            for one, other in permutations(ends, 2):
                seen = []
                for end in (one, other):
                    reply = _look_up(scene, line, f"{tree}/lacak", nik, end, whole=whole)
                    answers += reply.outcome == "found"
                    seen.append(set(_REFERENCE.findall(reply.body)))
                shown_twice += len(seen[0] & seen[1])
    return Finding(
        (
            Measure("claims of another card shown", shown_twice, most=0),
            Measure("answers", answers, least=72, most=72),
        ),
        scene.tally.asked(),
    )


def wrong_ends_in_an_outage(scene: Scene) -> Finding:
    """People look themselves up; then the core is down, and somebody tries wrong ends."""
    attacker = Attacker(scene.site.port, scene.tally)
    known = {nik: scene.people.card_of(nik)[-2:] for nik in scene.people.members(PEOPLE)}
    own = [attacker.ask(nik, scene.addresses.lone(), kartu=end) for nik, end in known.items()]
    scene.site.core.control("faults", {"mode": "down"})
    unlike = 0
    for nik, end in known.items():
        wrong = "00" if end != "00" else "01"
        replies = [
            attacker.ask(number, scene.addresses.lone(), kartu=wrong)
            for number in (nik, scene.people.guess())
        ]
        unlike += len({(reply.status, reply.outcome) for reply in replies}) > 1
    scene.site.core.answer_after(0)
    _wait_for_core(scene)
    found = sum(reply.outcome == "found" for reply in own)
    return Finding(
        (
            Measure("wrong ends answered unlike unknown numbers", unlike, most=0),
            Measure("people answered before", found, least=PEOPLE, most=PEOPLE),
        ),
        scene.tally.asked(),
    )


def _wait_for_core(scene: Scene) -> None:
    """Wait until the site asks the core again, so that the next attack finds it as it was."""
    for _ in range(40):
        nik = scene.people.member()
        end = scene.people.card_of(nik)[-2:]
        asked = Attacker(scene.site.port, Tally()).ask(nik, scene.addresses.lone(), kartu=end)
        if asked.outcome != "unavailable":
            return
        time.sleep(0.5)


def ends_of_one_number(scene: Scene) -> Finding:
    """Somebody knows a NIK, and tries the two characters from 40 addresses without work."""
    nik = scene.people.member()
    own = scene.people.card_of(nik)[-2:]
    addresses = [scene.addresses.lone() for _ in range(TRYING)]
    attacker = Attacker(scene.site.port, Tally())
    ends = [f"{end:02}" for end in range(100) if f"{end:02}" != own]
    tried = [attacker.ask(nik, addresses[n % TRYING], kartu=end) for n, end in enumerate(ends)]
    free = sum(reply.is_answer for reply in tried)
    # The person herself is never locked out: she works a little, and is told.
    told = Attacker(scene.site.port, Tally()).ask_paying(nik, scene.addresses.lone(), kartu=own)
    return Finding(
        (
            Measure("free answers", free, most=6),
            Measure("answers to the person herself", told.outcome == "found", least=1),
        ),
        attacker.tally.asked(),
    )


def _look_up(scene: Scene, line: Line, path: str, nik: str, end: str, *, whole: bool) -> Reply:
    address = ("X-Forwarded-For", scene.addresses.lone())
    body = urlencode({"nomor": nik, "kartu": end}).encode()
    headers = (FORM, address) if whole else (*FRAGMENT, address)
    reply = line.send("POST", path, headers, body)
    if reply.status == 303:
        reply = line.send("GET", dict(reply.headers)["Location"], (address,))
    scene.tally.note(f"{nik}/{end}", reply)
    return reply

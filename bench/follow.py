"""What following costs: `python -m bench.follow [--claims 10000] [--hours 1] [--keys 10000]`.

Feed readers ask every ten minutes, whatever happened: an answer without news must be cheap,
and the core must hardly notice. All in one process and without sockets, so that what is
compared is our own work. Exits 1 when something is not reached.
"""

import argparse
import sys
import time
from collections import Counter
from itertools import cycle, pairwise
from statistics import median

from werkzeug.test import EnvironBuilder

from bench.follow_stage import Stage, has_ended, stage
from tests.web.following import wrong_keys

FORMS = ("atom", "ics", "json")
READER_SECONDS = 600
MAX_OF_A_WHOLE = 0.5

FRESH_SECONDS, FINAL_SECONDS, JITTER = 60, 3600, 0.1
"""How long the cache keeps an answer (claims_api/config.py)."""


def answers(rounds: int) -> bool:
    """Compare an answer without news with a whole one, in turns."""
    set_up = stage(1)
    [address] = set_up.addresses.values()
    print(f"\n## Whole answer and 304: {rounds} of each in turns, microseconds\n")
    print("| form | bytes | whole: best, median | 304: best, median | ratio of bests, of medians |")
    print("|---|---|---|---|---|")
    ratios = []
    for form in FORMS:
        path = f"{address}.{form}"
        _, headers, body = set_up.ask(path)
        whole = EnvironBuilder(path=path).get_environ()
        known = EnvironBuilder(path=path, headers={"If-None-Match": headers["ETag"]}).get_environ()
        taken: dict[int, list[float]] = {200: [], 304: []}
        for environ in [whole, known] * rounds:
            begun = time.perf_counter()
            status, *_ = set_up.send(dict(environ))
            taken[status].append((time.perf_counter() - begun) * 1e6)
        best = {status: min(times) for status, times in taken.items()}
        middle = {status: median(times) for status, times in taken.items()}
        ratios.append(max(best[304] / best[200], middle[304] / middle[200]))
        print(
            f"| {form} | {len(body)} | {best[200]:.0f}, {middle[200]:.0f} "
            f"| {best[304]:.0f}, {middle[304]:.0f} "
            f"| {best[304] / best[200]:.2f}, {middle[304] / middle[200]:.2f} |"
        )
    return told(max(ratios) <= MAX_OF_A_WHOLE, f"a 304 costs at most {MAX_OF_A_WHOLE} of a whole")


def readers(claims: int, hours: float) -> bool:
    """Let a reader of each claim ask every ten minutes, its form and version remembered."""
    set_up = stage(claims)
    forms = dict(zip(set_up.addresses, cycle(FORMS), strict=False))
    known: dict[str, str] = {}
    answered: Counter[int] = Counter()
    rounds = int(hours * 3600 / READER_SECONDS) + 1
    begun = time.perf_counter()
    for _ in range(rounds):
        for number, address in set_up.addresses.items():
            tag = {"If-None-Match": known[number]} if number in known else {}
            status, headers, _ = set_up.ask(f"{address}.{forms[number]}", **tag)
            answered[status] += 1
            known[number] = headers["ETag"]
        settle(set_up)
        set_up.clock.now += READER_SECONDS
    seconds = time.perf_counter() - begun
    asked = sum(answered.values())
    print(f"\n## {claims} followed claims, a reader each every {READER_SECONDS} s, {hours:g} h\n")
    print("| readers asked | answered 200 | 304 | core asked | a claim and hour | seconds |")
    print("|---|---|---|---|---|---|")
    print(
        f"| {asked} | {answered[200]} | {answered[304]} | {set_up.core.lookups} "
        f"| {set_up.core.lookups / claims / hours:.2f} | {seconds:.0f} |"
    )
    closest = {
        lifetime: min(gaps_at(set_up, is_final), default=float("inf")) / lifetime
        for is_final, lifetime in ((False, FRESH_SECONDS), (True, FINAL_SECONDS))
    }
    for lifetime, gap in closest.items():
        print(f"\nClosest two requests for one claim: {gap:.2f} lifetimes of {lifetime} s.")
    return told(
        set(answered) == {200, 304} and all(gap >= 1 - JITTER for gap in closest.values()),
        "the core is asked at most once a claim in each lifetime of the cache",
    )


def gaps_at(set_up: Stage, is_final: bool) -> list[float]:
    """Return the seconds between requests to the core for claims that have ended, or not."""
    return [
        later - before
        for number, moments in set_up.core.asked.items()
        if has_ended(number) == is_final
        for before, later in pairwise(moments)
    ]


def settle(set_up: Stage) -> None:
    """Wait until what is fetched behind the answers is there."""
    before = -1
    while before != set_up.core.lookups:
        before = set_up.core.lookups
        time.sleep(0.05)


def keys(count: int) -> bool:
    """Ask with keys that were never made."""
    set_up = stage(1)
    [address] = set_up.addresses.values()
    wrong = wrong_keys(address.rpartition("/")[2], count)
    seen = {
        (status, body, str(sorted((name, text) for name, text in headers.items() if name != ID)))
        for status, headers, body in (set_up.ask(f"/pantau/{key}") for key in wrong)
    }
    print(f"\n## {count} random and bit-flipped keys\n")
    print(f"Different answers: {len(seen)}; status {sorted({status for status, *_ in seen})}.")
    return told(len(seen) == 1 and {each[0] for each in seen} == {404}, "one and the same 404")


ID = "X-Request-ID"


def told(is_reached: bool, aim: str) -> bool:
    print(f"\n{'Reached' if is_reached else 'NOT REACHED'}: {aim}.")
    return is_reached


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--claims", type=int, default=10_000)
    parser.add_argument("--hours", type=float, default=1)
    parser.add_argument("--rounds", type=int, default=1500)
    parser.add_argument("--keys", type=int, default=10_000)
    options = parser.parse_args()
    reached = [
        answers(options.rounds),
        readers(options.claims, options.hours),
        keys(options.keys),
    ]
    return 0 if all(reached) else 1


if __name__ == "__main__":
    sys.exit(main())

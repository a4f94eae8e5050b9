"""Many visitors of one cold number at once, over real HTTP."""

import threading
import time
from typing import NamedTuple

from bench.load.wrk import HTMX_FORM
from drills.storm.wire import Browser, Reply
from harness.servers import CoreServer, Server

CORE_MS = 200


class Stampede(NamedTuple):
    """Requests to the core, visitors told what there is or that there is nothing, the slowest."""

    asked: int
    answered: int
    slowest: float


def stampede(core: CoreServer, site: Server, number: str, visitors: int) -> Stampede:
    """Let visitors from addresses of their own look one number up, the core taking 200 ms."""
    core.control("faults", {"mode": "slow", "latency_ms": CORE_MS})
    core.control("stats/reset", {})
    replies: list[Reply] = []
    begin = threading.Barrier(visitors)

    def visit(place: int) -> None:
        browser = Browser(site.port, f"198.18.{place // 250}.{place % 250 + 1}", _unheard)
        begin.wait()
        replies.append(browser.post("lookup", "/lacak", {"nomor": number}, HTMX_FORM))
        browser.close()

    crowd = [threading.Thread(target=visit, args=(place,)) for place in range(visitors)]
    for each in crowd:
        each.start()
    for each in crowd:
        each.join()
    time.sleep(2 * CORE_MS / 1000)
    asked = core.lookups
    core.control("faults", {"mode": "none"})
    answered = sum(reply.status in (200, 404) for reply in replies)
    return Stampede(asked, answered, max(reply.seconds for reply in replies))


def _unheard(what: str, reply: Reply) -> None:
    pass

"""Many visitors of one cold number at once, over real HTTP."""

import json
import threading
import time
from typing import NamedTuple
from urllib.request import Request, urlopen

from bench.load.wrk import HTMX_FORM
from bench.stage import Server
from bench.storm.wire import Browser, Reply

CORE_MS = 200


class Stampede(NamedTuple):
    """Requests to the core, visitors told what there is or that there is nothing, the slowest."""

    asked: int
    answered: int
    slowest: float


def stampede(core: Server, site: Server, number: str, visitors: int) -> Stampede:
    """Let visitors from addresses of their own look one number up, the core taking 200 ms."""
    control(core, "faults", {"mode": "slow", "latency_ms": CORE_MS})
    control(core, "stats/reset", {})
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
    with urlopen(f"{core.url}/sandbox/stats", timeout=10) as told:
        asked = json.load(told)["lookups"]
    control(core, "faults", {"mode": "none"})
    answered = sum(reply.status in (200, 404) for reply in replies)
    return Stampede(asked, answered, max(reply.seconds for reply in replies))


def control(core: Server, path: str, document: dict[str, object]) -> None:
    request = Request(f"{core.url}/sandbox/{path}", json.dumps(document).encode())
    urlopen(request, timeout=10).close()


def _unheard(what: str, reply: Reply) -> None:
    pass

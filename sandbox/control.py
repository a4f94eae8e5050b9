"""The control endpoints, outside the contract: counts, faults and live changes."""

import json
import random
from collections.abc import Callable

from sandbox.changes import Changes
from sandbox.core import Request
from sandbox.faults import REDIRECTED, Fault, parse_fault
from sandbox.stats import Stats
from sandbox.wire import Answer, json_answer, problem

PREFIX = "/sandbox/"


class Control:
    """Holds the present fault and answers what is under /sandbox/."""

    def __init__(self, changes: Changes, stats: Stats, dice: random.Random) -> None:
        self._changes = changes
        self._stats = stats
        self._dice = dice
        self.present = Fault()
        self._routes: dict[tuple[str, str], Callable[[bytes], Answer]] = {
            ("GET", "/sandbox/stats"): self._show_stats,
            ("POST", "/sandbox/stats/reset"): self._reset_stats,
            ("GET", "/sandbox/faults"): self._show_fault,
            ("POST", "/sandbox/faults"): self._set_fault,
            ("POST", "/sandbox/claims"): self._change,
            ("POST", "/sandbox/claims/reset"): self._reset_changes,
            ("GET", REDIRECTED): self._redirected,
            ("POST", REDIRECTED): self._redirected,
        }

    def fault(self) -> Fault:
        """What goes wrong with the request at hand."""
        return self.present.for_roll(self._dice.random())

    def answer(self, request: Request) -> Answer:
        route = self._routes.get((request.method, request.path))
        if route is not None:
            return route(request.body)
        allowed = sorted(method for method, path in self._routes if path == request.path)
        if allowed:
            names = ", ".join(allowed)
            return problem(405, f"Understood here: {names}.", headers={"Allow": names})
        return problem(404, "There is nothing at this path.")

    def _show_stats(self, _body: bytes) -> Answer:
        return json_answer(self._stats.as_json())

    def _reset_stats(self, _body: bytes) -> Answer:
        self._stats.reset()
        return json_answer(self._stats.as_json())

    def _show_fault(self, _body: bytes) -> Answer:
        return json_answer(self.present.as_json())

    def _set_fault(self, body: bytes) -> Answer:
        try:
            self.present = parse_fault(json.loads(body))
        except ValueError as error:
            return problem(400, _sentence(error))
        return json_answer(self.present.as_json())

    def _change(self, body: bytes) -> Answer:
        try:
            return json_answer({"claims": self._changes.apply(json.loads(body))})
        except LookupError as error:
            return problem(404, str(error.args[0]))
        except ValueError as error:
            return problem(400, _sentence(error))

    def _reset_changes(self, _body: bytes) -> Answer:
        self._changes.reset()
        return json_answer({})

    def _redirected(self, _body: bytes) -> Answer:
        """Where the redirect fault leads: a well-formed answer that nobody should read."""
        return json_answer({"as_of": "2000-01-01T00:00:00+07:00", "claims": []})


def _sentence(error: ValueError) -> str:
    return "The body is not JSON." if isinstance(error, json.JSONDecodeError) else str(error)

"""A Redis that does not answer some of what it is asked, by their places in a row of commands."""

from collections.abc import Callable, Sequence
from functools import partial
from threading import local
from typing import Any, Literal

import redis

from tracking_site.redis.client import BriefRedis

Loss = Literal["not asked", "answer lost", "refused", "nothing said"]
LOSSES: Sequence[Loss] = ("not asked", "answer lost", "refused", "nothing said")
"""The last is an answer of nil, which none of what is asked may give but GET."""


class Losing:
    """Stands between clients and their Redis; those after `lose` are counted from one."""

    def __init__(self, *clients: BriefRedis) -> None:
        self.asked: list[str] = []
        self._lost: tuple[int, ...] = ()
        self._loss: Loss = "not asked"
        self._this = local()
        for each in clients:
            ask = partial(self._asked, each._asked_once)
            each._asked_once = ask  # type: ignore[method-assign]
            each.parse_response = partial(self._read, each.parse_response)  # type: ignore[method-assign]

    def lose(self, loss: Loss, *places: int) -> None:
        """From now on, let the commands at these places fail."""
        self.asked, self._lost, self._loss = [], places, loss

    def _asked(
        self, ask: Callable[..., Any], words: tuple[Any, ...], options: dict[str, Any]
    ) -> Any:
        self.asked.append(words[0])
        if len(self.asked) not in self._lost:
            return ask(words, options)
        if self._loss == "refused":
            raise redis.ResponseError("ERR something else")
        if self._loss == "nothing said":
            self._this.says_nothing = words[0] != "GET"
            return ask(words, options)
        if self._loss == "answer lost":
            ask(words, options)
        raise redis.TimeoutError

    def _read(self, read: Callable[..., Any], *arguments: Any, **options: Any) -> Any:
        answer, says_nothing = read(*arguments, **options), getattr(self._this, "says_nothing", 0)
        self._this.says_nothing = False
        return None if says_nothing else answer

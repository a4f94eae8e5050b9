"""An attacker whom a busy site sheds asks again: a bound must not hold because nobody was read."""

from dataclasses import replace

import pytest

from drills.attack import asking
from drills.attack.asking import Attacker, Line, Reply, Tally

SHED = Reply(429, (), b"<h1>Situs ini sedang sangat ramai.</h1>", 0.0)
REFUSED = Reply(429, (), b'<div data-outcome="refused">', 0.0)
FOUND = Reply(200, (), b'<div data-outcome="found">', 0.0)


@pytest.mark.parametrize("last", [REFUSED, FOUND])
@pytest.mark.parametrize("status", [429, 503])
def test_an_attacker_that_is_shed_asks_again(
    monkeypatch: pytest.MonkeyPatch, last: Reply, status: int
) -> None:
    replies = iter([replace(SHED, status=status), SHED, last])
    monkeypatch.setattr(Line, "send", lambda *_: next(replies))
    monkeypatch.setattr(asking, "SHED_PAUSE_SECONDS", 0.0)
    tally = Tally()
    assert Attacker(1, tally).ask("number", "192.0.2.1") == last
    assert tally.outcomes == {last.outcome: 1}


def test_an_attack_that_is_shed_throughout_says_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Line, "send", lambda *_: SHED)
    monkeypatch.setattr(asking, "SHED_PAUSE_SECONDS", 0.0)
    monkeypatch.setattr(asking, "MAX_SHED_SECONDS", 0.0)
    with pytest.raises(RuntimeError, match="sheds everything"):
        Attacker(1, Tally()).ask("number", "192.0.2.1")

"""What is typed wrongly behind a drill's name ends it with one line, before it does anything."""

import sys
from importlib import import_module

import pytest

WRONG = (
    ("drills.chaos", "--minutes", "0"),
    ("drills.chaos", "--minutes", "nan"),
    ("drills.chaos", "--visitors", "-1"),
    ("drills.simulate", "--scale", "-1"),
    ("drills.simulate", "--scale", "inf"),
    ("drills.simulate", "--trials", "0"),
    ("drills.simulate", "--model", "miss_rate"),
    ("drills.simulate", "--policy", "work_by_distinct=a/b"),
    ("drills.simulate", "--policy", "no_such=1"),
)


@pytest.mark.parametrize("words", WRONG, ids=" ".join)
def test_a_wrong_option_is_said_in_one_line(
    words: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    module, *typed = words
    monkeypatch.setattr(sys, "argv", [module, *typed])
    with pytest.raises(SystemExit) as ended:
        import_module(module).main()
    assert ended.value.code

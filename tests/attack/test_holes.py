"""A hole that is dug beside what it should undermine would prove every attack for nothing."""

import inspect
from collections.abc import Iterator
from types import ModuleType

import pytest

from drills import holes
from drills.attack import drills
from tracking_site.web import layers


def overridden(module: ModuleType) -> Iterator[tuple[type, str]]:
    """Yield the classes with what each, or a mixin of it, defines in the site's own place."""
    for _, each in inspect.getmembers(module, inspect.isclass):
        if each.__module__ == module.__name__ and any(
            base.__module__.startswith("tracking_site") for base in each.__mro__
        ):
            own = [base for base in each.__mro__ if base.__module__ == module.__name__]
            for name, value in (pair for base in own for pair in vars(base).items()):
                if inspect.isfunction(value) and not name.startswith("_"):
                    yield each, name


@pytest.mark.parametrize("module", [holes, drills], ids=lambda each: each.__name__)
def test_what_a_hole_overrides_is_still_there(module: ModuleType) -> None:
    found = list(overridden(module))
    assert len(found) >= 3
    for each, name in found:
        of_the_site = [base for base in each.__mro__ if base.__module__.startswith("tracking_site")]
        assert any(hasattr(base, name) for base in of_the_site), f"{each.__name__}.{name}"


def test_nothing_is_put_where_nothing_is() -> None:
    with pytest.raises(AttributeError):
        drills.overwrite(layers, "_gone_long_ago", None)
    assert not hasattr(layers, "_gone_long_ago")


def test_words_of_static_files_that_a_hole_changes_are_there(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    drills.TellsByHeight(None)
    monkeypatch.setattr(drills.TellsByHeight, "changes", ((b"gone long ago", b""),))
    with pytest.raises(ValueError, match="gone long ago"):
        drills.TellsByHeight(None)

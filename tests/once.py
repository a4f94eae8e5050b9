"""What every site that tests build works out anew, worked out once in a process.

Tests build hundreds of sites out of the same files, and a site that serves builds one.
"""

from collections.abc import Callable, Mapping
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType

from werkzeug.routing import Rule

from tracking_site.web.assets import CODINGS, Assets

_HOUSE = Path(__file__).parents[1]

_compile_builder = Rule._compile_builder
_of = Assets.of
_look = Assets.look

_BUILDERS: dict[tuple[object, ...], Callable[..., tuple[str, str]]] = {}
_ASSETS: dict[tuple[object, ...], Assets] = {}
_LOOKS: dict[tuple[object, ...], Callable[[], str | None]] = {}


def compile_builder(rule: Rule, append_unknown: bool = True) -> Callable[..., tuple[str, str]]:
    """Compile what writes the addresses of a route: half of what it costs to build a site."""
    if rule.defaults:
        return _compile_builder(rule, append_unknown)
    made_from = (rule.rule, tuple(rule._trace), append_unknown)
    if made_from not in _BUILDERS:
        _BUILDERS[made_from] = _compile_builder(rule, append_unknown)
    return _BUILDERS[made_from]


def of(folder: Path, theme: str = "", files: Mapping[str, bytes] = MappingProxyType({})) -> Assets:
    """Read the house's own static files; a folder that a test made may have changed since."""
    if not folder.is_relative_to(_HOUSE):
        return _of(folder, theme, files)
    made_from = (folder, theme, *files.items())
    if made_from not in _ASSETS:
        _ASSETS[made_from] = _of(folder, theme, files)
    return _ASSETS[made_from]


def look(assets: Assets, templates: Path) -> Callable[[], str | None]:
    """Look for the files that the house's own templates name."""
    if not templates.is_relative_to(_HOUSE):
        return _look(assets, templates)
    made_from = (templates, *assets.path_of)
    if made_from not in _LOOKS:
        _LOOKS[made_from] = _look(assets, templates)
    return _LOOKS[made_from]


def work_out_once() -> None:
    # Each site compresses its own form and files again: more than the rest of a first answer.
    CODINGS["br"] = lru_cache(maxsize=256)(CODINGS["br"])
    Rule._compile_builder = compile_builder  # type: ignore[method-assign]
    Assets.of = of  # type: ignore[method-assign,assignment]
    Assets.look = look  # type: ignore[method-assign]

"""The rooms of the house: a module imports only from rooms to its left."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PACKAGE = ROOT / "tracking_site"
ROOMS = (
    ("settings",),
    ("records",),
    ("sealing",),
    ("breaker",),
    ("redis",),
    ("domain",),
    ("data",),
    ("claims_api",),
    ("cache",),
    ("guard",),
    ("following",),
    ("observing",),
    ("telling",),
    ("web",),
    ("app",),
    ("demo", "operate", "pattern", "__main__"),
)
PLACE = {room: place for place, rooms in enumerate(ROOMS) for room in rooms}
MODULES = sorted(path for path in PACKAGE.rglob("*.py") if path != PACKAGE / "__init__.py")


@cache
def nodes_of(path: Path) -> tuple[ast.AST, ...]:
    """Return the syntax of a module, read once for all tests."""
    return tuple(ast.walk(ast.parse(path.read_text(encoding="utf-8"))))


def imported_by(path: Path) -> set[str]:
    """Return the dotted names of what a module imports from this package."""
    package = ("tracking_site", *path.relative_to(PACKAGE).parts[:-1])
    names: set[str] = set()
    for node in nodes_of(path):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else ()
            module = ".".join((*base, *([node.module] if node.module else [])))
            names |= {f"{module}.{alias.name}" for alias in node.names}
    return {name for name in names if name.startswith("tracking_site.")}


def room_of(dotted: str) -> str:
    return dotted.split(".")[1]


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_a_module_imports_only_from_rooms_to_its_left(path: Path) -> None:
    own = path.relative_to(PACKAGE).parts[0].removesuffix(".py")
    for name in imported_by(path):
        room = room_of(name)
        if room != own:
            assert PLACE[room] < PLACE[own] or own in ("__main__", "demo", "pattern"), name


def test_every_room_has_its_place() -> None:
    rooms = {path.relative_to(PACKAGE).parts[0].removesuffix(".py") for path in MODULES}
    assert rooms <= set(PLACE)


def top_level_of_imports(path: Path) -> set[str]:
    """Return the first names of what a module imports, relative imports left out."""
    names: set[str] = set()
    for node in nodes_of(path):
        if isinstance(node, ast.Import):
            names |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and not node.level:
            names.add(str(node.module).split(".")[0])
    return names


BESIDE = ("tracking_site", "bench", "drills", "harness", "tests", "tools")


def test_the_sandbox_shares_no_code_with_the_site() -> None:
    paths = list((ROOT / "sandbox").rglob("*.py"))
    assert paths
    for path in paths:
        assert not top_level_of_imports(path) & set(BESIDE), path.name


OTHER_THREADS = {
    ("claims_api/contract.py", "wait"): "the core's own threads, for a token",
    ("claims_api/exchange.py", "sleep"): "the core's own threads, before they ask once more",
    ("observing/logs.py", "sleep"): "the log's own thread",
    ("web/closing.py", "sleep"): "the thread that closes connections",
}
"""Who waits here serves no request."""


def waits_of(path: Path) -> Iterator[tuple[str, bool]]:
    """Yield what waits in a module, and whether it steps aside for others meanwhile."""
    aside = {
        id(inner)
        for node in nodes_of(path)
        if isinstance(node, ast.With)
        and any(ast.unparse(item.context_expr) == "QUEUE.aside()" for item in node.items)
        for inner in ast.walk(node)
    }
    for node in nodes_of(path):
        if isinstance(node, ast.Call) and len(node.args) + len(node.keywords) == 1:
            name = ast.unparse(node.func).rpartition(".")[2]
            if name in ("sleep", "wait", "result"):
                yield name, id(node) in aside


@pytest.mark.parametrize("room", ["cache", "claims_api", "following", "guard", "observing", "web"])
def test_who_waits_in_a_request_lets_another_be_served(room: str) -> None:
    """Few threads run at once (web/few_at_once.py): one that waits would be one of them."""
    for path in (PACKAGE / room).rglob("*.py"):
        for name, is_aside in waits_of(path):
            known = (str(path.relative_to(PACKAGE)), name) in OTHER_THREADS
            assert is_aside or known, f"{path.name}: `{name}` without `with QUEUE.aside():`"


def test_whoever_waits_in_another_thread_is_still_there() -> None:
    waits = {
        (str(path.relative_to(PACKAGE)), name) for path in MODULES for name, _ in waits_of(path)
    }
    assert waits >= OTHER_THREADS.keys()
    assert len(waits) > len(OTHER_THREADS), "and those that step aside are seen"


def test_only_the_explicit_commands_import_the_sandbox() -> None:
    importers = {path.name for path in MODULES if "sandbox" in top_level_of_imports(path)}
    assert importers == {"demo.py", "pattern.py", "__main__.py"}


def test_the_site_imports_neither_benchmarks_nor_drills_nor_tests() -> None:
    for path in MODULES:
        assert not top_level_of_imports(path) & set(BESIDE[1:]), path.name


LOADED = """
import sys, threading, wsgi
print([each.name for each in threading.enumerate()])
print([name for name in sys.modules if name.startswith("sandbox")])
"""


@pytest.fixture(scope="module", params=["memory", "redis"])
def loaded(request: pytest.FixtureRequest) -> tuple[str, ...]:
    """What a process says in which the site was loaded: its threads, what it has of the sandbox,
    and its errors."""
    environ = {
        "CLAIMS_API_URL": "http://you-forgot-to-give-a-claims-source.invalid",
        "SECRET_KEYS": "k" * 40,
        "PATH": "",
    }
    if request.param == "redis":
        environ["REDIS_URL"] = "redis://you-forgot-to-give-a-redis.invalid"
    ran = subprocess.run(
        [sys.executable, "-c", LOADED], cwd=ROOT, env=environ, capture_output=True, text=True
    )
    return (*ran.stdout.splitlines(), ran.stderr)


def test_serving_the_site_loads_no_sandbox(loaded: tuple[str, ...]) -> None:
    _, sandbox, errors = loaded
    assert (sandbox, errors) == ("[]", "")


def test_no_thread_starts_before_workers_are_forked(loaded: tuple[str, ...]) -> None:
    threads, _, errors = loaded
    assert (threads, errors) == ("['MainThread']", "")


BELOW = (
    "records",
    "domain",
    "guard/desk",
    "claims_api",
    "cache",
    "redis",
    "breaker",
    "sealing",
    "settings",
    "following",
    "telling",
)


@pytest.mark.parametrize("room", BELOW)
def test_below_the_web_nothing_knows_flask(room: str) -> None:
    paths = [path for path in MODULES if str(path.relative_to(PACKAGE)).startswith(room)]
    assert paths
    for path in paths:
        text = path.read_text(encoding="utf-8")
        assert "import flask" not in text
        assert "from flask" not in text
        assert not top_level_of_imports(path) & {"flask", "htmx_flask", "werkzeug"}


def test_nothing_below_the_settings_reads_the_environment() -> None:
    readers = {path.name for path in MODULES if "os.environ" in path.read_text(encoding="utf-8")}
    assert readers == {"__main__.py"}


def test_the_house_stays_small_enough_to_walk_through() -> None:
    modules = [path for path in MODULES if path.name != "__init__.py"]
    assert len(modules) <= 115
    assert [path for path in modules if len(path.read_text().splitlines()) > 350] == []


def test_no_two_classes_have_one_name() -> None:
    places: dict[str, list[str]] = {}
    for path in MODULES:
        for node in nodes_of(path):
            if isinstance(node, ast.ClassDef):
                places.setdefault(node.name, []).append(str(path.relative_to(PACKAGE)))
    assert {name: files for name, files in places.items() if len(files) > 1} == {}

"""Settings that nobody would think of: files that are none, adapters that raise anything."""

import os
import re
from dataclasses import fields
from pathlib import Path

import pytest

from tests.settings.test_settings import GOOD
from tests.settings.test_wrong import problems
from tracking_site.settings import Settings
from tracking_site.settings.files import MAX_FILE_BYTES

FILES = (
    "SITE_FILE",
    "PARTNERS_FILE",
    "CARRIERS_FILE",
    "GUARD_FILE",
    "CORE_CA_FILE",
    "CORE_HEADERS_FILE",
    "CLAIMS_API_TOKEN_FILE",
    "METRICS_TOKEN_FILE",
    "REDIS_URL_FILE",
)


@pytest.fixture
def odd(tmp_path: Path) -> dict[str, str]:
    """Return paths of what is no file to be read, by what it is."""
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "loop").symlink_to("loop")
    (tmp_path / "folder").mkdir()
    with (tmp_path / "endless").open("wb") as file:
        file.truncate(MAX_FILE_BYTES + 1)
    named = ("pipe", "loop", "folder", "endless")
    return {
        # What the kernel shows as a file, and fails or waits when it is read.
        "memory": "/proc/self/mem",
        "pages": "/proc/self/pagemap",
        "kernel": "/proc/kmsg",
        "made_up": "/proc/version",
        "zeros": "/dev/zero",
        "name": "/" + "x" * 5000,
        **{name: str(tmp_path / name) for name in named},
    }


KINDS = (
    "memory",
    "pages",
    "kernel",
    "made_up",
    "zeros",
    "name",
    "pipe",
    "loop",
    "folder",
    "endless",
)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("name", FILES)
def test_what_cannot_be_read_as_a_file_gets_one_sentence(
    name: str, kind: str, odd: dict[str, str]
) -> None:
    (sentence,) = problems(GOOD | {"CLAIMS_API_URL": "https://core.example", name: odd[kind]})
    assert sentence.startswith(f"{name} must be the path of a ")
    assert sentence.endswith(".")


@pytest.mark.parametrize("text", ["x" * 40 + "\udcff", "https://x\udcff.example"])
@pytest.mark.parametrize("name", [each.name.upper() for each in fields(Settings)])
def test_bytes_that_are_no_text_get_one_sentence_that_does_not_repeat_them(
    name: str, text: str
) -> None:
    (sentence,) = problems(GOOD | {name: text})
    assert sentence.startswith(f"{name} must be ")
    assert not re.search(r"dcff|\udcff|codec", sentence)


@pytest.mark.parametrize(
    "text",
    ["a = " + "[" * 100_000, "a = " + "9" * 10_000, "a\0b", "partner = 3", "partner = 'x'"],
    ids=["deep", "long", "nul", "number", "text"],
)
@pytest.mark.parametrize("name", ["SITE_FILE", "PARTNERS_FILE"])
def test_toml_of_any_kind_gets_one_sentence(name: str, text: str, tmp_path: Path) -> None:
    (tmp_path / "file").write_text(text)
    (sentence,) = problems(GOOD | {name: str(tmp_path / "file")})
    assert sentence.startswith(name)
    assert "\n" not in sentence


@pytest.mark.parametrize("logo", ["x" * 5000 + ".png", "\\u0000.png", "folder.svg", "mem.svg"])
def test_a_logo_of_any_kind_gets_one_sentence(logo: str, tmp_path: Path) -> None:
    (tmp_path / "folder.svg").mkdir()
    (tmp_path / "mem.svg").symlink_to("/proc/self/mem")
    (tmp_path / "site.toml").write_text(f'logo = "{logo}"\n')
    (sentence,) = problems(GOOD | {"SITE_FILE": str(tmp_path / "site.toml")})
    assert sentence.startswith("SITE_FILE: logo must be a file that exists")


FACTORIES = {
    "def factory(): raise SystemExit(3)": "SystemExit",
    "def factory(): raise KeyError('x')": "KeyError",
    "def factory(): raise BaseException('x')": "BaseException",
    "def factory(): raise ExceptionGroup('x', [ValueError('y')])": "ExceptionGroup",
    "def factory(): return factory()": "RecursionError",
    "def factory(http, more): return None": "TypeError",
    "def factory(): raise ValueError('one\\ntwo')": "CLAIMS_SOURCE: one two.",
    "def factory(): raise ValueError": "its factory failed",
    "def factory(): return None": "a method claims_of",
    "class factory:\n def __getattr__(self, name): raise RuntimeError": "RuntimeError",
    "factory = dict": "that its module has",
    "factory = 3": "that its module has",
    "def __getattr__(name): raise RuntimeError": "that its module has",
    "1 / 0": "can be imported (ZeroDivisionError)",
    "def (": "can be imported (SyntaxError)",
    "import sys; sys.exit(4)": "can be imported (SystemExit)",
    "raise BaseException": "can be imported (BaseException)",
}


@pytest.mark.parametrize("place", range(len(FACTORIES)))
def test_an_adapter_that_raises_anything_gets_one_sentence(
    place: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source, says = list(FACTORIES.items())[place]
    name = f"odd_adapter_{place}"
    (tmp_path / f"{name}.py").write_text(source)
    monkeypatch.syspath_prepend(tmp_path)
    (sentence,) = problems(GOOD | {"CLAIMS_SOURCE": f"{name}:factory"})
    assert sentence.startswith("CLAIMS_SOURCE")
    assert says in sentence
    assert sentence.endswith(".")
    assert "\n" not in sentence

"""docs/core.md: every name of a trouble, every setting, and nothing that does not exist."""

import re
from dataclasses import fields

from tests.conftest import ROOT
from tracking_site.claims_api.errors import ADVICE, Trouble
from tracking_site.settings import Settings

TEXT = (ROOT / "docs" / "core.md").read_text(encoding="utf-8")
KNOWN = {each.name.upper() for each in fields(Settings)}
OF_OUR_SIDE = {
    Trouble.BREAKER_OPEN,
    Trouble.NO_ROOM,
    Trouble.CROWDED,
    Trouble.FAILED_RECENTLY,
    Trouble.CLOSING,
}
"""Kinds that say nothing of the way to the core: it was not even asked."""


def table() -> dict[str, str]:
    """Return what to do by the name of the trouble."""
    rows = re.findall(r"(?m)^\| (`[^|]+`) \| [^|]+ \| ([^|]+) \|$", TEXT)
    return {name: what for names, what in rows for name in re.findall(r"`(\w+)`", names)}


def test_every_trouble_of_the_way_to_the_core_is_explained() -> None:
    assert set(table()) == set(Trouble) - OF_OUR_SIDE


def test_the_document_sends_to_the_settings_that_check_sends_to() -> None:
    for kind in set(ADVICE) - OF_OUR_SIDE:
        advice = ADVICE[kind]
        named = set(re.findall(r"\b[A-Z]+(?:_[A-Z]+)+\b", advice))
        explained = set(re.findall(r"\b[A-Z]+(?:_[A-Z]+)+\b", table()[kind]))
        assert named & explained, kind


def test_settings_and_files_that_it_names_exist_and_none_of_the_core_is_left_out() -> None:
    named = set(re.findall(r"\b[A-Z]+(?:_[A-Z]+)+\b", TEXT))
    for name in named:
        assert name in KNOWN or name.removesuffix("_FILE") in KNOWN, name
    of_core = {name for name in KNOWN if name.startswith(("CORE_", "CLAIMS_"))}
    left_out = of_core - named - {"CLAIMS_API_TOKEN", "CORE_IDLE_SECONDS"}
    assert not left_out
    for path in re.findall(r"`((?:deploy|docs)/[^`\s]+)", TEXT):
        assert (ROOT / path).exists(), path

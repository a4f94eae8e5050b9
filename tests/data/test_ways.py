"""Every address of a thing to do has its source and date, and leads out over HTTPS."""

import re

from tracking_site.data.facts import WAYS, load_facts


def test_every_way_is_sourced_and_dated() -> None:
    for way in WAYS.values():
        assert way.source
        assert re.fullmatch(r"\d{4}(-\d{2}){0,2}|undated", way.as_of), way


def test_every_way_is_an_address_that_cannot_be_read_on_its_road() -> None:
    assert all(way.address.startswith(("https://", "mailto:")) for way in WAYS.values())


def test_help_and_buttons_lead_to_the_same_addresses() -> None:
    facts = load_facts()
    told = {each.code: each.address for each in (*facts.channels, *facts.contacts) if each.address}
    assert told["lapak_asik_online"] == WAYS["lapak_asik"].address
    assert told["siapkerja"] == WAYS["siapkerja"].address
    assert told["email"] == WAYS["email"].address

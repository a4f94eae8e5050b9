"""What is written down of a request, by whoever does its work."""

from threading import Thread

import pytest

from tests.domain.claims import at, claim
from tests.test_lookup import CALENDAR, NIK, GivenClaims
from tracking_site.domain.claims import Snapshot
from tracking_site.domain.identifiers import Nik
from tracking_site.guard.desk import LookupService
from tracking_site.records import Record, current, current_id, note, recorded, timed


def test_facts_and_times_go_to_the_record_of_the_request_being_served() -> None:
    record = Record("abc")
    with recorded(record):
        assert current_id() == "abc"
        note(outcome="found", cache="hit")
        with timed("core"):
            pass
        once = record.core
        with timed("core"):
            pass
    assert (record.outcome, record.cache) == ("found", "hit")
    assert 0 < once < record.core
    assert (current(), current_id()) == (None, None)


def test_outside_of_a_request_and_in_other_threads_nothing_happens() -> None:
    def elsewhere() -> None:
        note(outcome="lost")
        with timed("core"):
            pass

    record = Record("abc")
    elsewhere()
    with recorded(record):
        thread = Thread(target=elsewhere)
        thread.start()
        thread.join()
    assert (record.outcome, record.core) == ("", 0.0)


def test_the_time_is_written_down_when_the_work_fails() -> None:
    record = Record("abc")
    with recorded(record), pytest.raises(ValueError), timed("core"):
        raise ValueError
    assert record.core > 0


def test_a_lookup_says_how_long_it_took_and_how_long_its_source() -> None:
    lookup = LookupService(
        GivenClaims(Snapshot((claim("registered"),), at(1))), CALENDAR, lambda: at(3)
    )
    record = Record("abc")
    with recorded(record):
        lookup.look_up_identifier(Nik(NIK))
    assert 0 < record.source <= record.looked_up

"""What lies in Redis opens where and as it was written, or is a miss that is counted."""

from base64 import b64decode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.claims_api.fakes import MOVING, Events
from tracking_site.cache.copies import EntrySealer
from tracking_site.cache.stores import Entry, Failure
from tracking_site.claims_api.contract import decode_snapshot

NAME, OTHER_NAME = b"v:one", b"v:other"
SECRETS = [b"secret-of-the-tests-alone-32-by!"]


def entry(body: bytes = MOVING) -> Entry:
    return Entry(decode_snapshot(MOVING), 100.0, 200.0, len(body), b"8 bytes!")


def sealed(body: bytes = MOVING) -> bytes:
    return EntrySealer(SECRETS, Events()).seal_entry(NAME, entry(body), body)


def test_an_entry_comes_back_as_it_was() -> None:
    found = EntrySealer(SECRETS, Events()).open_entry(NAME, sealed())
    assert found is not None
    assert (found.snapshot, found.fresh_until, found.keep_until, found.mark) == (
        entry().snapshot,
        100.0,
        200.0,
        b"8 bytes!",
    )


def test_nothing_that_the_core_said_can_be_read_in_it() -> None:
    value = sealed()
    assert not any(word in value for word in (b"JHT", b"in_progress", b"Jakarta", b"claims"))


@pytest.mark.parametrize("retry_at", [None, 150.5])
def test_a_failure_comes_back_as_it_was(retry_at: float | None) -> None:
    sealer = EntrySealer(SECRETS, Events())
    failure = Failure(120.0, retry_at)
    assert sealer.open_failure(NAME, sealer.seal_failure(NAME, failure)) == failure


STORED_ENTRY = b64decode(
    "AQFAWQAAAAAAAEBpAAAAAAAAOCBieXRlcyHV5oUrl1UMS+d9rfKy6AxTeazf2NuIJjYAa20WU5K+DJ/mJZRo"
    "kaqhXPV5081kQX9wl6UIvYPPy8lolTjNKdNHPaqZAaeaG4hUsEaafwmEiteg7CATf2pWVbwZwt4SLOcmddOI"
    "TO2zH4xqGNa3qkr9sskRvZMHjGpzBhwk0oNws2R5fOZrfMxsPbbXh1KrGADUK8JfGqE31eIU/wumDpQcJ3j+"
    "0Vnv9Y0rLHeGsQcH0ahKl+uXDHsNj5HOKLhtFnu5K1tV0TeSkf6lzpT6AlfQ0xf58QlVmV+SwOKtXxyP+jme"
    "x3W2RHT1mxpmLhWbjJepfT9hMDzgs2nz8yNoniEUAUICVjQR2g2S0wnzel0NkH/8ldkVw+SXAJ8gzeVJLKtg"
    "G/aL1/O+gKx3o9YtZRkvhH874j+7VMNz6blCP/I+QcLQJFnp7nlLDbWHNFQbQoWpF83tjyMDHdRszGYvFjpA"
    "Aa9xZLx6KNWe6YLwDfpksy2ToncvNwwv"
)
STORED_FAILURE = b64decode(
    "AQJAXgAAAAAAAEBi0AAAAAAAAAAAAAAAAABRbxE2jPsYANXD6FK9oOtivYn3vWAG+djDmGbf"
)
"""Written in form 1 under `SECRETS`, as they lie in the Redis of a site that is rolled out anew."""


def test_what_was_stored_in_form_1_goes_on_working() -> None:
    events = Events()
    found = EntrySealer(SECRETS, events).open_entry(NAME, STORED_ENTRY)
    assert found is not None
    assert [claim.reference for claim in found.snapshot.claims] == ["JHT-1"]
    assert (found.fresh_until, found.keep_until, found.mark) == (100.0, 200.0, b"8 bytes!")
    assert EntrySealer(SECRETS, events).open_failure(NAME, STORED_FAILURE) == Failure(120.0, 150.5)
    assert not events.seen


def refused(name: bytes, value: bytes, secrets: list[bytes] = SECRETS) -> str:
    events = Events()
    assert EntrySealer(secrets, events).open_entry(name, value) is None
    (event,) = events.seen
    return event.removeprefix("sealed_refused:")


def test_a_value_under_another_number_does_not_open() -> None:
    assert refused(OTHER_NAME, sealed()) == "seal"


def test_a_value_given_a_longer_life_does_not_open() -> None:
    value = bytearray(sealed())
    value[2:10] = b"\x7f" * 8
    assert refused(NAME, bytes(value)) == "seal"


def test_a_value_of_another_version_or_kind_does_not_open() -> None:
    value = sealed()
    assert refused(NAME, b"\x00" + value[1:]) == "version"
    assert refused(NAME, b"\x02" + value[1:]) == "version"
    failure = EntrySealer(SECRETS, Events()).seal_failure(NAME, Failure(1.0))
    assert refused(NAME, failure) == "version"


def test_a_value_of_a_stranger_does_not_open() -> None:
    assert refused(NAME, sealed(), [b"another-secret-of-the-tests-32by"]) == "seal"


def test_each_secret_opens_at_its_place_and_the_first_one_seals() -> None:
    rotated = EntrySealer([b"a new secret of the tests, 32 b!", *SECRETS], Events())
    assert rotated.open_entry(NAME, sealed(), place=1) is not None
    assert rotated.open_entry(NAME, sealed()) is None
    value = rotated.seal_entry(NAME, entry(), MOVING)
    assert rotated.open_entry(NAME, value) is not None
    assert rotated.open_entry(NAME, value, place=1) is None


def test_no_two_seals_are_alike() -> None:
    assert sealed() != sealed()


def test_a_good_seal_around_what_is_no_answer_does_not_open() -> None:
    assert refused(NAME, sealed(b'{"claims":"none"}')) == "shape"


@given(st.data())
def test_a_cut_value_does_not_open(data: st.DataObject) -> None:
    value = sealed()
    cut = data.draw(st.integers(0, len(value) - 1))
    assert refused(NAME, value[:cut]) in ("length", "seal")


@given(st.data())
def test_a_value_with_a_flipped_bit_does_not_open(data: st.DataObject) -> None:
    value = bytearray(sealed())
    place = data.draw(st.integers(0, len(value) * 8 - 1))
    value[place // 8] ^= 1 << place % 8
    assert refused(NAME, bytes(value)) in ("version", "seal")


@given(st.binary(max_size=300))
def test_any_bytes_are_a_miss_and_never_an_error(value: bytes) -> None:
    sealer = EntrySealer(SECRETS, Events())
    assert sealer.open_entry(NAME, value) is None
    assert sealer.open_failure(NAME, value) is None


def test_a_value_seen_before_is_not_opened_again() -> None:
    sealer = EntrySealer(SECRETS, Events())
    value = sealed()
    first = sealer.open_entry(NAME, value)
    assert sealer.open_entry(NAME, value, known=first) is first
    assert sealer.open_entry(NAME, sealed(), known=first) is not first

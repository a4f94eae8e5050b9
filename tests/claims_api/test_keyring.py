"""Digests stand for numbers and cannot be told apart from chance."""

from tests.claims_api.fakes import number
from tracking_site.cache.stores import Keyring
from tracking_site.domain.identifiers import Kpj, Nik

OLD, NEW = b"old-secret-of-the-tests-alone-32", b"new-secret-of-the-tests-alone-32"


def test_a_number_has_one_digest_for_each_secret_in_their_order() -> None:
    old, new, both = Keyring([OLD]), Keyring([NEW]), Keyring([NEW, OLD])
    assert both.key_of(number(1)) == new.key_of(number(1)) + old.key_of(number(1))


def test_digests_depend_on_the_number_and_the_secret() -> None:
    ring = Keyring([OLD])
    digests = {ring.key_of(number(n)) for n in range(1000)}
    digests.add(ring.key_of(Nik("3174010101900001")))
    assert len(digests) == 1001
    assert Keyring([NEW]).key_of(number(1)) != ring.key_of(number(1))
    assert ring.key_of(Kpj("0" * 11)) == Keyring([OLD]).key_of(number(0))


def test_no_digest_shows_its_number() -> None:
    (digest,) = Keyring([OLD]).key_of(number(12345))
    assert b"12345" not in digest
    assert len(digest) == 16

"""A wrong end of a card is asked, kept and answered as a number that the core does not know."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.claims_api.conftest import SECRETS, Cluster
from tests.claims_api.fakes import FakeCore, body_of, eventually
from tracking_site.cache.answers import CachedClaims
from tracking_site.cache.claims import AnswersNothing, CardClaims
from tracking_site.cache.config import CacheConfig
from tracking_site.cache.stores import Keyring
from tracking_site.claims_api.errors import CoreError
from tracking_site.claims_api.source import ANYONE, Answer, Caller
from tracking_site.domain.identifiers import Identifier, Nik, OneCard

KNOWN, UNKNOWN = Nik("3174054501900005"), Nik("3174054501900006")
RIGHT, WRONG = OneCard(KNOWN, "45"), OneCard(KNOWN, "46")
NOBODY = OneCard(UNKNOWN, "45")


def body_with(*ends: str) -> bytes:
    told = json.loads(body_of(*["in_progress"] * len(ends)))
    for claim, end in zip(told["claims"], ends, strict=True):
        claim["kpj_suffix"] = end
    return json.dumps(told).encode()


@dataclass
class Registry(FakeCore):
    """A core that knows one person, and counts what it is asked for each number."""

    ends: tuple[str, ...] = ("45", "7K")
    asked_for: list[str] = field(default_factory=list)

    def answer_for(self, identifier: Identifier, caller: Caller = ANYONE) -> Answer:
        self.asked_for.append(identifier.number)
        self.body = body_with(*self.ends) if identifier.number == KNOWN.number else body_of()
        return super().answer_for(identifier, caller)


@dataclass
class Cards:
    """What tests ask for cards, over one core and one store."""

    cluster: Cluster
    core: Registry
    numbers: CachedClaims
    claims: CardClaims

    def answer(self, card: OneCard) -> str:
        """Return what somebody with this end hears: claims, nothing, or no answer at all."""
        try:
            snapshot = self.claims.claims_of(card).of_card(card.end)
        except CoreError:
            return "no answer"
        return "claims" if snapshot.claims else "nothing"

    def asks(self, card: OneCard) -> int:
        """Return how often the core is asked for this lookup, which nothing renews behind."""
        before = self.core.asked
        self.answer(card)
        return self.core.asked - before


def over(cluster: Cluster) -> Cards:
    core = Registry()
    cluster.core = core
    node = cluster.node()
    keyring = Keyring(SECRETS, of_cards=True)
    wrong_ends = CachedClaims(
        AnswersNothing(core), node.store, keyring, CacheConfig(), clock=cluster.clock
    )
    return Cards(cluster, core, node.cache, CardClaims(node.cache, wrong_ends))


@pytest.fixture
def cards(cluster: Cluster) -> Iterator[Cards]:
    made = over(cluster)
    yield made
    made.claims.close()


def test_numbers_are_looked_up_as_ever(cards: Cards) -> None:
    assert len(cards.claims.claims_of(KNOWN).claims) == 2
    assert cards.claims.claims_of(UNKNOWN).claims == ()
    assert cards.core.asked == 2


def test_the_end_of_a_card_opens_that_cards_claims_and_the_core_is_asked_once(
    cards: Cards,
) -> None:
    for _ in range(3):
        assert cards.answer(RIGHT) == "claims"
    assert cards.core.asked == 1


def test_the_core_is_asked_for_the_number_alone(cards: Cards) -> None:
    for card in (RIGHT, WRONG, WRONG, NOBODY):
        cards.answer(card)
    assert set(cards.core.asked_for) == {KNOWN.number, UNKNOWN.number}


@pytest.mark.parametrize("is_at_hand", [False, True])
def test_a_wrong_end_costs_the_core_what_an_unknown_number_costs(
    cards: Cards, is_at_hand: bool
) -> None:
    if is_at_hand:
        cards.answer(RIGHT)
    told = [(cards.asks(WRONG), cards.asks(NOBODY)) for _ in range(3)]
    assert told == [(1, 1), (0, 0), (0, 0)]


@pytest.mark.parametrize("was_looked_up", [False, True])
def test_while_the_core_is_down_a_wrong_end_hears_what_an_unknown_number_hears(
    cards: Cards, was_looked_up: bool
) -> None:
    if was_looked_up:
        cards.answer(RIGHT)
    cards.core.goes_down()
    assert cards.answer(WRONG) == cards.answer(NOBODY) == "no answer"
    assert cards.answer(RIGHT) == ("claims" if was_looked_up else "no answer")


def test_a_wrong_end_that_was_asked_before_is_remembered_as_long_as_an_unknown_number(
    cards: Cards,
) -> None:
    for is_over, told in ((False, "nothing"), (True, "no answer")):
        cards.core.comes_back()
        cards.answer(RIGHT)
        assert cards.answer(WRONG) == cards.answer(NOBODY) == "nothing"
        cards.core.goes_down()
        cards.cluster.pass_(700 if is_over else 300)
        assert cards.answer(WRONG) == cards.answer(NOBODY) == told
        assert cards.answer(RIGHT) == "claims"


def test_a_card_that_is_new_opens_once_the_kept_answer_is_past_its_time(cards: Cards) -> None:
    assert cards.answer(OneCard(KNOWN, "Z9")) == "nothing"
    cards.core.ends = ("45", "Z9")
    cards.cluster.pass_(120)
    eventually(lambda: cards.answer(OneCard(KNOWN, "Z9")) == "claims")


STEPS = st.lists(
    st.sampled_from(["owner", "asked", "down", "up", "a while", "half a minute", "long", "a day"]),
    max_size=12,
)
SECONDS = {"a while": 20.0, "half a minute": 31.0, "long": 650.0, "a day": 90_000.0}


@given(STEPS)
@settings(max_examples=150)
def test_whatever_happened_before_the_two_are_answered_alike(steps: list[str]) -> None:
    cluster = Cluster(None)
    cards = over(cluster)
    try:
        for step in [*steps, "asked"]:
            if step == "owner":
                cards.answer(RIGHT)
            elif step == "asked":
                assert cards.answer(WRONG) == cards.answer(NOBODY)
            elif step == "down":
                cards.core.goes_down()
            elif step == "up":
                # For a second after a failure a number is not asked again, whatever the number.
                cards.core.comes_back()
                cluster.pass_(2)
            else:
                cluster.pass_(SECONDS[step])
    finally:
        cards.claims.close()
        cluster.close()

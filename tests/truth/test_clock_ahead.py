"""A core whose clock runs ahead over midnight: what has happened is not told of tomorrow."""

from datetime import datetime, timedelta

import pytest

from tests.domain.claims import at, claim
from tests.pages import assert_keeps_house_rules, text_of
from tests.test_lookup import NIK, GivenClaims
from tests.truth.moments import WIB
from tracking_site.app import create_app
from tracking_site.domain.claims import Claim, Milestone, Notice, Pause, Payment, Snapshot
from tracking_site.settings import Settings

NOW = datetime(2026, 11, 11, 23, 58, 30, tzinfo=WIB)
THEN = NOW + timedelta(minutes=5)
WAITS = {"documents_complete_at": at(0), "state": "action_needed"}
PAID = Payment(THEN.date(), THEN)


@pytest.mark.parametrize(
    "told",
    [
        claim("registered", "document_check"),
        claim(milestones=(Milestone("registered", THEN),), submitted_at=THEN),
        claim("registered", notices=(Notice("email", "claim_received", THEN),)),
        claim("registered", pauses=(Pause(THEN),), **WAITS),
        claim(milestones=(Milestone("assessment", THEN, "documents_returned"),), **WAITS),
        claim("payment", payment=PAID),
        claim("payment", payment=Payment(at(1).date(), at(1), THEN), state="payment_returned"),
        claim("assessment", notices=(Notice("email", "decision", THEN),), state="rejected"),
        claim(milestones=(Milestone("completed", THEN),), payment=PAID, state="completed"),
    ],
    ids=range(9),
)
@pytest.mark.parametrize(("language", "tomorrow"), [("id", "besok"), ("en", "tomorrow")])
def test_nothing_that_has_happened_is_told_of_tomorrow(
    environ: dict[str, str], told: Claim, language: str, tomorrow: str
) -> None:
    source = GivenClaims(Snapshot((told,), THEN))
    client = create_app(Settings.from_env(environ), source, clock=lambda: NOW).test_client()
    path = "/lacak" if language == "id" else "/en/lacak"
    html = client.post(path, data={"nomor": NIK}, follow_redirects=True).text
    text = text_of(assert_keeps_house_rules(html, language).main)
    assert tomorrow not in text.lower()
    assert not [day for day in ("12 Nov", "12\N{NO-BREAK SPACE}Nov") if day in text]

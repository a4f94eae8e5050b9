"""A refusal names the time to come back, and the day when it is another one."""

from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from flask import Flask

from tracking_site.guard.limits import Refused
from tracking_site.telling.outcomes import present
from tracking_site.web.rendering import answer, current_words

EVENING = datetime(2026, 11, 23, 13, 0, 10, tzinfo=UTC)
"""20.00 and ten seconds in Jakarta."""


@pytest.mark.parametrize(
    ("address", "seconds", "told"),
    [
        ("/", 30, "Coba lagi pukul 20.01 WIB."),
        ("/", 3600, "Coba lagi pukul 21.01 WIB."),
        ("/", 11 * 3600 - 10, "Coba lagi mulai Selasa, 24\xa0November, 07.00 WIB."),
        ("/en/", 11 * 3600 - 10, "Try again from Tuesday, 24\xa0November, 07:00 WIB."),
    ],
)
def test_the_time_is_never_too_early_and_another_day_is_named(
    make_site: Callable[..., Flask], address: str, seconds: int, told: str
) -> None:
    with make_site().test_request_context(address) as context:
        context.app.preprocess_request()
        refusal = present(Refused(seconds), current_words(), EVENING)
        assert told in answer(refusal).get_data(as_text=True)

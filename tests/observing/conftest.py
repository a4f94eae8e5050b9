"""Faults of the sandbox that are taken back after the test that asked for them."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
import requests

from sandbox import Participant, Sandbox

Samples = dict[str, Participant]
Fault = Callable[..., None]


@pytest.fixture
def fault(sandbox: Sandbox, sandbox_at_work: Sandbox) -> Iterator[Callable[..., None]]:
    """Switch a fault of the cores on by its mode."""

    def switch(mode: str, **details: Any) -> None:
        for core in (sandbox, sandbox_at_work):
            asked = {"mode": mode, **details}
            requests.post(f"{core.url}/sandbox/faults", json=asked, timeout=5)

    yield switch
    switch("none")

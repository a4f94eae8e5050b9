"""Faults of the sandbox that are taken back after the test that asked for them."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
import requests

from sandbox import Participant, Sandbox

Samples = dict[str, Participant]
Fault = Callable[..., None]


@pytest.fixture
def fault(sandbox: Sandbox) -> Iterator[Callable[..., None]]:
    """Switch a fault of the core on by its mode."""

    def switch(mode: str, **details: Any) -> None:
        requests.post(f"{sandbox.url}/sandbox/faults", json={"mode": mode, **details}, timeout=5)

    yield switch
    switch("none")

"""An attacker's own solver for the proof of work: PBKDF2 in C, without a browser."""

import base64
import hashlib
import json
from typing import Any

MAX_TRIES = 100_000
"""More than the highest level takes at full scale; whoever asks for more gets no solution."""

Challenge = dict[str, Any]


def level_of(challenge: Challenge) -> int:
    """The level that a challenge says it is worth; 0 when it says none."""
    data = challenge["parameters"].get("data") or {}
    return int(data.get("level", 0))


def solve(challenge: Challenge, most_tries: int = MAX_TRIES) -> str:
    """The text for the field `altcha`. Raises ValueError when nothing is found in time."""
    asked = challenge["parameters"]
    nonce, salt = bytes.fromhex(asked["nonce"]), bytes.fromhex(asked["salt"])
    prefix = bytes.fromhex(asked["keyPrefix"])
    for counter in range(most_tries):
        password = nonce + counter.to_bytes(4, "big")
        key = hashlib.pbkdf2_hmac("sha256", password, salt, asked["cost"], asked["keyLength"])
        if key.startswith(prefix):
            return payload(challenge, {"counter": counter, "derivedKey": key.hex()})
    raise ValueError("this challenge has no solution within reach")


def payload(challenge: Challenge, solution: dict[str, Any]) -> str:
    """A challenge and what is claimed to solve it, as the form sends them."""
    return base64.b64encode(
        json.dumps({"challenge": challenge, "solution": solution}).encode()
    ).decode()


def opened(text: str) -> dict[str, Any]:
    """The challenge and solution in a payload, to be changed and packed again."""
    parts: dict[str, Any] = json.loads(base64.b64decode(text))
    return parts

"""A keyed shuffle of 0 … size-1 that needs no memory and can be undone.

An alternating Feistel network over mixed radices (Black and Rogaway, "Ciphers with arbitrary
finite domains", CT-RSA 2002): a number is split into a left and a right digit, and each round adds
a keyed hash of one digit to the other. The radices multiply to a little more than `size`; values
that fall outside are shuffled again until they fall inside (cycle walking).
"""

from collections.abc import Callable
from hashlib import blake2b
from math import isqrt

ROUNDS = 8


class Permutation:
    """A bijection of 0 … `size`-1, decided by `key` alone."""

    def __init__(self, size: int, key: str) -> None:
        if size < 1:
            raise ValueError("there is nothing to shuffle")
        self.size = size
        self._left = isqrt(size - 1) + 1
        self._right = -(-size // self._left)
        self._rounds = [self._keyed(f"{key}/{turn}") for turn in range(ROUNDS)]

    def forward(self, value: int) -> int:
        """Where `value` goes. Raises ValueError outside 0 … size-1."""
        self._check(value)
        while True:
            value = self._shuffle(value)
            if value < self.size:
                return value

    def inverse(self, value: int) -> int:
        """What went to `value`. Raises ValueError outside 0 … size-1."""
        self._check(value)
        while True:
            value = self._unshuffle(value)
            if value < self.size:
                return value

    def _check(self, value: int) -> None:
        if not 0 <= value < self.size:
            raise ValueError("outside of what is shuffled")

    def _shuffle(self, value: int) -> int:
        left, right = divmod(value, self._right)
        for turn in range(0, ROUNDS, 2):
            left = (left + self._rounds[turn](right)) % self._left
            right = (right + self._rounds[turn + 1](left)) % self._right
        return left * self._right + right

    def _unshuffle(self, value: int) -> int:
        left, right = divmod(value, self._right)
        for turn in range(ROUNDS - 2, -1, -2):
            right = (right - self._rounds[turn + 1](left)) % self._right
            left = (left - self._rounds[turn](right)) % self._left
        return left * self._right + right

    @staticmethod
    def _keyed(key: str) -> Callable[[int], int]:
        secret = blake2b(key.encode(), digest_size=32).digest()

        def turn(digit: int) -> int:
            data = digit.to_bytes(8, "big")
            return int.from_bytes(blake2b(data, key=secret, digest_size=8).digest(), "big")

        return turn

"""Forms of what is typed behind the name of a drill."""

import argparse
from collections.abc import Callable


def above_zero(kind: type[int] | type[float]) -> Callable[[str], float]:
    """Return what reads a number above zero that ends, for argparse."""

    def read(text: str) -> float:
        number = kind(text)
        if not 0 < number < float("inf"):
            raise argparse.ArgumentTypeError("must be above zero")
        return number

    read.__name__ = kind.__name__
    return read

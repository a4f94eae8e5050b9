"""What the cached client tells of itself, in one place.

`observe(event, **labels)` is called once for each; labels are short codes of a closed set,
never numbers of people. The composition root counts them (and must not raise).

| Event | Labels | When |
|---|---|---|
| `core_failed` | `kind`: errors.Trouble | a request to the core came to nothing |
| `core_late` | – | an answer came after its person was told of a timeout |
"""

from typing import Protocol


class Observe(Protocol):
    def __call__(self, event: str, /, **labels: str) -> None: ...


def unobserved(event: str, /, **labels: str) -> None:
    """Stand where nobody counts."""

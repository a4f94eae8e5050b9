"""What every source of claims can do; client, cache and the tests' fakes are all one of these."""

from typing import Protocol

from ..domain.claims import Snapshot
from ..domain.identifiers import Identifier


class ClaimsSource(Protocol):
    def claims_of(self, identifier: Identifier) -> Snapshot:
        """Return what the core says of this number; an unknown one has no claims.

        Raises CoreError (claims_api/errors.py) when there is no answer.
        """
        ...

"""schemathesis, which knows nothing of the sandbox, tries to catch it breaking the contract.

In a file of its own, since its cases are made as soon as the file is collected.
"""

import pytest
import schemathesis
from hypothesis import HealthCheck, settings

from sandbox import Sandbox
from tests.contract.conftest import HEADERS
from tests.contract.document import PATH

pytestmark = pytest.mark.proofs

SCHEMA = schemathesis.openapi.from_path(PATH)


@SCHEMA.parametrize()
@settings(max_examples=40, derandomize=True, deadline=None, suppress_health_check=list(HealthCheck))
def test_the_sandbox_keeps_the_contract(case: schemathesis.Case, guarded: Sandbox) -> None:
    case.call_and_validate(base_url=guarded.url, headers=HEADERS)

"""The client against a core that nobody here wrote, generated from the published contract."""

from collections.abc import Iterator

import pytest

from sandbox import Participant
from tests.contract.document import PATH
from tracking_site.claims_api.client import ClaimsClient
from tracking_site.claims_api.config import ClientConfig
from tracking_site.claims_api.errors import CoreError, Trouble
from tracking_site.domain.identifiers import Kpj, Nik


@pytest.fixture
def client(mock_core: str) -> Iterator[ClaimsClient]:
    client = ClaimsClient(ClientConfig(mock_core, token="any"))
    yield client
    client.close()


def test_what_the_client_sends_keeps_the_contract(
    client: ClaimsClient, samples: dict[str, Participant]
) -> None:
    sample = next(iter(samples.values()))
    for identifier in (Nik(sample.nik), Kpj(sample.kpj)):
        snapshot = client.claims_of(identifier)
        assert snapshot.claims
        assert snapshot.claims[0].reference in PATH.read_text(encoding="utf-8")


def test_durations_and_health_are_understood(client: ClaimsClient) -> None:
    client.health()
    assert all(each.p25 <= each.p50 <= each.p75 for each in client.stage_durations())


def test_missing_credentials_are_told_apart(
    mock_core: str, samples: dict[str, Participant]
) -> None:
    client = ClaimsClient(ClientConfig(mock_core))
    with pytest.raises(CoreError) as caught:
        client.claims_of(Nik(next(iter(samples.values())).nik))
    assert caught.value.kind is Trouble.CREDENTIALS
    client.close()

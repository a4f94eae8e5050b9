"""The order of stages, as data."""

import pytest

from tests.contract.document import schemas
from tracking_site.domain.claims import Channel, Service
from tracking_site.domain.timeline import PROCESSES


@pytest.mark.parametrize("service", Service)
def test_every_service_begins_registered_and_ends_completed(service: Service) -> None:
    for channel in Channel:
        stages = PROCESSES[service].stages_for(channel)
        assert (stages[0], stages[-1]) == ("registered", "completed")
        assert len(set(stages)) == len(stages)


def test_every_service_of_the_contract_has_a_process() -> None:
    assert set(PROCESSES) == set(Service)


def test_the_order_is_that_of_the_contract() -> None:
    table = schemas()["StageCode"]["x-stages"]
    assert table.keys() == PROCESSES.keys()
    for service, process in table.items():
        for channel in Channel:
            expected = tuple(
                stage
                for stage in process["order"]
                if channel in process.get("only_by", {}).get(stage, [channel])
                and channel not in process.get("not_by", {}).get(stage, [])
            )
            assert PROCESSES[service].stages_for(channel) == expected, (service, channel)


def test_who_comes_to_a_branch_goes_through_the_same_stages_however_it_began() -> None:
    assert PROCESSES["jht"].stages_for("branch") == PROCESSES["jht"].stages_for("lapak_asik_onsite")


def test_jmo_needs_neither_documents_nor_an_interview() -> None:
    assert {"document_check", "interview"}.isdisjoint(PROCESSES["jht"].stages_for("jmo"))

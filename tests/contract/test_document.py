"""The contract itself: valid, complete, bounded, and its examples keep it."""

from typing import Any

import pytest

from tests.contract.document import contract, known, schemas, validator_of, walk

OPERATIONS = {
    "/v1/claim-lookups": "post",
    "/v1/stage-durations": "get",
    "/v1/health": "get",
}
PROBLEMS = {"400", "401", "403", "429", "500", "502", "503", "504"}


def resolve(node: Any) -> Any:
    while isinstance(node, dict) and "$ref" in node:
        found: Any = contract()
        for name in node["$ref"].removeprefix("#/").split("/"):
            found = found[name]
        node = found
    return node


def operation(path: str) -> dict[str, Any]:
    found: dict[str, Any] = contract()["paths"][path][OPERATIONS[path]]
    return found


def examples() -> list[Any]:
    """Every example of a body or header, with the schema beside it."""
    found = []
    for path, node in walk(contract()):
        if not isinstance(node, dict) or "schema" not in node or path[-1] == "schema":
            continue
        for name, example in node.get("examples", {}).items():
            found.append(pytest.param(node["schema"], example["value"], id=f"{path[-3]}-{name}"))
        if "example" in node:
            found.append(pytest.param(node["schema"], node["example"], id=str(path[-1])))
    return found


def test_the_document_is_valid_openapi_3_1() -> None:
    assert contract()["openapi"].startswith("3.1")
    # Where it is used, and not by every worker that collects this file: it is slow to import.
    from openapi_spec_validator import validate

    validate(contract())


def test_it_has_exactly_the_three_operations() -> None:
    paths = {path: set(methods) for path, methods in contract()["paths"].items()}
    assert paths == {path: {method} for path, method in OPERATIONS.items()}


@pytest.mark.parametrize("path", OPERATIONS)
def test_every_refusal_is_a_problem_document(path: str) -> None:
    responses = operation(path)["responses"]
    assert set(responses) >= PROBLEMS | {"200"}
    for status in set(responses) - {"200"}:
        content = resolve(responses[status])["content"]
        assert set(content) == {"application/problem+json"}
        assert content["application/problem+json"]["examples"]


@pytest.mark.parametrize("path", OPERATIONS)
def test_429_and_503_say_when_to_come_back(path: str) -> None:
    for status in ("429", "503"):
        assert "Retry-After" in resolve(operation(path)["responses"][status])["headers"]


def test_a_lookup_may_say_how_long_it_may_be_kept() -> None:
    assert "Cache-Control" in operation("/v1/claim-lookups")["responses"]["200"]["headers"]


def test_a_lookup_can_also_be_refused_for_its_body() -> None:
    assert {"411", "413", "415"} <= set(operation("/v1/claim-lookups")["responses"])


@pytest.mark.parametrize(("schema", "value"), examples())
def test_an_example_keeps_its_schema(schema: dict[str, Any], value: Any) -> None:
    errors = [error.message for error in validator_of(schema).iter_errors(value)]
    assert errors == []


def test_there_are_examples_of_several_situations() -> None:
    content = operation("/v1/claim-lookups")["responses"]["200"]["content"]["application/json"]
    claims = [claim for each in content["examples"].values() for claim in each["value"]["claims"]]
    assert {"in_progress", "action_needed", "rejected", "payment_returned", "completed"} <= {
        claim["state"] for claim in claims
    }
    assert any(not each["value"]["claims"] for each in content["examples"].values())


@pytest.mark.parametrize("name", [name for name in schemas() if name.endswith("Code")])
def test_a_code_is_an_open_list_of_plain_words(name: str) -> None:
    schema = schemas()[name]
    assert schema["pattern"] == "^[a-z][a-z0-9_]*$"
    assert "enum" not in schema
    assert len(set(schema["x-known-codes"])) == len(schema["x-known-codes"]) > 0
    validator = validator_of(schema)
    assert all(validator.is_valid(code) for code in [*schema["x-known-codes"], "never_heard_of"])
    assert not validator.is_valid("Not A Code")


def test_stages_of_every_service_use_known_codes() -> None:
    table = schemas()["StageCode"]["x-stages"]
    assert set(table) == set(known("ServiceCode"))
    stages = {stage for process in table.values() for stage in process["order"]}
    assert stages == set(known("StageCode"))
    for process in table.values():
        for limit in ("only_by", "not_by"):
            for stage, channels in process.get(limit, {}).items():
                assert stage in process["order"]
                assert set(channels) <= set(known("ChannelCode"))


def test_causes_by_state_use_known_codes_and_leave_none_out() -> None:
    table = schemas()["OutcomeCauseCode"]["x-causes-by-state"]
    assert set(table) == set(known("StateCode"))
    assert {cause for causes in table.values() for cause in causes} == set(
        known("OutcomeCauseCode")
    )


def test_every_string_list_and_number_is_bounded() -> None:
    unbounded = []
    for path, node in walk(schemas()):
        kinds = node.get("type") if isinstance(node, dict) else None
        kinds = [kinds] if isinstance(kinds, str) else kinds
        if not isinstance(kinds, list):
            continue
        has_bound = {
            "string": {"maxLength", "const", "pattern"} & set(node),
            "array": {"maxItems"} & set(node),
            "integer": {"minimum", "maximum"} <= set(node),
            "number": {"minimum", "maximum"} <= set(node),
        }
        unbounded += [path for kind in kinds if not has_bound.get(kind, True)]
    assert unbounded == []


def test_every_pattern_is_anchored_at_both_ends() -> None:
    patterns = [
        node["pattern"]
        for _path, node in walk(schemas())
        if isinstance(node, dict) and isinstance(node.get("pattern"), str)
    ]
    assert patterns
    assert all(each.startswith("^") and each.endswith("$") for each in patterns)


def test_nothing_of_money_or_person_has_a_field() -> None:
    fields = {
        name
        for path, node in walk(schemas())
        if path and path[-1] == "properties" and isinstance(node, dict)
        for name in node
        # Where a branch stands is nobody's own address.
        if (path[-2], name) != ("Branch", "address")
    }
    forbidden = ("amount", "balance", "account", "bank", "address", "email", "birth", "mother")
    assert not [name for name in fields if any(word in name for word in forbidden)]

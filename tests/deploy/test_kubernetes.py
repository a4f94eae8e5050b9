"""The example for Kubernetes: by the published schemas, short, and of the site's own settings."""

from dataclasses import fields
from typing import Any

import kubernetes_validate
import pytest
import yaml

from tests.conftest import ROOT
from tracking_site.settings import Settings

PATH = ROOT / "deploy" / "kubernetes.yaml"
TEXT = PATH.read_text(encoding="utf-8")
OBJECTS: list[dict[str, Any]] = list(yaml.safe_load_all(TEXT))
VERSIONS = ("1.29", "1.33")


def pod() -> dict[str, Any]:
    found: dict[str, Any] = next(
        each["spec"]["template"]["spec"] for each in OBJECTS if each["kind"] == "Deployment"
    )
    return found


def container() -> dict[str, Any]:
    (only,) = pod()["containers"]
    found: dict[str, Any] = only
    return found


def test_it_is_short_and_whole() -> None:
    assert len(TEXT.splitlines()) < 120
    kinds = [each["kind"] for each in OBJECTS]
    assert kinds == ["Deployment", "Service", "PodDisruptionBudget"]


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("each", OBJECTS, ids=lambda each: str(each["kind"]))
def test_it_keeps_the_published_schemas(each: dict[str, Any], version: str) -> None:
    kubernetes_validate.validate(each, version, strict=True)


def test_the_validator_sees_a_wrong_word() -> None:
    wrong = yaml.safe_load(yaml.safe_dump(OBJECTS[0]))
    wrong["spec"]["replica"] = 2
    with pytest.raises(kubernetes_validate.ValidationError):
        kubernetes_validate.validate(wrong, VERSIONS[-1], strict=True)


def test_settings_exist_and_secrets_come_as_files() -> None:
    known = {each.name.upper(): each.metadata["secret"] for each in fields(Settings)}
    for variable in container()["env"]:
        name = variable["name"]
        assert name in known or known[name.removesuffix("_FILE")], name
        assert not known.get(name, False), f"{name} is a secret in the open"


def test_what_is_mounted_is_there_and_secrets_stand_where_the_settings_say() -> None:
    volumes = {each["name"] for each in pod()["volumes"]}
    mounts = {each["name"]: each["mountPath"] for each in container()["volumeMounts"]}
    assert set(mounts) == volumes
    for variable in container()["env"]:
        if variable["name"].endswith("_FILE"):
            assert variable["value"].startswith(tuple(mounts.values())), variable


def test_it_stops_later_than_gunicorn_and_the_notice_to_proxies() -> None:
    core = next(each.metadata["default"] for each in fields(Settings) if "total" in each.name)
    notice = int(container()["lifecycle"]["preStop"]["exec"]["command"][1])
    assert pod()["terminationGracePeriodSeconds"] > notice + core + 10


def test_it_may_do_little() -> None:
    assert pod()["securityContext"]["runAsNonRoot"] is True
    assert container()["securityContext"]["readOnlyRootFilesystem"] is True
    assert container()["securityContext"]["capabilities"] == {"drop": ["ALL"]}
    selectors = {
        str(each["spec"]["selector"].get("matchLabels", each["spec"]["selector"]))
        for each in OBJECTS
    }
    assert selectors == {"{'app': 'lacak-klaim'}"}

"""The example for KubeRay, as far as it can be checked without a cluster; its README says what was not."""

import importlib
import json
from pathlib import Path
from typing import Any, get_type_hints

import jsonschema
import pytest
import yaml

from service.settings import Settings
from tests.conftest import ROOT

SCHEMAS = json.loads((Path(__file__).parent / "files" / "kubernetes-1.37.json").read_bytes())
Item = dict[str, Any]


def _fields(required: Item) -> Item:
    return {
        "type": "object",
        "properties": required,
        "required": list(required),
        "additionalProperties": False,
    }


# What KubeRay reads, as far as it is used here: by the types of its API ray.io/v1, which its own schema is made from.
_COUNT = {"type": "integer", "minimum": 0}
_GROUP = {
    "rayStartParams": {"type": "object", "additionalProperties": {"type": "string"}},
    "template": {"type": "object"},  # Kubernetes' own
}
RAY_SERVICE = _fields(
    {
        "serveConfigV2": {"type": "string"},
        "upgradeStrategy": _fields({"type": {"enum": ["NewCluster", "None"]}}),
        "rayClusterConfig": _fields(
            {
                "headGroupSpec": _fields(_GROUP),
                "rayVersion": {"type": "string"},
                "workerGroupSpecs": {
                    "type": "array",
                    "items": _fields(
                        {
                            "groupName": {"type": "string"},
                            "replicas": _COUNT,
                            "minReplicas": _COUNT,
                            "maxReplicas": _COUNT,
                            **_GROUP,
                        }
                    ),
                },
            }
        ),
    }
)

# Raised while Ray's modules are imported, not by our use of them.
pytestmark = pytest.mark.filterwarnings("ignore:Using extra keyword arguments on `Field`")


@pytest.fixture(scope="module")
def items() -> list[Item]:
    listed: list[Item] = yaml.safe_load((ROOT / "docs/kubernetes/onrecord.yaml").read_bytes())["items"]
    return listed


@pytest.fixture(scope="module")
def service(items: list[Item]) -> Item:
    (found,) = of_kind(items, "RayService")
    return found


@pytest.fixture(scope="module")
def groups(service: Item) -> list[Item]:
    cluster = service["spec"]["rayClusterConfig"]
    return [cluster["headGroupSpec"], *cluster["workerGroupSpecs"]]


@pytest.fixture(scope="module")
def serving(service: Item) -> Item:
    config: Item = yaml.safe_load(service["spec"]["serveConfigV2"])
    return config


def of_kind(items: list[Item], kind: str) -> list[Item]:
    return [one for one in items if one["kind"] == kind]


def check(item: Item, name: str) -> None:
    schema = {"$ref": f"#/$defs/io.k8s.api.{name}", "$defs": SCHEMAS["$defs"]}
    jsonschema.Draft202012Validator(schema).validate(item)


def test_whatever_kubernetes_itself_reads_is_as_its_schemas_have_it(items: list[Item], groups: list[Item]) -> None:
    names = {
        "ConfigMap": "core.v1.ConfigMap",
        "PersistentVolumeClaim": "core.v1.PersistentVolumeClaim",
        "NetworkPolicy": "networking.v1.NetworkPolicy",
    }
    assert {one["kind"] for one in items} == {*names, "RayService"}
    for kind, name in names.items():
        for item in of_kind(items, kind):
            check(item, name)
    for group in groups:
        check(group["template"], "core.v1.PodTemplateSpec")


def test_whatever_kuberay_reads_is_as_its_types_have_it(service: Item) -> None:
    assert service["apiVersion"] == "ray.io/v1"
    assert set(service) == {"apiVersion", "kind", "metadata", "spec"}
    jsonschema.Draft202012Validator(RAY_SERVICE).validate(service["spec"])


def test_a_field_that_kubernetes_does_not_have_is_found(groups: list[Item]) -> None:
    template = json.loads(json.dumps(groups[0]["template"]))
    template["spec"]["containers"][0]["securityContext"]["readOnlyRoot"] = True
    with pytest.raises(jsonschema.ValidationError, match="readOnlyRoot"):
        check(template, "core.v1.PodTemplateSpec")


def test_the_configuration_of_serve_is_as_ray_has_it_and_has_nothing_that_ray_passes_over(serving: Item) -> None:
    from ray.serve.schema import HTTPOptionsSchema, ServeApplicationSchema, ServeDeploySchema

    ServeDeploySchema.model_validate(serving)
    assert set(serving) <= set(ServeDeploySchema.model_fields)
    assert set(serving["http_options"]) <= set(HTTPOptionsSchema.model_fields)
    for application in serving["applications"]:
        assert set(application) <= set(ServeApplicationSchema.model_fields)


def test_every_application_is_made_by_what_its_import_path_names(serving: Item) -> None:
    for application in serving["applications"]:
        module, _, name = application["import_path"].partition(":")
        builder = getattr(importlib.import_module(module), name)
        (arguments,) = (kind for argument, kind in get_type_hints(builder).items() if argument != "return")
        arguments.model_validate(application["args"])
        assert set(application["args"]) == set(arguments.model_fields)


def test_ray_puts_each_shard_and_the_app_where_their_disk_is(service: Item, serving: Item) -> None:
    # What Ray itself makes of KubeRay's description of a cluster, to know what each group of pods has.
    from ray.autoscaler._private.kuberay.autoscaling_config import _derive_autoscaling_config_from_ray_cr

    cluster = {"metadata": {"name": "onrecord", "namespace": "any"}, "spec": service["spec"]["rayClusterConfig"]}
    groups = _derive_autoscaling_config_from_ray_cr(cluster)["available_node_types"]
    for application in serving["applications"]:
        (having,) = (name for name, group in groups.items() if application["name"] in group["resources"])
        assert groups[having]["max_workers"] == 1
        assert groups[having]["resources"]["CPU"] >= 1


def test_every_shard_has_a_number_and_a_disk_of_its_own(items: list[Item], serving: Item, groups: list[Item]) -> None:
    shards = [one for one in serving["applications"] if one["import_path"].startswith("service.cluster.shards:")]
    assert [one["args"]["number"] for one in shards] == list(range(len(shards)))
    assert [one["name"] for one in shards] == [f"shard-{number}" for number in range(len(shards))]
    claimed = [
        volume["persistentVolumeClaim"]["claimName"]
        for group in groups
        for volume in group["template"]["spec"]["volumes"]
        if "persistentVolumeClaim" in volume
    ]
    assert sorted(claimed) == sorted(one["metadata"]["name"] for one in of_kind(items, "PersistentVolumeClaim"))


def test_settings_are_settings_of_the_service(items: list[Item]) -> None:
    (values,) = of_kind(items, "ConfigMap")
    given = {name.removeprefix("ONRECORD_").lower(): value for name, value in values["data"].items()}
    assert set(given) <= set(Settings.model_fields)
    assert Settings.model_validate(given).shard_resources is True


def test_no_container_may_do_more_than_it_has_to(groups: list[Item]) -> None:
    for group in groups:
        pod = group["template"]["spec"]
        assert pod["automountServiceAccountToken"] is False
        assert pod["securityContext"]["runAsNonRoot"] is True
        assert pod["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
        assert not {"hostNetwork", "hostPID", "hostIPC"} & set(pod)
        assert not [volume for volume in pod["volumes"] if "hostPath" in volume]
        for container in pod["containers"]:
            assert container["securityContext"] == {
                "allowPrivilegeEscalation": False,
                "readOnlyRootFilesystem": True,
                "capabilities": {"drop": ["ALL"]},
            }
            assert {"livenessProbe", "readinessProbe"} <= set(container)
            assert container["resources"]["limits"]["memory"] == container["resources"]["requests"]["memory"]


def test_the_ports_of_ray_are_closed_to_all_but_its_own_pods_and_the_operator(
    items: list[Item], groups: list[Item]
) -> None:
    (policy,) = of_kind(items, "NetworkPolicy")
    own = policy["spec"]["podSelector"]["matchLabels"]
    assert all(group["template"]["metadata"]["labels"] == own for group in groups)
    assert set(policy["spec"]["policyTypes"]) == {"Ingress", "Egress"}
    (values,) = of_kind(items, "ConfigMap")
    callers = {"kubernetes.io/metadata.name": values["metadata"]["annotations"]["callers"]}
    for rule in policy["spec"]["ingress"]:
        (source,) = rule["from"]
        if source.get("namespaceSelector", {}).get("matchLabels") == callers:
            assert [one["port"] for one in rule["ports"]] == [8000]
        elif "namespaceSelector" in source:
            assert 6379 not in [one["port"] for one in rule["ports"]]
        else:
            assert source == {"podSelector": {"matchLabels": own}}

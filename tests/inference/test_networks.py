"""Networks that are taken in, and those that are not: each with its verdict."""

from typing import Any

import numpy as np
import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from common.errors import ForbiddenError
from common.scope import tenant_scope
from inference import selectors, services
from inference.errors import NetworkExistsError, NetworkPackageError, ThirdPartyRefusedError
from inference.models import Network
from inference.networks import onnx_file
from inference.networks.errors import (
    GoldenError,
    ManifestError,
    NetworkError,
    NetworkFileError,
    NetworkOutputError,
)
from inference.policy import REQUIRED, Answer, Question
from tests.factories import onnx_models
from tests.factories.cast import make_actor, make_tenant
from tests.factories.inference import analysed_study, import_network, make_centre
from tests.factories.onnx_models import bright_squares, external_tensor, model, node, npy, two_squares
from vault import selectors as vault

pytestmark = pytest.mark.django_db
SMALL: dict[str, Any] = {"inputs": {"image": (1, 1, 64, 128)}, "outputs": {"maps": (1, 1, 64, 128)}}


def test_a_network_is_checked_sealed_and_recorded() -> None:
    owner = make_actor(make_tenant(), "owner")
    network_id = services.import_network(actor=owner, files=onnx_models.package())

    with tenant_scope(owner.tenant_id):
        row = selectors.get_network(network_id=network_id)
        reader = vault.open_object(tenant_id=owner.tenant_id, blob_id=row.onnx_blob_id)
    assert reader.read(0, reader.plain_size) == bright_squares()
    assert (row.checks["opset"], row.checks["golden_findings"]) == (17, 2)
    assert row.card == "# Bright squares\n"


@pytest.mark.parametrize(
    ("onnx", "kind", "said"),
    [
        (b"\xff\xfe no onnx", NetworkFileError, "no ONNX model"),
        (b"", NetworkFileError, "no graph"),
        (bright_squares()[:-40], NetworkFileError, "cut off"),
        (model([node("Identity", ["image"], ["maps"])], opset=5, **SMALL), NetworkFileError, "operator set 5"),
        (model([node("Identity", ["image"], ["maps"])], domain="com.x", **SMALL), NetworkFileError, "com.x"),
        (
            model(
                [node("Identity", ["image"], ["maps"])],
                extra=onnx_models.block(5, external_tensor("w", (4,))),
                **SMALL,
            ),
            NetworkFileError,
            "another file",
        ),
        (model([node("NoSuchOperator", ["image"], ["maps"])], **SMALL), NetworkFileError, "runtime cannot read"),
        (model([node("Identity", ["image"], ["maps"])], **SMALL), NetworkFileError, "no output classes"),
        (bright_squares(height=32), NetworkFileError, r"\[1, 1, 32, 128\]"),
        (onnx_models.no_numbers(), NetworkOutputError, "no numbers"),
        (onnx_models.brightness(), NetworkFileError, "no output distances"),
    ],
    ids=["noise", "empty", "cut", "opset", "domain", "external", "operator", "output", "shape", "nan", "other"],
)
def test_a_file_that_cannot_be_used_gets_its_verdict(onnx: bytes, kind: type[NetworkError], said: str) -> None:
    with pytest.raises(kind, match=said):
        import_network(make_actor(make_tenant(), "owner"), onnx)


def test_a_file_other_than_the_manifest_names_is_refused() -> None:
    owner = make_actor(make_tenant(), "owner")
    files = onnx_models.package() | {"network.onnx": onnx_models.no_numbers()}

    with pytest.raises(NetworkFileError, match="SHA-256"):
        services.import_network(actor=owner, files=files)


def test_a_network_that_wants_more_memory_than_is_granted_is_refused() -> None:
    huge = model(
        [node("Expand", ["image", "shape"], ["grown"]), node("ReduceMax", ["grown"], ["classes"])],
        inputs={"image": (1, 1, 64, 128)},
        outputs={"classes": (1, 1, 1, 1)},
        constants={"shape": np.array([400_000, 1, 64, 128], np.int64)},
    )
    with pytest.raises(NetworkError, match=r"memory|failed on an image|ended unexpectedly"):
        import_network(make_actor(make_tenant(), "owner"), huge, output={"task": "classification"})


def _golden(expected: list[dict[str, Any]]) -> dict[str, Any]:
    return {**onnx_models.manifest(b"", npy(two_squares()))["golden"], "expected": expected}


def test_an_oversized_file_is_refused_unread(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(onnx_file, "MAX_BYTES", 100)
    owner = make_actor(make_tenant(), "owner")

    with pytest.raises(NetworkPackageError, match="at most 100"):
        import_network(owner)


@pytest.mark.parametrize(
    ("expected", "said"),
    [
        ([], "was found, but not expected"),
        ([*onnx_models.EXPECTED, {"label": "square", "score": 0.9, "box": [0, 0, 16, 16]}], "was not found"),
        ([{**onnx_models.EXPECTED[0], "box": [40, 4, 56, 20]}, onnx_models.EXPECTED[1]], "or elsewhere"),
    ],
)
def test_a_network_that_does_not_find_its_golden_findings_is_refused(expected: list[dict[str, Any]], said: str) -> None:
    files = onnx_models.package()
    manifest = yaml.safe_load(files["network.yaml"]) | {"golden": _golden(expected)}
    files |= {"network.yaml": yaml.safe_dump(manifest).encode()}

    with pytest.raises(GoldenError, match=said):
        services.import_network(actor=make_actor(make_tenant(), "owner"), files=files)


@pytest.mark.parametrize("lacking", ["network.yaml", "network.onnx", "golden.npy", "card.md"])
def test_a_package_that_lacks_a_file_says_which(lacking: str) -> None:
    files = onnx_models.package()
    del files[lacking]

    with pytest.raises(NetworkPackageError, match=lacking):
        services.import_network(actor=make_actor(make_tenant(), "owner"), files=files)


def test_a_version_is_never_replaced() -> None:
    owner = make_actor(make_tenant(), "owner")
    import_network(owner)

    with pytest.raises(NetworkExistsError):
        import_network(owner, title="Another title")
    with tenant_scope(owner.tenant_id):
        assert [row.title for row in Network.objects.all()] == ["Finder of bright squares"]


def test_a_manifest_changed_in_the_database_runs_nothing() -> None:
    centre = make_centre()
    with tenant_scope(centre.tenant.id):
        row = centre.network()
        Network.objects.filter(id=row.id).update(manifest=row.manifest.replace("0.5", "0.1"))
    analysed_study(centre)

    (run,) = centre.runs()
    assert (run.state, run.code) == ("failed", ManifestError.code)


@pytest.mark.parametrize("role", ["dentist", "radiologist", "technician", "assistant", "compliance_officer"])
def test_only_who_manages_networks_takes_one_in(role: str) -> None:
    with pytest.raises(ForbiddenError):
        import_network(make_actor(make_tenant(), role))


@given(st.binary(max_size=120))
def test_any_bytes_are_an_onnx_file_or_refused(data: bytes) -> None:
    with pytest.raises(NetworkFileError):
        onnx_file.read(data)


THIRD_PARTY: dict[str, Any] = {"supplier": {"name": "Elsewhere Inc.", "relation": "third-party"}}


@pytest.mark.req("AI-18")
def test_a_third_partys_network_runs_for_nobody_while_no_papers_are_on_record() -> None:
    centre = make_centre(with_rule=False, **THIRD_PARTY)

    with pytest.raises(ThirdPartyRefusedError, match="agreement, encryption-at-rest"):
        services.add_rule(actor=centre.owner, network_id=centre.network_id, conditions=services.Conditions())


asked: list[Question] = []
papers: set[str] = set()


def register(question: Question) -> Answer:
    asked.append(question)
    return Answer(frozenset(papers))


@pytest.mark.req("AI-18")
def test_a_third_partys_network_runs_with_all_papers_and_stops_when_one_goes(settings: Any) -> None:
    settings.INFERENCE_GATE = f"{__name__}.register"
    papers.update(REQUIRED)
    centre = make_centre(**THIRD_PARTY)
    analysed_study(centre, "before")
    papers.discard("no-training")
    analysed_study(centre, "after")

    assert [run.state for run in centre.runs()] == ["done"]
    assert asked[-1].supplier_name == "Elsewhere Inc."

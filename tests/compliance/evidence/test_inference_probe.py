"""The evidence that a network has no way out."""

from typing import Any

import pytest

from common.ids import NIL
from compliance.evidence.probes import inference as probes
from compliance.evidence.registry import all_probes
from inference import isolation
from tests.factories.cast import make_tenant

WAYS = {"socket by Python": "stopped by the guard", "new process": "stopped by the kernel (EPERM)"}


def proof(**changes: Any) -> Any:
    return lambda: {"wall": "namespace", "holds": True, "inside": WAYS, "outside": {}, **changes}


@pytest.mark.django_db
@pytest.mark.req("X-13")
def test_a_networks_process_is_tried_from_within() -> None:
    found = all_probes()["P-OPS-ISOLATION"](make_tenant().id)

    assert found.value is True
    assert "5 ways out were tried" in found.detail


def test_an_open_way_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(isolation, "prove", proof(holds=False, inside={**WAYS, "new process": "open"}))
    found = probes.no_way_out(NIL)

    assert (found.value, "new process open" in found.detail) == (False, True)


def test_a_guard_alone_is_not_enough(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(isolation, "prove", proof(wall="guard"))

    assert probes.no_way_out(NIL).value is False

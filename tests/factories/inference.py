"""Networks, films and runs for tests: a finder of bright squares, and films that have two of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any
from unittest import mock
from uuid import UUID

import numpy as np
import numpy.typing as npt

from accounts.models import Tenant
from common.actor import Actor, system_actor
from common.scope import tenant_scope
from inference import services
from inference.models import Finding, Network, Run
from inference.networks.manifest import Manifest, read_manifest
from inference.services import networks
from outbox import services as outbox
from pacs.dicom.phantom import make_slice, make_uid
from pacs.models import Study
from tests.factories import onnx_models
from tests.factories.cast import make_actor, make_tenant
from tests.factories.studies import store

PANORAMIC = "1.2.840.10008.5.1.4.1.1.1.1"


def make_film(seed: str = "film", number: int = 1, **elements: Any) -> bytes:
    """Make a small panoramic with two bright squares; elements override the header by keyword, `pixels` the image."""
    header: dict[str, Any] = {
        "pixels": onnx_models.two_squares(),
        "SOPClassUID": PANORAMIC,
        "Modality": "PX",
        "BodyPartExamined": "JAW",
        "Manufacturer": "Planmeca",
        "ManufacturerModelName": "ProMax",
        "InstitutionName": "North Site",
        "StudyDate": "20261001",
        "StudyInstanceUID": make_uid(seed, "study"),
        "SeriesInstanceUID": make_uid(seed, "series"),
        "SOPInstanceUID": make_uid(seed, "instance", number),
        "InstanceNumber": number,
        "PatientName": "Phantom^Petra",
        "PatientID": f"P-{seed}",
        "WindowCenter": 128,
        "WindowWidth": 256,
    }
    return make_slice(**{**header, **elements})


def store_films(tenant: Tenant, seed: str = "film", *, count: int = 1, **elements: Any) -> Study:
    """Store films of one study, without what the worker does."""
    verdicts = store(tenant.id, [make_film(seed, number, **elements) for number in range(1, count + 1)])
    (uid,) = {verdict.study_instance_uid for verdict in verdicts}
    with tenant_scope(tenant.id):
        study: Study = Study.objects.get(study_instance_uid=uid, deleted_at=None)
    return study


def darker(number: int) -> npt.NDArray[np.uint8]:
    """Return two squares on another ground each time: films of different bytes."""
    image = onnx_models.two_squares()
    image[0, 0] = number % 256
    return image


@dataclass(frozen=True)
class Centre:
    """A tenant with the finder of bright squares, and a rule that lets it look at everything."""

    tenant: Tenant
    network_id: UUID
    owner: Actor

    @property
    def system(self) -> Actor:
        return system_actor(self.tenant.id)

    def deliver(self) -> None:
        """Do what waits, as the worker does."""
        outbox.drain([self.tenant.id])

    def runs(self) -> list[Run]:
        with tenant_scope(self.tenant.id):
            return list(Run.objects.order_by("id"))

    def findings(self) -> list[Finding]:
        with tenant_scope(self.tenant.id):
            return list(Finding.objects.order_by("run_id", "number"))

    def network(self) -> Network:
        with tenant_scope(self.tenant.id):
            network: Network = Network.objects.get(id=self.network_id)
        return network


def make_centre(*, with_rule: bool = True, **changes: Any) -> Centre:
    """Make a tenant that has the finder of bright squares."""
    tenant = make_tenant()
    owner = make_actor(tenant, "owner")
    network_id = import_network(owner, **changes)
    if with_rule:
        services.add_rule(actor=owner, network_id=network_id, conditions=services.Conditions())
    return Centre(tenant, network_id, owner)


def import_network(actor: Actor, onnx: bytes | None = None, golden: bytes | None = None, **changes: Any) -> UUID:
    """Import a small network; what a child of its own saw of it is asked for once, not by every test."""
    with mock.patch.object(networks, "check", _checked):
        return services.import_network(actor=actor, files=onnx_models.package(onnx, golden, **changes))


_check = networks.check


def _checked(text: bytes, _manifest: Manifest, onnx: bytes, golden: bytes) -> dict[str, Any]:
    return dict(_seen(text, onnx, golden))


@cache
def _seen(text: bytes, onnx: bytes, golden: bytes) -> dict[str, Any]:
    return _check(text, read_manifest(text), onnx, golden)


def analysed_study(centre: Centre, seed: str = "film", *, count: int = 1) -> Study:
    """Store films, and let the network look at them."""
    study = store_films(centre.tenant, seed, count=count)
    centre.deliver()
    return study


def states(runs: Sequence[Run]) -> list[str]:
    """Name the states of runs."""
    return [run.state for run in runs]

"""C-FIND: what matches is told, in every charset, and nothing of anybody else."""

import pytest

from audit.models import AuditEvent
from common.scope import tenant_scope
from pacs.dimse import callers, finding
from pacs.dimse.association import Association
from pacs.dimse.commands import Status
from pacs.dimse.models import Peer
from pacs.dimse.serving import PortalDesk
from tests.factories.studies import make_study
from tests.pacs.dimse.talking import Device, make_called_tenant, talk, values

pytestmark = [pytest.mark.django_db, pytest.mark.req("X-20")]
PATIENT_ROOT = "1.2.840.10008.5.1.4.1.2.1.1"
STUDY_ROOT = "1.2.840.10008.5.1.4.1.2.2.1"
NAME, PATIENT_ID, STUDY_UID = "00100010", "00100020", "0020000D"


def find(root: str, **keys: object) -> list[dict[str, object]]:
    return talk(lambda device: device.find(root, **keys), root)


def test_studies_are_found_by_name_with_what_was_asked_for() -> None:
    tenant = make_called_tenant()
    study = make_study(tenant.id, "anna", 2, PatientName="Müller^Änne", SpecificCharacterSet="ISO_IR 192")
    make_study(tenant.id, "bert", 1, PatientName="Bauer^Bert")

    (match,) = find(
        STUDY_ROOT, QueryRetrieveLevel="STUDY", PatientName="muller^*", NumberOfStudyRelatedInstances=None, StudyID=None
    )

    assert match[NAME] == {"vr": "PN", "Value": [{"Alphabetic": "Müller^Änne"}]}
    assert values([match], STUDY_UID) == [study.study_instance_uid]
    assert values([match], "00201208") == [2]
    assert values([match], "00080054") == ["PORTAL"]


def test_another_tenants_studies_are_not_found() -> None:
    make_study(make_called_tenant("OTHER").id, "hidden")
    make_called_tenant()

    assert find(STUDY_ROOT, QueryRetrieveLevel="STUDY", StudyInstanceUID=None) == []


def test_patients_are_found_once_each_under_the_patient_root() -> None:
    tenant = make_called_tenant()
    for seed, patient in (("one", "P1"), ("two", "P1"), ("three", "P2")):
        make_study(tenant.id, seed, 1, PatientID=patient, PatientName=f"{patient}^X")

    found = find(PATIENT_ROOT, QueryRetrieveLevel="PATIENT", PatientID=None, PatientName=None)

    assert sorted(values(found, PATIENT_ID)) == ["P1", "P2"]


def test_series_and_images_are_found_below_a_study() -> None:
    tenant = make_called_tenant()
    study = make_study(tenant.id, "below", 3)

    def act(device: Device) -> tuple[list[dict[str, object]], list[dict[str, object]]]:
        series = device.find(
            STUDY_ROOT, QueryRetrieveLevel="SERIES", StudyInstanceUID=study.study_instance_uid, Modality="CT"
        )
        images = device.find(
            STUDY_ROOT,
            QueryRetrieveLevel="IMAGE",
            StudyInstanceUID=study.study_instance_uid,
            InstanceNumber=2,
            PixelSpacing=None,
        )
        return series, images

    series, images = talk(act, STUDY_ROOT)

    assert values(series, "00080060") == ["CT"]
    # From the header of the instance, which no column holds.
    assert images[0]["00280030"] == {"vr": "DS", "Value": [0.5, 0.5]}
    assert len(images) == 1


def test_results_come_page_by_page_and_every_page_is_logged(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(finding, "PAGE", 2)
    tenant = make_called_tenant()
    for number in range(5):
        make_study(tenant.id, f"page{number}", 1)

    assert len(find(STUDY_ROOT, QueryRetrieveLevel="STUDY", StudyInstanceUID=None)) == 5
    with tenant_scope(tenant.id):
        assert AuditEvent.objects.filter(action="studies.searched").count() == 3


def test_a_key_that_is_not_matched_is_answered_with_the_warning_of_the_standard() -> None:
    tenant = make_called_tenant()
    make_study(tenant.id, "warned", 1)

    def act(device: Device) -> list[int]:
        device.find(STUDY_ROOT, QueryRetrieveLevel="STUDY", PatientComments="x")
        return [command["Status"] for command, _ in device.answers]

    assert talk(act, STUDY_ROOT) == [Status.PENDING_WITH_WARNING, Status.SUCCESS]


@pytest.mark.parametrize(
    ("root", "keys", "status"),
    [
        (STUDY_ROOT, {"QueryRetrieveLevel": "PATIENT"}, Status.DATA_SET_MISMATCH),
        (STUDY_ROOT, {"QueryRetrieveLevel": "FRAME"}, Status.DATA_SET_MISMATCH),
        (STUDY_ROOT, {"PatientID": "x"}, Status.DATA_SET_MISMATCH),
        (STUDY_ROOT, {"QueryRetrieveLevel": "STUDY", "StudyDate": "soon"}, Status.CANNOT_UNDERSTAND),
    ],
)
def test_what_cannot_be_answered_is_refused_with_its_status(root: str, keys: dict[str, object], status: int) -> None:
    make_called_tenant()

    def act(device: Device) -> int:
        device.find(root, **keys)
        return int(device.answers[-1][0]["Status"])

    assert talk(act, root) == status


def test_a_query_is_cancelled_between_two_matches(monkeypatch: pytest.MonkeyPatch) -> None:
    tenant = make_called_tenant()
    for number in range(3):
        make_study(tenant.id, f"cancel{number}", 1)
    monkeypatch.setattr("pacs.dimse.association.Association.is_cancelled", lambda *_: True)

    def act(device: Device) -> list[int]:
        device.find(STUDY_ROOT, QueryRetrieveLevel="STUDY", StudyInstanceUID=None)
        return [command["Status"] for command, _ in device.answers]

    assert talk(act, STUDY_ROOT) == [Status.CANCELLED]


def test_a_device_that_may_no_longer_query_is_refused_on_an_open_association(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    tenant = make_called_tenant()
    make_study(tenant.id, "kept", 1)
    entered = PortalDesk.serve

    def after_a_change(desk: PortalDesk, association: Association) -> None:
        with tenant_scope(tenant.id):
            Peer.objects.update(can_query=False)
        callers.forget()
        entered(desk, association)

    monkeypatch.setattr(PortalDesk, "serve", after_a_change)

    def act(device: Device) -> list[int]:
        device.find(STUDY_ROOT, QueryRetrieveLevel="STUDY", StudyInstanceUID=None)
        return [command["Status"] for command, _ in device.answers]

    assert talk(act, STUDY_ROOT) == [Status.NOT_AUTHORISED]


def test_a_device_that_may_not_query_has_no_context_for_it() -> None:
    make_called_tenant(can_query=False)

    assert talk(lambda device: len(device.association.contexts), STUDY_ROOT) == 0

"""Pictures stored for a patient."""

import datetime as dt
from uuid import UUID

import pytest

from accounts.models import Tenant
from common.actor import Actor
from common.errors import ForbiddenError, TooLargeError
from common.sandbox import SandboxError
from common.scope import tenant_scope
from outbox import services as outbox
from pacs import selectors, services
from pacs.errors import PatientIdTakenError, PatientNotFoundError
from pacs.identity import Identity
from pacs.models import Instance, Patient, Series, Study
from pacs.services import Film
from tests.factories.cast import make_actor, make_tenant
from tests.factories.pictures import make_jpeg, make_pixels, make_png
from tests.factories.studies import make_study
from vault import selectors as vault

pytestmark = pytest.mark.django_db

PERSON = Identity("P-1", "", "Doe^Jane", dt.date(1990, 1, 1), "F")
DAY = dt.date(2026, 11, 20)


def send(actor: Actor, content: bytes | None = None, *, patient: UUID | Identity = PERSON, **said: str) -> str:
    film = Film(patient=patient, taken_on=DAY, **{"kind": "panoramic", **said})
    return services.store_film(actor=actor, film=film, content=content or make_jpeg()).status.value


def only_study(tenant: Tenant) -> Study:
    with tenant_scope(tenant.id):
        study: Study = Study.objects.select_related("patient").get(deleted_at=None)
    return study


@pytest.mark.req("PA-01")
@pytest.mark.req("DS-01")
def test_a_picture_becomes_a_study_of_its_patient(tenant: Tenant, technician: Actor) -> None:
    assert send(technician) == "stored"

    study = only_study(tenant)
    assert (study.patient_name, study.dicom_patient_id, study.modalities) == ("Doe, Jane", "P-1", "PX")
    assert (study.study_date, study.conflict) == (DAY, "")


@pytest.mark.req("PA-02")
def test_the_picture_as_it_came_is_in_the_store(tenant: Tenant, technician: Actor) -> None:
    original = make_jpeg()
    send(technician, original)

    with tenant_scope(tenant.id):
        (instance,) = selectors.list_instances(study_id=only_study(tenant).id)
        stored = b"".join(vault.open_blob(instance.blob).stream())
    assert original in stored


def test_it_is_prepared_for_reading_as_other_images_are(tenant: Tenant, technician: Actor) -> None:
    send(technician)
    outbox.drain([tenant.id])

    with tenant_scope(tenant.id):
        assert Series.objects.get().thumbnail_blob_id is not None


def test_the_same_picture_twice_is_stored_once(tenant: Tenant, technician: Actor) -> None:
    assert [send(technician), send(technician)] == ["stored", "duplicate"]
    with tenant_scope(tenant.id):
        assert Instance.objects.count() == 1


def test_pictures_of_one_day_are_one_study_with_a_series_a_kind(tenant: Tenant, technician: Actor) -> None:
    send(technician)
    send(technician, make_png())
    send(technician, make_jpeg(make_pixels(32, 32)), kind="face-photo")

    assert only_study(tenant).number_of_instances == 3
    with tenant_scope(tenant.id):
        assert list(Series.objects.order_by("series_number").values_list("modality", flat=True)) == ["XC", "PX"]
        assert sorted(Instance.objects.filter(series__modality="PX").values_list("instance_number", flat=True)) == [
            1,
            2,
        ]


def test_a_patient_who_is_known_can_be_chosen(tenant: Tenant, technician: Actor) -> None:
    known = make_study(tenant.id, "s", 1, PatientID="P-7", PatientName="Known^Karla").patient
    send(technician, patient=known.id)

    with tenant_scope(tenant.id):
        assert Study.objects.filter(patient_id=known.id, modalities="PX", patient_name="Known, Karla").exists()


def test_after_a_correction_the_next_picture_opens_a_study_of_its_own(tenant: Tenant, technician: Actor) -> None:
    send(technician)
    first = only_study(tenant)
    other = Identity("P-2", "", "Other^Otto", dt.date(1991, 1, 1), "M")
    services.move_study(actor=technician, study_id=first.id, to=other)

    assert send(technician, make_png()) == "stored"

    with tenant_scope(tenant.id):
        names = list(Study.objects.order_by("id").values_list("patient_name", flat=True))
    assert names == ["Other, Otto", "Doe, Jane"]


def test_the_id_of_somebody_else_is_refused_before_anything_is_stored(tenant: Tenant, technician: Actor) -> None:
    make_study(tenant.id, "s", 1, PatientID="P-1", PatientName="Somebody^Else")
    with pytest.raises(PatientIdTakenError):
        send(technician)
    assert only_study(tenant).modalities == "CT"


def test_a_damaged_picture_leaves_neither_study_nor_patient(tenant: Tenant, technician: Actor) -> None:
    with pytest.raises(SandboxError):
        send(technician, make_jpeg()[:-500])
    with tenant_scope(tenant.id):
        assert not Patient.objects.exists()


def test_a_picture_has_a_limit(technician: Actor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pacs.services.films.MAX_PICTURE", 100)
    with pytest.raises(TooLargeError):
        send(technician)


@pytest.mark.req("PA-06")
def test_who_may_not_upload_stores_no_picture(tenant: Tenant) -> None:
    with pytest.raises(ForbiddenError):
        send(make_actor(tenant, "dentist"))


@pytest.mark.req("PA-06")
def test_a_patient_of_another_tenant_cannot_be_chosen(technician: Actor) -> None:
    with pytest.raises(PatientNotFoundError):
        send(technician, patient=make_study(make_tenant().id, "x", 1).patient_id)

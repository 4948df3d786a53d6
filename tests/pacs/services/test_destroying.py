"""Destroying a study: doomed in the bin, spared until its key is destroyed, then without a trace in the database."""

import pytest
from django.db import models

from accounts.models import Tenant
from audit.models import AuditEvent
from common.actor import Actor, system_actor
from common.scope import tenant_scope
from outbox import services as outbox
from pacs import services
from pacs.errors import StudyDoomedError, StudyNotDoomedError, StudyNotFoundError
from pacs.identity import Identity
from pacs.models import Correction, Patient, Refusal, Study, UploadedFile
from pacs.reports import services as reports
from pacs.reports.services import ReportText
from sharing.models import ShareLink
from sharing.services import Terms, share_studies
from tests.factories.cast import make_actor, make_tenant
from tests.factories.studies import make_dicom, make_study, store
from vault import services as vault
from vault.errors import DestructionBegunError

pytestmark = [pytest.mark.django_db, pytest.mark.req("X-01")]


@pytest.fixture
def tenant() -> Tenant:
    return make_tenant()


@pytest.fixture
def actor(tenant: Tenant) -> Actor:
    return system_actor(tenant.id)


@pytest.fixture
def study(tenant: Tenant) -> Study:
    return make_study(tenant.id, "doomed", 2, prepared=True)


def doom(actor: Actor, study: Study) -> None:
    with tenant_scope(actor.tenant_id):
        services.doom_study(actor=actor, study_id=study.id, rule="US-TX", reason="test")


def destroy(actor: Actor, study: Study) -> None:
    doom(actor, study)
    vault.run_barrier(tenant_id=actor.tenant_id)
    services.destroy_study(actor=actor, study_id=study.id)


def rows(tenant: Tenant, *kinds: type[models.Model]) -> list[int]:
    with tenant_scope(tenant.id):
        return [kind._default_manager.count() for kind in kinds]


def test_a_study_whose_key_is_not_destroyed_loses_no_row(tenant: Tenant, actor: Actor, study: Study) -> None:
    with pytest.raises(StudyNotDoomedError):
        services.destroy_study(actor=actor, study_id=study.id)
    doom(actor, study)
    with pytest.raises(StudyNotDoomedError):
        services.destroy_study(actor=actor, study_id=study.id)

    assert rows(tenant, Study) == [1]


def test_dooming_twice_is_dooming_once_and_the_bin_does_not_give_it_back(actor: Actor, study: Study) -> None:
    doom(actor, study)
    doom(actor, study)

    with pytest.raises(StudyDoomedError):
        services.restore_study(actor=actor, study_id=study.id)


def test_a_spared_study_is_where_it_was(tenant: Tenant, actor: Actor, study: Study) -> None:
    doom(actor, study)

    with tenant_scope(tenant.id):
        services.spare_study(actor=actor, study_id=study.id, was_binned=False)
        assert Study.objects.get(id=study.id).deleted_at is None


def test_a_spared_study_that_was_stored_again_stays_in_the_bin(tenant: Tenant, actor: Actor, study: Study) -> None:
    doom(actor, study)
    make_study(tenant.id, "doomed", 2)

    with tenant_scope(tenant.id):
        services.spare_study(actor=actor, study_id=study.id, was_binned=False)
        assert Study.objects.get(id=study.id).deleted_at is not None
        assert Study.objects.filter(deleted_at=None).count() == 1


def test_nothing_spares_a_study_after_the_barrier(tenant: Tenant, actor: Actor, study: Study) -> None:
    doom(actor, study)
    vault.run_barrier(tenant_id=tenant.id)

    with tenant_scope(tenant.id), pytest.raises(DestructionBegunError):
        services.spare_study(actor=actor, study_id=study.id, was_binned=False)


def test_what_is_not_there_is_neither_doomed_nor_destroyed(actor: Actor, study: Study) -> None:
    destroy(actor, study)

    with pytest.raises(StudyNotFoundError):
        doom(actor, study)
    services.destroy_study(actor=actor, study_id=study.id)


def test_report_refusals_and_links_go_with_the_study(tenant: Tenant, actor: Actor, study: Study) -> None:
    reader = make_actor(tenant, "radiologist")
    draft = reports.save_draft(actor=reader, study_id=study.id, text=ReportText(observations="All well"))
    reports.sign(actor=reader, draft=draft)
    store(tenant.id, [make_dicom("doomed", 9)[:-20]])
    share_studies(
        actor=make_actor(tenant, "dentist"), study_ids=[study.id], terms=Terms(recipient_email="r@practice.example")
    )

    destroy(actor, study)
    outbox.drain([tenant.id])

    assert rows(tenant, Study, Refusal, Patient) == [0, 0, 0]
    with tenant_scope(tenant.id):
        assert ShareLink.objects.get().revoked_at is not None
        assert UploadedFile.objects.exclude(study_instance_uid="").count() == 0
        assert AuditEvent.objects.filter(action="study.removed", study_id=study.id).count() == 1


def test_a_patient_with_another_study_stays(tenant: Tenant, actor: Actor, study: Study) -> None:
    make_study(tenant.id, "another", 1, PatientID="P-doomed")

    destroy(actor, study)

    assert rows(tenant, Study, Patient) == [1, 1]


def test_a_patient_whom_a_correction_names_stays_without_a_name(tenant: Tenant, actor: Actor, study: Study) -> None:
    other = make_study(tenant.id, "other", 1, PatientName="Phantom^Other")
    former_id = other.patient_id
    services.move_study(actor=actor, study_id=other.id, to=Identity(patient_id="P-doomed", name_pn="Phantom^Petra"))
    with tenant_scope(tenant.id):
        kept = Study.objects.get(id=other.id)
    destroy(actor, study)

    assert rows(tenant, Study, Correction) == [1, 1]
    with tenant_scope(tenant.id):
        assert Patient.objects.get(id=former_id).name == "Phantom, Other"
        assert Patient.objects.get(id=kept.patient_id).name != ""


def test_who_was_merged_into_somebody_destroyed_is_a_patient_again(tenant: Tenant, actor: Actor) -> None:
    one, two = (make_study(tenant.id, seed, 1, PatientID=seed[0], PatientName="Same^Sue") for seed in ("a", "b"))
    make_study(tenant.id, "a-mixed", 1, PatientID="a", PatientName="Same^Sue")
    store(tenant.id, [make_dicom("a-mixed", 2, PatientID="z", PatientName="Other^Otto")])
    services.merge_patients(actor=actor, study_id=one.id, into_id=two.patient_id)
    for gone in (one, two):
        destroy(actor, gone)

    later = make_study(tenant.id, "a-later", 1, PatientID="a", PatientName="Same^Sue")

    assert (later.patient_id, later.dicom_patient_id) == (one.patient_id, "a")


def test_who_was_merged_into_somebody_stays_known_as_them(tenant: Tenant, actor: Actor) -> None:
    one, two = (make_study(tenant.id, seed, 1, PatientID=seed[0], PatientName="Same^Sue") for seed in ("a", "b"))
    mixed = make_study(tenant.id, "a-mixed", 1, PatientID="a", PatientName="Same^Sue")
    store(tenant.id, [make_dicom("a-mixed", 2, PatientID="z", PatientName="Other^Otto")])
    services.merge_patients(actor=actor, study_id=one.id, into_id=two.patient_id)
    destroy(actor, mixed)

    later = make_study(tenant.id, "a-later", 1, PatientID="a", PatientName="Same^Sue")

    assert later.patient_id == two.patient_id


def test_the_last_study_takes_along_whom_only_a_correction_knew(tenant: Tenant, actor: Actor) -> None:
    moved = make_study(tenant.id, "moved", 1)
    services.move_study(actor=actor, study_id=moved.id, to=Identity(patient_id="NEW", name_pn="Phantom^Nina"))

    destroy(actor, moved)

    assert rows(tenant, Study, Correction, Patient) == [0, 0, 0]

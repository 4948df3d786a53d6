"""Two people who decide at the same moment: the second sees what the first did, and nothing of it is undone."""

from uuid import UUID

import pytest

from accounts.models import Tenant
from common.actor import Actor
from common.scope import tenant_scope
from pacs import services
from pacs.errors import CorrectionSupersededError, SamePatientError
from pacs.models import Patient, Report, Study
from pacs.reports import services as reports
from pacs.reports.services import ReportText
from tests.factories.cast import make_actor
from tests.factories.crossing import cross
from tests.factories.studies import make_study

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True), pytest.mark.req("PA-24")]


def test_a_report_that_is_signed_while_somebody_saves_its_draft_stays_signed(tenant: Tenant) -> None:
    author, study = make_actor(tenant, "radiologist"), make_study(tenant.id)
    draft = reports.save_draft(actor=author, study_id=study.id, text=ReportText(observations="Seen."))

    cross(
        tenant,
        lambda: reports.sign(actor=author, draft=draft),
        lambda: reports.save_draft(actor=author, study_id=study.id, text=ReportText(observations="Late.")),
    )

    with tenant_scope(tenant.id):
        states = list(Report.objects.order_by("version").values_list("state", flat=True))
        assert Report.objects.get(version=1).pdf_blob_id is not None
    assert states == [Report.State.SIGNED, Report.State.DRAFT]


def test_two_who_begin_a_report_at_once_write_one_draft(tenant: Tenant) -> None:
    author, study = make_actor(tenant, "radiologist"), make_study(tenant.id)

    def save() -> None:
        reports.save_draft(actor=author, study_id=study.id, text=ReportText(observations="Seen."))

    cross(tenant, save, save)

    with tenant_scope(tenant.id):
        assert list(Report.objects.values_list("version", "state")) == [(1, Report.State.DRAFT)]


def test_nobody_takes_a_correction_back_while_another_one_changes_the_study(tenant: Tenant, technician: Actor) -> None:
    study, second, third = (make_study(tenant.id, seed, PatientID=seed, PatientName=seed) for seed in "abc")
    correction_id = services.move_study(actor=technician, study_id=study.id, to=second.patient_id)

    refused = cross(
        tenant,
        lambda: services.move_study(actor=technician, study_id=study.id, to=third.patient_id),
        lambda: services.undo_correction(actor=technician, correction_id=correction_id),
    )

    with tenant_scope(tenant.id):
        assert Study.objects.get(id=study.id).patient_id == third.patient_id
    assert refused == [CorrectionSupersededError]


def test_two_patients_are_not_merged_each_into_the_other(tenant: Tenant, technician: Actor) -> None:
    one, other = (make_study(tenant.id, seed, PatientID=seed, PatientName="Same^Sue") for seed in "ab")

    def merge(study: Study, into_id: UUID) -> UUID:
        return services.merge_patients(actor=technician, study_id=study.id, into_id=into_id)

    refused = cross(tenant, lambda: merge(one, other.patient_id), lambda: merge(other, one.patient_id))

    with tenant_scope(tenant.id):
        merged = dict(Patient.objects.values_list("id", "merged_into_id"))
    assert merged == {one.patient_id: other.patient_id, other.patient_id: None}
    assert refused == [SamePatientError]

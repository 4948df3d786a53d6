"""What retention does when something was announced."""

from compliance.retention import destroying, following, forgetting, notices
from compliance.retention.events import DeletionNoticeDue, RunApproved
from pacs.events import PatientForgotten, SeriesMoved, StudyDestroyed


def tell_patient(event: DeletionNoticeDue) -> None:
    """Mail a patient about a deletion run."""
    notices.send(tenant_id=event.tenant_id, notice_id=event.notice_id)


def carry_out(event: RunApproved) -> None:
    """Carry approved runs of the tenant out."""
    destroying.carry_out(tenant_id=event.tenant_id)


def forget_study(event: StudyDestroyed) -> None:
    """Drop what was written for one study."""
    forgetting.forget_study(tenant_id=event.tenant_id, study_id=event.study_id)


def forget_patient(event: PatientForgotten) -> None:
    """Drop what was written for a patient."""
    forgetting.forget_patient(tenant_id=event.tenant_id, patient_id=event.patient_id)


def follow_series(event: SeriesMoved) -> None:
    """Hold what was split off a study that is held."""
    following.follow(tenant_id=event.tenant_id, study_id=event.study_id, former_id=event.former_id)

"""Dropping what retention knew of who is no longer here. Holds, requests and runs stay: they are decisions."""

from uuid import UUID

from django.db import transaction

from common.scope import tenant_scope
from compliance.models import KeepingExtension, PatientCircumstances


def forget_study(*, tenant_id: UUID, study_id: UUID) -> None:
    """Drop the extensions of a study that was destroyed."""
    with tenant_scope(tenant_id), transaction.atomic():
        KeepingExtension.objects.filter(study_id=study_id).delete()


def forget_patient(*, tenant_id: UUID, patient_id: UUID) -> None:
    """Drop where a patient lived, who paid, when he came last, and his extensions."""
    with tenant_scope(tenant_id), transaction.atomic():
        KeepingExtension.objects.filter(patient_id=patient_id).delete()
        PatientCircumstances.objects.filter(patient_id=patient_id).delete()

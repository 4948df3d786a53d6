"""The desk lets a patient in: identity is checked there, a code is printed, and it can be taken back."""

import datetime as dt
from dataclasses import dataclass, field
from uuid import UUID

from django.db import transaction

from accounts import access
from accounts import services as accounts
from audit import services as audit
from common.actor import Actor
from common.clock import now
from common.ids import uuid7
from common.scope import tenant_scope
from pacs import selectors as pacs
from pacs.errors import StudyHeldError
from sharing import patients, proofs, selectors
from sharing.models import PatientAccess
from sharing.services import revoking

CODE_LIFE = dt.timedelta(hours=72)


@dataclass(frozen=True, slots=True)
class Slip:
    """A fresh printed code; it is shown once."""

    access_id: UUID
    code: str = field(repr=False)
    expires_at: dt.datetime


def admit_patient(*, actor: Actor, study_id: UUID) -> Slip:
    """Make a code for the patient of a study, whom the desk has identified; older codes that nobody used end."""
    code = proofs.new_printed_code()
    plain = proofs.read_printed_code(code)
    with tenant_scope(actor.tenant_id):
        study = pacs.get_study(actor=actor, study_id=study_id)
        access.require(actor, "patient.admit")
        if study.conflict:
            raise StudyHeldError
        with transaction.atomic():
            _end_unused(actor, study.patient_row_id)
            row = PatientAccess.objects.create(
                id=uuid7(),
                tenant_id=actor.tenant_id,
                patient_id=study.patient_row_id,
                code_id=proofs.printed_code_id(plain),
                code_mac=proofs.printed_code_mac(plain),
                code_expires_at=now() + CODE_LIFE,
                created_by_id=actor.id,
            )
            for credential_id in (row.code_id, row.id):
                accounts.register_credential(credential_id=credential_id, tenant_id=actor.tenant_id)
            _record(actor, "patient.admitted", row)
    return Slip(access_id=row.id, code=code, expires_at=row.code_expires_at)


def _end_unused(actor: Actor, patient_id: UUID) -> None:
    for row in patients.accesses_of(patient_id).with_fresh_code(now()):
        _revoke(actor, row)


def revoke_access(*, actor: Actor, access_id: UUID) -> None:
    """End an access, all its sessions and the links made by it: within five seconds nothing more leaves the portal."""
    with tenant_scope(actor.tenant_id):
        row = patients.get_access(access_id)
        access.require(actor, "patient.admit")
        with transaction.atomic():
            _revoke(actor, row)
            revoking.end_forwards(actor=actor, access_id=row.id)
    patients.forget()
    selectors.forget()


def _revoke(actor: Actor, row: PatientAccess) -> None:
    if PatientAccess.objects.filter(id=row.id, revoked_at=None).update(revoked_at=now()):
        _record(actor, "patient.access-revoked", row)


def _record(actor: Actor, action: str, row: PatientAccess) -> None:
    audit.record(actor=actor, action=action, patient_id=row.patient_id, subject_id=row.id)

"""Patients who are entered by hand."""

from common.actor import Actor
from pacs.errors import PatientIdTakenError
from pacs.identity import Identity
from pacs.intake import columns
from pacs.models import Patient


def enter_patient(*, actor: Actor, identity: Identity) -> Patient:
    """Return the patient of an id, in the caller's transaction and scope; a new one where nobody has the id.

    Raises
    ------
    PatientIdTakenError
        When somebody of another name or birth date has it.
    """
    fresh = columns.patient(identity, actor.tenant_id, identity.match_key)
    Patient.objects.bulk_create([fresh], ignore_conflicts=True)
    found: Patient = Patient.objects.get(match_key=identity.match_key)
    if Identity.of_patient(found).contradicts(identity):
        raise PatientIdTakenError
    return found.survivor

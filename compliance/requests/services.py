"""What people do with requests and disclosures."""

import datetime as dt
from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Final
from uuid import UUID

from django.db import transaction

from accounts import access
from audit import services as audit
from common.actor import Actor
from common.clock import today
from common.scope import tenant_scope
from compliance import numbering, records
from compliance.incidents import selectors as incidents
from compliance.models import AccessRequest, Disclosure
from compliance.requests import selectors
from compliance.requests.errors import RequestRefusedError

NOUN: Final = "request"


def receive_request(*, actor: Actor, values: Mapping[str, Any]) -> UUID:
    """Write a patient's request down: the clock runs from the day on which it came in."""
    access.require(actor, "compliance.contribute")
    if values["received_date"] > today():
        raise RequestRefusedError("The day lies in the future.")
    with tenant_scope(actor.tenant_id), transaction.atomic():
        row = numbering.create(AccessRequest, tenant_id=actor.tenant_id, **values)
        records.write(actor=actor, noun=NOUN, subject_id=row.id, verb="added")
    made: UUID = row.id
    return made


def extend_request(*, actor: Actor, request_id: UUID, reason: str) -> None:
    """Take thirty days more, once, told to the patient in writing within the first thirty (164.524(b)(2)(ii))."""
    with tenant_scope(actor.tenant_id), transaction.atomic():
        row = _open(actor, request_id)
        if row.is_extended:
            raise RequestRefusedError("It was extended once; the rule allows no second time.")
        if today() > selectors.due_date(row):
            raise RequestRefusedError("The first thirty days are over; it can be extended within them only.")
        if not reason.strip():
            raise RequestRefusedError("Say what the patient was told: the reason, and until when.")
        records.change(row, {"is_extended": True, "extension_reason": reason.strip()})
        records.write(actor=actor, noun=NOUN, subject_id=request_id, verb="extended", note=reason)


def fulfil_request(
    *, actor: Actor, request_id: UUID, answered_date: dt.date, answer: str, identity_check: str, fee: Decimal | None
) -> None:
    """Write down what was given, how, and how the requester was known."""
    with tenant_scope(actor.tenant_id), transaction.atomic():
        row = _open(actor, request_id)
        _check_answer(row, answered_date, answer)
        if not identity_check.strip():
            raise RequestRefusedError("Say how the identity was checked (45 CFR 164.514(h)).")
        values = {"answered_date": answered_date, "answer": answer.strip(), "identity_check": identity_check}
        records.change(row, {**values, "fee": fee, "state": AccessRequest.State.FULFILLED})
        records.write(actor=actor, noun=NOUN, subject_id=request_id, verb="fulfilled", note=answer)


def deny_request(*, actor: Actor, request_id: UUID, answered_date: dt.date, answer: str, is_reviewable: bool) -> None:
    """Write down a denial with its ground, and whether it can be reviewed (164.524(a)(2)-(3), (d)(2))."""
    with tenant_scope(actor.tenant_id), transaction.atomic():
        row = _open(actor, request_id)
        _check_answer(row, answered_date, answer)
        values = {"answered_date": answered_date, "answer": answer.strip(), "is_reviewable": is_reviewable}
        records.change(row, {**values, "state": AccessRequest.State.DENIED})
        records.write(actor=actor, noun=NOUN, subject_id=request_id, verb="denied", note=answer)


def _open(actor: Actor, request_id: UUID) -> AccessRequest:
    row = selectors.get_request(request_id)
    access.require(actor, "compliance.write")
    if row.state != AccessRequest.State.OPEN:
        raise RequestRefusedError("The request is answered.")
    return row


def _check_answer(row: AccessRequest, answered_date: dt.date, answer: str) -> None:
    if answered_date > today() or answered_date < row.received_date:
        raise RequestRefusedError("The day of the answer lies in the future, or before the request.")
    if not answer.strip():
        raise RequestRefusedError("Say what was answered.")


# --- disclosures ------------------------------------------------------------------------------------------------------


def record_disclosure(*, actor: Actor, values: Mapping[str, Any]) -> UUID:
    """Record for good that something was disclosed."""
    access.require(actor, "compliance.write")
    if values["disclosed_date"] > today():
        raise RequestRefusedError("The day lies in the future: record what was disclosed.")
    with tenant_scope(actor.tenant_id), transaction.atomic():
        return _disclose(actor, values)


def account_for_exposure(*, actor: Actor, report_id: UUID, recipient: str, purpose: str) -> int:
    """Record a disclosure for each patient whom a report of exposure names; give how many are new."""
    with tenant_scope(actor.tenant_id), transaction.atomic():
        report = incidents.get_exposure(report_id)
        access.require(actor, "compliance.write")
        if not recipient.strip() or not purpose.strip():
            raise RequestRefusedError("Say who received it, and how it came to that.")
        known = set(Disclosure.objects.filter(incident_id=report.incident_id).values_list("patient_id", flat=True))
        found = {line["patient_id"]: line for line in reversed(report.content["opened"]) if line["patient_id"]}
        new = [line for patient_id, line in found.items() if UUID(patient_id) not in known]
        for line in new:
            _disclose(actor, _from_report(line, report.incident_id, recipient.strip(), purpose.strip()))
    return len(new)


def _from_report(line: Mapping[str, Any], incident_id: UUID, recipient: str, purpose: str) -> dict[str, Any]:
    return {
        "patient_name": line["patient"],
        "patient_id": UUID(line["patient_id"]),
        "disclosed_date": dt.datetime.fromisoformat(line["first_at"]).date(),
        "recipient": recipient,
        "description": f"Images: {line['description'] or 'study'} {line['study_date']}".strip(),
        "purpose": purpose,
        "incident_id": incident_id,
    }


def _disclose(actor: Actor, values: Mapping[str, Any]) -> UUID:
    row = Disclosure.objects.create(
        tenant_id=actor.tenant_id,
        patient_key=selectors.key_of(values["patient_name"]),
        recorded_by_id=actor.id,
        **values,
    )
    audit.record(actor=actor, action="disclosure.recorded", subject_id=row.id, patient_id=row.patient_id)
    made: UUID = row.id
    return made

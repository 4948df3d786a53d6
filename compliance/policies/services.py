"""What people do with policies: take over a template, write a version, approve, acknowledge; training and sanctions."""

import datetime as dt
import hashlib
from dataclasses import dataclass
from uuid import UUID

from django.db import transaction
from django.db.models import Max
from django.utils.text import slugify

from accounts import access
from accounts import selectors as accounts
from audit import services as audit
from common.actor import Actor, ActorKind
from common.clock import now, today
from common.errors import ForbiddenError
from common.scope import tenant_scope
from compliance.models import Acknowledgement, Policy, PolicyApproval, PolicyVersion, Sanction, TrainingRecord
from compliance.policies import selectors
from compliance.policies.errors import PolicyRefusedError
from compliance.policies.templates import all_templates


@dataclass(frozen=True, slots=True)
class TrainingDraft:
    """A training of one person or several."""

    people: tuple[str, ...]
    topic: str
    trained_date: dt.date
    given_by: str
    result: str = ""
    next_date: dt.date | None = None


@dataclass(frozen=True, slots=True)
class SanctionDraft:
    """What was done when somebody did not keep to a policy."""

    person: str
    violation: str
    measure: str
    decided_date: dt.date
    decided_by: str


def take_over_templates(*, actor: Actor) -> int:
    """Make a policy with a first version of each template that the practice does not have; none is in force yet."""
    access.require(actor, "compliance.write")
    with tenant_scope(actor.tenant_id), transaction.atomic():
        known = set(Policy.objects.values_list("key", flat=True))
        wanted = [one for one in all_templates() if one.key not in known]
        for template in wanted:
            policy = Policy.objects.create(
                tenant_id=actor.tenant_id, key=template.key, title=template.title, citations=template.citations
            )
            _write(actor, policy.id, template.text, "From the template of the portal")
    return len(wanted)


def add_policy(*, actor: Actor, title: str, citations: str, text: str) -> UUID:
    """Write a policy of one's own."""
    access.require(actor, "compliance.write")
    key = slugify(title)[:40]
    with tenant_scope(actor.tenant_id), transaction.atomic():
        if not key or Policy.objects.filter(key=key).exists():
            raise PolicyRefusedError("There is a policy of this name already.")
        policy = Policy.objects.create(tenant_id=actor.tenant_id, key=key, title=title, citations=citations)
        _write(actor, policy.id, text, "")
    made: UUID = policy.id
    return made


def write_version(*, actor: Actor, policy_id: UUID, text: str, change_note: str) -> UUID:
    """Write the next version of a policy; the one in force goes on until this one is approved."""
    with tenant_scope(actor.tenant_id), transaction.atomic():
        selectors.get_policy(policy_id)
        access.require(actor, "compliance.write")
        return _write(actor, policy_id, text, change_note)


def _write(actor: Actor, policy_id: UUID, text: str, change_note: str) -> UUID:
    said = text.replace("\r\n", "\n").strip()
    if not said:
        raise PolicyRefusedError("A policy says something.")
    digest = hashlib.sha256(said.encode()).hexdigest()
    Policy.objects.select_for_update(no_key=True).get(id=policy_id)
    before = PolicyVersion.objects.filter(policy_id=policy_id).order_by("-number").first()
    if before is not None and before.sha256 == digest:
        raise PolicyRefusedError("The newest version says the same.")
    number = PolicyVersion.objects.filter(policy_id=policy_id).aggregate(last=Max("number"))["last"] or 0
    row = PolicyVersion.objects.create(
        tenant_id=actor.tenant_id,
        policy_id=policy_id,
        number=number + 1,
        text=said,
        change_note=change_note.strip(),
        sha256=digest,
        author_id=actor.id,
    )
    audit.record(actor=actor, action="policy.written", subject_id=row.id, detail={"sha256": digest})
    made: UUID = row.id
    return made


def approve_version(*, actor: Actor, version_id: UUID, effective_date: dt.date) -> None:
    """Put a version into force from a day on; a person does that, once."""
    with tenant_scope(actor.tenant_id), transaction.atomic():
        version = selectors.get_version(version_id)
        access.require(actor, "compliance.write")
        if actor.kind is not ActorKind.USER:
            raise ForbiddenError("A person approves a policy.")
        Policy.objects.select_for_update(no_key=True).get(id=version.policy_id)
        if PolicyApproval.objects.filter(version_id=version_id).exists():
            raise PolicyRefusedError("This version is approved already.")
        if PolicyApproval.objects.filter(version__policy=version.policy, version__number__gt=version.number).exists():
            raise PolicyRefusedError("A later version is in force already.")
        PolicyApproval.objects.create(
            tenant_id=actor.tenant_id, version_id=version_id, effective_date=effective_date, approver_id=actor.id
        )
        audit.record(actor=actor, action="policy.approved", subject_id=version_id)


def acknowledge(*, actor: Actor, version_id: UUID) -> None:
    """Say to have read and understood a version that is in force; twice is once."""
    with tenant_scope(actor.tenant_id), transaction.atomic():
        version = selectors.get_version(version_id)
        access.require(actor, "compliance.contribute")
        if actor.kind is not ActorKind.USER:
            raise ForbiddenError("A person reads a policy.")
        in_force = selectors.standing_of(version.policy_id).in_force
        if in_force is None or in_force.id != version_id:
            raise PolicyRefusedError("Another version is in force. Read that one.")
        _row, is_new = Acknowledgement.objects.get_or_create(
            tenant_id=actor.tenant_id, version_id=version_id, user_id=actor.id
        )
        if is_new:
            audit.record(actor=actor, action="policy.acknowledged", subject_id=version_id)


def retire_policy(*, actor: Actor, policy_id: UUID) -> None:
    """Take a policy out of the library; its versions are kept."""
    with tenant_scope(actor.tenant_id), transaction.atomic():
        selectors.get_policy(policy_id)
        access.require(actor, "compliance.write")
        Policy.objects.filter(id=policy_id, retired_at=None).update(retired_at=now())
        audit.record(actor=actor, action="policy.retired", subject_id=policy_id)


def record_training(*, actor: Actor, draft: TrainingDraft) -> int:
    """Record for good who was trained, one record for each person; give their number."""
    access.require(actor, "compliance.write")
    people = [name.strip() for name in draft.people if name.strip()]
    if not people:
        raise PolicyRefusedError("Say who was trained.")
    if draft.trained_date > today():
        raise PolicyRefusedError("The day lies in the future: record what was done.")
    with tenant_scope(actor.tenant_id), transaction.atomic():
        members = {name: user_id for user_id, name in accounts.names_of_members().items()}
        rows = TrainingRecord.objects.bulk_create(
            TrainingRecord(
                tenant_id=actor.tenant_id,
                person=name[:120],
                user_id=members.get(name),
                topic=draft.topic,
                trained_date=draft.trained_date,
                given_by=draft.given_by,
                result=draft.result,
                next_date=draft.next_date,
                recorded_by_id=actor.id,
            )
            for name in people
        )
        for row in rows:
            audit.record(actor=actor, action="training.recorded", subject_id=row.id)
    return len(rows)


def record_sanction(*, actor: Actor, draft: SanctionDraft) -> UUID:
    """Record a sanction for good (45 CFR 164.308(a)(1)(ii)(C); 164.530(e)(2))."""
    access.require(actor, "compliance.write")
    if draft.decided_date > today():
        raise PolicyRefusedError("The day lies in the future: record what was decided.")
    with tenant_scope(actor.tenant_id), transaction.atomic():
        row = Sanction.objects.create(
            tenant_id=actor.tenant_id,
            person=draft.person,
            violation=draft.violation,
            measure=draft.measure,
            decided_date=draft.decided_date,
            decided_by=draft.decided_by,
            recorded_by_id=actor.id,
        )
        audit.record(actor=actor, action="sanction.recorded", subject_id=row.id)
    made: UUID = row.id
    return made

"""Reads of policies, training and sanctions; inside the tenant's scope."""

import datetime as dt
from dataclasses import dataclass
from uuid import UUID

from accounts import selectors as accounts
from common.clock import today
from compliance.models import Acknowledgement, Policy, PolicyApproval, PolicyVersion, Sanction, TrainingRecord
from compliance.policies.errors import PolicyNotFoundError


@dataclass(frozen=True, slots=True)
class Standing:
    """A policy with its versions, and which of them holds today."""

    policy: Policy
    versions: tuple[PolicyVersion, ...]
    approvals: dict[UUID, PolicyApproval]
    reader_ids: frozenset[UUID]
    members: int

    @property
    def readers(self) -> int:
        """Return how many members confirmed the version in force."""
        return len(self.reader_ids)

    @property
    def latest(self) -> PolicyVersion | None:
        """Return the newest version, approved or not."""
        return self.versions[0] if self.versions else None

    @property
    def in_force(self) -> PolicyVersion | None:
        """Return the newest version that was approved and has begun."""
        day = today()
        return next(
            (one for one in self.versions if one.id in self.approvals and self.approvals[one.id].effective_date <= day),
            None,
        )

    @property
    def review_date(self) -> dt.date | None:
        """Return the day on which the version in force is to be looked at again."""
        if self.in_force is None:
            return None
        begun = self.approvals[self.in_force.id].effective_date
        months = begun.month - 1 + self.policy.review_months
        year, month = begun.year + months // 12, months % 12 + 1
        return dt.date(year, month, min(begun.day, 28))

    @property
    def is_overdue(self) -> bool:
        """Say whether the review is late."""
        return self.review_date is not None and self.review_date < today()


def get_policy(policy_id: UUID) -> Policy:
    """Return one policy, or raise."""
    row: Policy | None = Policy.objects.filter(id=policy_id).first()
    if row is None:
        raise PolicyNotFoundError
    return row


def get_version(version_id: UUID) -> PolicyVersion:
    """Return one version with its policy, or raise."""
    row: PolicyVersion | None = PolicyVersion.objects.select_related("policy").filter(id=version_id).first()
    if row is None:
        raise PolicyNotFoundError
    return row


def list_standing(*, policy_id: UUID | None = None) -> list[Standing]:
    """List policies that are not retired by title, in five queries however many they are."""
    policies = Policy.objects.filter(retired_at=None).order_by("title")
    rows = list(policies if policy_id is None else Policy.objects.filter(id=policy_id))
    versions: dict[UUID, list[PolicyVersion]] = {}
    for version in PolicyVersion.objects.filter(policy__in=rows).order_by("-number"):
        versions.setdefault(version.policy_id, []).append(version)
    approvals = {one.version_id: one for one in PolicyApproval.objects.filter(version__policy__in=rows)}
    members = set(accounts.names_of_members())
    readers: dict[UUID, set[UUID]] = {}
    read = Acknowledgement.objects.filter(version__policy__in=rows, user_id__in=members)
    for version_id, user_id in read.values_list("version_id", "user_id"):
        readers.setdefault(version_id, set()).add(user_id)
    return [_standing(row, tuple(versions.get(row.id, ())), approvals, readers, len(members)) for row in rows]


def _standing(
    row: Policy,
    versions: tuple[PolicyVersion, ...],
    approvals: dict[UUID, PolicyApproval],
    readers: dict[UUID, set[UUID]],
    members: int,
) -> Standing:
    in_force = Standing(row, versions, approvals, frozenset(), members).in_force
    read_by = frozenset(readers.get(in_force.id, ())) if in_force else frozenset()
    return Standing(row, versions, approvals, read_by, members)


def standing_of(policy_id: UUID) -> Standing:
    """Return one policy, or raise."""
    found = list_standing(policy_id=policy_id)
    if not found:
        raise PolicyNotFoundError
    return found[0]


def readers_of(version_id: UUID) -> dict[UUID, dt.datetime]:
    """Return who acknowledged a version, and when."""
    return dict(Acknowledgement.objects.filter(version_id=version_id).order_by("at").values_list("user_id", "at"))


def unread_by(user_id: UUID, among: list[Standing]) -> list[Standing]:
    """Keep the policies in force that somebody has not acknowledged."""
    return [one for one in among if one.in_force is not None and user_id not in one.reader_ids]


def list_training(*, limit: int | None = 500) -> list[TrainingRecord]:
    """List records of training, the newest first."""
    return list(TrainingRecord.objects.order_by("-trained_date", "-id")[:limit])


def list_sanctions(*, limit: int | None = 500) -> list[Sanction]:
    """List sanctions, the newest first."""
    return list(Sanction.objects.select_related("incident").order_by("-decided_date", "-id")[:limit])

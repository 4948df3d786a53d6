"""Counts and dates of the open tenant's people and credentials, for whoever measures how they are kept."""

import datetime as dt
from collections import Counter, defaultdict
from dataclasses import dataclass
from uuid import UUID

from axes.models import AccessAttempt
from django.apps import apps
from django.contrib.sessions.models import Session
from django_otp.models import Device
from django_otp.plugins.otp_static.models import StaticDevice

from accounts.models import ApiToken, Emergency, Membership, Tenant, TenantSettings
from common.clock import now


@dataclass(frozen=True, slots=True)
class Person:
    """A person who may sign in to the tenant."""

    id: UUID
    email: str
    name: str
    roles: frozenset[str]
    last_seen_at: dt.datetime
    has_factor: bool


@dataclass(frozen=True, slots=True)
class Token:
    """An API token that still works."""

    id: UUID
    scopes: tuple[str, ...]
    created_at: dt.datetime


@dataclass(frozen=True, slots=True)
class FailedSignIns:
    """Wrong passwords for one account that no successful sign-in has followed."""

    email: str
    failures: int
    last_at: dt.datetime


def people() -> list[Person]:
    """List everybody who may sign in, with all of their roles; who never did counts from the day of the account."""
    rows = Membership.objects.filter(is_active=True, user__is_active=True).select_related("user").order_by("user_id")
    roles: dict[UUID, set[str]] = defaultdict(set)
    users = {}
    for row in rows:
        roles[row.user_id].add(row.role)
        users[row.user_id] = row.user
    factors = _with_factor(set(users))
    return [
        Person(
            id=user.id,
            email=user.email,
            name=user.name,
            roles=frozenset(roles[user.id]),
            last_seen_at=user.last_login or user.created_at,
            has_factor=user.id in factors,
        )
        for user in users.values()
    ]


def _with_factor(user_ids: set[UUID]) -> set[UUID]:
    """Return who has a confirmed second factor of any kind; recovery codes alone are none."""
    kinds = [model for model in apps.get_models() if issubclass(model, Device) and model is not StaticDevice]
    return {
        user_id
        for kind in kinds
        for user_id in kind._default_manager.filter(user_id__in=user_ids, confirmed=True).values_list(
            "user_id", flat=True
        )
    }


def former_members() -> set[UUID]:
    """Return the people who had a role in the tenant and have none now, or whose account was closed."""
    everybody = Membership.objects.values_list("user_id", "is_active", "user__is_active")
    present = {user_id for user_id, is_member, is_open in everybody if is_member and is_open}
    return {user_id for user_id, *_ in everybody} - present


def tokens() -> list[Token]:
    """List the tokens that are neither revoked nor expired."""
    rows = ApiToken.objects.filter(revoked_at=None, expires_at__gt=now()).order_by("id")
    return [Token(id=row.id, scopes=tuple(row.scopes), created_at=row.created_at) for row in rows]


def failed_sign_ins(*, since: dt.datetime | None) -> list[FailedSignIns]:
    """List the accounts of the tenant at which wrong passwords were tried, since an instant."""
    emails = {person.email for person in people()}
    rows = AccessAttempt.objects.filter(username__in=emails)
    if since is not None:
        rows = rows.filter(attempt_time__gt=since)
    return [FailedSignIns(row.username, row.failures_since_start, row.attempt_time) for row in rows]


def parallel_sessions(*, tenant_id: UUID, idle: dt.timedelta) -> Counter[UUID]:
    """Count the sessions of each person in a tenant that were used within the idle time."""
    found: Counter[UUID] = Counter()
    newest = (now() - idle).timestamp()
    for session in Session.objects.filter(expire_date__gt=now()).iterator():
        data = session.get_decoded()
        if data.get("tenant_id") == str(tenant_id) and data.get("seen", 0) > newest and "_auth_user_id" in data:
            found[UUID(data["_auth_user_id"])] += 1
    return found


def idle_minutes() -> int:
    """Return after how many idle minutes a session of the tenant's staff ends."""
    chosen = TenantSettings.objects.values_list("idle_minutes", flat=True).first()
    return int(chosen if chosen is not None else TenantSettings().idle_minutes)


@dataclass(frozen=True, slots=True)
class Emergencies:
    """How often the glass was broken, and how many of those acts nobody reviewed in time."""

    total: int
    unreviewed: int


def emergencies(*, opened_before: dt.datetime) -> Emergencies:
    """Count the acts of emergency access, and those older than an instant without a review."""
    acts = Emergency.objects.all()
    late = acts.filter(opened_at__lt=opened_before, reviewed_at=None)
    return Emergencies(total=acts.count(), unreviewed=late.count())


def active_tenants() -> list[UUID]:
    """List the tenants that work: for what is done by the clock, in the scope of each."""
    return list(Tenant.objects.filter(is_active=True).order_by("id").values_list("id", flat=True))

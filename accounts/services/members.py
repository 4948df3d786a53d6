"""Who works for a tenant, in which roles and at which sites."""

from collections.abc import Iterable
from uuid import UUID

from django.db import transaction

from accounts import access, factors, selectors
from accounts.errors import LastOwnerError, NoRoleError, OwnAccountError, OwnersOnlyError, SiteNotFoundError
from accounts.models import Directory, Membership, Role, Site, SiteMember, User
from accounts.selectors import Member
from accounts.services import passwords, sessions
from audit import services as audit
from common.actor import Actor, system_actor
from common.scope import tenant_scope


def create_member(*, tenant_id: UUID, email: str, name: str, roles: Iterable[str], password: str | None = None) -> User:
    """Give a person roles in a tenant, creating the person when the address is new."""
    with transaction.atomic():
        user = User.objects.filter(email=email.lower()).first()
        if user is None:
            user = User.objects.create_user(email=email, name=name, password=password)
        with tenant_scope(tenant_id):
            for role in roles:
                Membership.objects.update_or_create(
                    tenant_id=tenant_id, user=user, role=Role(role), defaults={"is_active": True}
                )
            audit.record(actor=system_actor(tenant_id), action="member.added", subject_id=user.id)
        Directory.objects.get_or_create(credential_id=user.id, tenant_id=tenant_id)
    selectors.forget()
    return user


def change_member(*, actor: Actor, user_id: UUID, roles: Iterable[str], site_ids: Iterable[UUID]) -> None:
    """Give a member exactly these roles and sites; a change of roles ends all sessions of the person."""
    wanted = {Role(role).value for role in roles}
    with tenant_scope(actor.tenant_id), transaction.atomic():
        member = _changeable(actor, user_id)
        if not wanted:
            raise NoRoleError
        _check_owners(actor, member, wanted)
        _place(actor.tenant_id, user_id, set(site_ids))
        if set(member.roles) != wanted or not member.is_active:
            _set_roles(actor.tenant_id, user_id, wanted)
            _ended(user_id)
        detail = {"roles": sorted(wanted)}
        audit.record(actor=actor, action="member.changed", subject_id=user_id, detail=detail)
    selectors.forget()


def deactivate_member(*, actor: Actor, user_id: UUID) -> None:
    """Let a person do nothing more in this tenant; within five seconds every session and stream has noticed."""
    with tenant_scope(actor.tenant_id), transaction.atomic():
        member = _changeable(actor, user_id)
        _check_owners(actor, member, set())
        if Membership.objects.filter(user_id=user_id, is_active=True).update(is_active=False):
            # The switcher of the person's other tenants names this one no more.
            Directory.objects.filter(credential_id=user_id, tenant_id=actor.tenant_id).delete()
            _ended(user_id)
            audit.record(actor=actor, action="member.deactivated", subject_id=user_id)
    selectors.forget()


def reset_factor(*, actor: Actor, user_id: UUID) -> None:
    """Take the factors of a person who lost them, and the password with them.

    The person chooses a new password by a mail and enrols again: who stole only a password cannot, and no administrator
    can do it in the person's place. Every tenant of the person is told by its audit log.
    """
    with tenant_scope(actor.tenant_id), transaction.atomic():
        member = _changeable(actor, user_id)
        _check_owners(actor, member, set(member.roles))
        user = selectors.get_user(user_id)
        factors.remove_all(user)
        user.set_unusable_password()
        user.save(update_fields=["password"])
        _ended(user_id)
        passwords.mail_reset(user=user, tenant_id=actor.tenant_id, why="factor")
        audit.record(actor=actor, action="factor.reset", subject_id=user_id)
    for tenant_id in selectors.tenants_of(user_id):
        if tenant_id != actor.tenant_id:
            audit.record(actor=system_actor(tenant_id), action="factor.reset", subject_id=user_id)


def _changeable(actor: Actor, user_id: UUID) -> Member:
    """Return the member, locked; absent comes before not allowed."""
    selectors.get_member(user_id)
    access.require(actor, "user.manage")
    if user_id == actor.id:
        raise OwnAccountError
    # In the order of their keys: of two who change the owners at once, the second sees what the first did.
    list(Membership.objects.select_for_update().order_by("id").values_list("id", flat=True))
    return selectors.get_member(user_id)


def _check_owners(actor: Actor, member: Member, wanted: set[str]) -> None:
    is_owner, stays_owner = Role.OWNER in member.roles, Role.OWNER in wanted
    if (is_owner or stays_owner) and Role.OWNER not in actor.roles:
        raise OwnersOnlyError
    if is_owner and not stays_owner and not selectors.count_owners(but=member.user_id):
        raise LastOwnerError


def _place(tenant_id: UUID, user_id: UUID, site_ids: set[UUID]) -> None:
    if Site.objects.filter(id__in=site_ids).count() != len(site_ids):
        raise SiteNotFoundError
    SiteMember.objects.filter(user_id=user_id).exclude(site_id__in=site_ids).delete()
    there = set(SiteMember.objects.filter(user_id=user_id).values_list("site_id", flat=True))
    SiteMember.objects.bulk_create(
        SiteMember(tenant_id=tenant_id, user_id=user_id, site_id=site_id) for site_id in sorted(site_ids - there)
    )


def place_member(*, tenant_id: UUID, user_id: UUID, site_ids: Iterable[UUID]) -> None:
    """Let a new member work at those of the sites that still exist (inside the tenant's scope)."""
    there = set(Site.objects.filter(id__in=list(site_ids), is_active=True).values_list("id", flat=True))
    _place(tenant_id, user_id, there)


def _set_roles(tenant_id: UUID, user_id: UUID, wanted: set[str]) -> None:
    Membership.objects.filter(user_id=user_id).exclude(role__in=wanted).delete()
    for role in sorted(wanted):
        Membership.objects.update_or_create(
            tenant_id=tenant_id, user_id=user_id, role=role, defaults={"is_active": True}
        )
    Directory.objects.get_or_create(credential_id=user_id, tenant_id=tenant_id)


def _ended(user_id: UUID) -> None:
    transaction.on_commit(lambda: sessions.end_all(user_id=user_id))

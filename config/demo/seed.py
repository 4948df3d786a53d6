"""Fill an empty portal with the demo's cast and its synthetic studies; running it again changes nothing."""

from collections.abc import Iterable
from uuid import UUID

from django.db import transaction
from django.utils.text import slugify
from django_otp.plugins.otp_totp.models import TOTPDevice

from accounts import selectors, services
from common.actor import system_actor
from common.scope import tenant_scope
from config.demo import cast, studies
from inference import services as inference
from pacs import selectors as pacs_selectors
from pacs.intake import Batch

TENANTS = (cast.LAKESIDE, cast.HARBOR)


def seed_people() -> None:
    """Create the tenants and their people."""
    with transaction.atomic():
        for name in TENANTS:
            if selectors.get_tenant(slug=slugify(name)) is None:
                services.create_tenant(name=name)
        for person in cast.PEOPLE:
            _seed_person(person)
        _seed_house()


def _seed_person(person: cast.Person) -> None:
    if selectors.get_user_by_email(person.email) is not None:
        return
    tenant_id = services.tenant_id_of_slug(slugify(person.tenant))
    user = services.create_member(
        tenant_id=tenant_id, email=person.email, name=person.name, roles=person.roles, password=cast.PASSWORD
    )
    for name in person.also_at:
        there = services.tenant_id_of_slug(slugify(name))
        services.create_member(tenant_id=there, email=person.email, name=person.name, roles=person.roles)
    TOTPDevice.objects.create(user=user, name="demo", key=cast.TOTP_KEY, confirmed=True, tolerance=2)


def _seed_house() -> None:
    """Give the imaging centre its sites and its address book."""
    actor = system_actor(services.tenant_id_of_slug(slugify(cast.LAKESIDE)))
    with tenant_scope(actor.tenant_id):
        has_sites, has_referrers = bool(selectors.list_sites()), bool(selectors.list_referrers(limit=1))
    for name in () if has_sites else cast.SITES:
        services.add_site(actor=actor, name=name)
    for name, practice, email, phone in () if has_referrers else cast.REFERRERS:
        services.add_referrer(actor=actor, card=services.Card(name, email, practice, phone))


def seed_networks() -> None:
    """Give both tenants the networks that come with the portal: before their studies arrive."""
    for name in TENANTS:
        inference.register_bundled(tenant_id=services.tenant_id_of_slug(slugify(name)))


def seed_studies() -> None:
    """Store the synthetic studies of both tenants."""
    for name, make in ((cast.HARBOR, studies.harbor), (cast.LAKESIDE, studies.lakeside)):
        tenant_id = services.tenant_id_of_slug(slugify(name))
        if not _has_studies(tenant_id):
            for files in make():
                store(tenant_id=tenant_id, files=files)


def store(*, tenant_id: UUID, files: Iterable[bytes]) -> None:
    """Store one study's files."""
    with Batch(actor=system_actor(tenant_id), source="demo") as batch:
        for file in files:
            batch.add([file])
        batch.commit()


def _has_studies(tenant_id: UUID) -> bool:
    with tenant_scope(tenant_id):
        return pacs_selectors.visible_studies(system_actor(tenant_id)).exists()


def is_seeded() -> bool:
    """Say whether the people and the studies are there."""
    tenants = [selectors.get_tenant(slug=slugify(name)) for name in TENANTS]
    return all(tenant is not None and _has_studies(tenant.id) for tenant in tenants)

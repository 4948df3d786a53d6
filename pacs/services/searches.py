"""Keeping a search of the worklist under a name."""

from uuid import UUID

from django.db import transaction

from accounts import access
from common.actor import Actor
from common.scope import tenant_scope
from pacs import saved_searches
from pacs.errors import SavedSearchError
from pacs.models import SavedSearch
from pacs.worklist_filters import Search

MAX_SEARCHES = 30


def save_search(*, actor: Actor, title: str, search: Search, is_shared: bool) -> UUID:
    """Keep a search; one of the same person under the same name is replaced. A patient is never part of it."""
    access.require(actor, "study.list")
    criteria = search.without_patient
    if not criteria:
        raise SavedSearchError
    with tenant_scope(actor.tenant_id), transaction.atomic():
        own = SavedSearch.objects.filter(owner_id=actor.id)
        if own.count() >= MAX_SEARCHES and not own.filter(name=title).exists():
            raise SavedSearchError("You keep {most} searches already. Remove one first.", most=MAX_SEARCHES)
        row, _ = SavedSearch.objects.update_or_create(
            tenant_id=actor.tenant_id,
            owner_id=actor.id,
            name=title,
            defaults={"criteria": criteria, "is_shared": is_shared},
        )
        return UUID(str(row.id))


def delete_search(*, actor: Actor, search_id: UUID) -> None:
    """Remove a search: one's own, or for who manages the centre also a shared one."""
    with tenant_scope(actor.tenant_id):
        saved_searches.get_removable(actor=actor, search_id=search_id).delete()

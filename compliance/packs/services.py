"""Switching packs on and off."""

from django.db import transaction

from accounts import access
from audit import services as audit
from common.actor import Actor
from common.clock import now
from common.scope import tenant_scope
from compliance.errors import InventoryConflictError, PackNotFoundError
from compliance.events import PackChosen
from compliance.models import PackChoice
from compliance.packs import library, selectors
from outbox import services as outbox


def choose_pack(*, actor: Actor, pack_id: str, is_active: bool, version: int | None = None) -> None:
    """Switch a pack on (in its newest version, unless another is named) or off; the same again changes nothing."""
    access.require(actor, "compliance.write")
    wanted = version or library.latest().get(pack_id)
    if wanted is None:
        raise PackNotFoundError()
    library.load(pack_id, wanted)
    with tenant_scope(actor.tenant_id), transaction.atomic():
        before = dict(selectors.active_choice())
        if before.get(pack_id) == (wanted if is_active else None):
            return
        if not is_active:
            _refuse_when_used(pack_id, before)
        PackChoice.objects.update_or_create(
            tenant_id=actor.tenant_id,
            pack_id=pack_id,
            defaults={"version": wanted, "is_active": is_active, "changed_by_id": actor.id, "changed_at": now()},
        )
        verb = "on" if is_active else "off"
        audit.record(
            actor=actor, action="compliance.pack-chosen", detail={"pack": pack_id, "to": verb, "version": wanted}
        )
        outbox.publish(PackChosen(tenant_id=actor.tenant_id, pack_id=pack_id))


def _refuse_when_used(pack_id: str, active: dict[str, int]) -> None:
    users = [other for other, version in active.items() if pack_id in library.load(other, version).uses]
    if users:
        raise InventoryConflictError("Switch off {users} first: it builds on this pack.", users=", ".join(users))

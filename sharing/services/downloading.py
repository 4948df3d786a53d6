"""The limit on downloads."""

from django.db.models import F

from common.actor import Actor, ActorKind
from common.clock import now
from common.scope import tenant_scope
from sharing.errors import DownloadLimitError
from sharing.models import ShareLink


def count_download(*, actor: Actor) -> None:
    """Count one download of a guest against the link, in one statement; others are not limited.

    Raises
    ------
    DownloadLimitError
        When none is left, or the link ended.
    """
    if actor.kind is not ActorKind.GUEST:
        return
    with tenant_scope(actor.tenant_id):
        usable = ShareLink.objects.filter(id=actor.id, used_downloads__lt=F("max_downloads")).open_at(now())
        is_counted = usable.update(used_downloads=F("used_downloads") + 1)
    if not is_counted:
        raise DownloadLimitError

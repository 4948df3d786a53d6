"""Until when studies are shared, as the worklist and their pages say it."""

from collections.abc import Collection
from uuid import UUID

from pacs import services as pacs
from sharing import selectors
from sharing.models import ShareLinkStudy


def note_shares(*, tenant_id: UUID, study_ids: Collection[UUID]) -> None:
    """Note what links that were made or ended change, in their transaction: of two at once one sees the other."""
    named = ShareLinkStudy.objects.filter(study_id__in=study_ids).select_related("study").only("study", "study__id")
    list(named.select_for_update(of=("study",), no_key=True).order_by("study_id"))
    pacs.note_shares(tenant_id=tenant_id, until=selectors.shared_until(study_ids))

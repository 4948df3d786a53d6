"""Images that still arrive for a series that was split off their study: they go where the series went."""

import hashlib
from collections.abc import Sequence
from typing import TYPE_CHECKING, Final
from uuid import UUID

from pacs import assignment
from pacs.dicom.transfer_syntaxes import DEFLATED_EXPLICIT_VR_LITTLE_ENDIAN, EXPLICIT_VR_BIG_ENDIAN
from pacs.errors import SeriesSplitOffError
from pacs.intake.verdicts import FailureReason, Status
from pacs.models import SplitSeries
from vault import services as vault

if TYPE_CHECKING:
    from pacs.intake.batch import Item
    from vault.keys_of_studies import KeyHandle

# Headers in these are not written anew (`pacs.dicomweb.identified`): they could not name the study that they are of.
NOT_WRITTEN: Final = frozenset({DEFLATED_EXPLICIT_VR_LITTLE_ENDIAN, EXPLICIT_VR_BIG_ENDIAN})


def place_of(*, study_instance_uid: str, series_instance_uid: str) -> bytes:
    """Return the digest of what images name as their study and series."""
    return hashlib.sha256(f"{study_instance_uid}\0{series_instance_uid}".encode()).digest()


def redirect(*, tenant_id: UUID, items: "Sequence[Item]") -> "dict[str, KeyHandle]":
    """Address images to the studies that their series went to, in the caller's transaction; return the keys of these.

    What belongs to a study that lies in the bin, or is destroyed, goes to quarantine: never to whom it was taken from.
    """
    places = {id(item): _place(item) for item in items}
    known = SplitSeries.objects.filter(tenant_id=tenant_id, place__in=set(places.values()))
    targets = list(known.values_list("study_id", flat=True))
    if not targets:
        return {}
    # Nobody may put them back before this is stored; what was put back meanwhile is no route any more.
    assignment.lock(study_id for study_id in targets if study_id)
    routes = {bytes(row.place): row.study for row in known.select_related("study")}
    keys: dict[UUID, KeyHandle] = {}
    for item in items:
        place = places[id(item)]
        if place not in routes:
            continue
        study = routes[place]
        if study is None or study.deleted_at is not None:
            _refuse(item, SeriesSplitOffError("The study that it became is deleted."))
        elif item.scan is not None and item.scan.head.transfer_syntax_uid in NOT_WRITTEN:
            _refuse(item, SeriesSplitOffError("Deflated or big endian files are not written anew."))
        else:
            item.verdict.study_instance_uid = study.study_instance_uid
            keys[study.key_id] = vault.key_of(tenant_id=tenant_id, key_id=study.key_id)
    return vault.settle_keys(tenant_id=tenant_id, keys=keys.values())


def seal_anew(items: "Sequence[Item]", winners: "dict[str, KeyHandle]") -> None:
    """Seal what was redirected under the key of the study that it goes to, durably, before anything is committed."""
    copies = []
    for item in items:
        key = winners[item.verdict.study_instance_uid]
        assert item.staged is not None
        assert item.key is not None
        if item.staged.key_id not in {key.id, key.lost.id if key.lost else None}:
            item.staged = vault.copy_staged(item.staged, key=item.key, by=key)
            item.key = key
            copies.append(item.staged)
    if copies:
        vault.sync(copies)


def _place(item: "Item") -> bytes:
    assert item.scan is not None
    head = item.scan.head
    return place_of(study_instance_uid=head.study_instance_uid, series_instance_uid=head.series_instance_uid)


def _refuse(item: "Item", refusal: SeriesSplitOffError) -> None:
    item.verdict.refuse(Status.QUARANTINED, refusal, FailureReason.PROCESSING_FAILURE)

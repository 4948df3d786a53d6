"""The bin: a deleted study can be taken back until retention destroys it."""

from uuid import UUID

from django.db import transaction

from accounts import access
from audit import services as audit
from common.actor import Actor
from common.clock import now
from common.scope import tenant_scope
from outbox import services as outbox
from pacs import selectors
from pacs.errors import AlreadyStoredAgainError, StudyDoomedError
from pacs.events import StudyChanged
from pacs.models import Instance, Study
from vault import selectors as vault_selectors
from vault import services as vault


def delete_study(*, actor: Actor, study_id: UUID) -> None:
    """Move a study to the bin: searches, addresses and links no longer find it, its UIDs may be stored afresh."""
    with tenant_scope(actor.tenant_id), transaction.atomic():
        study = selectors.get_study(actor=actor, study_id=study_id)
        access.require(actor, "study.delete")
        bin_study(actor=actor, study_id=study.id, key_id=study.key_id)


def bin_study(*, actor: Actor, study_id: UUID, key_id: UUID) -> None:
    """Put a study into the bin, in the transaction of who decided that."""
    if not Study.objects.filter(id=study_id, deleted_at=None).update(deleted_at=now(), updated_at=now()):
        return
    Instance.objects.filter(study_id=study_id).update(is_binned=True)
    vault.release_name(tenant_id=actor.tenant_id, key_id=key_id)
    audit.record(actor=actor, action="study.binned", study_id=study_id)
    outbox.publish(StudyChanged(tenant_id=actor.tenant_id, study_id=study_id))


def restore_study(*, actor: Actor, study_id: UUID) -> None:
    """Take a study back from the bin; refused when the same study was stored again meanwhile."""
    with tenant_scope(actor.tenant_id), transaction.atomic():
        study = selectors.get_binned_study(actor=actor, study_id=study_id)
        access.require(actor, "study.restore")
        _refuse_when_doomed(actor, study)
        unbin_study(actor=actor, study=study)


def unbin_study(*, actor: Actor, study: selectors.StudyRef | Study) -> None:
    """Take a study out of the bin, in the transaction of who decided that."""
    _refuse_when_stored_again(study)
    vault.claim_name(tenant_id=actor.tenant_id, key_id=study.key_id, name=study.study_instance_uid)
    Study.objects.filter(id=study.id).update(deleted_at=None, updated_at=now())
    Instance.objects.filter(study_id=study.id).update(is_binned=False)
    audit.record(actor=actor, action="study.restored", study_id=study.id)
    outbox.publish(StudyChanged(tenant_id=actor.tenant_id, study_id=study.id))


def _refuse_when_doomed(actor: Actor, study: selectors.StudyRef) -> None:
    if vault_selectors.list_destructions(tenant_id=actor.tenant_id, key_ids=[study.key_id]):
        raise StudyDoomedError


def _refuse_when_stored_again(study: selectors.StudyRef | Study) -> None:
    uids = Instance.objects.filter(study_id=study.id).values("sop_instance_uid")
    is_again = Study.objects.filter(study_instance_uid=study.study_instance_uid, deleted_at=None).exists()
    if is_again or Instance.objects.filter(sop_instance_uid__in=uids, is_binned=False).exists():
        raise AlreadyStoredAgainError()

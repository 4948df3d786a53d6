"""The bin: gone from sight, back with one click, and the same study may come again."""

from uuid import UUID

import pytest

from audit.models import AuditEvent
from common.actor import Actor
from common.errors import ForbiddenError
from common.scope import tenant_scope
from pacs import selectors, services
from pacs.errors import AlreadyStoredAgainError, StudyNotFoundError
from pacs.intake import Status
from pacs.models import Study
from tests.factories.cast import make_actor, make_tenant
from tests.factories.studies import make_files, make_study, store
from vault import selectors as vault

pytestmark = pytest.mark.django_db


@pytest.fixture
def owner() -> Actor:
    return make_actor(make_tenant(), "owner")


def read(actor: Actor, study_id: UUID) -> list[bytes]:
    with tenant_scope(actor.tenant_id):
        refs = selectors.list_instances(study_id=study_id)
        readers = [vault.open_blob(ref.blob) for ref in refs]
    return [b"".join(reader.stream()) for reader in readers]


def test_a_deleted_study_is_no_longer_found(owner: Actor) -> None:
    study = make_study(owner.tenant_id)
    services.delete_study(actor=owner, study_id=study.id)
    with tenant_scope(owner.tenant_id), pytest.raises(StudyNotFoundError):
        selectors.get_study(actor=owner, study_id=study.id)


def test_a_second_deletion_finds_nothing(owner: Actor) -> None:
    study = make_study(owner.tenant_id)
    services.delete_study(actor=owner, study_id=study.id)
    with pytest.raises(StudyNotFoundError):
        services.delete_study(actor=owner, study_id=study.id)


def test_undo_brings_the_study_back_whole(owner: Actor) -> None:
    study = make_study(owner.tenant_id, "s", 3)
    services.delete_study(actor=owner, study_id=study.id)
    services.restore_study(actor=owner, study_id=study.id)
    assert read(owner, study.id) == make_files("s", 3)


def test_a_restored_study_takes_more_slices(owner: Actor) -> None:
    study = make_study(owner.tenant_id, "s", 2)
    services.delete_study(actor=owner, study_id=study.id)
    services.restore_study(actor=owner, study_id=study.id)
    store(owner.tenant_id, make_files("s", 3))
    assert read(owner, study.id) == make_files("s", 3)


def test_the_same_study_stored_again_is_a_fresh_copy(owner: Actor) -> None:
    first = make_study(owner.tenant_id, "s", 2)
    services.delete_study(actor=owner, study_id=first.id)
    assert {v.status for v in store(owner.tenant_id, make_files("s", 2))} == {Status.STORED}
    with tenant_scope(owner.tenant_id):
        fresh = Study.objects.get(deleted_at=None)
    assert fresh.id != first.id
    assert fresh.key_id != first.key_id


def test_undo_is_refused_while_a_fresh_copy_exists(owner: Actor) -> None:
    first = make_study(owner.tenant_id, "s", 2)
    services.delete_study(actor=owner, study_id=first.id)
    make_study(owner.tenant_id, "s", 2)
    with pytest.raises(AlreadyStoredAgainError):
        services.restore_study(actor=owner, study_id=first.id)


def test_a_technician_may_not_delete(owner: Actor) -> None:
    study = make_study(owner.tenant_id)
    technician = Actor(owner.tenant_id, owner.kind, owner.id, frozenset({"technician"}))
    with pytest.raises(ForbiddenError):
        services.delete_study(actor=technician, study_id=study.id)


def test_deleting_and_restoring_are_in_the_audit_log(owner: Actor) -> None:
    study = make_study(owner.tenant_id)
    services.delete_study(actor=owner, study_id=study.id)
    services.restore_study(actor=owner, study_id=study.id)
    with tenant_scope(owner.tenant_id):
        actions = set(AuditEvent.objects.filter(study_id=study.id).values_list("action", flat=True))
    assert {"study.binned", "study.restored"} <= actions

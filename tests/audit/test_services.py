"""The audit log: append-only, ids only, committed before the first byte."""

import orjson
import pytest
from django.db import DatabaseError, connection, transaction

from audit import selectors, services
from audit.models import AuditEvent
from common.actor import Actor
from common.ids import uuid7
from common.scope import tenant_scope
from tests.factories.cast import make_actor, make_tenant

pytestmark = pytest.mark.usefixtures("long_memory")


@pytest.fixture
def actor(db: None) -> Actor:
    return make_actor(make_tenant(), "owner")


def test_the_body_is_the_json_that_is_kept(actor: Actor) -> None:
    study_id = uuid7()
    event_id = services.record(actor=actor, action="x.done", study_id=study_id, detail={"count": 2})
    with tenant_scope(actor.tenant_id):
        body = orjson.loads(bytes(AuditEvent.objects.get(id=event_id).body))
    assert (body["action"], body["study"], body["actor"]["id"], body["detail"]) == (
        "x.done",
        str(study_id),
        str(actor.id),
        {"count": 2},
    )


@pytest.mark.parametrize("change", ["UPDATE audit_auditevent SET action = 'y'", "DELETE FROM audit_auditevent"])
def test_the_database_refuses_to_change_an_event(actor: Actor, change: str) -> None:
    services.record(actor=actor, action="x.done")
    with (
        tenant_scope(actor.tenant_id),
        connection.cursor() as cursor,
        pytest.raises(DatabaseError),
        transaction.atomic(),
    ):
        cursor.execute(change)


@pytest.mark.req("PA-07")
def test_an_access_session_begins_with_one_committed_event(actor: Actor) -> None:
    study_id = uuid7()
    services.open_access(actor=actor, study_id=study_id, purpose="view")
    with tenant_scope(actor.tenant_id):
        assert AuditEvent.objects.filter(action="study.opened", study_id=study_id).count() == 1


@pytest.mark.django_db(transaction=True)
def test_frames_are_counted_not_recorded_one_by_one() -> None:
    actor = make_actor(make_tenant(), "owner")
    session = services.open_access(actor=actor, study_id=uuid7(), purpose="view")
    for _ in range(1200):
        session.count()
    services.flush_counts()
    with tenant_scope(actor.tenant_id):
        counted = [e.detail["frames"] for e in selectors.list_events(selectors.Filter(action="study.frames-read"))]
    assert sum(counted) == 1200
    assert len(counted) == 3


@pytest.mark.django_db(transaction=True)
def test_the_same_reader_opens_one_session() -> None:
    actor, study_id = make_actor(make_tenant(), "owner"), uuid7()
    first = services.open_access(actor=actor, study_id=study_id, purpose="view")
    assert services.open_access(actor=actor, study_id=study_id, purpose="view") is first


@pytest.mark.django_db(transaction=True)
def test_a_session_whose_event_was_rolled_back_is_opened_again() -> None:
    actor, study_id = make_actor(make_tenant(), "owner"), uuid7()
    with transaction.atomic():
        services.open_access(actor=actor, study_id=study_id, purpose="view")
        transaction.set_rollback(True)
    services.open_access(actor=actor, study_id=study_id, purpose="view")
    with tenant_scope(actor.tenant_id):
        assert AuditEvent.objects.filter(action="study.opened", study_id=study_id).count() == 1


@pytest.mark.django_db(transaction=True)
def test_what_a_session_counted_is_written_with_the_next_one_whose_event_is_committed() -> None:
    actor, study_id = make_actor(make_tenant(), "owner"), uuid7()
    former = services.open_access(actor=actor, study_id=study_id, purpose="view")
    former.count(7)
    former.opened -= services.ACCESS_SESSION_S
    with transaction.atomic():
        services.open_access(actor=actor, study_id=study_id, purpose="view")
        transaction.set_rollback(True)
    assert former.frames == 7
    following = services.open_access(actor=actor, study_id=study_id, purpose="view")
    following.count(2)
    services.flush_counts()
    with tenant_scope(actor.tenant_id):
        counted = [e.detail["frames"] for e in selectors.list_events(selectors.Filter(action="study.frames-read"))]
        assert AuditEvent.objects.filter(action="study.opened", study_id=study_id).count() == 2
    assert (former.frames, counted) == (0, [9])


def test_pages_of_events_follow_each_other(actor: Actor) -> None:
    for number in range(5):
        services.record(actor=actor, action="x.done", detail={"number": number})
    with tenant_scope(actor.tenant_id):
        first = selectors.list_events(selectors.Filter(action="x.done"), limit=3)
        rest = selectors.list_events(selectors.Filter(action="x.done", before_id=first[-1].id), limit=3)
    assert [e.detail["number"] for e in [*first, *rest]] == [4, 3, 2, 1, 0]

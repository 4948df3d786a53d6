"""Whoever owns the database changes the log; one checkpoint was kept elsewhere. The first bad index is named."""

from uuid import UUID

import pytest
from django.db import connection

from audit import selectors, services
from audit.models import AuditEvent, AuditLeaf, AuditNode, AuditPending
from common.actor import Actor
from common.scope import tenant_scope
from tests.audit import attacker
from tests.audit.attacker import Line
from tests.factories.cast import make_actor, make_tenant

pytestmark = [pytest.mark.django_db, pytest.mark.req("X-02")]
SIZE = 12


@pytest.fixture
def actor() -> Actor:
    return make_actor(make_tenant(), "owner")


@pytest.fixture
def kept(actor: Actor) -> str:
    """Write a log, and give the checkpoint that somebody keeps elsewhere."""
    with tenant_scope(actor.tenant_id):
        waiting = AuditPending.objects.count()
    for number in range(SIZE - waiting):
        services.record(actor=actor, action="x.done", detail={"number": number})
    services.sequence(tenant_id=actor.tenant_id)
    return services.sign_checkpoint(tenant_id=actor.tenant_id)


def bad_index(tenant_id: UUID, kept: str) -> int | None:
    return services.verify_log(tenant_id=tenant_id, held=[kept]).bad_index


def edit(lines: list[Line]) -> list[Line]:
    return [*lines[:4], attacker.edited(lines[4]), *lines[5:]]


def delete(lines: list[Line]) -> list[Line]:
    return [*lines[:4], *lines[5:]]


def insert(lines: list[Line]) -> list[Line]:
    return [*lines[:4], attacker.invented(lines[4]), *lines[4:]]


def reorder(lines: list[Line]) -> list[Line]:
    return [*lines[:4], lines[7], *lines[5:7], lines[4], *lines[8:]]


def truncate(lines: list[Line]) -> list[Line]:
    return lines[:4]


def test_an_untouched_log_holds(actor: Actor, kept: str) -> None:
    found = services.verify_log(tenant_id=actor.tenant_id, held=[kept])
    assert (found.holds, found.size, found.covered, found.gaps) == (True, SIZE, SIZE, 0)


@pytest.mark.parametrize("change", [edit, delete, insert, reorder, truncate])
def test_a_log_that_was_made_to_fit_again_is_found_out(actor: Actor, kept: str, change: object) -> None:
    attacker.rewrite(actor.tenant_id, change)  # type: ignore[arg-type]  # one of the five above
    assert bad_index(actor.tenant_id, kept) == 4


@pytest.mark.parametrize("change", [edit, delete, insert, reorder])
def test_what_was_changed_after_the_last_checkpoint_is_found_out_by_the_signatures(
    actor: Actor, kept: str, change: object
) -> None:
    for number in range(SIZE):
        services.record(actor=actor, action="x.done", detail={"number": number})
    services.sequence(tenant_id=actor.tenant_id)
    attacker.rewrite(actor.tenant_id, lambda lines: [*lines[:SIZE], *change(lines[SIZE:])])  # type: ignore[operator]
    assert bad_index(actor.tenant_id, kept) == SIZE + 4


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit_auditevent SET action = 'y' WHERE id = %s",
        "UPDATE audit_auditevent SET actor_id = tenant_id WHERE id = %s",
        "UPDATE audit_auditevent SET study_id = tenant_id WHERE id = %s",
        "UPDATE audit_auditevent SET recorded_at = '2020-01-01 00:00:00+00' WHERE id = %s",
        "UPDATE audit_auditevent SET producer_id = tenant_id WHERE id = %s",
        "UPDATE audit_auditevent SET producer_seq = producer_seq + 1000 WHERE id = %s",
        "UPDATE audit_auditevent SET body = '{}' WHERE id = %s",
        "DELETE FROM audit_auditevent WHERE id = %s",
        "DELETE FROM audit_auditleaf WHERE event_id = %s",
        "UPDATE audit_auditleaf SET leaf_index = 1000000000000 WHERE event_id = %s",
        "UPDATE audit_auditleaf SET signature = leaf_hash WHERE event_id = %s",
    ],
)
def test_a_row_that_was_touched_is_named(actor: Actor, kept: str, statement: str) -> None:
    with attacker.owner(), tenant_scope(actor.tenant_id), connection.cursor() as cursor:
        event_id = AuditLeaf.objects.get(leaf_index=4).event_id
        services.record(actor=actor, action="x.done")
        cursor.execute(statement, [event_id if connection.vendor == "postgresql" else event_id.hex])
        assert cursor.rowcount == 1
    expected = None if "signature" in statement else 4
    assert bad_index(actor.tenant_id, kept) == expected


def test_an_event_that_was_kept_from_the_log_is_named(actor: Actor, kept: str) -> None:
    event_id = services.record(actor=actor, action="x.done")
    with tenant_scope(actor.tenant_id):
        AuditPending.objects.all().delete()
    found = services.verify_log(tenant_id=actor.tenant_id, held=[kept])
    assert found.reason == f"event {event_id} has no leaf and waits for none"


def test_an_event_that_was_removed_before_it_had_a_leaf_leaves_a_gap(actor: Actor, kept: str) -> None:
    event_id = services.record(actor=actor, action="x.done")
    services.record(actor=actor, action="x.done")
    with attacker.owner(), tenant_scope(actor.tenant_id):
        AuditEvent.objects.filter(id=event_id).delete()
        AuditPending.objects.filter(event_id=event_id).delete()
    services.sequence(tenant_id=actor.tenant_id)
    found = services.verify_log(tenant_id=actor.tenant_id, held=[kept])
    assert (found.holds, found.gaps) == (True, 1)


def test_inner_nodes_that_were_changed_are_found_out(actor: Actor) -> None:
    for number in range(300):
        services.record(actor=actor, action="x.done", detail={"number": number})
    services.sequence(tenant_id=actor.tenant_id)
    with attacker.owner(), tenant_scope(actor.tenant_id):
        AuditNode.objects.update(node_hash=bytes(32))
    assert services.verify_log(tenant_id=actor.tenant_id).reason == "the head of the log is not that of its leaves"


def test_a_checkpoint_of_another_log_is_not_taken(actor: Actor, kept: str) -> None:
    other = make_actor(make_tenant(), "owner")
    services.record(actor=other, action="x.done")
    services.sequence(tenant_id=other.tenant_id)
    foreign = services.sign_checkpoint(tenant_id=other.tenant_id)
    assert services.verify_log(tenant_id=actor.tenant_id, held=[foreign]).reason.startswith("the checkpoint is of the")
    assert services.verify_log(tenant_id=actor.tenant_id, held=[kept]).holds


def test_what_was_found_is_kept_with_the_log(actor: Actor, kept: str) -> None:
    attacker.rewrite(actor.tenant_id, edit)
    services.verify_log(tenant_id=actor.tenant_id, held=[kept])
    with tenant_scope(actor.tenant_id):
        state = selectors.log_state()
    assert state is not None
    assert (state.bad_index, state.failure) == (4, "this line is not the one that was signed for this place")

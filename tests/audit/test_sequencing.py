"""Every event gets one leaf, in order, whoever sequences and whenever it dies."""

import threading

import pytest
import time_machine
from django.db import DatabaseError, connection, transaction

from audit import merkle, selectors, services, tree
from audit.errors import LogDamagedError, NotCheckpointedError, SigningKeyError
from audit.models import AuditCheckpoint, AuditEvent, AuditHead, AuditLeaf, AuditPending
from audit.services import checkpoints
from common.actor import Actor, system_actor
from common.errors import NotFoundError
from common.ids import NIL, uuid7
from common.scope import tenant_scope
from tests.audit import attacker
from tests.factories.cast import make_actor, make_tenant

pytestmark = pytest.mark.django_db


@pytest.fixture
def actor() -> Actor:
    made = make_actor(make_tenant(), "owner")
    services.sequence(tenant_id=made.tenant_id)
    return made


def write(actor: Actor, count: int) -> None:
    for number in range(count):
        services.record(actor=actor, action="x.done", detail={"number": number})


def test_an_event_waits_until_it_has_a_leaf(actor: Actor) -> None:
    event_id = services.record(actor=actor, action="x.done")
    with tenant_scope(actor.tenant_id):
        assert list(AuditPending.objects.values_list("event_id", flat=True)) == [event_id]
        assert services.sequence(tenant_id=actor.tenant_id) == 1
        assert not AuditPending.objects.exists()
        event, leaf = AuditEvent.objects.get(id=event_id), AuditLeaf.objects.get(event_id=event_id)
    assert bytes(leaf.leaf_hash) == merkle.leaf_hash(bytes(event.body))


def test_indexes_follow_each_other_through_several_batches(actor: Actor) -> None:
    with tenant_scope(actor.tenant_id):
        before = AuditHead.objects.get().size
    write(actor, 25)
    given = [services.sequence(tenant_id=actor.tenant_id, limit=10) for _ in range(4)]
    with tenant_scope(actor.tenant_id):
        indexes = list(AuditLeaf.objects.order_by("leaf_index").values_list("leaf_index", flat=True))
        head = AuditHead.objects.get()
    assert given == [10, 10, 5, 0]
    assert indexes == list(range(before + 25))
    assert head.size == before + 25


def test_the_frontier_has_the_root_of_the_leaves(actor: Actor) -> None:
    write(actor, 300)
    services.sequence(tenant_id=actor.tenant_id)
    with tenant_scope(actor.tenant_id):
        head = AuditHead.objects.get()
        root = merkle.tree_root(tree.read, head.size)
    assert merkle.Frontier.unpack(head.size, bytes(head.frontier)).root() == root


def test_a_log_does_not_go_on_under_another_key(actor: Actor) -> None:
    write(actor, 1)
    with tenant_scope(actor.tenant_id):
        AuditHead.objects.update(verifier_key="x+00000000+AQ==")
        with pytest.raises(SigningKeyError):
            services.sequence(tenant_id=actor.tenant_id)
        assert AuditPending.objects.count() == 1


@pytest.mark.parametrize("model", ["auditleaf", "auditcheckpoint"])
def test_leaves_and_checkpoints_are_append_only(actor: Actor, model: str) -> None:
    write(actor, 1)
    services.sequence(tenant_id=actor.tenant_id)
    services.sign_checkpoint(tenant_id=actor.tenant_id)
    with tenant_scope(actor.tenant_id), connection.cursor() as cursor:
        for statement in (f"DELETE FROM audit_{model}", f"UPDATE audit_{model} SET tenant_id = tenant_id"):
            with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
                cursor.execute(statement)


# --- checkpoints ------------------------------------------------------------------------------------------------------


def test_a_checkpoint_names_size_and_root_and_is_signed(actor: Actor) -> None:
    write(actor, 3)
    services.sequence(tenant_id=actor.tenant_id)
    note = services.sign_checkpoint(tenant_id=actor.tenant_id)
    text, _, signature = note.rpartition("\n\n")
    origin, size, _root = text.split("\n")
    assert origin == services.signer_of(tenant_id=actor.tenant_id).name
    assert signature.startswith(f"\u2014 {origin} ")
    with tenant_scope(actor.tenant_id):
        assert int(size) == AuditHead.objects.get().size


def test_every_checkpoint_is_a_leaf_of_the_deployments_log(actor: Actor) -> None:
    note = services.sign_checkpoint(tenant_id=actor.tenant_id)
    services.sequence(tenant_id=NIL)
    with tenant_scope(NIL):
        entry = selectors.list_events(selectors.Filter(action="log.checkpointed"))[0]
        assert entry.detail["checkpoint"] == note
        assert AuditLeaf.objects.filter(event_id=entry.id).exists()


@pytest.mark.embedded
def test_a_log_is_signed_a_minute_after_it_grew_and_hourly_otherwise(
    actor: Actor, frozen_time: time_machine.Traveller
) -> None:
    def signed() -> int:
        checkpoints.sign_checkpoints()
        with tenant_scope(actor.tenant_id):
            return int(AuditCheckpoint.objects.count())

    at_first = signed()
    write(actor, 1)
    services.sequence(tenant_id=actor.tenant_id)
    frozen_time.shift(30)
    too_early = signed()
    frozen_time.shift(31)
    grown = signed()
    frozen_time.shift(120)
    resting = signed()
    frozen_time.shift(3600)
    hourly = signed()
    assert [at_first, too_early, grown, resting, hourly] == [1, 1, 2, 2, 3]


def test_a_log_that_lost_what_was_signed_is_not_signed_again(actor: Actor) -> None:
    write(actor, 3)
    services.sequence(tenant_id=actor.tenant_id)
    services.sign_checkpoint(tenant_id=actor.tenant_id)
    with tenant_scope(actor.tenant_id):
        AuditHead.objects.update(size=1, frontier=tree.read(0, 0, 1)[0])
    with pytest.raises(LogDamagedError):
        services.sign_checkpoint(tenant_id=actor.tenant_id)


# --- proofs -----------------------------------------------------------------------------------------------------------


def test_a_line_too_young_for_a_checkpoint_has_no_proof_yet(actor: Actor) -> None:
    event_id = services.record(actor=actor, action="x.done")
    with tenant_scope(actor.tenant_id), pytest.raises(NotCheckpointedError):
        selectors.get_proof(event_id=event_id)


def test_proofs_that_are_made_together_are_those_of_each(actor: Actor) -> None:
    write(actor, 300)
    services.sequence(tenant_id=actor.tenant_id)
    services.sign_checkpoint(tenant_id=actor.tenant_id)
    with tenant_scope(actor.tenant_id):
        wanted = list(AuditEvent.objects.order_by("id").values_list("id", flat=True)[::50])

        together = selectors.get_proofs(event_ids=wanted)

        assert together == {event_id: selectors.get_proof(event_id=event_id) for event_id in wanted}
        assert selectors.get_proofs(event_ids=[]) == {}
        with pytest.raises(NotFoundError):
            selectors.get_proofs(event_ids=[*wanted, uuid7()])


def test_what_waits_without_an_event_waits_no_longer(actor: Actor) -> None:
    event_id = services.record(actor=actor, action="x.done")
    write(actor, 2)
    with attacker.owner(), tenant_scope(actor.tenant_id):
        AuditEvent.objects.filter(id=event_id).delete()

    assert services.sequence(tenant_id=actor.tenant_id) == 2

    with tenant_scope(actor.tenant_id):
        assert not AuditPending.objects.exists()


def test_an_event_of_another_tenant_has_no_proof(actor: Actor) -> None:
    event_id = services.record(actor=actor, action="x.done")
    with tenant_scope(make_tenant().id), pytest.raises(NotFoundError):
        selectors.get_proof(event_id=event_id)


# --- numbers of producers ---------------------------------------------------------------------------------------------


def test_two_tenants_are_numbered_apart() -> None:
    one, other = uuid7(), uuid7()
    for tenant_id in (one, other, one):
        services.record(actor=system_actor(tenant_id), action="x.done")
    with tenant_scope(one):
        numbers = list(AuditEvent.objects.order_by("producer_seq").values_list("producer_seq", flat=True))
    assert numbers == [1, 2]


@pytest.mark.django_db(transaction=True)
def test_a_number_that_was_rolled_back_is_declared_void(monkeypatch: pytest.MonkeyPatch) -> None:
    actor = make_actor(make_tenant(), "owner")
    with transaction.atomic():
        services.record(actor=actor, action="x.undone")
        transaction.set_rollback(True)
    monkeypatch.setattr("audit.services.recording.VOID_AFTER_S", 0.0)
    services.tell_void_numbers()
    services.sequence(tenant_id=actor.tenant_id)
    found = services.verify_log(tenant_id=actor.tenant_id)
    with tenant_scope(actor.tenant_id):
        (void,) = selectors.list_events(selectors.Filter(action="log.numbers-void"))
    assert (found.holds, found.gaps, len(void.detail["numbers"])) == (True, 0, 1)


# --- many at once -----------------------------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_events_of_many_writers_and_two_sequencers_get_one_leaf_each() -> None:
    actor = make_actor(make_tenant(), "owner")
    stop = threading.Event()

    def produce() -> None:
        for _ in range(25):
            with tenant_scope(actor.tenant_id), transaction.atomic():
                services.record(actor=actor, action="x.done")
        connection.close()

    def follow() -> None:
        while not stop.is_set():
            services.sequence(tenant_id=actor.tenant_id, limit=7)
            stop.wait(0.01)
        connection.close()

    writers = [threading.Thread(target=produce) for _ in range(4)]
    sequencers = [threading.Thread(target=follow) for _ in range(2)]
    for thread in [*writers, *sequencers]:
        thread.start()
    for thread in writers:
        thread.join()
    stop.set()
    for thread in sequencers:
        thread.join()
    while services.sequence(tenant_id=actor.tenant_id):
        pass
    found = services.verify_log(tenant_id=actor.tenant_id)
    with tenant_scope(actor.tenant_id):
        assert AuditLeaf.objects.count() == AuditEvent.objects.count()
    assert (found.holds, found.gaps) == (True, 0)

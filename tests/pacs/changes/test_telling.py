"""Webhooks are told what changed, in order, until they have taken it (BR-32)."""

import datetime as dt
from typing import Any
from uuid import UUID

import pytest
import time_machine

from accounts.models import Tenant
from common.actor import Actor
from common.clock import now
from common.ids import uuid7
from common.outgoing import AddressRefusedError
from common.scope import tenant_scope
from outbox import services as outbox
from outbox.models import OutboxMessage
from pacs.changes import hooks, marking, selectors, telling
from pacs.changes.errors import HookTakenError, HookTermsError
from pacs.changes.models import Hook
from tests.factories.cast import make_actor
from tests.factories.people import actions
from tests.factories.receiver import Receiver
from tests.factories.studies import make_study

pytestmark = [pytest.mark.django_db, pytest.mark.req("BR-32")]


@pytest.fixture
def owner(tenant: Tenant) -> Actor:
    return make_actor(tenant, "owner")


@pytest.fixture
def hook(owner: Actor, receiver: Receiver) -> UUID:
    return hooks.add(actor=owner, url=receiver.url)


def row(tenant: Tenant) -> Hook:
    with tenant_scope(tenant.id):
        (found,) = selectors.list_hooks()
    return found


def mark(tenant: Tenant, count: int = 1) -> list[str]:
    ids = [uuid7() for _ in range(count)]
    for study_id in ids:
        marking.mark(tenant_id=tenant.id, study_id=study_id)
    return [str(study_id) for study_id in ids]


def tell(tenant: Tenant) -> float:
    """Tell all webhooks; return the longest time after which one is to be tried again."""
    with tenant_scope(tenant.id):
        ids = [hook.id for hook in selectors.list_hooks()]
    return max([telling.tell(tenant_id=tenant.id, hook_id=hook_id) for hook_id in ids], default=0.0)


def told(receiver: Receiver) -> list[str]:
    return [change["study"] for body in receiver.bodies for change in body["data"]["changes"]]


@pytest.mark.usefixtures("hook")
def test_a_study_that_is_ready_is_told_by_a_signed_message_that_names_no_patient(
    tenant: Tenant, receiver: Receiver
) -> None:
    study = make_study(tenant.id, "Secretive", prepared=True)

    (message,) = receiver.taken
    (body,) = receiver.bodies
    assert message.is_signed_by(tenant.id)
    assert body["type"] == "studies.changed"
    assert body["data"] == {"changes": [{"number": 1, "study": str(study.id), "state": "ready"}], "next": 1}
    assert b"P-Secretive" not in message.content
    assert study.study_instance_uid.encode() not in message.content


@pytest.mark.usefixtures("hook")
def test_many_changes_come_in_pages_and_in_order(
    tenant: Tenant, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(selectors, "PAGE", 2)
    studies = mark(tenant, 5)

    assert tell(tenant) == 0
    assert tell(tenant) == 0

    assert told(receiver) == studies
    assert len(receiver.taken) == 3


def test_one_that_is_turned_off_meanwhile_is_told_no_further_page(
    tenant: Tenant, owner: Actor, hook: UUID, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(selectors, "PAGE", 1)
    mark(tenant, 3)
    send = telling._send

    def turned_off_meanwhile(*arguments: Any) -> str:
        hooks.switch(actor=owner, hook_id=hook, is_on=False)
        return send(*arguments)

    monkeypatch.setattr(telling, "_send", turned_off_meanwhile)

    assert tell(tenant) == 0
    assert len(receiver.taken) == 1
    assert row(tenant).taken == 0


@pytest.mark.usefixtures("hook")
@pytest.mark.parametrize("status", [500, 302, 404])
def test_what_was_not_taken_is_told_again_under_the_same_id(tenant: Tenant, receiver: Receiver, status: int) -> None:
    mark(tenant)
    receiver.status = status
    assert tell(tenant) > 0
    assert (row(tenant).taken, row(tenant).failure) == (0, f"The answer was {status}.")

    receiver.status = 200
    assert tell(tenant) == 0

    assert len({message.id for message in receiver.taken}) == 1
    assert (row(tenant).taken, row(tenant).failure, row(tenant).failing_since) == (1, "", None)


def test_one_that_fails_keeps_no_other_waiting(tenant: Tenant, owner: Actor, receiver: Receiver) -> None:
    hooks.add(actor=owner, url="http://127.0.0.1:9/nobody")
    hooks.add(actor=owner, url=receiver.url)
    studies = mark(tenant)

    for message_id in outbox_ids(tenant):
        outbox.run(message_id)

    assert told(receiver) == studies
    assert len(outbox_ids(tenant)) == 1


def outbox_ids(tenant: Tenant) -> list[UUID]:
    """Return what waits for webhooks, and make it due."""
    with tenant_scope(tenant.id):
        waiting = OutboxMessage.objects.filter(topic__startswith="pacs.hook-due", done_at=None)
        waiting.update(available_at=now())
        return list(waiting.order_by("id").values_list("id", flat=True))


@pytest.mark.usefixtures("hook")
def test_the_longer_one_fails_the_later_it_is_tried_again(
    tenant: Tenant, receiver: Receiver, frozen_time: time_machine.Traveller
) -> None:
    mark(tenant)
    receiver.status = 500
    waits = []

    for passed_s in (0, 4, 60, 3600):
        frozen_time.shift(passed_s)
        waits.append(tell(tenant))

    assert waits == [4, 4, 64, 240]


@pytest.mark.usefixtures("hook")
def test_who_takes_nothing_for_days_is_turned_off_and_hears_all_of_it_once_turned_on(
    tenant: Tenant, owner: Actor, receiver: Receiver, frozen_time: time_machine.Traveller
) -> None:
    studies = mark(tenant)
    receiver.status = 503
    assert tell(tenant) > 0
    frozen_time.shift(telling.GIVE_UP + dt.timedelta(minutes=1))

    assert tell(tenant) == 0
    studies += mark(tenant)
    assert tell(tenant) == 0

    assert not row(tenant).is_on
    assert "hook.given-up" in actions(tenant)
    assert len(receiver.taken) == 2
    receiver.status = 200
    hooks.switch(actor=owner, hook_id=row(tenant).id, is_on=True)
    outbox.drain([tenant.id])
    assert told(receiver)[-2:] == studies


def test_what_changed_before_is_not_told(tenant: Tenant, owner: Actor, receiver: Receiver) -> None:
    mark(tenant)
    hooks.add(actor=owner, url=receiver.url)
    later = mark(tenant)

    assert tell(tenant) == 0

    assert told(receiver) == later


def test_one_that_was_removed_is_told_nothing(tenant: Tenant, owner: Actor, hook: UUID, receiver: Receiver) -> None:
    hooks.remove(actor=owner, hook_id=hook)
    mark(tenant)

    assert tell(tenant) == 0

    assert receiver.taken == []


def test_a_worker_that_was_slower_takes_nothing_back(
    tenant: Tenant, hook: UUID, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    mark(tenant, 3)

    def overtaken(*_: object) -> str:
        with tenant_scope(tenant.id):
            Hook.objects.filter(id=hook).update(taken=9)
        return ""

    monkeypatch.setattr(telling, "_send", overtaken)

    assert tell(tenant) == 0
    assert row(tenant).taken == 9
    assert receiver.taken == []


def test_a_test_says_what_came_of_it(owner: Actor, hook: UUID, receiver: Receiver) -> None:
    taken = telling.try_out(actor=owner, hook_id=hook)
    receiver.status = 410
    refused = telling.try_out(actor=owner, hook_id=hook)

    assert (taken, refused) == ("", "The answer was 410.")
    assert {body["type"] for body in receiver.bodies} == {"test"}


@pytest.mark.parametrize("url", ["http://program.example/", "https://me:secret@program.example/", "program", ""])
def test_an_address_that_is_not_safe_is_refused(owner: Actor, url: str) -> None:
    with pytest.raises(AddressRefusedError):
        hooks.add(actor=owner, url=url)


@pytest.mark.usefixtures("hook")
def test_an_address_is_told_once(owner: Actor, receiver: Receiver) -> None:
    with pytest.raises(HookTakenError):
        hooks.add(actor=owner, url=receiver.url)


def test_there_are_not_many(owner: Actor) -> None:
    for number in range(hooks.MAX_HOOKS):
        hooks.add(actor=owner, url=f"https://program.example/{number}")

    with pytest.raises(HookTermsError):
        hooks.add(actor=owner, url="https://program.example/more")

"""Checkpoints reach those who keep them elsewhere, and each continues the one before."""

import json
import secrets
from collections.abc import Callable, Iterator
from typing import Any

import boto3
import pytest
import time_machine
from django.core import mail

from audit import selectors, services, verify_audit
from audit.errors import WitnessRefusedError
from audit.services import witnesses
from common.actor import Actor
from common.buckets import Bucket
from common.errors import DomainError
from common.scope import tenant_scope
from tests.factories.cast import make_actor, make_tenant
from tests.factories.receiver import Receiver, receiving
from tests.servers.s3 import S3Store

pytestmark = [pytest.mark.django_db, pytest.mark.req("X-02")]


@pytest.fixture
def receiver(monkeypatch: pytest.MonkeyPatch) -> Iterator[Receiver]:
    with receiving(monkeypatch) as server:
        yield server


@pytest.fixture
def actor() -> Actor:
    return make_actor(make_tenant(), "owner")


def grow(actor: Actor) -> None:
    services.record(actor=actor, action="x.done")
    services.sequence(tenant_id=actor.tenant_id)
    services.sign_checkpoint(tenant_id=actor.tenant_id)


def test_a_webhook_gets_checkpoints_that_continue_each_other(actor: Actor, receiver: Receiver) -> None:
    services.add_witness(actor=actor, kind="webhook", target=receiver.url)
    for _ in range(3):
        grow(actor)
        assert services.push_to_witnesses(tenant_id=actor.tenant_id) == 1
    assert services.push_to_witnesses(tenant_id=actor.tenant_id) == 0
    key = verify_audit.Key(services.signer_of(tenant_id=actor.tenant_id).verifier_key)
    pushed = receiver.bodies
    sizes = [verify_audit.check_pushed(each, key).size for each in pushed]
    assert sizes == sorted(set(sizes))
    assert [each["previous"] for each in pushed] == [None, *(each["checkpoint"] for each in pushed[:-1])]


def test_who_got_more_from_another_worker_meanwhile_is_not_set_back(
    actor: Actor, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    services.add_witness(actor=actor, kind="webhook", target=receiver.url)
    grow(actor)
    send: Callable[..., str] = witnesses._send

    def send_late(*words: Any) -> str:
        monkeypatch.setattr(witnesses, "_send", send)
        grow(actor)
        assert services.push_to_witnesses(tenant_id=actor.tenant_id) == 1
        return send(*words)

    monkeypatch.setattr(witnesses, "_send", send_late)
    services.push_to_witnesses(tenant_id=actor.tenant_id)

    assert services.push_to_witnesses(tenant_id=actor.tenant_id) == 0


def test_a_webhook_is_signed_with_the_key_of_the_log(actor: Actor, receiver: Receiver) -> None:
    services.add_witness(actor=actor, kind="webhook", target=receiver.url)
    grow(actor)
    services.push_to_witnesses(tenant_id=actor.tenant_id)
    assert [message.is_signed_by(actor.tenant_id) for message in receiver.taken] == [True]


@pytest.mark.parametrize("status", [500, 302])
def test_what_was_not_taken_is_sent_again_under_the_same_id(actor: Actor, receiver: Receiver, status: int) -> None:
    services.add_witness(actor=actor, kind="webhook", target=receiver.url)
    grow(actor)
    receiver.status = status
    assert services.push_to_witnesses(tenant_id=actor.tenant_id) == 0
    with tenant_scope(actor.tenant_id):
        assert selectors.list_witnesses()[0].failure == f"The answer was {status}."
    receiver.status = 200
    assert services.push_to_witnesses(tenant_id=actor.tenant_id) == 1
    assert len({message.id for message in receiver.taken}) == 1
    assert len(receiver.taken) == 2


def test_a_mail_is_sent_once_a_day(actor: Actor, frozen_time: time_machine.Traveller) -> None:
    services.add_witness(actor=actor, kind="mail", target="lawyer@witness.example")
    sent = []
    for hours in (0, 1, 24):
        frozen_time.shift(hours * 3600)
        grow(actor)
        services.push_to_witnesses(tenant_id=actor.tenant_id)
        sent.append(len(mail.outbox))
    assert sent == [1, 1, 2]


def test_the_checkpoint_in_a_mail_is_one(actor: Actor) -> None:
    services.add_witness(actor=actor, kind="mail", target="lawyer@witness.example")
    grow(actor)
    services.push_to_witnesses(tenant_id=actor.tenant_id)
    text = mail.outbox[0].body
    signer = services.signer_of(tenant_id=actor.tenant_id)
    begin = text.index(signer.name)
    note = text[begin : text.index("\n", text.index("\u2014")) + 1]
    verify_audit.Checkpoint(note).require_signed(verify_audit.Key(signer.verifier_key))


def test_a_pushed_log_that_does_not_continue_is_refused_by_the_verifier(actor: Actor, receiver: Receiver) -> None:
    services.add_witness(actor=actor, kind="webhook", target=receiver.url)
    for _ in range(2):
        grow(actor)
        services.push_to_witnesses(tenant_id=actor.tenant_id)
    pushed = receiver.bodies[1]
    pushed["consistency"] = pushed["consistency"][1:]
    with pytest.raises(verify_audit.WrongError, match="does not begin with"):
        verify_audit.check_pushed(pushed, verify_audit.Key(pushed["key"]))


def test_there_are_at_most_five_witnesses(actor: Actor) -> None:
    for number in range(5):
        services.add_witness(actor=actor, kind="mail", target=f"{number}@witness.example")
    with pytest.raises(WitnessRefusedError, match="5 witnesses already"):
        services.add_witness(actor=actor, kind="mail", target="6@witness.example")


def test_nobody_is_named_twice(actor: Actor) -> None:
    services.add_witness(actor=actor, kind="mail", target="lawyer@witness.example")
    with pytest.raises(WitnessRefusedError, match="named already"):
        services.add_witness(actor=actor, kind="mail", target="lawyer@witness.example")


@pytest.fixture
def bucket(found_s3_store: S3Store) -> str:
    name = f"witness-{secrets.token_hex(6)}"
    found_s3_store.create_bucket(name)
    return name


def kept_in(bucket: str) -> dict[str, Any]:
    """Return the objects of a bucket by their names, in order."""
    client = boto3.client("s3")
    keys = [one["Key"] for one in client.list_objects_v2(Bucket=bucket).get("Contents", [])]
    return {key: json.loads(client.get_object(Bucket=bucket, Key=key)["Body"].read()) for key in sorted(keys)}


def test_a_bucket_gets_checkpoints_that_continue_each_other(actor: Actor, bucket: str) -> None:
    services.add_witness(actor=actor, kind="bucket", target=f"s3://{bucket}/our/log")
    for _ in range(3):
        grow(actor)
        assert services.push_to_witnesses(tenant_id=actor.tenant_id) == 1
    key = verify_audit.Key(services.signer_of(tenant_id=actor.tenant_id).verifier_key)
    kept = kept_in(bucket)
    assert all(name.startswith(f"our/log/{actor.tenant_id}/") for name in kept)
    pushed = list(kept.values())
    sizes = [verify_audit.check_pushed(each, key).size for each in pushed]
    assert sizes == sorted(set(sizes))
    assert len(sizes) == 3
    assert [each["previous"] for each in pushed] == [None, *(each["checkpoint"] for each in pushed[:-1])]


def test_what_a_bucket_has_is_neither_replaced_nor_missed(actor: Actor, bucket: str) -> None:
    services.add_witness(actor=actor, kind="bucket", target=f"s3://{bucket}")
    grow(actor)
    services.push_to_witnesses(tenant_id=actor.tenant_id)
    ((name, first),) = kept_in(bucket).items()
    Bucket(bucket, "").put(name, b"{}", "application/json")
    assert kept_in(bucket) == {name: first}


def test_a_bucket_that_does_not_let_the_portal_in_is_told(
    actor: Actor, bucket: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    services.add_witness(actor=actor, kind="bucket", target=f"s3://{bucket}")
    grow(actor)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "somebody-else")
    monkeypatch.setattr(boto3, "DEFAULT_SESSION", None)
    assert services.push_to_witnesses(tenant_id=actor.tenant_id) == 0
    with tenant_scope(actor.tenant_id):
        assert selectors.list_witnesses()[0].failure == "The store answered InvalidAccessKeyId."


@pytest.mark.parametrize(
    "target",
    ["s3://", "s3://UPPER", "s3://bucket/../other", "s3://bucket/a?b", "https://bucket", "s3://images", "s3://keys/a"],
)
def test_an_address_that_is_no_bucket_of_somebody_else_is_refused(actor: Actor, settings: Any, target: str) -> None:
    settings.BITEWING_STORAGE_URL = "s3://images/objects?region=eu-central-1"
    settings.BITEWING_BACKUP_URL = "s3://keys"
    with pytest.raises(DomainError):
        services.add_witness(actor=actor, kind="bucket", target=target)

"""Rows that Django's constructor does not make."""

from typing import Any

import pytest

from common.ids import uuid7
from common.inserting import insert
from common.rows import new_row
from common.scope import tenant_transaction
from outbox.models import OutboxMessage

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_row_has_the_values_given_and_the_defaults_of_the_rest() -> None:
    tenant_id = uuid7()
    values: dict[str, Any] = {"tenant_id": tenant_id, "topic": "t", "dedup_key": "k", "payload": {"a": 1}}
    row, other = new_row(OutboxMessage, **values), new_row(OutboxMessage, **values)
    usual = OutboxMessage(**values)

    assert row.id != other.id
    for field in OutboxMessage._meta.concrete_fields:
        if field.attname not in {"id", "available_at"}:
            assert getattr(row, field.attname) == getattr(usual, field.attname), field.attname

    with tenant_transaction(tenant_id):
        insert([row])
        stored = OutboxMessage.objects.get(id=row.id)
        assert (stored.topic, stored.payload, stored.available_at) == ("t", {"a": 1}, row.available_at)


def test_a_column_that_the_model_lacks_is_an_error() -> None:
    with pytest.raises(TypeError, match="tenant"):
        new_row(OutboxMessage, tenant=uuid7())


@pytest.mark.embedded
def test_a_moment_without_its_time_zone_is_not_stored() -> None:
    tenant_id = uuid7()
    row = new_row(OutboxMessage, tenant_id=tenant_id, topic="t", dedup_key="k", payload={})
    row.available_at = row.available_at.replace(tzinfo=None)

    with pytest.raises(ValueError, match="time zone"), tenant_transaction(tenant_id):
        insert([row])

"""The wall in the database: with every scoped manager off, rows of another tenant are neither seen nor touched."""

import pytest
from django.db import DatabaseError, connection, transaction

from common.scope import tenant_scope
from tests.factories.cast import make_tenant
from tests.isolation.tables import count_rows, owned_models, tables_with_rows
from tests.isolation.world import Victim, make_victim

pytestmark = [pytest.mark.django_db, pytest.mark.postgres, pytest.mark.req("X-15")]


@pytest.fixture
def victim() -> Victim:
    return make_victim()


@pytest.fixture
def _managers_off(victim: Victim, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("django_scopes.manager.get_scope", lambda: {"_enabled": False})


@pytest.mark.usefixtures("_managers_off")
def test_the_tables_of_the_victim_are_not_empty(victim: Victim) -> None:
    with tenant_scope(victim.tenant.id):
        assert len(tables_with_rows(victim.tenant.id)) >= 14


@pytest.mark.usefixtures("_managers_off")
def test_another_tenant_sees_no_row(victim: Victim) -> None:
    with tenant_scope(make_tenant().id):
        assert {model.__name__: count_rows(model, victim.tenant.id) for model in owned_models()} == {
            model.__name__: 0 for model in owned_models()
        }


# In a transaction of its own: what is set for one lasts as long as it does, and others of these tests share one.
@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("_managers_off")
def test_without_a_tenant_no_row_is_seen(victim: Victim) -> None:
    assert tables_with_rows(victim.tenant.id) == []


@pytest.mark.usefixtures("_managers_off")
@pytest.mark.parametrize("statement", ["UPDATE {table} SET id = id", "DELETE FROM {table}"])
def test_another_tenant_changes_no_row(victim: Victim, statement: str) -> None:
    before = victim.state()
    with tenant_scope(make_tenant().id), connection.cursor() as cursor:
        for table in ("pacs_study", "pacs_instance", "sharing_sharelink", "vault_blob", "accounts_membership"):
            cursor.execute(statement.format(table=table))
            assert cursor.rowcount == 0

    assert victim.state() == before


@pytest.mark.usefixtures("_managers_off")
@pytest.mark.parametrize("table", ["pacs_study", "pacs_patient", "sharing_sharelink", "vault_studykey"])
def test_no_row_is_given_to_another_tenant(victim: Victim, table: str) -> None:
    other = make_tenant()
    statement = f"UPDATE {table} SET tenant_id = %s"
    refused = pytest.raises(DatabaseError, match="row-level security")
    with tenant_scope(victim.tenant.id), refused, transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement, [other.id])

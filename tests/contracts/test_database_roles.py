"""The tests run as the portal runs: on PostgreSQL under its role, on both databases without rights that it lacks."""

import pytest
from django.db import DatabaseError, ProgrammingError, connection, transaction

from accounts.models import Tenant
from audit import services
from audit.models import AuditEvent
from common.actor import system_actor
from common.scope import tenant_scope
from tests.factories.cast import make_tenant


def _one(query: str) -> object:
    with connection.cursor() as cursor:
        cursor.execute(query)
        return cursor.fetchone()[0]


@pytest.mark.postgres
@pytest.mark.django_db
@pytest.mark.req("X-15")
def test_tests_run_as_the_application_role() -> None:
    assert _one("SELECT current_user") == "portal_app"


@pytest.mark.postgres
@pytest.mark.django_db
@pytest.mark.req("X-15")
def test_the_application_role_cannot_pass_row_level_security() -> None:
    assert _one("SELECT rolbypassrls OR rolsuper FROM pg_roles WHERE rolname = current_user") is False


@pytest.mark.postgres
@pytest.mark.django_db
@pytest.mark.parametrize(
    "statement", ["CREATE TABLE intruder (id int)", "ALTER TABLE accounts_tenant DISABLE ROW LEVEL SECURITY"]
)
def test_the_application_role_cannot_change_the_schema(statement: str) -> None:
    with pytest.raises(ProgrammingError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)


@pytest.mark.postgres
@pytest.mark.django_db
@pytest.mark.req("X-15")
def test_every_table_with_a_tenant_is_under_forced_row_level_security() -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT c.relname FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'tenant_id' "
            "WHERE c.relkind = 'r' AND c.relnamespace = 'public'::regnamespace "
            "AND NOT (c.relrowsecurity AND c.relforcerowsecurity)"
        )
        bare = {name for (name,) in cursor.fetchall()}

    # Read before the tenant is known: it names the tenant of a credential.
    assert bare <= {"accounts_directory"}


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_a_transactional_test_leaves_the_application_role_to_the_next() -> None:
    assert _one("SELECT current_user") == "portal_app"


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("turn", ["one test", "the next"])
def test_what_a_transactional_test_appends_is_gone_for_the_next(turn: str) -> None:
    tenant = make_tenant(turn)
    with tenant_scope(tenant.id), transaction.atomic():
        services.record(actor=system_actor(tenant.id), action="study.stored")

    assert list(Tenant.objects.all()) == [tenant]
    with tenant_scope(tenant.id):
        assert AuditEvent.objects.filter(tenant_id=tenant.id).count() >= 1
        assert AuditEvent.objects.exclude(tenant_id=tenant.id).count() == 0


@pytest.mark.django_db
@pytest.mark.parametrize("statement", ["UPDATE {table} SET body = body", "DELETE FROM {table}"])
def test_the_audit_log_can_only_grow(statement: str) -> None:
    tenant = make_tenant()
    with tenant_scope(tenant.id):
        services.record(actor=system_actor(tenant.id), action="study.stored")
        with pytest.raises(DatabaseError, match="append-only"), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement.format(table=AuditEvent._meta.db_table))

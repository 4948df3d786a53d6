"""Statements that PostgreSQL keeps with their plans."""

import pytest
from django.db import connection

from common.ids import uuid7
from common.prepared import planned_once, prepared_cursor
from common.scope import tenant_scope
from pacs.models import Study

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.postgres]


def _kept() -> list[tuple[str, int]]:
    """Return what the server keeps for this session, and how often each was planned."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT statement, generic_plans + custom_plans FROM pg_prepared_statements")
        return [(str(statement), int(times)) for statement, times in cursor.fetchall()]


def test_a_prepared_statement_is_read_once_for_all_its_values() -> None:
    for number in range(8):
        with prepared_cursor() as cursor:
            cursor.execute("SELECT %s::int + 1", [number])
            assert cursor.fetchone() == (number + 1,)

    assert [times for statement, times in _kept() if statement == "SELECT $1::int + 1"] == [8]


def test_querysets_are_planned_once_inside_the_block_only() -> None:
    tenant_id = uuid7()
    with tenant_scope(tenant_id):
        for number in range(8):
            with planned_once():
                assert list(Study.objects.filter(study_instance_uid=f"1.2.{number}")) == []
        assert list(Study.objects.filter(accession_number="A")) == []

    asked = [(statement, times) for statement, times in _kept() if "pacs_study" in statement]
    assert [times for _, times in asked] == [8]
    assert "study_instance_uid" in asked[0][0]
    assert 'accession_number" = ' not in asked[0][0]

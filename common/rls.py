"""Row-level security as a reversible migration operation (PostgreSQL; nothing on SQLite)."""

from typing import Any

from django.db.migrations.operations.base import Operation

_CONDITION = "tenant_id = nullif((SELECT current_setting('app.tenant_id', true)),'')::uuid"


class RowLevelSecurity(Operation):
    """Let the rows of the given tables be seen and written only inside their tenant's scope."""

    reduces_to_sql = True
    reversible = True

    def __init__(self, *tables: str) -> None:
        self.tables = tables

    def state_forwards(self, app_label: str, state: Any) -> None:
        """Leave the state of the models as it is."""

    def database_forwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        """Enable and force the policy."""
        if schema_editor.connection.vendor != "postgresql":
            return
        for table in self.tables:
            schema_editor.execute(f'ALTER TABLE "{table}" ENABLE ROW LEVEL SECURITY')
            schema_editor.execute(f'ALTER TABLE "{table}" FORCE ROW LEVEL SECURITY')
            schema_editor.execute(f'CREATE POLICY tenant ON "{table}" USING ({_CONDITION}) WITH CHECK ({_CONDITION})')

    def database_backwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        """Drop the policy and disable."""
        if schema_editor.connection.vendor != "postgresql":
            return
        for table in self.tables:
            schema_editor.execute(f'DROP POLICY tenant ON "{table}"')
            schema_editor.execute(f'ALTER TABLE "{table}" NO FORCE ROW LEVEL SECURITY')
            schema_editor.execute(f'ALTER TABLE "{table}" DISABLE ROW LEVEL SECURITY')

    def describe(self) -> str:
        """Say what the operation does."""
        return f"Row-level security on {', '.join(self.tables)}"


class AppendOnly(Operation):
    """Refuse UPDATE and DELETE on the given tables: by a trigger on both engines."""

    reduces_to_sql = True
    reversible = True

    def __init__(self, *tables: str) -> None:
        self.tables = tables

    def state_forwards(self, app_label: str, state: Any) -> None:
        """Leave the state of the models as it is."""

    def database_forwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        """Create the triggers."""
        for table in self.tables:
            for statement in self._create(schema_editor.connection.vendor, table):
                schema_editor.execute(statement)

    def database_backwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        """Drop the triggers."""
        for table in self.tables:
            on = f' ON "{table}"' if schema_editor.connection.vendor == "postgresql" else ""
            for verb in ("update", "delete"):
                schema_editor.execute(f"DROP TRIGGER {table}_no_{verb}{on}")

    @staticmethod
    def _create(vendor: str, table: str) -> list[str]:
        if vendor == "postgresql":
            function = (
                "CREATE OR REPLACE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS "
                "$$ BEGIN RAISE EXCEPTION 'this table is append-only'; END $$"
            )
            return [function] + [
                f'CREATE TRIGGER {table}_no_{verb} BEFORE {verb.upper()} ON "{table}" '
                "FOR EACH ROW EXECUTE FUNCTION refuse_change()"
                for verb in ("update", "delete")
            ]
        return [
            f'CREATE TRIGGER {table}_no_{verb} BEFORE {verb.upper()} ON "{table}" '
            "BEGIN SELECT RAISE(ABORT, 'this table is append-only'); END"
            for verb in ("update", "delete")
        ]

    def describe(self) -> str:
        """Say what the operation does."""
        return f"Append-only: {', '.join(self.tables)}"

from typing import Any

from django.db import migrations, models

import common.clock
import common.ids
from common.creating import CreateModels
from common.rls import AppendOnly, RowLevelSecurity

_QUEUE = {
    "postgresql": [
        """
        CREATE FUNCTION audit_queue_event() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            INSERT INTO audit_auditpending (event_id, tenant_id) VALUES (NEW.id, NEW.tenant_id);
            RETURN NEW;
        END $$
        """,
        """
        CREATE TRIGGER audit_auditevent_queue AFTER INSERT ON audit_auditevent
        FOR EACH ROW EXECUTE FUNCTION audit_queue_event()
        """,
    ],
    "sqlite": [
        """
        CREATE TRIGGER audit_auditevent_queue AFTER INSERT ON audit_auditevent
        BEGIN INSERT INTO audit_auditpending (event_id, tenant_id) VALUES (NEW.id, NEW.tenant_id); END
        """,
    ],
}
_UNQUEUE = {
    "postgresql": [
        "DROP TRIGGER audit_auditevent_queue ON audit_auditevent",
        "DROP FUNCTION audit_queue_event()",
    ],
    "sqlite": ["DROP TRIGGER audit_auditevent_queue"],
}


def queue_events(_apps: Any, schema_editor: Any) -> None:
    """Let every event wait for its leaf, by a trigger."""
    for statement in _QUEUE[schema_editor.connection.vendor]:
        schema_editor.execute(statement)


def unqueue_events(_apps: Any, schema_editor: Any) -> None:
    """Drop the trigger."""
    for statement in _UNQUEUE[schema_editor.connection.vendor]:
        schema_editor.execute(statement)


class Migration(migrations.Migration):
    replaces = [("audit", "0001_initial"), ("audit", "0002_merkle_log"), ("audit", "0003_witnesses")]

    initial = True

    dependencies = []

    operations = [
        CreateModels(
            models=[
                migrations.CreateModel(
                    name="AuditEvent",
                    fields=[
                        (
                            "id",
                            models.UUIDField(
                                default=common.ids.uuid7, editable=False, primary_key=True, serialize=False
                            ),
                        ),
                        ("tenant_id", models.UUIDField()),
                        ("recorded_at", models.DateTimeField(default=common.clock.now)),
                        ("producer_id", models.UUIDField()),
                        ("producer_seq", models.BigIntegerField()),
                        ("body", models.BinaryField()),
                        ("action", models.CharField(max_length=64)),
                        ("actor_id", models.UUIDField()),
                        ("study_id", models.UUIDField(null=True)),
                        ("link_id", models.UUIDField(null=True)),
                    ],
                    options={
                        "indexes": [
                            models.Index(fields=["tenant_id", "-id"], name="audit_event_newest"),
                            models.Index(fields=["tenant_id", "study_id", "-id"], name="audit_event_by_study"),
                            models.Index(fields=["tenant_id", "actor_id", "-id"], name="audit_event_by_actor"),
                        ],
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("tenant_id", "producer_id", "producer_seq"), name="audit_event_producer"
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="AuditHead",
                    fields=[
                        ("tenant_id", models.UUIDField(primary_key=True, serialize=False)),
                        ("verifier_key", models.CharField(max_length=400)),
                        ("size", models.BigIntegerField(default=0)),
                        ("frontier", models.BinaryField(default=bytes)),
                        ("fence", models.BigIntegerField(default=0)),
                        ("sequenced_at", models.DateTimeField(null=True)),
                        ("checkpoint_size", models.BigIntegerField(default=0)),
                        ("checkpoint_at", models.DateTimeField(null=True)),
                        ("verified_at", models.DateTimeField(null=True)),
                        ("verified_size", models.BigIntegerField(default=0)),
                        ("bad_index", models.BigIntegerField(null=True)),
                        ("failure", models.CharField(blank=True, default="", max_length=300)),
                    ],
                ),
                migrations.CreateModel(
                    name="AuditNode",
                    fields=[
                        (
                            "pk",
                            models.CompositePrimaryKey(
                                "tenant_id",
                                "level",
                                "node_index",
                                blank=True,
                                editable=False,
                                primary_key=True,
                                serialize=False,
                            ),
                        ),
                        ("tenant_id", models.UUIDField()),
                        ("level", models.SmallIntegerField()),
                        ("node_index", models.BigIntegerField()),
                        ("node_hash", models.BinaryField()),
                    ],
                ),
                migrations.CreateModel(
                    name="AuditCheckpoint",
                    fields=[
                        (
                            "id",
                            models.UUIDField(
                                default=common.ids.uuid7, editable=False, primary_key=True, serialize=False
                            ),
                        ),
                        ("tenant_id", models.UUIDField()),
                        ("signed_at", models.DateTimeField(default=common.clock.now)),
                        ("size", models.BigIntegerField()),
                        ("note", models.TextField()),
                    ],
                    options={
                        "indexes": [models.Index(fields=["tenant_id", "size", "-id"], name="audit_checkpoint_by_size")],
                    },
                ),
                migrations.CreateModel(
                    name="AuditLeaf",
                    fields=[
                        (
                            "pk",
                            models.CompositePrimaryKey(
                                "tenant_id", "leaf_index", blank=True, editable=False, primary_key=True, serialize=False
                            ),
                        ),
                        ("tenant_id", models.UUIDField()),
                        ("leaf_index", models.BigIntegerField()),
                        ("event_id", models.UUIDField()),
                        ("leaf_hash", models.BinaryField()),
                        ("signature", models.BinaryField()),
                    ],
                    options={
                        "constraints": [
                            models.UniqueConstraint(fields=("tenant_id", "event_id"), name="audit_leaf_event")
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="AuditPending",
                    fields=[
                        ("event_id", models.UUIDField(primary_key=True, serialize=False)),
                        ("tenant_id", models.UUIDField()),
                    ],
                    options={
                        "indexes": [models.Index(fields=["tenant_id", "event_id"], name="audit_pending_oldest")],
                    },
                ),
                migrations.CreateModel(
                    name="AuditWitness",
                    fields=[
                        (
                            "id",
                            models.UUIDField(
                                default=common.ids.uuid7, editable=False, primary_key=True, serialize=False
                            ),
                        ),
                        ("tenant_id", models.UUIDField()),
                        (
                            "kind",
                            models.CharField(
                                choices=[("mail", "Mail"), ("webhook", "Webhook"), ("bucket", "Bucket")], max_length=10
                            ),
                        ),
                        ("target", models.CharField(max_length=500)),
                        ("pushed_size", models.BigIntegerField(default=0)),
                        ("pushed_note", models.TextField(blank=True)),
                        ("pushed_at", models.DateTimeField(null=True)),
                        ("failure", models.CharField(blank=True, max_length=200)),
                    ],
                    options={
                        "constraints": [
                            models.UniqueConstraint(fields=("tenant_id", "kind", "target"), name="audit_witness_once")
                        ],
                    },
                ),
            ],
        ),
        migrations.RunPython(queue_events, unqueue_events),
        RowLevelSecurity(
            "audit_auditevent",
            "audit_audithead",
            "audit_auditpending",
            "audit_auditleaf",
            "audit_auditnode",
            "audit_auditcheckpoint",
            "audit_auditwitness",
        ),
        AppendOnly("audit_auditevent", "audit_auditleaf", "audit_auditnode", "audit_auditcheckpoint"),
    ]

from django.db import migrations, models

import common.clock
import common.ids
from common.creating import CreateModels
from common.rls import RowLevelSecurity


class Migration(migrations.Migration):
    replaces = [("outbox", "0001_initial"), ("outbox", "0002_job_runs")]

    initial = True

    dependencies = []

    operations = [
        CreateModels(
            models=[
                migrations.CreateModel(
                    name="Heartbeat",
                    fields=[
                        ("worker", models.CharField(max_length=120, primary_key=True, serialize=False)),
                        ("seen_at", models.DateTimeField(default=common.clock.now)),
                    ],
                ),
                migrations.CreateModel(
                    name="OutboxMessage",
                    fields=[
                        (
                            "id",
                            models.UUIDField(
                                default=common.ids.uuid7, editable=False, primary_key=True, serialize=False
                            ),
                        ),
                        ("tenant_id", models.UUIDField()),
                        ("topic", models.CharField(max_length=80)),
                        ("dedup_key", models.CharField(max_length=200)),
                        ("payload", models.JSONField()),
                        ("available_at", models.DateTimeField(default=common.clock.now)),
                        ("attempts", models.IntegerField(default=0)),
                        ("lease_until", models.DateTimeField(null=True)),
                        ("fence", models.BigIntegerField(default=0)),
                        ("done_at", models.DateTimeField(null=True)),
                        ("failed_at", models.DateTimeField(null=True)),
                    ],
                    options={
                        "indexes": [
                            models.Index(
                                condition=models.Q(("done_at", None), ("failed_at", None)),
                                fields=["available_at"],
                                name="outbox_message_waiting",
                            )
                        ],
                        "constraints": [
                            models.UniqueConstraint(fields=("tenant_id", "dedup_key"), name="outbox_message_once")
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="JobRun",
                    fields=[
                        ("job", models.CharField(max_length=120, primary_key=True, serialize=False)),
                        ("began_at", models.DateTimeField()),
                    ],
                ),
            ],
        ),
        RowLevelSecurity("outbox_outboxmessage"),
    ]

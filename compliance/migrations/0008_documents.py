import django.db.models.deletion
from django.db import migrations, models

import common.clock
import common.ids
from common.rls import AppendOnly, RowLevelSecurity


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0002_people"),
        ("compliance", "0007_requests"),
    ]

    operations = [
        migrations.CreateModel(
            name="DocumentSnapshot",
            fields=[
                ("id", models.UUIDField(default=common.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("binder", "Binder for an inquiry"),
                            ("plan", "Risk management plan"),
                            ("inventory", "Inventory with map"),
                            ("decisions", "Log of decisions"),
                            ("agreements", "Register of agreements"),
                        ],
                        max_length=10,
                    ),
                ),
                ("sequence", models.PositiveIntegerField()),
                ("data_blob_id", models.UUIDField()),
                ("data_sha256", models.CharField(max_length=64)),
                ("pdf_blob_id", models.UUIDField()),
                ("pdf_sha256", models.CharField(max_length=64)),
                ("previous_sha256", models.CharField(blank=True, max_length=64)),
                ("changes", models.JSONField(default=list)),
                ("signer_id", models.UUIDField()),
                ("signer_name", models.CharField(max_length=120)),
                ("signed_at", models.DateTimeField(default=common.clock.now)),
                ("keep_until_date", models.DateField()),
                (
                    "tenant",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accounts.tenant",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("tenant", "kind", "sequence"), name="compliance_document_sequence"),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("previous_sha256", ""), ("sequence", 1)),
                            models.Q(("sequence__gt", 1), models.Q(("previous_sha256", ""), _negated=True)),
                            _connector="OR",
                        ),
                        name="compliance_document_chained",
                    ),
                ],
            },
        ),
        RowLevelSecurity("compliance_documentsnapshot"),
        AppendOnly("compliance_documentsnapshot"),
    ]

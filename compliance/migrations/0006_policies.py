import django.db.models.deletion
from django.db import migrations, models

import common.clock
import common.ids
from common.rls import AppendOnly, RowLevelSecurity


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0002_people"),
        ("compliance", "0005_incidents"),
    ]

    operations = [
        migrations.CreateModel(
            name="Policy",
            fields=[
                ("id", models.UUIDField(default=common.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ("key", models.CharField(max_length=40)),
                ("title", models.CharField(max_length=160)),
                ("citations", models.CharField(blank=True, max_length=300)),
                ("review_months", models.PositiveSmallIntegerField(default=12)),
                ("retired_at", models.DateTimeField(null=True)),
                ("created_at", models.DateTimeField(default=common.clock.now)),
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
        ),
        migrations.CreateModel(
            name="PolicyVersion",
            fields=[
                ("id", models.UUIDField(default=common.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ("number", models.PositiveIntegerField()),
                ("text", models.TextField()),
                ("change_note", models.TextField(blank=True)),
                ("sha256", models.CharField(max_length=64)),
                ("author_id", models.UUIDField()),
                ("made_at", models.DateTimeField(default=common.clock.now)),
                (
                    "policy",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="versions",
                        to="compliance.policy",
                    ),
                ),
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
        ),
        migrations.CreateModel(
            name="PolicyApproval",
            fields=[
                ("id", models.UUIDField(default=common.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ("effective_date", models.DateField()),
                ("approver_id", models.UUIDField()),
                ("approved_at", models.DateTimeField(default=common.clock.now)),
                (
                    "tenant",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accounts.tenant",
                    ),
                ),
                (
                    "version",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="approvals",
                        to="compliance.policyversion",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Acknowledgement",
            fields=[
                ("id", models.UUIDField(default=common.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ("user_id", models.UUIDField()),
                ("at", models.DateTimeField(default=common.clock.now)),
                (
                    "tenant",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accounts.tenant",
                    ),
                ),
                (
                    "version",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="readers",
                        to="compliance.policyversion",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Sanction",
            fields=[
                ("id", models.UUIDField(default=common.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ("person", models.CharField(max_length=120)),
                ("violation", models.TextField()),
                ("measure", models.TextField()),
                ("decided_date", models.DateField()),
                ("decided_by", models.CharField(max_length=120)),
                ("recorded_by_id", models.UUIDField()),
                ("recorded_at", models.DateTimeField(default=common.clock.now)),
                (
                    "incident",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="compliance.incident",
                    ),
                ),
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
        ),
        migrations.CreateModel(
            name="TrainingRecord",
            fields=[
                ("id", models.UUIDField(default=common.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ("person", models.CharField(max_length=120)),
                ("user_id", models.UUIDField(null=True)),
                ("topic", models.CharField(max_length=200)),
                ("trained_date", models.DateField()),
                ("given_by", models.CharField(max_length=120)),
                ("result", models.TextField(blank=True)),
                ("next_date", models.DateField(null=True)),
                ("recorded_by_id", models.UUIDField()),
                ("recorded_at", models.DateTimeField(default=common.clock.now)),
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
        ),
        migrations.AddConstraint(
            model_name="policy",
            constraint=models.UniqueConstraint(fields=("tenant", "key"), name="compliance_policy_key"),
        ),
        migrations.AddConstraint(
            model_name="policyversion",
            constraint=models.UniqueConstraint(fields=("tenant", "policy", "number"), name="compliance_version_number"),
        ),
        migrations.AddConstraint(
            model_name="policyversion",
            constraint=models.CheckConstraint(
                condition=models.Q(("text", ""), _negated=True), name="compliance_version_says"
            ),
        ),
        migrations.AddConstraint(
            model_name="policyapproval",
            constraint=models.UniqueConstraint(fields=("tenant", "version"), name="compliance_approved_once"),
        ),
        migrations.AddConstraint(
            model_name="acknowledgement",
            constraint=models.UniqueConstraint(fields=("tenant", "version", "user_id"), name="compliance_read_once"),
        ),
        migrations.AddIndex(
            model_name="sanction",
            index=models.Index(fields=["tenant", "-decided_date", "-id"], name="compliance_sanction_newest"),
        ),
        migrations.AddIndex(
            model_name="trainingrecord",
            index=models.Index(fields=["tenant", "-trained_date", "-id"], name="compliance_training_newest"),
        ),
        RowLevelSecurity(
            "compliance_policy",
            "compliance_policyversion",
            "compliance_policyapproval",
            "compliance_acknowledgement",
            "compliance_trainingrecord",
            "compliance_sanction",
        ),
        AppendOnly(
            "compliance_policyversion",
            "compliance_policyapproval",
            "compliance_acknowledgement",
            "compliance_trainingrecord",
            "compliance_sanction",
        ),
    ]

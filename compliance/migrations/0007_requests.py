import django.db.models.deletion
from django.db import migrations, models

import common.clock
import common.ids
from common.rls import AppendOnly, RowLevelSecurity


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0002_people"),
        ("compliance", "0006_policies"),
    ]

    operations = [
        migrations.CreateModel(
            name="AccessRequest",
            fields=[
                ("id", models.UUIDField(default=common.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ("number", models.PositiveIntegerField()),
                ("patient_name", models.CharField(max_length=200)),
                ("requester", models.CharField(max_length=200)),
                ("wanted", models.TextField()),
                ("received_date", models.DateField()),
                ("identity_check", models.TextField(blank=True)),
                (
                    "state",
                    models.CharField(
                        choices=[("open", "Open"), ("fulfilled", "Fulfilled"), ("denied", "Denied")],
                        default="open",
                        max_length=9,
                    ),
                ),
                ("is_extended", models.BooleanField(default=False)),
                ("extension_reason", models.TextField(blank=True)),
                ("answered_date", models.DateField(null=True)),
                ("answer", models.TextField(blank=True)),
                ("fee", models.DecimalField(decimal_places=2, max_digits=8, null=True)),
                ("is_reviewable", models.BooleanField(default=False)),
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
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("tenant", "number"), name="compliance_request_number"),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("state", "open"),
                            models.Q(("answered_date__isnull", False), models.Q(("answer", ""), _negated=True)),
                            _connector="OR",
                        ),
                        name="compliance_request_answered",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("is_extended", False), models.Q(("extension_reason", ""), _negated=True), _connector="OR"
                        ),
                        name="compliance_request_extended_why",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Disclosure",
            fields=[
                ("id", models.UUIDField(default=common.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ("patient_name", models.CharField(max_length=200)),
                ("patient_key", models.CharField(max_length=200)),
                ("patient_id", models.UUIDField(null=True)),
                ("disclosed_date", models.DateField()),
                ("recipient", models.CharField(max_length=200)),
                ("recipient_address", models.CharField(blank=True, max_length=300)),
                ("description", models.TextField()),
                ("purpose", models.TextField()),
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
            options={
                "indexes": [
                    models.Index(fields=["tenant", "patient_key", "-disclosed_date"], name="compliance_disclosure_of"),
                    models.Index(fields=["tenant", "-disclosed_date", "-id"], name="compliance_disclosure_newest"),
                ],
            },
        ),
        RowLevelSecurity("compliance_accessrequest", "compliance_disclosure"),
        AppendOnly("compliance_disclosure"),
    ]

import django.db.models.deletion
from django.db import migrations, models

import common.clock
import common.ids
from common.rls import AppendOnly, RowLevelSecurity


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0002_people"),
        ("compliance", "0004_vendors"),
    ]

    operations = [
        migrations.CreateModel(
            name="Incident",
            fields=[
                ("id", models.UUIDField(default=common.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ("number", models.PositiveIntegerField()),
                ("title", models.CharField(max_length=200)),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("lost_device", "Device or medium lost or stolen"),
                            ("wrong_recipient", "Sent or shared to the wrong person"),
                            ("leaked_link", "A link reached somebody else"),
                            ("account", "An account was taken over"),
                            ("token", "A key of a program became known"),
                            ("ransomware", "Ransomware or other harmful software"),
                            ("snooping", "Somebody looked without a reason"),
                            ("misfiled", "Images of one patient under another"),
                            ("vendor", "Reported by a vendor"),
                            ("other", "Something else"),
                        ],
                        max_length=16,
                    ),
                ),
                ("description", models.TextField()),
                ("occurred_date", models.DateField(blank=True, null=True)),
                ("discovered_date", models.DateField()),
                ("reported_by", models.CharField(blank=True, max_length=200)),
                ("contained", models.TextField(blank=True)),
                ("data_types", models.TextField(blank=True)),
                ("steps_for_individuals", models.TextField(blank=True)),
                ("contact", models.TextField(blank=True)),
                (
                    "is_unsecured",
                    models.CharField(
                        choices=[("yes", "Yes"), ("no", "No"), ("unknown", "Not known")],
                        default="unknown",
                        max_length=7,
                    ),
                ),
                ("affected", models.JSONField(default=dict)),
                ("delay_until_date", models.DateField(null=True)),
                ("delay_reason", models.TextField(blank=True)),
                (
                    "conclusion",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("breach", "Breach of unsecured information"),
                            ("low_probability", "Low probability that information was compromised"),
                            ("exception", "One of the three exceptions"),
                            ("secured", "The information was secured: encrypted, key not exposed"),
                        ],
                        max_length=15,
                    ),
                ),
                ("closed_at", models.DateTimeField(null=True)),
                ("closing_note", models.TextField(blank=True)),
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
            name="ExposureReport",
            fields=[
                ("id", models.UUIDField(default=common.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                (
                    "subject_kind",
                    models.CharField(
                        choices=[
                            ("link", "A share link"),
                            ("account", "An account"),
                            ("token", "A key of a program"),
                            ("device", "A device of somebody: what that account opened in a while"),
                        ],
                        max_length=8,
                    ),
                ),
                ("subject_id", models.UUIDField()),
                ("subject_name", models.CharField(max_length=254)),
                ("since", models.DateTimeField(null=True)),
                ("until", models.DateTimeField(null=True)),
                ("content", models.JSONField()),
                ("sha256", models.CharField(max_length=64)),
                ("made_by_id", models.UUIDField()),
                ("made_at", models.DateTimeField(default=common.clock.now)),
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
                    "incident",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="exposures",
                        to="compliance.incident",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="BreachNotice",
            fields=[
                ("id", models.UUIDField(default=common.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("individuals", "To the people concerned"),
                            ("media", "To the media"),
                            ("hhs", "To the Secretary of HHS"),
                            ("state", "To an authority of a State"),
                            ("entity", "To the covered entity whose associate we are"),
                            ("other", "To somebody else"),
                        ],
                        max_length=11,
                    ),
                ),
                ("sent_date", models.DateField()),
                ("jurisdiction", models.CharField(blank=True, max_length=80)),
                ("method", models.CharField(max_length=200)),
                ("recipients", models.PositiveIntegerField()),
                ("letter", models.TextField(blank=True)),
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
                (
                    "incident",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="notices",
                        to="compliance.incident",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="BreachAssessment",
            fields=[
                ("id", models.UUIDField(default=common.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ("factors", models.JSONField()),
                ("exception", models.CharField(blank=True, max_length=12)),
                (
                    "conclusion",
                    models.CharField(
                        choices=[
                            ("breach", "Breach of unsecured information"),
                            ("low_probability", "Low probability that information was compromised"),
                            ("exception", "One of the three exceptions"),
                            ("secured", "The information was secured: encrypted, key not exposed"),
                        ],
                        max_length=15,
                    ),
                ),
                ("reasons", models.TextField()),
                ("assessor_id", models.UUIDField()),
                ("assessed_at", models.DateTimeField(default=common.clock.now)),
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
                    "incident",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="assessments",
                        to="compliance.incident",
                    ),
                ),
            ],
        ),
        migrations.AddConstraint(
            model_name="incident",
            constraint=models.UniqueConstraint(fields=("tenant", "number"), name="compliance_incident_number"),
        ),
        migrations.AddConstraint(
            model_name="incident",
            constraint=models.CheckConstraint(
                condition=models.Q(("closed_at", None), models.Q(("closing_note", ""), _negated=True), _connector="OR"),
                name="compliance_incident_closed_why",
            ),
        ),
        migrations.AddIndex(
            model_name="exposurereport",
            index=models.Index(fields=["tenant", "incident", "-id"], name="compliance_exposure_of"),
        ),
        migrations.AddIndex(
            model_name="breachnotice",
            index=models.Index(fields=["tenant", "incident", "-id"], name="compliance_notice_of"),
        ),
        migrations.AddIndex(
            model_name="breachassessment",
            index=models.Index(fields=["tenant", "incident", "-id"], name="compliance_assessment_of"),
        ),
        RowLevelSecurity(
            "compliance_incident", "compliance_breachassessment", "compliance_breachnotice", "compliance_exposurereport"
        ),
        AppendOnly("compliance_breachassessment", "compliance_breachnotice", "compliance_exposurereport"),
    ]

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import common.clock
import common.ids
from common.rls import AppendOnly, RowLevelSecurity


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0002_people"),
        ("compliance", "0003_evidence_tasks_decisions_snapshots"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Vendor",
            fields=[
                ("id", models.UUIDField(default=common.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ("name", models.CharField(max_length=120)),
                ("services", models.TextField(blank=True)),
                ("contact", models.CharField(blank=True, max_length=200)),
                (
                    "stores",
                    models.CharField(
                        choices=[("yes", "Yes"), ("no", "No"), ("unknown", "Not known")],
                        default="unknown",
                        max_length=7,
                    ),
                ),
                (
                    "transmits",
                    models.CharField(
                        choices=[("yes", "Yes"), ("no", "No"), ("unknown", "Not known")],
                        default="unknown",
                        max_length=7,
                    ),
                ),
                (
                    "can_access",
                    models.CharField(
                        choices=[("yes", "Yes"), ("no", "No"), ("unknown", "Not known")],
                        default="unknown",
                        max_length=7,
                    ),
                ),
                (
                    "treats",
                    models.CharField(
                        choices=[("yes", "Yes"), ("no", "No"), ("unknown", "Not known")],
                        default="unknown",
                        max_length=7,
                    ),
                ),
                (
                    "is_conduit",
                    models.CharField(
                        choices=[("yes", "Yes"), ("no", "No"), ("unknown", "Not known")],
                        default="unknown",
                        max_length=7,
                    ),
                ),
                ("is_ai", models.BooleanField(default=False)),
                (
                    "keeps_copies",
                    models.CharField(
                        choices=[("yes", "Yes"), ("no", "No"), ("unknown", "Not known")],
                        default="unknown",
                        max_length=7,
                    ),
                ),
                (
                    "trains_on_images",
                    models.CharField(
                        choices=[("yes", "Yes"), ("no", "No"), ("unknown", "Not known")],
                        default="unknown",
                        max_length=7,
                    ),
                ),
                (
                    "serves_competitors",
                    models.CharField(
                        choices=[("yes", "Yes"), ("no", "No"), ("unknown", "Not known")],
                        default="unknown",
                        max_length=7,
                    ),
                ),
                (
                    "encrypts_at_rest",
                    models.CharField(
                        choices=[("yes", "Yes"), ("no", "No"), ("unknown", "Not known")],
                        default="unknown",
                        max_length=7,
                    ),
                ),
                (
                    "encrypts_in_transit",
                    models.CharField(
                        choices=[("yes", "Yes"), ("no", "No"), ("unknown", "Not known")],
                        default="unknown",
                        max_length=7,
                    ),
                ),
                (
                    "deletes_automatically",
                    models.CharField(
                        choices=[("yes", "Yes"), ("no", "No"), ("unknown", "Not known")],
                        default="unknown",
                        max_length=7,
                    ),
                ),
                ("retention_days", models.PositiveIntegerField(blank=True, null=True)),
                ("retention_evidence", models.TextField(blank=True)),
                ("data_path", models.TextField(blank=True)),
                ("ended_date", models.DateField(blank=True, null=True)),
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
            name="SubProcessor",
            fields=[
                ("id", models.UUIDField(default=common.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ("name", models.CharField(max_length=120)),
                ("purpose", models.CharField(max_length=200)),
                ("country", models.CharField(max_length=80)),
                (
                    "has_agreement",
                    models.CharField(
                        choices=[("yes", "Yes"), ("no", "No"), ("unknown", "Not known")],
                        default="unknown",
                        max_length=7,
                    ),
                ),
                ("noted_at", models.DateTimeField(default=common.clock.now)),
                ("removed_at", models.DateTimeField(null=True)),
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
                    "vendor",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="sub_processors",
                        to="compliance.vendor",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="ExitProof",
            fields=[
                ("id", models.UUIDField(default=common.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("returned", "Returned to the practice"),
                            ("destroyed", "Destroyed"),
                            ("infeasible", "Neither is feasible: protection goes on"),
                        ],
                        max_length=10,
                    ),
                ),
                ("performed_date", models.DateField()),
                ("method", models.TextField()),
                ("certificate", models.CharField(max_length=200)),
                ("blob_id", models.UUIDField(null=True)),
                ("sha256", models.CharField(blank=True, max_length=64)),
                ("file_name", models.CharField(blank=True, max_length=200)),
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
                    "vendor",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="exit_proofs",
                        to="compliance.vendor",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Agreement",
            fields=[
                ("id", models.UUIDField(default=common.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ("number", models.PositiveIntegerField()),
                (
                    "state",
                    models.CharField(
                        choices=[("draft", "Draft"), ("review", "In review"), ("signed", "Signed"), ("ended", "Ended")],
                        default="draft",
                        max_length=6,
                    ),
                ),
                ("effective_date", models.DateField(null=True)),
                ("expiry_date", models.DateField(null=True)),
                ("renewal_notice_days", models.PositiveIntegerField(blank=True, null=True)),
                ("breach_notice_hours", models.PositiveIntegerField(blank=True, null=True)),
                (
                    "training_term",
                    models.CharField(
                        choices=[
                            ("prohibited", "Forbidden"),
                            ("opted_in", "Opted in, in writing, for a named purpose"),
                            ("allowed", "Allowed"),
                            ("silent", "Not mentioned"),
                        ],
                        default="silent",
                        max_length=10,
                    ),
                ),
                (
                    "is_perpetual_licence",
                    models.CharField(
                        choices=[("yes", "Yes"), ("no", "No"), ("unknown", "Not known")],
                        default="unknown",
                        max_length=7,
                    ),
                ),
                ("rights_granted", models.TextField(blank=True)),
                ("secondary_use", models.TextField(blank=True)),
                ("opt_out", models.TextField(blank=True)),
                ("wording", models.TextField(blank=True)),
                ("signatories", models.TextField(blank=True)),
                ("reviewed_at", models.DateTimeField(null=True)),
                ("ended_date", models.DateField(null=True)),
                ("ended_reason", models.TextField(blank=True)),
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
                (
                    "vendor",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="agreements",
                        to="compliance.vendor",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="VendorUse",
            fields=[
                ("id", models.UUIDField(default=common.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                (
                    "asset",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="compliance.asset",
                    ),
                ),
                (
                    "party",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="compliance.party",
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
                (
                    "vendor",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="uses",
                        to="compliance.vendor",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="AgreementCopy",
            fields=[
                ("id", models.UUIDField(default=common.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ("file_name", models.CharField(max_length=200)),
                ("size_bytes", models.PositiveBigIntegerField()),
                ("sha256", models.CharField(max_length=64)),
                ("blob_id", models.UUIDField()),
                ("added_by_id", models.UUIDField()),
                ("added_at", models.DateTimeField(default=common.clock.now)),
                (
                    "agreement",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="copies",
                        to="compliance.agreement",
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
                "indexes": [models.Index(fields=["tenant", "agreement"], name="compliance_copy_of")],
            },
        ),
        migrations.CreateModel(
            name="AgreementReminder",
            fields=[
                ("id", models.UUIDField(default=common.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ("expiry_date", models.DateField()),
                ("threshold_days", models.SmallIntegerField()),
                ("sent_at", models.DateTimeField(default=common.clock.now)),
                (
                    "agreement",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="reminders",
                        to="compliance.agreement",
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
                "constraints": [
                    models.UniqueConstraint(
                        fields=("tenant", "agreement", "expiry_date", "threshold_days"), name="compliance_expiry_once"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="ClauseFinding",
            fields=[
                ("id", models.UUIDField(default=common.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ("clause_id", models.CharField(max_length=16)),
                (
                    "found",
                    models.CharField(
                        choices=[("yes", "Found"), ("unclear", "Unclear"), ("no", "Missing"), ("na", "Does not apply")],
                        max_length=7,
                    ),
                ),
                ("reference", models.CharField(blank=True, max_length=80)),
                ("note", models.TextField(blank=True)),
                ("reviewed_at", models.DateTimeField(default=common.clock.now)),
                (
                    "agreement",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="findings",
                        to="compliance.agreement",
                    ),
                ),
                (
                    "reviewer",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
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
                "constraints": [
                    models.UniqueConstraint(fields=("tenant", "agreement", "clause_id"), name="compliance_clause_once"),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("found", "yes"), _negated=True),
                            models.Q(("reference", ""), _negated=True),
                            _connector="OR",
                        ),
                        name="compliance_clause_where",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="RecordEntry",
            fields=[
                ("id", models.UUIDField(default=common.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ("noun", models.CharField(max_length=16)),
                ("subject_id", models.UUIDField()),
                ("verb", models.CharField(max_length=32)),
                ("note", models.TextField(blank=True)),
                ("fields", models.JSONField(default=dict)),
                ("actor_kind", models.CharField(max_length=8)),
                ("actor_id", models.UUIDField()),
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
            ],
            options={
                "indexes": [models.Index(fields=["tenant", "noun", "subject_id", "-id"], name="compliance_entry_of")],
            },
        ),
        migrations.AddConstraint(
            model_name="vendor",
            constraint=models.UniqueConstraint(fields=("tenant", "name"), name="compliance_vendor_name"),
        ),
        migrations.AddIndex(
            model_name="subprocessor",
            index=models.Index(fields=["tenant", "vendor"], name="compliance_sub_of_vendor"),
        ),
        migrations.AddIndex(
            model_name="exitproof",
            index=models.Index(fields=["tenant", "vendor"], name="compliance_exit_of_vendor"),
        ),
        migrations.AddConstraint(
            model_name="agreement",
            constraint=models.UniqueConstraint(
                fields=("tenant", "vendor", "number"), name="compliance_agreement_number"
            ),
        ),
        migrations.AddConstraint(
            model_name="agreement",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("state", "signed"), _negated=True),
                    models.Q(("effective_date__isnull", False), models.Q(("signatories", ""), _negated=True)),
                    _connector="OR",
                ),
                name="compliance_agreement_signed",
            ),
        ),
        migrations.AddConstraint(
            model_name="agreement",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("state", "ended"), _negated=True),
                    models.Q(("ended_date__isnull", False), models.Q(("ended_reason", ""), _negated=True)),
                    _connector="OR",
                ),
                name="compliance_agreement_ended",
            ),
        ),
        migrations.AddIndex(
            model_name="vendoruse",
            index=models.Index(fields=["tenant", "asset"], name="compliance_use_by_asset"),
        ),
        migrations.AddIndex(
            model_name="vendoruse",
            index=models.Index(fields=["tenant", "party"], name="compliance_use_by_party"),
        ),
        migrations.AddConstraint(
            model_name="vendoruse",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("asset__isnull", False), ("party", None)),
                    models.Q(("asset", None), ("party__isnull", False)),
                    _connector="OR",
                ),
                name="compliance_use_of_one",
            ),
        ),
        migrations.AddConstraint(
            model_name="vendoruse",
            constraint=models.UniqueConstraint(
                condition=models.Q(("party", None)),
                fields=("tenant", "vendor", "asset"),
                name="compliance_use_asset_once",
            ),
        ),
        migrations.AddConstraint(
            model_name="vendoruse",
            constraint=models.UniqueConstraint(
                condition=models.Q(("asset", None)),
                fields=("tenant", "vendor", "party"),
                name="compliance_use_party_once",
            ),
        ),
        RowLevelSecurity(
            "compliance_recordentry",
            "compliance_vendor",
            "compliance_subprocessor",
            "compliance_vendoruse",
            "compliance_agreement",
            "compliance_clausefinding",
            "compliance_agreementcopy",
            "compliance_exitproof",
            "compliance_agreementreminder",
        ),
        AppendOnly("compliance_recordentry", "compliance_agreementcopy", "compliance_exitproof"),
    ]

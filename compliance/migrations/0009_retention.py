import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import common.clock
import common.ids
from common.rls import AppendOnly, RowLevelSecurity


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0002_people"),
        ("compliance", "0008_documents"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="DeletionRun",
            fields=[
                ("id", models.UUIDField(default=common.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ("number", models.PositiveIntegerField()),
                (
                    "kind",
                    models.CharField(
                        choices=[("due", "What is past its time"), ("bin", "What lies in the bin and is no record")],
                        default="due",
                        max_length=3,
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("pending", "Waiting"),
                            ("stopped", "Stopped"),
                            ("approved", "Approved"),
                            ("done", "Carried out"),
                            ("cancelled", "Given up"),
                        ],
                        default="pending",
                        max_length=9,
                    ),
                ),
                ("reason", models.TextField(blank=True)),
                ("book_version", models.PositiveIntegerField()),
                ("began_at", models.DateTimeField(default=common.clock.now)),
                ("cooling_until", models.DateTimeField()),
                ("approved_at", models.DateTimeField(null=True)),
                ("seconded_at", models.DateTimeField(null=True)),
                ("stopped_at", models.DateTimeField(null=True)),
                ("stop_reason", models.TextField(blank=True)),
                ("finished_at", models.DateTimeField(null=True)),
                (
                    "approved_by",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "began_by",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "seconded_by",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "stopped_by",
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
                "indexes": [models.Index(fields=["tenant", "state", "-number"], name="compliance_run_by_state")],
                "constraints": [
                    models.UniqueConstraint(fields=("tenant", "number"), name="compliance_run_number"),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state__in", ["approved", "done"]), _negated=True),
                            models.Q(
                                ("approved_by__isnull", False),
                                ("seconded_by__isnull", False),
                                models.Q(("approved_by", models.F("seconded_by")), _negated=True),
                                ("approved_at__gte", models.F("cooling_until")),
                                ("seconded_at__gte", models.F("cooling_until")),
                            ),
                            _connector="OR",
                        ),
                        name="compliance_run_two_approvers",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("kind", "bin"), _negated=True),
                            models.Q(("reason", ""), _negated=True),
                            _connector="OR",
                        ),
                        name="compliance_run_bin_reasoned",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="DeletionNotice",
            fields=[
                ("id", models.UUIDField(default=common.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ("patient_id", models.UUIDField()),
                ("sent_at", models.DateTimeField(null=True)),
                ("recipients", models.PositiveSmallIntegerField(default=0)),
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
                    "run",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="notices",
                        to="compliance.deletionrun",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("tenant", "run", "patient_id"), name="compliance_notice_once")
                ],
            },
        ),
        migrations.CreateModel(
            name="DeletionItem",
            fields=[
                ("id", models.UUIDField(default=common.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ("study_id", models.UUIDField()),
                ("patient_id", models.UUIDField()),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("active", "Kept after all"),
                            ("held", "Held"),
                            ("pending_delete", "To be destroyed"),
                            ("shred_queued", "Removed, key about to be destroyed"),
                            ("barrier_done", "Key destroyed"),
                            ("objects_gone", "Objects gone"),
                            ("certified", "Certified"),
                            ("final", "Irrecoverable"),
                        ],
                        default="pending_delete",
                        max_length=14,
                    ),
                ),
                ("is_requested", models.BooleanField(default=False)),
                ("until_date", models.DateField()),
                ("rule_id", models.CharField(max_length=24)),
                ("reckoned", models.JSONField(default=dict)),
                ("size_bytes", models.BigIntegerField(default=0)),
                ("number_of_instances", models.IntegerField(default=0)),
                ("kept_because", models.CharField(blank=True, max_length=24)),
                ("key_id", models.UUIDField(null=True)),
                ("was_binned", models.BooleanField(default=False)),
                ("changed_at", models.DateTimeField(default=common.clock.now)),
                ("destroyed_at", models.DateTimeField(null=True)),
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
                    "run",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="items",
                        to="compliance.deletionrun",
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["tenant", "run", "state"], name="compliance_item_by_state")],
                "constraints": [
                    models.UniqueConstraint(fields=("tenant", "run", "study_id"), name="compliance_item_once"),
                    models.UniqueConstraint(
                        condition=models.Q(
                            ("state__in", ["pending_delete", "shred_queued", "barrier_done", "objects_gone"])
                        ),
                        fields=("tenant", "study_id"),
                        name="compliance_item_on_one_way",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="KeepingExtension",
            fields=[
                ("id", models.UUIDField(default=common.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ("patient_id", models.UUIDField()),
                ("study_id", models.UUIDField(null=True)),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("implant", "Implant"),
                            ("orthodontic", "Orthodontic treatment"),
                            ("complex", "Complex case"),
                            ("wish", "The patient's wish"),
                        ],
                        max_length=11,
                    ),
                ),
                ("years", models.PositiveSmallIntegerField(null=True)),
                ("until_date", models.DateField(null=True)),
                ("made_by", models.UUIDField()),
                ("made_at", models.DateTimeField(default=common.clock.now)),
                ("ended_by", models.UUIDField(null=True)),
                ("ended_at", models.DateTimeField(null=True)),
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
                "indexes": [models.Index(fields=["tenant", "patient_id"], name="compliance_extension_of")],
            },
        ),
        migrations.CreateModel(
            name="KeepingRequest",
            fields=[
                ("id", models.UUIDField(default=common.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ("patient_id", models.UUIDField()),
                ("access_id", models.UUIDField()),
                ("study_ids", models.JSONField(default=list)),
                (
                    "wish",
                    models.CharField(
                        choices=[("erase", "Destroy my images"), ("keep", "Keep my images longer")], max_length=5
                    ),
                ),
                ("until_date", models.DateField(null=True)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("open", "Being looked at"),
                            ("granted", "Granted"),
                            ("refused", "Not possible now"),
                            ("withdrawn", "Taken back"),
                            ("done", "Done"),
                        ],
                        default="open",
                        max_length=9,
                    ),
                ),
                ("asked_at", models.DateTimeField(default=common.clock.now)),
                ("answer", models.TextField(blank=True)),
                ("decided_by", models.UUIDField(null=True)),
                ("decided_at", models.DateTimeField(null=True)),
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
                "indexes": [models.Index(fields=["tenant", "state", "-id"], name="compliance_wish_by_state")],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("state", "open")),
                        fields=("tenant", "patient_id", "wish"),
                        name="compliance_wish_open_once",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("state__in", ["open", "withdrawn"]),
                            models.Q(("answer", ""), _negated=True),
                            _connector="OR",
                        ),
                        name="compliance_wish_is_answered",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="PatientCircumstances",
            fields=[
                ("id", models.UUIDField(default=common.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ("patient_id", models.UUIDField()),
                ("jurisdictions", models.JSONField(default=list)),
                ("overlays", models.JSONField(default=list)),
                ("is_incompetent", models.BooleanField(default=False)),
                ("last_visit_date", models.DateField(null=True)),
                ("last_visit_source", models.CharField(blank=True, max_length=40)),
                ("changed_at", models.DateTimeField(default=common.clock.now)),
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
                    models.UniqueConstraint(fields=("tenant", "patient_id"), name="compliance_circumstances_once")
                ],
            },
        ),
        migrations.CreateModel(
            name="RetentionHold",
            fields=[
                ("id", models.UUIDField(default=common.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ("patient_id", models.UUIDField()),
                ("study_id", models.UUIDField(null=True)),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("legal", "Claim or lawsuit, also a foreseeable one"),
                            ("investigation", "Investigation by a board or an authority"),
                            ("audit", "Audit by a payer"),
                            ("request", "The patient asks for access or amendment"),
                            ("incident", "An incident or breach that names the record"),
                            ("treatment", "Treatment, referral or order that is still open"),
                        ],
                        max_length=13,
                    ),
                ),
                ("matter", models.CharField(max_length=200)),
                ("review_date", models.DateField()),
                ("reviewed_at", models.DateTimeField(default=common.clock.now)),
                ("placed_by", models.UUIDField()),
                ("placed_at", models.DateTimeField(default=common.clock.now)),
                ("released_by", models.UUIDField(null=True)),
                ("released_at", models.DateTimeField(null=True)),
                ("release_reason", models.TextField(blank=True)),
                (
                    "owner",
                    models.ForeignKey(
                        db_index=False,
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
                "indexes": [
                    models.Index(fields=["tenant", "patient_id"], name="compliance_hold_of_patient"),
                    models.Index(
                        condition=models.Q(("released_at", None)),
                        fields=["tenant", "review_date"],
                        name="compliance_hold_standing",
                    ),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("matter", ""), _negated=True), name="compliance_hold_has_matter"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("released_at", None), ("released_by", None)),
                            models.Q(
                                ("released_at__isnull", False),
                                ("released_by__isnull", False),
                                models.Q(("release_reason", ""), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="compliance_hold_released_with_reason",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="RetentionPolicy",
            fields=[
                ("id", models.UUIDField(default=common.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ("jurisdictions", models.JSONField(default=list)),
                ("overlays", models.JSONField(default=list)),
                ("extension_years", models.JSONField(default=dict)),
                ("notifies_patients", models.BooleanField(default=False)),
                ("changed_at", models.DateTimeField(default=common.clock.now)),
                (
                    "changed_by",
                    models.ForeignKey(
                        db_index=False,
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
                "constraints": [models.UniqueConstraint(fields=("tenant",), name="compliance_retention_policy_once")],
            },
        ),
        migrations.CreateModel(
            name="RuleConfirmation",
            fields=[
                ("id", models.UUIDField(default=common.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ("rule_id", models.CharField(max_length=24)),
                ("book_version", models.PositiveIntegerField()),
                ("is_withdrawn", models.BooleanField(default=False)),
                ("adult_years", models.PositiveSmallIntegerField(null=True)),
                ("majority_age", models.PositiveSmallIntegerField(null=True)),
                ("until_age", models.PositiveSmallIntegerField(null=True)),
                ("source", models.TextField()),
                ("reason", models.TextField(blank=True)),
                ("confirmed_at", models.DateTimeField(default=common.clock.now)),
                (
                    "confirmed_by",
                    models.ForeignKey(
                        db_index=False,
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
                "indexes": [models.Index(fields=["tenant", "rule_id", "-id"], name="compliance_confirmation_of")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("source", ""), _negated=True), name="compliance_confirmation_sourced"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("adult_years", None), ("majority_age", None), ("until_age", None)),
                            models.Q(
                                ("adult_years__isnull", False),
                                ("majority_age__isnull", False),
                                ("until_age__gte", models.F("majority_age")),
                                models.Q(("reason", ""), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="compliance_confirmation_figures",
                    ),
                ],
            },
        ),
        RowLevelSecurity(
            "compliance_retentionpolicy",
            "compliance_ruleconfirmation",
            "compliance_patientcircumstances",
            "compliance_retentionhold",
            "compliance_keepingextension",
            "compliance_keepingrequest",
            "compliance_deletionrun",
            "compliance_deletionitem",
            "compliance_deletionnotice",
        ),
        AppendOnly("compliance_ruleconfirmation"),
    ]

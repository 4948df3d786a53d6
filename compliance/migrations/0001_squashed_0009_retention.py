import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import common.clock
import common.ids
from common.creating import CreateModels
from common.rls import AppendOnly, RowLevelSecurity


class Migration(migrations.Migration):
    replaces = [
        ("compliance", "0001_initial"),
        ("compliance", "0002_analysis_and_risks"),
        ("compliance", "0003_evidence_tasks_decisions_snapshots"),
        ("compliance", "0004_vendors"),
        ("compliance", "0005_incidents"),
        ("compliance", "0006_policies"),
        ("compliance", "0007_requests"),
        ("compliance", "0008_documents"),
        ("compliance", "0009_retention"),
    ]

    initial = True

    dependencies = [
        ("accounts", "0001_squashed_0003_languages"),
    ]

    operations = [
        CreateModels(
            models=[
                migrations.CreateModel(
                    name="Asset",
                    fields=[
                        (
                            "id",
                            models.UUIDField(
                                default=common.ids.uuid7, editable=False, primary_key=True, serialize=False
                            ),
                        ),
                        ("number", models.CharField(max_length=40)),
                        ("type_id", models.CharField(max_length=40)),
                        ("name", models.CharField(max_length=120)),
                        (
                            "status",
                            models.CharField(
                                choices=[
                                    ("planned", "Planned"),
                                    ("in_use", "In use"),
                                    ("stored", "Out of use, still here"),
                                    ("disposed", "Disposed of"),
                                ],
                                default="in_use",
                                max_length=8,
                            ),
                        ),
                        ("site", models.CharField(blank=True, max_length=120)),
                        ("room", models.CharField(blank=True, max_length=120)),
                        ("owner", models.CharField(blank=True, max_length=120)),
                        ("custodian", models.CharField(blank=True, max_length=120)),
                        ("vendor", models.CharField(blank=True, max_length=120)),
                        ("model", models.CharField(blank=True, max_length=120)),
                        ("serial", models.CharField(blank=True, max_length=120)),
                        ("hostname", models.CharField(blank=True, max_length=120)),
                        ("ip_address", models.CharField(blank=True, max_length=64)),
                        ("mac_address", models.CharField(blank=True, max_length=64)),
                        ("ae_title", models.CharField(blank=True, max_length=16)),
                        ("operating_system", models.CharField(blank=True, max_length=120)),
                        ("os_support_end_date", models.DateField(blank=True, null=True)),
                        ("software_version", models.CharField(blank=True, max_length=120)),
                        ("patched_date", models.DateField(blank=True, null=True)),
                        (
                            "endpoint_protection",
                            models.CharField(
                                choices=[
                                    ("yes", "Yes"),
                                    ("partly", "Partly"),
                                    ("no", "No"),
                                    ("unknown", "Not known"),
                                    ("na", "Does not apply"),
                                ],
                                default="unknown",
                                max_length=7,
                            ),
                        ),
                        (
                            "encryption_at_rest",
                            models.CharField(
                                choices=[
                                    ("yes", "Yes"),
                                    ("partly", "Partly"),
                                    ("no", "No"),
                                    ("unknown", "Not known"),
                                    ("na", "Does not apply"),
                                ],
                                default="unknown",
                                max_length=7,
                            ),
                        ),
                        (
                            "encryption_in_transit",
                            models.CharField(
                                choices=[
                                    ("yes", "Yes"),
                                    ("partly", "Partly"),
                                    ("no", "No"),
                                    ("unknown", "Not known"),
                                    ("na", "Does not apply"),
                                ],
                                default="unknown",
                                max_length=7,
                            ),
                        ),
                        (
                            "shared_login",
                            models.CharField(
                                choices=[
                                    ("yes", "Yes"),
                                    ("partly", "Partly"),
                                    ("no", "No"),
                                    ("unknown", "Not known"),
                                    ("na", "Does not apply"),
                                ],
                                default="unknown",
                                max_length=7,
                            ),
                        ),
                        (
                            "ephi",
                            models.CharField(
                                choices=[
                                    ("none", "None"),
                                    ("transient", "Passes through"),
                                    ("stored", "Kept"),
                                    ("unknown", "Not known"),
                                ],
                                default="unknown",
                                max_length=9,
                            ),
                        ),
                        ("ephi_volume_patients", models.PositiveIntegerField(blank=True, null=True)),
                        ("network_zone", models.CharField(blank=True, max_length=24)),
                        ("remote_access_tool", models.CharField(blank=True, max_length=120)),
                        ("agreement_reference", models.CharField(blank=True, max_length=200)),
                        ("backup_reference", models.CharField(blank=True, max_length=200)),
                        (
                            "criticality",
                            models.CharField(
                                choices=[("low", "Low"), ("medium", "Medium"), ("high", "High")],
                                default="medium",
                                max_length=6,
                            ),
                        ),
                        ("in_service_date", models.DateField(blank=True, null=True)),
                        ("end_of_life_date", models.DateField(blank=True, null=True)),
                        ("disposal_date", models.DateField(blank=True, null=True)),
                        (
                            "disposal_method",
                            models.CharField(
                                blank=True,
                                choices=[
                                    ("wiped", "Data wiped, device passed on"),
                                    ("destroyed", "Medium destroyed"),
                                    ("returned", "Returned to the vendor"),
                                    ("account_closed", "Account closed, data deleted by the vendor"),
                                    ("no_data", "It never held data"),
                                ],
                                max_length=16,
                            ),
                        ),
                        ("disposal_certificate", models.CharField(blank=True, max_length=200)),
                        ("verified_at", models.DateTimeField(blank=True, null=True)),
                        ("verified_by", models.CharField(blank=True, max_length=120)),
                        ("notes", models.TextField(blank=True)),
                        ("map_x", models.FloatField(blank=True, null=True)),
                        ("map_y", models.FloatField(blank=True, null=True)),
                        ("created_at", models.DateTimeField(default=common.clock.now)),
                        ("updated_at", models.DateTimeField(default=common.clock.now)),
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
                            models.Index(fields=["tenant", "name", "id"], name="compliance_asset_by_name"),
                            models.Index(fields=["tenant", "site", "name", "id"], name="compliance_asset_by_site"),
                        ],
                        "constraints": [
                            models.UniqueConstraint(fields=("tenant", "number"), name="compliance_asset_number"),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("status", "disposed"), _negated=True),
                                    models.Q(
                                        ("disposal_date__isnull", False),
                                        models.Q(("disposal_method", ""), _negated=True),
                                    ),
                                    _connector="OR",
                                ),
                                name="compliance_asset_disposed",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="AssetPhoto",
                    fields=[
                        (
                            "id",
                            models.UUIDField(
                                default=common.ids.uuid7, editable=False, primary_key=True, serialize=False
                            ),
                        ),
                        ("blob_id", models.UUIDField()),
                        ("caption", models.CharField(blank=True, max_length=200)),
                        ("content_type", models.CharField(max_length=40)),
                        ("size_bytes", models.BigIntegerField()),
                        ("sha256", models.BinaryField(max_length=32)),
                        ("added_at", models.DateTimeField(default=common.clock.now)),
                        ("removed_at", models.DateTimeField(null=True)),
                        (
                            "asset",
                            models.ForeignKey(
                                db_index=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="photos",
                                to="compliance.asset",
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
                                condition=models.Q(("removed_at", None)),
                                fields=("tenant", "asset", "sha256"),
                                name="compliance_photo_once",
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="DeviceSighting",
                    fields=[
                        (
                            "id",
                            models.UUIDField(
                                default=common.ids.uuid7, editable=False, primary_key=True, serialize=False
                            ),
                        ),
                        (
                            "kind",
                            models.CharField(
                                choices=[
                                    ("modality", "Imaging device"),
                                    ("ae_title", "DICOM sender"),
                                    ("token", "API token"),
                                    ("browser", "Browser of a member of staff"),
                                    ("uploader", "Upload program"),
                                ],
                                max_length=8,
                            ),
                        ),
                        ("fingerprint", models.CharField(max_length=64)),
                        ("label", models.CharField(max_length=200)),
                        ("facts", models.JSONField(default=dict)),
                        ("suggested_type_id", models.CharField(max_length=40)),
                        (
                            "state",
                            models.CharField(
                                choices=[
                                    ("proposed", "Proposed"),
                                    ("adopted", "In the inventory"),
                                    ("dismissed", "Dismissed"),
                                ],
                                default="proposed",
                                max_length=9,
                            ),
                        ),
                        ("reason", models.CharField(blank=True, max_length=400)),
                        ("decided_by_id", models.UUIDField(null=True)),
                        ("decided_at", models.DateTimeField(null=True)),
                        ("first_seen_at", models.DateTimeField(default=common.clock.now)),
                        ("last_seen_at", models.DateTimeField(default=common.clock.now)),
                        (
                            "asset",
                            models.ForeignKey(
                                db_index=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="sightings",
                                to="compliance.asset",
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
                            models.Index(
                                fields=["tenant", "state", "-last_seen_at"], name="compliance_sighting_by_state"
                            ),
                            models.Index(fields=["tenant", "asset"], name="compliance_sighting_by_asset"),
                        ],
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("tenant", "kind", "fingerprint"), name="compliance_sighting_once"
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("state", "adopted"), _negated=True),
                                    ("asset__isnull", False),
                                    _connector="OR",
                                ),
                                name="compliance_sighting_adopted",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="InventoryChange",
                    fields=[
                        (
                            "id",
                            models.UUIDField(
                                default=common.ids.uuid7, editable=False, primary_key=True, serialize=False
                            ),
                        ),
                        (
                            "noun",
                            models.CharField(
                                choices=[("asset", "Asset"), ("party", "Party"), ("flow", "Flow")], max_length=5
                            ),
                        ),
                        ("subject_id", models.UUIDField()),
                        (
                            "verb",
                            models.CharField(
                                choices=[
                                    ("created", "Added"),
                                    ("changed", "Changed"),
                                    ("verified", "Confirmed as it is"),
                                    ("disposed", "Disposed of"),
                                    ("ended", "Ended"),
                                    ("photo_added", "Photo added"),
                                    ("photo_removed", "Photo removed"),
                                ],
                                max_length=13,
                            ),
                        ),
                        ("fields", models.JSONField(default=dict)),
                        ("actor_kind", models.CharField(max_length=8)),
                        ("actor_id", models.UUIDField()),
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
                    ],
                    options={
                        "indexes": [
                            models.Index(fields=["tenant", "noun", "subject_id", "-id"], name="compliance_change_of"),
                            models.Index(fields=["tenant", "-id"], name="compliance_change_newest"),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="PackChoice",
                    fields=[
                        (
                            "id",
                            models.UUIDField(
                                default=common.ids.uuid7, editable=False, primary_key=True, serialize=False
                            ),
                        ),
                        ("pack_id", models.CharField(max_length=40)),
                        ("version", models.PositiveIntegerField()),
                        ("is_active", models.BooleanField()),
                        ("changed_by_id", models.UUIDField()),
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
                            models.UniqueConstraint(fields=("tenant", "pack_id"), name="compliance_pack_once")
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Party",
                    fields=[
                        (
                            "id",
                            models.UUIDField(
                                default=common.ids.uuid7, editable=False, primary_key=True, serialize=False
                            ),
                        ),
                        ("name", models.CharField(max_length=120)),
                        (
                            "kind",
                            models.CharField(
                                choices=[
                                    ("referrer", "Referring practice"),
                                    ("patient", "Patients"),
                                    ("vendor", "Vendor or service"),
                                    ("laboratory", "Laboratory or planning service"),
                                    ("payer", "Insurer or payer"),
                                    ("research", "Research or teaching"),
                                    ("other", "Somebody else"),
                                ],
                                max_length=10,
                            ),
                        ),
                        ("agreement_reference", models.CharField(blank=True, max_length=200)),
                        ("notes", models.TextField(blank=True)),
                        ("map_x", models.FloatField(blank=True, null=True)),
                        ("map_y", models.FloatField(blank=True, null=True)),
                        ("created_at", models.DateTimeField(default=common.clock.now)),
                        ("updated_at", models.DateTimeField(default=common.clock.now)),
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
                            models.UniqueConstraint(fields=("tenant", "name"), name="compliance_party_name")
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="DataFlow",
                    fields=[
                        (
                            "id",
                            models.UUIDField(
                                default=common.ids.uuid7, editable=False, primary_key=True, serialize=False
                            ),
                        ),
                        ("channel_id", models.CharField(max_length=40)),
                        ("label", models.CharField(blank=True, max_length=120)),
                        ("is_both_ways", models.BooleanField(default=False)),
                        (
                            "ephi",
                            models.CharField(
                                choices=[
                                    ("none", "None"),
                                    ("transient", "Passes through"),
                                    ("stored", "Kept"),
                                    ("unknown", "Not known"),
                                ],
                                default="unknown",
                                max_length=9,
                            ),
                        ),
                        (
                            "encryption",
                            models.CharField(
                                choices=[
                                    ("yes", "Yes"),
                                    ("partly", "Partly"),
                                    ("no", "No"),
                                    ("unknown", "Not known"),
                                    ("na", "Does not apply"),
                                ],
                                default="unknown",
                                max_length=7,
                            ),
                        ),
                        (
                            "access_log",
                            models.CharField(
                                choices=[
                                    ("yes", "Yes"),
                                    ("partly", "Partly"),
                                    ("no", "No"),
                                    ("unknown", "Not known"),
                                    ("na", "Does not apply"),
                                ],
                                default="unknown",
                                max_length=7,
                            ),
                        ),
                        ("safeguards", models.TextField(blank=True)),
                        ("started_date", models.DateField(blank=True, null=True)),
                        ("ended_date", models.DateField(blank=True, null=True)),
                        ("verified_at", models.DateTimeField(blank=True, null=True)),
                        ("verified_by", models.CharField(blank=True, max_length=120)),
                        ("notes", models.TextField(blank=True)),
                        ("created_at", models.DateTimeField(default=common.clock.now)),
                        ("updated_at", models.DateTimeField(default=common.clock.now)),
                        (
                            "source_asset",
                            models.ForeignKey(
                                db_index=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="compliance.asset",
                            ),
                        ),
                        (
                            "target_asset",
                            models.ForeignKey(
                                db_index=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="compliance.asset",
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
                            "source_party",
                            models.ForeignKey(
                                db_index=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="compliance.party",
                            ),
                        ),
                        (
                            "target_party",
                            models.ForeignKey(
                                db_index=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="compliance.party",
                            ),
                        ),
                    ],
                    options={
                        "indexes": [
                            models.Index(fields=["tenant", "source_asset"], name="compliance_flow_by_source"),
                            models.Index(fields=["tenant", "target_asset"], name="compliance_flow_by_target"),
                        ],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("source_asset", None), ("source_party__isnull", False)),
                                    models.Q(("source_asset__isnull", False), ("source_party", None)),
                                    _connector="OR",
                                ),
                                name="compliance_flow_one_source",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("target_asset", None), ("target_party__isnull", False)),
                                    models.Q(("target_asset__isnull", False), ("target_party", None)),
                                    _connector="OR",
                                ),
                                name="compliance_flow_one_target",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Analysis",
                    fields=[
                        (
                            "id",
                            models.UUIDField(
                                default=common.ids.uuid7, editable=False, primary_key=True, serialize=False
                            ),
                        ),
                        ("title", models.CharField(max_length=120)),
                        (
                            "state",
                            models.CharField(
                                choices=[
                                    ("draft", "Draft"),
                                    ("issued", "Issued"),
                                    ("stale", "Stale"),
                                    ("superseded", "Superseded"),
                                ],
                                default="draft",
                                max_length=10,
                            ),
                        ),
                        ("scope", models.TextField(blank=True)),
                        ("exclusions", models.TextField(blank=True)),
                        ("assumptions", models.TextField(blank=True)),
                        ("participants", models.TextField(blank=True)),
                        ("sites", models.JSONField(default=list)),
                        ("pack_versions", models.JSONField(default=dict)),
                        ("period_start", models.DateField(null=True)),
                        ("period_end", models.DateField(null=True)),
                        ("asset_classes", models.JSONField(default=dict)),
                        ("assessor", models.CharField(blank=True, max_length=120)),
                        ("security_official", models.CharField(blank=True, max_length=120)),
                        ("practice_owner", models.CharField(blank=True, max_length=120)),
                        ("keep_years", models.PositiveSmallIntegerField(default=6)),
                        ("next_review_date", models.DateField(null=True)),
                        ("review_triggers", models.JSONField(default=list)),
                        ("issue_number", models.PositiveIntegerField(default=0)),
                        ("issued_at", models.DateTimeField(null=True)),
                        ("created_at", models.DateTimeField(default=common.clock.now)),
                        (
                            "created_by",
                            models.ForeignKey(
                                db_index=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "issued_by",
                            models.ForeignKey(
                                db_index=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "previous",
                            models.ForeignKey(
                                db_index=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="compliance.analysis",
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
                        "indexes": [models.Index(fields=["tenant", "-created_at"], name="compliance_analysis_newest")],
                        "constraints": [
                            models.UniqueConstraint(
                                condition=models.Q(("state", "draft")),
                                fields=("tenant",),
                                name="compliance_analysis_one_draft",
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Answer",
                    fields=[
                        (
                            "id",
                            models.UUIDField(
                                default=common.ids.uuid7, editable=False, primary_key=True, serialize=False
                            ),
                        ),
                        ("question_id", models.CharField(max_length=16)),
                        ("section_id", models.CharField(max_length=8)),
                        ("value", models.CharField(blank=True, max_length=16)),
                        ("comment", models.TextField(blank=True)),
                        ("is_flagged", models.BooleanField(default=False)),
                        ("version", models.PositiveIntegerField(default=1)),
                        ("confirm_reason", models.TextField(blank=True)),
                        ("answered_at", models.DateTimeField(null=True)),
                        (
                            "analysis",
                            models.ForeignKey(
                                db_index=False,
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="answers",
                                to="compliance.analysis",
                            ),
                        ),
                        (
                            "answered_by",
                            models.ForeignKey(
                                db_index=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "assignee",
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
                        "indexes": [
                            models.Index(
                                condition=models.Q(("assignee__isnull", False)),
                                fields=["tenant", "assignee"],
                                name="compliance_answer_assigned",
                            )
                        ],
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("tenant", "analysis", "question_id"), name="compliance_answer_once"
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="AnswerFile",
                    fields=[
                        (
                            "id",
                            models.UUIDField(
                                default=common.ids.uuid7, editable=False, primary_key=True, serialize=False
                            ),
                        ),
                        ("file_name", models.CharField(max_length=200)),
                        ("media_type", models.CharField(max_length=100)),
                        ("size_bytes", models.PositiveBigIntegerField()),
                        ("sha256", models.CharField(max_length=64)),
                        ("blob_id", models.UUIDField()),
                        ("added_at", models.DateTimeField(default=common.clock.now)),
                        ("removed_at", models.DateTimeField(null=True)),
                        (
                            "added_by",
                            models.ForeignKey(
                                db_index=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "answer",
                            models.ForeignKey(
                                db_index=False,
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="files",
                                to="compliance.answer",
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
                        "indexes": [models.Index(fields=["tenant", "answer"], name="compliance_file_by_answer")],
                    },
                ),
                migrations.CreateModel(
                    name="Risk",
                    fields=[
                        (
                            "id",
                            models.UUIDField(
                                default=common.ids.uuid7, editable=False, primary_key=True, serialize=False
                            ),
                        ),
                        ("number", models.PositiveIntegerField()),
                        (
                            "state",
                            models.CharField(
                                choices=[
                                    ("proposed", "Proposed"),
                                    ("confirmed", "Confirmed"),
                                    ("dismissed", "Dismissed"),
                                ],
                                default="proposed",
                                max_length=10,
                            ),
                        ),
                        ("threat_id", models.CharField(max_length=24)),
                        ("vulnerability_id", models.CharField(max_length=24)),
                        ("subject_key", models.CharField(max_length=48)),
                        ("subject_name", models.CharField(max_length=200)),
                        ("search_text", models.TextField()),
                        ("statement", models.TextField()),
                        ("existing_controls", models.TextField(blank=True)),
                        ("dismiss_reason", models.TextField(blank=True)),
                        ("owner_name", models.CharField(blank=True, max_length=120)),
                        (
                            "response",
                            models.CharField(
                                blank=True,
                                choices=[
                                    ("", "Undecided"),
                                    ("mitigate", "Mitigate"),
                                    ("accept", "Accept"),
                                    ("transfer", "Transfer"),
                                    ("avoid", "Avoid"),
                                ],
                                default="",
                                max_length=10,
                            ),
                        ),
                        ("suggested_likelihood", models.PositiveSmallIntegerField()),
                        ("suggested_impact", models.PositiveSmallIntegerField()),
                        ("inherent_likelihood", models.PositiveSmallIntegerField(null=True)),
                        ("inherent_impact", models.PositiveSmallIntegerField(null=True)),
                        ("inherent_level", models.PositiveSmallIntegerField(null=True)),
                        ("current_likelihood", models.PositiveSmallIntegerField(null=True)),
                        ("current_impact", models.PositiveSmallIntegerField(null=True)),
                        ("current_level", models.PositiveSmallIntegerField(default=0)),
                        ("residual_likelihood", models.PositiveSmallIntegerField(null=True)),
                        ("residual_impact", models.PositiveSmallIntegerField(null=True)),
                        ("residual_level", models.PositiveSmallIntegerField(null=True)),
                        ("decided_at", models.DateTimeField(null=True)),
                        (
                            "analysis",
                            models.ForeignKey(
                                db_index=False,
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="risks",
                                to="compliance.analysis",
                            ),
                        ),
                        (
                            "asset",
                            models.ForeignKey(
                                db_index=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="compliance.asset",
                            ),
                        ),
                        (
                            "decided_by",
                            models.ForeignKey(
                                db_index=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "flow",
                            models.ForeignKey(
                                db_index=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="compliance.dataflow",
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
                            models.Index(
                                models.F("tenant"),
                                models.F("analysis"),
                                models.OrderBy(models.F("current_level"), descending=True),
                                models.F("number"),
                                name="compliance_risk_by_level",
                            ),
                            models.Index(fields=["tenant", "asset"], name="compliance_risk_by_asset"),
                        ],
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("tenant", "analysis", "number"), name="compliance_risk_number"
                            ),
                            models.UniqueConstraint(
                                fields=("tenant", "analysis", "subject_key", "threat_id", "vulnerability_id"),
                                name="compliance_risk_once",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("suggested_impact__range", (1, 5)), ("suggested_likelihood__range", (1, 5))
                                ),
                                name="compliance_risk_suggested",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("asset", None), ("flow", None), _connector="OR"),
                                name="compliance_risk_one_subject",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("state", "dismissed"), _negated=True),
                                    models.Q(("dismiss_reason", ""), _negated=True),
                                    _connector="OR",
                                ),
                                name="compliance_risk_dismissed_why",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="RatingChange",
                    fields=[
                        (
                            "id",
                            models.UUIDField(
                                default=common.ids.uuid7, editable=False, primary_key=True, serialize=False
                            ),
                        ),
                        (
                            "stage",
                            models.CharField(
                                choices=[("inherent", "Inherent"), ("current", "Current"), ("residual", "Residual")],
                                max_length=8,
                            ),
                        ),
                        ("likelihood", models.PositiveSmallIntegerField()),
                        ("impact", models.PositiveSmallIntegerField()),
                        ("level", models.PositiveSmallIntegerField()),
                        ("reason", models.TextField()),
                        ("rated_at", models.DateTimeField(default=common.clock.now)),
                        (
                            "rated_by",
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
                        (
                            "risk",
                            models.ForeignKey(
                                db_index=False,
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="ratings",
                                to="compliance.risk",
                            ),
                        ),
                    ],
                    options={
                        "indexes": [
                            models.Index(fields=["tenant", "risk", "-rated_at"], name="compliance_rating_newest")
                        ],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("impact__range", (1, 5)), ("level__range", (1, 5)), ("likelihood__range", (1, 5))
                                ),
                                name="compliance_rating_scale",
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="RiskExemption",
                    fields=[
                        (
                            "id",
                            models.UUIDField(
                                default=common.ids.uuid7, editable=False, primary_key=True, serialize=False
                            ),
                        ),
                        ("reason", models.TextField()),
                        ("decided_at", models.DateTimeField(default=common.clock.now)),
                        (
                            "analysis",
                            models.ForeignKey(
                                db_index=False,
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="+",
                                to="compliance.analysis",
                            ),
                        ),
                        (
                            "asset",
                            models.ForeignKey(
                                db_index=False,
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="+",
                                to="compliance.asset",
                            ),
                        ),
                        (
                            "decided_by",
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
                            models.UniqueConstraint(
                                fields=("tenant", "analysis", "asset"), name="compliance_exemption_once"
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="RiskOrigin",
                    fields=[
                        (
                            "id",
                            models.UUIDField(
                                default=common.ids.uuid7, editable=False, primary_key=True, serialize=False
                            ),
                        ),
                        ("question_id", models.CharField(blank=True, max_length=16)),
                        (
                            "risk",
                            models.ForeignKey(
                                db_index=False,
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="origins",
                                to="compliance.risk",
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
                            models.Index(fields=["tenant", "question_id"], name="compliance_origin_by_question")
                        ],
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("tenant", "risk", "question_id"), name="compliance_origin_once"
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="SectionState",
                    fields=[
                        (
                            "id",
                            models.UUIDField(
                                default=common.ids.uuid7, editable=False, primary_key=True, serialize=False
                            ),
                        ),
                        ("section_id", models.CharField(max_length=8)),
                        ("closed_at", models.DateTimeField(null=True)),
                        ("reopen_reason", models.TextField(blank=True)),
                        (
                            "analysis",
                            models.ForeignKey(
                                db_index=False,
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="sections",
                                to="compliance.analysis",
                            ),
                        ),
                        (
                            "closed_by",
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
                            models.UniqueConstraint(
                                fields=("tenant", "analysis", "section_id"), name="compliance_section_once"
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="SectionVisit",
                    fields=[
                        (
                            "id",
                            models.UUIDField(
                                default=common.ids.uuid7, editable=False, primary_key=True, serialize=False
                            ),
                        ),
                        ("seen_at", models.DateTimeField(default=common.clock.now)),
                        (
                            "section",
                            models.ForeignKey(
                                db_index=False,
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="visits",
                                to="compliance.sectionstate",
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
                            "user",
                            models.ForeignKey(
                                db_index=False,
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                    ],
                    options={
                        "constraints": [
                            models.UniqueConstraint(fields=("tenant", "section", "user"), name="compliance_visit_once")
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="StaleReason",
                    fields=[
                        (
                            "id",
                            models.UUIDField(
                                default=common.ids.uuid7, editable=False, primary_key=True, serialize=False
                            ),
                        ),
                        ("code", models.CharField(max_length=32)),
                        ("subject", models.CharField(blank=True, max_length=120)),
                        ("text", models.TextField()),
                        ("question_ids", models.JSONField(default=list)),
                        ("raised_at", models.DateTimeField(default=common.clock.now)),
                        ("handled_at", models.DateTimeField(null=True)),
                        (
                            "analysis",
                            models.ForeignKey(
                                db_index=False,
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="stale_reasons",
                                to="compliance.analysis",
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
                                condition=models.Q(("handled_at", None)),
                                fields=("tenant", "analysis", "code", "subject"),
                                name="compliance_stale_once",
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="ProbeRun",
                    fields=[
                        (
                            "id",
                            models.UUIDField(
                                default=common.ids.uuid7, editable=False, primary_key=True, serialize=False
                            ),
                        ),
                        ("requested_by_id", models.UUIDField(null=True)),
                        ("requested_at", models.DateTimeField(default=common.clock.now)),
                        ("total", models.PositiveSmallIntegerField(default=0)),
                        ("done", models.PositiveSmallIntegerField(default=0)),
                        ("finished_at", models.DateTimeField(null=True)),
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
                        "indexes": [models.Index(fields=["tenant", "-requested_at"], name="compliance_run_newest")],
                    },
                ),
                migrations.CreateModel(
                    name="ProbeReading",
                    fields=[
                        (
                            "id",
                            models.UUIDField(
                                default=common.ids.uuid7, editable=False, primary_key=True, serialize=False
                            ),
                        ),
                        ("probe_id", models.CharField(max_length=24)),
                        ("value", models.JSONField(null=True)),
                        (
                            "verdict",
                            models.CharField(
                                choices=[
                                    ("pass", "On target"),
                                    ("near", "Nearly on target"),
                                    ("fail", "Off target"),
                                    ("reported", "For information"),
                                    ("unmeasured", "Not measured"),
                                ],
                                max_length=10,
                            ),
                        ),
                        ("detail", models.TextField(blank=True)),
                        ("measured_at", models.DateTimeField(default=common.clock.now)),
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
                                related_name="readings",
                                to="compliance.proberun",
                            ),
                        ),
                    ],
                    options={
                        "indexes": [
                            models.Index(fields=["tenant", "probe_id", "-id"], name="compliance_reading_of_probe")
                        ],
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("tenant", "run", "probe_id"), name="compliance_reading_once"
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="ProbeState",
                    fields=[
                        (
                            "id",
                            models.UUIDField(
                                default=common.ids.uuid7, editable=False, primary_key=True, serialize=False
                            ),
                        ),
                        ("probe_id", models.CharField(max_length=24)),
                        ("value", models.JSONField(null=True)),
                        (
                            "verdict",
                            models.CharField(
                                choices=[
                                    ("pass", "On target"),
                                    ("near", "Nearly on target"),
                                    ("fail", "Off target"),
                                    ("reported", "For information"),
                                    ("unmeasured", "Not measured"),
                                ],
                                max_length=10,
                            ),
                        ),
                        ("detail", models.TextField(blank=True)),
                        ("measured_at", models.DateTimeField()),
                        ("verdict_since", models.DateTimeField()),
                        (
                            "verdict_before",
                            models.CharField(
                                blank=True,
                                choices=[
                                    ("pass", "On target"),
                                    ("near", "Nearly on target"),
                                    ("fail", "Off target"),
                                    ("reported", "For information"),
                                    ("unmeasured", "Not measured"),
                                ],
                                max_length=10,
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
                            models.UniqueConstraint(fields=("tenant", "probe_id"), name="compliance_probestate_once")
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Snapshot",
                    fields=[
                        (
                            "id",
                            models.UUIDField(
                                default=common.ids.uuid7, editable=False, primary_key=True, serialize=False
                            ),
                        ),
                        ("issue_number", models.PositiveIntegerField()),
                        ("sequence", models.PositiveIntegerField()),
                        ("data_blob_id", models.UUIDField()),
                        ("data_sha256", models.CharField(max_length=64)),
                        ("pdf_blob_id", models.UUIDField()),
                        ("pdf_sha256", models.CharField(max_length=64)),
                        ("previous_sha256", models.CharField(blank=True, max_length=64)),
                        ("changes", models.JSONField(default=dict)),
                        ("counts", models.JSONField(default=dict)),
                        ("signer_id", models.UUIDField()),
                        ("signer_name", models.CharField(max_length=120)),
                        ("issued_at", models.DateTimeField(default=common.clock.now)),
                        ("keep_until_date", models.DateField()),
                        (
                            "analysis",
                            models.ForeignKey(
                                db_index=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="snapshots",
                                to="compliance.analysis",
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
                        "indexes": [models.Index(fields=["tenant", "-sequence"], name="compliance_snapshot_newest")],
                        "constraints": [
                            models.UniqueConstraint(fields=("tenant", "sequence"), name="compliance_snapshot_sequence"),
                            models.UniqueConstraint(
                                fields=("tenant", "analysis", "issue_number"), name="compliance_snapshot_of_issue"
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("previous_sha256", ""), ("sequence", 1)),
                                    models.Q(("sequence__gt", 1), models.Q(("previous_sha256", ""), _negated=True)),
                                    _connector="OR",
                                ),
                                name="compliance_snapshot_chained",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="SpecDecision",
                    fields=[
                        (
                            "id",
                            models.UUIDField(
                                default=common.ids.uuid7, editable=False, primary_key=True, serialize=False
                            ),
                        ),
                        ("spec_id", models.CharField(max_length=24)),
                        (
                            "outcome",
                            models.CharField(
                                choices=[
                                    ("implemented", "Implemented as the rule describes it"),
                                    ("alternative", "An equivalent alternative is in place"),
                                    ("not_reasonable", "Not reasonable and appropriate here"),
                                ],
                                max_length=14,
                            ),
                        ),
                        ("rationale", models.TextField()),
                        ("alternative", models.TextField(blank=True)),
                        ("review_date", models.DateField()),
                        ("decided_at", models.DateTimeField(default=common.clock.now)),
                        (
                            "decided_by",
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
                        "indexes": [
                            models.Index(fields=["tenant", "spec_id", "-id"], name="compliance_decision_of_spec")
                        ],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(("rationale", ""), _negated=True),
                                name="compliance_decision_reasoned",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("outcome", "alternative"), _negated=True),
                                    models.Q(("alternative", ""), _negated=True),
                                    _connector="OR",
                                ),
                                name="compliance_decision_alternative",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Task",
                    fields=[
                        (
                            "id",
                            models.UUIDField(
                                default=common.ids.uuid7, editable=False, primary_key=True, serialize=False
                            ),
                        ),
                        ("number", models.PositiveIntegerField()),
                        ("title", models.CharField(max_length=200)),
                        ("weakness", models.TextField(blank=True)),
                        ("resources", models.TextField(blank=True)),
                        ("question_id", models.CharField(blank=True, max_length=16)),
                        ("spec_id", models.CharField(blank=True, max_length=24)),
                        (
                            "state",
                            models.CharField(
                                choices=[
                                    ("open", "To do"),
                                    ("doing", "In work"),
                                    ("blocked", "Blocked"),
                                    ("done", "Done, to be verified"),
                                    ("verified", "Verified"),
                                    ("accepted", "Risk accepted"),
                                ],
                                default="open",
                                max_length=8,
                            ),
                        ),
                        (
                            "priority",
                            models.CharField(
                                choices=[
                                    ("very_high", "Critical"),
                                    ("high", "High"),
                                    ("moderate", "Moderate"),
                                    ("low", "Low"),
                                ],
                                default="moderate",
                                max_length=9,
                            ),
                        ),
                        (
                            "effort",
                            models.CharField(
                                choices=[
                                    ("S", "Small: up to a day"),
                                    ("M", "Medium: up to two weeks"),
                                    ("L", "Large: longer"),
                                ],
                                default="M",
                                max_length=1,
                            ),
                        ),
                        ("cost", models.DecimalField(decimal_places=2, max_digits=10, null=True)),
                        ("due_date", models.DateField(null=True)),
                        ("evidence", models.TextField(blank=True)),
                        ("done_at", models.DateTimeField(null=True)),
                        ("verified_at", models.DateTimeField(null=True)),
                        ("accepted_at", models.DateTimeField(null=True)),
                        ("accepted_until_date", models.DateField(null=True)),
                        ("acceptance_reason", models.TextField(blank=True)),
                        ("compensating_measures", models.TextField(blank=True)),
                        ("version", models.PositiveIntegerField(default=1)),
                        ("created_at", models.DateTimeField(default=common.clock.now)),
                        (
                            "accepted_by",
                            models.ForeignKey(
                                db_index=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "created_by",
                            models.ForeignKey(
                                db_index=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "done_by",
                            models.ForeignKey(
                                db_index=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "owner",
                            models.ForeignKey(
                                db_index=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "risk",
                            models.ForeignKey(
                                db_index=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="tasks",
                                to="compliance.risk",
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
                            "verified_by",
                            models.ForeignKey(
                                db_index=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                    ],
                    options={
                        "indexes": [
                            models.Index(fields=["tenant", "state", "due_date"], name="compliance_task_by_state"),
                            models.Index(fields=["tenant", "risk"], name="compliance_task_by_risk"),
                            models.Index(fields=["tenant", "owner", "due_date"], name="compliance_task_by_owner"),
                        ],
                        "constraints": [
                            models.UniqueConstraint(fields=("tenant", "number"), name="compliance_task_number"),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("state", "verified"), _negated=True),
                                    models.Q(
                                        ("verified_by__isnull", False),
                                        models.Q(("verified_by", models.F("done_by")), _negated=True),
                                    ),
                                    _connector="OR",
                                ),
                                name="compliance_task_four_eyes",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("state", "accepted"), _negated=True),
                                    models.Q(
                                        ("accepted_at__isnull", False),
                                        ("accepted_by__isnull", False),
                                        ("accepted_until_date__isnull", False),
                                        models.Q(("acceptance_reason", ""), _negated=True),
                                    ),
                                    _connector="OR",
                                ),
                                name="compliance_task_accepted",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="TaskEvent",
                    fields=[
                        (
                            "id",
                            models.UUIDField(
                                default=common.ids.uuid7, editable=False, primary_key=True, serialize=False
                            ),
                        ),
                        (
                            "verb",
                            models.CharField(
                                choices=[
                                    ("opened", "Opened"),
                                    ("changed", "Changed"),
                                    ("started", "Work began"),
                                    ("blocked", "Blocked"),
                                    ("done", "Done"),
                                    ("verified", "Verified"),
                                    ("sent_back", "Sent back"),
                                    ("accepted", "Risk accepted"),
                                    ("reopened", "Opened again"),
                                    ("noted", "Noted"),
                                ],
                                max_length=9,
                            ),
                        ),
                        ("note", models.TextField(blank=True)),
                        ("changes", models.JSONField(default=dict)),
                        ("actor_id", models.UUIDField()),
                        ("at", models.DateTimeField(default=common.clock.now)),
                        (
                            "task",
                            models.ForeignKey(
                                db_index=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="events",
                                to="compliance.task",
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
                            models.Index(fields=["tenant", "task", "-id"], name="compliance_taskevent_of_task")
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="TaskReminder",
                    fields=[
                        (
                            "id",
                            models.UUIDField(
                                default=common.ids.uuid7, editable=False, primary_key=True, serialize=False
                            ),
                        ),
                        ("due_date", models.DateField()),
                        ("threshold_days", models.SmallIntegerField()),
                        ("sent_at", models.DateTimeField(default=common.clock.now)),
                        (
                            "task",
                            models.ForeignKey(
                                db_index=False,
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="reminders",
                                to="compliance.task",
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
                                fields=("tenant", "task", "due_date", "threshold_days"), name="compliance_reminder_once"
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Activity",
                    fields=[
                        (
                            "id",
                            models.UUIDField(
                                default=common.ids.uuid7, editable=False, primary_key=True, serialize=False
                            ),
                        ),
                        (
                            "kind",
                            models.CharField(
                                choices=[
                                    ("access_review", "Review of who has access"),
                                    ("log_review", "Review of the access log"),
                                    ("evaluation", "Evaluation of the safeguards"),
                                    ("vulnerability_scan", "Vulnerability scan"),
                                    ("penetration_test", "Penetration test"),
                                    ("restore_drill", "Restore drill"),
                                    ("immutable_copy", "Offline or immutable copy of the backup"),
                                    ("downtime_exercise", "Downtime exercise"),
                                    ("contacts_confirmed", "Emergency contacts confirmed"),
                                    ("export_test", "Bulk export test in standard DICOM"),
                                    ("incident_exercise", "Incident exercise"),
                                    ("phishing_exercise", "Phishing exercise"),
                                    ("security_reminder", "Security reminder to the staff"),
                                ],
                                max_length=24,
                            ),
                        ),
                        ("performed_date", models.DateField()),
                        ("hours", models.DecimalField(decimal_places=2, max_digits=7, null=True)),
                        ("is_successful", models.BooleanField(default=True)),
                        ("note", models.TextField()),
                        ("recorded_at", models.DateTimeField(default=common.clock.now)),
                        (
                            "recorded_by",
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
                        "indexes": [
                            models.Index(
                                fields=["tenant", "kind", "-performed_date"], name="compliance_activity_of_kind"
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="CalendarFeed",
                    fields=[
                        (
                            "id",
                            models.UUIDField(
                                default=common.ids.uuid7, editable=False, primary_key=True, serialize=False
                            ),
                        ),
                        ("secret_hash", models.BinaryField(max_length=32)),
                        ("created_at", models.DateTimeField(default=common.clock.now)),
                        ("revoked_at", models.DateTimeField(null=True)),
                        ("read_at", models.DateTimeField(null=True)),
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
                            "user",
                            models.ForeignKey(
                                db_index=False,
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                    ],
                    options={
                        "constraints": [
                            models.UniqueConstraint(
                                condition=models.Q(("revoked_at", None)),
                                fields=("tenant", "user"),
                                name="compliance_feed_one_live",
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Vendor",
                    fields=[
                        (
                            "id",
                            models.UUIDField(
                                default=common.ids.uuid7, editable=False, primary_key=True, serialize=False
                            ),
                        ),
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
                    options={
                        "constraints": [
                            models.UniqueConstraint(fields=("tenant", "name"), name="compliance_vendor_name")
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="SubProcessor",
                    fields=[
                        (
                            "id",
                            models.UUIDField(
                                default=common.ids.uuid7, editable=False, primary_key=True, serialize=False
                            ),
                        ),
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
                    options={
                        "indexes": [models.Index(fields=["tenant", "vendor"], name="compliance_sub_of_vendor")],
                    },
                ),
                migrations.CreateModel(
                    name="ExitProof",
                    fields=[
                        (
                            "id",
                            models.UUIDField(
                                default=common.ids.uuid7, editable=False, primary_key=True, serialize=False
                            ),
                        ),
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
                    options={
                        "indexes": [models.Index(fields=["tenant", "vendor"], name="compliance_exit_of_vendor")],
                    },
                ),
                migrations.CreateModel(
                    name="Agreement",
                    fields=[
                        (
                            "id",
                            models.UUIDField(
                                default=common.ids.uuid7, editable=False, primary_key=True, serialize=False
                            ),
                        ),
                        ("number", models.PositiveIntegerField()),
                        (
                            "state",
                            models.CharField(
                                choices=[
                                    ("draft", "Draft"),
                                    ("review", "In review"),
                                    ("signed", "Signed"),
                                    ("ended", "Ended"),
                                ],
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
                    options={
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("tenant", "vendor", "number"), name="compliance_agreement_number"
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("state", "signed"), _negated=True),
                                    models.Q(
                                        ("effective_date__isnull", False), models.Q(("signatories", ""), _negated=True)
                                    ),
                                    _connector="OR",
                                ),
                                name="compliance_agreement_signed",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("state", "ended"), _negated=True),
                                    models.Q(
                                        ("ended_date__isnull", False), models.Q(("ended_reason", ""), _negated=True)
                                    ),
                                    _connector="OR",
                                ),
                                name="compliance_agreement_ended",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="VendorUse",
                    fields=[
                        (
                            "id",
                            models.UUIDField(
                                default=common.ids.uuid7, editable=False, primary_key=True, serialize=False
                            ),
                        ),
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
                    options={
                        "indexes": [
                            models.Index(fields=["tenant", "asset"], name="compliance_use_by_asset"),
                            models.Index(fields=["tenant", "party"], name="compliance_use_by_party"),
                        ],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("asset__isnull", False), ("party", None)),
                                    models.Q(("asset", None), ("party__isnull", False)),
                                    _connector="OR",
                                ),
                                name="compliance_use_of_one",
                            ),
                            models.UniqueConstraint(
                                condition=models.Q(("party", None)),
                                fields=("tenant", "vendor", "asset"),
                                name="compliance_use_asset_once",
                            ),
                            models.UniqueConstraint(
                                condition=models.Q(("asset", None)),
                                fields=("tenant", "vendor", "party"),
                                name="compliance_use_party_once",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="AgreementCopy",
                    fields=[
                        (
                            "id",
                            models.UUIDField(
                                default=common.ids.uuid7, editable=False, primary_key=True, serialize=False
                            ),
                        ),
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
                        (
                            "id",
                            models.UUIDField(
                                default=common.ids.uuid7, editable=False, primary_key=True, serialize=False
                            ),
                        ),
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
                                fields=("tenant", "agreement", "expiry_date", "threshold_days"),
                                name="compliance_expiry_once",
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="ClauseFinding",
                    fields=[
                        (
                            "id",
                            models.UUIDField(
                                default=common.ids.uuid7, editable=False, primary_key=True, serialize=False
                            ),
                        ),
                        ("clause_id", models.CharField(max_length=16)),
                        (
                            "found",
                            models.CharField(
                                choices=[
                                    ("yes", "Found"),
                                    ("unclear", "Unclear"),
                                    ("no", "Missing"),
                                    ("na", "Does not apply"),
                                ],
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
                            models.UniqueConstraint(
                                fields=("tenant", "agreement", "clause_id"), name="compliance_clause_once"
                            ),
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
                        (
                            "id",
                            models.UUIDField(
                                default=common.ids.uuid7, editable=False, primary_key=True, serialize=False
                            ),
                        ),
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
                        "indexes": [
                            models.Index(fields=["tenant", "noun", "subject_id", "-id"], name="compliance_entry_of")
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Incident",
                    fields=[
                        (
                            "id",
                            models.UUIDField(
                                default=common.ids.uuid7, editable=False, primary_key=True, serialize=False
                            ),
                        ),
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
                    options={
                        "constraints": [
                            models.UniqueConstraint(fields=("tenant", "number"), name="compliance_incident_number"),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("closed_at", None), models.Q(("closing_note", ""), _negated=True), _connector="OR"
                                ),
                                name="compliance_incident_closed_why",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="ExposureReport",
                    fields=[
                        (
                            "id",
                            models.UUIDField(
                                default=common.ids.uuid7, editable=False, primary_key=True, serialize=False
                            ),
                        ),
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
                    options={
                        "indexes": [models.Index(fields=["tenant", "incident", "-id"], name="compliance_exposure_of")],
                    },
                ),
                migrations.CreateModel(
                    name="BreachNotice",
                    fields=[
                        (
                            "id",
                            models.UUIDField(
                                default=common.ids.uuid7, editable=False, primary_key=True, serialize=False
                            ),
                        ),
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
                    options={
                        "indexes": [models.Index(fields=["tenant", "incident", "-id"], name="compliance_notice_of")],
                    },
                ),
                migrations.CreateModel(
                    name="BreachAssessment",
                    fields=[
                        (
                            "id",
                            models.UUIDField(
                                default=common.ids.uuid7, editable=False, primary_key=True, serialize=False
                            ),
                        ),
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
                    options={
                        "indexes": [
                            models.Index(fields=["tenant", "incident", "-id"], name="compliance_assessment_of")
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Policy",
                    fields=[
                        (
                            "id",
                            models.UUIDField(
                                default=common.ids.uuid7, editable=False, primary_key=True, serialize=False
                            ),
                        ),
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
                    options={
                        "constraints": [
                            models.UniqueConstraint(fields=("tenant", "key"), name="compliance_policy_key")
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="PolicyVersion",
                    fields=[
                        (
                            "id",
                            models.UUIDField(
                                default=common.ids.uuid7, editable=False, primary_key=True, serialize=False
                            ),
                        ),
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
                    options={
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("tenant", "policy", "number"), name="compliance_version_number"
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("text", ""), _negated=True), name="compliance_version_says"
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="PolicyApproval",
                    fields=[
                        (
                            "id",
                            models.UUIDField(
                                default=common.ids.uuid7, editable=False, primary_key=True, serialize=False
                            ),
                        ),
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
                    options={
                        "constraints": [
                            models.UniqueConstraint(fields=("tenant", "version"), name="compliance_approved_once")
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Acknowledgement",
                    fields=[
                        (
                            "id",
                            models.UUIDField(
                                default=common.ids.uuid7, editable=False, primary_key=True, serialize=False
                            ),
                        ),
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
                    options={
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("tenant", "version", "user_id"), name="compliance_read_once"
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Sanction",
                    fields=[
                        (
                            "id",
                            models.UUIDField(
                                default=common.ids.uuid7, editable=False, primary_key=True, serialize=False
                            ),
                        ),
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
                    options={
                        "indexes": [
                            models.Index(fields=["tenant", "-decided_date", "-id"], name="compliance_sanction_newest")
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="TrainingRecord",
                    fields=[
                        (
                            "id",
                            models.UUIDField(
                                default=common.ids.uuid7, editable=False, primary_key=True, serialize=False
                            ),
                        ),
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
                    options={
                        "indexes": [
                            models.Index(fields=["tenant", "-trained_date", "-id"], name="compliance_training_newest")
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="AccessRequest",
                    fields=[
                        (
                            "id",
                            models.UUIDField(
                                default=common.ids.uuid7, editable=False, primary_key=True, serialize=False
                            ),
                        ),
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
                                    ("is_extended", False),
                                    models.Q(("extension_reason", ""), _negated=True),
                                    _connector="OR",
                                ),
                                name="compliance_request_extended_why",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Disclosure",
                    fields=[
                        (
                            "id",
                            models.UUIDField(
                                default=common.ids.uuid7, editable=False, primary_key=True, serialize=False
                            ),
                        ),
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
                            models.Index(
                                fields=["tenant", "patient_key", "-disclosed_date"], name="compliance_disclosure_of"
                            ),
                            models.Index(
                                fields=["tenant", "-disclosed_date", "-id"], name="compliance_disclosure_newest"
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="DocumentSnapshot",
                    fields=[
                        (
                            "id",
                            models.UUIDField(
                                default=common.ids.uuid7, editable=False, primary_key=True, serialize=False
                            ),
                        ),
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
                            models.UniqueConstraint(
                                fields=("tenant", "kind", "sequence"), name="compliance_document_sequence"
                            ),
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
                migrations.CreateModel(
                    name="DeletionRun",
                    fields=[
                        (
                            "id",
                            models.UUIDField(
                                default=common.ids.uuid7, editable=False, primary_key=True, serialize=False
                            ),
                        ),
                        ("number", models.PositiveIntegerField()),
                        (
                            "kind",
                            models.CharField(
                                choices=[
                                    ("due", "What is past its time"),
                                    ("bin", "What lies in the bin and is no record"),
                                ],
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
                        "indexes": [
                            models.Index(fields=["tenant", "state", "-number"], name="compliance_run_by_state")
                        ],
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
                        (
                            "id",
                            models.UUIDField(
                                default=common.ids.uuid7, editable=False, primary_key=True, serialize=False
                            ),
                        ),
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
                            models.UniqueConstraint(
                                fields=("tenant", "run", "patient_id"), name="compliance_notice_once"
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="DeletionItem",
                    fields=[
                        (
                            "id",
                            models.UUIDField(
                                default=common.ids.uuid7, editable=False, primary_key=True, serialize=False
                            ),
                        ),
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
                        (
                            "id",
                            models.UUIDField(
                                default=common.ids.uuid7, editable=False, primary_key=True, serialize=False
                            ),
                        ),
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
                        (
                            "id",
                            models.UUIDField(
                                default=common.ids.uuid7, editable=False, primary_key=True, serialize=False
                            ),
                        ),
                        ("patient_id", models.UUIDField()),
                        ("access_id", models.UUIDField()),
                        ("study_ids", models.JSONField(default=list)),
                        (
                            "wish",
                            models.CharField(
                                choices=[("erase", "Destroy my images"), ("keep", "Keep my images longer")],
                                max_length=5,
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
                        (
                            "id",
                            models.UUIDField(
                                default=common.ids.uuid7, editable=False, primary_key=True, serialize=False
                            ),
                        ),
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
                            models.UniqueConstraint(
                                fields=("tenant", "patient_id"), name="compliance_circumstances_once"
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="RetentionHold",
                    fields=[
                        (
                            "id",
                            models.UUIDField(
                                default=common.ids.uuid7, editable=False, primary_key=True, serialize=False
                            ),
                        ),
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
                        (
                            "id",
                            models.UUIDField(
                                default=common.ids.uuid7, editable=False, primary_key=True, serialize=False
                            ),
                        ),
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
                        "constraints": [
                            models.UniqueConstraint(fields=("tenant",), name="compliance_retention_policy_once")
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="RuleConfirmation",
                    fields=[
                        (
                            "id",
                            models.UUIDField(
                                default=common.ids.uuid7, editable=False, primary_key=True, serialize=False
                            ),
                        ),
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
                        "indexes": [
                            models.Index(fields=["tenant", "rule_id", "-id"], name="compliance_confirmation_of")
                        ],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(("source", ""), _negated=True),
                                name="compliance_confirmation_sourced",
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
            ],
        ),
        RowLevelSecurity(
            "compliance_asset",
            "compliance_assetphoto",
            "compliance_devicesighting",
            "compliance_party",
            "compliance_dataflow",
            "compliance_inventorychange",
            "compliance_packchoice",
            "compliance_analysis",
            "compliance_stalereason",
            "compliance_answer",
            "compliance_answerfile",
            "compliance_sectionstate",
            "compliance_sectionvisit",
            "compliance_risk",
            "compliance_riskorigin",
            "compliance_ratingchange",
            "compliance_riskexemption",
            "compliance_proberun",
            "compliance_probereading",
            "compliance_probestate",
            "compliance_activity",
            "compliance_task",
            "compliance_taskevent",
            "compliance_taskreminder",
            "compliance_calendarfeed",
            "compliance_specdecision",
            "compliance_snapshot",
            "compliance_recordentry",
            "compliance_vendor",
            "compliance_subprocessor",
            "compliance_vendoruse",
            "compliance_agreement",
            "compliance_clausefinding",
            "compliance_agreementcopy",
            "compliance_exitproof",
            "compliance_agreementreminder",
            "compliance_incident",
            "compliance_breachassessment",
            "compliance_breachnotice",
            "compliance_exposurereport",
            "compliance_policy",
            "compliance_policyversion",
            "compliance_policyapproval",
            "compliance_acknowledgement",
            "compliance_trainingrecord",
            "compliance_sanction",
            "compliance_accessrequest",
            "compliance_disclosure",
            "compliance_documentsnapshot",
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
        AppendOnly(
            "compliance_inventorychange",
            "compliance_ratingchange",
            "compliance_probereading",
            "compliance_activity",
            "compliance_taskevent",
            "compliance_specdecision",
            "compliance_snapshot",
            "compliance_recordentry",
            "compliance_agreementcopy",
            "compliance_exitproof",
            "compliance_breachassessment",
            "compliance_breachnotice",
            "compliance_exposurereport",
            "compliance_policyversion",
            "compliance_policyapproval",
            "compliance_acknowledgement",
            "compliance_trainingrecord",
            "compliance_sanction",
            "compliance_disclosure",
            "compliance_documentsnapshot",
            "compliance_ruleconfirmation",
        ),
    ]

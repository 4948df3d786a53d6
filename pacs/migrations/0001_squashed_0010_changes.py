import django.db.models.deletion
from django.db import migrations, models

import common.clock
import common.ids
from common.creating import CreateModels
from common.rls import RowLevelSecurity


class Migration(migrations.Migration):
    replaces = [
        ("pacs", "0001_initial"),
        ("pacs", "0002_uploads_and_corrections"),
        ("pacs", "0003_worklist"),
        ("pacs", "0004_scenes_and_half_volumes"),
        ("pacs", "0005_upload_pieces"),
        ("pacs", "0006_dimse"),
        ("pacs", "0007_series_procedures"),
        ("pacs", "0008_series_further_requests"),
        ("pacs", "0009_split_studies"),
        ("pacs", "0010_changes"),
    ]

    initial = True

    dependencies = [
        ("accounts", "0001_squashed_0003_languages"),
    ]

    operations = [
        CreateModels(
            models=[
                migrations.CreateModel(
                    name="Patient",
                    fields=[
                        (
                            "id",
                            models.UUIDField(
                                default=common.ids.uuid7, editable=False, primary_key=True, serialize=False
                            ),
                        ),
                        ("match_key", models.CharField(max_length=200)),
                        ("dicom_patient_id", models.CharField(blank=True, max_length=64)),
                        ("issuer", models.CharField(blank=True, max_length=64)),
                        ("name", models.CharField(blank=True, max_length=200)),
                        ("birth_date", models.DateField(null=True)),
                        ("sex", models.CharField(blank=True, max_length=16)),
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
                            "merged_into",
                            models.ForeignKey(
                                db_index=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="pacs.patient",
                            ),
                        ),
                        ("name_pn", models.CharField(blank=True, max_length=400)),
                    ],
                    options={
                        "constraints": [
                            models.UniqueConstraint(fields=("tenant", "match_key"), name="pacs_patient_once")
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Refusal",
                    fields=[
                        (
                            "id",
                            models.UUIDField(
                                default=common.ids.uuid7, editable=False, primary_key=True, serialize=False
                            ),
                        ),
                        ("reason", models.CharField(max_length=64)),
                        ("message", models.CharField(max_length=400)),
                        ("source", models.CharField(max_length=16)),
                        ("size_bytes", models.BigIntegerField(default=0)),
                        ("blob_id", models.UUIDField(null=True)),
                        ("study_instance_uid", models.CharField(blank=True, max_length=64)),
                        ("sop_instance_uid", models.CharField(blank=True, max_length=64)),
                        ("received_at", models.DateTimeField(default=common.clock.now)),
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
                        "indexes": [models.Index(fields=["tenant", "-received_at", "-id"], name="pacs_refusal_newest")],
                    },
                ),
                migrations.CreateModel(
                    name="Study",
                    fields=[
                        (
                            "id",
                            models.UUIDField(
                                default=common.ids.uuid7, editable=False, primary_key=True, serialize=False
                            ),
                        ),
                        ("key_id", models.UUIDField()),
                        ("study_instance_uid", models.CharField(max_length=64)),
                        ("study_date", models.DateField(null=True)),
                        ("study_time", models.CharField(blank=True, max_length=16)),
                        ("study_id", models.CharField(blank=True, max_length=64)),
                        ("accession_number", models.CharField(blank=True, max_length=64)),
                        ("description", models.CharField(blank=True, max_length=200)),
                        ("referring_physician_name", models.CharField(blank=True, max_length=200)),
                        ("patient_name_pn", models.CharField(blank=True, max_length=400)),
                        ("patient_name", models.CharField(blank=True, max_length=200)),
                        ("patient_name_folded", models.CharField(blank=True, max_length=200)),
                        ("dicom_patient_id", models.CharField(blank=True, max_length=64)),
                        ("issuer_of_patient_id", models.CharField(blank=True, max_length=64)),
                        ("patient_birth_date", models.DateField(null=True)),
                        ("patient_sex", models.CharField(blank=True, max_length=16)),
                        ("modalities", models.CharField(blank=True, max_length=120)),
                        ("number_of_series", models.IntegerField(default=0)),
                        ("number_of_instances", models.IntegerField(default=0)),
                        ("size_bytes", models.BigIntegerField(default=0)),
                        ("received_at", models.DateTimeField(default=common.clock.now)),
                        ("updated_at", models.DateTimeField(default=common.clock.now)),
                        ("conflict", models.CharField(blank=True, max_length=32)),
                        ("deleted_at", models.DateTimeField(null=True)),
                        (
                            "patient",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT, related_name="studies", to="pacs.patient"
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
                        ("conflict_with", models.JSONField(null=True)),
                        ("overlay", models.JSONField(null=True)),
                        ("assigned_to", models.UUIDField(null=True)),
                        ("report_state", models.CharField(blank=True, db_default="", default="", max_length=8)),
                        ("shared_until", models.DateTimeField(null=True)),
                    ],
                    options={
                        "indexes": [
                            models.Index(fields=["tenant", "-received_at", "-id"], name="pacs_study_by_received"),
                            models.Index(fields=["tenant", "-study_date", "-id"], name="pacs_study_by_date"),
                            models.Index(fields=["tenant", "patient_name_folded", "id"], name="pacs_study_by_name"),
                            models.Index(fields=["tenant", "patient"], name="pacs_study_by_patient"),
                            models.Index(
                                condition=models.Q(("deleted_at", None)),
                                fields=["tenant", "report_state", "-received_at", "-id"],
                                name="pacs_study_state_received",
                            ),
                            models.Index(
                                condition=models.Q(("deleted_at", None)),
                                fields=["tenant", "report_state", "-study_date", "-id"],
                                name="pacs_study_state_date",
                            ),
                            models.Index(
                                condition=models.Q(("deleted_at", None)),
                                fields=["tenant", "report_state", "patient_name_folded", "id"],
                                name="pacs_study_state_name",
                            ),
                            models.Index(fields=["tenant", "conflict", "-received_at", "-id"], name="pacs_study_held"),
                            models.Index(
                                condition=models.Q(("shared_until__isnull", False)),
                                fields=["tenant", "-shared_until"],
                                name="pacs_study_shared",
                            ),
                            models.Index(
                                condition=models.Q(("assigned_to__isnull", False)),
                                fields=["tenant", "assigned_to", "-id"],
                                name="pacs_study_assigned",
                            ),
                            models.Index(
                                fields=["tenant", "dicom_patient_id", "-study_date", "-id"], name="pacs_study_pid_date"
                            ),
                            models.Index(
                                fields=["tenant", "accession_number", "-study_date", "-id"],
                                name="pacs_study_accession_date",
                            ),
                            models.Index(
                                fields=["tenant", "referring_physician_name", "-study_date", "-id"],
                                name="pacs_study_physician_date",
                            ),
                        ],
                        "constraints": [
                            models.UniqueConstraint(
                                condition=models.Q(("deleted_at", None)),
                                fields=("tenant", "study_instance_uid"),
                                name="pacs_study_once",
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Series",
                    fields=[
                        (
                            "id",
                            models.UUIDField(
                                default=common.ids.uuid7, editable=False, primary_key=True, serialize=False
                            ),
                        ),
                        ("series_instance_uid", models.CharField(max_length=64)),
                        ("modality", models.CharField(blank=True, max_length=16)),
                        ("series_number", models.IntegerField(null=True)),
                        ("description", models.CharField(blank=True, max_length=200)),
                        ("body_part_examined", models.CharField(blank=True, max_length=64)),
                        ("laterality", models.CharField(blank=True, max_length=16)),
                        ("manufacturer", models.CharField(blank=True, max_length=120)),
                        ("manufacturer_model_name", models.CharField(blank=True, max_length=120)),
                        ("number_of_instances", models.IntegerField(default=0)),
                        ("size_bytes", models.BigIntegerField(default=0)),
                        ("layout", models.JSONField(null=True)),
                        ("metadata_blob_id", models.UUIDField(null=True)),
                        ("preview_blob_id", models.UUIDField(null=True)),
                        ("thumbnail_blob_id", models.UUIDField(null=True)),
                        ("prepared_instances", models.IntegerField(default=0)),
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
                            "study",
                            models.ForeignKey(
                                db_index=False,
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="series",
                                to="pacs.study",
                            ),
                        ),
                        ("half_blob_id", models.UUIDField(null=True)),
                        ("scene", models.BinaryField(null=True)),
                        ("performed_step_start_date", models.DateField(null=True)),
                        (
                            "performed_step_start_time",
                            models.CharField(blank=True, db_default="", default="", max_length=16),
                        ),
                        (
                            "requested_procedure_id",
                            models.CharField(blank=True, db_default="", default="", max_length=16),
                        ),
                        ("scheduled_step_id", models.CharField(blank=True, db_default="", default="", max_length=16)),
                        ("further_requests", models.TextField(blank=True, db_default="", default="")),
                    ],
                    options={
                        "indexes": [
                            models.Index(fields=["tenant", "series_instance_uid"], name="pacs_series_by_uid"),
                            models.Index(fields=["tenant", "modality", "study"], name="pacs_series_by_modality"),
                            models.Index(
                                condition=models.Q(
                                    ("prepared_instances__lt", models.F("number_of_instances")),
                                    ("scene", None),
                                    ("metadata_blob_id", None),
                                    _connector="OR",
                                ),
                                fields=["tenant", "study"],
                                name="pacs_series_behind",
                            ),
                            models.Index(
                                condition=models.Q(("performed_step_start_date__isnull", False)),
                                fields=["tenant", "performed_step_start_date", "study"],
                                name="pacs_series_by_step_date",
                            ),
                            models.Index(
                                condition=models.Q(("scheduled_step_id", ""), _negated=True),
                                fields=["tenant", "scheduled_step_id", "study"],
                                name="pacs_series_by_step",
                            ),
                            models.Index(
                                condition=models.Q(("requested_procedure_id", ""), _negated=True),
                                fields=["tenant", "requested_procedure_id", "study"],
                                name="pacs_series_by_procedure",
                            ),
                            models.Index(
                                condition=models.Q(("further_requests", ""), _negated=True),
                                fields=["tenant", "study"],
                                name="pacs_series_several_requests",
                            ),
                        ],
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("tenant", "study", "series_instance_uid"), name="pacs_series_once"
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Report",
                    fields=[
                        (
                            "id",
                            models.UUIDField(
                                default=common.ids.uuid7, editable=False, primary_key=True, serialize=False
                            ),
                        ),
                        ("version", models.IntegerField(default=1)),
                        (
                            "state",
                            models.CharField(
                                choices=[("draft", "Draft"), ("signed", "Signed")], default="draft", max_length=8
                            ),
                        ),
                        ("author_id", models.UUIDField()),
                        ("author_name", models.CharField(max_length=120)),
                        ("body", models.BinaryField()),
                        ("pdf_blob_id", models.UUIDField(null=True)),
                        ("created_at", models.DateTimeField(default=common.clock.now)),
                        ("changed_at", models.DateTimeField(default=common.clock.now)),
                        ("signed_at", models.DateTimeField(null=True)),
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
                            "study",
                            models.ForeignKey(
                                db_index=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="reports",
                                to="pacs.study",
                            ),
                        ),
                    ],
                    options={
                        "constraints": [
                            models.UniqueConstraint(fields=("tenant", "study", "version"), name="pacs_report_version")
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="NameToken",
                    fields=[
                        (
                            "id",
                            models.UUIDField(
                                default=common.ids.uuid7, editable=False, primary_key=True, serialize=False
                            ),
                        ),
                        ("token", models.CharField(max_length=64)),
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
                            "study",
                            models.ForeignKey(
                                db_index=False,
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="name_tokens",
                                to="pacs.study",
                            ),
                        ),
                    ],
                    options={
                        "indexes": [models.Index(fields=["tenant", "study", "token"], name="pacs_nametoken_of_study")],
                        "constraints": [
                            models.UniqueConstraint(fields=("tenant", "token", "study"), name="pacs_nametoken_once")
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Instance",
                    fields=[
                        (
                            "id",
                            models.UUIDField(
                                default=common.ids.uuid7, editable=False, primary_key=True, serialize=False
                            ),
                        ),
                        ("sop_instance_uid", models.CharField(max_length=64)),
                        ("sop_class_uid", models.CharField(max_length=64)),
                        ("transfer_syntax_uid", models.CharField(max_length=64)),
                        ("instance_number", models.IntegerField(null=True)),
                        ("rows", models.IntegerField(null=True)),
                        ("columns", models.IntegerField(null=True)),
                        ("number_of_frames", models.IntegerField(default=0)),
                        ("blob_id", models.UUIDField()),
                        ("size_bytes", models.BigIntegerField()),
                        ("sha256", models.BinaryField(max_length=32)),
                        ("crc32", models.BigIntegerField()),
                        ("frame_index", models.BinaryField(null=True)),
                        ("header", models.BinaryField()),
                        ("received_at", models.DateTimeField(default=common.clock.now)),
                        ("is_binned", models.BooleanField(default=False)),
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
                            "series",
                            models.ForeignKey(
                                db_index=False,
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="instances",
                                to="pacs.series",
                            ),
                        ),
                        (
                            "study",
                            models.ForeignKey(
                                db_index=False,
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="instances",
                                to="pacs.study",
                            ),
                        ),
                    ],
                    options={
                        "indexes": [
                            models.Index(
                                fields=["tenant", "series", "instance_number"], name="pacs_instance_by_series"
                            ),
                            models.Index(fields=["tenant", "study"], name="pacs_instance_by_study"),
                        ],
                        "constraints": [
                            models.UniqueConstraint(
                                condition=models.Q(("is_binned", False)),
                                fields=("tenant", "sop_instance_uid"),
                                name="pacs_instance_once",
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Correction",
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
                                    ("move", "Move"),
                                    ("merge", "Merge"),
                                    ("same", "Same"),
                                    ("other", "Other"),
                                    ("split", "Split"),
                                ],
                                max_length=8,
                            ),
                        ),
                        ("actor_id", models.UUIDField()),
                        ("made_at", models.DateTimeField(default=common.clock.now)),
                        ("undone_by", models.UUIDField(null=True)),
                        ("undone_at", models.DateTimeField(null=True)),
                        (
                            "from_patient",
                            models.ForeignKey(
                                db_index=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="pacs.patient",
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
                            "to_patient",
                            models.ForeignKey(
                                db_index=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="pacs.patient",
                            ),
                        ),
                    ],
                    options={
                        "indexes": [models.Index(fields=["tenant", "-id"], name="pacs_correction_newest")],
                    },
                ),
                migrations.CreateModel(
                    name="StudyMove",
                    fields=[
                        (
                            "id",
                            models.UUIDField(
                                default=common.ids.uuid7, editable=False, primary_key=True, serialize=False
                            ),
                        ),
                        ("before", models.JSONField()),
                        (
                            "correction",
                            models.ForeignKey(
                                db_index=False,
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="moves",
                                to="pacs.correction",
                            ),
                        ),
                        (
                            "from_patient",
                            models.ForeignKey(
                                db_index=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="pacs.patient",
                            ),
                        ),
                        (
                            "study",
                            models.ForeignKey(
                                db_index=False,
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="moves",
                                to="pacs.study",
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
                        "indexes": [models.Index(fields=["tenant", "correction"], name="pacs_move_by_correction")],
                        "constraints": [
                            models.UniqueConstraint(fields=("tenant", "study", "correction"), name="pacs_move_once")
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Upload",
                    fields=[
                        (
                            "id",
                            models.UUIDField(
                                default=common.ids.uuid7, editable=False, primary_key=True, serialize=False
                            ),
                        ),
                        ("owner_id", models.UUIDField()),
                        ("digest", models.BinaryField(max_length=32)),
                        ("label", models.CharField(blank=True, max_length=120)),
                        ("total_files", models.IntegerField()),
                        ("total_bytes", models.BigIntegerField()),
                        ("started_at", models.DateTimeField(default=common.clock.now)),
                        ("changed_at", models.DateTimeField(default=common.clock.now)),
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
                        "indexes": [models.Index(fields=["tenant", "owner_id", "-id"], name="pacs_upload_newest")],
                        "constraints": [
                            models.UniqueConstraint(
                                condition=models.Q(("ended_at", None)),
                                fields=("tenant", "owner_id", "digest"),
                                name="pacs_upload_open_once",
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="UploadedFile",
                    fields=[
                        (
                            "id",
                            models.UUIDField(
                                default=common.ids.uuid7, editable=False, primary_key=True, serialize=False
                            ),
                        ),
                        ("fingerprint", models.BinaryField(max_length=32)),
                        ("size_bytes", models.BigIntegerField(default=0)),
                        ("status", models.CharField(max_length=12)),
                        ("message", models.CharField(blank=True, max_length=400)),
                        ("study_instance_uid", models.CharField(blank=True, max_length=64)),
                        ("sop_instance_uid", models.CharField(blank=True, max_length=64)),
                        ("received_at", models.DateTimeField(default=common.clock.now)),
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
                            "upload",
                            models.ForeignKey(
                                db_index=False,
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="files",
                                to="pacs.upload",
                            ),
                        ),
                    ],
                    options={
                        "indexes": [models.Index(fields=["tenant", "fingerprint"], name="pacs_uploadedfile_by_print")],
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("tenant", "upload", "fingerprint"), name="pacs_uploadedfile_once"
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="MonthFigures",
                    fields=[
                        (
                            "id",
                            models.UUIDField(
                                default=common.ids.uuid7, editable=False, primary_key=True, serialize=False
                            ),
                        ),
                        ("month", models.DateField()),
                        ("studies", models.IntegerField(default=0)),
                        ("images", models.IntegerField(default=0)),
                        ("size_bytes", models.BigIntegerField(default=0)),
                        ("events", models.JSONField(default=dict)),
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
                            models.UniqueConstraint(fields=("tenant", "month"), name="pacs_monthfigures_once")
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="SavedSearch",
                    fields=[
                        (
                            "id",
                            models.UUIDField(
                                default=common.ids.uuid7, editable=False, primary_key=True, serialize=False
                            ),
                        ),
                        ("owner_id", models.UUIDField()),
                        ("name", models.CharField(max_length=60)),
                        ("is_shared", models.BooleanField(default=False)),
                        ("criteria", models.JSONField(default=dict)),
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
                            models.UniqueConstraint(fields=("tenant", "owner_id", "name"), name="pacs_savedsearch_name")
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="UploadPiece",
                    fields=[
                        (
                            "id",
                            models.UUIDField(
                                default=common.ids.uuid7, editable=False, primary_key=True, serialize=False
                            ),
                        ),
                        ("fingerprint", models.BinaryField(max_length=32)),
                        ("number", models.IntegerField()),
                        ("size_bytes", models.BigIntegerField()),
                        ("blob_id", models.UUIDField()),
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
                            "upload",
                            models.ForeignKey(
                                db_index=False,
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="pieces",
                                to="pacs.upload",
                            ),
                        ),
                    ],
                    options={
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("tenant", "upload", "fingerprint", "number"), name="pacs_uploadpiece_once"
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Appointment",
                    fields=[
                        (
                            "id",
                            models.UUIDField(
                                default=common.ids.uuid7, editable=False, primary_key=True, serialize=False
                            ),
                        ),
                        ("external_id", models.CharField(max_length=64)),
                        (
                            "state",
                            models.CharField(
                                choices=[
                                    ("scheduled", "Scheduled"),
                                    ("started", "Started"),
                                    ("done", "Done"),
                                    ("cancelled", "Cancelled"),
                                ],
                                default="scheduled",
                                max_length=12,
                            ),
                        ),
                        ("patient_id", models.CharField(max_length=64)),
                        ("issuer", models.CharField(blank=True, max_length=64)),
                        ("patient_name_pn", models.CharField(max_length=400)),
                        ("patient_name_folded", models.CharField(blank=True, max_length=200)),
                        ("birth_date", models.DateField(null=True)),
                        ("sex", models.CharField(blank=True, max_length=1)),
                        ("start_date", models.DateField()),
                        ("start_time", models.CharField(blank=True, max_length=6)),
                        ("modality", models.CharField(blank=True, max_length=16)),
                        ("station_ae_title", models.CharField(blank=True, max_length=16)),
                        ("accession_number", models.CharField(blank=True, max_length=16)),
                        ("study_instance_uid", models.CharField(max_length=64)),
                        ("description", models.CharField(blank=True, max_length=64)),
                        ("referring_physician_pn", models.CharField(blank=True, max_length=200)),
                        ("matched_at", models.DateTimeField(null=True)),
                        ("matched_by", models.CharField(blank=True, max_length=8)),
                        ("created_at", models.DateTimeField(default=common.clock.now)),
                        ("changed_at", models.DateTimeField(default=common.clock.now)),
                        (
                            "study",
                            models.ForeignKey(
                                db_index=False,
                                null=True,
                                on_delete=django.db.models.deletion.SET_NULL,
                                related_name="+",
                                to="pacs.study",
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
                                fields=["tenant", "start_date", "start_time", "id"], name="pacs_appointment_by_day"
                            ),
                            models.Index(
                                fields=["tenant", "patient_id", "start_date"], name="pacs_appointment_by_patient"
                            ),
                            models.Index(
                                condition=models.Q(("accession_number", ""), _negated=True),
                                fields=["tenant", "accession_number"],
                                name="pacs_appointment_by_number",
                            ),
                            models.Index(fields=["tenant", "study"], name="pacs_appointment_by_study"),
                        ],
                        "constraints": [
                            models.UniqueConstraint(fields=("tenant", "external_id"), name="pacs_appointment_once"),
                            models.UniqueConstraint(
                                fields=("tenant", "study_instance_uid"), name="pacs_appointment_uid"
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="CalledTitle",
                    fields=[
                        (
                            "id",
                            models.UUIDField(
                                default=common.ids.uuid7, editable=False, primary_key=True, serialize=False
                            ),
                        ),
                        ("ae_title", models.CharField(max_length=16)),
                        ("takes_unknown_classes", models.BooleanField(default=False)),
                        ("is_enabled", models.BooleanField(default=True)),
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
                            models.UniqueConstraint(fields=("tenant", "ae_title"), name="pacs_calledtitle_once")
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Peer",
                    fields=[
                        (
                            "id",
                            models.UUIDField(
                                default=common.ids.uuid7, editable=False, primary_key=True, serialize=False
                            ),
                        ),
                        ("ae_title", models.CharField(max_length=16)),
                        ("name", models.CharField(blank=True, max_length=120)),
                        (
                            "state",
                            models.CharField(
                                choices=[("proposed", "Proposed"), ("allowed", "Allowed"), ("disabled", "Disabled")],
                                default="proposed",
                                max_length=8,
                            ),
                        ),
                        ("host", models.CharField(blank=True, max_length=255)),
                        ("port", models.IntegerField(default=104)),
                        ("uses_tls", models.BooleanField(default=False)),
                        ("certificate_sha256", models.CharField(blank=True, max_length=64)),
                        ("can_store", models.BooleanField(default=True)),
                        ("can_query", models.BooleanField(default=False)),
                        ("can_retrieve", models.BooleanField(default=False)),
                        ("can_worklist", models.BooleanField(default=True)),
                        ("first_seen_at", models.DateTimeField(null=True)),
                        ("last_seen_at", models.DateTimeField(null=True)),
                        ("last_address", models.CharField(blank=True, max_length=45)),
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
                        "indexes": [models.Index(fields=["tenant", "state", "ae_title"], name="pacs_peer_by_state")],
                        "constraints": [
                            models.UniqueConstraint(fields=("tenant", "ae_title"), name="pacs_peer_once"),
                            models.CheckConstraint(
                                condition=models.Q(("port__range", (1, 65535))), name="pacs_peer_port"
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Commitment",
                    fields=[
                        (
                            "id",
                            models.UUIDField(
                                default=common.ids.uuid7, editable=False, primary_key=True, serialize=False
                            ),
                        ),
                        ("transaction_uid", models.CharField(max_length=64)),
                        ("called_ae_title", models.CharField(max_length=16)),
                        ("instances", models.JSONField(default=list)),
                        ("asked_at", models.DateTimeField(default=common.clock.now)),
                        ("answered_at", models.DateTimeField(null=True)),
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
                            "peer",
                            models.ForeignKey(
                                db_index=False,
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="commitments",
                                to="pacs.peer",
                            ),
                        ),
                    ],
                    options={
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("tenant", "peer", "transaction_uid"), name="pacs_commitment_once"
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="PerformedStep",
                    fields=[
                        (
                            "id",
                            models.UUIDField(
                                default=common.ids.uuid7, editable=False, primary_key=True, serialize=False
                            ),
                        ),
                        ("sop_instance_uid", models.CharField(max_length=64)),
                        (
                            "state",
                            models.CharField(
                                choices=[
                                    ("IN PROGRESS", "In Progress"),
                                    ("COMPLETED", "Completed"),
                                    ("DISCONTINUED", "Discontinued"),
                                ],
                                max_length=12,
                            ),
                        ),
                        ("study_instance_uid", models.CharField(blank=True, max_length=64)),
                        ("peer_id", models.UUIDField()),
                        ("modality", models.CharField(blank=True, max_length=16)),
                        ("instances", models.JSONField(default=list)),
                        ("started_at", models.DateTimeField(default=common.clock.now)),
                        ("ended_at", models.DateTimeField(null=True)),
                        (
                            "appointment",
                            models.ForeignKey(
                                db_index=False,
                                null=True,
                                on_delete=django.db.models.deletion.SET_NULL,
                                related_name="steps",
                                to="pacs.appointment",
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
                        "indexes": [models.Index(fields=["tenant", "appointment"], name="pacs_performedstep_of")],
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("tenant", "sop_instance_uid"), name="pacs_performedstep_once"
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Unmatched",
                    fields=[
                        (
                            "id",
                            models.UUIDField(
                                default=common.ids.uuid7, editable=False, primary_key=True, serialize=False
                            ),
                        ),
                        (
                            "reason",
                            models.CharField(
                                choices=[("none", "None"), ("several", "Several"), ("differs", "Differs")], max_length=8
                            ),
                        ),
                        ("noted_at", models.DateTimeField(default=common.clock.now)),
                        ("decided_at", models.DateTimeField(null=True)),
                        ("decided_by", models.UUIDField(null=True)),
                        (
                            "study",
                            models.ForeignKey(
                                db_index=False,
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="+",
                                to="pacs.study",
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
                                condition=models.Q(("decided_at", None)),
                                fields=["tenant", "-noted_at"],
                                name="pacs_unmatched_waiting",
                            )
                        ],
                        "constraints": [
                            models.UniqueConstraint(fields=("tenant", "study"), name="pacs_unmatched_once")
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="SplitSeries",
                    fields=[
                        (
                            "id",
                            models.UUIDField(
                                default=common.ids.uuid7, editable=False, primary_key=True, serialize=False
                            ),
                        ),
                        ("place", models.BinaryField(max_length=32)),
                        (
                            "study",
                            models.ForeignKey(
                                db_index=False,
                                null=True,
                                on_delete=django.db.models.deletion.SET_NULL,
                                related_name="+",
                                to="pacs.study",
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
                        "indexes": [models.Index(fields=["tenant", "study"], name="pacs_splitseries_of_study")],
                        "constraints": [
                            models.UniqueConstraint(fields=("tenant", "place"), name="pacs_splitseries_once")
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Change",
                    fields=[
                        (
                            "id",
                            models.UUIDField(
                                default=common.ids.uuid7, editable=False, primary_key=True, serialize=False
                            ),
                        ),
                        ("study_id", models.UUIDField()),
                        ("number", models.BigIntegerField()),
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
                        "constraints": [
                            models.UniqueConstraint(fields=("tenant", "study_id"), name="pacs_change_once"),
                            models.UniqueConstraint(fields=("tenant", "number"), name="pacs_change_in_order"),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Feed",
                    fields=[
                        (
                            "id",
                            models.UUIDField(
                                default=common.ids.uuid7, editable=False, primary_key=True, serialize=False
                            ),
                        ),
                        ("last", models.BigIntegerField(default=0)),
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
                        "constraints": [models.UniqueConstraint(fields=("tenant",), name="pacs_feed_once")],
                    },
                ),
                migrations.CreateModel(
                    name="Hook",
                    fields=[
                        (
                            "id",
                            models.UUIDField(
                                default=common.ids.uuid7, editable=False, primary_key=True, serialize=False
                            ),
                        ),
                        ("url", models.CharField(max_length=500)),
                        ("is_on", models.BooleanField(default=True)),
                        ("taken", models.BigIntegerField(default=0)),
                        ("taken_at", models.DateTimeField(null=True)),
                        ("failing_since", models.DateTimeField(null=True)),
                        ("failure", models.CharField(blank=True, max_length=200)),
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
                        "constraints": [models.UniqueConstraint(fields=("tenant", "url"), name="pacs_hook_once")],
                    },
                ),
            ],
        ),
        RowLevelSecurity(
            "pacs_patient",
            "pacs_study",
            "pacs_nametoken",
            "pacs_series",
            "pacs_instance",
            "pacs_refusal",
            "pacs_report",
            "pacs_correction",
            "pacs_studymove",
            "pacs_upload",
            "pacs_uploadedfile",
            "pacs_savedsearch",
            "pacs_monthfigures",
            "pacs_uploadpiece",
            "pacs_appointment",
            "pacs_unmatched",
            "pacs_performedstep",
            "pacs_calledtitle",
            "pacs_peer",
            "pacs_commitment",
            "pacs_splitseries",
            "pacs_change",
            "pacs_feed",
            "pacs_hook",
        ),
    ]

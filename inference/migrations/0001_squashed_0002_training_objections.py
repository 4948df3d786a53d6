import django.db.models.deletion
from django.db import migrations, models

import common.clock
import common.ids
from common.creating import CreateModels
from common.rls import RowLevelSecurity


class Migration(migrations.Migration):
    replaces = [("inference", "0001_initial"), ("inference", "0002_training_objections")]

    initial = True

    dependencies = [
        ("accounts", "0001_squashed_0003_languages"),
        ("pacs", "0001_squashed_0010_changes"),
    ]

    operations = [
        CreateModels(
            models=[
                migrations.CreateModel(
                    name="Network",
                    fields=[
                        (
                            "id",
                            models.UUIDField(
                                default=common.ids.uuid7, editable=False, primary_key=True, serialize=False
                            ),
                        ),
                        ("name", models.CharField(max_length=64)),
                        ("version", models.CharField(max_length=40)),
                        ("title", models.CharField(max_length=200)),
                        ("licence", models.CharField(max_length=200)),
                        ("supplier_name", models.CharField(max_length=200)),
                        ("relation", models.CharField(max_length=16)),
                        ("task", models.CharField(max_length=32)),
                        ("kinds", models.JSONField(default=list)),
                        ("digest", models.BinaryField(max_length=32)),
                        ("manifest", models.TextField()),
                        ("card", models.TextField(blank=True)),
                        ("onnx_blob_id", models.UUIDField()),
                        ("golden_blob_id", models.UUIDField()),
                        ("size_bytes", models.BigIntegerField()),
                        ("is_bundled", models.BooleanField(default=False)),
                        ("checks", models.JSONField(default=dict)),
                        ("imported_by", models.UUIDField()),
                        ("imported_at", models.DateTimeField(default=common.clock.now)),
                        ("retired_at", models.DateTimeField(null=True)),
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
                                fields=("tenant", "name", "version"), name="inference_network_version"
                            ),
                            models.UniqueConstraint(fields=("tenant", "digest"), name="inference_network_digest"),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Batch",
                    fields=[
                        (
                            "id",
                            models.UUIDField(
                                default=common.ids.uuid7, editable=False, primary_key=True, serialize=False
                            ),
                        ),
                        ("from_date", models.DateField()),
                        ("to_date", models.DateField()),
                        ("asked_by", models.UUIDField()),
                        ("asked_at", models.DateTimeField(default=common.clock.now)),
                        ("total", models.IntegerField(default=0)),
                        ("known", models.IntegerField(default=0)),
                        ("planned_at", models.DateTimeField(null=True)),
                        ("cancelled_at", models.DateTimeField(null=True)),
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
                            "network",
                            models.ForeignKey(
                                db_index=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="batches",
                                to="inference.network",
                            ),
                        ),
                    ],
                    options={
                        "indexes": [models.Index(fields=["tenant", "-id"], name="inference_batch_newest")],
                    },
                ),
                migrations.CreateModel(
                    name="Rate",
                    fields=[
                        (
                            "id",
                            models.UUIDField(
                                default=common.ids.uuid7, editable=False, primary_key=True, serialize=False
                            ),
                        ),
                        ("per_cpu_hour_micros", models.BigIntegerField()),
                        ("currency", models.CharField(default="USD", max_length=3)),
                        ("set_by", models.UUIDField()),
                        ("set_at", models.DateTimeField(default=common.clock.now)),
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
                        "indexes": [models.Index(fields=["tenant", "-id"], name="inference_rate_newest")],
                    },
                ),
                migrations.CreateModel(
                    name="Rule",
                    fields=[
                        (
                            "id",
                            models.UUIDField(
                                default=common.ids.uuid7, editable=False, primary_key=True, serialize=False
                            ),
                        ),
                        ("kinds", models.JSONField(default=list)),
                        ("modality", models.CharField(blank=True, max_length=16)),
                        ("body_part", models.CharField(blank=True, max_length=64)),
                        ("device", models.CharField(blank=True, max_length=120)),
                        ("site", models.CharField(blank=True, max_length=120)),
                        ("is_on", models.BooleanField(default=True)),
                        ("made_by", models.UUIDField()),
                        ("made_at", models.DateTimeField(default=common.clock.now)),
                        (
                            "network",
                            models.ForeignKey(
                                db_index=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="rules",
                                to="inference.network",
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
                        "indexes": [models.Index(fields=["tenant", "network"], name="inference_rule_network")],
                    },
                ),
                migrations.CreateModel(
                    name="Run",
                    fields=[
                        (
                            "id",
                            models.UUIDField(
                                default=common.ids.uuid7, editable=False, primary_key=True, serialize=False
                            ),
                        ),
                        ("input_sha256", models.BinaryField(max_length=32)),
                        (
                            "trigger",
                            models.CharField(
                                choices=[("arrival", "Arrival"), ("demand", "Demand"), ("batch", "Batch")], max_length=8
                            ),
                        ),
                        ("asked_by", models.UUIDField()),
                        ("asked_at", models.DateTimeField(default=common.clock.now)),
                        (
                            "state",
                            models.CharField(
                                choices=[
                                    ("waiting", "Waiting"),
                                    ("running", "Running"),
                                    ("done", "Done"),
                                    ("failed", "Failed"),
                                    ("cancelled", "Cancelled"),
                                ],
                                default="waiting",
                                max_length=9,
                            ),
                        ),
                        ("attempts", models.IntegerField(default=0)),
                        ("fence", models.BigIntegerField(default=0)),
                        ("began_at", models.DateTimeField(null=True)),
                        ("ended_at", models.DateTimeField(null=True)),
                        ("code", models.CharField(blank=True, max_length=40)),
                        ("message", models.CharField(blank=True, max_length=400)),
                        ("runtime", models.CharField(blank=True, max_length=60)),
                        ("output_sha256", models.BinaryField(max_length=32, null=True)),
                        ("result_blob_id", models.UUIDField(null=True)),
                        ("finding_count", models.IntegerField(default=0)),
                        ("cpu_ms", models.IntegerField(default=0)),
                        ("wall_ms", models.IntegerField(default=0)),
                        ("cost_micros", models.BigIntegerField(default=0)),
                        (
                            "batch",
                            models.ForeignKey(
                                db_index=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="runs",
                                to="inference.batch",
                            ),
                        ),
                        (
                            "instance",
                            models.ForeignKey(
                                db_index=False,
                                null=True,
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="+",
                                to="pacs.instance",
                            ),
                        ),
                        (
                            "network",
                            models.ForeignKey(
                                db_index=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="runs",
                                to="inference.network",
                            ),
                        ),
                        (
                            "series",
                            models.ForeignKey(
                                db_index=False,
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="+",
                                to="pacs.series",
                            ),
                        ),
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
                            models.Index(fields=["tenant", "state", "-id"], name="inference_run_state"),
                            models.Index(fields=["tenant", "batch", "state"], name="inference_run_batch"),
                            models.Index(fields=["tenant", "ended_at"], name="inference_run_ended"),
                        ],
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("tenant", "study", "network", "input_sha256"), name="inference_run_once"
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Finding",
                    fields=[
                        (
                            "id",
                            models.UUIDField(
                                default=common.ids.uuid7, editable=False, primary_key=True, serialize=False
                            ),
                        ),
                        ("number", models.IntegerField()),
                        ("key", models.CharField(max_length=64)),
                        ("title", models.CharField(max_length=200)),
                        ("code_scheme", models.CharField(max_length=16)),
                        ("code_value", models.CharField(max_length=64)),
                        ("score", models.FloatField()),
                        ("left", models.FloatField(null=True)),
                        ("top", models.FloatField(null=True)),
                        ("right", models.FloatField(null=True)),
                        ("bottom", models.FloatField(null=True)),
                        ("first_slice", models.IntegerField(null=True)),
                        ("last_slice", models.IntegerField(null=True)),
                        ("teeth", models.CharField(blank=True, max_length=16)),
                        ("urgency", models.SmallIntegerField(default=0)),
                        ("tag", models.CharField(blank=True, max_length=80)),
                        (
                            "state",
                            models.CharField(
                                choices=[
                                    ("preliminary", "Preliminary"),
                                    ("accepted", "Accepted"),
                                    ("edited", "Edited"),
                                    ("rejected", "Rejected"),
                                ],
                                default="preliminary",
                                max_length=11,
                            ),
                        ),
                        ("judged_by", models.UUIDField(null=True)),
                        ("judged_at", models.DateTimeField(null=True)),
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
                        (
                            "run",
                            models.ForeignKey(
                                db_index=False,
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="findings",
                                to="inference.run",
                            ),
                        ),
                    ],
                    options={
                        "indexes": [
                            models.Index(fields=["tenant", "study"], name="inference_finding_study"),
                            models.Index(fields=["tenant", "key", "-id"], name="inference_finding_key"),
                        ],
                        "constraints": [
                            models.UniqueConstraint(fields=("tenant", "run", "number"), name="inference_finding_once")
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="StudyTag",
                    fields=[
                        (
                            "id",
                            models.UUIDField(
                                default=common.ids.uuid7, editable=False, primary_key=True, serialize=False
                            ),
                        ),
                        ("tag", models.CharField(max_length=80)),
                        (
                            "source",
                            models.CharField(
                                choices=[("image", "Image"), ("network", "Network"), ("series", "Series")], max_length=8
                            ),
                        ),
                        ("urgency", models.SmallIntegerField(default=0)),
                        ("tagged_at", models.DateTimeField(default=common.clock.now)),
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
                        "indexes": [models.Index(fields=["tenant", "tag", "-id"], name="inference_studytag_tag")],
                        "constraints": [
                            models.UniqueConstraint(fields=("tenant", "study", "tag"), name="inference_studytag_once")
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="TrainingChoice",
                    fields=[
                        (
                            "id",
                            models.UUIDField(
                                default=common.ids.uuid7, editable=False, primary_key=True, serialize=False
                            ),
                        ),
                        ("is_allowed", models.BooleanField()),
                        ("purpose", models.CharField(max_length=400)),
                        ("decided_by", models.UUIDField()),
                        ("decided_at", models.DateTimeField(default=common.clock.now)),
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
                        "indexes": [models.Index(fields=["tenant", "-id"], name="inference_training_newest")],
                    },
                ),
                migrations.CreateModel(
                    name="ImageTag",
                    fields=[
                        (
                            "id",
                            models.UUIDField(
                                default=common.ids.uuid7, editable=False, primary_key=True, serialize=False
                            ),
                        ),
                        ("kind", models.CharField(blank=True, max_length=16)),
                        ("told_by", models.CharField(blank=True, max_length=8)),
                        ("laterality", models.CharField(blank=True, max_length=1)),
                        ("teeth", models.CharField(blank=True, max_length=16)),
                        ("flags", models.JSONField(default=list)),
                        ("is_readable", models.BooleanField(default=True)),
                        ("modality", models.CharField(blank=True, max_length=16)),
                        ("body_part", models.CharField(blank=True, max_length=64)),
                        ("device", models.CharField(blank=True, max_length=250)),
                        ("site", models.CharField(blank=True, max_length=120)),
                        ("procedure", models.CharField(blank=True, max_length=200)),
                        ("input_sha256", models.BinaryField(max_length=32)),
                        ("tagged_at", models.DateTimeField(default=common.clock.now)),
                        (
                            "instance",
                            models.ForeignKey(
                                db_index=False,
                                null=True,
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="+",
                                to="pacs.instance",
                            ),
                        ),
                        (
                            "series",
                            models.ForeignKey(
                                db_index=False,
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="+",
                                to="pacs.series",
                            ),
                        ),
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
                        "indexes": [models.Index(fields=["tenant", "study"], name="inference_imagetag_study")],
                        "constraints": [
                            models.UniqueConstraint(
                                condition=models.Q(("instance__isnull", False)),
                                fields=("tenant", "series", "instance"),
                                name="inference_imagetag_film",
                            ),
                            models.UniqueConstraint(
                                condition=models.Q(("instance", None)),
                                fields=("tenant", "series"),
                                name="inference_imagetag_volume",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="TrainingObjection",
                    fields=[
                        (
                            "id",
                            models.UUIDField(
                                default=common.ids.uuid7, editable=False, primary_key=True, serialize=False
                            ),
                        ),
                        ("is_standing", models.BooleanField()),
                        ("said_at", models.DateTimeField(default=common.clock.now)),
                        (
                            "patient",
                            models.ForeignKey(
                                db_index=False,
                                on_delete=django.db.models.deletion.CASCADE,
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
                    ],
                    options={
                        "indexes": [
                            models.Index(fields=["tenant", "patient", "-id"], name="inference_objection_newest")
                        ],
                    },
                ),
            ],
        ),
        RowLevelSecurity(
            "inference_network",
            "inference_rule",
            "inference_batch",
            "inference_run",
            "inference_finding",
            "inference_imagetag",
            "inference_studytag",
            "inference_trainingchoice",
            "inference_rate",
            "inference_trainingobjection",
        ),
    ]

import django.db.models.deletion
from django.db import migrations, models

import common.clock
import common.ids
from common.creating import CreateModels
from common.rls import RowLevelSecurity


class Migration(migrations.Migration):
    replaces = [("vault", "0001_initial"), ("vault", "0002_destruction")]

    initial = True

    dependencies = [
        ("accounts", "0001_squashed_0003_languages"),
    ]

    operations = [
        CreateModels(
            models=[
                migrations.CreateModel(
                    name="StudyKey",
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
                                choices=[("study", "Study"), ("patient", "Patient")], default="study", max_length=8
                            ),
                        ),
                        ("name", models.CharField(max_length=64, null=True)),
                        ("epoch", models.PositiveIntegerField()),
                        ("wrapped", models.BinaryField(max_length=60, null=True)),
                        ("kcv", models.BinaryField(max_length=8)),
                        ("created_at", models.DateTimeField(default=common.clock.now)),
                        ("shredded_at", models.DateTimeField(null=True)),
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
                        "indexes": [models.Index(fields=["tenant", "epoch"], name="vault_studykey_epoch")],
                        "constraints": [
                            models.UniqueConstraint(fields=("tenant", "kind", "name"), name="vault_studykey_name"),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("shredded_at", None), ("wrapped__isnull", False)),
                                    models.Q(("shredded_at__isnull", False), ("wrapped", None)),
                                    _connector="OR",
                                ),
                                name="vault_studykey_shredded",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Blob",
                    fields=[
                        (
                            "id",
                            models.UUIDField(
                                default=common.ids.uuid7, editable=False, primary_key=True, serialize=False
                            ),
                        ),
                        ("kind", models.PositiveSmallIntegerField()),
                        ("backend", models.CharField(max_length=8)),
                        ("object_key", models.CharField(max_length=64)),
                        ("head", models.BinaryField(max_length=122)),
                        ("plain_size", models.PositiveBigIntegerField()),
                        ("cipher_size", models.PositiveBigIntegerField()),
                        ("sha256", models.BinaryField(max_length=32)),
                        (
                            "state",
                            models.CharField(
                                choices=[
                                    ("staged", "Staged"),
                                    ("live", "Live"),
                                    ("deleting", "Deleting"),
                                    ("gone", "Gone"),
                                ],
                                default="live",
                                max_length=8,
                            ),
                        ),
                        ("created_at", models.DateTimeField(default=common.clock.now)),
                        ("verified_at", models.DateTimeField(null=True)),
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
                            "study_key",
                            models.ForeignKey(
                                db_index=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="vault.studykey",
                            ),
                        ),
                    ],
                    options={
                        "indexes": [
                            models.Index(fields=["tenant", "study_key"], name="vault_blob_study_key"),
                            models.Index(
                                condition=models.Q(("state", "live"), _negated=True),
                                fields=["tenant", "state"],
                                name="vault_blob_not_live",
                            ),
                        ],
                        "constraints": [
                            models.UniqueConstraint(fields=("tenant", "object_key"), name="vault_blob_object_key")
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="TenantKek",
                    fields=[
                        (
                            "id",
                            models.UUIDField(
                                default=common.ids.uuid7, editable=False, primary_key=True, serialize=False
                            ),
                        ),
                        ("epoch", models.PositiveIntegerField()),
                        (
                            "state",
                            models.CharField(
                                choices=[("active", "Active"), ("retiring", "Retiring"), ("destroyed", "Destroyed")],
                                default="active",
                                max_length=9,
                            ),
                        ),
                        ("created_at", models.DateTimeField(default=common.clock.now)),
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
                        ("root", models.CharField(blank=True, db_default="", default="", max_length=300)),
                    ],
                    options={
                        "constraints": [
                            models.UniqueConstraint(fields=("tenant", "epoch"), name="vault_tenantkek_epoch"),
                            models.UniqueConstraint(
                                condition=models.Q(("state", "active")),
                                fields=("tenant",),
                                name="vault_tenantkek_one_active",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Barrier",
                    fields=[
                        (
                            "id",
                            models.UUIDField(
                                default=common.ids.uuid7, editable=False, primary_key=True, serialize=False
                            ),
                        ),
                        ("from_epoch", models.PositiveIntegerField()),
                        ("to_epoch", models.PositiveIntegerField()),
                        ("survivors", models.PositiveIntegerField()),
                        (
                            "step",
                            models.CharField(
                                choices=[
                                    ("rewrapped", "Rewrapped"),
                                    ("manifested", "Manifested"),
                                    ("key_destroyed", "Key Destroyed"),
                                    ("finished", "Finished"),
                                ],
                                default="rewrapped",
                                max_length=13,
                            ),
                        ),
                        ("rewrapped_at", models.DateTimeField(default=common.clock.now)),
                        ("destroyed_at", models.DateTimeField(null=True)),
                        ("irrecoverable_after", models.DateTimeField(null=True)),
                        ("backups_expire_at", models.DateTimeField(null=True)),
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
                        "constraints": [
                            models.UniqueConstraint(fields=("tenant", "from_epoch"), name="vault_barrier_epoch"),
                            models.UniqueConstraint(
                                condition=models.Q(("step", "finished"), _negated=True),
                                fields=("tenant",),
                                name="vault_barrier_one_unfinished",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Destruction",
                    fields=[
                        (
                            "id",
                            models.UUIDField(
                                default=common.ids.uuid7, editable=False, primary_key=True, serialize=False
                            ),
                        ),
                        ("study_ref", models.UUIDField()),
                        ("rule", models.CharField(max_length=200)),
                        ("reason", models.CharField(max_length=200)),
                        ("requested_by", models.UUIDField()),
                        ("requested_at", models.DateTimeField(default=common.clock.now)),
                        (
                            "state",
                            models.CharField(
                                choices=[
                                    ("shred_queued", "Queued"),
                                    ("barrier_begun", "Barrier Begun"),
                                    ("barrier_done", "Barrier Done"),
                                    ("objects_gone", "Objects Gone"),
                                    ("certified", "Certified"),
                                ],
                                default="shred_queued",
                                max_length=13,
                            ),
                        ),
                        ("objects_were", models.JSONField(null=True)),
                        ("objects_gone_at", models.DateTimeField(null=True)),
                        ("event_id", models.UUIDField(null=True)),
                        ("certified_at", models.DateTimeField(null=True)),
                        ("certificate", models.BinaryField(null=True)),
                        ("signature", models.BinaryField(null=True)),
                        (
                            "barrier",
                            models.ForeignKey(
                                db_index=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="vault.barrier",
                            ),
                        ),
                        (
                            "study_key",
                            models.ForeignKey(
                                db_index=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="vault.studykey",
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
                                condition=models.Q(("state", "certified"), _negated=True),
                                fields=["tenant", "state"],
                                name="vault_destruction_under_way",
                            ),
                            models.Index(fields=["tenant", "study_ref"], name="vault_destruction_study"),
                        ],
                        "constraints": [
                            models.UniqueConstraint(fields=("tenant", "study_key"), name="vault_destruction_once"),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("barrier", None), ("state", "shred_queued")),
                                    models.Q(
                                        models.Q(("state", "shred_queued"), _negated=True), ("barrier__isnull", False)
                                    ),
                                    _connector="OR",
                                ),
                                name="vault_destruction_barrier",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("state", "certified"), _negated=True),
                                    models.Q(("certificate__isnull", False), ("signature__isnull", False)),
                                    _connector="OR",
                                ),
                                name="vault_destruction_certified",
                            ),
                        ],
                    },
                ),
            ],
        ),
        RowLevelSecurity("vault_studykey", "vault_tenantkek", "vault_blob", "vault_barrier", "vault_destruction"),
    ]

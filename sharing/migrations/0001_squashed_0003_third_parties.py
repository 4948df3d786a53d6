import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import common.clock
import common.ids
from common.creating import CreateModels
from common.rls import RowLevelSecurity


class Migration(migrations.Migration):
    replaces = [("sharing", "0001_initial"), ("sharing", "0002_patients"), ("sharing", "0003_third_parties")]

    initial = True

    dependencies = [
        ("accounts", "0001_squashed_0003_languages"),
        ("pacs", "0001_squashed_0010_changes"),
    ]

    operations = [
        CreateModels(
            models=[
                migrations.CreateModel(
                    name="ShareLink",
                    fields=[
                        (
                            "id",
                            models.UUIDField(
                                default=common.ids.uuid7, editable=False, primary_key=True, serialize=False
                            ),
                        ),
                        ("secret_hash", models.BinaryField(max_length=32)),
                        ("recipient_email", models.EmailField(max_length=254)),
                        ("recipient_name", models.CharField(blank=True, max_length=120)),
                        ("rights", models.JSONField(default=list)),
                        ("not_before", models.DateTimeField()),
                        ("expires_at", models.DateTimeField()),
                        ("max_sessions", models.PositiveIntegerField()),
                        ("used_sessions", models.PositiveIntegerField(default=0)),
                        ("max_downloads", models.PositiveIntegerField()),
                        ("used_downloads", models.PositiveIntegerField(default=0)),
                        ("sent_codes", models.PositiveIntegerField(default=0)),
                        ("failures", models.PositiveIntegerField(default=0)),
                        ("locked_at", models.DateTimeField(null=True)),
                        ("revoked_at", models.DateTimeField(null=True)),
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
                            "tenant",
                            models.ForeignKey(
                                db_index=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="accounts.tenant",
                            ),
                        ),
                        (
                            "made_by_patient",
                            models.ForeignKey(
                                db_index=False,
                                null=True,
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="+",
                                to="sharing.patientaccess",
                            ),
                        ),
                    ],
                    options={
                        "indexes": [models.Index(fields=["tenant", "-created_at"], name="sharing_link_newest")],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(("used_sessions__lte", models.F("max_sessions"))),
                                name="sharing_link_sessions",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("used_downloads__lte", models.F("max_downloads"))),
                                name="sharing_link_downloads",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="OneTimeCode",
                    fields=[
                        (
                            "id",
                            models.UUIDField(
                                default=common.ids.uuid7, editable=False, primary_key=True, serialize=False
                            ),
                        ),
                        ("nonce_hash", models.BinaryField(max_length=32)),
                        ("code_mac", models.BinaryField(max_length=32)),
                        ("tries", models.PositiveSmallIntegerField(default=0)),
                        ("expires_at", models.DateTimeField()),
                        ("used_at", models.DateTimeField(null=True)),
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
                            "link",
                            models.ForeignKey(
                                db_index=False,
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="codes",
                                to="sharing.sharelink",
                            ),
                        ),
                    ],
                    options={
                        "indexes": [models.Index(fields=["tenant", "link", "-id"], name="sharing_code_by_link")],
                    },
                ),
                migrations.CreateModel(
                    name="GuestSession",
                    fields=[
                        (
                            "id",
                            models.UUIDField(
                                default=common.ids.uuid7, editable=False, primary_key=True, serialize=False
                            ),
                        ),
                        ("secret_hash", models.BinaryField(max_length=32)),
                        ("created_at", models.DateTimeField(default=common.clock.now)),
                        ("last_seen_at", models.DateTimeField(default=common.clock.now)),
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
                        (
                            "link",
                            models.ForeignKey(
                                db_index=False,
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="sessions",
                                to="sharing.sharelink",
                            ),
                        ),
                    ],
                    options={
                        "indexes": [models.Index(fields=["tenant", "link"], name="sharing_session_by_link")],
                    },
                ),
                migrations.CreateModel(
                    name="ShareLinkStudy",
                    fields=[
                        (
                            "id",
                            models.UUIDField(
                                default=common.ids.uuid7, editable=False, primary_key=True, serialize=False
                            ),
                        ),
                        (
                            "link",
                            models.ForeignKey(
                                db_index=False,
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="snapshot",
                                to="sharing.sharelink",
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
                        "indexes": [models.Index(fields=["tenant", "study"], name="sharing_snapshot_by_study")],
                        "constraints": [
                            models.UniqueConstraint(fields=("tenant", "link", "study"), name="sharing_snapshot_once")
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="PatientAccess",
                    fields=[
                        (
                            "id",
                            models.UUIDField(
                                default=common.ids.uuid7, editable=False, primary_key=True, serialize=False
                            ),
                        ),
                        ("code_id", models.UUIDField()),
                        ("code_mac", models.BinaryField(max_length=32)),
                        ("code_expires_at", models.DateTimeField()),
                        ("code_used_at", models.DateTimeField(null=True)),
                        ("email", models.EmailField(blank=True, max_length=254)),
                        ("created_at", models.DateTimeField(default=common.clock.now)),
                        ("sent_codes", models.PositiveIntegerField(default=0)),
                        ("failures", models.PositiveIntegerField(default=0)),
                        ("locked_at", models.DateTimeField(null=True)),
                        ("revoked_at", models.DateTimeField(null=True)),
                        (
                            "created_by",
                            models.ForeignKey(
                                db_index=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
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
                            models.Index(fields=["tenant", "patient", "-id"], name="sharing_access_by_patient")
                        ],
                        "constraints": [
                            models.UniqueConstraint(fields=("tenant", "code_id"), name="sharing_access_code")
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="PatientMailCode",
                    fields=[
                        (
                            "id",
                            models.UUIDField(
                                default=common.ids.uuid7, editable=False, primary_key=True, serialize=False
                            ),
                        ),
                        ("email", models.EmailField(max_length=254)),
                        ("nonce_hash", models.BinaryField(max_length=32)),
                        ("code_mac", models.BinaryField(max_length=32)),
                        ("tries", models.PositiveSmallIntegerField(default=0)),
                        ("expires_at", models.DateTimeField()),
                        ("used_at", models.DateTimeField(null=True)),
                        (
                            "access",
                            models.ForeignKey(
                                db_index=False,
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="mail_codes",
                                to="sharing.patientaccess",
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
                            models.Index(fields=["tenant", "access", "-id"], name="sharing_mailcode_by_access")
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="PatientSession",
                    fields=[
                        (
                            "id",
                            models.UUIDField(
                                default=common.ids.uuid7, editable=False, primary_key=True, serialize=False
                            ),
                        ),
                        ("secret_hash", models.BinaryField(max_length=32)),
                        ("created_at", models.DateTimeField(default=common.clock.now)),
                        ("last_seen_at", models.DateTimeField(default=common.clock.now)),
                        ("ended_at", models.DateTimeField(null=True)),
                        (
                            "access",
                            models.ForeignKey(
                                db_index=False,
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="sessions",
                                to="sharing.patientaccess",
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
                        "indexes": [models.Index(fields=["tenant", "access"], name="sharing_visit_by_access")],
                    },
                ),
                migrations.CreateModel(
                    name="ReportNotice",
                    fields=[
                        (
                            "id",
                            models.UUIDField(
                                default=common.ids.uuid7, editable=False, primary_key=True, serialize=False
                            ),
                        ),
                        ("report_id", models.UUIDField()),
                        ("sent_at", models.DateTimeField(null=True)),
                        (
                            "access",
                            models.ForeignKey(
                                db_index=False,
                                null=True,
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="+",
                                to="sharing.patientaccess",
                            ),
                        ),
                        (
                            "link",
                            models.ForeignKey(
                                db_index=False,
                                null=True,
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="+",
                                to="sharing.sharelink",
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
                                condition=models.Q(("access", None)),
                                fields=("tenant", "report_id", "link"),
                                name="sharing_notice_once_a_link",
                            ),
                            models.UniqueConstraint(
                                condition=models.Q(("link", None)),
                                fields=("tenant", "report_id", "access"),
                                name="sharing_notice_once_a_patient",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("access__isnull", False), ("link", None)),
                                    models.Q(("access", None), ("link__isnull", False)),
                                    _connector="OR",
                                ),
                                name="sharing_notice_has_one_reader",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="PatientPasskey",
                    fields=[
                        (
                            "id",
                            models.UUIDField(
                                default=common.ids.uuid7, editable=False, primary_key=True, serialize=False
                            ),
                        ),
                        ("passkey_id", models.UUIDField()),
                        ("credential_id", models.BinaryField(max_length=1023)),
                        ("public_key", models.BinaryField(max_length=1024)),
                        ("sign_count", models.BigIntegerField(default=0)),
                        ("created_at", models.DateTimeField(default=common.clock.now)),
                        ("used_at", models.DateTimeField(null=True)),
                        (
                            "access",
                            models.ForeignKey(
                                db_index=False,
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="passkeys",
                                to="sharing.patientaccess",
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
                        "indexes": [models.Index(fields=["tenant", "access"], name="sharing_passkey_by_access")],
                        "constraints": [
                            models.UniqueConstraint(fields=("tenant", "passkey_id"), name="sharing_passkey_once")
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="ThirdPartyConsent",
                    fields=[
                        (
                            "id",
                            models.UUIDField(
                                default=common.ids.uuid7, editable=False, primary_key=True, serialize=False
                            ),
                        ),
                        ("signed_date", models.DateField()),
                        ("kept_where", models.CharField(max_length=200)),
                        (
                            "link",
                            models.ForeignKey(
                                db_index=False,
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="consents",
                                to="sharing.sharelink",
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
                            models.UniqueConstraint(fields=("tenant", "link"), name="sharing_consent_once"),
                            models.CheckConstraint(
                                condition=models.Q(("kept_where", ""), _negated=True), name="sharing_consent_is_kept"
                            ),
                        ],
                    },
                ),
            ],
        ),
        RowLevelSecurity(
            "sharing_sharelink",
            "sharing_sharelinkstudy",
            "sharing_onetimecode",
            "sharing_guestsession",
            "sharing_patientpasskey",
            "sharing_patientaccess",
            "sharing_patientmailcode",
            "sharing_patientsession",
            "sharing_reportnotice",
            "sharing_thirdpartyconsent",
        ),
    ]

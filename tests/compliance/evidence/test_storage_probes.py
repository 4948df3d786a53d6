"""Measurements of objects, keys and backups, and of studies: each turns when the real state does."""

import datetime as dt
import os
from dataclasses import asdict, replace
from pathlib import Path

import orjson
import pytest
from django.conf import settings as django_settings
from pytest_django import Settings

from accounts.models import Tenant
from common import disks
from common.clock import now, today
from common.scope import tenant_scope
from compliance.evidence import services
from compliance.evidence.services import ActivityDraft
from compliance.models import Verdict
from outbox.models import OutboxMessage
from pacs.models import Patient, Refusal, Study
from tests.compliance.evidence.conftest import Look, Verdicts
from tests.factories.cast import make_actor
from tests.factories.studies import make_study
from vault import backup_log, keyring, storage
from vault.models import Blob, TenantKek

pytestmark = pytest.mark.django_db

PASS, NEAR, FAIL, UNMEASURED = Verdict.PASS, Verdict.NEAR, Verdict.FAIL, Verdict.UNMEASURED


in_files = pytest.mark.skipif(
    not django_settings.BITEWING_STORAGE_URL.startswith("file://"),
    reason="changes an object behind the back of a file store",
)


def path_of(blob: Blob) -> Path:
    """Find the file of an object."""
    (found,) = Path(django_settings.BITEWING_STORAGE_URL.removeprefix("file://")).rglob(Path(blob.object_key).name)
    return found


def newest_blob(tenant: Tenant) -> Blob:
    with tenant_scope(tenant.id):
        found: Blob = Blob.objects.order_by("-id")[0]
    return found


@pytest.mark.req("RA-11")
@pytest.mark.parametrize(("disk", "expected"), [(True, PASS), (False, NEAR), (None, NEAR)])
def test_sealed_objects_pass_as_far_as_the_disk_below_the_database_does(
    tenant: Tenant, look: Look, monkeypatch: pytest.MonkeyPatch, disk: bool | None, expected: Verdict
) -> None:
    assert look("P-ENC-REST").verdict is UNMEASURED
    make_study(tenant.id)
    monkeypatch.setattr("compliance.evidence.probes.storage._database_disk", lambda: disk)

    assert look("P-ENC-REST").verdict is expected


@in_files
def test_an_object_in_plain_is_seen_in_the_store_itself(tenant: Tenant, look: Look) -> None:
    make_study(tenant.id)
    path = path_of(newest_blob(tenant))
    path.chmod(0o600)
    path.write_bytes(bytes(128) + b"DICM" + bytes(200))

    assert look("P-ENC-REST").verdict is FAIL
    assert look("P-ENC-REST").detail.startswith("1 of the newest")


def test_an_object_that_the_store_lost_is_counted(tenant: Tenant, verdict: Verdicts) -> None:
    make_study(tenant.id)
    assert verdict("P-OPS-STUCK") is PASS

    storage.current().delete([newest_blob(tenant).object_key])

    assert verdict("P-OPS-STUCK") is FAIL


def test_an_object_without_a_digest_is_counted(tenant: Tenant, look: Look) -> None:
    make_study(tenant.id)
    assert (look("P-HASH-PCT").value, look("P-HASH-PCT").verdict) == (100.0, PASS)

    with tenant_scope(tenant.id):
        Blob.objects.filter(id=newest_blob(tenant).id).update(sha256=b"")

    assert look("P-HASH-PCT").verdict is FAIL


def test_objects_must_be_read_again_every_quarter(tenant: Tenant, look: Look) -> None:
    make_study(tenant.id)
    assert look("P-HASH").value == 0

    with tenant_scope(tenant.id):
        Blob.objects.filter(id=newest_blob(tenant).id).update(created_at=now() - dt.timedelta(days=120))
    assert (look("P-HASH").value, look("P-HASH").verdict) == (120, FAIL)

    with tenant_scope(tenant.id):
        Blob.objects.update(verified_at=now() - dt.timedelta(days=2))
    assert (look("P-HASH").value, look("P-HASH").verdict) == (2, PASS)


def test_a_key_epoch_grows_old(tenant: Tenant, look: Look) -> None:
    assert look("P-KEY-ROT").verdict is UNMEASURED
    make_study(tenant.id)
    assert look("P-KEY-ROT").value == 0

    with tenant_scope(tenant.id):
        TenantKek.objects.update(created_at=now() - dt.timedelta(days=500))

    assert (look("P-KEY-ROT").value, look("P-KEY-ROT").verdict) == (500, FAIL)


def test_an_epoch_whose_key_is_gone_is_named(tenant: Tenant, look: Look) -> None:
    make_study(tenant.id)
    assert look("P-OPS-KEYRING").verdict is PASS

    keyring.current().destroy_epoch(tenant.id, 1)

    assert look("P-OPS-KEYRING").detail == "Epochs without a key: 1."


@pytest.fixture
def no_backup() -> None:
    storage.current().put(backup_log.LOG_KEY, b"[]", is_replacing=True)


def test_a_backup_grows_old_within_a_day(look: Look, no_backup: None) -> None:
    assert (look("P-BACKUP-AGE").value, look("P-BACKUP-AGE").verdict) == (None, FAIL)

    backup_log.note(files=7, is_encrypted=True, is_elsewhere=True)
    assert (look("P-BACKUP-AGE").value, look("P-BACKUP-AGE").verdict) == (0.0, PASS)

    (run,) = backup_log.list_runs()
    earlier = asdict(replace(run, at=run.at - dt.timedelta(hours=30)))
    storage.current().put(backup_log.LOG_KEY, orjson.dumps([earlier]), is_replacing=True)
    assert (look("P-BACKUP-AGE").value, look("P-BACKUP-AGE").verdict) == (30.0, FAIL)


@pytest.mark.parametrize(("is_encrypted", "expected"), [(True, PASS), (False, FAIL), (None, UNMEASURED)])
def test_a_backup_holds_keys_and_wants_an_encrypted_disk(
    verdict: Verdicts, no_backup: None, is_encrypted: bool | None, expected: Verdict
) -> None:
    backup_log.note(files=7, is_encrypted=is_encrypted, is_elsewhere=True)

    assert verdict("P-BACKUP-ENC") is expected


@pytest.mark.parametrize(("days", "expected"), [(3, PASS), (60, FAIL)])
def test_an_offline_copy_is_believed_for_a_month(
    tenant: Tenant, verdict: Verdicts, days: int, expected: Verdict
) -> None:
    officer = make_actor(tenant, "compliance_officer")
    draft = ActivityDraft("immutable_copy", today() - dt.timedelta(days=days), "Disk 4 lies in the safe.")
    services.record_activity(actor=officer, draft=draft)

    assert verdict("P-BACKUP-IMMUT") is expected


def test_a_study_of_nobody_waits_two_days_at_most(tenant: Tenant, verdict: Verdicts) -> None:
    study = make_study(tenant.id)
    with tenant_scope(tenant.id):
        Study.objects.filter(id=study.id).update(conflict="name")
    assert verdict("P-UNMATCHED") is PASS

    with tenant_scope(tenant.id):
        Study.objects.filter(id=study.id).update(received_at=now() - dt.timedelta(days=3))

    assert verdict("P-UNMATCHED") is FAIL


def test_patients_are_counted_once_and_their_missing_birth_dates_too(tenant: Tenant, look: Look) -> None:
    make_study(tenant.id, "one", PatientBirthDate=None)
    make_study(tenant.id, "two", PatientBirthDate="19800203")
    assert look("P-PATIENT-COUNT").value == 2
    assert look("P-DOB-MISSING").value == 1

    with tenant_scope(tenant.id):
        Patient.objects.update(birth_date=None)

    assert (look("P-DOB-MISSING").value, look("P-DOB-MISSING").verdict) == (2, Verdict.REPORTED)


def test_the_scan_refuses_what_is_no_image(look: Look, monkeypatch: pytest.MonkeyPatch) -> None:
    assert look("P-QUARANTINE").verdict is PASS

    monkeypatch.setattr("compliance.evidence.probes.studies.Scanner.feed", lambda _self, _chunk: None)
    monkeypatch.setattr("compliance.evidence.probes.studies.Scanner.finish", lambda _self: None)

    assert look("P-QUARANTINE").detail.startswith("The scan took a Windows program")


def test_quarantine_is_emptied_within_a_month(tenant: Tenant, look: Look) -> None:
    assert look("P-OPS-QUARANTINE").value == 0
    with tenant_scope(tenant.id):
        Refusal.objects.create(
            tenant_id=tenant.id,
            reason="x",
            message="x",
            source="web",
            blob_id=tenant.id,
            received_at=now() - dt.timedelta(days=40),
        )

    assert (look("P-OPS-QUARANTINE").value, look("P-OPS-QUARANTINE").verdict) == (40, FAIL)


def test_background_work_that_waits_or_was_given_up_is_seen(tenant: Tenant, verdict: Verdicts) -> None:
    assert (verdict("P-OPS-OUTBOX"), verdict("P-OPS-FAILED")) == (PASS, PASS)
    with tenant_scope(tenant.id):
        message = OutboxMessage.objects.create(
            tenant_id=tenant.id, topic="x", dedup_key="x", payload={}, available_at=now() - dt.timedelta(hours=2)
        )
    assert verdict("P-OPS-OUTBOX") is FAIL

    with tenant_scope(tenant.id):
        OutboxMessage.objects.filter(id=message.id).update(failed_at=now())
    assert (verdict("P-OPS-OUTBOX"), verdict("P-OPS-FAILED")) == (PASS, FAIL)


@pytest.mark.parametrize(("percent", "expected"), [(40.0, PASS), (14.0, NEAR), (3.0, FAIL)])
def test_a_disk_runs_full(
    verdict: Verdicts, monkeypatch: pytest.MonkeyPatch, percent: float, expected: Verdict
) -> None:
    monkeypatch.setattr(disks, "free_percent", lambda _path: percent)

    assert verdict("P-OPS-DISK") is expected


def test_the_free_share_of_a_disk_is_what_the_system_says(tmp_path: Path) -> None:
    assert 0 < disks.free_percent(tmp_path) <= 100
    assert disks.is_other_disk(tmp_path, Path("/proc"))


def test_an_encrypted_volume_is_found_below_a_logical_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    stat = tmp_path.stat()
    device = tmp_path / "devices" / f"{os.major(stat.st_dev)}:{os.minor(stat.st_dev)}"
    (device / "slaves").mkdir(parents=True)
    below = tmp_path / "dm-0" / "dm"
    below.mkdir(parents=True)
    (below / "uuid").write_text("CRYPT-LUKS2-0123-root\n")
    monkeypatch.setattr(disks, "_BLOCK_DEVICES", tmp_path / "devices")
    assert disks.is_encrypted(tmp_path) is False

    (device / "slaves" / "dm-0").symlink_to(tmp_path / "dm-0")

    assert disks.is_encrypted(tmp_path) is True


@pytest.mark.parametrize(("tls", "ssl", "expected"), [(True, False, PASS), (False, True, PASS), (False, False, FAIL)])
def test_mail_leaves_under_tls(
    settings: Settings, verdict: Verdicts, *, tls: bool, ssl: bool, expected: Verdict
) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_USE_TLS, settings.EMAIL_USE_SSL = tls, ssl

    assert verdict("P-OPS-MAIL-TLS") is expected

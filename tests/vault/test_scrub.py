"""Every object is read again in time; what is lost is told."""

import datetime as dt
from pathlib import Path
from uuid import UUID

import pytest
import time_machine
from structlog.testing import capture_logs

from accounts.models import Tenant
from common.clock import now
from common.scope import tenant_scope
from tests.factories.damage import change_last_byte
from tests.vault.stored import doom, stick, store
from vault import selectors, services, storage
from vault.models import Blob
from vault.services import scrubbing

DAY = dt.timedelta(days=1)


def scrub_in(days: float, **words: float) -> services.ScrubReport:
    with time_machine.travel(now() + days * DAY):
        return services.scrub(**words)


def test_an_object_is_read_when_its_turn_has_come_and_then_not_for_a_month(tenant: Tenant) -> None:
    store(tenant, "1.1", sizes=(10, 20))

    reports = [scrub_in(days) for days in (1, 26, 27, 52)]

    assert [(report.sound, report.bad) for report in reports] == [(0, 0), (2, 0), (0, 0), (2, 0)]
    assert reports[1].size_bytes == 10 + 20 + 2 * len("1.1")


def test_what_is_damaged_or_missing_is_told_each_time(tenant: Tenant, vault_folder: Path) -> None:
    study = store(tenant, "1.1", sizes=(10, 20, 30))
    damaged, missing, _ = (vault_folder / "objects" / address for address in study.addresses)
    change_last_byte(damaged)
    missing.unlink()

    with capture_logs() as told:
        reports = [scrub_in(26), scrub_in(27)]

    assert [(report.sound, report.bad) for report in reports] == [(1, 2), (0, 2)]
    assert [line["code"] for line in told] == ["object-tampered", "object-missing"] * 2
    assert {line["object_id"] for line in told} == {str(blob_id) for blob_id in list(study.contents)[:2]}


def test_one_that_is_removed_meanwhile_keeps_no_other_waiting(tenant: Tenant, monkeypatch: pytest.MonkeyPatch) -> None:
    study = store(tenant, "1.1", sizes=(10, 20, 30))
    verify = selectors.verify_object

    def remove_first(*, tenant_id: UUID, blob_id: UUID) -> None:
        services.delete_blobs(tenant_id=tenant.id, blob_ids=list(study.contents)[:1])
        verify(tenant_id=tenant_id, blob_id=blob_id)

    monkeypatch.setattr(selectors, "verify_object", remove_first)

    assert scrub_in(26) == services.ScrubReport(2, 0, 20 + 30 + 2 * len("1.1"))


@pytest.mark.django_db(transaction=True)
def test_while_a_barrier_is_stuck_the_other_studies_are_read(tenant: Tenant, monkeypatch: pytest.MonkeyPatch) -> None:
    doomed, kept = store(tenant, "1.1", sizes=(10, 20)), store(tenant, "1.2", sizes=(30,))
    doom(doomed)
    stick(monkeypatch, tenant)

    assert scrub_in(26) == services.ScrubReport(len(kept.contents), 0, 30 + len("1.2"))


def test_a_scrub_ends_with_its_time_and_goes_on_where_it_ended(tenant: Tenant) -> None:
    store(tenant, "1.1", sizes=(10, 20))

    assert scrub_in(26, budget_s=0).sound == 0
    assert scrub_in(26).sound == 2


def test_pages_of_objects_are_all_read(tenant: Tenant, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scrubbing, "_ROWS", 2)
    store(tenant, "1.1", sizes=(1, 2, 3, 4, 5))

    assert scrub_in(26).sound == 5
    with tenant_scope(tenant.id):
        assert not Blob.objects.filter(verified_at=None).exists()


def test_objects_that_are_gone_are_missed_within_the_day(tenant: Tenant) -> None:
    study = store(tenant, "1.1")
    assert services.look_for_missing().missing == 0

    storage.current().delete([study.addresses[0]])

    services.look_for_missing()
    found = services.last_findings()
    assert found is not None
    assert (found.rows, found.missing) == (2, 1)

"""A split that is killed between any two steps has either not happened or is whole, and can be done again."""

import datetime as dt
from functools import partial
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
import time_machine

from accounts.models import Tenant
from common.clock import now
from common.scope import tenant_scope
from pacs import selectors, services
from pacs.dicom.phantom import make_uid
from pacs.models import Correction, Series, SplitSeries, Study
from tests.factories.cast import make_actor, make_tenant
from tests.factories.studies import make_dicom, store
from tests.hostile.crashing import IN_SPLIT
from tests.vault import dying
from vault import selectors as vault
from vault import services as vault_services
from vault import storage
from vault.models import Blob

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.filterwarnings("ignore:This process:DeprecationWarning"),
]


@pytest.fixture(autouse=True)
def _own_store(tmp_path: Path, settings: Any) -> None:
    settings.BITEWING_STORAGE_URL = f"file://{tmp_path}/objects"


def addresses() -> set[str]:
    """Return where the store has objects."""
    return {entry.key for entry in storage.current().entries() if entry.key.startswith("o/")}


def make_two_series(tenant: Tenant, seed: str) -> tuple[UUID, UUID]:
    """Store a study of two series; return its id and that of the second series."""
    second = {"SeriesInstanceUID": make_uid(seed, "two"), "SOPInstanceUID": make_uid(seed, "two", 1)}
    store(tenant.id, [make_dicom(seed, 1), make_dicom(seed, 1, **second)])
    with tenant_scope(tenant.id):
        series = Series.objects.get(series_instance_uid=make_uid(seed, "two"))
        return series.study_id, series.id


def contents(study_id: UUID) -> list[bytes]:
    return [b"".join(vault.open_blob(one.blob).stream()) for one in selectors.list_instances(study_id=study_id)]


def split(tenant: Tenant, study_id: UUID, series_id: UUID) -> UUID:
    actor = make_actor(tenant, "technician")
    return services.split_study(actor=actor, study_id=study_id, series_ids=[series_id], to=None)


def live_addresses() -> set[str]:
    return set(Blob.objects.exclude(state=Blob.State.GONE).values_list("object_key", flat=True))


def sweep_all() -> None:
    """Sweep as two runs of the worker a day later do, an hour apart."""
    for hours in (25, 27):
        with time_machine.travel(now() + dt.timedelta(hours=hours), tick=False):
            vault_services.sweep()


@pytest.mark.parametrize("mark", IN_SPLIT)
def test_what_was_killed_before_its_commit_has_not_happened(mark: str) -> None:
    tenant = make_tenant()
    study_id, series_id = make_two_series(tenant, mark)
    with tenant_scope(tenant.id):
        before = contents(study_id)

    assert dying.dies_at(mark, partial(split, tenant, study_id, series_id))

    with tenant_scope(tenant.id):
        assert contents(study_id) == before
        assert (Study.objects.count(), Correction.objects.count(), SplitSeries.objects.count()) == (1, 0, 0)
        known = live_addresses()
        assert addresses() > known
    sweep_all()
    with tenant_scope(tenant.id):
        assert addresses() == known
        assert contents(study_id) == before
    split(tenant, study_id, series_id)
    with tenant_scope(tenant.id):
        assert Study.objects.count() == 2


def test_what_was_killed_after_its_commit_is_whole_and_the_old_objects_go() -> None:
    tenant = make_tenant()
    study_id, series_id = make_two_series(tenant, "after")
    with tenant_scope(tenant.id):
        before = contents(study_id)

    assert dying.dies_at("objects.doomed", partial(split, tenant, study_id, series_id))

    with tenant_scope(tenant.id):
        other_id = Series.objects.get(id=series_id).study_id
        assert other_id != study_id
        assert contents(study_id) + contents(other_id) == before
        assert Blob.objects.filter(state=Blob.State.DELETING).exists()
    vault_services.sweep()
    with tenant_scope(tenant.id):
        assert not Blob.objects.filter(state=Blob.State.DELETING).exists()
        assert addresses() == live_addresses()
        assert contents(study_id) + contents(other_id) == before

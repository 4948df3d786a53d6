"""Files cut short or damaged: never stored without their pixels, never a server error, never work that fails."""

from pathlib import Path

import pytest

from common.scope import tenant_scope
from pacs.models import Instance, Refusal, Study
from tests.factories.cast import make_tenant
from tests.factories.studies import make_dicom, store
from tests.hostile.corpus import problems_of_mutants
from tests.hostile.mutants import mutants

pytestmark = pytest.mark.django_db


def cut_at_every(step: int, whole: bytes) -> list[bytes]:
    """Cut a file at each multiple of some bytes."""
    return [whole[:size] for size in range(0, len(whole), step)]


@pytest.mark.req("PA-02")
def test_a_slice_cut_at_every_byte_is_never_stored() -> None:
    tenant = make_tenant()
    cuts = cut_at_every(1, make_dicom())
    verdicts = store(tenant.id, cuts)

    assert {str(verdict.status) for verdict in verdicts} <= {"refused", "quarantined"}
    assert all(verdict.reason and verdict.message for verdict in verdicts)
    with tenant_scope(tenant.id):
        assert (Study.objects.count(), Instance.objects.count(), Refusal.objects.count()) == (0, 0, len(cuts))


@pytest.mark.req("PA-02")
@pytest.mark.parametrize(
    ("series", "step"),
    [
        ("derived-nerve-canal-jpeg", 64),
        ("marcovms04__Maxillofacial-3D", 1024),
        pytest.param("marcovms04__Maxillofacial-3D", 64, marks=pytest.mark.soak),
        pytest.param("carestream-cs9600-20-slices", 64, marks=pytest.mark.soak),
    ],
)
def test_a_real_slice_cut_anywhere_is_never_stored(data_folder: Path, series: str, step: int) -> None:
    whole = min((data_folder / "dicom" / "cbct" / series).iterdir()).read_bytes()
    tenant = make_tenant()
    verdicts = store(tenant.id, cut_at_every(step, whole))

    assert {str(verdict.status) for verdict in verdicts} <= {"refused", "quarantined"}
    with tenant_scope(tenant.id):
        assert (Study.objects.count(), Instance.objects.count()) == (0, 0)


@pytest.mark.req("PA-02")
def test_a_whole_slice_after_its_cuts_is_stored() -> None:
    tenant = make_tenant()
    store(tenant.id, cut_at_every(64, make_dicom()))

    assert [str(verdict.status) for verdict in store(tenant.id, [make_dicom()])] == ["stored"]


@pytest.mark.parametrize("seed", [1, 2])
def test_a_damaged_file_has_a_verdict_and_is_read_without_a_server_error(seed: int) -> None:
    assert problems_of_mutants(mutants(seed, 100)) == {}


@pytest.mark.soak
@pytest.mark.timeout(7200)
@pytest.mark.parametrize("seed", range(100, 120))
def test_many_damaged_files_have_verdicts_and_are_read_without_a_server_error(seed: int) -> None:
    assert problems_of_mutants(mutants(seed, 5000)) == {}

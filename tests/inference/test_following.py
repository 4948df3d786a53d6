"""What networks said of a series that was split off goes with it, under the key of the study that it is of now."""

from uuid import UUID

import pytest

from accounts.models import Tenant
from common.scope import tenant_scope
from inference.models import Finding, ImageTag, Run, StudyTag
from pacs import services as pacs
from pacs.dicom.phantom import make_uid
from pacs.identity import Identity
from pacs.models import Series, Study
from tests.factories.cast import make_actor
from tests.factories.inference import Centre, analysed_study, darker, make_film
from tests.factories.studies import make_dicom, store
from vault import selectors as vault
from vault.models import Blob

pytestmark = pytest.mark.django_db

OTHER = {"SeriesInstanceUID": make_uid("film", "two"), "SOPInstanceUID": make_uid("film", "two", 1)}


@pytest.fixture
def study(centre: Centre) -> Study:
    study = analysed_study(centre)
    store(centre.tenant.id, [make_film("film", 1, pixels=darker(9), **OTHER)])
    centre.deliver()
    return study


def split(centre: Centre, study: Study) -> tuple[UUID, UUID]:
    """Split the second film off; return its study and the correction."""
    with tenant_scope(centre.tenant.id):
        series = Series.objects.get(series_instance_uid=make_uid("film", "two"))
    to = Identity("P-2", "", "Bert^B", None, "M")
    actor = make_actor(centre.tenant, "technician")
    correction = pacs.split_study(actor=actor, study_id=study.id, series_ids=[series.id], to=to)
    with tenant_scope(centre.tenant.id):
        return Series.objects.get(id=series.id).study_id, correction


def told(tenant: Tenant, study_id: UUID) -> tuple[int, int, int, bool]:
    """Count findings, runs and tags of a study, and say whether it is found by what the network told."""
    with tenant_scope(tenant.id):
        return (
            Finding.objects.filter(study_id=study_id).count(),
            Run.objects.filter(study_id=study_id, state="done").count(),
            ImageTag.objects.filter(study_id=study_id).count(),
            StudyTag.objects.filter(study_id=study_id, source="image").exists(),
        )


def result_keys(tenant: Tenant, study_id: UUID) -> set[UUID]:
    with tenant_scope(tenant.id):
        ids = list(Run.objects.filter(study_id=study_id).values_list("result_blob_id", flat=True))
        assert all(vault.open_object(tenant_id=tenant.id, blob_id=one).read(0, 1) == b"{" for one in ids if one)
        return set(Blob.objects.filter(id__in=ids).values_list("study_key_id", flat=True))


def test_findings_and_tags_follow_their_film_and_come_back(centre: Centre, study: Study) -> None:
    assert told(centre.tenant, study.id) == (4, 2, 2, True)

    other_id, correction = split(centre, study)
    centre.deliver()
    assert told(centre.tenant, study.id) == (2, 1, 1, True)
    assert told(centre.tenant, other_id) == (2, 1, 1, True)

    pacs.undo_correction(actor=make_actor(centre.tenant, "technician"), correction_id=correction)
    centre.deliver()
    assert told(centre.tenant, study.id) == (4, 2, 2, True)
    assert told(centre.tenant, other_id) == (0, 0, 0, False)


def test_results_are_sealed_under_the_key_of_the_study_that_they_are_of(centre: Centre, study: Study) -> None:
    other_id, _ = split(centre, study)
    centre.deliver()

    with tenant_scope(centre.tenant.id):
        keys = dict(Study.objects.values_list("id", "key_id"))
        live = Blob.objects.filter(study_key_id=study.key_id, state=Blob.State.LIVE).count()
    assert result_keys(centre.tenant, study.id) == {keys[study.id]}
    assert result_keys(centre.tenant, other_id) == {keys[other_id]}
    centre.deliver()
    with tenant_scope(centre.tenant.id):
        assert Blob.objects.filter(study_key_id=study.key_id, state=Blob.State.LIVE).count() == live
        assert Run.objects.count() == 2


def test_a_judgement_stays_with_the_finding(centre: Centre, study: Study) -> None:
    with tenant_scope(centre.tenant.id):
        Finding.objects.filter(run__series__series_instance_uid=make_uid("film", "two")).update(state="accepted")
    other_id, _ = split(centre, study)
    centre.deliver()

    with tenant_scope(centre.tenant.id):
        assert set(Finding.objects.filter(study_id=other_id).values_list("state", flat=True)) == {"accepted"}
        assert set(Finding.objects.filter(study_id=study.id).values_list("state", flat=True)) == {"preliminary"}


def test_a_run_under_way_begins_again_for_the_new_study(centre: Centre, study: Study) -> None:
    with tenant_scope(centre.tenant.id):
        mine = Run.objects.filter(series__series_instance_uid=make_uid("film", "two"))
        Finding.objects.filter(run__in=mine).delete()
        mine.update(state="running", result_blob_id=None)
    other_id, _ = split(centre, study)
    centre.deliver()

    assert told(centre.tenant, other_id)[:2] == (2, 1)


def test_an_event_that_comes_when_the_study_is_deleted_changes_nothing(centre: Centre, study: Study) -> None:
    store(centre.tenant.id, [make_dicom("unrelated")])
    other_id, _ = split(centre, study)
    pacs.delete_study(actor=make_actor(centre.tenant, "owner"), study_id=other_id)
    centre.deliver()

    assert told(centre.tenant, study.id)[1] == 2

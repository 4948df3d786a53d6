"""Batches that cross with something else: two into one study, and one into a study that is being deleted."""

import pytest

from common.actor import system_actor
from common.errors import ConflictError
from common.scope import tenant_scope, tenant_transaction
from pacs import services
from pacs.dicom.phantom import make_uid
from pacs.intake import Status
from pacs.intake.store import _Writer
from pacs.models import Instance, Study
from tests.factories.cast import make_tenant
from tests.factories.crossing import beside, wait_for
from tests.factories.studies import make_dicom, make_files, make_study, store

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]


@pytest.mark.parametrize("step", ["_write_studies", "_write_series"])
def test_what_comes_while_its_study_goes_to_the_bin_is_refused_and_can_be_sent_again(
    step: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    tenant_id = make_tenant().id
    binned = make_study(tenant_id, "s", 1)
    second = make_files("s", 2)[1]
    go_on = getattr(_Writer, step)

    def delete_meanwhile(*given: object) -> None:
        beside(lambda: services.delete_study(actor=system_actor(tenant_id), study_id=binned.id)).join()
        go_on(*given)

    with monkeypatch.context() as patched:
        patched.setattr(_Writer, step, delete_meanwhile)
        with pytest.raises(ConflictError):
            store(tenant_id, [second])

    assert [verdict.status for verdict in store(tenant_id, [second])] == [Status.STORED]
    with tenant_scope(tenant_id):
        study = Study.objects.get(deleted_at=None)
        assert Instance.objects.get(is_binned=False).study_id == study.id
    assert study.key_id != binned.key_id


def test_two_batches_that_bring_a_series_each_are_both_counted() -> None:
    tenant_id = make_tenant().id
    make_study(tenant_id, "s", 1)
    fresh = [
        make_dicom("s", number, SeriesInstanceUID=make_uid("s", "series", number), Modality=modality)
        for number, modality in ((2, "PX"), (3, "IO"))
    ]

    with tenant_transaction(tenant_id):
        store(tenant_id, fresh[:1])
        other = beside(lambda: store(tenant_id, fresh[1:]))
        wait_for(other)
    other.join()

    with tenant_scope(tenant_id):
        study = Study.objects.get()
    assert (study.number_of_series, study.number_of_instances, study.modalities) == (3, 3, "CT IO PX")

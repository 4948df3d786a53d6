"""Changes are numbered in the order in which they can be seen (BR-32)."""

from uuid import UUID

import pytest

from accounts.models import Tenant
from common.ids import uuid7
from common.scope import tenant_scope, tenant_transaction
from outbox import services as outbox
from pacs import services
from pacs.appointments.models import Appointment
from pacs.appointments.services import separate
from pacs.changes import marking, selectors
from pacs.models import Study
from tests.factories.cast import make_actor, make_tenant
from tests.factories.crossing import beside, wait_for
from tests.factories.studies import make_study
from tests.pacs.appointments.test_matching import plan

pytestmark = pytest.mark.req("BR-32")
PATIENCE_S = 30.0


def changes(tenant: Tenant, after: int = 0) -> list[tuple[UUID, str]]:
    with tenant_scope(tenant.id):
        return [(one.study_id, one.state) for one in selectors.list_changes(after=after, limit=9)]


def last(tenant: Tenant) -> int:
    with tenant_scope(tenant.id):
        return selectors.last_number()


@pytest.mark.django_db
def test_a_study_is_told_of_once_under_its_newest_number(tenant: Tenant) -> None:
    one, other = uuid7(), uuid7()

    numbers = [marking.mark(tenant_id=tenant.id, study_id=study_id) for study_id in (one, other, one)]

    assert numbers == [1, 2, 3]
    assert [study_id for study_id, _ in changes(tenant)] == [other, one]
    assert changes(tenant, after=3) == []


@pytest.mark.django_db
def test_tenants_number_by_themselves(tenant: Tenant) -> None:
    marking.mark(tenant_id=make_tenant().id, study_id=uuid7())

    assert last(tenant) == 0
    assert changes(tenant) == []


@pytest.mark.django_db
def test_a_study_that_arrives_is_ready_when_it_is_prepared(tenant: Tenant) -> None:
    study = make_study(tenant.id)
    assert changes(tenant) == []

    outbox.drain([tenant.id])

    assert changes(tenant) == [(study.id, "ready")]


@pytest.mark.django_db
def test_a_study_that_grows_is_being_prepared_until_it_is_ready_again(tenant: Tenant) -> None:
    study = make_study(tenant.id, slices=1, prepared=True)
    before = last(tenant)

    make_study(tenant.id, slices=2)

    assert changes(tenant) == [(study.id, "preparing")]
    outbox.drain([tenant.id])
    assert changes(tenant, after=before) == [(study.id, "ready")]


@pytest.mark.django_db
def test_the_bin_and_the_way_back_are_changes(tenant: Tenant) -> None:
    owner = make_actor(tenant, "owner")
    study = make_study(tenant.id, prepared=True)
    seen = [last(tenant)]

    services.delete_study(actor=owner, study_id=study.id)
    outbox.drain([tenant.id])
    assert changes(tenant, after=seen[-1]) == [(study.id, "deleted")]
    seen.append(last(tenant))
    services.restore_study(actor=owner, study_id=study.id)
    outbox.drain([tenant.id])

    assert changes(tenant, after=seen[-1]) == [(study.id, "ready")]


@pytest.mark.django_db
def test_of_a_destroyed_study_nothing_but_the_portals_own_id_is_left(tenant: Tenant) -> None:
    marking.mark(tenant_id=tenant.id, study_id=(gone := uuid7()))

    assert changes(tenant) == [(gone, "destroyed")]


@pytest.mark.django_db
def test_a_study_whose_patient_is_in_doubt_is_held(tenant: Tenant) -> None:
    study = make_study(tenant.id, prepared=True)
    with tenant_scope(tenant.id):
        Study.objects.filter(id=study.id).update(conflict="patient-differs")

    assert changes(tenant) == [(study.id, "held")]


@pytest.mark.django_db
def test_a_match_that_is_taken_back_is_a_change(tenant: Tenant) -> None:
    study = make_study(tenant.id, prepared=True)
    appointment = plan(tenant)
    with tenant_scope(tenant.id):
        Appointment.objects.filter(id=appointment.id).update(study=study)
    before = last(tenant)

    separate(actor=make_actor(tenant, "technician"), appointment_id=appointment.id)
    outbox.drain([tenant.id])

    assert changes(tenant, after=before) == [(study.id, "ready")]


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_no_number_is_seen_before_a_lower_one() -> None:
    tenant = make_tenant()

    with tenant_transaction(tenant.id):
        marking.mark(tenant_id=tenant.id, study_id=uuid7())
        worker = beside(lambda: marking.mark(tenant_id=tenant.id, study_id=uuid7()))
        wait_for(worker)
        assert worker.is_alive()
    worker.join()

    with tenant_scope(tenant.id):
        assert [one.number for one in selectors.list_changes(after=0, limit=9)] == [1, 2]

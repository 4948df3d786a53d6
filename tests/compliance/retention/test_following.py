"""A hold reaches what was split off the study that is held."""

import datetime as dt
from uuid import UUID

import pytest

from accounts.models import Tenant
from common.clock import today
from common.scope import tenant_scope
from compliance.retention import holds
from compliance.retention.holds import HoldDraft
from outbox import services as outbox
from pacs import services as pacs
from pacs.dicom.phantom import make_uid
from pacs.identity import Identity
from pacs.models import Series, Study
from tests.factories.cast import make_actor, make_tenant
from tests.factories.studies import make_dicom, make_study, store

pytestmark = [pytest.mark.django_db, pytest.mark.req("X-01")]
BERT = Identity("P-2", "", "Bert^B", None, "M")


@pytest.fixture
def tenant() -> Tenant:
    return make_tenant()


@pytest.fixture
def study(tenant: Tenant) -> Study:
    made = make_study(tenant.id, "s", 1)
    second = {"SeriesInstanceUID": make_uid("s", "two"), "SOPInstanceUID": make_uid("s", "two", 1)}
    store(tenant.id, [make_dicom("s", 1, **second)])
    return made


def hold(tenant: Tenant, study: Study, *, of_patient: bool) -> None:
    officer = make_actor(tenant, "compliance_officer")
    draft = HoldDraft("legal", "File 12", officer.id, today() + dt.timedelta(days=90), of_patient=of_patient)
    holds.place(actor=officer, study_id=study.id, draft=draft)


def split(tenant: Tenant, study: Study, to: Identity | None) -> UUID:
    with tenant_scope(tenant.id):
        series = Series.objects.get(series_instance_uid=make_uid("s", "two"))
    actor = make_actor(tenant, "technician")
    pacs.split_study(actor=actor, study_id=study.id, series_ids=[series.id], to=to)
    outbox.drain([tenant.id])
    with tenant_scope(tenant.id):
        other_id: UUID = Series.objects.get(id=series.id).study_id
    return other_id


def held(tenant: Tenant) -> list[tuple[UUID | None, str]]:
    with tenant_scope(tenant.id):
        return sorted(((one.study_id, one.matter) for one in holds.list_standing()), key=str)


def test_what_is_split_off_a_held_study_is_held_for_the_same_matter(tenant: Tenant, study: Study) -> None:
    hold(tenant, study, of_patient=False)
    other_id = split(tenant, study, BERT)

    assert held(tenant) == sorted([(study.id, "File 12"), (other_id, "File 12")], key=str)
    outbox.drain([tenant.id])
    assert len(held(tenant)) == 2


def test_a_hold_on_a_patient_reaches_what_another_one_gets(tenant: Tenant, study: Study) -> None:
    hold(tenant, study, of_patient=True)
    other_id = split(tenant, study, BERT)

    assert held(tenant) == sorted([(None, "File 12"), (other_id, "File 12")], key=str)


def test_a_hold_on_the_patient_who_keeps_it_needs_no_second(tenant: Tenant, study: Study) -> None:
    hold(tenant, study, of_patient=True)
    split(tenant, study, None)

    assert held(tenant) == [(None, "File 12")]


def test_without_a_hold_nothing_is_held(tenant: Tenant, study: Study) -> None:
    split(tenant, study, BERT)

    assert held(tenant) == []

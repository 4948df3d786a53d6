"""Who was exposed: what the report says is what the access log says, asked another way."""

import datetime as dt
from uuid import UUID

import pytest
import time_machine
from django.db import DatabaseError, connection, transaction

from accounts.models import Tenant
from accounts.services import deactivate_member
from audit import services as audit
from common.actor import Actor, ActorKind
from common.clock import now, today
from common.errors import ForbiddenError
from common.ids import uuid7
from common.scope import tenant_scope
from compliance.incidents import contexts, exposure, services
from compliance.incidents.errors import IncidentNotFoundError, IncidentRefusedError
from compliance.incidents.exposure import Wanted
from compliance.models import ExposureReport
from sharing import selectors as sharing
from tests.factories.cast import make_actor, make_tenant
from tests.factories.sharing import Shared, make_study, share

pytestmark = pytest.mark.django_db


@pytest.fixture
def link(tenant: Tenant) -> Shared:
    """A leaked link to three studies, of which two were opened, among what others did."""
    made = share(tenant, studies=3)
    guest = sharing.guest_of(tenant_id=tenant.id, link_id=made.link_id)
    dentist = make_actor(tenant, "dentist")
    with tenant_scope(tenant.id):
        for study_id in made.study_ids[:2]:
            audit.record(actor=guest, action="study.opened", study_id=study_id)
            audit.record(actor=guest, action="study.frames-read", study_id=study_id, detail={"frames": 40})
            audit.record(actor=dentist, action="study.opened", study_id=study_id)
        audit.record(actor=guest, action="study.exported", study_id=made.study_ids[0])
        audit.record(actor=dentist, action="study.opened", study_id=made.study_ids[2])
        audit.record(actor=guest, action="worklist.viewed")
    return made


def independent(tenant: Tenant, actor_id: UUID, since: dt.datetime | None = None) -> dict[UUID, int]:
    """Ask the table of the log itself, in SQL, how many events of an actor name which study."""
    key = actor_id if connection.vendor == "postgresql" else actor_id.hex
    with tenant_scope(tenant.id), connection.cursor() as cursor:
        cursor.execute(
            "SELECT study_id, count(*) FROM audit_auditevent WHERE tenant_id = %s AND actor_id = %s "
            "AND study_id IS NOT NULL AND recorded_at >= %s GROUP BY study_id",
            [
                tenant.id if connection.vendor == "postgresql" else tenant.id.hex,
                key,
                (since or dt.datetime(2000, 1, 1, tzinfo=dt.UTC)).replace(tzinfo=None)
                if connection.vendor == "sqlite"
                else since or dt.datetime(2000, 1, 1, tzinfo=dt.UTC),
            ],
        )
        return {study_id if isinstance(study_id, UUID) else UUID(study_id): n for study_id, n in cursor.fetchall()}


def reported(tenant: Tenant, wanted: Wanted) -> dict[UUID, int]:
    with tenant_scope(tenant.id):
        found = exposure.find(wanted)
    return {UUID(line["study_id"]): sum(line["actions"].values()) for line in found["opened"]}


@pytest.mark.req("X-17")
@pytest.mark.parametrize("page", [2, 500])
def test_the_report_of_a_leaked_link_equals_an_independent_query(
    tenant: Tenant, link: Shared, monkeypatch: pytest.MonkeyPatch, page: int
) -> None:
    monkeypatch.setattr(exposure, "_PAGE", page)
    found = reported(tenant, Wanted("link", link.link_id))

    assert found == independent(tenant, link.link_id)
    assert sorted(found.values()) == [2, 3]


@pytest.mark.req("X-17")
def test_it_names_the_patients_and_what_was_within_reach(tenant: Tenant, link: Shared) -> None:
    with tenant_scope(tenant.id):
        found = exposure.find(Wanted("link", link.link_id))

    assert [line["patient"] for line in found["opened"]] == ["Mustermann, Erika"] * 2
    assert [line["frames"] for line in found["opened"]] == [40, 40]
    assert [line["study_id"] for line in found["not_opened"]] == [str(link.study_ids[2])]
    assert (found["patients"], found["events"], found["other_events"]) == (2, 6, {"worklist.viewed": 1})


@pytest.mark.req("X-17")
def test_an_account_a_key_and_a_device_are_found_the_same_way(tenant: Tenant) -> None:
    study, other = make_study(tenant), make_study(tenant)
    dentist = make_actor(tenant, "dentist")
    token = Actor(tenant_id=tenant.id, kind=ActorKind.TOKEN, id=uuid7(), scopes=frozenset({"api.read"}))
    with tenant_scope(tenant.id):
        with time_machine.travel(now() - dt.timedelta(days=3), tick=False):
            audit.record(actor=dentist, action="study.opened", study_id=other.id)
        audit.record(actor=dentist, action="report.read", study_id=study.id)
        audit.record(actor=token, action="study.exported", study_id=study.id)
    since = now() - dt.timedelta(days=1)

    assert reported(tenant, Wanted("account", dentist.id)) == independent(tenant, dentist.id)
    assert reported(tenant, Wanted("token", token.id)) == independent(tenant, token.id) == {study.id: 1}
    # A device: what the account opened while it was out of sight.
    found = reported(tenant, Wanted("device", dentist.id, since=since))
    assert found == independent(tenant, dentist.id, since) == {study.id: 1}


@pytest.mark.parametrize("kind", ["account", "device"])
def test_an_account_that_was_shut_is_still_asked_about(tenant: Tenant, officer: Actor, kind: str) -> None:
    dentist = make_actor(tenant, "dentist")
    deactivate_member(actor=make_actor(tenant, "owner"), user_id=dentist.id)

    services.report_exposure(
        actor=officer, incident_id=make_incident(officer), wanted=Wanted(kind, dentist.id, since=now())
    )

    with tenant_scope(tenant.id):
        (people,) = [choices for _label, choices in contexts.subjects() if str(dentist.id) in dict(choices)]
        assert ExposureReport.objects.get().subject_name == dict(people)[str(dentist.id)]


def make_incident(officer: Actor) -> UUID:
    values = {"title": "Link forwarded", "kind": "leaked_link", "description": "To a list", "discovered_date": today()}
    return services.report_incident(actor=officer, values=values)


def test_a_device_needs_the_time_in_which_it_was_out_of_sight(officer: Actor) -> None:
    wanted = Wanted("device", officer.id)

    with pytest.raises(IncidentRefusedError, match="Say since when"):
        services.report_exposure(actor=officer, incident_id=make_incident(officer), wanted=wanted)


@pytest.mark.req("X-17")
def test_a_report_is_kept_as_it_was_found(tenant: Tenant, officer: Actor, link: Shared) -> None:
    incident_id = make_incident(officer)
    services.report_exposure(actor=officer, incident_id=incident_id, wanted=Wanted("link", link.link_id))

    with tenant_scope(tenant.id):
        row = ExposureReport.objects.get()
        assert row.sha256 == exposure.digest(row.content)
        for attempt in (lambda: ExposureReport.objects.update(sha256=""), ExposureReport.objects.all().delete):
            with pytest.raises(DatabaseError), transaction.atomic():
                attempt()


def test_a_link_of_another_practice_is_none(officer: Actor) -> None:
    foreign = share(make_tenant())
    wanted = Wanted("link", foreign.link_id)

    with pytest.raises(IncidentNotFoundError):
        services.report_exposure(actor=officer, incident_id=make_incident(officer), wanted=wanted)


def test_an_auditor_asks_nothing_new_of_the_log(tenant: Tenant, officer: Actor, link: Shared) -> None:
    incident_id = make_incident(officer)

    with pytest.raises(ForbiddenError):
        services.report_exposure(
            actor=make_actor(tenant, "auditor"), incident_id=incident_id, wanted=Wanted("link", link.link_id)
        )

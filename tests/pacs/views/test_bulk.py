"""Several studies at once: into the bin and back, to a reader, into one archive, into one link."""

import io
import zipfile
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from accounts.models import Tenant
from audit import selectors as audit
from common.actor import Actor, ActorKind, Grant
from common.ids import uuid7
from common.scope import tenant_scope
from pacs.models import Study
from sharing.models import ShareLinkStudy
from tests.factories.cast import make_member, make_tenant
from tests.factories.rows import make_row
from tests.factories.studies import make_study
from tests.pacs.dicomweb import acting

pytestmark = pytest.mark.django_db
Enter = Callable[[str], Client]
JSON = {"Accept": "application/json"}


def ids_of(*studies: Study) -> list[str]:
    return [str(study.id) for study in studies]


def bulk(client: Client, action: str, *studies: Study, **more: Any) -> Any:
    return client.post("/studies/bulk/", {"action": action, "study": ids_of(*studies), **more}, headers=JSON)


def in_bin(tenant: Tenant) -> int:
    with tenant_scope(tenant.id):
        return int(Study.objects.exclude(deleted_at=None).count())


def test_several_studies_go_into_the_bin_and_one_press_takes_them_back(tenant: Tenant, enter: Enter) -> None:
    studies = [make_study(tenant.id, f"bulk-{number}", 1) for number in range(3)]
    owner = enter("owner")
    answer = bulk(owner, "bin", *studies[:2])
    page = owner.get("/studies/").content.decode()

    assert (answer.json(), in_bin(tenant)) == ({"done": 2}, 2)
    assert "2\n            studies lie in the bin." in page or "2 studies lie in the bin." in page
    bulk(owner, "restore", *studies[:2])
    assert in_bin(tenant) == 0


def test_what_comes_in_pieces_is_undone_as_one(tenant: Tenant, enter: Enter) -> None:
    first, second = make_study(tenant.id, "one", 1), make_study(tenant.id, "two", 1)
    owner = enter("owner")
    bulk(owner, "bin", first)
    bulk(owner, "bin", second)
    page = owner.get("/studies/").content.decode()

    assert all(f'name="study" value="{study_id}"' in page for study_id in ids_of(first, second))


@pytest.mark.req("PA-06")
@pytest.mark.parametrize("action", ["bin", "restore"])
@pytest.mark.parametrize("role", ["technician", "dentist", "auditor"])
def test_who_may_not_delete_one_study_deletes_no_several(tenant: Tenant, enter: Enter, role: str, action: str) -> None:
    study = make_study(tenant.id, "kept", 1)

    assert bulk(enter(role), action, study).status_code == 403
    assert in_bin(tenant) == 0


@pytest.mark.req("PA-06")
def test_a_study_of_another_tenant_is_in_no_choice(enter: Enter) -> None:
    foreign = make_tenant()
    study = make_study(foreign.id, "foreign", 1)

    assert bulk(enter("owner"), "bin", study).status_code == 404
    assert in_bin(foreign) == 0


@pytest.mark.parametrize("studies", [[], ["nonsense"], [str(uuid7()) for _ in range(201)]], ids=["0", "bad", "201"])
def test_a_choice_that_is_none_is_refused(enter: Enter, studies: list[str]) -> None:
    answer = enter("owner").post("/studies/bulk/", {"action": "bin", "study": studies})

    assert answer.status_code == 400


@pytest.mark.req("PA-07")
def test_a_study_is_given_to_a_radiologist_to_read(tenant: Tenant, enter: Enter) -> None:
    study, reader = make_row(tenant.id), make_member(tenant, "radiologist")
    answer = bulk(enter("technician"), "assign", study, reader=str(reader.id))
    with tenant_scope(tenant.id):
        assert Study.objects.get(id=study.id).assigned_to == reader.id
        (entry,) = audit.list_events(audit.Filter(action="study.assigned"))

    assert (answer.json(), entry.subject_id) == ({"done": 1}, reader.id)


def test_a_study_is_given_to_nobody_again(tenant: Tenant, enter: Enter) -> None:
    study = make_row(tenant.id, assigned_to=uuid7())
    bulk(enter("technician"), "assign", study)
    with tenant_scope(tenant.id):
        assert Study.objects.get(id=study.id).assigned_to is None


def test_only_a_radiologist_of_the_centre_is_asked_to_read(tenant: Tenant, enter: Enter) -> None:
    study, stranger = make_row(tenant.id), make_member(make_tenant(), "radiologist")

    assert bulk(enter("technician"), "assign", study, reader=str(stranger.id)).status_code == 400


def test_several_studies_are_one_archive_with_one_directory(tenant: Tenant, enter: Enter) -> None:
    studies = [make_study(tenant.id, f"zip-{number}", 2) for number in range(2)]
    answer = enter("technician").post("/studies/archive", {"study": ids_of(*studies)})
    archive = zipfile.ZipFile(io.BytesIO(b"".join(answer)))

    assert len(archive.namelist()) == 5
    assert archive.namelist()[-1] == "DICOMDIR"
    assert archive.testzip() is None


@pytest.mark.req("PA-07")
def test_each_study_of_an_archive_is_written_down(tenant: Tenant, enter: Enter) -> None:
    studies = [make_study(tenant.id, f"zip-{number}", 1) for number in range(2)]
    b"".join(enter("technician").post("/studies/archive", {"study": ids_of(*studies)}))
    with tenant_scope(tenant.id):
        exported = audit.list_events(audit.Filter(action="study.exported"))

    assert {entry.study_id for entry in exported} == {study.id for study in studies}


@pytest.mark.req("PA-06")
def test_one_study_that_is_not_ones_own_spoils_the_archive(tenant: Tenant, enter: Enter) -> None:
    own, foreign = make_study(tenant.id, "own", 1), make_study(make_tenant().id, "foreign", 1)

    assert enter("technician").post("/studies/archive", {"study": ids_of(own, foreign)}).status_code == 404
    assert enter("assistant").post("/studies/archive", {"study": ids_of(own)}).status_code == 403


def test_what_only_a_link_gives_is_in_no_archive_of_several(tenant: Tenant, enter: Enter, settings: Any) -> None:
    own, foreign = make_study(tenant.id, "own", 1), make_study(make_tenant().id, "foreign", 1)
    grant = Grant(frozenset({foreign.id}), frozenset({"view", "download_dicom"}))
    acting.present([Actor(foreign.tenant_id, ActorKind.GUEST, uuid7(), frozenset({"guest"}), grant=grant)])
    settings.ACTOR_RESOLVERS = [*settings.ACTOR_RESOLVERS, "tests.pacs.dicomweb.acting.resolve"]

    answer = enter("technician").post("/studies/archive", {"study": ids_of(own, foreign)})
    acting.present([])

    assert answer.status_code == 404


def test_several_studies_are_shared_by_one_link(tenant: Tenant, enter: Enter) -> None:
    studies = [make_study(tenant.id, f"share-{number}", 1) for number in range(2)]
    technician, chosen = enter("technician"), {"study": ids_of(*studies)}
    form = technician.post("/studies/share/", chosen).content.decode()
    technician.post("/studies/share/", {**chosen, "email": "r@practice.example", "rights": ["report"]})
    with tenant_scope(tenant.id):
        shared = set(ShareLinkStudy.objects.values_list("study_id", flat=True))

    assert all(f'name="study" value="{study_id}"' in form for study_id in ids_of(*studies)) or all(
        study_id in form for study_id in ids_of(*studies)
    )
    assert shared == {study.id for study in studies}

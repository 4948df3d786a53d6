"""Uploads from a browser: what arrived is known, whatever interrupted it."""

import datetime as dt
import hashlib
from collections.abc import Sequence
from uuid import UUID

import pytest
import time_machine

from accounts.models import Tenant
from common.actor import Actor, system_actor
from common.clock import now
from common.errors import ForbiddenError, InvalidInputError
from common.inserting import insert
from common.scope import tenant_scope
from pacs import services
from pacs.errors import UploadNotFoundError
from pacs.intake import Batch, sessions
from pacs.models import Instance, Study, Upload, UploadedFile
from tests.factories.cast import make_actor, make_tenant
from tests.factories.studies import make_dicom, make_files

pytestmark = pytest.mark.django_db


def print_of(name: object) -> bytes:
    return hashlib.sha256(str(name).encode()).digest()


def begin(actor: Actor, total: int, name: str = "CD") -> UUID:
    return sessions.begin_upload(
        actor=actor, digest=print_of(name), label=name, total_files=total, total_bytes=total * 1000
    )


def send(actor: Actor, upload_id: UUID, files: Sequence[bytes], first: int = 1) -> list[str]:
    """Send files as the view does; they are named by their numbers."""
    names = [print_of(number) for number in range(first, first + len(files))]
    with Batch(actor=actor, source="browser") as batch:
        for file in files:
            batch.add([file])
        verdicts = batch.commit(
            lambda found: sessions.note_verdicts(
                actor=actor, upload_id=upload_id, verdicts=dict(zip(names, found, strict=True))
            )
        )
    return [verdict.status.value for verdict in verdicts]


def test_an_upload_that_ends_just_then_is_followed_by_another(
    technician: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = begin(technician, 3)

    def insert_late(rows: Sequence[Upload], **terms: bool) -> int:
        done = insert(rows, **terms)
        Upload.objects.filter(id=before, ended_at=None).update(ended_at=now())
        return done

    monkeypatch.setattr(sessions, "insert", insert_late)

    assert begin(technician, 3) != before


def known(actor: Actor, upload_id: UUID, total: int) -> dict[bytes, str]:
    asked = [print_of(number) for number in range(1, total + 1)]
    found = sessions.list_answered(actor=actor, upload_id=upload_id, fingerprints=asked)
    return {one.fingerprint: one.status for one in found}


def test_the_same_files_chosen_again_go_on_with_the_same_upload(technician: Actor) -> None:
    assert begin(technician, 3) == begin(technician, 3)
    assert begin(technician, 3) != begin(technician, 3, "another CD")


def test_what_arrived_is_known_and_the_rest_is_not(technician: Actor) -> None:
    upload = begin(technician, 3)
    send(technician, upload, make_files("s", 2))

    assert known(technician, upload, 3) == {print_of(1): "stored", print_of(2): "stored"}


def test_an_upload_ends_when_every_file_has_an_answer(technician: Actor) -> None:
    upload = begin(technician, 3)
    send(technician, upload, make_files("s", 2))
    assert [one.answered_files for one in sessions.list_unfinished(actor=technician)] == [2]

    send(technician, upload, [b"no image" * 40], first=3)

    assert sessions.list_unfinished(actor=technician) == []
    assert known(technician, upload, 3)[print_of(3)] == "refused"


def count(actor: Actor, upload_id: UUID, total: int) -> None:
    sessions.count_upload(actor=actor, upload_id=upload_id, total_files=total, total_bytes=total * 1000)


def test_while_files_are_looked_at_an_upload_has_no_end(technician: Actor) -> None:
    upload = begin(technician, 0)
    send(technician, upload, make_files("s", 2))
    (unfinished,) = sessions.list_unfinished(actor=technician)
    assert (unfinished.answered_files, unfinished.total_files) == (2, 0)
    assert begin(technician, 0) == upload


@pytest.mark.parametrize(("total", "left"), [(2, 0), (3, 1)])
def test_once_its_files_are_counted_it_ends_with_the_last(technician: Actor, total: int, left: int) -> None:
    upload = begin(technician, 0)
    send(technician, upload, make_files("s", 2))
    count(technician, upload, total)
    assert len(sessions.list_unfinished(actor=technician)) == left

    send(technician, upload, make_files("t", 1), first=3)
    assert sessions.list_unfinished(actor=technician) == []


def test_only_whose_upload_it_is_counts_its_files(tenant: Tenant, technician: Actor) -> None:
    with pytest.raises(UploadNotFoundError):
        count(make_actor(tenant, "technician"), begin(technician, 0), 1)


def test_a_batch_whose_transaction_fails_is_not_known(technician: Actor, monkeypatch: pytest.MonkeyPatch) -> None:
    upload = begin(technician, 2)
    monkeypatch.setattr("pacs.intake.sessions.insert", lambda *_, **__: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        send(technician, upload, make_files("s", 2))
    monkeypatch.undo()

    assert known(technician, upload, 2) == {}
    with tenant_scope(technician.tenant_id):
        assert not Instance.objects.exists()


def test_a_batch_sent_twice_is_stored_once_and_counted_once(technician: Actor) -> None:
    upload = begin(technician, 2)
    assert send(technician, upload, make_files("s", 2)) == ["stored", "stored"]
    assert send(technician, upload, make_files("s", 2)) == ["duplicate", "duplicate"]

    assert set(known(technician, upload, 2).values()) == {"stored"}
    with tenant_scope(technician.tenant_id):
        assert (Instance.objects.count(), UploadedFile.objects.count()) == (2, 2)


def test_what_another_upload_brought_need_not_be_sent(tenant: Tenant, technician: Actor) -> None:
    send(make_actor(tenant, "technician"), begin(make_actor(tenant, "technician"), 2, "first"), make_files("s", 2))

    again = begin(technician, 2, "second")

    assert set(known(technician, again, 2).values()) == {"duplicate"}
    assert sessions.list_unfinished(actor=technician) == []


def test_what_was_deleted_meanwhile_is_sent_again(tenant: Tenant, technician: Actor) -> None:
    send(technician, begin(technician, 1), make_files("s", 1))
    with tenant_scope(tenant.id):
        study = Study.objects.get()
    services.delete_study(actor=make_actor(tenant, "owner"), study_id=study.id)

    assert known(technician, begin(technician, 1, "again"), 1) == {}


def test_what_was_deleted_before_an_upload_is_gone_on_with_is_sent_again(technician: Actor) -> None:
    upload, files = begin(technician, 3), make_files("s", 3)
    send(technician, upload, files[:2])
    with tenant_scope(technician.tenant_id):
        study = Study.objects.get()
    services.delete_study(actor=system_actor(technician.tenant_id), study_id=study.id)

    assert begin(technician, 3) == upload
    assert known(technician, upload, 3) == {}
    assert send(technician, upload, files[2:], first=3) == ["stored"]
    assert [one.answered_files for one in sessions.list_unfinished(actor=technician)] == [1]
    assert send(technician, upload, files[:2]) == ["stored", "stored"]
    assert (len(known(technician, upload, 3)), sessions.list_unfinished(actor=technician)) == (3, [])


def test_what_was_refused_once_is_tried_again_by_another_upload(technician: Actor) -> None:
    send(technician, begin(technician, 1), [b"no image" * 40])

    assert known(technician, begin(technician, 1, "again"), 1) == {}


def test_what_is_in_doubt_is_told_so_when_it_is_chosen_again(technician: Actor) -> None:
    send(technician, begin(technician, 1), [make_dicom("a", 1, PatientID="P1", PatientName="Somebody^One")])
    held = [make_dicom("b", 1, PatientID="P1", PatientName="Another^Two")]
    assert send(technician, begin(technician, 1, "b"), held, first=2) == ["held"]

    again = begin(technician, 1, "again")
    found = sessions.list_answered(actor=technician, upload_id=again, fingerprints=[print_of(2)])

    assert [one.status for one in found] == ["held"]


@pytest.mark.req("PA-06")
def test_the_upload_of_somebody_else_is_not_there(tenant: Tenant, technician: Actor) -> None:
    upload = begin(technician, 1)
    for stranger in (make_actor(tenant, "technician"), make_actor(make_tenant(), "technician")):
        with pytest.raises(UploadNotFoundError):
            sessions.require_upload(actor=stranger, upload_id=upload)


@pytest.mark.req("PA-06")
def test_who_may_not_upload_begins_nothing(tenant: Tenant) -> None:
    with pytest.raises(ForbiddenError):
        begin(make_actor(tenant, "dentist"), 1)


def test_a_file_of_another_tenant_is_not_known(technician: Actor) -> None:
    elsewhere = make_actor(make_tenant(), "technician")
    send(elsewhere, begin(elsewhere, 1), make_files("s", 1))

    assert known(technician, begin(technician, 1), 1) == {}


def test_an_upload_that_is_given_up_is_no_longer_listed_and_what_it_stored_stays(technician: Actor) -> None:
    upload = begin(technician, 2)
    send(technician, upload, make_files("s", 1))

    sessions.discard_upload(actor=technician, upload_id=upload)

    assert sessions.list_unfinished(actor=technician) == []
    with tenant_scope(technician.tenant_id):
        assert Instance.objects.count() == 1


def test_uploads_are_forgotten_after_thirty_days(technician: Actor) -> None:
    upload = begin(technician, 2)
    send(technician, upload, make_files("s", 1))

    with time_machine.travel(now() + dt.timedelta(days=29), tick=False):
        assert sessions.purge() == 0
    with time_machine.travel(now() + dt.timedelta(days=31), tick=False):
        assert sessions.purge() == 1
    with tenant_scope(technician.tenant_id):
        assert not Upload.objects.exists()


def test_the_name_of_a_folder_is_kept_and_the_names_of_files_are_not(technician: Actor) -> None:
    begin(technician, 1, "Mustermann CD")

    assert [one.label for one in sessions.list_unfinished(actor=technician)] == ["Mustermann CD"]
    assert {field.name for field in UploadedFile._meta.get_fields()}.isdisjoint({"name", "path"})


@pytest.mark.parametrize("text", ["", "abc", "!" * 43, "A" * 44, "A" * 42])
def test_what_is_no_fingerprint_is_refused(text: str) -> None:
    with pytest.raises(InvalidInputError):
        sessions.parse_fingerprint(text)


def test_a_fingerprint_travels_there_and_back() -> None:
    assert sessions.parse_fingerprint(f"<{sessions.write_fingerprint(print_of(1))}>") == print_of(1)

"""C-STORE: what is acknowledged is kept, and what is not says why."""

import pytest

from audit.models import AuditEvent
from common.actor import system_actor
from common.errors import StorageFullError
from common.scope import tenant_scope
from pacs import services
from pacs.dicom.file_meta import data_set_offset
from pacs.dimse import callers, commands
from pacs.dimse.association import value_pdu
from pacs.dimse.callers import Caller
from pacs.dimse.commands import Field, Status
from pacs.dimse.errors import AssociationEndedError, AssociationRefusedError
from pacs.dimse.models import Peer
from pacs.dimse.negotiation import VERIFICATION
from pacs.models import Instance, Refusal, Study
from tests.factories.studies import make_dicom, make_files
from tests.factories.studies import store as store_directly
from tests.pacs.dimse.talking import CT, Device, make_called_tenant, talk, uid_of
from vault import selectors as vault

pytestmark = [pytest.mark.django_db, pytest.mark.req("BR-01")]
UNKNOWN_CLASS = "1.2.826.0.1.3680043.2.1234.1"


def test_a_device_verifies_and_stores_a_series() -> None:
    tenant = make_called_tenant()
    files = make_files("series", 3)

    def act(device: Device) -> list[int]:
        echo = device.ask(VERIFICATION, Field.C_ECHO)["Status"]
        return [echo, *(device.store(file)["Status"] for file in files)]

    assert talk(act, VERIFICATION, CT) == [0, 0, 0, 0]
    with tenant_scope(tenant.id):
        rows = list(Instance.objects.order_by("instance_number"))
        assert [row.sop_instance_uid for row in rows] == [uid_of(file) for file in files]
        kept = b"".join(vault.open_object(tenant_id=tenant.id, blob_id=rows[0].blob_id).stream())
        details = [event.body for event in AuditEvent.objects.filter(action="study.stored")]
    # All but the file meta information, which is ours, is what was sent.
    assert kept.endswith(files[0][-600:])
    assert any(b'"calling_ae_title":"DEVICE"' in bytes(body) for body in details)


def test_the_same_object_again_is_a_success_and_kept_once() -> None:
    tenant = make_called_tenant()
    file = make_dicom("again")

    assert talk(lambda device: [device.store(file)["Status"] for _ in range(2)], CT) == [0, 0]
    with tenant_scope(tenant.id):
        assert Instance.objects.count() == 1


def test_what_was_just_deleted_can_be_sent_again_at_once() -> None:
    tenant = make_called_tenant()
    file = make_dicom("deleted")
    for _ in range(3):
        assert talk(lambda device: [device.store(one)["Status"] for one in (file, file)], CT) == [0, 0]
        with tenant_scope(tenant.id):
            study_id = Study.objects.get(deleted_at=None).id
        services.delete_study(actor=system_actor(tenant.id), study_id=study_id)

    with tenant_scope(tenant.id):
        assert Study.objects.exclude(deleted_at=None).count() == 3


def test_the_same_data_set_that_came_by_another_way_is_a_success() -> None:
    tenant = make_called_tenant()
    file = make_dicom("twice")
    store_directly(tenant.id, [file])

    assert talk(lambda device: device.store(file)["Status"], CT) == 0
    with tenant_scope(tenant.id):
        assert (Instance.objects.count(), Refusal.objects.count()) == (1, 0)


def test_an_object_under_a_known_uid_with_other_pixels_is_refused_and_quarantined() -> None:
    tenant = make_called_tenant()
    first, other = make_dicom("known"), make_dicom("known", Rows=16, WindowCenter=77.0)

    answers = talk(lambda device: [device.store(file)["Status"] for file in (first, other)], CT)

    assert answers == [0, Status.DUPLICATE_INSTANCE]
    with tenant_scope(tenant.id):
        assert Refusal.objects.get().reason == "uid-with-other-bytes"


def test_a_data_set_of_another_instance_than_its_command_says_is_refused() -> None:
    tenant = make_called_tenant()
    file = make_dicom("mismatch")

    assert talk(lambda device: device.store(file, sop_instance="1.2.3")["Status"], CT) == Status.DATA_SET_MISMATCH
    with tenant_scope(tenant.id):
        assert Refusal.objects.get().reason == "sop-instance-mismatch"
        assert Instance.objects.count() == 0


def test_an_unreadable_data_set_is_refused_and_the_next_one_is_stored() -> None:
    tenant = make_called_tenant()
    broken, good = make_dicom("broken")[:-40], make_dicom("good")

    answers = talk(lambda device: [device.store(file) for file in (broken, good)], CT)

    assert answers[0]["Status"] >> 12 in {0xA, 0xC}
    assert answers[0]["ErrorComment"]
    assert answers[1]["Status"] == 0
    with tenant_scope(tenant.id):
        assert Instance.objects.count() == 1


def test_what_is_sent_without_waiting_for_answers_shares_transactions() -> None:
    tenant = make_called_tenant()
    files = make_files("window", 6)

    def act(device: Device) -> list[int]:
        context = device.context(CT)
        assert device.association.remote.window == 8
        for number, file in enumerate(files):
            device.send(
                context,
                CT,
                Field.C_STORE,
                file[data_set_offset(file) :],
                message_id=number,
                AffectedSOPInstanceUID=uid_of(file),
                Priority=0,
            )
        answers = [device.association.read_message() for _ in files]
        return [answer.command["MessageIDBeingRespondedTo"] for answer in answers if answer]

    assert sorted(talk(act, CT, window=8, has_window=True)) == list(range(6))
    with tenant_scope(tenant.id):
        assert Instance.objects.count() == 6
        assert AuditEvent.objects.filter(action="study.stored").count() < 6


def test_a_device_that_vanishes_inside_an_object_leaves_nothing_behind() -> None:
    tenant = make_called_tenant()
    file = make_dicom("vanished")

    def act(device: Device) -> None:
        device.store(make_dicom("before"))
        context = device.context(CT)
        command = {
            "AffectedSOPClassUID": CT,
            "CommandField": Field.C_STORE,
            "MessageID": 9,
            "CommandDataSetType": 1,
            "AffectedSOPInstanceUID": uid_of(file),
        }
        raw = commands.write(command)
        device.association.connection.sendall(value_pdu(context.id, 3, raw) + value_pdu(context.id, 0, file[-400:]))
        device.association.close()
        raise AssociationEndedError

    with pytest.raises(AssociationEndedError):
        talk(act, CT)
    with tenant_scope(tenant.id):
        assert Instance.objects.count() == 1


def test_a_full_store_is_told_and_the_association_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    tenant = make_called_tenant()
    file = make_dicom("full")

    def full(*_: object) -> None:
        raise StorageFullError

    def act(device: Device) -> list[int]:
        monkeypatch.setattr("vault.services.sync", full)
        first = device.store(file)["Status"]
        monkeypatch.undo()
        return [first, device.store(file)["Status"]]

    assert talk(act, CT) == [Status.OUT_OF_RESOURCES, 0]
    with tenant_scope(tenant.id):
        assert Instance.objects.count() == 1


def test_a_class_that_nobody_knows_is_taken_where_the_tenant_allows_it() -> None:
    make_called_tenant("STRICT")
    tenant = make_called_tenant("OPEN", takes_unknown=True)
    file = make_dicom("private", SOPClassUID=UNKNOWN_CLASS)

    def accepted(device: Device) -> int:
        return len(device.association.contexts)

    assert talk(accepted, UNKNOWN_CLASS, called="STRICT") == 0
    assert talk(lambda device: device.store(file, sop_class=UNKNOWN_CLASS)["Status"], UNKNOWN_CLASS, called="OPEN") == 0
    with tenant_scope(tenant.id):
        assert Instance.objects.get().sop_class_uid == UNKNOWN_CLASS


def test_a_device_that_may_not_store_gets_no_context_for_it() -> None:
    make_called_tenant(can_store=False)

    contexts = talk(
        lambda device: [one.abstract_syntax for one in device.association.contexts.values()], VERIFICATION, CT
    )

    assert contexts == [VERIFICATION]


def test_a_device_that_is_turned_off_stores_nothing_more_on_an_open_association() -> None:
    tenant = make_called_tenant()
    stopped: list[bool] = []

    def act(device: Device) -> int:
        device.store(make_dicom("first"))
        stopped.append(True)
        return int(device.store(make_dicom("second"))["Status"])

    original = Caller.is_still_welcome

    def welcome(caller: Caller, right: str) -> bool:
        if stopped:
            with tenant_scope(tenant.id):
                Peer.objects.update(state=Peer.State.DISABLED)
            callers.forget()
        return original(caller, right)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Caller, "is_still_welcome", welcome)
        assert talk(act, CT) == Status.NOT_AUTHORISED
    with pytest.raises(AssociationRefusedError):
        talk(lambda _: None, CT)
    with tenant_scope(tenant.id):
        assert Instance.objects.count() == 1

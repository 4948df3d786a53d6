"""Worklist, performed steps and storage commitment, as a modality uses them."""

import datetime as dt
from typing import Any
from uuid import UUID

import pytest

from accounts.models import Tenant
from common.actor import system_actor
from common.scope import tenant_scope
from pacs.appointments import plans, services
from pacs.appointments.models import Appointment, PerformedStep
from pacs.dimse import calling, datasets, negotiation, peers, promising
from pacs.dimse.commands import Field, Status
from pacs.dimse.datasets import attribute
from pacs.dimse.errors import AssociationEndedError
from pacs.dimse.models import Commitment, Peer
from pacs.dimse.negotiation import COMMITMENT, COMMITMENT_INSTANCE, MODALITY_WORKLIST, PERFORMED_STEP
from tests.factories.crossing import cross
from tests.factories.studies import make_study
from tests.pacs.dimse.talking import CT, Device, make_called_tenant, talk, values

pytestmark = [pytest.mark.django_db, pytest.mark.req("BR-02")]
STEP = "00400100"
DAY = "2026-11-30"


def plan(tenant: Tenant, external_id: str, **changes: Any) -> Appointment:
    fields = {"external_id": external_id, "patient_id": "P-1", "family_name": "Müller", "given_name": "Änne"}
    read = plans.read({**fields, "date": DAY, "time": "08:30", "modality": "CT", **changes})
    services.save(actor=system_actor(tenant.id), plans=[read])
    with tenant_scope(tenant.id):
        row: Appointment = Appointment.objects.get(external_id=external_id)
    return row


def ask(keys: dict[str, Any], **step: Any) -> list[dict[str, Any]]:
    item: dict[str, Any] = {}
    for keyword, value in step.items():
        item |= attribute(keyword, value)
    identifier: dict[str, Any] = {STEP: {"vr": "SQ", "Value": [item]}}
    for keyword, value in keys.items():
        identifier |= attribute(keyword, value)

    def act(device: Device) -> list[dict[str, Any]]:
        device.ask(MODALITY_WORKLIST, Field.C_FIND, identifier)
        return [found or {} for _, found in device.answers[:-1]]

    return talk(act, MODALITY_WORKLIST)


def steps(matches: list[dict[str, Any]], tag: str) -> list[Any]:
    return [match[STEP]["Value"][0].get(tag, {}).get("Value", [None])[0] for match in matches]


def test_a_device_reads_who_comes_to_it_today() -> None:
    tenant = make_called_tenant()
    mine = plan(tenant, "a", station="DEVICE", accession_number="ACC-1")
    plan(tenant, "b", station="OTHER")
    plan(tenant, "c", date="2026-12-24")
    plan(tenant, "d", cancelled=True)
    everybodys = plan(tenant, "e")

    found = ask(
        {"PatientName": None, "PatientID": None, "StudyInstanceUID": None, "AccessionNumber": None},
        ScheduledStationAETitle="DEVICE",
        ScheduledProcedureStepStartDate="20261130",
        ScheduledProcedureStepID=None,
    )

    assert values(found, "0020000D") == [mine.study_instance_uid, everybodys.study_instance_uid]
    assert values(found, "00080050") == ["ACC-1", None]
    assert found[0]["00100010"]["Value"] == [{"Alphabetic": "Müller^Änne"}]
    assert steps(found, "00400001") == ["DEVICE", "DEVICE"]
    assert len(steps(found, "00400009")[0]) == 16


@pytest.mark.parametrize(
    ("keys", "count"),
    [
        ({"PatientName": "muller*"}, 1),
        ({"PatientName": "Nobody*"}, 0),
        ({"PatientID": "P-1"}, 1),
        ({"PatientID": "P-2"}, 0),
        ({"AccessionNumber": "ACC*"}, 1),
        ({"PatientName": "M*ll*"}, 1),
        ({"PatientName": "?üller^Än?e"}, 1),
        ({"PatientName": "*ller^?nne"}, 1),
        ({"PatientName": "M?ller"}, 0),
        ({"PatientName": "M*x*"}, 0),
    ],
)
def test_the_worklist_is_matched_by_patient_and_number(keys: dict[str, str], count: int) -> None:
    plan(make_called_tenant(), "a", accession_number="ACC-7")

    assert len(ask(keys)) == count


def test_a_worklist_query_that_cannot_be_read_is_refused() -> None:
    make_called_tenant()
    step = {STEP: {"vr": "SQ", "Value": [attribute("ScheduledProcedureStepStartDate", "today")]}}

    answer = talk(lambda device: device.ask(MODALITY_WORKLIST, Field.C_FIND, step), MODALITY_WORKLIST)

    assert answer["Status"] == Status.CANNOT_UNDERSTAND


def test_a_step_that_is_no_sequence_asks_for_nothing() -> None:
    plan(make_called_tenant(), "a")
    keys = {STEP: {"vr": "LO", "Value": ["x"]}, **attribute("PatientID", "P-1")}

    def act(device: Device) -> tuple[int, int]:
        answer = device.ask(MODALITY_WORKLIST, Field.C_FIND, keys)
        return len(device.answers), answer["Status"]

    assert talk(act, MODALITY_WORKLIST) == (2, Status.SUCCESS)


def performed(status: str, uid: str = "") -> dict[str, Any]:
    scheduled = attribute("StudyInstanceUID", uid)
    return {
        **attribute("PerformedProcedureStepStatus", status),
        **attribute("Modality", "CT"),
        **attribute("ScheduledStepAttributesSequence", scheduled),
    }


def test_an_examination_begins_and_ends_by_performed_procedure_step() -> None:
    tenant = make_called_tenant()
    appointment = plan(tenant, "a")
    image = attribute("ReferencedSOPClassUID", CT) | attribute("ReferencedSOPInstanceUID", "1.2.3.4")
    series = attribute("ReferencedImageSequence", image)
    end = attribute("PerformedProcedureStepStatus", "COMPLETED") | attribute("PerformedSeriesSequence", series)

    def act(device: Device) -> list[int]:
        begin = performed("IN PROGRESS", appointment.study_instance_uid)
        made = [device.ask(PERFORMED_STEP, Field.N_CREATE, begin, AffectedSOPInstanceUID="1.2.3") for _ in range(2)]
        with_end = [device.ask(PERFORMED_STEP, Field.N_SET, end, RequestedSOPInstanceUID="1.2.3") for _ in range(2)]
        return [answer["Status"] for answer in (*made, *with_end)]

    assert talk(act, PERFORMED_STEP) == [0, Status.DUPLICATE_INSTANCE, 0, Status.PROCESSING_FAILURE]
    with tenant_scope(tenant.id):
        step = PerformedStep.objects.get()
        assert (step.state, step.instances, step.appointment_id) == ("COMPLETED", ["1.2.3.4"], appointment.id)
        assert Appointment.objects.get().state == Appointment.State.DONE


def test_a_discontinued_examination_is_expected_again() -> None:
    tenant = make_called_tenant()
    appointment = plan(tenant, "a")

    def act(device: Device) -> None:
        begin = performed("IN PROGRESS", appointment.study_instance_uid)
        device.ask(PERFORMED_STEP, Field.N_CREATE, begin, AffectedSOPInstanceUID="1.2.3")
        end = attribute("PerformedProcedureStepStatus", "DISCONTINUED")
        device.ask(PERFORMED_STEP, Field.N_SET, end, RequestedSOPInstanceUID="1.2.3")

    talk(act, PERFORMED_STEP)

    with tenant_scope(tenant.id):
        assert Appointment.objects.get().state == Appointment.State.SCHEDULED


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_a_step_that_is_changed_while_it_ends_stays_ended() -> None:
    tenant = make_called_tenant()
    begin = performed("IN PROGRESS")
    talk(
        lambda device: device.ask(PERFORMED_STEP, Field.N_CREATE, begin, AffectedSOPInstanceUID="1.2.3"), PERFORMED_STEP
    )
    answers: list[int] = []

    def act(device: Device) -> None:
        late = attribute("PerformedProcedureStepStatus", "IN PROGRESS")
        answers.append(device.ask(PERFORMED_STEP, Field.N_SET, late, RequestedSOPInstanceUID="1.2.3")["Status"])

    cross(
        tenant,
        lambda: PerformedStep.objects.update(state="COMPLETED", instances=["1.2.4"]),
        lambda: talk(act, PERFORMED_STEP),
    )

    assert answers == [Status.PROCESSING_FAILURE]
    with tenant_scope(tenant.id):
        step = PerformedStep.objects.get()
        assert (step.state, step.instances) == ("COMPLETED", ["1.2.4"])


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_an_appointment_that_is_sent_again_while_it_is_matched_stays_done() -> None:
    tenant = make_called_tenant()
    row, study = plan(tenant, "a"), make_study(tenant.id, "matched", 1)

    cross(tenant, lambda: services._join(row, study.id, "uid"), lambda: plan(tenant, "a", description="CBCT"))

    with tenant_scope(tenant.id):
        found = Appointment.objects.get()
        assert (found.state, found.study_id, found.description) == (Appointment.State.DONE, study.id, "CBCT")


@pytest.mark.parametrize(
    ("number", "data", "uid", "status"),
    [
        (Field.N_CREATE, performed("COMPLETED"), "1.2.3", Status.INVALID_ATTRIBUTE),
        (Field.N_SET, performed("COMPLETED"), "1.2.9", Status.NO_SUCH_INSTANCE),
        (Field.N_GET, None, "1.2.3", Status.UNRECOGNISED),
    ],
)
def test_steps_that_cannot_be_are_refused(number: Field, data: Any, uid: str, status: int) -> None:
    make_called_tenant()
    keyword = "AffectedSOPInstanceUID" if number == Field.N_CREATE else "RequestedSOPInstanceUID"

    assert (
        talk(lambda device: device.ask(PERFORMED_STEP, number, data, **{keyword: uid}), PERFORMED_STEP)["Status"]
        == status
    )


def commitment(*pairs: tuple[str, str]) -> dict[str, Any]:
    items = [
        attribute("ReferencedSOPClassUID", kind) | attribute("ReferencedSOPInstanceUID", uid) for kind, uid in pairs
    ]
    return attribute("TransactionUID", "1.2.840.99") | attribute("ReferencedSOPSequence", *items)


def test_a_device_is_told_which_of_its_images_are_kept() -> None:
    tenant = make_called_tenant()
    study = make_study(tenant.id, "kept", 2)
    with tenant_scope(tenant.id):
        kept = list(study.instances.order_by("instance_number").values_list("sop_instance_uid", flat=True))

    def act(device: Device) -> Any:
        device.ask(
            COMMITMENT,
            Field.N_ACTION,
            commitment((CT, kept[0]), ("1.2.840.10008.5.1.4.1.1.7", kept[1]), (CT, "1.2.3.99")),
            RequestedSOPInstanceUID=COMMITMENT_INSTANCE,
            ActionTypeID=1,
        )
        report = device.association.read_message()
        assert report is not None
        found = report.read_data(1 << 20)
        answer = {
            "AffectedSOPClassUID": COMMITMENT,
            "CommandField": Field.N_EVENT_REPORT | 0x8000,
            "MessageIDBeingRespondedTo": report.command["MessageID"],
            "CommandDataSetType": 0x0101,
            "Status": 0,
        }
        device.association.send(report.context.id, answer)
        return report.command["EventTypeID"], datasets.decode(found, report.transfer_syntax_uid)

    event, report = talk(act, COMMITMENT)

    assert event == 2
    assert [item["00081155"]["Value"][0] for item in report["00081199"]["Value"]] == [kept[0]]
    failed = {item["00081155"]["Value"][0]: item["00081197"]["Value"][0] for item in report["00081198"]["Value"]}
    assert failed == {kept[1]: 0x0119, "1.2.3.99": 0x0112}
    with tenant_scope(tenant.id):
        assert Commitment.objects.get().answered_at is not None


def test_a_commitment_that_makes_no_sense_is_refused() -> None:
    make_called_tenant()

    def act(device: Device) -> list[int]:
        return [
            device.ask(COMMITMENT, Field.N_ACTION, commitment(), RequestedSOPInstanceUID=uid, ActionTypeID=kind)[
                "Status"
            ]
            for uid, kind in ((COMMITMENT_INSTANCE, 1), (COMMITMENT_INSTANCE, 2), ("1.2.3", 1))
        ]

    assert talk(act, COMMITMENT) == [Status.INVALID_ATTRIBUTE, Status.NO_SUCH_ACTION, Status.NO_SUCH_INSTANCE]


def test_a_device_that_is_away_does_not_hold_up_the_answers_to_others(monkeypatch: pytest.MonkeyPatch) -> None:
    tenant = make_called_tenant()
    called: list[str] = []

    def call(peer: Peer, **_: Any) -> Any:
        called.append(peer.ae_title)
        raise AssociationEndedError("It is away.")

    monkeypatch.setattr(calling, "call", call)
    for title, questions in (("AWAY", 3), ("OTHER", 1)):
        values = {"host": "127.0.0.1", "port": 1}
        peer_id = peers.add_peer(actor=system_actor(tenant.id), ae_title=title, values=values)
        for number in range(questions):
            make_question(tenant, peer_id, f"1.2.{number}")

    promising.deliver_all()

    assert sorted(called) == ["AWAY", "OTHER"]


def make_question(tenant: Tenant, peer_id: UUID, uid: str) -> None:
    with tenant_scope(tenant.id):
        Commitment.objects.create(
            tenant_id=tenant.id, peer_id=peer_id, transaction_uid=uid, instances=[], called_ae_title="PORTAL"
        )


def test_dates_are_those_of_the_plan() -> None:
    assert plan(make_called_tenant(), "a").start_date == dt.date(2026, 11, 30)
    assert negotiation.BY_UID[MODALITY_WORKLIST].service is negotiation.Service.WORKLIST

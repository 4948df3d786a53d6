"""A patient's own way in: the paper of the desk, the mail, the session, and what can go wrong with each."""

import datetime as dt
import re
import threading
import time
from collections.abc import Mapping
from contextlib import suppress
from functools import partial
from uuid import UUID

import pytest
import time_machine
from django.core import mail

from accounts.models import Tenant
from audit import selectors as audit
from common.actor import Actor
from common.clock import now
from common.errors import DomainError, ForbiddenError
from common.scope import tenant_scope
from pacs import services as pacs
from pacs.errors import StudyHeldError, StudyNotFoundError
from pacs.models import Study
from sharing import patients, proofs, selectors, services
from sharing.errors import (
    CodeRefusedError,
    LinkNotFoundError,
    PrintedCodeRefusedError,
    TermsRefusedError,
    VisitEndedError,
)
from sharing.models import PatientAccess, PatientMailCode, PatientSession, ShareLink
from tests.factories.cast import make_actor, make_tenant
from tests.factories.patients import (
    EMAIL,
    actor_of,
    admit,
    change_access,
    enter,
    present,
    wrong_half,
)
from tests.factories.sharing import in_parallel, make_study, newest_code, share, wrong

pytestmark = pytest.mark.django_db


def refused(call: object) -> type[DomainError] | None:
    """Return what a call was refused with."""
    try:
        call()  # type: ignore[operator]  # a partial
    except DomainError as refusal:
        return type(refusal)
    return None


# --- the desk ---------------------------------------------------------------------------------------------------------


@pytest.mark.req("PA-14")
def test_the_desk_prints_a_code_that_leads_the_patient_in() -> None:
    admitted = admit()

    actor = actor_of(enter(admitted))

    assert actor.grant is not None
    assert actor.grant.study_ids == {admitted.study.id}


@pytest.mark.parametrize("role", ["compliance_officer", "auditor"])
def test_who_does_not_work_with_patients_prints_no_code(role: str) -> None:
    tenant = make_tenant()
    study = make_study(tenant)

    with pytest.raises(ForbiddenError):
        services.admit_patient(actor=make_actor(tenant, role), study_id=study.id)


@pytest.mark.req("PA-06")
def test_nobody_prints_a_code_for_the_patient_of_another_tenant() -> None:
    study = make_study(make_tenant())

    with pytest.raises(StudyNotFoundError):
        services.admit_patient(actor=make_actor(make_tenant(), "owner"), study_id=study.id)


def test_no_code_is_printed_while_the_patient_is_in_doubt() -> None:
    tenant = make_tenant()
    study = make_study(tenant, conflict="demographics")

    with pytest.raises(StudyHeldError):
        services.admit_patient(actor=make_actor(tenant, "owner"), study_id=study.id)


def test_a_new_code_ends_the_one_that_nobody_used() -> None:
    first = admit()
    admit(first.tenant, first.study)

    with pytest.raises(PrintedCodeRefusedError):
        present(first)


def test_a_new_code_does_not_end_an_access_in_use() -> None:
    first = admit()
    entered = enter(first)
    admit(first.tenant, first.study)

    assert actor_of(entered).recheck()


@pytest.mark.parametrize("column", ["code_used_at", "revoked_at"])
def test_addresses_that_were_typed_are_kept_only_while_the_printed_code_works(column: str) -> None:
    waiting, over = admit(), admit()
    for admitted in (waiting, over):
        present(admitted)
    change_access(over, **{column: now()})
    services.purge()

    with tenant_scope(waiting.tenant.id):
        assert PatientMailCode.objects.count() == 1
    with tenant_scope(over.tenant.id):
        assert not PatientMailCode.objects.exists()


def test_the_desk_sees_and_ends_what_was_printed_for_a_record_that_was_merged() -> None:
    former = admit()
    other = make_study(former.tenant)
    pacs.merge_patients(actor=former.desk, study_id=former.study.id, into_id=other.patient_id)
    later = admit(former.tenant, other)

    with tenant_scope(former.tenant.id):
        listed = {line.id: line.state for line in patients.list_accesses(other.patient_id)}
    assert listed == {former.access_id: "revoked", later.access_id: "printed"}


def test_what_is_kept_of_a_code_does_not_hold_it() -> None:
    admitted = admit()
    with tenant_scope(admitted.tenant.id):
        row = PatientAccess.objects.get(id=admitted.access_id)
    code = proofs.read_printed_code(admitted.code)

    assert code.encode() not in bytes(row.code_mac)
    assert str(row.code_id).replace("-", "").upper() not in code
    assert not any(code in str(value) for value in vars(row).values())


# --- the paper --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("typed", ["{}", " {} ", "{lower}", "{spaced}", "{bare}"])
def test_a_code_is_read_however_it_is_typed(typed: str) -> None:
    admitted = admit()
    code = admitted.code
    text = typed.format(code, lower=code.lower(), spaced=code.replace("-", "  "), bare=code.replace("-", ""))

    assert present(admitted, code=text)


@pytest.mark.parametrize("typed", ["", "1234", "U" * 16, "1" * 17, "<script>alert(1)", "١٢٣٤-١٢٣٤-١٢٣٤-١٢٣٤"])
def test_what_cannot_be_a_code_is_refused(typed: str) -> None:
    with pytest.raises(PrintedCodeRefusedError):
        present(admit(), code=typed)


@pytest.mark.parametrize(
    "change",
    [
        {"code_expires_at": dt.datetime(2020, 1, 1, tzinfo=dt.UTC)},
        {"code_used_at": dt.datetime(2020, 1, 1, tzinfo=dt.UTC)},
        {"revoked_at": dt.datetime(2020, 1, 1, tzinfo=dt.UTC)},
        {"locked_at": dt.datetime(2020, 1, 1, tzinfo=dt.UTC)},
        {"failures": 10},
    ],
    ids=str,
)
def test_a_code_that_is_over_is_refused_as_a_wrong_one_is(change: dict[str, object]) -> None:
    admitted = admit()
    change_access(admitted, **change)

    with pytest.raises(PrintedCodeRefusedError):
        present(admitted)
    assert mail.outbox == []


def test_a_code_holds_for_72_hours(frozen_time: time_machine.Traveller) -> None:
    admitted = admit()
    frozen_time.shift(dt.timedelta(hours=71, minutes=59))
    present(admitted)
    frozen_time.shift(dt.timedelta(minutes=2))

    with pytest.raises(PrintedCodeRefusedError):
        present(admitted)


def test_ten_wrong_second_halves_lock_the_access_for_good() -> None:
    admitted = admit()
    outcomes = [refused(partial(present, admitted, code=wrong_half(admitted.code, n))) for n in range(10)]

    assert outcomes == [PrintedCodeRefusedError] * 10
    with pytest.raises(PrintedCodeRefusedError):
        present(admitted)
    with tenant_scope(admitted.tenant.id):
        assert PatientAccess.objects.get(id=admitted.access_id).locked_at is not None
        assert [entry.action for entry in audit.list_events(audit.Filter(action="patient.locked"))] == [
            "patient.locked"
        ]


@pytest.mark.usefixtures("frozen_time")
def test_one_address_cannot_try_codes_for_ever() -> None:
    admitted = admit()
    for _ in range(60):
        refused(partial(present, admitted, code="0" * 16, address="192.0.2.66"))

    assert refused(partial(present, admitted, address="192.0.2.66")) is PrintedCodeRefusedError
    assert refused(partial(present, admitted, address="192.0.2.67")) is None


def test_a_paper_causes_no_flood_of_mails() -> None:
    admitted = admit()
    for _ in range(15):
        refused(partial(present, admitted))

    assert len(mail.outbox) == 10


# --- the mail ---------------------------------------------------------------------------------------------------------


@pytest.mark.req("RA-26")
def test_the_mail_holds_a_code_and_nothing_of_the_patient() -> None:
    admitted = admit()
    present(admitted)
    (sent,) = mail.outbox
    words = {admitted.study.patient_name, admitted.study.dicom_patient_id, admitted.study.description, admitted.code}

    assert sent.to == [EMAIL]
    assert re.search(r"\b\d{8}\b", str(sent.body))
    assert not any(word in f"{sent.subject}{sent.body}" for word in words)
    assert sent.attachments == []


def test_the_code_of_the_mail_belongs_to_the_browser_that_asked() -> None:
    admitted = admit()
    present(admitted)

    with pytest.raises(CodeRefusedError):
        services.confirm_mail_code(access_id=admitted.access_id, nonce=proofs.new_secret(), code=newest_code())


def test_a_wrong_code_is_refused_and_five_of_them_end_it() -> None:
    admitted = admit()
    nonce = present(admitted)
    code = newest_code()
    confirm = partial(services.confirm_mail_code, access_id=admitted.access_id, nonce=nonce)

    assert [refused(partial(confirm, code=wrong(code))) for _ in range(5)] == [CodeRefusedError] * 5
    assert refused(partial(confirm, code=code)) is CodeRefusedError


def test_a_code_of_the_mail_holds_for_ten_minutes(frozen_time: time_machine.Traveller) -> None:
    admitted = admit()
    nonce = present(admitted)
    frozen_time.shift(dt.timedelta(minutes=11))

    with pytest.raises(CodeRefusedError):
        services.confirm_mail_code(access_id=admitted.access_id, nonce=nonce, code=newest_code())


def test_the_paper_works_once() -> None:
    admitted = admit()
    enter(admitted)

    with pytest.raises(PrintedCodeRefusedError):
        present(admitted)


@pytest.mark.django_db(transaction=True)
def test_of_two_browsers_with_the_same_paper_one_comes_in() -> None:
    admitted = admit()
    tries = []
    for _ in range(4):
        nonce = present(admitted)
        tries.append(partial(services.confirm_mail_code, access_id=admitted.access_id, nonce=nonce, code=newest_code()))
    outcomes = in_parallel(tries, threads=4)

    assert sum(isinstance(outcome, services.Entered) for outcome in outcomes) == 1
    with tenant_scope(admitted.tenant.id):
        assert PatientSession.objects.count() == 1


# --- the session ------------------------------------------------------------------------------------------------------


@pytest.mark.req("PA-06")
@pytest.mark.req("PA-26")
def test_a_patient_reaches_all_of_his_studies_and_nothing_of_anybody_else() -> None:
    admitted = admit()
    own = make_study(admitted.tenant)
    with tenant_scope(admitted.tenant.id):
        Study.objects.filter(id=own.id).update(patient=admitted.study.patient)
    make_study(admitted.tenant)
    doubted = make_study(admitted.tenant, conflict="demographics")
    with tenant_scope(admitted.tenant.id):
        Study.objects.filter(id=doubted.id).update(patient=admitted.study.patient)

    actor = actor_of(enter(admitted))

    assert actor.grant is not None
    assert actor.grant.study_ids == {admitted.study.id, own.id}


def test_a_session_ends_after_half_an_hour_of_rest(frozen_time: time_machine.Traveller) -> None:
    entered = enter(admit())
    frozen_time.shift(dt.timedelta(minutes=31))

    assert patients.get_visit(session_id=entered.session_id, secret=entered.secret) is None


def test_a_session_ends_after_eight_hours(frozen_time: time_machine.Traveller) -> None:
    entered = enter(admit())
    for _ in range(17):
        frozen_time.shift(dt.timedelta(minutes=28))
        actor = patients.get_visit(session_id=entered.session_id, secret=entered.secret)
        assert actor is not None
        services.note_visit(actor)
    frozen_time.shift(dt.timedelta(minutes=8))

    assert patients.get_visit(session_id=entered.session_id, secret=entered.secret) is None


def test_a_session_needs_its_secret() -> None:
    entered = enter(admit())

    assert patients.get_visit(session_id=entered.session_id, secret=proofs.new_secret()) is None


def test_the_desk_ends_an_access_and_its_sessions() -> None:
    admitted = admit()
    actor = actor_of(enter(admitted))
    services.revoke_access(actor=admitted.desk, access_id=admitted.access_id)

    assert not actor.recheck()


def test_an_access_that_another_process_ended_stops_within_five_seconds() -> None:
    admitted = admit()
    entered = enter(admitted)
    actor = actor_of(entered)
    change_access(admitted, revoked_at=now())
    patients.forget()

    assert not actor.recheck()


def test_leaving_ends_the_session() -> None:
    entered = enter(admit())
    services.end_visit(session_id=entered.session_id, secret=entered.secret)

    assert patients.get_visit(session_id=entered.session_id, secret=entered.secret) is None


@pytest.mark.req("PA-07")
def test_each_step_in_is_written_down() -> None:
    admitted = admit()
    enter(admitted)
    with tenant_scope(admitted.tenant.id):
        actions = [entry.action for entry in audit.list_events(audit.Filter())]

    assert actions[:3] == ["patient.entered", "patient.code-presented", "patient.admitted"]


# --- passing on -------------------------------------------------------------------------------------------------------


def forward(actor: Actor, *study_ids: UUID, **terms: object) -> services.Made:
    wanted = services.Terms(**{"recipient_email": "new@dentist.example", **terms})  # type: ignore[arg-type]  # by name
    return services.forward_studies(actor=actor, study_ids=study_ids, terms=wanted)


@pytest.mark.req("PA-15")
@pytest.mark.req("X-08")
def test_a_patient_passes_images_on_to_a_new_dentist() -> None:
    admitted = admit()
    made = forward(actor_of(enter(admitted)), admitted.study.id)
    with tenant_scope(admitted.tenant.id):
        link = ShareLink.objects.get(id=made.link_id)

    assert (link.made_by_patient_id, link.created_by_id) == (admitted.access_id, None)
    assert mail.outbox[-1].to == ["new@dentist.example"]


@pytest.mark.req("RA-26")
def test_the_mail_of_a_patients_link_does_not_name_the_patient() -> None:
    admitted = admit()
    forward(actor_of(enter(admitted)), admitted.study.id)
    text = f"{mail.outbox[-1].subject}{mail.outbox[-1].body}"

    assert "A patient of" in text
    assert not any(part in text for part in (*admitted.study.patient_name.split(", "), EMAIL))


@pytest.mark.req("PA-06")
def test_nobody_passes_on_what_is_not_his() -> None:
    admitted = admit()
    others = make_study(admitted.tenant)

    with pytest.raises(StudyNotFoundError):
        forward(actor_of(enter(admitted)), others.id)


@pytest.mark.parametrize("terms", [{"days": 31}, {"max_sessions": 11}, {"max_downloads": 11}], ids=str)
def test_a_patient_shares_within_limits(terms: dict[str, int]) -> None:
    admitted = admit()

    with pytest.raises(TermsRefusedError):
        forward(actor_of(enter(admitted)), admitted.study.id, **terms)


def test_a_patient_shares_with_ten_people_at_once_at_most() -> None:
    admitted = admit()
    actor = actor_of(enter(admitted))
    for _ in range(10):
        forward(actor, admitted.study.id)

    with pytest.raises(TermsRefusedError, match="10 people"):
        forward(actor, admitted.study.id)


@pytest.mark.req("X-08")
def test_a_patient_stops_a_link_that_the_practice_made() -> None:
    admitted = admit()
    made = services.share_studies(
        actor=make_actor(admitted.tenant, "dentist"),
        study_ids=[admitted.study.id],
        terms=services.Terms(recipient_email="referrer@practice.example"),
    )
    services.stop_share(actor=actor_of(enter(admitted)), link_id=made.link_id)
    with tenant_scope(admitted.tenant.id):
        assert ShareLink.objects.get(id=made.link_id).revoked_at is not None


@pytest.mark.req("PA-06")
def test_what_was_passed_on_ends_with_the_access() -> None:
    """Whoever was let in by mistake keeps nothing: not by a link to a mailbox of their own either."""
    admitted = admit()
    made = forward(actor_of(enter(admitted)), admitted.study.id)
    theirs = share(admitted.tenant)
    services.revoke_access(actor=admitted.desk, access_id=admitted.access_id)

    with tenant_scope(admitted.tenant.id):
        assert selectors.get_link(made.link_id).state == "revoked"
        assert selectors.get_link(theirs.link_id).state == "active"
        assert Study.objects.get(id=admitted.study.id).shared_until is None
        [entry] = audit.list_events(audit.Filter(action="share.revoked"))
    assert (entry.actor_id, entry.study_id) == (admitted.desk.id, admitted.study.id)


def test_with_an_access_that_ended_nothing_is_passed_on_any_more() -> None:
    admitted = admit()
    actor = actor_of(enter(admitted))
    change_access(admitted, revoked_at=now())

    with pytest.raises(VisitEndedError):
        forward(actor, admitted.study.id)


@pytest.mark.req("PA-06")
def test_a_patient_stops_no_link_to_somebody_elses_images() -> None:
    admitted = admit()
    other = share(admitted.tenant)

    with pytest.raises(LinkNotFoundError):
        services.stop_share(actor=actor_of(enter(admitted)), link_id=other.link_id)


def test_a_member_of_staff_is_no_patient(tenant: Tenant) -> None:
    study = make_study(tenant)

    with pytest.raises(ForbiddenError):
        forward(make_actor(tenant, "owner"), study.id)


def test_a_study_says_until_when_it_is_shared() -> None:
    admitted = admit()
    actor = actor_of(enter(admitted))
    short, long = (forward(actor, admitted.study.id, days=days) for days in (7, 14))
    services.stop_share(actor=actor, link_id=long.link_id)
    with tenant_scope(admitted.tenant.id):
        study, link = Study.objects.get(id=admitted.study.id), ShareLink.objects.get(id=short.link_id)

    assert study.shared_until == link.expires_at


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_of_two_links_made_at_once_the_longer_one_is_noted(monkeypatch: pytest.MonkeyPatch) -> None:
    admitted = admit()
    sender = make_actor(admitted.tenant, "dentist")
    together, noted = threading.Barrier(2), pacs.note_shares

    def note(*, tenant_id: UUID, until: Mapping[UUID, dt.datetime | None]) -> None:
        with suppress(threading.BrokenBarrierError):
            together.wait(timeout=2)
        if max(moment or now() for moment in until.values()) < now() + dt.timedelta(days=10):
            time.sleep(0.5)  # the shorter one is the later one to write
        noted(tenant_id=tenant_id, until=until)

    monkeypatch.setattr(pacs, "note_shares", note)
    terms = [services.Terms(recipient_email="new@dentist.example", days=days) for days in (7, 14)]
    calls = [partial(services.share_studies, actor=sender, study_ids=[admitted.study.id], terms=one) for one in terms]
    made = in_parallel(calls, threads=2)

    with tenant_scope(admitted.tenant.id):
        study = Study.objects.get(id=admitted.study.id)
        assert study.shared_until == max(selectors.get_link(one.link_id).expires_at for one in made)

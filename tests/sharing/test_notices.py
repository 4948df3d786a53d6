"""Whoever may read a report is told that it is ready: once, and without a word about whose it is."""

import re
from uuid import UUID

import pytest
from django.core import mail

from common.clock import now, today
from common.ids import uuid7
from common.scope import tenant_scope
from outbox import services as outbox
from outbox.models import OutboxMessage
from pacs import services as pacs
from pacs.events import ReportSigned
from pacs.models import Study
from sharing import services
from sharing.models import ReportNotice, ShareLink
from tests.factories.patients import EMAIL, Admitted, admit, change_access, enter
from tests.factories.sharing import RECIPIENT, VIEW, make_study, share

pytestmark = [pytest.mark.django_db, pytest.mark.req("PA-16")]


@pytest.fixture
def admitted() -> Admitted:
    """A patient who came in, and a link to the same study."""
    link = share()
    with tenant_scope(link.tenant.id):
        study = Study.objects.get(id=link.study_ids[0])
    found = admit(link.tenant, study)
    enter(found)
    mail.outbox.clear()
    return found


def sign(admitted: Admitted, report_id: UUID | None = None) -> None:
    """Announce a signed report, as the service of reports does, and deliver what follows from it."""
    event = ReportSigned(tenant_id=admitted.tenant.id, study_id=admitted.study.id, report_id=report_id or uuid7())
    with tenant_scope(admitted.tenant.id):
        outbox.publish(event)
    outbox.drain([admitted.tenant.id])


def told() -> list[str]:
    return sorted(address for sent in mail.outbox for address in sent.to)


@pytest.mark.req("PA-14")
def test_the_referrer_and_the_patient_are_told(admitted: Admitted) -> None:
    sign(admitted)

    assert told() == sorted([EMAIL, RECIPIENT])


def test_the_mail_says_nothing_of_the_patient(admitted: Admitted) -> None:
    sign(admitted)
    texts = [f"{sent.subject}\n{sent.body}" for sent in mail.outbox]
    words = (*re.findall(r"\w+", admitted.study.patient_name), admitted.study.dicom_patient_id, str(admitted.study.id))

    assert all(admitted.tenant.name in text for text in texts)
    assert [word for word in words for text in texts if word in text] == []


def test_the_same_event_delivered_twice_sends_one_mail_each(admitted: Admitted) -> None:
    report_id = uuid7()
    sign(admitted, report_id)
    sign(admitted, report_id)
    with tenant_scope(admitted.tenant.id):
        notices = list(ReportNotice.objects.values_list("id", flat=True))
    for notice_id in notices:
        services.send_notice(tenant_id=admitted.tenant.id, notice_id=notice_id)

    assert told() == sorted([EMAIL, RECIPIENT])


def test_a_new_version_is_another_report(admitted: Admitted) -> None:
    sign(admitted)
    sign(admitted)

    assert told() == sorted([EMAIL, EMAIL, RECIPIENT, RECIPIENT])


def test_a_mail_that_fails_is_tried_again_and_the_other_is_not_sent_twice(
    admitted: Admitted, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent: list[str] = []
    failures = [OSError("the mail server is away")]

    def send(*, to: str, **_rest: object) -> None:
        if failures and to == EMAIL:
            raise failures.pop()
        sent.append(to)

    monkeypatch.setattr("common.mail.send", send)
    sign(admitted)
    with tenant_scope(admitted.tenant.id):
        OutboxMessage.objects.filter(done_at=None).update(lease_until=None)
    outbox.drain([admitted.tenant.id])

    assert sorted(sent) == sorted([EMAIL, RECIPIENT])


def test_a_link_that_ended_and_a_patient_who_was_sent_away_are_not_told(admitted: Admitted) -> None:
    change_access(admitted, revoked_at=now())
    with tenant_scope(admitted.tenant.id):
        ShareLink.objects.update(revoked_at=now())
    sign(admitted)

    assert told() == []


def test_who_may_not_read_reports_is_not_told() -> None:
    link = share(rights=VIEW)
    mail.outbox.clear()
    with tenant_scope(link.tenant.id):
        outbox.publish(ReportSigned(tenant_id=link.tenant.id, study_id=link.study_ids[0], report_id=uuid7()))
    outbox.drain([link.tenant.id])

    assert mail.outbox == []


def test_a_patient_is_told_by_the_access_of_a_record_that_was_merged(admitted: Admitted) -> None:
    other = make_study(admitted.tenant)
    pacs.merge_patients(actor=admitted.desk, study_id=admitted.study.id, into_id=other.patient_id)
    sign(admitted)
    services.tell_of_deletion(tenant_id=admitted.tenant.id, patient_id=other.patient_id, not_before=today())

    assert told().count(EMAIL) == 2


def test_a_patient_who_never_came_in_is_not_told() -> None:
    found = admit()
    sign(found)

    assert mail.outbox == []

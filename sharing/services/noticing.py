"""Telling people that a report is ready, or that images will be destroyed: each once, without a word about whose."""

import datetime as dt
from uuid import UUID

from django.conf import settings
from django.db import transaction

from audit import services as audit
from common.actor import Right, system_actor
from common.clock import now
from common.scope import tenant_scope
from outbox import services as outbox
from pacs import selectors as pacs
from pacs.errors import StudyNotFoundError
from sharing import mails, patients, selectors
from sharing.events import NoticeDue
from sharing.models import ReportNotice


def announce_report(*, tenant_id: UUID, study_id: UUID, report_id: UUID) -> None:
    """Queue one notice for everybody who may read a signed report: by an open link, and the patient."""
    with tenant_scope(tenant_id), transaction.atomic():
        try:
            study = pacs.get_study(actor=system_actor(tenant_id), study_id=study_id)
        except StudyNotFoundError:
            return
        readers = [("link_id", link.id) for link in selectors.list_links(study_id) if _reads(link)]
        if not study.conflict:
            readers += [("access_id", row.id) for row in patients.list_readers(study.patient_row_id)]
        for column, reader_id in readers:
            notice, is_new = ReportNotice.objects.get_or_create(
                tenant_id=tenant_id, report_id=report_id, **{column: reader_id}
            )
            if is_new:
                outbox.publish(NoticeDue(tenant_id=tenant_id, notice_id=notice.id))


def _reads(link: selectors.LinkSummary) -> bool:
    return link.state == "active" and Right.REPORT in link.rights


def send_notice(*, tenant_id: UUID, notice_id: UUID) -> None:
    """Send one notice, unless it was sent.

    The row is taken before the mail leaves and given back when that fails, so that two deliveries of the same event
    send one mail; only a machine that dies between the mail server's answer and the commit could send a second.
    """
    with tenant_scope(tenant_id), transaction.atomic():
        waiting = ReportNotice.objects.filter(id=notice_id, sent_at=None)
        if not waiting.update(sent_at=now()):
            return
        notice = ReportNotice.objects.select_related("link", "access").get(id=notice_id)
        audit.record(actor=system_actor(tenant_id), action="report.notified", subject_id=notice.report_id)
        mails.send_report_notice(
            tenant_id=tenant_id,
            to=notice.link.recipient_email if notice.link else notice.access.email,
            is_patient=notice.access is not None,
            page_url="" if notice.link else f"{settings.BITEWING_BASE_URL}/p/",
        )


def tell_of_deletion(*, tenant_id: UUID, patient_id: UUID, not_before: dt.date) -> int:
    """Mail a patient, at every address that was proven, that images are to be destroyed, and how to keep them longer.

    Return how many addresses there were.
    """
    with tenant_scope(tenant_id):
        addresses = {row.email for row in patients.list_readers(patient_id)}
    for address in sorted(addresses):
        mails.send_deletion_notice(
            tenant_id=tenant_id, to=address, not_before=not_before, page_url=f"{settings.BITEWING_BASE_URL}/p/"
        )
    return len(addresses)

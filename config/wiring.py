"""Every event and its handlers, on one page."""

from typing import Any

from accounts import handlers as accounts
from accounts.events import AccountChanged, EmergencyOpened, InvitationMade, PasswordResetAsked
from compliance import handlers as compliance
from compliance.analysis import handlers as analyses
from compliance.events import AssetChanged, DeviceSeen, FlowChanged, PackChosen
from compliance.evidence import handlers as evidence
from compliance.evidence.events import ProbesRequested
from compliance.remediation import handlers as remediation
from compliance.remediation.events import TaskDue
from compliance.retention import handlers as retention
from compliance.retention.events import DeletionNoticeDue, RunApproved
from compliance.vendors import gate as papers
from compliance.vendors import handlers as vendors
from compliance.vendors.events import AgreementExpiring
from inference import handlers as inference
from inference import policy
from inference.events import BatchRequested, BatchRunRequested, RunRequested
from outbox.events import Event
from pacs import handlers as pacs
from pacs.events import (
    CallerSeen,
    HookDue,
    PatientForgotten,
    ReportSigned,
    SeriesMoved,
    SeriesReceived,
    StudyChanged,
    StudyDestroyed,
)
from sharing import handlers as sharing
from sharing.events import LinkLocked, NoticeDue
from vault import handlers as vault
from vault.events import DestructionQueued


def handlers() -> dict[type[Event], list[Any]]:
    """Return who reacts to what."""
    return {
        InvitationMade: [accounts.send_invitation],
        PasswordResetAsked: [accounts.send_reset],
        AccountChanged: [accounts.tell_owner],
        EmergencyOpened: [accounts.notify_officers],
        SeriesReceived: [pacs.prepare_series, pacs.match_series, compliance.see_device, inference.look_at_series],
        SeriesMoved: [pacs.mark_move, inference.follow_series, retention.follow_series],
        StudyChanged: [pacs.mark_change],
        HookDue: [pacs.tell_hook],
        CallerSeen: [compliance.see_caller],
        DeviceSeen: [analyses.device_seen],
        AssetChanged: [analyses.asset_changed],
        FlowChanged: [analyses.flow_changed],
        PackChosen: [analyses.pack_chosen],
        LinkLocked: [sharing.notify_sender],
        ReportSigned: [pacs.mark_change, sharing.announce_report],
        NoticeDue: [sharing.send_notice],
        ProbesRequested: [evidence.read_probes],
        TaskDue: [remediation.mail_owner],
        DestructionQueued: [vault.run_barrier],
        DeletionNoticeDue: [retention.tell_patient],
        RunApproved: [retention.carry_out],
        StudyDestroyed: [pacs.mark_change, sharing.end_empty_links, retention.forget_study],
        PatientForgotten: [retention.forget_patient],
        AgreementExpiring: [vendors.mail_officers],
        RunRequested: [inference.perform_run],
        BatchRunRequested: [inference.perform_run],
        BatchRequested: [inference.plan_batch],
    }


def third_party_papers(question: policy.Question) -> policy.Answer:
    """Answer which papers of a supplier of networks are on record, from the register of vendors."""
    return policy.Answer(papers.papers_on_record(tenant_id=question.tenant_id, supplier_name=question.supplier_name))

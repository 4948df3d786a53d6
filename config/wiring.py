"""Every event and its handlers, on one page."""

from typing import Any

from accounts import handlers as accounts
from accounts.events import AccountChanged, EmergencyOpened, InvitationMade, PasswordResetAsked
from compliance import handlers as compliance
from compliance.analysis import handlers as analyses
from compliance.analysis.events import AnalysisIssued
from compliance.documents import handlers as documents
from compliance.events import AssetChanged, DeviceSeen, FlowChanged, PackChosen
from compliance.evidence import handlers as evidence
from compliance.evidence.events import ProbesRequested
from compliance.remediation import handlers as remediation
from compliance.remediation.events import TaskDue
from inference import handlers as inference
from inference import policy
from inference.events import BatchRequested, BatchRunRequested, RunRequested
from outbox.events import Event
from pacs import handlers as pacs
from pacs.events import ReportSigned, SeriesReceived
from sharing import handlers as sharing
from sharing.events import LinkLocked, NoticeDue


def handlers() -> dict[type[Event], list[Any]]:
    """Return who reacts to what."""
    return {
        InvitationMade: [accounts.send_invitation],
        PasswordResetAsked: [accounts.send_reset],
        AccountChanged: [accounts.tell_owner],
        EmergencyOpened: [accounts.notify_officers],
        SeriesReceived: [pacs.prepare_series, compliance.see_device, inference.look_at_series],
        DeviceSeen: [analyses.device_seen],
        AssetChanged: [analyses.asset_changed],
        FlowChanged: [analyses.flow_changed],
        PackChosen: [analyses.pack_chosen],
        LinkLocked: [sharing.notify_sender],
        ReportSigned: [sharing.announce_report],
        NoticeDue: [sharing.send_notice],
        ProbesRequested: [evidence.read_probes],
        TaskDue: [remediation.mail_owner],
        AnalysisIssued: [documents.make_snapshot],
        RunRequested: [inference.perform_run],
        BatchRunRequested: [inference.perform_run],
        BatchRequested: [inference.plan_batch],
    }


def third_party_papers(_question: policy.Question) -> policy.Answer | None:
    """Answer which papers of a supplier of networks are on record: none is, while no register keeps them."""
    return None

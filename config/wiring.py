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
from outbox.events import Event
from pacs import handlers as pacs
from pacs.events import CallerSeen, ReportSigned, SeriesReceived
from sharing import handlers as sharing
from sharing.events import LinkLocked, NoticeDue


def handlers() -> dict[type[Event], list[Any]]:
    """Return who reacts to what."""
    return {
        InvitationMade: [accounts.send_invitation],
        PasswordResetAsked: [accounts.send_reset],
        AccountChanged: [accounts.tell_owner],
        EmergencyOpened: [accounts.notify_officers],
        SeriesReceived: [pacs.prepare_series, pacs.match_series, compliance.see_device],
        CallerSeen: [compliance.see_caller],
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
    }

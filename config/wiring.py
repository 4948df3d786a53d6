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
from compliance.vendors import handlers as vendors
from compliance.vendors.events import AgreementExpiring
from outbox.events import Event
from pacs import handlers as pacs
from pacs.events import PatientForgotten, ReportSigned, SeriesReceived, StudyDestroyed
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
        SeriesReceived: [pacs.prepare_series, compliance.see_device],
        DeviceSeen: [analyses.device_seen],
        AssetChanged: [analyses.asset_changed],
        FlowChanged: [analyses.flow_changed],
        PackChosen: [analyses.pack_chosen],
        LinkLocked: [sharing.notify_sender],
        ReportSigned: [sharing.announce_report],
        NoticeDue: [sharing.send_notice],
        ProbesRequested: [evidence.read_probes],
        TaskDue: [remediation.mail_owner],
        DestructionQueued: [vault.run_barrier],
        DeletionNoticeDue: [retention.tell_patient],
        RunApproved: [retention.carry_out],
        StudyDestroyed: [sharing.end_empty_links, retention.forget_study],
        PatientForgotten: [retention.forget_patient],
        AgreementExpiring: [vendors.mail_officers],
    }

"""Entries of the audit log in the words of a reader."""

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import UUID

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts import selectors as accounts
from common.actor import ActorKind

if TYPE_CHECKING:
    from audit.selectors import Entry

ACTIONS = {
    "agreement.copy-read": gettext_lazy("Opened the copy of an agreement"),
    "analysis.answered": gettext_lazy("Answered a question of the risk analysis"),
    "analysis.assigned": gettext_lazy("Assigned a question of the risk analysis"),
    "analysis.classes-declared": gettext_lazy("Said which kinds of assets the practice has"),
    "analysis.described": gettext_lazy("Changed the scope or sign-off of the risk analysis"),
    "analysis.evidence-added": gettext_lazy("Kept a file as evidence"),
    "analysis.evidence-read": gettext_lazy("Opened a file of evidence"),
    "analysis.evidence-removed": gettext_lazy("Took a file of evidence off"),
    "analysis.issued": gettext_lazy("Issued the risk analysis"),
    "analysis.sealed": gettext_lazy("Made the documents of the issued risk analysis"),
    "analysis.section-closed": gettext_lazy("Closed a section of the risk analysis"),
    "analysis.section-reopened": gettext_lazy("Reopened a section of the risk analysis"),
    "analysis.stale": gettext_lazy("The risk analysis turned stale"),
    "analysis.started": gettext_lazy("Began a risk analysis"),
    "appointments.saved": gettext_lazy("Saved appointments"),
    "asset.changed": gettext_lazy("Changed an asset"),
    "asset.created": gettext_lazy("Added an asset"),
    "asset.disposed": gettext_lazy("Disposed of an asset"),
    "asset.photo-added": gettext_lazy("Added a photo of an asset"),
    "asset.photo-removed": gettext_lazy("Removed a photo of an asset"),
    "asset.verified": gettext_lazy("Confirmed an asset"),
    "audit.exported": gettext_lazy("Exported the access log"),
    "audit.log-exported": gettext_lazy("Exported the verifiable log"),
    "audit.proved": gettext_lazy("Took the proof of a line"),
    "audit.viewed": gettext_lazy("Read the access log"),
    "calendar.ended": gettext_lazy("Ended the address of a calendar"),
    "calendar.made": gettext_lazy("Made the address of a calendar"),
    "commitment.asked": gettext_lazy("Asked whether images are kept"),
    "compliance.group-read": gettext_lazy("Looked at the practices of a group"),
    "compliance.pack-chosen": gettext_lazy("Chose a framework"),
    "conflict.decided": gettext_lazy("Decided whose the study is"),
    "conflicts.viewed": gettext_lazy("Looked at the studies in doubt"),
    "correction.undone": gettext_lazy("Took a correction of the patient back"),
    "decision.recorded": gettext_lazy("Decided about an addressable specification"),
    "deletion.approved": gettext_lazy("Approved a deletion run"),
    "deletion.begun": gettext_lazy("Began a deletion run"),
    "deletion.cancelled": gettext_lazy("Gave a deletion run up"),
    "deletion.list-viewed": gettext_lazy("Looked at what is to be destroyed"),
    "deletion.patient-told": gettext_lazy("Told a patient of a deletion"),
    "deletion.resumed": gettext_lazy("Took the stop of a deletion run back"),
    "deletion.stopped": gettext_lazy("Stopped a deletion run"),
    "deletion.study-spared": gettext_lazy("Took a study off a deletion run"),
    "device.adopted": gettext_lazy("Took a device into the inventory"),
    "device.dismissed": gettext_lazy("Dismissed a device"),
    "device.proposed": gettext_lazy("Reopened the decision about a device"),
    "device.seen": gettext_lazy("A new device was seen"),
    "devices.looked-for": gettext_lazy("Looked for devices"),
    "dicom.device-added": gettext_lazy("Let a DICOM device in"),
    "dicom.device-changed": gettext_lazy("Changed what a DICOM device may do"),
    "dicom.device-dismissed": gettext_lazy("Dismissed a DICOM device that called"),
    "dicom.device-refused": gettext_lazy("Turned away an unknown DICOM device"),
    "dicom.title-added": gettext_lazy("Added an AE title of the portal"),
    "dicom.title-changed": gettext_lazy("Changed an AE title of the portal"),
    "disclosure.account-given": gettext_lazy("Gave a patient an account of disclosures"),
    "disclosure.recorded": gettext_lazy("Recorded a disclosure"),
    "disclosure.viewed": gettext_lazy("Looked at disclosures"),
    "document.drafted": gettext_lazy("Printed a draft of the risk analysis"),
    "document.read": gettext_lazy("Opened an issued risk analysis"),
    "document.signed": gettext_lazy("Signed a compliance document"),
    "documents.checked": gettext_lazy("Checked the issued risk analyses"),
    "emergency.ended": gettext_lazy("Ended an emergency access"),
    "emergency.opened": gettext_lazy("Opened a patient in an emergency"),
    "emergency.read": gettext_lazy("Looked at an emergency access"),
    "emergency.reviewed": gettext_lazy("Reviewed an emergency access"),
    "evidence.recorded": gettext_lazy("Recorded a drill, review or test"),
    "evidence.requested": gettext_lazy("Had the portal measured"),
    "factor.codes-printed": gettext_lazy("Printed codes for a lost phone"),
    "factor.enrolled": gettext_lazy("Set up the second factor"),
    "factor.recovered": gettext_lazy("Signed in with a printed code"),
    "factor.replaced": gettext_lazy("Set up a new authenticator"),
    "factor.reset": gettext_lazy("Reset the second factor of a member"),
    "files.refused": gettext_lazy("Files were refused"),
    "flow.changed": gettext_lazy("Changed a data flow"),
    "flow.created": gettext_lazy("Added a data flow"),
    "flow.ended": gettext_lazy("Ended a data flow"),
    "flow.verified": gettext_lazy("Confirmed a data flow"),
    "hold.placed": gettext_lazy("Placed a hold"),
    "hold.released": gettext_lazy("Ended a hold"),
    "hold.reviewed": gettext_lazy("Looked at a hold again"),
    "hook.added": gettext_lazy("Added a webhook"),
    "hook.given-up": gettext_lazy("Turned a webhook off that took nothing for days"),
    "hook.removed": gettext_lazy("Removed a webhook"),
    "hook.tested": gettext_lazy("Tried a webhook"),
    "hook.turned-off": gettext_lazy("Turned a webhook off"),
    "hook.turned-on": gettext_lazy("Turned a webhook on"),
    "incident.exposure-opened": gettext_lazy("Asked who was exposed in an incident"),
    "incident.exposure-read": gettext_lazy("Read who was exposed in an incident"),
    "inference.batch-begun": gettext_lazy("Had a network look at earlier images"),
    "inference.batch-cancelled": gettext_lazy("Gave up a batch of analyses"),
    "inference.cancelled": gettext_lazy("Gave up an analysis"),
    "inference.completed": gettext_lazy("A network looked at an image"),
    "inference.failed": gettext_lazy("An analysis failed"),
    "inference.rate-set": gettext_lazy("Set the price of analyses"),
    "inference.requested": gettext_lazy("Asked a network about an image"),
    "inference.requested-again": gettext_lazy("Asked a network about an image again"),
    "inventory.exported": gettext_lazy("Exported the inventory"),
    "inventory.imported": gettext_lazy("Imported an inventory"),
    "invitation.accepted": gettext_lazy("Accepted an invitation"),
    "invitation.revoked": gettext_lazy("Took an invitation back"),
    "keeping.answered": gettext_lazy("Answered a patient's request about keeping"),
    "keeping.asked": gettext_lazy("Asked for deletion or longer keeping"),
    "keeping.extended": gettext_lazy("Chose longer keeping"),
    "keeping.extension-ended": gettext_lazy("Took longer keeping back"),
    "keeping.taken-back": gettext_lazy("Took a request about keeping back"),
    "key.destruction-queued": gettext_lazy("Queued a study for its destruction"),
    "key.destruction-withdrawn": gettext_lazy("Took a study out of the queue of destruction"),
    "key.epoch-changed": gettext_lazy("Wrapped all keys anew"),
    "key.epoch-destroyed": gettext_lazy("Destroyed the key of an epoch"),
    "log.checkpointed": gettext_lazy("Signed a checkpoint of the access log"),
    "log.numbers-void": gettext_lazy("Declared numbers without an event void"),
    "log.spool-drained": gettext_lazy("Brought entries of an emergency into the log that it could not take before"),
    "member.added": gettext_lazy("Added a member"),
    "member.changed": gettext_lazy("Changed the roles or sites of a member"),
    "member.deactivated": gettext_lazy("Deactivated a member"),
    "member.invited": gettext_lazy("Invited somebody"),
    "network.imported": gettext_lazy("Took in a network"),
    "network.retired": gettext_lazy("Retired a network"),
    "network.rule-added": gettext_lazy("Added a rule for a network"),
    "network.rule-switched-off": gettext_lazy("Switched off a rule for a network"),
    "network.rule-switched-on": gettext_lazy("Switched on a rule for a network"),
    "party.changed": gettext_lazy("Changed an outside party"),
    "party.created": gettext_lazy("Added an outside party"),
    "password.changed": gettext_lazy("Changed the password"),
    "password.reset": gettext_lazy("A forgotten password was chosen anew"),
    "password.reset-asked": gettext_lazy("A link for a new password was mailed"),
    "patient.access-revoked": gettext_lazy("Ended a patient's access"),
    "patient.admitted": gettext_lazy("Printed a code for the patient"),
    "patient.code-presented": gettext_lazy("Typed the code from the paper"),
    "patient.code-refused": gettext_lazy("Typed a wrong code"),
    "patient.entered": gettext_lazy("Came in as the patient"),
    "patient.left": gettext_lazy("Left the patient's page"),
    "patient.locked": gettext_lazy("A patient's access was locked"),
    "patient.page-viewed": gettext_lazy("Looked at the patient's page"),
    "patient.passkey-made": gettext_lazy("Made a passkey as the patient"),
    "patients.searched": gettext_lazy("Searched for patients"),
    "policy.acknowledged": gettext_lazy("Acknowledged a policy"),
    "policy.approved": gettext_lazy("Approved a policy"),
    "policy.retired": gettext_lazy("Retired a policy"),
    "policy.written": gettext_lazy("Wrote a version of a policy"),
    "referrer.added": gettext_lazy("Added an entry to the address book"),
    "referrer.changed": gettext_lazy("Changed an entry of the address book"),
    "referrer.removed": gettext_lazy("Removed an entry of the address book"),
    "report.drafted": gettext_lazy("Began a report"),
    "report.notified": gettext_lazy("Sent a notice that a report is ready"),
    "report.read": gettext_lazy("Looked at the report"),
    "report.signed": gettext_lazy("Signed the report"),
    "request.viewed": gettext_lazy("Looked at patients' requests"),
    "retention.certificate-read": gettext_lazy("Opened a certificate of destruction"),
    "retention.patient-described": gettext_lazy("Described what bears on the keeping of a patient"),
    "retention.policy-chosen": gettext_lazy("Chose by which rules studies are kept"),
    "retention.rule-confirmed": gettext_lazy("Confirmed a retention rule"),
    "retention.rule-withdrawn": gettext_lazy("Took the confirmation of a retention rule back"),
    "retention.visits-taken": gettext_lazy("Took over last visits"),
    "risk.confirmed": gettext_lazy("Took a risk into the register"),
    "risk.described": gettext_lazy("Described a risk"),
    "risk.dismissed": gettext_lazy("Dismissed a risk"),
    "risk.none-applicable": gettext_lazy("Documented that no threat applies to an asset"),
    "risk.rated": gettext_lazy("Rated a risk"),
    "risk.response": gettext_lazy("Chose the response to a risk"),
    "sanction.recorded": gettext_lazy("Recorded a sanction"),
    "session.ended": gettext_lazy("Signed out"),
    "session.started": gettext_lazy("Signed in"),
    "share.code-refused": gettext_lazy("Typed a wrong code"),
    "share.code-sent": gettext_lazy("Was sent a code"),
    "share.created": gettext_lazy("Made a link"),
    "share.ended": gettext_lazy("Left a link"),
    "share.locked": gettext_lazy("A link was locked"),
    "share.opened": gettext_lazy("Opened a link"),
    "share.revoked": gettext_lazy("Ended a link"),
    "share.session-started": gettext_lazy("Came in by a link"),
    "site.added": gettext_lazy("Added a site"),
    "site.changed": gettext_lazy("Changed a site"),
    "step.began": gettext_lazy("Began an examination"),
    "step.ended": gettext_lazy("Ended an examination"),
    "studies.searched": gettext_lazy("Searched for studies"),
    "study.assigned": gettext_lazy("Asked a radiologist to read the study"),
    "study.binned": gettext_lazy("Moved the study to the bin"),
    "study.destroyed": gettext_lazy("Destroyed a study"),
    "study.exported": gettext_lazy("Downloaded the study"),
    "study.frames-read": gettext_lazy("Looked at images"),
    "study.opened": gettext_lazy("Opened the study"),
    "study.reassigned": gettext_lazy("Gave the study to another patient"),
    "study.removed": gettext_lazy("Removed what the database told of a destroyed study"),
    "study.restored": gettext_lazy("Took the study out of the bin"),
    "study.scheduled": gettext_lazy("Placed a study with its appointment"),
    "study.series-checked": gettext_lazy("The images were compared with the order"),
    "study.split": gettext_lazy("Split series off this study"),
    "study.split-off": gettext_lazy("Made a study of series of another one"),
    "study.stored": gettext_lazy("Stored images"),
    "study.unscheduled": gettext_lazy("Said that a study has no appointment"),
    "task.accepted": gettext_lazy("Accepted the risk of a task"),
    "task.blocked": gettext_lazy("Said that a task is blocked"),
    "task.changed": gettext_lazy("Changed a task"),
    "task.done": gettext_lazy("Said that a task is done"),
    "task.noted": gettext_lazy("Added a note to a task"),
    "task.opened": gettext_lazy("Opened a task"),
    "task.reopened": gettext_lazy("Opened a task again"),
    "task.sent-back": gettext_lazy("Sent a task back"),
    "task.started": gettext_lazy("Began a task"),
    "task.verified": gettext_lazy("Verified a task"),
    "tenant.changed": gettext_lazy("Changed the settings"),
    "tenant.created": gettext_lazy("Set up this centre"),
    "token.created": gettext_lazy("Made an API token"),
    "token.revoked": gettext_lazy("Ended an API token"),
    "training.allowed": gettext_lazy("Allowed training on images"),
    "training.forbidden": gettext_lazy("Took back the permission to train on images"),
    "training.images-listed": gettext_lazy("Listed the images that may be used for training"),
    "training.objected": gettext_lazy("Objected to training on their images"),
    "training.objection-ended": gettext_lazy("Took back the objection to training"),
    "training.recorded": gettext_lazy("Recorded a training"),
    "vendor.proof-read": gettext_lazy("Opened the proof of an exit"),
    "witness.added": gettext_lazy("Named a witness of the access log"),
    "witness.removed": gettext_lazy("Took a witness of the access log away"),
    "worklist.read": gettext_lazy("Read appointments as a device"),
    "worklist.viewed": gettext_lazy("Looked at the worklist"),
}
# How a study was opened: nobody need think that a row of the worklist was read as images are.
OPENINGS = {
    "correction": gettext_lazy("Opened the study to correct it"),
    "download": gettext_lazy("Opened the study for download"),
    "emergency": gettext_lazy("Opened the study in an emergency"),
    "list": gettext_lazy("Saw the study in a list"),
    "patient-desk": gettext_lazy("Opened the study for the patient"),
    "report": gettext_lazy("Opened the study to report"),
    "retention": gettext_lazy("Looked at how long the study is kept"),
    "search": gettext_lazy("Found the study in a search"),
    "share": gettext_lazy("Opened the study to share it"),
    "study-page": gettext_lazy("Opened the study"),
    "thumbnail": gettext_lazy("Saw a small picture of the study"),
    "view": gettext_lazy("Opened images of the study"),
    "viewer": gettext_lazy("Opened the study in the viewer"),
}
_KINDS = {
    ActorKind.USER: gettext_lazy("staff"),
    ActorKind.TOKEN: gettext_lazy("API token"),
    ActorKind.GUEST: gettext_lazy("by a link"),
    ActorKind.PATIENT: gettext_lazy("patient"),
    ActorKind.SYSTEM: gettext_lazy("the portal itself"),
}


@dataclass(frozen=True, slots=True)
class AccessLine:
    """Who did what, and when."""

    at: dt.datetime
    who: str
    who_kind: str
    what: str


def label_of(entry: "Entry") -> str:
    """Return what was done in words; an action without words stands for itself."""
    label = ACTIONS.get(entry.action, entry.action)
    if entry.action == "study.opened":
        label = OPENINGS.get(str(entry.detail.get("purpose", "")), label)
    return str(label)


def kind_of(kind: str) -> str:
    """Return a kind of actor in words."""
    return str(_KINDS[ActorKind(kind)])


def names_of(entries: Iterable["Entry"], guests: Mapping[UUID, str]) -> dict[UUID, str]:
    """Return the names behind the actors of entries; those of guests are known to who calls."""
    by_kind: dict[str, set[UUID]] = {kind: set() for kind in ActorKind}
    for entry in entries:
        by_kind[entry.actor_kind].add(entry.actor_id)
    return {
        **accounts.names_of_users(by_kind[ActorKind.USER]),
        **accounts.names_of_tokens(by_kind[ActorKind.TOKEN]),
        **guests,
        **dict.fromkeys(by_kind[ActorKind.PATIENT], _("The patient")),
        **dict.fromkeys(by_kind[ActorKind.SYSTEM], _("Bitewing")),
    }


def lines_of(entries: Iterable["Entry"], guests: Mapping[UUID, str]) -> list[AccessLine]:
    """Return entries as lines of a table."""
    found = list(entries)
    names = names_of(found, guests)
    return [
        AccessLine(
            at=entry.recorded_at,
            who=names.get(entry.actor_id, _("someone unknown")),
            who_kind=kind_of(entry.actor_kind),
            what=_with_count(entry),
        )
        for entry in found
    ]


def _with_count(entry: "Entry") -> str:
    label = label_of(entry)
    frames = entry.detail.get("frames")
    return f"{label} ({frames})" if frames else label

"""What each action is in the codes of DICOM (PS3.16, CID 400 Audit Event ID and CID 401 Audit Event Type Code)."""

from dataclasses import dataclass
from typing import Final

# PS3.16 CID 400.
EVENTS: Final = {
    "110100": "Application Activity",
    "110101": "Audit Log Used",
    "110102": "Begin Transferring DICOM Instances",
    "110103": "DICOM Instances Accessed",
    "110104": "DICOM Instances Transferred",
    "110105": "DICOM Study Deleted",
    "110106": "Export",
    "110107": "Import",
    "110108": "Network Entry",
    "110109": "Order Record",
    "110110": "Patient Record",
    "110111": "Procedure Record",
    "110112": "Query",
    "110113": "Security Alert",
    "110114": "User Authentication",
}
# Of PS3.16 CID 401 what the portal uses.
TYPES: Final = {
    "110122": "Login",
    "110123": "Logout",
    "110127": "Emergency Override Started",
    "110128": "Network Configuration",
    "110129": "Security Configuration",
    "110132": "Use of Restricted Function",
    "110135": "Object Security Attributes Changed",
    "110136": "Security Roles Changed",
    "110137": "User Security Attributes Changed",
    "110138": "Emergency Override Stopped",
}


@dataclass(frozen=True, slots=True)
class Coded:
    """An action in codes.

    Attributes
    ----------
    verb
        EventActionCode of PS3.15 A.5.2: C create, R read, U update, D delete, E execute.
    outcome
        EventOutcomeIndicator: 0 success, 4 minor failure, 8 serious failure.
    """

    event: str
    verb: str
    kind: str = ""
    outcome: int = 0


_ALERT: Final = "110113"
_EXACT: Final = {
    "appointments.saved": Coded("110109", "U"),
    "audit.exported": Coded("110101", "R"),
    "audit.log-exported": Coded("110101", "R"),
    "audit.proved": Coded("110101", "R"),
    "audit.viewed": Coded("110101", "R"),
    "conflict.decided": Coded("110110", "U"),
    "conflicts.viewed": Coded("110112", "E"),
    "correction.undone": Coded("110110", "U"),
    "dicom.device-refused": Coded(_ALERT, "E", "110132", outcome=4),
    "emergency.ended": Coded(_ALERT, "E", "110138"),
    "emergency.opened": Coded(_ALERT, "E", "110127"),
    "emergency.read": Coded("110101", "R"),
    "emergency.reviewed": Coded("110101", "U"),
    "factor.recovered": Coded("110114", "E", "110122"),
    "files.refused": Coded("110107", "C", outcome=4),
    "member.changed": Coded(_ALERT, "U", "110136"),
    "patient.admitted": Coded(_ALERT, "C", "110137"),
    "patient.access-revoked": Coded(_ALERT, "D", "110137"),
    "patient.code-presented": Coded("110114", "E", "110122"),
    "patient.code-refused": Coded("110114", "E", "110122", outcome=4),
    "patient.entered": Coded("110114", "E", "110122"),
    "patient.left": Coded("110114", "E", "110123"),
    "patient.locked": Coded(_ALERT, "U", "110137", outcome=8),
    "patient.page-viewed": Coded("110110", "R"),
    "patients.searched": Coded("110112", "E"),
    "report.notified": Coded("110106", "E"),
    "report.read": Coded("110110", "R"),
    "report.drafted": Coded("110110", "C"),
    "report.signed": Coded("110110", "U"),
    "session.ended": Coded("110114", "E", "110123"),
    "session.started": Coded("110114", "E", "110122"),
    "share.code-refused": Coded("110114", "E", "110122", outcome=4),
    "share.code-sent": Coded("110114", "E"),
    "share.created": Coded(_ALERT, "C", "110135"),
    "share.ended": Coded("110114", "E", "110123"),
    "share.locked": Coded(_ALERT, "U", "110135", outcome=8),
    "share.opened": Coded("110114", "E"),
    "share.revoked": Coded(_ALERT, "D", "110135"),
    "share.session-started": Coded("110114", "E", "110122"),
    "studies.searched": Coded("110112", "E"),
    "study.assigned": Coded("110109", "C"),
    "study.binned": Coded("110105", "D"),
    "study.deleted": Coded("110105", "D"),
    "study.destroyed": Coded("110105", "D"),
    "study.exported": Coded("110106", "R"),
    "study.frames-read": Coded("110103", "R"),
    "study.opened": Coded("110103", "R"),
    "study.reassigned": Coded("110111", "U"),
    "study.restored": Coded("110111", "U"),
    "study.stored": Coded("110107", "C"),
    "worklist.read": Coded("110112", "E"),
    "worklist.viewed": Coded("110112", "E"),
}
# By the noun before the point, where the action itself is not above.
_NOUNS: Final = {
    "dicom": Coded(_ALERT, "U", "110128"),
    "document": Coded("110106", "R"),
    "factor": Coded(_ALERT, "U", "110137"),
    "invitation": Coded(_ALERT, "U", "110137"),
    "log": Coded("110100", "E"),
    "member": Coded(_ALERT, "U", "110137"),
    "password": Coded(_ALERT, "U", "110137"),
    "patient": Coded("110110", "U"),
    "report": Coded("110110", "U"),
    "share": Coded(_ALERT, "U", "110135"),
    "site": Coded(_ALERT, "U", "110129"),
    "step": Coded("110111", "U"),
    "study": Coded("110111", "U"),
    "tenant": Coded(_ALERT, "U", "110129"),
    "token": Coded(_ALERT, "U", "110137"),
    "witness": Coded(_ALERT, "U", "110129"),
}
# Everything else is work in the portal that concerns no patient and no right.
_OTHER: Final = Coded("110100", "E")


def of(action: str) -> Coded:
    """Return the codes of an action."""
    return _EXACT.get(action) or _NOUNS.get(action.partition(".")[0], _OTHER)

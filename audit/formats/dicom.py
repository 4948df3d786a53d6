"""One event as a DICOM audit message (PS3.15 A.5.1)."""

from typing import Any
from xml.sax.saxutils import quoteattr

from audit.formats import codes

_SYSTEM_SOURCE = "4"
_PERSON, _SYSTEM_OBJECT = "1", "2"
_PATIENT_ROLE, _REPORT_ROLE, _RESOURCE_ROLE = "1", "3", "4"


def message(body: dict[str, Any], *, origin: str) -> str:
    """Return the message of an event, without an XML declaration.

    Parameters
    ----------
    body
        The event; ids in it are the portal's own.
    origin
        The log that has it, as AuditSourceID.
    """
    coded = codes.of(body["action"])
    parts = [
        _identification(body, coded),
        _participant(body),
        _empty("AuditSourceIdentification", {"AuditSourceID": origin, "code": _SYSTEM_SOURCE}),
        _object(body["patient"], _PERSON, _PATIENT_ROLE, {"csd-code": "2", "originalText": "Patient Number"}),
        _object(body["study"], _SYSTEM_OBJECT, _REPORT_ROLE, {"csd-code": "study", "originalText": "Study"}),
        _object(body["subject"], _SYSTEM_OBJECT, _RESOURCE_ROLE, {"csd-code": "subject", "originalText": "Subject"}),
    ]
    return f"<AuditMessage>{''.join(parts)}</AuditMessage>"


def _identification(body: dict[str, Any], coded: codes.Coded) -> str:
    attributes = {
        "EventActionCode": coded.verb,
        "EventDateTime": body["at"],
        "EventOutcomeIndicator": str(coded.outcome),
    }
    kind = _code("EventTypeCode", coded.kind, codes.TYPES[coded.kind]) if coded.kind else ""
    own = _empty("EventTypeCode", _coding(body["action"], "Bitewing", body["action"]))
    inner = _code("EventID", coded.event, codes.EVENTS[coded.event]) + kind + own
    return f"<EventIdentification{_attributes(attributes)}>{inner}</EventIdentification>"


def _participant(body: dict[str, Any]) -> str:
    who = body["actor"]
    attributes = {"UserID": who["id"], "AlternativeUserID": who["kind"], "UserIsRequestor": "true"}
    return _empty("ActiveParticipant", attributes)


def _object(identifier: str | None, kind: str, role: str, coded: dict[str, str]) -> str:
    if identifier is None:
        return ""
    attributes = {
        "ParticipantObjectID": identifier,
        "ParticipantObjectTypeCode": kind,
        "ParticipantObjectTypeCodeRole": role,
    }
    system = "RFC-3881" if kind == _PERSON else "Bitewing"
    inner = _empty("ParticipantObjectIDTypeCode", _coding(coded["csd-code"], system, coded["originalText"]))
    return f"<ParticipantObjectIdentification{_attributes(attributes)}>{inner}</ParticipantObjectIdentification>"


def _code(element: str, code: str, meaning: str) -> str:
    return _empty(element, _coding(code, "DCM", meaning))


def _coding(code: str, system: str, meaning: str) -> dict[str, str]:
    return {"csd-code": code, "codeSystemName": system, "originalText": meaning}


def _empty(element: str, attributes: dict[str, str]) -> str:
    return f"<{element}{_attributes(attributes)}/>"


def _attributes(values: dict[str, str]) -> str:
    return "".join(f" {name}={quoteattr(value)}" for name, value in values.items())

"""One event as a FHIR R4 AuditEvent, its agents and entities sliced as in IHE BALP (Basic Audit Log Patterns)."""

from typing import Any

from audit.formats import codes

_DCM = "http://dicom.nema.org/resources/ontology/DCM"
_OWN = "urn:bitewing:audit-action"
_ROLES = "http://terminology.hl7.org/CodeSystem/object-role"
_KINDS = "http://terminology.hl7.org/CodeSystem/audit-entity-type"
_SOURCES = "http://terminology.hl7.org/CodeSystem/security-source-type"
_PARTICIPATIONS = "http://terminology.hl7.org/CodeSystem/v3-ParticipationType"


def resource(body: dict[str, Any], *, origin: str) -> dict[str, Any]:
    """Return the resource of an event.

    Parameters
    ----------
    body
        The event; ids in it are the portal's own.
    origin
        The log that has it, as its observer.
    """
    coded = codes.of(body["action"])
    kinds = [_coding(_DCM, coded.kind, codes.TYPES[coded.kind])] if coded.kind else []
    return {
        "resourceType": "AuditEvent",
        "id": body["id"],
        "type": _coding(_DCM, coded.event, codes.EVENTS[coded.event]),
        "subtype": [*kinds, {"system": _OWN, "code": body["action"]}],
        "action": coded.verb,
        "recorded": body["at"],
        "outcome": str(coded.outcome),
        "agent": [
            {
                "type": {"coding": [_coding(_PARTICIPATIONS, "IRCP", "information recipient")]},
                "who": {"identifier": _identifier("actor", body["actor"]["id"]), "type": body["actor"]["kind"]},
                "requestor": True,
            }
        ],
        "source": {
            "observer": {"identifier": {"system": "urn:bitewing:log", "value": origin}},
            "type": [_coding(_SOURCES, "4", "Application Server")],
        },
        **_entities(body),
    }


def _entities(body: dict[str, Any]) -> dict[str, Any]:
    found = [
        _entity("patient", body["patient"], ("1", "Person"), ("1", "Patient")),
        _entity("study", body["study"], ("2", "System Object"), ("3", "Report")),
        _entity("subject", body["subject"], ("2", "System Object"), ("4", "Domain Resource")),
    ]
    present = [entity for entity in found if entity]
    return {"entity": present} if present else {}


def _entity(name: str, value: str | None, kind: tuple[str, str], role: tuple[str, str]) -> dict[str, Any] | None:
    if value is None:
        return None
    return {
        "what": {"identifier": _identifier(name, value)},
        "type": _coding(_KINDS, *kind),
        "role": _coding(_ROLES, *role),
    }


def _identifier(name: str, value: str) -> dict[str, str]:
    return {"system": f"urn:bitewing:{name}", "value": value}


def _coding(system: str, code: str, display: str) -> dict[str, str]:
    return {"system": system, "code": code, "display": display}

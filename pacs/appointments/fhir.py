"""Appointments from FHIR R4: a Bundle of Appointment or ServiceRequest with the Patient that each names."""

import datetime as dt
from collections.abc import Iterator, Mapping
from typing import Any, Final
from zoneinfo import ZoneInfo

from pacs.appointments import plans
from pacs.appointments.errors import ScheduleFormatError
from pacs.appointments.plans import Plan

_MODALITIES: Final = "http://dicom.nema.org/resources/ontology/DCM"
_IDENTIFIER_TYPES: Final = "http://terminology.hl7.org/CodeSystem/v2-0203"
_OFF: Final = frozenset({"cancelled", "noshow", "entered-in-error", "revoked"})
MAX_ENTRIES: Final = 10_000
Resource = Mapping[str, Any]


class _Book:
    """The resources of a bundle, by every way in which one may refer to another."""

    def __init__(self, entries: list[Any]) -> None:
        self.resources: list[Resource] = []
        self._by_name: dict[str, Resource] = {}
        for entry in entries:
            found = entry.get("resource") if isinstance(entry, dict) else None
            if not isinstance(found, dict):
                continue
            self.resources.append(found)
            for name in (entry.get("fullUrl"), f"{found.get('resourceType')}/{found.get('id')}"):
                if isinstance(name, str):
                    self._by_name[name] = found

    def find(self, reference: Any, owner: Resource) -> Resource:
        """Return what a reference names: in the bundle, or contained in its owner; nothing when it is elsewhere."""
        name = reference.get("reference", "") if isinstance(reference, dict) else ""
        if not isinstance(name, str):
            return {}
        if name.startswith("#"):
            contained = (one for one in _dicts(owner.get("contained")) if one.get("id") == name[1:])
            return next(contained, {})
        return self._by_name.get(name, {})


def read(bundle: Any, *, zone: ZoneInfo) -> list[Plan]:
    """Read a bundle; instants become the date and time of the place.

    Raises
    ------
    ScheduleFormatError, AppointmentTermsError
        Naming the resource and the field; then nothing of the bundle is kept.
    """
    if not isinstance(bundle, dict) or bundle.get("resourceType") != "Bundle":
        raise ScheduleFormatError("A FHIR Bundle was expected.")
    entries = bundle.get("entry")
    if not isinstance(entries, list) or len(entries) > MAX_ENTRIES:
        raise ScheduleFormatError("A Bundle has between 1 and {limit} entries.", limit=MAX_ENTRIES)
    book = _Book(entries)
    found = list(_plans(book, zone))
    if not found:
        raise ScheduleFormatError("The Bundle has no Appointment and no ServiceRequest.")
    return found


def _plans(book: _Book, zone: ZoneInfo) -> Iterator[Plan]:
    of_appointments = set()
    for number, resource in enumerate(book.resources, start=1):
        if resource.get("resourceType") == "Appointment":
            requests = [book.find(one, resource) for one in _dicts(resource.get("basedOn"))]
            of_appointments |= {id(one) for one in requests}
            request = next((one for one in requests if one), {})
            yield _plan(book, resource, request, zone, f"Appointment, entry {number}")
    for number, resource in enumerate(book.resources, start=1):
        if resource.get("resourceType") == "ServiceRequest" and id(resource) not in of_appointments:
            yield _plan(book, {}, resource, zone, f"ServiceRequest, entry {number}")


def _plan(book: _Book, appointment: Resource, request: Resource, zone: ZoneInfo, where: str) -> Plan:
    patient = _patient(book, appointment, request)
    start = _start(appointment.get("start") or request.get("occurrenceDateTime"), zone, where)
    main = appointment or request
    name = _first(patient.get("name"))
    given = name.get("given")
    concepts = [*_dicts(appointment.get("serviceType")), *_dicts([request.get("code")])]
    identifier = _identifier(patient.get("identifier"), "MR")
    values = {
        "external_id": _string(_first(main.get("identifier")).get("value")) or _string(main.get("id")),
        "patient_id": _string(identifier.get("value")),
        "issuer": _string(identifier.get("system")).removeprefix("urn:oid:")[:64],
        "family_name": _string(name.get("family")) or _string(name.get("text")),
        "given_name": " ".join(_string(one) for one in given) if isinstance(given, list) else "",
        "birth_date": _string(patient.get("birthDate")) if len(_string(patient.get("birthDate"))) == 10 else "",
        "sex": _string(patient.get("gender")),
        "date": start[0],
        "time": start[1],
        "modality": _modality(concepts),
        "accession_number": _string(_identifier(request.get("identifier"), "ACSN", only=True).get("value")),
        "description": (_string(appointment.get("description")) or _words(concepts))[:64],
        "referring_physician": _string(_dict(request.get("requester")).get("display"))[:128],
        "cancelled": _is_off(main.get("status"), where),
    }
    return plans.read(values, where=where)


def _is_off(status: Any, where: str) -> bool:
    if status is not None and not isinstance(status, str):
        raise ScheduleFormatError("The status is no code ({where}).", where=where)
    return status in _OFF


def _patient(book: _Book, appointment: Resource, request: Resource) -> Resource:
    for participant in _dicts(appointment.get("participant")):
        found = book.find(participant.get("actor"), appointment)
        if found.get("resourceType") == "Patient":
            return found
    return book.find(request.get("subject"), request)


def _start(text: Any, zone: ZoneInfo, where: str) -> tuple[str, str]:
    """Return date and time of the place."""
    written = _string(text)
    if len(written) == 10:
        return written, ""
    try:
        moment = dt.datetime.fromisoformat(written)
    except ValueError:
        raise ScheduleFormatError("The start is no instant ({where}).", where=where) from None
    if moment.tzinfo is None:
        raise ScheduleFormatError("The start says no time zone ({where}).", where=where)
    try:
        local = moment.astimezone(zone)
    except OverflowError:
        raise ScheduleFormatError("The start is no instant ({where}).", where=where) from None
    return local.date().isoformat(), local.strftime("%H%M%S")


def _identifier(found: Any, kind: str, *, only: bool = False) -> Resource:
    """Return the identifier of a type (HL7 table 0203), else the first one unless `only` that type will do."""
    identifiers = _dicts(found)
    for one in identifiers:
        for coding in _dicts(_dict(one.get("type")).get("coding")):
            if coding.get("code") == kind and coding.get("system", _IDENTIFIER_TYPES) == _IDENTIFIER_TYPES:
                return _dict(one)
    return _first(identifiers) if not only else {}


def _modality(concepts: list[Resource]) -> str:
    codings = (coding for concept in concepts for coding in _dicts(concept.get("coding")))
    return next((_string(one.get("code")) for one in codings if one.get("system") == _MODALITIES), "")


def _words(concepts: list[Resource]) -> str:
    for concept in concepts:
        displays = [_string(coding.get("display")) for coding in _dicts(concept.get("coding"))]
        for text in (_string(concept.get("text")), *displays):
            if text:
                return text
    return ""


def _dicts(found: Any) -> list[Any]:
    return [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []


def _dict(found: Any) -> Resource:
    return found if isinstance(found, dict) else {}


def _first(found: Any) -> Resource:
    return next(iter(_dicts(found)), {})


def _string(value: Any) -> str:
    return value if isinstance(value, str) else ""

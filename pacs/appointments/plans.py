"""An appointment as a practice's schedule tells of it, checked before it is kept."""

import datetime as dt
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from pacs.appointments.errors import AppointmentTermsError
from pacs.dicom.uids import is_valid_uid

_CODE = re.compile(r"[A-Z0-9_ ]{1,16}\Z")
_TIME = re.compile(r"([01]\d|2[0-3])[0-5]\d([0-5]\d)?\Z")
_SEXES: Final = {"male": "M", "female": "F", "other": "O", "m": "M", "f": "F", "o": "O", "": "", "unknown": ""}
# Fields by the number of characters that they may have (those of their value representations).
TEXTS: Final = {
    "external_id": 64,
    "patient_id": 64,
    "issuer": 64,
    "family_name": 64,
    "given_name": 64,
    "station": 16,
    "accession_number": 16,
    "description": 64,
    "referring_physician": 128,
}
NAMES: Final = frozenset({*TEXTS, "birth_date", "sex", "date", "time", "modality", "study_instance_uid", "cancelled"})
REQUIRED: Final = ("external_id", "patient_id", "family_name", "date")


@dataclass(frozen=True, slots=True)
class Plan:
    """One planned examination; the name is in the form of PS3.5 6.2.1."""

    external_id: str
    patient_id: str
    patient_name_pn: str
    start_date: dt.date
    start_time: str = ""
    issuer: str = ""
    birth_date: dt.date | None = None
    sex: str = ""
    modality: str = ""
    station_ae_title: str = ""
    accession_number: str = ""
    description: str = ""
    referring_physician_pn: str = ""
    study_instance_uid: str = ""
    is_cancelled: bool = False


def read(values: Mapping[str, Any], *, where: str = "") -> Plan:
    """Check one appointment.

    Parameters
    ----------
    where
        Which one of many it is, for the message of a refusal.

    Raises
    ------
    AppointmentTermsError
        Naming the field, never its value.
    """
    place = f" ({where})" if where else ""
    unknown = sorted(str(name) for name in values if name not in NAMES)
    if unknown:
        raise AppointmentTermsError("There is no field {name}{place}.", name=unknown[0][:40], place=place)
    text = {name: _text(values, name, limit, place) for name, limit in TEXTS.items()}
    for name in REQUIRED:
        if not str(values.get(name) or "").strip():
            raise AppointmentTermsError("{name} is missing{place}.", name=name, place=place)
    uid = str(values.get("study_instance_uid") or "").strip()
    if uid and not is_valid_uid(uid):
        raise AppointmentTermsError("study_instance_uid is no UID{place}.", place=place)
    return Plan(
        external_id=text["external_id"],
        patient_id=text["patient_id"],
        issuer=text["issuer"],
        patient_name_pn=_name(text["family_name"], text["given_name"]),
        start_date=_date(values, "date", place) or dt.date.min,
        start_time=_time(values, place),
        birth_date=_date(values, "birth_date", place),
        sex=_sex(values, place),
        modality=_modality(values, place),
        station_ae_title=text["station"],
        accession_number=text["accession_number"],
        description=text["description"],
        referring_physician_pn=text["referring_physician"].replace(", ", "^", 1),
        study_instance_uid=uid,
        is_cancelled=_truth(values.get("cancelled")),
    )


def _text(values: Mapping[str, Any], name: str, limit: int, place: str) -> str:
    text = " ".join(str(values.get(name) or "").split())
    if len(text) > limit:
        raise AppointmentTermsError(
            "{name} has more than {limit} characters{place}.", name=name, limit=limit, place=place
        )
    if "\\" in text or not text.isprintable():
        raise AppointmentTermsError("{name} has a character that DICOM does not allow{place}.", name=name, place=place)
    return text


def _name(family: str, given: str) -> str:
    parts = [part.replace("^", " ").replace("=", " ") for part in (family, given)]
    return "^".join(parts).rstrip("^")


def _date(values: Mapping[str, Any], name: str, place: str) -> dt.date | None:
    text = str(values.get(name) or "").strip()
    if not text:
        return None
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        raise AppointmentTermsError("{name} is not a date like 2026-03-31{place}.", name=name, place=place) from None


def _time(values: Mapping[str, Any], place: str) -> str:
    text = str(values.get("time") or "").replace(":", "").strip()
    if text and not _TIME.match(text):
        raise AppointmentTermsError("time is not a time like 08:30{place}.", place=place)
    return text


def _sex(values: Mapping[str, Any], place: str) -> str:
    text = str(values.get("sex") or "").strip().lower()
    if text not in _SEXES:
        raise AppointmentTermsError("sex is M, F, O or empty{place}.", place=place)
    return _SEXES[text]


def _modality(values: Mapping[str, Any], place: str) -> str:
    text = str(values.get("modality") or "").strip().upper()
    if text and not _CODE.match(text):
        raise AppointmentTermsError("modality is a code like CT or PX{place}.", place=place)
    return text


def _truth(value: Any) -> bool:
    return value is True or str(value or "").strip().lower() in {"1", "true", "yes", "cancelled"}

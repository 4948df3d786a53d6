"""Pictures that come without DICOM: given a patient, a kind and a date, then stored as every other file is."""

import datetime as dt
import hashlib
from dataclasses import dataclass
from typing import Final
from uuid import UUID, uuid5

from django.db import transaction

from accounts import access
from common.actor import Actor
from common.clock import now
from common.errors import TooLargeError
from common.scope import tenant_scope
from pacs.dicom import pictures
from pacs.dicom.film import FILM_KINDS, FilmHeader, write_film
from pacs.dicom.uids import uid_from_uuid
from pacs.errors import PatientNotFoundError
from pacs.identity import Identity
from pacs.intake import Batch, Status, Verdict
from pacs.models import Instance, Patient, Series, Study
from pacs.services.patients import enter_patient

MAX_PICTURE: Final = 64 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Film:
    """What somebody says of a picture; the patient is known or entered now."""

    patient: UUID | Identity
    kind: str
    taken_on: dt.date
    tooth: str = ""
    laterality: str = ""
    description: str = ""


def store_film(*, actor: Actor, film: Film, content: bytes) -> Verdict:
    """Wrap a picture as DICOM and store it; the same picture with the same words twice is stored once.

    Raises
    ------
    PictureError, SandboxError
        When it is no picture, or not one that can be kept.
    PatientIdTakenError, PatientNotFoundError
    """
    access.require(actor, "study.upload")
    if len(content) > MAX_PICTURE:
        raise TooLargeError("A picture may have {limit} bytes at most.", limit=MAX_PICTURE)
    picture = pictures.inspect(content)
    with tenant_scope(actor.tenant_id), transaction.atomic():
        patient = _patient(actor, film.patient)
        header = _header(actor.tenant_id, film, patient, hashlib.sha256(content).hexdigest())
        known = Instance.objects.filter(sop_instance_uid=header.sop_instance_uid, is_binned=False).exists()
    if known:
        # Written again its header would have another moment, hence other bytes: what is stored stays.
        return Verdict(Status.DUPLICATE, study_instance_uid=header.study_instance_uid)
    return _store(actor, write_film(header, picture, content))


def _store(actor: Actor, data: bytes) -> Verdict:
    with Batch(actor=actor, source="film") as batch:
        batch.add([data])
        (verdict,) = batch.commit()
    return verdict


def _patient(actor: Actor, wanted: UUID | Identity) -> Patient:
    if isinstance(wanted, Identity):
        return enter_patient(actor=actor, identity=wanted)
    found: Patient | None = Patient.objects.filter(id=wanted).first()
    if found is None:
        raise PatientNotFoundError
    return found.survivor


def _header(tenant_id: UUID, film: Film, patient: Patient, digest: str) -> FilmHeader:
    kind, identity = FILM_KINDS[film.kind], Identity.of_patient(patient)
    study_uid = _study_uid(tenant_id, patient, film.taken_on)
    series_uid = _uid(tenant_id, study_uid, kind.code)
    said = (digest, film.tooth, film.laterality, film.description)
    series = Series.objects.filter(study__deleted_at=None, series_instance_uid=series_uid).first()
    return FilmHeader(
        kind=kind,
        patient_name=identity.name_pn,
        patient_id=identity.patient_id,
        issuer=identity.issuer,
        birth_date=identity.birth_date,
        sex=identity.sex,
        taken_on=film.taken_on,
        tooth=film.tooth,
        laterality=film.laterality,
        study_instance_uid=study_uid,
        series_instance_uid=series_uid,
        sop_instance_uid=_uid(tenant_id, series_uid, *said),
        instance_number=series.number_of_instances + 1 if series else 1,
        description=film.description,
        created_at=now(),
    )


def _study_uid(tenant_id: UUID, patient: Patient, day: dt.date) -> str:
    """Return the study of a patient's pictures of a day; not one that was given to somebody else meanwhile."""
    number = 1
    while _is_of_somebody_else(uid := _uid(tenant_id, "films", patient.id, day, number), patient):
        number += 1
    return uid


def _is_of_somebody_else(study_instance_uid: str, patient: Patient) -> bool:
    study = Study.objects.filter(study_instance_uid=study_instance_uid, deleted_at=None).first()
    return study is not None and (study.patient_id != patient.id or bool(study.conflict))


def _uid(tenant_id: UUID, *parts: object) -> str:
    """Derive a UID below the root for UUIDs (PS3.5 B.2): the same picture of the same patient always has the same."""
    return uid_from_uuid(uuid5(tenant_id, "/".join(map(str, parts))))

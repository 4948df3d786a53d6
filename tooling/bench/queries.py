"""Searches (QIDO-RS) over the tiny studies, and what each must find."""

from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from tooling.bench.studies import MONTHS, UID_STEM, Study

STUDY_UID, PATIENT_ID, PATIENT_NAME = "0020000D", "00100020", "00100010"
STUDY_DATE, MODALITIES = "00080020", "00080061"
PAGE = 101
FEW = 25
_FIELDS = "00081030,00080061,00201208"


@dataclass(frozen=True, slots=True)
class Query:
    """One search: every one of `count` results has an attribute that begins with a text."""

    metric: str
    parameters: str
    count: int
    tag: str
    prefix: str

    def path(self, root: str) -> str:
        return f"{root}/studies?{self.parameters}"


def all_queries(tiny: Sequence[Study], *, each: int = 30) -> list[Query]:
    """Return the searches of a run: spread over the studies, the same ones for every server."""
    chosen = [tiny[index * len(tiny) // each] for index in range(each)]
    offsets = range(0, len(tiny) - PAGE + 1, max(1, (len(tiny) - PAGE) // 10))
    return [
        *(
            _query("qido_uid", 1, STUDY_UID, one.study_instance_uid, StudyInstanceUID=one.study_instance_uid)
            for one in chosen
        ),
        *(_query("qido_patient", 1, PATIENT_ID, one.patient_id, PatientID=one.patient_id) for one in chosen),
        *(_by_name(one) for one in chosen),
        *(_by_month(f"2026{month:02d}") for month in range(1, MONTHS + 1)),
        *(_by_modality("CT") for _ in range(MONTHS)),
        *(_query("qido_page", PAGE, STUDY_UID, UID_STEM, limit=PAGE, offset=offset) for offset in offsets),
    ]


def _by_name(study: Study) -> Query:
    family = study.patient_name.partition("^")[0]
    return _query("qido_name", FEW, PATIENT_NAME, family, PatientName=f"{family}*", limit=FEW)


def _by_month(month: str) -> Query:
    parameters = {"StudyDate": f"{month}01-{month}31", "limit": FEW}
    return _query("qido_date", FEW, STUDY_DATE, month, **parameters)


def _by_modality(modality: str) -> Query:
    return _query("qido_modality", FEW, MODALITIES, modality, ModalitiesInStudy=modality, limit=FEW)


def _query(metric: str, count: int, tag: str, prefix: str, **parameters: object) -> Query:
    text = urlencode({**parameters, "includefield": _FIELDS}, safe="*,^")
    return Query(metric, text, count, tag, prefix)

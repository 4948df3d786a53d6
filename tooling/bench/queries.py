"""Searches (QIDO-RS) over the tiny studies, and what each must find."""

from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from tooling.bench.studies import UID_STEM, Study

STUDY_UID, PATIENT_ID, PATIENT_NAME = "0020000D", "00100020", "00100010"
PAGE = 101
NAME_LIMIT = 25
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
        *(_query("qido_page", PAGE, STUDY_UID, UID_STEM, limit=PAGE, offset=offset) for offset in offsets),
    ]


def _by_name(study: Study) -> Query:
    family = study.patient_name.partition("^")[0]
    return _query("qido_name", NAME_LIMIT, PATIENT_NAME, family, PatientName=f"{family}*", limit=NAME_LIMIT)


def _query(metric: str, count: int, tag: str, prefix: str, **parameters: object) -> Query:
    text = urlencode({**parameters, "includefield": _FIELDS}, safe="*,^")
    return Query(metric, text, count, tag, prefix)

"""C-FIND on patients, studies, series and images (PS3.4 C.4.1): the columns and matching of QIDO-RS, asked by DIMSE."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

import orjson
from django.db.models import Q

from common.scope import tenant_scope
from pacs import headers, leaving, selectors
from pacs.dicom.dictionary import tag_of
from pacs.dicom.json_model import Attributes, get_str
from pacs.dicomweb.attributes import BY_TAG, Column, Level, attribute_of, source_of
from pacs.dicomweb.errors import QueryError
from pacs.dicomweb.matching import MAX_LENGTH
from pacs.dicomweb.query import path_to
from pacs.dimse import commands, datasets, negotiation
from pacs.dimse.association import Association, Message
from pacs.dimse.callers import Caller
from pacs.dimse.commands import Status
from pacs.dimse.datasets import attribute
from pacs.dimse.errors import StatusError
from pacs.models import Instance, Series

PAGE: Final = 500
_LEVELS: Final = {"PATIENT": Level.STUDY, "STUDY": Level.STUDY, "SERIES": Level.SERIES, "IMAGE": Level.INSTANCE}
# What tells patients apart, and what is told of them (tables C.6-1 and C.6-5).
PATIENT_KEYWORDS: Final = ("PatientName", "PatientID", "IssuerOfPatientID", "PatientBirthDate", "PatientSex")
# Say how, not what, is asked.
_CONTROLS: Final = frozenset(
    tag_of(keyword)
    for keyword in (
        "SpecificCharacterSet",
        "QueryRetrieveLevel",
        "RetrieveAETitle",
        "InstanceAvailability",
        "TimezoneOffsetFromUTC",
    )
)
_UNIQUE: Final = {
    Level.STUDY: ("StudyInstanceUID",),
    Level.SERIES: ("StudyInstanceUID", "SeriesInstanceUID"),
    Level.INSTANCE: ("StudyInstanceUID", "SeriesInstanceUID", "SOPInstanceUID"),
}
Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Question:
    """An identifier, understood.

    Attributes
    ----------
    wanted
        Tags to return that lie in columns.
    from_header
        Tags to return that lie in the header of each instance alone.
    is_whole
        Whether every key was understood; else answers carry the warning of PS3.4 C.4.1.1.4.
    """

    name: str
    level: Level
    condition: Q
    wanted: tuple[Column, ...]
    from_header: frozenset[str]
    is_whole: bool

    @property
    def is_of_patients(self) -> bool:
        return self.name == "PATIENT"


def parse(identifier: Attributes, *, is_patient_root: bool) -> Question:
    """Read an identifier; keys that are not matched here count as universal (PS3.4 C.2.2.1.3).

    Raises
    ------
    StatusError
        If the level is none of the model's, or a value cannot be matched.
    """
    name = get_str(identifier, "QueryRetrieveLevel").strip()
    level = _LEVELS.get(name)
    if level is None or (name == "PATIENT" and not is_patient_root):
        raise StatusError(Status.DATA_SET_MISMATCH, "There is no such Query/Retrieve Level in this model.")
    condition, wanted, from_header, is_whole = Q(), [], set(), True
    for tag in identifier.keys() - _CONTROLS:
        column = BY_TAG.get(tag)
        value = datasets.value_text(identifier, tag).strip()
        if column is None or column.level > level:
            from_header |= {tag} if level is Level.INSTANCE else set()
            is_whole &= value.strip("*") == ""
            continue
        if name == "PATIENT" and column.keyword not in PATIENT_KEYWORDS:
            is_whole = False
            continue
        wanted.append(column)
        if value.strip("*"):
            is_whole &= column.matcher is not None
            condition &= _match(column, level, value)
    return Question(name, level, condition, tuple(wanted), frozenset(from_header), is_whole)


def _match(column: Column, level: Level, value: str) -> Q:
    if column.matcher is None:
        return Q()
    if len(value) > MAX_LENGTH and column.vr != "UI":
        raise StatusError(Status.CANNOT_UNDERSTAND, "{key} is too long.", key=column.keyword)
    try:
        return column.matcher(path_to(level, column.level) + column.name, value)
    except QueryError as error:
        raise StatusError(Status.CANNOT_UNDERSTAND, "{key}: {why}", key=column.keyword, why=error.detail) from None


def find(association: Association, caller: Caller, message: Message) -> None:
    """Answer a query: one pending response a match, then the end."""
    is_patient_root = negotiation.BY_UID[message.context.abstract_syntax].is_patient_root
    data = message.read_data(datasets.MAX_BYTES)
    with tenant_scope(caller.tenant_id):
        question = parse(datasets.decode(data, message.transfer_syntax_uid), is_patient_root=is_patient_root)
    matches = _patients(caller, question) if question.is_of_patients else _rows(caller, question)
    answer(association, message, (_item(caller, question, row) for row in matches), is_whole=question.is_whole)


def answer(
    association: Association, message: Message, items: Iterator[Mapping[str, Any]], *, is_whole: bool = True
) -> None:
    """Send matches until they end or the device has enough (PS3.7 9.1.2)."""
    pending = Status.PENDING if is_whole else Status.PENDING_WITH_WARNING
    message_id = message.command.get("MessageID", 0)
    status = Status.SUCCESS
    for item in items:
        if association.is_cancelled(message_id):
            status = Status.CANCELLED
            break
        command = commands.response_to(message.command, pending, has_data=True)
        association.send(message.context.id, command, [datasets.encode(item, message.transfer_syntax_uid)])
    association.send(message.context.id, commands.response_to(message.command, status))


def _fields(question: Question) -> list[str]:
    columns = {path_to(question.level, column.level) + source_of(column) for column in _columns(question)}
    extra = {"id"} if question.level is Level.STUDY else {"id", "study_id"}
    if question.from_header:
        extra |= {"tenant_id", "header", "study__key_id", "study__overlay"}
    return sorted(columns | extra)


def _columns(question: Question) -> list[Column]:
    unique = [BY_TAG[tag_of(keyword)] for keyword in _UNIQUE[question.level]]
    return list(dict.fromkeys([*unique, *question.wanted]))


def _rows(caller: Caller, question: Question) -> Iterator[Row]:
    """Read the matches page by page, the newest first; each page is written to the log before it is sent."""
    last: UUID | None = None
    while True:
        with tenant_scope(caller.tenant_id):
            page = _page(caller, question, last)
            _record(caller, question, page)
        yield from page
        if len(page) < PAGE:
            return
        last = page[-1]["id"]


def _page(caller: Caller, question: Question, last: UUID | None) -> list[Row]:
    visible = selectors.visible_studies(caller.actor)
    if question.level is Level.STUDY:
        found: Any = visible
    else:
        found = (Series if question.level is Level.SERIES else Instance).objects.filter(study__in=visible)
    found = found.filter(question.condition)
    if last is not None:
        found = found.filter(id__lt=last)
    return list(found.order_by("-id").values(*_fields(question))[:PAGE])


def _patients(caller: Caller, question: Question) -> Iterator[Row]:
    """Read who has matching studies, each once."""
    fields = sorted({source_of(BY_TAG[tag_of(keyword)]) for keyword in PATIENT_KEYWORDS})
    at = 0
    while True:
        with tenant_scope(caller.tenant_id):
            found = selectors.visible_studies(caller.actor).filter(question.condition)
            page = list(found.order_by(*fields).values(*fields).distinct()[at : at + PAGE])
            _record(caller, question, page)
        yield from page
        if len(page) < PAGE:
            return
        at += PAGE


def _record(caller: Caller, question: Question, rows: list[Row]) -> None:
    """Write who saw what, before it is sent."""
    key = "id" if question.level is Level.STUDY else "study_id"
    leaving.record_search(
        caller.actor,
        level=question.name.lower(),
        found=len(rows),
        study_ids=(row[key] for row in rows if key in row),
        calling_ae_title=caller.calling,
    )


def _item(caller: Caller, question: Question, row: Row) -> Attributes:
    columns = question.wanted if question.is_of_patients else _columns(question)
    item = {
        column.tag: attribute_of(column, row[path_to(question.level, column.level) + source_of(column)])
        for column in columns
    }
    if question.from_header:
        header = orjson.loads(
            headers.unseal_json(
                tenant_id=row["tenant_id"],
                key_id=row["study__key_id"],
                sealed=bytes(row["header"]),
                overlay=row["study__overlay"],
            )
        )
        item |= {tag: header[tag] for tag in question.from_header if tag in header and "BulkDataURI" not in header[tag]}
    return item | {
        **attribute("QueryRetrieveLevel", question.name),
        **attribute("RetrieveAETitle", caller.called),
        **attribute("InstanceAvailability", "ONLINE"),
    }

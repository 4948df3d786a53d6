"""The files of a study's archive: originals under names of a DICOM medium, its directory last (PS3.10 8, PS3.12)."""

import zlib
from collections.abc import Sequence
from dataclasses import dataclass

from pacs import headers
from pacs.archive.zipstream import Member
from pacs.dicom.dicomdir import DirectoryEntry, assign_file_ids, build_dicomdir, record_type
from pacs.dicom.json_model import Attributes, tag_of
from pacs.dicomweb.attributes import COLUMNS, Level, attribute_of, source_of
from pacs.dicomweb.files import file_of
from pacs.models import Series, Study
from pacs.selectors import InstanceRef


@dataclass(frozen=True, slots=True)
class Part:
    """One study of an archive, with everything in it."""

    study: Study
    series: Sequence[Series]
    instances: Sequence[InstanceRef]


def list_members(study: Study, series: Sequence[Series], instances: Sequence[InstanceRef]) -> list[Member]:
    """Return the files of an archive, the directory last.

    The directory is written from columns: the headers of a thousand slices need not be unsealed for it, and the first
    byte of the archive does not wait. Only documents have entries that no column holds.
    """
    return list_members_of([Part(study, series, instances)])


def list_members_of(parts: Sequence[Part]) -> list[Member]:
    """Return the files of an archive of several studies, one directory over all of them last."""
    levels = {
        row.id: _of_row(Level.STUDY, part.study) | _of_row(Level.SERIES, row) for part in parts for row in part.series
    }
    instances = [instance for part in parts for instance in part.instances]
    attributes = [_attributes(instance, levels[instance.series_id]) for instance in instances]
    file_ids = assign_file_ids(attributes)
    members = [_member("/".join(file_id), instance) for instance, file_id in zip(instances, file_ids, strict=True)]
    entries = [
        DirectoryEntry(header, instance.transfer_syntax_uid, file_id)
        for header, instance, file_id in zip(attributes, instances, file_ids, strict=True)
    ]
    directory = build_dicomdir(entries)
    return [*members, Member("DICOMDIR", len(directory), zlib.crc32(directory), [directory])]


def _of_row(level: Level, row: Study | Series) -> Attributes:
    return {column.tag: attribute_of(column, getattr(row, source_of(column))) for column in COLUMNS[level]}


def _attributes(instance: InstanceRef, level: Attributes) -> Attributes:
    if record_type(instance.sop_class_uid) != "IMAGE":
        return headers.unseal(instance)
    number = [] if instance.instance_number is None else [instance.instance_number]
    return level | {
        tag_of("SOPClassUID"): {"vr": "UI", "Value": [instance.sop_class_uid]},
        tag_of("SOPInstanceUID"): {"vr": "UI", "Value": [instance.sop_instance_uid]},
        tag_of("InstanceNumber"): {"vr": "IS", "Value": number},
    }


def _member(name: str, instance: InstanceRef) -> Member:
    file = file_of(instance)
    return Member(name, file.size, file.crc32, file)

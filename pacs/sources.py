"""Which device made a series: what the header of its first instance says about the equipment (PS3.3 C.7.5.1)."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

import orjson
from django.db.models import Max

from pacs import headers
from pacs.models import Instance, Series

_TAGS = {
    "manufacturer": "00080070",
    "model_name": "00081090",
    "station_name": "00081010",
    "institution_name": "00080080",
    "serial_number": "00181000",
    "software_versions": "00181020",
}


@dataclass(frozen=True, slots=True)
class Source:
    """The equipment of a series; "" is what the header does not say."""

    modality: str
    sop_class_uid: str
    manufacturer: str
    model_name: str
    station_name: str
    institution_name: str
    serial_number: str
    software_versions: str


@dataclass(frozen=True, slots=True)
class Origin:
    """Where one image comes from, and what it was ordered as; "" is what the header does not say."""

    manufacturer: str
    model_name: str
    station_name: str
    institution_name: str
    body_part: str
    procedure: str


_ORIGIN = {name: _TAGS[name] for name in ("manufacturer", "model_name", "station_name", "institution_name")}
# (0018,0015) Body Part Examined; (0032,1060) Requested Procedure Description; (0008,1030) Study Description.
_BODY_PART, _PROCEDURES = "00180015", ("00321060", "00081030")


def read_source(header: dict[str, Any]) -> Origin:
    """Read where an image comes from off its header."""
    said = {name: _text(header, tag) for name, tag in _ORIGIN.items()}
    procedure = next((text for tag in _PROCEDURES if (text := _text(header, tag))), "")
    return Origin(**said, body_part=_text(header, _BODY_PART)[:64], procedure=procedure)


def source_of(series_id: UUID) -> Source | None:
    """Return the device of a series of the open tenant, or None when it is gone or names no device at all."""
    columns = ("tenant_id", "study__key_id", "header", "sop_class_uid", "series__modality")
    row = Instance.objects.filter(series_id=series_id).order_by("id").values_list(*columns).first()
    if row is None:
        return None
    tenant_id, key_id, sealed, sop_class_uid, modality = row
    header = orjson.loads(headers.unseal_json(tenant_id=tenant_id, key_id=key_id, sealed=bytes(sealed), overlay=None))
    said = {name: _text(header, tag) for name, tag in _TAGS.items()}
    if not (said["manufacturer"] or said["model_name"]):
        return None
    return Source(modality=modality, sop_class_uid=sop_class_uid, **said)


def _text(header: dict[str, Any], tag: str) -> str:
    values = header.get(tag, {}).get("Value", [])
    return ", ".join(str(value).strip() for value in values if isinstance(value, str | int | float))[:120]


def latest_series_of_models(*, limit: int = 200) -> list[UUID]:
    """Return the newest series of every manufacturer and model that has images here."""
    named = Series.objects.exclude(manufacturer="", manufacturer_model_name="").filter(study__deleted_at=None)
    groups = named.values("manufacturer", "manufacturer_model_name").annotate(newest=Max("study__received_at"))
    found = []
    for group in groups.order_by("-newest")[:limit]:
        newest = group.pop("newest")
        found.append(named.filter(study__received_at=newest, **group).order_by("-id").values_list("id", flat=True)[0])
    return found

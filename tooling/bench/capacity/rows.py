"""What runs inside the portal: a year's rows of a group, written at once, as its pages and searches would find them."""

import datetime as dt
from collections.abc import Iterator
from uuid import UUID

from django.db import transaction

from accounts import services as accounts
from accounts.models import Site
from common.ids import uuid7
from common.inserting import insert
from common.scope import tenant_scope
from pacs.models import Instance, NameToken, Patient, Series, Study
from tooling.bench.capacity import year
from tooling.bench.studies import SLICES

_ROWS = 1000
# A year within the days that `flat.PAGES` and `flat.SEARCHES` ask for, with its names and numbers.
_YEAR = dt.datetime(2014, 1, 1, tzinfo=dt.UTC)
_FAMILIES = ("smith", "jones", "meyer", "braun", "perez", "woods")
_CT, _DX = "1.2.840.10008.5.1.4.1.1.2", "1.2.840.10008.5.1.4.1.1.1.1"
_SYNTAX = "1.2.840.10008.1.2.1"
# About what the sealed header of an image takes.
_HEADER = bytes(1000)


def add_sites(slug: str, sites: int) -> None:
    """Give a tenant its sites. Studies name none: what counts is that as many send."""
    tenant_id = accounts.tenant_id_of_slug(slug)
    with tenant_scope(tenant_id):
        insert([Site(tenant_id=tenant_id, name=f"Site {number}") for number in range(1, sites + 1)])


def add_studies(slug: str, first: int, last: int, total: int) -> None:
    """Give a tenant the studies of these numbers, the last one included, of so many in the year."""
    tenant_id = accounts.tenant_id_of_slug(slug)
    for begin in range(first, last + 1, _ROWS):
        with tenant_scope(tenant_id), transaction.atomic():
            _write([_Numbered(tenant_id, n, total) for n in range(begin, min(begin + _ROWS, last + 1))])


class _Numbered:
    """The rows of one study; its number decides what is in them, without a pattern between columns."""

    def __init__(self, tenant_id: UUID, number: int, total: int) -> None:
        mixed = number * 2654435761 % 2**32 >> 16
        self.is_cbct = year.is_cbct(number)
        self.tenant_id, self.number = tenant_id, number
        self.images = SLICES if self.is_cbct else 1
        self.modality = "CT" if self.is_cbct else "PX" if mixed % 2 else "OPT" if mixed % 1500 == 0 else "IO"
        self.family = _FAMILIES[mixed % 6] + chr(97 + mixed // 6 % 26) + chr(97 + mixed // 156 % 26)
        self.received_at = _YEAR + dt.timedelta(days=365) * (number / total)
        self.patient = Patient(
            tenant_id=tenant_id, match_key=f"p{number}", dicom_patient_id=f"P{number}", name=self.family, sex="F"
        )
        self.study = self._study("signed" if mixed % 4 else "draft" if mixed % 8 else "")
        self.series = Series(
            tenant_id=tenant_id,
            study=self.study,
            series_instance_uid=f"2.25.1.{number}",
            modality=self.modality,
            number_of_instances=self.images,
            prepared_instances=self.images,
            size_bytes=self.study.size_bytes,
            scene=b"\0",
            metadata_blob_id=uuid7(),
        )

    def _study(self, report_state: str) -> Study:
        return Study(
            tenant_id=self.tenant_id,
            patient=self.patient,
            key_id=uuid7(),
            study_instance_uid=f"2.25.{self.number}",
            study_date=self.received_at.date(),
            patient_name=f"{self.family}, petra",
            patient_name_folded=f"{self.family} petra",
            patient_name_pn=f"{self.family}^petra",
            dicom_patient_id=f"P{self.number}",
            accession_number=f"ACC{self.number}",
            description="CBCT" if self.is_cbct else "Film",
            patient_sex="F",
            modalities=self.modality,
            number_of_series=1,
            number_of_instances=self.images,
            size_bytes=self.images * 500_000,
            received_at=self.received_at,
            report_state=report_state,
        )

    def tokens(self) -> Iterator[NameToken]:
        for token in (self.family, "petra"):
            yield NameToken(tenant_id=self.tenant_id, study=self.study, token=token)

    def instances(self) -> Iterator[Instance]:
        """Yield a film's one, or the slices of a few CBCTs."""
        for image in range(1, self.images + 1 if not self.is_cbct or year.has_slices(self.number) else 1):
            yield Instance(
                tenant_id=self.tenant_id,
                study=self.study,
                series=self.series,
                sop_instance_uid=f"2.25.2.{self.number}.{image}",
                sop_class_uid=_CT if self.is_cbct else _DX,
                transfer_syntax_uid=_SYNTAX,
                instance_number=image,
                rows=512,
                columns=512,
                number_of_frames=1,
                blob_id=uuid7(),
                size_bytes=500_000,
                sha256=bytes(32),
                crc32=0,
                header=_HEADER,
                received_at=self.received_at,
            )


def _write(studies: list[_Numbered]) -> None:
    insert([one.patient for one in studies])
    insert([one.study for one in studies])
    insert([token for one in studies for token in one.tokens()])
    insert([one.series for one in studies])
    insert([image for one in studies for image in one.instances()])

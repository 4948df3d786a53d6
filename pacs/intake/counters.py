"""What studies and series count: one statement for all rows of a batch, since a row costs more to ask than to write."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import Count, Model, Sum

from common.clock import now
from common.errors import ConflictError
from common.prepared import own_id
from pacs.models import Instance, Series, Study


class Tally:
    """Instances and bytes to add, by the id of the row."""

    def __init__(self) -> None:
        self.instances: Counter[UUID] = Counter()
        self.sizes: Counter[UUID] = Counter()

    def add(self, row_id: UUID, size_bytes: int) -> None:
        """Count one more instance."""
        self.instances[row_id] += 1
        self.sizes[row_id] += size_bytes


def add(*, tenant_id: UUID, studies: Tally, series: Tally, study_of: Mapping[UUID, UUID]) -> None:
    """Add to the counters of studies and series, in the caller's transaction and scope.

    Raises
    ------
    ConflictError
        If a series is no longer of the study that it was looked up in: it was split off meanwhile; or if a study is no
        longer there: it went to the bin.
    """
    of_study = {row_id: (own_id(study_id),) for row_id, study_id in study_of.items()}
    if len(series.instances) > 1:
        _hold(Series, series.instances)
    if _add(Series, tenant_id, series, of_study, where="kept.study_id = fresh.column4") != len(series.instances):
        raise ConflictError("A series was given to another study while it was stored. Send it again.")
    # What another batch is adding to them is to be seen when they are looked through.
    _hold(Study, studies.instances)
    contents = "number_of_series = fresh.column4, modalities = fresh.column5, updated_at = %s"
    terms: dict[str, Any] = {"also": contents, "values": [connection.ops.adapt_datetimefield_value(now())]}
    found = _contents(studies.instances)
    if _add(Study, tenant_id, studies, found, where="kept.deleted_at IS NULL", **terms) != len(studies.instances):
        raise ConflictError("The study was moved to the bin while something was stored in it.")


def _hold(model: type[Model], ids: Iterable[UUID]) -> None:
    """Hold rows until the transaction ends, in the order of their keys: no two batches wait for each other."""
    if connection.features.has_select_for_no_key_update:
        rows = model._default_manager.select_for_update(no_key=True).filter(id__in=list(ids))
        list(rows.order_by("id").values_list("id"))


def recount(study: Study) -> None:
    """Count anew what a study has, in the caller's transaction; its row is not saved."""
    counted = Instance.objects.filter(study_id=study.id).aggregate(instances=Count("id"), size=Sum("size_bytes"))
    study.number_of_instances, study.size_bytes = counted["instances"], counted["size"] or 0
    study.number_of_series, study.modalities = _contents([study.id]).get(study.id, (0, ""))


def _contents(study_ids: Iterable[UUID]) -> dict[UUID, tuple[int, str]]:
    """Return how many series each study has, and their modalities."""
    found: dict[UUID, list[str]] = {}
    rows = Series.objects.filter(study_id__in=list(study_ids)).order_by("modality")
    for study_id, modality in rows.values_list("study_id", "modality"):
        found.setdefault(study_id, []).append(modality)
    return {
        study_id: (len(modalities), " ".join(dict.fromkeys(filter(None, modalities)))[:120])
        for study_id, modalities in found.items()
    }


def _add(
    model: type[Model],
    tenant_id: UUID,
    tally: Tally,
    more: Mapping[UUID, tuple[Any, ...]],
    *,
    also: str = "",
    values: Sequence[Any] = (),
    where: str = "",
) -> int:
    """Add to one table; return how many rows were found.

    `more` are further columns of a row, from the fourth on; `also` sets something by them and `values`, `where` asks
    for them.
    """
    ids = sorted(tally.instances)
    if not ids:
        return 0
    rows = [(own_id(row_id), tally.instances[row_id], tally.sizes[row_id], *more[row_id]) for row_id in ids]
    row_values = ", ".join(["(" + ", ".join(["%s"] * len(rows[0])) + ")"] * len(rows))
    table = connection.ops.quote_name(model._meta.db_table)
    # Only names of our own and placeholders are put together here. VALUES names its columns alike on both engines.
    statement = (
        f"UPDATE {table} AS kept SET number_of_instances = kept.number_of_instances + fresh.column2,"  # noqa: S608
        f" size_bytes = kept.size_bytes + fresh.column3{also and f', {also}'}"
        f" FROM (VALUES {row_values}) AS fresh WHERE kept.id = fresh.column1 AND kept.tenant_id = %s"
        f"{where and f' AND {where}'}"
    )
    with connection.cursor() as cursor:
        cursor.execute(statement, [*values, *(value for row in rows for value in row), own_id(tenant_id)])
        return int(cursor.rowcount)

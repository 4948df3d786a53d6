"""Importing an inventory: first what would happen, row by row; then all of it, or nothing."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import models, transaction

from accounts import access
from audit import services as audit
from common.actor import Actor
from common.errors import DomainError
from common.scope import tenant_scope
from compliance.assets import exchange, fields, services
from compliance.errors import InventoryRefusedError
from compliance.models import Asset
from compliance.packs import selectors as packs


class Verdict(StrEnum):
    """What becomes of a row."""

    ADD = "add"
    CHANGE = "change"
    SAME = "same"
    REFUSE = "refuse"


@dataclass(frozen=True, slots=True)
class PlannedRow:
    """One row of the file: `errors` by column, `changes` as (column, old, new)."""

    line: int
    number: str
    name: str
    verdict: Verdict
    errors: tuple[tuple[str, str], ...] = ()
    changes: tuple[tuple[str, str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Plan:
    """What an import would do."""

    rows: tuple[PlannedRow, ...]

    def count(self, verdict: Verdict) -> int:
        """Count the rows of a verdict."""
        return sum(row.verdict is verdict for row in self.rows)

    @property
    def is_refused(self) -> bool:
        """Say whether nothing of it can be imported before the file is mended."""
        return any(row.verdict is Verdict.REFUSE for row in self.rows)


@dataclass(frozen=True, slots=True)
class _Read:
    planned: PlannedRow
    values: dict[str, Any]
    asset: Asset | None


def plan_import(*, actor: Actor, text: str) -> Plan:
    """Say what importing a file would do, without doing it."""
    access.require(actor, "compliance.write")
    with tenant_scope(actor.tenant_id):
        return Plan(tuple(found.planned for found in _read(text)))


def import_assets(*, actor: Actor, text: str, request_id: UUID) -> Plan:
    """Import a file, all of it or nothing; the same request again changes nothing.

    Raises
    ------
    InventoryRefusedError
        If a row cannot be imported: `plan_import` says which, and why.
    """
    access.require(actor, "compliance.write")
    with tenant_scope(actor.tenant_id), transaction.atomic():
        found = _read(text)
        plan = Plan(tuple(one.planned for one in found))
        if plan.is_refused:
            raise InventoryRefusedError("Rows of the file are refused. Mend them; nothing was imported.")
        for one in found:
            _apply(actor, one, uuid.uuid5(request_id, str(one.planned.line)))
        counts = {verdict.value: plan.count(verdict) for verdict in Verdict}
        audit.record(actor=actor, action="inventory.imported", detail={"rows": len(found), **counts})
        return plan


def _read(text: str) -> list[_Read]:
    rows = exchange.read(text)
    numbers = [row.get("number", "").strip() for row in rows]
    known = {asset.number: asset for asset in Asset.objects.filter(number__in=[n for n in numbers if n])}
    found = []
    for line, (row, number) in enumerate(zip(rows, numbers, strict=True), start=1):
        is_doubled = bool(number) and number in numbers[: line - 1]
        found.append(_judge(line, row, known.get(number), is_doubled=is_doubled))
    return found


def _judge(line: int, row: exchange.Row, asset: Asset | None, *, is_doubled: bool) -> _Read:
    values, errors = _parse(row)
    if is_doubled:
        errors["number"] = "This number stands in the file before."
    if asset is None:
        errors |= {
            name: "This is needed." for name in ("name", "type_id") if not values.get(name) and name not in errors
        }
    changes = () if asset is None else _changes(asset, values)
    if errors:
        verdict = Verdict.REFUSE
    elif asset is None:
        verdict = Verdict.ADD
    else:
        verdict = Verdict.CHANGE if changes else Verdict.SAME
    name = str(values.get("name") or (asset.name if asset else ""))
    planned = PlannedRow(line, row.get("number", ""), name, verdict, tuple(sorted(errors.items())), changes)
    return _Read(planned, values, asset)


def _parse(row: exchange.Row) -> tuple[dict[str, Any], dict[str, str]]:
    """Read each cell as its column wants it; an empty choice is the usual one."""
    values: dict[str, Any] = {}
    errors: dict[str, str] = {}
    for name, text in row.items():
        field = Asset._meta.get_field(name)
        assert isinstance(field, models.Field)
        given: Any = text.strip() or (field.get_default() if field.choices else ("" if not field.null else None))
        try:
            values[name] = field.clean(given, None) if given or not field.blank else given
        except ValidationError as error:
            errors[name] = " ".join(error.messages)
    if not values.get("number"):
        values.pop("number", None)
        errors.pop("number", None)
    _check_type(values, errors)
    _check_disposal(values, errors)
    return values, errors


def _check_type(values: dict[str, Any], errors: dict[str, str]) -> None:
    types = packs.active().asset_types
    by_name = {kind.name: kind.id for kind in types.values()}
    given = values.get("type_id")
    if given and given not in types and given not in by_name:
        errors["type_id"] = "There is no such type of assets."
    elif given:
        values["type_id"] = by_name.get(given, given)


def _check_disposal(values: Mapping[str, Any], errors: dict[str, str]) -> None:
    if values.get("status") != Asset.Status.DISPOSED:
        return
    for name in ("disposal_date", "disposal_method"):
        if not values.get(name):
            errors.setdefault(name, "What is disposed of needs a date and a method.")


def _changes(asset: Asset, values: Mapping[str, Any]) -> tuple[tuple[str, str, str], ...]:
    now_text = exchange.row_of(asset)
    given = {name: "" if value is None else str(value) for name, value in values.items()}
    return tuple((name, now_text[name], text) for name, text in given.items() if now_text[name] != text)


def _apply(actor: Actor, one: _Read, request_id: UUID) -> None:
    if one.planned.verdict is Verdict.SAME:
        return
    facts = {name: value for name, value in one.values.items() if name in fields.EDITABLE}
    is_disposed = facts.get("status") == Asset.Status.DISPOSED
    if is_disposed:
        facts.pop("status")
    try:
        asset_id = _write(actor, one.asset, facts, request_id)
        if is_disposed:
            services.dispose_asset(
                actor=actor,
                asset_id=asset_id,
                date=one.values["disposal_date"],
                method=one.values["disposal_method"],
                certificate=one.values.get("disposal_certificate") or "",
            )
    except DomainError as error:
        raise InventoryRefusedError("Row {line}: {error}", line=one.planned.line, error=str(error)) from None


def _write(actor: Actor, asset: Asset | None, facts: dict[str, Any], request_id: UUID) -> UUID:
    if asset is None:
        return services.add_asset(actor=actor, values=facts, request_id=request_id)
    if asset.status == Asset.Status.DISPOSED:
        services.recall_asset(actor=actor, asset_id=asset.id)
    services.change_asset(actor=actor, asset_id=asset.id, values=facts)
    return asset.id

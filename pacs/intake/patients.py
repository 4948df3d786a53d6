"""Whose a new study is: the patient of its id, unless name or birth date say otherwise. Nothing is guessed."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from uuid import UUID

from common.inserting import insert
from pacs.identity import Identity
from pacs.intake import columns
from pacs.models import Patient


@dataclass(frozen=True, slots=True)
class Match:
    """The patient of a study; `disputed` is who has the same id and is someone else by name or birth date."""

    patient: Patient
    disputed: Patient | None = None


def match_patients(tenant_id: UUID, claims: Mapping[str, Identity]) -> dict[str, Match]:
    """Return the patient of each new study by its UID, with rows made for those who are not known yet.

    The same id with other person data gets a row of its own, until somebody decides.
    """
    keys = {uid: claim.match_key or _own_key(uid) for uid, claim in claims.items()}
    wanted = dict(keys)
    read = _read(tenant_id, keys.values())
    known = dict(read)
    for uid, key in keys.items():
        if key in known and Identity.of_patient(known[key]).contradicts(claims[uid]):
            keys[uid] = _own_key(uid)
        elif key not in known:
            known[key] = columns.patient(claims[uid], tenant_id, key)
    rows = {key: columns.patient(claims[uid], tenant_id, key) for uid, key in reversed(keys.items()) if key not in read}
    found = read | rows
    if insert(list(rows.values()), ignore_conflicts=True) != len(rows):
        found = _read(tenant_id, [*keys.values(), *wanted.values()])
    return {
        uid: Match(found[key], disputed=found[wanted[uid]] if key != wanted[uid] else None) for uid, key in keys.items()
    }


def _own_key(study_instance_uid: str) -> str:
    return f"study|{study_instance_uid}"


def _read(tenant_id: UUID, keys: Iterable[str]) -> dict[str, Patient]:
    rows = Patient.objects.filter(tenant_id=tenant_id, match_key__in=list(keys))
    return {row.match_key: row for row in rows}

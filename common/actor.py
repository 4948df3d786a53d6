"""Who acts: one value for a person, a token, a guest, a patient or the portal itself."""

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from uuid import UUID

from common.ids import NIL


def _always() -> bool:
    return True


def _unlimited() -> None:
    return None


class ActorKind(StrEnum):
    USER = "user"
    TOKEN = "token"  # noqa: S105  a kind, not a secret
    GUEST = "guest"
    PATIENT = "patient"
    SYSTEM = "system"


class Right(StrEnum):
    """What a grant lets its holder do with the studies that it names."""

    VIEW = "view"
    DOWNLOAD_DICOM = "download_dicom"
    DOWNLOAD_JPG = "download_jpg"
    REPORT = "report"


@dataclass(frozen=True, slots=True)
class Grant:
    """An explicit snapshot of studies, and the rights on them.

    `begin_download` counts one download against the limit of the grant, and raises when none is left.
    """

    study_ids: frozenset[UUID]
    rights: frozenset[str]
    begin_download: Callable[[], None] = field(default=_unlimited, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts, for which tenant, with which roles, scopes or grant.

    `recheck` answers whether the credential still holds; running streams call it at least every five seconds.
    `emergency_id` names the act of breaking the glass under which a person reaches one patient.
    """

    tenant_id: UUID
    kind: ActorKind
    id: UUID
    roles: frozenset[str] = frozenset()
    scopes: frozenset[str] = frozenset()
    grant: Grant | None = None
    emergency_id: UUID | None = None
    recheck: Callable[[], bool] = field(default=_always, compare=False, repr=False)


def system_actor(tenant_id: UUID) -> Actor:
    """Return the portal itself, acting for one tenant."""
    return Actor(tenant_id=tenant_id, kind=ActorKind.SYSTEM, id=NIL)

"""What a package announces: a frozen dataclass of ids."""

import dataclasses
from typing import Any, ClassVar, Self
from uuid import UUID


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """Base of every event; `topic` is its stable name, all fields are ids or short codes."""

    topic: ClassVar[str]
    tenant_id: UUID

    def payload(self) -> dict[str, str]:
        """Return the fields as text."""
        return {field.name: str(getattr(self, field.name)) for field in dataclasses.fields(self)}

    @classmethod
    def from_payload(cls, payload: dict[str, Any]) -> Self:
        """Read the fields back; those annotated as UUID become one."""
        kinds = {field.name: field.type for field in dataclasses.fields(cls)}
        return cls(
            **{name: UUID(payload[name]) if kind in (UUID, "UUID") else payload[name] for name, kind in kinds.items()}
        )

"""How many rows and bytes there are."""

import json
from dataclasses import dataclass
from typing import Self


@dataclass(frozen=True)
class Sizes:
    """Rows and sealed objects of a tenant; the database is that of all."""

    rows: float
    database_bytes: float
    object_bytes: float

    @classmethod
    def read(cls, text: str) -> Self:
        """Read what the portal told, behind whatever else it said."""
        return cls(**json.loads(text.splitlines()[-1]))

    def per(self, before: "Sizes", count: int) -> "Sizes":
        """Return what each of some things has added."""
        return Sizes(
            (self.rows - before.rows) / count,
            (self.database_bytes - before.database_bytes) / count,
            (self.object_bytes - before.object_bytes) / count,
        )

"""Whether a third party's network may run (AI-18): a question that this package asks and compliance answers.

`settings.INFERENCE_GATE` names the function that answers (config/wiring.py). Where nobody answers, the answer is no.
"""

from collections.abc import Callable
from dataclasses import dataclass
from uuid import UUID

from django.conf import settings
from django.utils.module_loading import import_string

from inference.errors import ThirdPartyRefusedError

OWN = "own"
REQUIRED = ("agreement", "encryption-at-rest", "encryption-in-transit", "no-training")


@dataclass(frozen=True, slots=True)
class Question:
    """Who made the network that is to run, and for which tenant."""

    tenant_id: UUID
    supplier_name: str


@dataclass(frozen=True, slots=True)
class Answer:
    """Which of the required papers are on record and in force."""

    on_record: frozenset[str]

    @property
    def missing(self) -> tuple[str, ...]:
        """Which are not."""
        return tuple(paper for paper in REQUIRED if paper not in self.on_record)


Gate = Callable[[Question], Answer | None]


def missing(*, tenant_id: UUID, relation: str, supplier_name: str) -> tuple[str, ...]:
    """Name the papers that keep a network from running; none for a practice's own networks."""
    if relation == OWN:
        return ()
    gate: Gate | None = import_string(settings.INFERENCE_GATE) if settings.INFERENCE_GATE else None
    answer = gate(Question(tenant_id, supplier_name)) if gate else None
    return REQUIRED if answer is None else answer.missing


def require(*, tenant_id: UUID, relation: str, supplier_name: str) -> None:
    """Refuse a third party's network unless all papers are there."""
    lacking = missing(tenant_id=tenant_id, relation=relation, supplier_name=supplier_name)
    if lacking:
        raise ThirdPartyRefusedError("Not on record: {papers}.", papers=", ".join(lacking))

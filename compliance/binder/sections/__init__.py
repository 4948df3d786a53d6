"""What stands under each item: read from the records of the practice, in words and tables (in the open scope)."""

from collections.abc import Callable
from typing import Final

from common.actor import Actor
from compliance.binder.sections import events, people, risk
from compliance.binder.sections.section import Section

__all__ = ["Section", "build"]

_BUILDERS: Final[dict[str, Callable[[Actor], Section]]] = {
    "analysis": risk.analysis_item,
    "plan": risk.plan_item,
    "inventory": risk.inventory_item,
    "decisions": risk.decisions_item,
    "media": risk.media_item,
    "practices": risk.practices_item,
    "policies": people.policies_item,
    "training": people.training_item,
    "access": people.access_item,
    "sanctions": people.sanctions_item,
    "officials": people.officials_item,
    "agreements": events.agreements_item,
    "review": events.review_item,
    "incidents": events.incidents_item,
    "contingency": events.contingency_item,
    "evaluations": events.evaluations_item,
    "requests": events.requests_item,
}


def build(key: str, actor: Actor) -> Section:
    """Return one item as it is now."""
    return _BUILDERS[key](actor)

"""Rules: which images a network looks at when they arrive."""

from dataclasses import dataclass
from uuid import UUID

from django.db import transaction

from accounts import access
from audit import services as audit
from common.actor import Actor
from common.scope import tenant_scope
from inference import selectors
from inference.errors import RuleError
from inference.models import Rule
from inference.services.runs import require_usable


@dataclass(frozen=True, slots=True)
class Conditions:
    """What an image must be; an empty field matches all. Text is compared without case, anywhere within."""

    kinds: tuple[str, ...] = ()
    modality: str = ""
    body_part: str = ""
    device: str = ""
    site: str = ""


def add_rule(*, actor: Actor, network_id: UUID, conditions: Conditions) -> UUID:
    """Let a network look at what arrives and fits.

    Raises
    ------
    ThirdPartyRefusedError, NetworkRetiredError
        If the network may not run.
    RuleError
        If it reads no image of the kinds.
    """
    access.require(actor, "network.manage")
    with tenant_scope(actor.tenant_id), transaction.atomic():
        network = selectors.get_network(network_id=network_id)
        require_usable(network)
        if not set(conditions.kinds) <= set(network.kinds):
            raise RuleError(f"{network.name} reads only: {', '.join(network.kinds)}")
        rule = Rule.objects.create(
            tenant_id=actor.tenant_id,
            network=network,
            kinds=list(conditions.kinds),
            modality=conditions.modality,
            body_part=conditions.body_part,
            device=conditions.device,
            site=conditions.site,
            made_by=actor.id,
        )
        audit.record(actor=actor, action="network.rule-added", subject_id=rule.id, detail={"network": str(network.id)})
    return UUID(str(rule.id))


def switch_rule(*, actor: Actor, rule_id: UUID, is_on: bool) -> None:
    """Switch a rule on or off; what was asked for already goes on."""
    access.require(actor, "network.manage")
    with tenant_scope(actor.tenant_id), transaction.atomic():
        rule = selectors.get_rule(rule_id=rule_id)
        if is_on:
            require_usable(rule.network)
        Rule.objects.filter(id=rule.id).update(is_on=is_on)
        action = "network.rule-switched-on" if is_on else "network.rule-switched-off"
        audit.record(actor=actor, action=action, subject_id=rule.id, detail={"network": str(rule.network_id)})

"""The networks that come with the portal: registered for a tenant when they are not there yet."""

from pathlib import Path
from uuid import UUID

from django.db import transaction

from accounts import figures as accounts
from common import logs
from common.actor import Actor, system_actor
from common.errors import DomainError
from common.scope import tenant_scope
from inference.errors import NetworkExistsError
from inference.models import Network, Rule
from inference.networks.manifest import Manifest, read_manifest
from inference.services import networks, rules

FOLDER = Path(__file__).resolve().parent.parent / "bundled"
log = logs.get("inference")


def list_bundled() -> list[Path]:
    """List the folders of the networks that come with the portal, in order of their names."""
    return sorted(path.parent for path in FOLDER.glob(f"*/{networks.MANIFEST}"))


def register_bundled(*, tenant_id: UUID) -> list[UUID]:
    """Give a tenant the networks that came since, each with a rule for all images that it reads; may run twice."""
    made = []
    for folder in list_bundled():
        files = networks.read_folder(folder)
        manifest = read_manifest(files[networks.MANIFEST])
        if not _has(tenant_id, manifest):
            made += _register(tenant_id, files)
    return made


def register_everywhere() -> None:
    """Give every tenant the networks that come with the portal; one that fails is logged, the others go on."""
    for tenant_id in accounts.active_tenants():
        try:
            register_bundled(tenant_id=tenant_id)
        except DomainError as error:
            log.error("network.not_registered", tenant_id=str(tenant_id), code=error.code)


def _register(tenant_id: UUID, files: dict[str, bytes]) -> list[UUID]:
    """Write a network with its rules, both or neither: nobody asks for the rules of one that is there."""
    actor = system_actor(tenant_id)
    try:
        prepared = networks.prepare(actor=actor, files=files, is_bundled=True)
        with tenant_scope(tenant_id), transaction.atomic():
            network_id = networks.keep(actor=actor, prepared=prepared)
            _hand_rules_over(actor, prepared.row)
    except NetworkExistsError:
        return []
    return [network_id]


def _hand_rules_over(actor: Actor, network: Network) -> None:
    """Let a network look at what the ones before it looked at; the first looks at all that it reads."""
    older = Rule.objects.filter(network__name=network.name, network__is_bundled=True).select_related("network")
    conditions = [_conditions(rule) for rule in older if rule.is_on] if older else [rules.Conditions()]
    Rule.objects.filter(id__in=[rule.id for rule in older]).update(is_on=False)
    for condition in conditions:
        rules.add_rule(actor=actor, network_id=network.id, conditions=condition)


def _conditions(rule: Rule) -> rules.Conditions:
    """Return what a rule asks for: the rules of an older version go over to the newer one."""
    return rules.Conditions(tuple(rule.kinds), rule.modality, rule.body_part, rule.device, rule.site)


def _has(tenant_id: UUID, manifest: Manifest) -> bool:
    with tenant_scope(tenant_id):
        return bool(Network.objects.filter(name=manifest.name, version=manifest.version).exists())

"""What a risk analysis does when the practice changes: it turns stale, and new things are looked at."""

from collections.abc import Callable
from typing import Final
from uuid import UUID

from django.utils.translation import gettext as _

from common.actor import system_actor
from common.scope import tenant_scope
from compliance.analysis import questionnaire, selectors, services
from compliance.assets import selectors as assets
from compliance.devices import selectors as devices
from compliance.events import AssetChanged, DeviceSeen, FlowChanged, PackChosen
from compliance.flows import selectors as flows
from compliance.models import DeviceSighting
from compliance.packs import selectors as packs
from compliance.risks import services as risks

# A new browser of a member of staff is told in the list of devices; it does not change how images move.
_TELLING = frozenset(DeviceSighting.Kind.values) - {DeviceSighting.Kind.BROWSER}

# What the reasons of an event mean; those without words change nothing that an analysis says.
_ASSET_TEXTS: Final[dict[str, Callable[[], str]]] = {
    "added": lambda: _("An asset was added to the inventory: %(asset)s."),
    "software": lambda: _("The software or operating system of an asset changed: %(asset)s."),
    "vendor": lambda: _("An asset has another vendor: %(asset)s."),
    "site": lambda: _("An asset moved to another site: %(asset)s."),
}
_FLOW_TEXTS: Final[dict[str, Callable[[], str]]] = {
    "added": lambda: _("Images or data move in a new way: %(flow)s."),
    "changed": lambda: _("A way in which images or data move changed: %(flow)s."),
}


def device_seen(event: DeviceSeen) -> None:
    """A device that nobody knows left its first trace."""
    if event.kind not in _TELLING:
        return
    actor = system_actor(event.tenant_id)
    with tenant_scope(event.tenant_id):
        sighting = devices.get_sighting(event.sighting_id)
        services.mark_stale(
            actor=actor,
            code="new-device",
            subject=str(event.sighting_id),
            text=_("A device was seen that is not in the inventory: %(device)s.") % {"device": sighting.label},
            question_ids=questionnaire.concerned(packs.active(), sighting.suggested_type_id, is_new=True),
        )


def asset_changed(event: AssetChanged) -> None:
    """An asset was added, or changed in a way that matters; open analyses propose what is usual for it."""
    actor = system_actor(event.tenant_id)
    with tenant_scope(event.tenant_id):
        asset = assets.get_asset(event.asset_id)
        if text := _ASSET_TEXTS.get(event.reason):
            services.mark_stale(
                actor=actor,
                code=f"asset-{event.reason}",
                subject=str(event.asset_id),
                text=text() % {"asset": asset.name},
                question_ids=questionnaire.concerned(packs.active(), asset.type_id, is_new=event.reason == "added"),
            )
        _propose(event.tenant_id)


def flow_changed(event: FlowChanged) -> None:
    """A way in which images move was added, changed or ended."""
    actor = system_actor(event.tenant_id)
    with tenant_scope(event.tenant_id):
        flow = flows.get_flow(event.flow_id)
        if text := _FLOW_TEXTS.get(event.reason):
            channel = packs.active().channels.get(flow.channel_id)
            services.mark_stale(
                actor=actor,
                code=f"flow-{event.reason}",
                subject=str(event.flow_id),
                text=text() % {"flow": flow.label or (channel.name if channel else flow.channel_id)},
                question_ids=questionnaire.concerned(packs.active(), flow.channel_id, is_new=False),
            )
        _propose(event.tenant_id)


def pack_chosen(event: PackChosen) -> None:
    """The rules that the practice works by are others."""
    services.mark_stale(
        actor=system_actor(event.tenant_id),
        code="law-change",
        subject=event.pack_id,
        text=_("The framework pack %(pack)s was switched or has another version.") % {"pack": event.pack_id},
    )


def _propose(tenant_id: UUID) -> None:
    for analysis in selectors.list_open():
        risks.propose_from_inventory(actor=system_actor(tenant_id), analysis=analysis)

"""Forms of flows and parties."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from common.ids import uuid7
from compliance.assets.fields import FLOW_LABELS
from compliance.flows.selectors import Node
from compliance.flows.services import FLOW_FIELDS, PARTY_FIELDS
from compliance.models import DataFlow, Party
from compliance.packs.library import Catalogue

INSIDE, OUTSIDE = _("Within the practice"), _("Leaves the hands of the practice")


def channel_choices(book: Catalogue) -> list[tuple[Any, Any]]:
    """Return the channels in two groups: what stays, and what leaves."""
    groups: list[tuple[Any, list[tuple[str, str]]]] = [(INSIDE, []), (OUTSIDE, [])]
    for channel in book.channels.values():
        groups[channel.discloses][1].append((channel.id, channel.name))
    return [("", _("Choose …")), *groups]


def node_choices(nodes: list[Node]) -> list[tuple[Any, Any]]:
    """Return assets and parties in two groups."""
    places = [(node, f" · {node.site}" if node.site else "") for node in nodes if not node.is_party]
    assets = [(node.key, f"{node.name}{site}") for node, site in places]
    parties = [(node.key, node.name) for node in nodes if node.is_party]
    return [("", _("Choose …")), (_("Assets"), assets), (_("Outside parties"), parties)]


class FlowForm(forms.ModelForm):  # type: ignore[type-arg]  # django-stubs: generic only for the checker
    """What is sent from where to where, and how."""

    source = forms.ChoiceField(label=FLOW_LABELS["source_asset_id"])
    target = forms.ChoiceField(label=FLOW_LABELS["target_asset_id"])
    request_id = forms.UUIDField(required=False, widget=forms.HiddenInput)
    field_order = ("source", "target", "channel_id", "label", "is_both_ways", "ephi", "encryption", "access_log")

    class Meta:
        model = DataFlow
        fields = FLOW_FIELDS
        labels = {
            **FLOW_LABELS,
            "is_both_ways": _("Data also flows back this way"),
            "ephi": _("Patients' data in it"),
            "encryption": _("Encrypted on the way"),
            "access_log": _("Somebody can later see who sent what"),
            "started_date": _("Since"),
            "notes": _("Notes"),
        }
        help_texts = {
            "label": _("For example: CBCT volumes with names."),
            "safeguards": _("What protects it: agreement, expiry, approval, recording."),
        }
        widgets = {
            "safeguards": forms.Textarea(attrs={"rows": 3}),
            "notes": forms.Textarea(attrs={"rows": 3}),
            "started_date": forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        }

    def __init__(self, *args: Any, book: Catalogue, nodes: list[Node], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["channel_id"] = forms.ChoiceField(label=FLOW_LABELS["channel_id"], choices=channel_choices(book))
        self.order_fields(self.field_order)
        for end in ("source", "target"):
            self.fields[end].choices = node_choices(nodes)  # type: ignore[attr-defined]  # a choice
        if self.instance._state.adding:
            self.fields["request_id"].initial = uuid7()
        else:
            self.fields["source"].initial = key_of(self.instance, "source")
            self.fields["target"].initial = key_of(self.instance, "target")

    def _post_clean(self) -> None:
        """Leave the instance as it is: the service changes it, this form only reads."""

    @property
    def values(self) -> dict[str, Any]:
        """Return the facts of a valid form."""
        return {name: self.cleaned_data[name] for name in FLOW_FIELDS}


def key_of(flow: DataFlow, end: str) -> str:
    """Return the key of one end of a flow."""
    asset_id = getattr(flow, f"{end}_asset_id")
    return f"asset:{asset_id}" if asset_id else f"party:{getattr(flow, f'{end}_party_id')}"


class PartyForm(forms.ModelForm):  # type: ignore[type-arg]  # django-stubs: generic only for the checker
    """Somebody outside of the practice."""

    class Meta:
        model = Party
        fields = PARTY_FIELDS
        labels = {
            "name": _("Name"),
            "kind": _("Kind"),
            "agreement_reference": _("Agreement"),
            "notes": _("Notes"),
        }
        help_texts = {
            "agreement_reference": _("Where the business associate agreement lies, or why none is needed."),
        }
        widgets = {"notes": forms.Textarea(attrs={"rows": 3})}

    def validate_unique(self) -> None:
        """Leave it to the database, which knows the tenant."""

    def _post_clean(self) -> None:
        """Leave the instance as it is: the service changes it, this form only reads."""


class DayForm(forms.Form):
    """The day that the map shows."""

    as_of = forms.DateField(
        label=_("As of"), required=False, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )

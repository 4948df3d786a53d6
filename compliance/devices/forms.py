"""Deciding about a device that was seen."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from compliance.assets.forms import type_choices
from compliance.assets.selectors import AssetRef
from compliance.packs.library import Catalogue


class AdoptForm(forms.Form):
    """Write it into the inventory: as a new asset, or as one that is there."""

    asset = forms.ChoiceField(label=_("Which asset it is"), required=False)
    type_id = forms.ChoiceField(label=_("Type"))
    name = forms.CharField(label=_("Name"), max_length=120)
    site = forms.CharField(label=_("Site"), max_length=120, required=False)

    def __init__(self, *args: Any, book: Catalogue, assets: list[AssetRef], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["type_id"].choices = type_choices(book)  # type: ignore[attr-defined]  # a choice
        self.fields["asset"].choices = [  # type: ignore[attr-defined]  # a choice
            ("", _("A new one")),
            *((str(asset.id), f"{asset.name} ({asset.number})") for asset in assets),
        ]

    def clean(self) -> dict[str, Any]:
        """Let go of what is needed for a new asset only."""
        data: dict[str, Any] = super().clean() or {}
        if data.get("asset"):
            for name in ("type_id", "name", "site"):
                self.errors.pop(name, None)
        return data


class DismissForm(forms.Form):
    """Why it does not belong into the inventory."""

    reason = forms.CharField(
        label=_("Why it does not belong there"),
        max_length=400,
        help_text=_("For example: the device of another centre, whose images were imported once."),
        widget=forms.Textarea(attrs={"rows": 2}),
    )

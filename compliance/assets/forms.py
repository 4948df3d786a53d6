"""Forms of the inventory."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from common.ids import uuid7
from compliance.assets import selectors
from compliance.assets.fields import DISPOSAL, EDITABLE, GROUPS, LABELS
from compliance.assets.findings import CONCERNS
from compliance.assets.photos import MAX_BYTES
from compliance.assets.selectors import AssetFilter
from compliance.models import Asset
from compliance.packs.library import Catalogue

ANY = ("", _("all"))
FORMAT_ERROR = _("The file is not text. Save it as CSV (UTF-8) or JSON.")


def type_choices(book: Catalogue) -> list[tuple[str, Any]]:
    """Return the types of assets in groups by their class."""
    groups: dict[str, list[tuple[str, str]]] = {}
    for kind in book.asset_types.values():
        groups.setdefault(kind.class_id, []).append((kind.id, kind.name))
    return [(book.asset_classes[class_id], kinds) for class_id, kinds in groups.items()]


class FilterForm(forms.Form):
    """What to look for in the inventory; nothing in it is about a patient, so it may stand in an address."""

    text = forms.CharField(
        label=_("Search"),
        required=False,
        max_length=80,
        widget=forms.TextInput(attrs={"type": "search", "autocomplete": "off"}),
    )
    class_id = forms.ChoiceField(label=_("Kind"), required=False)
    site = forms.ChoiceField(label=_("Site"), required=False)
    status = forms.ChoiceField(
        label=_("Status"), required=False, choices=[("", _("still here")), *Asset.Status.choices]
    )
    concern = forms.ChoiceField(label=_("Stands out"), required=False, choices=[ANY, *CONCERNS.items()])
    sort = forms.ChoiceField(required=False, choices=[(s, s) for s in selectors.SORTS], widget=forms.HiddenInput)
    cursor = forms.UUIDField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, book: Catalogue, sites: list[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["class_id"].choices = [ANY, *book.asset_classes.items()]  # type: ignore[attr-defined]  # a choice
        self.fields["site"].choices = [ANY, *((site, site) for site in sites)]  # type: ignore[attr-defined]  # a choice

    @property
    def wanted(self) -> AssetFilter:
        """Return the filter of a valid form."""
        data = self.cleaned_data
        return AssetFilter(data["text"], data["class_id"], data["site"], data["status"], data["concern"])


class AssetForm(forms.ModelForm):  # type: ignore[type-arg]  # django-stubs: generic only for the checker
    """The facts of an asset; `seen_at` and `request_id` keep two people, and two clicks, from colliding."""

    request_id = forms.UUIDField(required=False, widget=forms.HiddenInput)
    seen_at = forms.DateTimeField(required=False, widget=forms.HiddenInput)

    class Meta:
        model = Asset
        fields = EDITABLE
        labels = LABELS
        help_texts = {
            "number": _("What stands on the sticker. Left empty, the portal gives one."),
            "site": _("As your people call it; the same words for the same place."),
            "operating_system": _("For example Windows 11 Pro 23H2."),
            "os_support_end_date": _("The day after which its maker no longer mends weaknesses."),
            "ae_title": _("As the device is set up to call itself."),
            "ephi": _("Images, names, appointments: anything that tells about a patient."),
            "shared_login": _("Nobody can later say who looked."),
            "agreement_reference": _("Where the business associate agreement lies."),
        }
        widgets = {
            "notes": forms.Textarea(attrs={"rows": 4}),
            "site": forms.TextInput(attrs={"list": "known-sites"}),
            **{
                name: forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
                for name in ("os_support_end_date", "patched_date", "in_service_date", "end_of_life_date")
            },
        }

    def __init__(self, *args: Any, book: Catalogue, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["number"].required = False
        self.fields["type_id"] = forms.ChoiceField(
            label=LABELS["type_id"], choices=[("", _("Choose …")), *type_choices(book)]
        )
        self.fields["network_zone"] = forms.ChoiceField(
            label=LABELS["network_zone"],
            required=False,
            choices=[("", _("not known")), *((zone, zone) for zone in book.network_zones)],
        )
        statuses = [choice for choice in Asset.Status.choices if choice[0] != Asset.Status.DISPOSED]
        self.fields["status"].choices = statuses  # type: ignore[attr-defined]  # a choice
        if self.instance._state.adding:
            self.fields["request_id"].initial = uuid7()
        else:
            self.fields["seen_at"].initial = self.instance.updated_at.isoformat()

    def validate_unique(self) -> None:
        """Leave it to the database, which knows the tenant."""

    def _post_clean(self) -> None:
        """Leave the instance as it is: the service changes it, this form only reads."""

    @property
    def values(self) -> dict[str, Any]:
        """Return the facts of a valid form; an empty inventory number is left to the service."""
        given = {name: self.cleaned_data[name] for name in EDITABLE}
        if not given["number"]:
            del given["number"]
        return given

    @property
    def groups(self) -> list[tuple[Any, list[forms.BoundField]]]:
        """Return the fields in their groups."""
        return [(title, [self[name] for name in names]) for title, names in GROUPS]


class DisposalForm(forms.ModelForm):  # type: ignore[type-arg]  # django-stubs: generic only for the checker
    """How an asset went."""

    class Meta:
        model = Asset
        fields = DISPOSAL
        labels = LABELS
        widgets = {"disposal_date": forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")}
        help_texts = {"disposal_certificate": _("Number of the certificate, or who saw it done.")}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("disposal_date", "disposal_method"):
            self.fields[name].required = True

    def _post_clean(self) -> None:
        """Leave the instance as it is: the service changes it, this form only reads."""


class PhotoForm(forms.Form):
    """A photograph and what it shows."""

    photo = forms.FileField(
        label=_("Photo (JPEG, PNG or WebP, at most 10 MB)"),
        max_length=200,
        widget=forms.FileInput(attrs={"accept": "image/jpeg,image/png,image/webp"}),
    )
    caption = forms.CharField(label=_("What it shows"), max_length=200, required=False)

    def clean_photo(self) -> bytes:
        """Return the bytes."""
        file = self.cleaned_data["photo"]
        if file.size > MAX_BYTES:
            raise forms.ValidationError(_("The photo is larger than 10 MB."))
        data: bytes = file.read()
        return data


class ImportForm(forms.Form):
    """A file, or, once its plan was seen, its text again."""

    file = forms.FileField(
        label=_("Inventory as CSV or JSON"),
        required=False,
        widget=forms.FileInput(attrs={"accept": ".csv,.json,text/csv,application/json"}),
    )
    text = forms.CharField(required=False, widget=forms.HiddenInput, strip=False)
    request_id = forms.UUIDField(required=False, widget=forms.HiddenInput)

    def clean(self) -> dict[str, Any]:
        """Read the file as text."""
        data: dict[str, Any] = super().clean() or {}
        file = data.get("file")
        if file is not None:
            try:
                data["text"] = file.read().decode("utf-8-sig")
            except UnicodeDecodeError:
                self.add_error("file", FORMAT_ERROR)
        elif not data.get("text"):
            self.add_error("file", _("Choose a file."))
        data["request_id"] = data.get("request_id") or uuid7()
        return data

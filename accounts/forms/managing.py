"""Forms of those who manage a tenant."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID
from zoneinfo import available_timezones

from django import forms
from django.conf import settings
from django.core.validators import RegexValidator
from django.utils.translation import gettext_lazy as _

from accounts import access
from accounts.models import Role
from accounts.selectors import House, ReferrerLine, SiteLine
from accounts.services import Card, Choices
from common.actor import Right

ROLE_NAMES = {
    Role.OWNER: _("Owner"),
    Role.ADMINISTRATOR: _("Administrator"),
    Role.TECHNICIAN: _("Technician"),
    Role.RADIOLOGIST: _("Radiologist"),
    Role.DENTIST: _("Dentist"),
    Role.ASSISTANT: _("Assistant"),
    Role.COMPLIANCE_OFFICER: _("Compliance officer"),
    Role.AUDITOR: _("Auditor"),
}
SCOPE_NAMES = {
    "dicomweb.read": _("DICOMweb: find and fetch images"),
    "dicomweb.write": _("DICOMweb: store images"),
    "dicomweb.delete": _("DICOMweb: move studies to the bin"),
    "api.read": _("API: read studies and reports"),
    "api.write": _("API: upload and share"),
}
# What a link may allow beside looking at the images.
RIGHT_NAMES = [
    (Right.REPORT.value, _("Read the report")),
    (Right.DOWNLOAD_DICOM.value, _("Download the original files")),
    (Right.DOWNLOAD_JPG.value, _("Download pictures")),
]


class PlacesForm(forms.Form):
    """Roles and sites of a person."""

    roles = forms.MultipleChoiceField(
        label=_("Roles"), choices=list(ROLE_NAMES.items()), widget=forms.CheckboxSelectMultiple
    )
    sites = forms.TypedMultipleChoiceField(
        label=_("Sites"), required=False, coerce=UUID, widget=forms.CheckboxSelectMultiple
    )

    def __init__(self, *args: Any, sites: Iterable[SiteLine], may_make_owners: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = [(str(site.id), site.name) for site in sites]
        self.fields["sites"].choices = choices  # type: ignore[attr-defined]  # a field of choices
        if not choices:
            del self.fields["sites"]
        if not may_make_owners:
            self.fields["roles"].choices = [  # type: ignore[attr-defined]  # a field of choices
                choice for choice in ROLE_NAMES.items() if choice[0] != Role.OWNER
            ]

    @property
    def site_ids(self) -> list[UUID]:
        """Return the chosen sites of a valid form."""
        return list(self.cleaned_data.get("sites", ()))


class InviteForm(PlacesForm):
    email = forms.EmailField(label=_("E-mail address"), max_length=254)
    field_order = ["email", "roles", "sites"]


class TokenForm(forms.Form):
    name = forms.CharField(label=_("What it is for"), max_length=120, help_text=_("As in “CBCT scanner, room 2”."))
    scopes = forms.MultipleChoiceField(
        label=_("What it may do"),
        choices=[(scope, SCOPE_NAMES.get(scope, scope)) for scope in access.matrix()["scopes"]],
        widget=forms.CheckboxSelectMultiple,
    )
    days = forms.IntegerField(label=_("Days until it ends"), min_value=1, max_value=365, initial=365)
    networks = forms.CharField(
        label=_("Only from these networks"),
        required=False,
        max_length=500,
        help_text=_("As in 192.0.2.0/24, several with spaces between them. Empty: from everywhere."),
    )

    @property
    def network_list(self) -> list[str]:
        """Return the networks of a valid form."""
        return str(self.cleaned_data["networks"]).replace(",", " ").split()


class SiteForm(forms.Form):
    name = forms.CharField(label=_("Name of the site"), max_length=120)
    is_active = forms.BooleanField(label=_("People work here"), required=False, initial=True)


class ReferrerForm(forms.Form):
    name = forms.CharField(label=_("Name"), max_length=120)
    practice = forms.CharField(label=_("Practice"), max_length=120, required=False)
    email = forms.EmailField(label=_("E-mail address"), max_length=254)
    phone = forms.CharField(
        label=_("Telephone"), max_length=40, required=False, widget=forms.TextInput(attrs={"type": "tel"})
    )

    @property
    def card(self) -> Card:
        """Return the entry of a valid form."""
        data: dict[str, Any] = self.cleaned_data
        return Card(name=data["name"], practice=data["practice"], email=data["email"].lower(), phone=data["phone"])

    @classmethod
    def of(cls, line: ReferrerLine) -> dict[str, Any]:
        """Return an entry as first values."""
        return {name: getattr(line, name) for name in ("name", "practice", "email", "phone")}


def _zones() -> list[tuple[str, str]]:
    return [("UTC", "UTC"), *((name, name.replace("_", " ")) for name in sorted(available_timezones()) if "/" in name)]


class SettingsForm(forms.Form):
    """What a tenant chooses; the names are those of `House` and `Choices`."""

    time_zone = forms.ChoiceField(label=_("Time zone"), choices=_zones)
    idle_minutes = forms.IntegerField(
        label=_("Minutes without input until people are signed out"), min_value=5, max_value=30
    )
    absolute_hours = forms.IntegerField(label=_("Hours until people sign in anew"), min_value=1, max_value=12)
    share_days = forms.IntegerField(label=_("Days until a link ends"), min_value=1, max_value=90)
    share_sessions = forms.IntegerField(label=_("How often a link may be opened"), min_value=1, max_value=1000)
    share_downloads = forms.IntegerField(label=_("How often files may be downloaded"), min_value=0, max_value=1000)
    share_rights = forms.MultipleChoiceField(
        label=_("Beside looking at the images, recipients may"),
        choices=RIGHT_NAMES,
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    mail_sender = forms.CharField(
        label=_("Name of the sender of mails"),
        max_length=80,
        required=False,
        help_text=_("Empty: the name of the portal."),
    )
    mail_reply_to = forms.EmailField(label=_("Answers to mails go to"), max_length=254, required=False)
    language = forms.ChoiceField(
        label=_("Language of mails and pages"),
        required=False,
        choices=[("", _("that of the reader's browser; mails in English")), *settings.LANGUAGES],
    )
    colour = forms.CharField(
        label=_("Colour of buttons and links"),
        required=False,
        max_length=7,
        validators=[RegexValidator(r"^#[0-9a-fA-F]{6}$", _("Write the colour like #0a5a70."))],
        help_text=_("As in #0a5a70. It must be readable on white; for the dark theme it is lightened by itself."),
        widget=forms.TextInput(attrs={"spellcheck": "false", "autocomplete": "off"}),
    )
    GROUPS = (
        (_("Time and sessions"), ("time_zone", "idle_minutes", "absolute_hours")),
        (_("New links"), ("share_days", "share_sessions", "share_downloads", "share_rights")),
        (_("Language"), ("language",)),
        (_("Mails"), ("mail_sender", "mail_reply_to")),
        (_("Look"), ("colour",)),
    )

    def clean_mail_sender(self) -> str:
        """Keep one line: a header of a mail has no second one."""
        return " ".join(str(self.cleaned_data["mail_sender"]).split())

    @property
    def groups(self) -> list[tuple[Any, list[forms.BoundField]]]:
        """Return the fields under their headings."""
        return [(title, [self[name] for name in names]) for title, names in self.GROUPS]

    @classmethod
    def of(cls, house: House) -> dict[str, Any]:
        """Return what a tenant has chosen as first values."""
        return {**{name: getattr(house, name) for name in cls.base_fields}, "share_rights": sorted(house.share_rights)}

    @property
    def choices(self) -> Choices:
        """Return the choices of a valid form."""
        data = {name: value for name, value in self.cleaned_data.items() if name != "time_zone"}
        return Choices(**{**data, "share_rights": sorted(data["share_rights"]), "colour": data["colour"].lower()})


class LogoForm(forms.Form):
    logo = forms.FileField(
        label=_("Logo"),
        help_text=_("PNG or JPEG, at most 512 kB. Shown 32 pixels high."),
        widget=forms.FileInput(attrs={"accept": "image/png,image/jpeg"}),
    )

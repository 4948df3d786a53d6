"""Forms about devices that speak DICOM."""

from typing import TYPE_CHECKING, Any

from django import forms
from django.utils.translation import gettext_lazy as _

from pacs.dimse.models import Peer

if TYPE_CHECKING:
    from django.forms import Field

_AE = {"autocomplete": "off", "spellcheck": "false", "maxlength": "16"}


def _title_field(label: Any, help_text: Any = "") -> "Field":
    return forms.CharField(label=label, max_length=16, help_text=help_text, widget=forms.TextInput(attrs=_AE))


class TitleForm(forms.Form):
    """A name under which devices call the portal."""

    ae_title = _title_field(
        _("AE title of the portal"), _("Devices are told this name. No other centre of this portal has the same one.")
    )
    takes_unknown_classes = forms.BooleanField(
        label=_("Take kinds of objects that the DICOM standard does not know"), required=False
    )


class TitleChangeForm(forms.Form):
    """What is taken under a name."""

    takes_unknown_classes = forms.BooleanField(
        label=_("Take kinds of objects that the DICOM standard does not know"), required=False
    )
    is_enabled = forms.BooleanField(
        label=_("Devices may call under this name"), required=False, help_text=_("Without it every call is refused.")
    )


class PeerForm(forms.Form):
    """What a device may do, and where it is called."""

    name = forms.CharField(label=_("What it is"), max_length=120, required=False, help_text=_("As in “CBCT, room 2”."))
    can_store = forms.BooleanField(label=_("May send images"), required=False, initial=True)
    can_worklist = forms.BooleanField(
        label=_("May read the list of appointments, and report examinations"), required=False, initial=True
    )
    can_query = forms.BooleanField(label=_("May search patients and studies"), required=False)
    can_retrieve = forms.BooleanField(label=_("May fetch images"), required=False)
    host = forms.CharField(
        label=_("Address in the network"),
        max_length=255,
        required=False,
        help_text=_("Needed when images are sent to it, or when it asks whether its images are kept."),
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )
    port = forms.IntegerField(label=_("Port"), min_value=1, max_value=65535, initial=104)
    uses_tls = forms.BooleanField(label=_("It is called with TLS"), required=False)
    certificate_sha256 = forms.CharField(
        label=_("SHA-256 of its certificate"),
        max_length=100,
        required=False,
        help_text=_("With it the device is let in over TLS only, and with this certificate only."),
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )

    @classmethod
    def of(cls, row: Peer) -> dict[str, Any]:
        """Return a device as first values."""
        return {name: getattr(row, name) for name in cls.base_fields}


class AddPeerForm(PeerForm):
    """A device that is to be let in."""

    ae_title = _title_field(_("AE title of the device"))
    field_order = ["ae_title", "name"]

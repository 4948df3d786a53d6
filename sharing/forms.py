"""The two forms: terms of a link, and a code."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from common.actor import Right
from sharing.services import DEFAULT_DAYS, DEFAULT_USES, MAX_DAYS, MAX_USES, Terms

RIGHTS = [
    (Right.REPORT.value, _("Read the report")),
    (Right.DOWNLOAD_DICOM.value, _("Download the original files")),
    (Right.DOWNLOAD_JPG.value, _("Download pictures")),
]


class ShareForm(forms.Form):
    """What a sender decides; looking at the images is always part of it."""

    email = forms.EmailField(label=_("E-mail address of the recipient"), max_length=254)
    name = forms.CharField(label=_("Name of the recipient"), max_length=120, required=False)
    rights = forms.MultipleChoiceField(
        label=_("Beside looking at the images, the recipient may"),
        choices=RIGHTS,
        required=False,
        initial=[Right.REPORT.value],
        widget=forms.CheckboxSelectMultiple,
    )
    days = forms.IntegerField(
        label=_("Days until the link ends"), min_value=1, max_value=MAX_DAYS, initial=DEFAULT_DAYS, required=False
    )
    max_sessions = forms.IntegerField(
        label=_("How often it may be opened"), min_value=1, max_value=MAX_USES, initial=DEFAULT_USES, required=False
    )
    max_downloads = forms.IntegerField(
        label=_("How often the files may be downloaded"),
        min_value=0,
        max_value=MAX_USES,
        initial=DEFAULT_USES,
        required=False,
    )

    def terms(self) -> Terms:
        """Return the terms of a valid form."""
        data: dict[str, Any] = self.cleaned_data
        given = {name: data[name] for name in ("days", "max_sessions", "max_downloads") if data[name] is not None}
        rights = frozenset({Right.VIEW, *data["rights"]})
        return Terms(recipient_email=data["email"], recipient_name=data["name"], rights=rights, **given)


class CodeForm(forms.Form):
    """The code of eight digits."""

    code = forms.CharField(
        label=_("Code"),
        max_length=16,
        widget=forms.TextInput(
            attrs={"inputmode": "numeric", "autocomplete": "one-time-code", "autofocus": True, "spellcheck": "false"}
        ),
    )

    def clean_code(self) -> str:
        """Drop the spaces that people type and mail programs add."""
        return "".join(self.cleaned_data["code"].split())

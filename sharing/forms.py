"""Forms: terms of a link, codes, and what a patient types."""

from typing import Any
from uuid import UUID

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.forms import RIGHT_NAMES
from common.actor import Right
from common.ids import parse_uuid
from sharing.services import (
    DEFAULT_DAYS,
    DEFAULT_USES,
    MAX_DAYS,
    MAX_FORWARD_DAYS,
    MAX_STUDIES,
    MAX_USES,
    Consent,
    Terms,
)


class ShareForm(forms.Form):
    """What a sender decides; looking at the images is always part of it."""

    # Shown to those who choose a third party.
    THIRD_PARTY = ("consent_date", "consent_kept")
    # The list is the address book, which the page holds.
    email = forms.EmailField(
        label=_("E-mail address of the recipient"),
        max_length=254,
        widget=forms.EmailInput(attrs={"list": "referrers", "autocomplete": "off"}),
    )
    name = forms.CharField(label=_("Name of the recipient"), max_length=120, required=False)
    audience = forms.ChoiceField(
        label=_("Who is the recipient?"),
        choices=[
            ("treating", _("Somebody who treats the patient, or the patient")),
            ("third-party", _("A third party: insurer, lawyer, employer")),
        ],
        initial="treating",
        required=False,
        widget=forms.RadioSelect,
    )
    consent_date = forms.DateField(
        label=_("For a third party: when the patient signed the consent"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}),
    )
    consent_kept = forms.CharField(
        label=_("For a third party: where the signed consent is kept"),
        help_text=_("As in a folder or a number of the practice system; no name."),
        max_length=200,
        required=False,
    )
    rights = forms.MultipleChoiceField(
        label=_("Beside looking at the images, the recipient may"),
        choices=RIGHT_NAMES,
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
        consent = Consent(data["consent_date"], data["consent_kept"]) if data["consent_date"] else None
        return Terms(
            recipient_email=data["email"],
            recipient_name=data["name"],
            rights=rights,
            is_third_party=data["audience"] == "third-party",
            consent=consent,
            **given,
        )


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


class EnterForm(forms.Form):
    """What a patient types from the paper of the practice."""

    code = forms.CharField(
        label=_("Code on the paper"),
        max_length=32,
        help_text=_("16 letters and digits in groups of four; capitals do not matter."),
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false"}),
    )
    email = forms.EmailField(
        label=_("Your e-mail address"),
        max_length=254,
        help_text=_("A second code is sent there, and later a notice when a report is ready."),
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
    )


class ForwardForm(forms.Form):
    """To whom a patient passes images on."""

    email = forms.EmailField(label=_("E-mail address of the dentist or practice"), max_length=254)
    name = forms.CharField(label=_("Name of the dentist or practice"), max_length=120, required=False)
    studies = forms.TypedMultipleChoiceField(label=_("Which images"), coerce=UUID, widget=forms.CheckboxSelectMultiple)
    rights = forms.MultipleChoiceField(
        label=_("Beside looking at the images, the recipient may"),
        choices=RIGHT_NAMES[:2],
        required=False,
        initial=[Right.REPORT.value, Right.DOWNLOAD_DICOM.value],
        widget=forms.CheckboxSelectMultiple,
    )
    days = forms.TypedChoiceField(
        label=_("The link ends after"),
        coerce=int,
        choices=[(7, _("7 days")), (14, _("14 days")), (MAX_FORWARD_DAYS, _("30 days"))],
        initial=14,
    )

    def __init__(self, *args: Any, studies: list[tuple[str, str]], **options: Any) -> None:
        super().__init__(*args, **options)
        choices = self.fields["studies"]
        choices.choices = studies  # type: ignore[attr-defined]  # a field of choices
        choices.initial = [value for value, _label in studies]

    def terms(self) -> Terms:
        """Return the terms of a valid form."""
        data: dict[str, Any] = self.cleaned_data
        rights = frozenset({Right.VIEW, *data["rights"]})
        return Terms(recipient_email=data["email"], recipient_name=data["name"], rights=rights, days=data["days"])


class ChosenStudies(forms.Form):
    """The studies of one link, each sent as a field of the same name."""

    study = forms.Field(widget=forms.MultipleHiddenInput)

    def clean_study(self) -> list[UUID]:
        """Return the ids, each once, or refuse."""
        found = [parse_uuid(text) for text in dict.fromkeys(self.cleaned_data["study"])]
        if None in found or len(found) > MAX_STUDIES:
            raise forms.ValidationError(_("Choose from 1 to %(most)s studies.") % {"most": MAX_STUDIES})
        return [study_id for study_id in found if study_id]

"""Forms of requests and disclosures."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from common.clock import today


def _date(label: Any, **kwargs: Any) -> forms.DateField:
    return forms.DateField(label=label, widget=forms.DateInput(attrs={"type": "date"}), **kwargs)


def _area(label: Any, rows: int = 2, *, required: bool = True, help_text: Any = "") -> forms.CharField:
    widget = forms.Textarea(attrs={"rows": rows})
    return forms.CharField(label=label, required=required, max_length=5000, widget=widget, help_text=help_text)


class RequestForm(forms.Form):
    """A request as it came in."""

    patient_name = forms.CharField(label=_("Patient"), max_length=200)
    requester = forms.CharField(label=_("Who asks, and how to reach them"), max_length=200)
    wanted = _area(_("What is asked for, and in which form"), 3)
    received_date = _date(_("Came in on"), initial=today)


class ReasonForm(forms.Form):
    """Why it takes longer."""

    reason = _area(_("What the patient was told: the reason, and until when"))


class FulfilForm(forms.Form):
    """What was given."""

    answered_date = _date(_("On"), initial=today)
    answer = _area(_("What was given, and how"))
    identity_check = _area(_("How the identity was checked"), 1)
    fee = forms.DecimalField(label=_("Fee"), required=False, min_value=0, max_digits=8, decimal_places=2)


class DenyForm(forms.Form):
    """Why nothing was given."""

    answered_date = _date(_("On"), initial=today)
    answer = _area(_("The ground, as it was written to the patient"))
    is_reviewable = forms.BooleanField(label=_("The patient may have it reviewed"), required=False)


class DisclosureForm(forms.Form):
    """A disclosure."""

    patient_name = forms.CharField(label=_("Patient"), max_length=200)
    disclosed_date = _date(_("On"), initial=today)
    recipient = forms.CharField(label=_("To whom"), max_length=200)
    recipient_address = forms.CharField(label=_("Address, if known"), max_length=300, required=False)
    description = _area(_("What was disclosed"))
    purpose = _area(_("Why, or a copy of the request"))


class PatientForm(forms.Form):
    """Whose account is asked for."""

    patient_name = forms.CharField(label=_("Patient"), max_length=200)


class ExposureForm(forms.Form):
    """To whom what a report names was disclosed."""

    recipient = forms.CharField(label=_("Who received it"), max_length=200)
    purpose = _area(_("How it came to that"))

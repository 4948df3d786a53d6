"""Forms of evidence."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from compliance.evidence.services import ActivityDraft
from compliance.models import Activity, Verdict


class VerdictForm(forms.Form):
    """Which measurements to list."""

    verdict = forms.ChoiceField(required=False, choices=[("", _("all")), *Verdict.choices])


class ActivityForm(forms.Form):
    """Something that somebody did."""

    kind = forms.ChoiceField(label=_("What was done"), choices=Activity.Kind.choices)
    performed_date = forms.DateField(label=_("On"), widget=forms.DateInput(attrs={"type": "date"}))
    is_successful = forms.BooleanField(label=_("It went well"), required=False, initial=True)
    hours = forms.DecimalField(
        label=_("Hours that a restore took"), required=False, min_value=0, max_digits=7, decimal_places=2
    )
    note = forms.CharField(
        label=_("What was looked at, with which result, and where the paper lies"),
        max_length=10_000,
        widget=forms.Textarea(attrs={"rows": 3}),
    )

    def draft(self) -> ActivityDraft:
        """Return what a valid form says."""
        data: dict[str, Any] = self.cleaned_data
        return ActivityDraft(**data)

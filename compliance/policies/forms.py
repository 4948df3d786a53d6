"""Forms of policies, training and sanctions."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from common.clock import today
from compliance.policies.services import SanctionDraft, TrainingDraft


def _date(label: Any, *, required: bool = True, **kwargs: Any) -> forms.DateField:
    return forms.DateField(label=label, required=required, widget=forms.DateInput(attrs={"type": "date"}), **kwargs)


def _area(label: Any, rows: int, *, required: bool = True, help_text: Any = "") -> forms.CharField:
    widget = forms.Textarea(attrs={"rows": rows})
    return forms.CharField(label=label, required=required, max_length=100_000, widget=widget, help_text=help_text)


class PolicyForm(forms.Form):
    """A policy of one's own."""

    title = forms.CharField(label=_("Title"), max_length=160)
    citations = forms.CharField(label=_("Which provisions it is for"), max_length=300, required=False)
    text = _area(_("What holds"), 16)


class VersionForm(forms.Form):
    """The next version."""

    text = _area(_("What holds from now on"), 16)
    change_note = _area(_("What changed, and why"), 2)


class ApprovalForm(forms.Form):
    """From when a version holds."""

    effective_date = _date(_("In force from"), initial=today)


class TrainingForm(forms.Form):
    """Who was trained in what."""

    people = _area(_("Who"), 4, help_text=_("One name a line, as in the list of people."))
    topic = forms.CharField(label=_("Topic"), max_length=200)
    trained_date = _date(_("On"))
    given_by = forms.CharField(label=_("By whom"), max_length=120)
    result = _area(_("Test, questions, what is still open"), 2, required=False)
    next_date = _date(_("To be repeated on"), required=False)

    def draft(self) -> TrainingDraft:
        """Return what a valid form says."""
        data = dict(self.cleaned_data)
        return TrainingDraft(people=tuple(data.pop("people").splitlines()), **data)


class SanctionForm(forms.Form):
    """What was done when somebody did not keep to a policy."""

    person = forms.CharField(label=_("Who"), max_length=120)
    violation = _area(_("What happened, and which policy it violates"), 3)
    measure = _area(_("What was done"), 2)
    decided_date = _date(_("Decided on"))
    decided_by = forms.CharField(label=_("Decided by"), max_length=120)

    def draft(self) -> SanctionDraft:
        """Return what a valid form says."""
        return SanctionDraft(**self.cleaned_data)

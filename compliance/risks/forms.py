"""Forms of the risk register."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from compliance.packs.library import Catalogue
from compliance.risks.contexts import RESPONSES, STAGES, STATES
from compliance.risks.selectors import Search


class SearchForm(forms.Form):
    """What to look for in the register."""

    text = forms.CharField(label=_("Search"), required=False, max_length=120)
    state = forms.ChoiceField(label=_("State"), required=False)
    level = forms.ChoiceField(label=_("Current level"), required=False)
    response = forms.ChoiceField(label=_("Response"), required=False)
    site = forms.ChoiceField(label=_("Site"), required=False)
    question = forms.CharField(required=False, max_length=16, widget=forms.HiddenInput)
    subject = forms.CharField(required=False, max_length=48, widget=forms.HiddenInput)

    def __init__(self, *args: Any, catalogue: Catalogue, sites: list[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        levels = sorted(catalogue.method.risk_levels, key=lambda one: -one.level)
        every = ("", _("All"))
        choices = {
            "state": [every, *((state, label) for state, (label, _tone) in STATES.items())],
            "level": [every, *((str(one.level), one.name) for one in levels), ("0", _("Not rated"))],
            "site": [every, *((site, site) for site in sites)],
            "response": [every, *((code or "undecided", label) for code, label in RESPONSES.items())],
        }
        for name, found in choices.items():
            self.fields[name].choices = found  # type: ignore[attr-defined]  # a ChoiceField

    def search(self) -> Search:
        """Return what is looked for; nothing where the form is not valid."""
        if not self.is_valid():
            return Search()
        data = self.cleaned_data
        return Search(
            text=data["text"],
            state=data["state"],
            level=data["level"],
            response=data["response"],
            question_id=data["question"],
            subject_key=data["subject"],
            site=data["site"],
        )


class RatingForm(forms.Form):
    """A rating, with the reason; other risks of the same pair may get it at once."""

    stage = forms.ChoiceField(label=_("Stage"), choices=STAGES.items(), initial="current")
    likelihood = forms.TypedChoiceField(label=_("Likelihood"), coerce=int)
    impact = forms.TypedChoiceField(label=_("Impact"), coerce=int)
    reason = forms.CharField(label=_("Reason"), widget=forms.Textarea(attrs={"rows": 2}))
    also = forms.TypedMultipleChoiceField(required=False, widget=forms.CheckboxSelectMultiple)

    def __init__(self, *args: Any, catalogue: Catalogue, same: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        method = catalogue.method
        choices = {
            "likelihood": [(one.level, f"{one.level} · {one.name}") for one in method.likelihood],
            "impact": [(one.level, f"{one.level} · {one.name}") for one in method.impact],
            "also": same,
        }
        for name, found in choices.items():
            self.fields[name].choices = found  # type: ignore[attr-defined]  # a ChoiceField
        self.fields["also"].label = _("The same rating also for")
        if not same:
            del self.fields["also"]


class NotesForm(forms.Form):
    """Who owns a risk, and what is in place against it."""

    owner_name = forms.CharField(label=_("Owner"), max_length=120, required=False)
    existing_controls = forms.CharField(
        label=_("What is in place against it"), widget=forms.Textarea(attrs={"rows": 3}), required=False
    )

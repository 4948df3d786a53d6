"""Forms of the risk analysis."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from compliance.analysis import questionnaire
from compliance.analysis.services import Frame, Given
from compliance.models import Analysis

_LINES = {"rows": 3}


class StartForm(forms.Form):
    """The name of a new analysis, and the one that it begins from."""

    title = forms.CharField(label=_("Name of the analysis"), max_length=120, help_text=_("For example the year."))
    source = forms.ChoiceField(
        label=_("Start from"),
        required=False,
        help_text=_("What is carried over is marked, and a person confirms each answer and risk."),
    )

    def __init__(self, *args: Any, analyses: list[Analysis], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        earlier = [(str(one.id), _("“%(title)s”") % {"title": one.title}) for one in analyses]
        self.fields["source"].choices = [("", _("Nothing: an empty analysis")), *earlier]  # type: ignore[attr-defined]  # a ChoiceField
        if earlier:
            self.fields["source"].initial = earlier[0][0]


class FrameForm(forms.Form):
    """What is said about an analysis as a whole."""

    title = forms.CharField(label=_("Name of the analysis"), max_length=120)
    scope = forms.CharField(
        label=_("Scope"),
        widget=forms.Textarea(attrs=_LINES),
        required=False,
        help_text=_(
            "All electronic patient data in every form and place: archive, consoles, laptops, sticks, mail, paper."
        ),
    )
    exclusions = forms.CharField(
        label=_("What is left out, and why"), widget=forms.Textarea(attrs=_LINES), required=False
    )
    assumptions = forms.CharField(
        label=_("Assumptions and constraints"), widget=forms.Textarea(attrs=_LINES), required=False
    )
    participants = forms.CharField(label=_("Who was asked"), widget=forms.Textarea(attrs=_LINES), required=False)
    sites = forms.MultipleChoiceField(
        label=_("Sites"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("Without a choice: all sites, also those that come later."),
    )
    period_start = forms.DateField(
        label=_("Period: from"), required=False, widget=forms.DateInput(attrs={"type": "date"})
    )
    period_end = forms.DateField(label=_("Period: to"), required=False, widget=forms.DateInput(attrs={"type": "date"}))
    assessor = forms.CharField(label=_("Assessor"), max_length=120, required=False)
    security_official = forms.CharField(label=_("Security official"), max_length=120, required=False)
    practice_owner = forms.CharField(label=_("Practice owner"), max_length=120, required=False)
    keep_years = forms.IntegerField(label=_("Years that the record is kept"), min_value=1, max_value=100, initial=6)
    next_review_date = forms.DateField(
        label=_("Next review"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}),
        help_text=_("A yearly rhythm is good practice; no law sets a fixed interval."),
    )
    review_triggers = forms.MultipleChoiceField(
        label=_("What else causes a review"), required=False, widget=forms.CheckboxSelectMultiple
    )

    def __init__(self, data: Any = None, *, analysis: Analysis, sites: list[str]) -> None:
        super().__init__(data, initial={name: getattr(analysis, name) for name in self.base_fields})
        known = sorted({*sites, *analysis.sites})
        triggers = questionnaire.triggers_of(analysis)
        self.fields["sites"].choices = [(site, site) for site in known]  # type: ignore[attr-defined]  # a ChoiceField
        self.fields["review_triggers"].choices = [(one, one[:1].upper() + one[1:]) for one in triggers]  # type: ignore[attr-defined]  # the same

    def frame(self) -> Frame:
        """Return what a valid form says."""
        return Frame(**self.cleaned_data)


class AnswerForm(forms.Form):
    """An answer, and the version of it that the person had before them."""

    version = forms.IntegerField(min_value=1)
    value = forms.CharField(max_length=16, required=False)
    comment = forms.CharField(required=False, strip=True)
    flag = forms.BooleanField(required=False)
    # The version of somebody else that the person saw and wants to replace.
    over = forms.IntegerField(min_value=1, required=False)

    def known_version(self) -> int:
        """Return the version that the person knows."""
        return int(self.cleaned_data["over"] or self.cleaned_data["version"])

    def given(self) -> Given:
        """Return what a valid form says."""
        data = self.cleaned_data
        return Given(value=data["value"], comment=data["comment"], is_flagged=data["flag"])


class FileForm(forms.Form):
    """A file of evidence."""

    file = forms.FileField(label=_("Evidence file"), max_length=200)

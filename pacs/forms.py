"""Forms of the portal's own pages."""

from dataclasses import fields
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from pacs import worklist
from pacs.reports.services import ReportText

MODALITIES = ["CT", "PX", "IO", "DX", "CR", "XC", "OPT", "DOC"]
STATUS_LABELS = {
    "preparing": _("preparing"),
    "unreported": _("without a report"),
    "draft": _("report draft"),
    "signed": _("report signed"),
    "held": _("held"),
}
MAX_SECTION = 20_000


def _date_field(label: Any) -> forms.DateField:
    return forms.DateField(label=label, required=False, widget=forms.DateInput(attrs={"type": "date"}))


def _search_box(label: Any) -> forms.CharField:
    widget = forms.TextInput(attrs={"type": "search", "autocomplete": "off", "spellcheck": "false"})
    return forms.CharField(label=label, required=False, max_length=64, widget=widget)


class SearchForm(forms.Form):
    """The worklist's question; it is posted, so that no name stands in an address."""

    name = _search_box(_("Patient name"))
    number = _search_box(_("Id or accession"))
    since = _date_field(_("Examined from"))
    until = _date_field(_("to"))
    modality = forms.ChoiceField(
        label=_("Modality"), required=False, choices=[("", _("all")), *((m, m) for m in MODALITIES)]
    )
    status = forms.ChoiceField(label=_("Status"), required=False, choices=[("", _("all")), *STATUS_LABELS.items()])
    sort = forms.ChoiceField(required=False, choices=[(s, s) for s in worklist.SORTS], widget=forms.HiddenInput)
    cursor = forms.CharField(required=False, max_length=64, widget=forms.HiddenInput)

    @property
    def search(self) -> worklist.Search:
        """Return what a valid form looks for."""
        return worklist.Search(**{field.name: self.cleaned_data[field.name] for field in fields(worklist.Search)})


def _section(label: Any, help_text: Any, rows: int = 3) -> forms.CharField:
    widget = forms.Textarea(attrs={"rows": rows})
    return forms.CharField(label=label, help_text=help_text, required=False, max_length=MAX_SECTION, widget=widget)


class ReportForm(forms.Form):
    """The sections of a radiologist's report (PA-21); only the observations must be there when it is signed."""

    clinical_information = _section(_("Clinical information"), _("Why the images were taken, and what is known."))
    planes_examined = _section(_("Planes examined"), _("Which volumes, planes and views were read."))
    observations = _section(
        _("Observations"), _("What is seen, tooth by tooth (FDI numbers) or region by region."), rows=8
    )
    measurements = _section(_("Measurements"), _("With unit and plane; say where they were taken."))
    impression = _section(_("Impression"), _("The conclusion, with its clinical correlation."), rows=4)
    recommendations = _section(_("Recommendations"), _("What to do next, and when."))

    @property
    def text(self) -> ReportText:
        """Return what a valid form says."""
        return ReportText(**{field.name: self.cleaned_data[field.name] for field in fields(ReportText)})

"""Forms of the worklist."""

from typing import Any
from uuid import UUID

from django import forms
from django.utils.translation import gettext_lazy as _

from common.ids import parse_uuid
from pacs import worklist
from pacs.worklist_filters import FIELDS, MINE, Search

MODALITIES = ["CT", "PX", "IO", "DX", "CR", "XC", "OPT", "DOC"]
STATUS_LABELS = {
    "preparing": _("preparing"),
    "unreported": _("without a report"),
    "draft": _("report draft"),
    "signed": _("report signed"),
    "shared": _("shared"),
    "held": _("held"),
}


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
    reader = forms.ChoiceField(label=_("To be read by"), required=False, choices=[("", _("anybody")), (MINE, _("me"))])
    sort = forms.ChoiceField(required=False, choices=[(s, s) for s in worklist.SORTS], widget=forms.HiddenInput)
    cursor = forms.CharField(required=False, max_length=64, widget=forms.HiddenInput)

    @property
    def search(self) -> Search:
        """Return what a valid form looks for."""
        return Search(**{name: self.cleaned_data[name] for name in FIELDS})


class SaveSearchForm(SearchForm):
    """A search with a name to keep it under."""

    title = forms.CharField(label=_("Name of the search"), max_length=60)
    is_shared = forms.BooleanField(label=_("for everybody in this centre"), required=False)


MAX_CHOSEN = 200


class _Studies(forms.Field):
    """Ids of studies, each sent as a field of the same name."""

    widget = forms.MultipleHiddenInput

    def clean(self, value: list[str] | None) -> list[UUID]:
        """Return the ids, each once, or refuse."""
        found = [parse_uuid(text) for text in dict.fromkeys(value or [])]
        if not found or None in found or len(found) > MAX_CHOSEN:
            raise forms.ValidationError(_("Choose from 1 to %(most)s studies.") % {"most": MAX_CHOSEN})
        return [study_id for study_id in found if study_id]


class ChosenForm(forms.Form):
    """Several studies."""

    study = _Studies()


class BulkForm(ChosenForm):
    """What is done to several studies at once."""

    action = forms.ChoiceField(choices=[(name, name) for name in ("assign", "bin", "restore")])
    reader = forms.UUIDField(required=False)

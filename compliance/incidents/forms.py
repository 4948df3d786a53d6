"""Forms of incidents."""

import datetime as dt
from typing import Any, Final
from uuid import UUID

from django import forms
from django.utils.translation import gettext_lazy as _

from compliance.incidents.exposure import Wanted
from compliance.incidents.services import EXCEPTIONS, FACTORS, AssessmentDraft, NoticeDraft
from compliance.models import BreachAssessment, BreachNotice, Incident, Known

QUESTIONS: Final = {
    "1": _("Nature and extent of the information, and how likely people can be recognised"),
    "2": _("Who used it, or to whom it was disclosed"),
    "3": _("Whether it was really acquired or viewed"),
    "4": _("How far the risk has been reduced"),
}


def _date(label: Any, *, required: bool = True, help_text: Any = "") -> forms.DateField:
    return forms.DateField(
        label=label, required=required, help_text=help_text, widget=forms.DateInput(attrs={"type": "date"})
    )


def _area(label: Any, *, required: bool = True, rows: int = 3, help_text: Any = "") -> forms.CharField:
    return forms.CharField(
        label=label,
        required=required,
        max_length=20_000,
        help_text=help_text,
        widget=forms.Textarea(attrs={"rows": rows}),
    )


class ReportForm(forms.Form):
    """What happened, in the words of whoever noticed."""

    title = forms.CharField(label=_("In one line"), max_length=200)
    kind = forms.ChoiceField(label=_("Kind"), choices=Incident.Kind.choices)
    description = _area(_("What happened"), help_text=_("No names of patients: the list of those concerned is apart."))
    occurred_date = _date(_("Happened on"), required=False)
    discovered_date = _date(
        _("Discovered on"),
        help_text=_(
            "The first day on which anybody of the practice knew, or would have with diligence (164.404(a)(2))."
        ),
    )
    reported_by = forms.CharField(label=_("Noticed by"), max_length=200, required=False)
    contained = _area(_("What was done at once"), required=False)

    def values(self) -> dict[str, Any]:
        """Return what a valid form says."""
        return dict(self.cleaned_data)


class IncidentForm(ReportForm):
    """Everything that is known of an incident."""

    data_types = _area(_("Kinds of information involved, for the letters"), required=False, rows=2)
    steps_for_individuals = _area(_("What people can do to protect themselves"), required=False, rows=2)
    contact = _area(_("How people reach the practice: telephone, e-mail, address"), required=False, rows=2)
    is_unsecured = forms.ChoiceField(
        label=_("Was the information unsecured (readable for others)?"),
        choices=Known.choices,
    )
    affected = _area(
        _("How many people, by State"),
        required=False,
        rows=3,
        help_text=_("One line for each: California 512"),
    )
    delay_until_date = _date(_("Law enforcement asked to wait until"), required=False)
    delay_reason = _area(_("Whose statement, when, in writing or not"), required=False, rows=2)

    def clean_affected(self) -> dict[str, int]:
        """Read places and numbers."""
        found: dict[str, int] = {}
        for line in self.cleaned_data["affected"].splitlines():
            if not line.strip():
                continue
            place, _space, number = line.strip().rpartition(" ")
            if not place or not number.isascii() or not number.isdigit():
                raise forms.ValidationError(_("Write a place and a number in each line."))
            found[place.strip()] = int(number)
        return found


class AssessmentForm(forms.Form):
    """The four factors."""

    exception = forms.ChoiceField(
        label=_("Exception, if it is one"),
        required=False,
        choices=[("", _("none")), *((one, f"45 CFR 164.402{one}") for one in EXCEPTIONS)],
    )
    conclusion = forms.ChoiceField(label=_("Conclusion"), choices=Incident.Conclusion.choices)
    reasons = _area(_("Why"), help_text=_("The practice must be able to prove it (45 CFR 164.414(b))."))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for number in FACTORS:
            self.fields[f"level_{number}"] = forms.ChoiceField(
                label=f"{number}. {QUESTIONS[number]}", choices=BreachAssessment.Level.choices
            )
            self.fields[f"words_{number}"] = _area(_("What speaks for it"), rows=2)
        order = [name for number in FACTORS for name in (f"level_{number}", f"words_{number}")]
        self.order_fields([*order, "exception", "conclusion", "reasons"])

    def draft(self) -> AssessmentDraft:
        """Return what a valid form says."""
        data = self.cleaned_data
        factors = {one: {"level": data[f"level_{one}"], "words": data[f"words_{one}"]} for one in FACTORS}
        return AssessmentDraft(factors, data["conclusion"], data["reasons"], data["exception"])


class NoticeForm(forms.Form):
    """A notice that was given."""

    kind = forms.ChoiceField(label=_("To whom"), choices=BreachNotice.Kind.choices)
    jurisdiction = forms.CharField(label=_("State, for media and authorities"), max_length=80, required=False)
    sent_date = _date(_("Sent on"))
    method = forms.CharField(label=_("How: letter, e-mail, telephone, form"), max_length=200)
    recipients = forms.IntegerField(label=_("How many were told"), min_value=0)
    letter = _area(_("The words that were sent"), required=False, rows=4)

    def draft(self) -> NoticeDraft:
        """Return what a valid form says."""
        return NoticeDraft(**self.cleaned_data)


class ExposureForm(forms.Form):
    """Of what to read the access log."""

    kind = forms.ChoiceField(label=_("What reached somebody else"), choices=Incident.Subject.choices)
    subject = forms.ChoiceField(label=_("Which"))
    since = forms.DateTimeField(
        label=_("From (universal time)"),
        required=False,
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}),
        help_text=_("Empty: from the beginning. Needed for a device."),
    )
    until = forms.DateTimeField(
        label=_("Until (universal time)"),
        required=False,
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}),
    )

    def __init__(self, *args: Any, subjects: list[tuple[Any, list[tuple[str, str]]]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["subject"].choices = subjects  # type: ignore[attr-defined]  # a ChoiceField

    def wanted(self) -> Wanted:
        """Return what a valid form asks for; times without a zone are universal."""
        data = self.cleaned_data
        return Wanted(data["kind"], UUID(data["subject"]), _utc(data["since"]), _utc(data["until"]))


class NoteForm(forms.Form):
    """A few words."""

    note = _area(_("What was done, and what was learned"), rows=3)


def _utc(value: dt.datetime | None) -> dt.datetime | None:
    return value.replace(tzinfo=dt.UTC) if value else None


LABELS: Final = {name: field.label or name for name, field in IncidentForm.base_fields.items()}

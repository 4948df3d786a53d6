"""Forms of the portal's own pages."""

import datetime as dt
from dataclasses import fields
from typing import Any
from uuid import UUID

from django import forms
from django.utils.translation import gettext_lazy as _

from common.clock import now
from common.ids import parse_uuid
from pacs import services
from pacs.dicom.film import FILM_KINDS
from pacs.dicom.teeth import TEETH
from pacs.identity import Identity
from pacs.reports.services import ReportText

PICTURE_LABELS = {
    "intraoral-photo": _("Photograph inside the mouth"),
    "face-photo": _("Photograph of the face"),
    "intraoral-xray": _("X-ray of teeth (intra-oral)"),
    "panoramic": _("Panoramic X-ray"),
    "cephalometric": _("Cephalometric X-ray"),
    "other": _("Something else"),
}
MAX_SECTION = 20_000


def _date_field(label: Any) -> forms.DateField:
    return forms.DateField(label=label, required=False, widget=forms.DateInput(attrs={"type": "date"}))


def _search_box(label: Any) -> forms.CharField:
    widget = forms.TextInput(attrs={"type": "search", "autocomplete": "off", "spellcheck": "false"})
    return forms.CharField(label=label, required=False, max_length=64, widget=widget)


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


def _text_field(label: Any, help_text: Any = "", max_length: int = 64) -> forms.CharField:
    widget = forms.TextInput(attrs={"autocomplete": "off"})
    return forms.CharField(label=label, help_text=help_text, required=False, max_length=max_length, widget=widget)


class FindPatientForm(forms.Form):
    """Whom a picture or a study belongs to, looked for by name or id; it is posted, as all searches are."""

    find = _search_box(_("Name or id of the patient"))


class PatientForm(forms.Form):
    """A patient who is known (`patient`), or the data of a new one."""

    patient = forms.UUIDField(required=False, widget=forms.HiddenInput)
    family_name = _text_field(_("Family name"))
    given_name = _text_field(_("Given names"))
    patient_id = _text_field(_("Patient id"), _("As in the practice's own records."))
    birth_date = _date_field(_("Date of birth"))
    sex = forms.ChoiceField(
        label=_("Sex"),
        required=False,
        choices=[("", _("not stated")), ("F", _("female")), ("M", _("male")), ("O", _("other"))],
    )

    def clean(self) -> dict[str, Any]:
        """Ask for what identifies a new patient, unless one is chosen."""
        given = super().clean() or {}
        if not given.get("patient"):
            for name in ("family_name", "patient_id", "birth_date"):
                if not given.get(name) and name not in self.errors:
                    self.add_error(name, _("Choose a patient above, or fill this in for a new one."))
        for name in ("family_name", "given_name", "patient_id"):
            if set(given.get(name) or "") & set("^=\\"):
                self.add_error(name, _("The characters ^, = and \\ cannot stand here."))
        return given

    @property
    def who(self) -> UUID | Identity:
        """Return whom a valid form names."""
        given = self.cleaned_data
        chosen: UUID | None = given["patient"]
        if chosen is not None:
            return chosen
        return Identity(
            patient_id=given["patient_id"],
            name_pn=f"{given['family_name']}^{given['given_name']}".rstrip("^"),
            birth_date=given["birth_date"],
            sex=given["sex"],
        )


class PictureForm(PatientForm):
    """What is said of a picture that comes without DICOM."""

    kind = forms.ChoiceField(label=_("What it shows"), choices=[(code, PICTURE_LABELS[code]) for code in FILM_KINDS])
    taken_on = forms.DateField(label=_("Taken on"), widget=forms.DateInput(attrs={"type": "date"}))
    tooth = forms.ChoiceField(
        label=_("Tooth (FDI)"), required=False, choices=[("", _("not stated")), *((fdi, fdi) for fdi in TEETH)]
    )
    laterality = forms.ChoiceField(
        label=_("Side of the patient"),
        required=False,
        choices=[("", _("not stated")), ("R", _("right")), ("L", _("left"))],
    )
    description = _text_field(_("Description"))

    def clean_taken_on(self) -> dt.date:
        """Refuse a day that has not come yet, in every time zone."""
        day: dt.date = self.cleaned_data["taken_on"]
        if day > (now() + dt.timedelta(days=1)).date():
            raise forms.ValidationError(_("This day has not come yet."))
        return day

    @property
    def film(self) -> services.Film:
        """Return what a valid form says."""
        given = self.cleaned_data
        label = str(PICTURE_LABELS[given["kind"]])
        return services.Film(
            patient=self.who,
            kind=given["kind"],
            taken_on=given["taken_on"],
            tooth=given["tooth"],
            laterality=given["laterality"],
            description=given["description"] or label,
        )


class CorrectionForm(PatientForm):
    """To whom a study belongs, and whether that goes for all studies of its patient."""

    scope = forms.ChoiceField(
        label=_("What is wrong?"),
        choices=[
            ("study", _("Only this study lies with the wrong patient")),
            ("patient", _("The patient was entered twice: all studies belong to the other one")),
        ],
        widget=forms.RadioSelect,
        initial="study",
    )

    def clean(self) -> dict[str, Any]:
        """Merge only into a patient who is known."""
        given = super().clean()
        if given.get("scope") == "patient" and not given.get("patient"):
            self.add_error("scope", _("Choose the patient who keeps the studies."))
        return given


class SplitForm(PatientForm):
    """Which series do not belong to a study, and whose they are."""

    series = forms.TypedMultipleChoiceField(
        coerce=UUID, error_messages={"required": _("Choose the series that belong elsewhere.")}
    )
    whose = forms.ChoiceField(
        label=_("Whose are they?"),
        choices=[
            ("same", _("The same patient's: another examination")),
            ("other", _("Another patient's")),
        ],
        widget=forms.RadioSelect,
    )
    is_sure = forms.BooleanField(
        label=_("I have looked at these series, and they belong there."),
        error_messages={"required": _("Look at the series, then say that you did.")},
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # Any that is an id; the service knows which of them are the study's.
        self.fields["series"].valid_value = lambda value: parse_uuid(value) is not None  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        """Ask for a patient where it is another one."""
        if self.cleaned_data.get("whose") != "other":
            return self.cleaned_data
        return super().clean()

    @property
    def to(self) -> UUID | Identity | None:
        """Return whom a valid form names; None for the patient of the study."""
        return None if self.cleaned_data["whose"] == "same" else self.who


class DecisionForm(forms.Form):
    """What somebody decides of a study whose patient is in doubt."""

    decision = forms.ChoiceField(choices=[(decision.value, decision.value) for decision in services.Decision])
    patient_id = _text_field(_("Right patient id"), _("Where another person has this id by mistake."))

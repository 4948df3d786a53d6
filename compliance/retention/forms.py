"""Forms of retention."""

import datetime as dt
from typing import Any
from uuid import UUID

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from common.clock import today
from compliance.models import KeepingExtension, RetentionHold
from compliance.retention.content import MinorClock, RuleBook
from compliance.retention.engine import Figures
from compliance.retention.extensions import ExtensionDraft
from compliance.retention.holds import HoldDraft
from compliance.retention.policy import EXTENSION_YEARS, ConfirmationDraft


def _day(label: Any, *, required: bool = True, help_text: Any = "") -> forms.DateField:
    widget = forms.DateInput(attrs={"type": "date"})
    return forms.DateField(label=label, required=required, help_text=help_text, widget=widget)


def _years(label: Any, *, required: bool = False, help_text: Any = "") -> forms.IntegerField:
    return forms.IntegerField(label=label, required=required, min_value=1, max_value=100, help_text=help_text)


def _text(label: Any, *, rows: int = 3, required: bool = True, help_text: Any = "") -> forms.CharField:
    widget = forms.Textarea(attrs={"rows": rows})
    return forms.CharField(label=label, required=required, help_text=help_text, max_length=4_000, widget=widget)


def places(book: RuleBook) -> list[tuple[str, str]]:
    """Return the jurisdictions as choices, by name."""
    return sorted(((rule.id, rule.jurisdiction) for rule in book.rules.values()), key=lambda choice: choice[1])


def payers(book: RuleBook) -> list[tuple[str, str]]:
    """Return the overlays as choices."""
    named = [(one.id, {"when": one.applies_when, "years": one.years}) for one in book.overlays.values()]
    return [(overlay_id, gettext("%(when)s: %(years)s years") % words) for overlay_id, words in named]


class PolicyForm(forms.Form):
    """Where the practice treats, whose periods apply, how long special cases are kept."""

    jurisdictions = forms.MultipleChoiceField(
        label=_("Where the practice treats"),
        required=False,
        widget=forms.SelectMultiple(attrs={"size": 10}),
        help_text=_("Of several places the strictest holds. Without any, the default: ten years, minors until 28."),
    )
    overlays = forms.MultipleChoiceField(
        label=_("Payers whose periods apply to everybody"), required=False, widget=forms.CheckboxSelectMultiple
    )
    implant = _years(_("Years for implant cases"), required=True, help_text=_("The practice's choice, not a law."))
    orthodontic = _years(_("Years for orthodontic cases"), required=True)
    complex = _years(_("Years for complex cases"), required=True)
    notifies_patients = forms.BooleanField(
        label=_("Mail patients with access when their images enter a deletion run"), required=False
    )

    def __init__(self, *args: Any, book: RuleBook, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["jurisdictions"].choices = places(book)  # type: ignore[attr-defined]  # a choice field
        self.fields["overlays"].choices = payers(book)  # type: ignore[attr-defined]  # a choice field

    def values(self) -> dict[str, Any]:
        """Return what a valid form says, for `policy.choose`."""
        data: dict[str, Any] = self.cleaned_data
        return {
            "jurisdictions": data["jurisdictions"],
            "overlays": data["overlays"],
            "extension_years": {str(kind): data[str(kind)] for kind in EXTENSION_YEARS},
            "notifies_patients": data["notifies_patients"],
        }


class ConfirmForm(forms.Form):
    """A named person says that a rule may act."""

    source = _text(
        _("Source that was read"),
        help_text=_("Citation, where it was read and when. Your name and today's date are written beside it."),
    )
    adult_years = _years(
        _("Years for adults, where they differ from the book"), help_text=_("Leave empty to take the book's figures.")
    )
    majority_age = forms.IntegerField(label=_("Age of majority"), required=False, min_value=16, max_value=100)
    until_age = forms.IntegerField(
        label=_("Age until which a minor's record is kept"), required=False, min_value=16, max_value=100
    )
    reason = _text(_("Reason for other figures"), required=False)

    def clean(self) -> dict[str, Any]:
        """Ask for all three figures or for none."""
        data: dict[str, Any] = super().clean() or {}
        given = [data.get(name) is not None for name in ("adult_years", "majority_age", "until_age")]
        if any(given) and not all(given):
            raise forms.ValidationError(_("Give all three figures, or none of them."))
        return data

    def draft(self, rule_id: str) -> ConfirmationDraft:
        """Return what a valid form says."""
        data: dict[str, Any] = self.cleaned_data
        figures = None
        if data["adult_years"] is not None:
            minor = MinorClock(data["majority_age"], data["until_age"])
            figures = Figures(data["adult_years"], minor, data["source"])
        return ConfirmationDraft(rule_id, data["source"], figures, data["reason"])


class ReasonForm(forms.Form):
    """A reason in words."""

    reason = forms.CharField(max_length=4_000)


class WhatIfForm(forms.Form):
    """Which rule to try, and with which figures."""

    rule = forms.ChoiceField(label=_("What if this rule were confirmed"), required=False)
    years = _years(_("Years for adults"), help_text=_("Empty: as the book says."))
    until_age = forms.IntegerField(label=_("Minors until the age of"), required=False, min_value=18, max_value=100)

    def __init__(self, *args: Any, book: RuleBook, rule_ids: tuple[str, ...], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        names = {rule_id: book.rules[rule_id].jurisdiction for rule_id in rule_ids if rule_id in book.rules}
        choices = [("", "–"), *((rule_id, names.get(rule_id, _("Default"))) for rule_id in rule_ids)]
        self.fields["rule"].choices = choices  # type: ignore[attr-defined]  # a choice field

    def figures(self) -> Figures | None:
        """Return the figures of a valid form; None for those of the book."""
        data: dict[str, Any] = self.cleaned_data
        if data["years"] is None:
            return None
        return Figures(data["years"], MinorClock(18, data["until_age"] or 18 + data["years"]), "")


class BeginForm(forms.Form):
    """What a run is about, and which studies of the list it leaves out."""

    kind = forms.ChoiceField(choices=[("due", "due"), ("bin", "bin")])
    reason = forms.CharField(required=False, max_length=4_000)
    keep = forms.TypedMultipleChoiceField(required=False, coerce=UUID)

    def __init__(self, *args: Any, listed: list[UUID], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["keep"].choices = [(str(one), str(one)) for one in listed]  # type: ignore[attr-defined]  # a choice field


class HoldForm(forms.Form):
    """What is held, for what, and who looks after it."""

    kind = forms.ChoiceField(label=_("What for"), choices=RetentionHold.Kind.choices)
    matter = forms.CharField(
        label=_("Matter"), max_length=200, help_text=_("A file number, or a word by which it is found.")
    )
    owner = forms.ChoiceField(label=_("Who looks after it"))
    review_date = _day(_("Looked at again on"), help_text=_("Within a year."))
    of_patient = forms.BooleanField(label=_("Everything of this patient"), required=False)

    def __init__(self, *args: Any, people: dict[UUID, str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["owner"].choices = [(str(one), name) for one, name in people.items()]  # type: ignore[attr-defined]  # a choice field

    def draft(self) -> HoldDraft:
        """Return what a valid form says."""
        data: dict[str, Any] = self.cleaned_data
        return HoldDraft(data["kind"], data["matter"], UUID(data["owner"]), data["review_date"], data["of_patient"])


class ReviewForm(forms.Form):
    """Until when a hold is looked at again."""

    review_date = _day(_("Looked at again on"))


class ExtensionForm(forms.Form):
    """How much longer, and why."""

    kind = forms.ChoiceField(label=_("Why longer"), choices=KeepingExtension.Kind.choices)
    years = _years(_("Years from the newest event"), help_text=_("Empty: what the practice set for this kind."))
    until = _day(_("Or until"), required=False)
    of_patient = forms.BooleanField(label=_("Everything of this patient"), required=False)

    def draft(self) -> ExtensionDraft:
        """Return what a valid form says."""
        data: dict[str, Any] = self.cleaned_data
        return ExtensionDraft(data["kind"], data["years"], data["until"], data["of_patient"])


class CircumstancesForm(forms.Form):
    """What bears on one patient besides."""

    jurisdictions = forms.MultipleChoiceField(
        label=_("Where the patient lives or was treated besides"),
        required=False,
        widget=forms.SelectMultiple(attrs={"size": 6}),
        help_text=_("After a move both places count: the stricter one wins."),
    )
    overlays = forms.MultipleChoiceField(
        label=_("The patient's payers"), required=False, widget=forms.CheckboxSelectMultiple
    )
    is_incompetent = forms.BooleanField(label=_("The patient cannot decide for himself"), required=False)

    def __init__(self, *args: Any, book: RuleBook, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["jurisdictions"].choices = places(book)  # type: ignore[attr-defined]  # a choice field
        self.fields["overlays"].choices = payers(book)  # type: ignore[attr-defined]  # a choice field


class AnswerForm(forms.Form):
    """The answer to a patient."""

    decision = forms.ChoiceField(choices=[("grant", "grant"), ("refuse", "refuse")])
    answer = forms.CharField(max_length=4_000)


class WishForm(forms.Form):
    """What a patient asks for."""

    wish = forms.ChoiceField(
        label=_("What should happen with your images?"),
        choices=[
            ("keep", _("Keep them longer than the law asks")),
            ("erase", _("Destroy them as soon as the law allows")),
        ],
        widget=forms.RadioSelect,
    )
    until = _day(_("Keep them until"), required=False)

    def clean_until(self) -> dt.date | None:
        """Ask for a day to come where something is to be kept."""
        until: dt.date | None = self.cleaned_data["until"]
        if self.data.get("wish") == "keep" and (until is None or until <= today()):
            raise forms.ValidationError(_("Choose a day that is still to come."))
        return until

"""Forms of vendors and agreements."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django import forms
from django.utils.translation import gettext_lazy as _

from compliance.models import Agreement, ClauseFinding, ExitProof, SubProcessor, Vendor
from compliance.packs.content import Clause
from compliance.vendors.agreements import Finding
from compliance.vendors.labels import AGREEMENT_LABELS, VENDOR_LABELS
from compliance.vendors.services import ExitDraft, Upload


def _date(label: Any, *, required: bool = True, help_text: Any = "") -> forms.DateField:
    return forms.DateField(
        label=label, required=required, help_text=help_text, widget=forms.DateInput(attrs={"type": "date"})
    )


def _area(rows: int) -> forms.Textarea:
    return forms.Textarea(attrs={"rows": rows})


class VendorForm(forms.ModelForm):  # type: ignore[type-arg]  # the stubs make it generic, Django does not at run time
    """A vendor: what it does, what decides about an agreement, what it says about images."""

    class Meta:
        model = Vendor
        fields = (
            *("name", "services", "contact"),
            *("stores", "transmits", "can_access", "treats", "is_conduit"),
            *("is_ai", "keeps_copies", "trains_on_images", "serves_competitors"),
            *("encrypts_at_rest", "encrypts_in_transit"),
            *("retention_days", "deletes_automatically", "retention_evidence", "data_path"),
        )
        labels = VENDOR_LABELS
        help_texts = {
            "retention_days": _("A number. “As long as necessary” is not an answer: leave it empty and ask again."),
            "data_path": _("For example: upload to the vendor - United States; analysis - Ireland; backup - Ireland."),
        }
        widgets = {"services": _area(2), "retention_evidence": _area(2), "data_path": _area(3)}

    def groups(self) -> list[tuple[Any, list[Any]]]:
        """Return the fields under their headings."""
        places = (
            (_("Vendor"), ("name", "services", "contact")),
            (_("Is an agreement needed?"), ("stores", "transmits", "can_access", "treats", "is_conduit")),
            (
                _("Artificial intelligence"),
                ("is_ai", "keeps_copies", "trains_on_images", "serves_competitors"),
            ),
            (_("Encryption"), ("encrypts_at_rest", "encrypts_in_transit")),
            (
                _("Retention and places"),
                ("retention_days", "deletes_automatically", "retention_evidence", "data_path"),
            ),
        )
        return [(title, [self[name] for name in names]) for title, names in places]


class UsesForm(forms.Form):
    """Where a vendor is at work."""

    assets = forms.MultipleChoiceField(label=_("Assets"), required=False, widget=forms.CheckboxSelectMultiple)
    parties = forms.MultipleChoiceField(
        label=_("Parties of the map"), required=False, widget=forms.CheckboxSelectMultiple
    )

    def __init__(self, *args: Any, assets: Iterable[Any], parties: Iterable[Any], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["assets"].choices = [(str(one), name) for one, name in assets]  # type: ignore[attr-defined]
        self.fields["parties"].choices = [(str(one), name) for one, name in parties]  # type: ignore[attr-defined]

    def ids(self) -> dict[str, list[UUID]]:
        """Return what is ticked."""
        return {
            "asset_ids": [UUID(one) for one in self.cleaned_data["assets"]],
            "party_ids": [UUID(one) for one in self.cleaned_data["parties"]],
        }


class SubProcessorForm(forms.ModelForm):  # type: ignore[type-arg]  # as above
    """Somebody whom a vendor lets work with the data."""

    class Meta:
        model = SubProcessor
        fields = ("name", "purpose", "country", "has_agreement")
        labels = {
            "name": _("Name"),
            "purpose": _("What it does"),
            "country": _("Country"),
            "has_agreement": _("Is it bound to the same terms in writing?"),
        }


class EndForm(forms.Form):
    """The end of a relation or an agreement."""

    ended_date = _date(_("Last day"))
    reason = forms.CharField(label=_("Reason"), max_length=2000, widget=_area(2))


class ExitForm(forms.Form):
    """What became of the data."""

    kind = forms.ChoiceField(label=_("What became of the data"), choices=ExitProof.Kind.choices)
    performed_date = _date(_("On"))
    method = forms.CharField(
        label=_("How, and how far: copies, backups, sub-processors"), max_length=5000, widget=_area(3)
    )
    certificate = forms.CharField(label=_("What shows it: number, author, place"), max_length=200)
    file = forms.FileField(label=_("Certificate as a file"), required=False)

    def draft(self) -> ExitDraft:
        """Return what a valid form says."""
        data = self.cleaned_data
        return ExitDraft(data["kind"], data["performed_date"], data["method"], data["certificate"])

    def upload(self) -> Upload | None:
        """Return the file, if there is one."""
        file = self.cleaned_data["file"]
        return Upload(file.name, file.read()) if file else None


class AgreementForm(forms.ModelForm):  # type: ignore[type-arg]  # as above
    """The terms of an agreement, before it is signed."""

    effective_date = _date(_("In effect from"), required=False)
    expiry_date = _date(_("Until"), required=False, help_text=_("Empty: until somebody ends it."))

    class Meta:
        model = Agreement
        fields = (
            *("effective_date", "expiry_date", "renewal_notice_days", "breach_notice_hours"),
            *("training_term", "is_perpetual_licence", "rights_granted", "secondary_use", "opt_out", "wording"),
        )
        labels = AGREEMENT_LABELS
        widgets = {
            "rights_granted": _area(2),
            "secondary_use": _area(2),
            "opt_out": _area(2),
            "wording": _area(8),
        }


class SignForm(forms.Form):
    """The signing: dates, names, and the signed copy."""

    effective_date = _date(_("In effect from"))
    expiry_date = _date(_("Until"), required=False, help_text=_("Empty: until somebody ends it."))
    signatories = forms.CharField(
        label=_("Who signed for both sides, with function and day"), max_length=1000, widget=_area(2)
    )
    file = forms.FileField(label=_("Signed copy"))


class CopyForm(forms.Form):
    """Another paper of a signed agreement."""

    file = forms.FileField(label=_("Another paper: an amendment, a better scan"))


class NoteForm(forms.Form):
    """A few words."""

    note = forms.CharField(label=_("What was looked at"), max_length=2000, widget=_area(2))


def read_findings(data: Any, clauses: Iterable[Clause]) -> list[Finding]:
    """Read the checklist: what was answered, clause by clause."""
    states = set(ClauseFinding.Found.values)
    return [
        Finding(
            clause_id=clause.id,
            found=data[f"found-{clause.id}"],
            reference=data.get(f"reference-{clause.id}", "")[:80],
            note=data.get(f"note-{clause.id}", "")[:2000],
        )
        for clause in clauses
        if data.get(f"found-{clause.id}") in states
    ]

"""Forms of the pages of networks."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from inference.contexts.words import KINDS
from inference.models import Network
from inference.networks import onnx_file
from pacs.worklist_forms import ChosenForm


class _SeveralFiles(forms.ClearableFileInput):
    allow_multiple_selected = True


class _FilesField(forms.FileField):
    """Several files under one name."""

    widget = _SeveralFiles

    def clean(self, data: Any, initial: Any = None) -> Any:
        """Check each file."""
        return [super(_FilesField, self).clean(item, initial) for item in data or [None]]


class NetworkForm(forms.Form):
    """The files of a network, chosen together."""

    parts = _FilesField(
        label=_("Files of the network"),
        help_text=_("network.yaml, the .onnx, golden.npy and the model card: choose them together."),
        widget=_SeveralFiles(attrs={"multiple": True}),
    )

    def content(self) -> dict[str, bytes]:
        """Return the files by their plain names, none larger than is taken."""
        return {
            (item.name or "").rpartition("/")[2]: item.read()
            for item in self.cleaned_data["parts"][:8]
            if (item.size or 0) <= onnx_file.MAX_BYTES
        }


class RuleForm(forms.Form):
    """What an image must be for a network to look at it when it arrives."""

    network = forms.ChoiceField(label=_("Network"))
    kinds = forms.MultipleChoiceField(
        label=_("Kinds of images"),
        choices=list(KINDS.items()),
        required=False,
        help_text=_("None chosen: all that the network reads."),
        widget=forms.CheckboxSelectMultiple,
    )
    modality = forms.CharField(label=_("Modality"), max_length=16, required=False)
    body_part = forms.CharField(label=_("Body part"), max_length=64, required=False)
    device = forms.CharField(label=_("Device"), max_length=120, required=False)
    site = forms.CharField(label=_("Site"), max_length=120, required=False)

    def __init__(self, *args: Any, networks: list[Network], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _offer(self.fields["network"], networks)


class BatchForm(forms.Form):
    """A network, and the dates of the images that it is to look at."""

    network = forms.ChoiceField(label=_("Network"))
    from_date = forms.DateField(label=_("From"), widget=forms.DateInput(attrs={"type": "date"}))
    to_date = forms.DateField(label=_("Until"), widget=forms.DateInput(attrs={"type": "date"}))

    def __init__(self, *args: Any, networks: list[Network], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _offer(self.fields["network"], networks)


class TrainingForm(forms.Form):
    """What images may be used for, in words that a patient can read."""

    purpose = forms.CharField(
        label=_("What the images may be used for"),
        max_length=400,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Patients read this on their page."),
    )


class RateForm(forms.Form):
    """What an hour of a processor costs."""

    per_cpu_hour = forms.DecimalField(label=_("Price of a processor hour"), min_value=0, max_value=1000)
    currency = forms.CharField(label=_("Currency"), min_length=3, max_length=3)


class TagForm(forms.Form):
    """A word that studies are tagged with."""

    tag = forms.CharField(label=_("Tag"), max_length=80, required=False)


def _offer(field: forms.Field, networks: list[Network]) -> None:
    assert isinstance(field, forms.ChoiceField)
    field.choices = [(str(row.id), f"{row.title} {row.version}") for row in networks]


class StatesForm(ChosenForm):
    """The studies of a list whose analyses are asked about, and how many of them were said to be under way."""

    told = forms.IntegerField(required=False, min_value=0)

"""Which document is signed."""

from django import forms


class KindForm(forms.Form):
    """The kind, carried by the button."""

    kind = forms.CharField(widget=forms.HiddenInput)

"""Forms of signing in."""

from typing import Any

from django import forms
from django.contrib.auth import password_validation
from django.utils.translation import gettext_lazy as _

from accounts.models import User


class SignInForm(forms.Form):
    email = forms.EmailField(
        label=_("E-mail address"), widget=forms.EmailInput(attrs={"autocomplete": "username", "autofocus": True})
    )
    password = forms.CharField(
        label=_("Password"), widget=forms.PasswordInput(attrs={"autocomplete": "current-password"})
    )
    wrong = _("The address or the password is wrong. After ten wrong tries the account is locked for 15 minutes.")


class CodeForm(forms.Form):
    code = forms.RegexField(
        label=_("Six-digit code"),
        regex=r"^\s*\d{3}\s?\d{3}\s*$",
        error_messages={"invalid": _("Enter the six digits that your authenticator shows.")},
        widget=forms.TextInput(
            attrs={"autocomplete": "one-time-code", "inputmode": "numeric", "autofocus": True, "maxlength": 8}
        ),
    )

    def clean_code(self) -> str:
        """Return the digits only."""
        return "".join(self.cleaned_data["code"].split())


class PrintedCodeForm(forms.Form):
    code = forms.CharField(
        label=_("Printed code"),
        max_length=24,
        help_text=_("One of the ten codes that you printed, as in ab2cd-ef3gh. Each works once."),
        widget=forms.TextInput(attrs={"autocomplete": "off", "autofocus": True, "spellcheck": "false"}),
    )


class AnyCodeForm(forms.Form):
    """A code of the authenticator or a printed one, for who is signed in already."""

    code = forms.CharField(
        label=_("Code"),
        max_length=24,
        help_text=_("Six digits of your authenticator, or one of your printed codes."),
        widget=forms.TextInput(attrs={"autocomplete": "one-time-code", "autofocus": True, "spellcheck": "false"}),
    )


class AddressForm(forms.Form):
    email = forms.EmailField(
        label=_("E-mail address"),
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "username", "autofocus": True}),
    )


class NewPasswordForm(forms.Form):
    """A new password; `user` is whose it will be, so that it is not the person's own name."""

    password = forms.CharField(
        label=_("New password"),
        help_text=_("At least 12 characters. A few words that nobody would guess are better than signs."),
        strip=False,
        max_length=256,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )

    def __init__(self, *args: Any, user: User | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._user = user

    def clean_password(self) -> str:
        """Refuse what is short or common."""
        password: str = self.cleaned_data["password"]
        password_validation.validate_password(password, self._user)
        return password


class ChangePasswordForm(NewPasswordForm):
    present = forms.CharField(
        label=_("Present password"),
        strip=False,
        max_length=256,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )
    field_order = ["present", "password"]


class AcceptForm(NewPasswordForm):
    """The answer of somebody who is new."""

    name = forms.CharField(
        label=_("Your name"),
        help_text=_("As colleagues and the access log will show it."),
        max_length=120,
        widget=forms.TextInput(attrs={"autocomplete": "name", "autofocus": True}),
    )
    field_order = ["name", "password"]

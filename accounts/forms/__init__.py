"""Forms of this package."""

from accounts.forms.managing import (
    RIGHT_NAMES,
    ROLE_NAMES,
    SCOPE_NAMES,
    InviteForm,
    LogoForm,
    PlacesForm,
    ReferrerForm,
    SettingsForm,
    SiteForm,
    TokenForm,
)
from accounts.forms.signing_in import (
    AcceptForm,
    AddressForm,
    AnyCodeForm,
    ChangePasswordForm,
    CodeForm,
    NewPasswordForm,
    PrintedCodeForm,
    SignInForm,
)

__all__ = [
    "RIGHT_NAMES",
    "ROLE_NAMES",
    "SCOPE_NAMES",
    "AcceptForm",
    "AddressForm",
    "AnyCodeForm",
    "ChangePasswordForm",
    "CodeForm",
    "InviteForm",
    "LogoForm",
    "NewPasswordForm",
    "PlacesForm",
    "PrintedCodeForm",
    "ReferrerForm",
    "SettingsForm",
    "SignInForm",
    "SiteForm",
    "TokenForm",
]

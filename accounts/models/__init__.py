"""Tenants, the people in them, and their credentials."""

from accounts.models.credentials import ApiToken, Directory, PasswordReset, RateCount, SignIn
from accounts.models.emergencies import Emergency, Verdict
from accounts.models.people import Invitation, Membership, Referrer, Role, SiteMember, User
from accounts.models.tenants import Site, Tenant, TenantOwned, TenantSettings

__all__ = [
    "ApiToken",
    "Directory",
    "Emergency",
    "Invitation",
    "Membership",
    "PasswordReset",
    "RateCount",
    "Referrer",
    "Role",
    "SignIn",
    "Site",
    "SiteMember",
    "Tenant",
    "TenantOwned",
    "TenantSettings",
    "User",
    "Verdict",
]

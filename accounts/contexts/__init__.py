"""What the pages of this package show."""

from accounts.contexts.account import AccountPage, account_page
from accounts.contexts.managing import (
    ReferrersPage,
    SitesPage,
    TokensPage,
    referrer_line,
    referrers_page,
    site_line,
    sites_page,
    tokens_page,
)
from accounts.contexts.people import MemberPage, OfferPage, PeoplePage, member_page, offer_page, people_page
from accounts.contexts.words import role_names

__all__ = [
    "AccountPage",
    "MemberPage",
    "OfferPage",
    "PeoplePage",
    "ReferrersPage",
    "SitesPage",
    "TokensPage",
    "account_page",
    "member_page",
    "offer_page",
    "people_page",
    "referrer_line",
    "referrers_page",
    "role_names",
    "site_line",
    "sites_page",
    "tokens_page",
]

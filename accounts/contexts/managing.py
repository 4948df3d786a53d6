"""What the pages of tokens, sites and the address book show."""

from dataclasses import dataclass
from uuid import UUID

from accounts import access, selectors
from accounts.contexts.words import scope_names
from accounts.errors import SiteNotFoundError
from accounts.selectors import ReferrerLine, SiteLine, TokenLine
from common.actor import Actor
from common.scope import tenant_scope


@dataclass(frozen=True, slots=True)
class TokenRow:
    line: TokenLine
    scopes: list[str]


@dataclass(frozen=True, slots=True)
class TokensPage:
    rows: list[TokenRow]


@dataclass(frozen=True, slots=True)
class SitesPage:
    sites: list[SiteLine]


@dataclass(frozen=True, slots=True)
class ReferrersPage:
    """`is_cut`: there are more than are shown."""

    entries: list[ReferrerLine]
    search: str
    is_cut: bool
    can_manage: bool


def tokens_page(actor: Actor) -> TokensPage:
    """Return the tokens."""
    with tenant_scope(actor.tenant_id):
        return TokensPage([TokenRow(line, scope_names(line.scopes)) for line in selectors.list_tokens()])


def sites_page(actor: Actor) -> SitesPage:
    """Return the sites."""
    with tenant_scope(actor.tenant_id):
        return SitesPage(selectors.list_sites())


def site_line(actor: Actor, site_id: UUID) -> SiteLine:
    """Return one site, or raise."""
    found = next((site for site in sites_page(actor).sites if site.id == site_id), None)
    if found is None:
        raise SiteNotFoundError
    return found


def referrers_page(actor: Actor, *, search: str) -> ReferrersPage:
    """Return the entries that a search finds."""
    with tenant_scope(actor.tenant_id):
        entries = selectors.list_referrers(search=search, limit=selectors.MAX_SHOWN + 1)
    return ReferrersPage(
        entries=entries[: selectors.MAX_SHOWN],
        search=search,
        is_cut=len(entries) > selectors.MAX_SHOWN,
        can_manage=access.allows(actor, "referrer.manage"),
    )


def referrer_line(actor: Actor, referrer_id: UUID) -> ReferrerLine:
    """Return one entry, or raise."""
    with tenant_scope(actor.tenant_id):
        return selectors.get_referrer(referrer_id)

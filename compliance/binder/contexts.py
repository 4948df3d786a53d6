"""What the page of signed documents shows."""

from django.urls import reverse
from django.utils.translation import gettext as _

from accounts import access
from common.actor import Actor
from compliance.binder import documents
from compliance.binder.forms import KindForm
from compliance.models import DocumentSnapshot
from compliance.pages import Card, Cell, Form, Link, Page, day, instant


def build_binder(actor: Actor) -> Page:
    """Return what can be printed, and what was signed (in the open scope)."""
    rows = documents.list_signed()
    return Page(
        title=_("Binder"),
        intro=_("What an inquiry asks for, in that order, as it is now or as it was signed: PDF, CSV and JSON."),
        main=(
            Card(
                _("Signed"),
                columns=(_("Document"), _("Signed"), _("Changes"), _("Kept until"), "CSV", "JSON"),
                rows=tuple(_row(row) for row in rows),
                empty=_("Nothing was signed yet."),
            ),
        ),
        side=tuple(_card(actor, kind) for kind in documents.PARTS),
        note=_("Signed documents can neither be changed nor deleted. They are no legal advice."),
    )


def _row(row: DocumentSnapshot) -> tuple[Cell, ...]:
    address = {name: reverse("compliance:signed-document", args=[row.id, name]) for name in ("pdf", "csv", "json")}
    return (
        Cell(f"{row.get_kind_display()} {row.sequence}", address["pdf"], below=f"SHA-256 {row.data_sha256[:16]}…"),
        Cell(instant(row.signed_at), below=row.signer_name),
        Cell(str(len(row.changes)) if row.sequence > 1 else _("the first"), below="\n".join(row.changes[:6])),
        Cell(day(row.keep_until_date)),
        Cell("CSV", address["csv"]),
        Cell("JSON", address["json"]),
    )


def _card(actor: Actor, kind: str) -> Card:
    links = tuple(
        Link(name.upper(), f"{reverse('compliance:draft-document')}?kind={kind}&format={name}", "ghost")
        for name in ("pdf", "csv", "json")
    )
    sign = Form(reverse("compliance:sign-document"), _("Sign and keep"), KindForm(initial={"kind": kind}))
    may_sign = access.allows(actor, "analysis.issue")
    title = str(DocumentSnapshot.Kind(kind).label)
    return Card(title, text=_("Draft, as it is now:"), links=links, forms=(sign,) if may_sign else ())

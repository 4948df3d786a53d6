"""What the pages of policies, training and sanctions show."""

from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.urls import reverse
from django.utils.translation import gettext as _

from accounts import access
from accounts import selectors as accounts
from common.actor import Actor
from compliance.models import PolicyVersion
from compliance.pages import Card, Cell, Form, Link, Mark, Page, cells, day, forms_if, instant
from compliance.policies import selectors
from compliance.policies.selectors import Standing
from compliance.policies.templates import all_templates

if TYPE_CHECKING:
    import datetime as dt


def build_policies(actor: Actor) -> Page:
    """Return the library (inside the open scope)."""
    found = selectors.list_standing()
    can_write = access.allows(actor, "compliance.write")
    known = {one.policy.key for one in found}
    missing = sum(template.key not in known for template in all_templates())
    take_over = Form(reverse("compliance:policy-templates"), _("Take over the templates"), tone="primary")
    return Page(
        title=_("Policies"),
        intro=_("What the practice has decided to do, version by version, with who approved and who has read it."),
        alerts=(Mark(_("You have policies to read."), "info"),) if selectors.unread_by(actor.id, found) else (),
        actions=(
            Link(_("To be read by me"), reverse("compliance:policies-mine"), "ghost"),
            Link(_("Training"), reverse("compliance:training"), "ghost"),
            Link(_("Sanctions"), reverse("compliance:sanctions"), "ghost"),
            *((Link(_("Write a policy"), reverse("compliance:policy-new"), "primary"),) if can_write else ()),
        ),
        main=(
            Card(
                _("Library"),
                columns=(_("Policy"), _("In force"), _("Read by"), _("Look at it again")),
                rows=tuple(_row(one) for one in found),
                empty=_("No policy is written down yet."),
            ),
            *((_templates_card(missing, take_over),) if missing and can_write else ()),
        ),
        note=_("A template is a beginning and no legal advice: change it to what the practice really does."),
    )


def _templates_card(missing: int, take_over: Form) -> Card:
    text = _(
        "{count} templates, written for a dental imaging practice, are not in the library yet. Each begins as a draft."
    )
    return Card(_("Templates"), text=text.format(count=missing), forms=(take_over,))


def _row(one: Standing) -> tuple[Cell, ...]:
    in_force, latest = one.in_force, one.latest
    waits = latest is not None and latest.id not in one.approvals
    return (
        Cell(one.policy.title, reverse("compliance:policy", args=[one.policy.id]), below=one.policy.citations),
        Cell(
            _("version {number}").format(number=in_force.number) if in_force else _("none"),
            mark=Mark(_("a draft waits"), "warn") if waits else None,
        ),
        Cell(f"{one.readers} / {one.members}" if in_force else "–"),
        Cell(day(one.review_date), mark=Mark(_("late"), "bad") if one.is_overdue else None),
    )


def build_policy(*, actor: Actor, policy_id: UUID, forms: dict[str, Any]) -> Page:
    """Return one policy with its versions (inside the open scope)."""
    one = selectors.standing_of(policy_id)
    can_write = access.allows(actor, "compliance.write") and one.policy.retired_at is None
    shown = one.in_force or one.latest
    readers = selectors.readers_of(one.in_force.id) if one.in_force else {}
    members = accounts.names_of_members()
    names = accounts.names_of_users(
        {v.author_id for v in one.versions} | {a.approver_id for a in one.approvals.values()}
    )
    return Page(
        title=one.policy.title,
        intro=one.policy.citations,
        crumbs=(Link(_("Policies"), reverse("compliance:policies")),),
        mark=Mark(_("in force"), "ok") if one.in_force else Mark(_("draft"), "warn"),
        main=(
            _text_card(shown),
            *_draft_card(one, forms, can_write=can_write),
            Card(
                _("Versions"),
                columns=(_("Version"), _("Written"), _("Approved"), _("SHA-256")),
                rows=tuple(_version_row(version, one, names) for version in one.versions),
            ),
            *(
                (
                    Card(
                        _("Next version"),
                        forms=(
                            Form(
                                reverse("compliance:policy-version", args=[policy_id]),
                                _("Keep as a draft"),
                                forms["version"],
                                fold=_("Write the next version"),
                            ),
                        ),
                    ),
                )
                if can_write
                else ()
            ),
        ),
        side=(_readers_card(readers, members), *(_retire_card(policy_id) if can_write else ())),
    )


def _text_card(shown: PolicyVersion | None) -> Card:
    if shown is None:
        return Card(_("Text"), empty=_("Nothing is written yet."))
    return Card(_("Version {number}").format(number=shown.number), text=shown.text)


def _draft_card(one: Standing, forms: dict[str, Any], *, can_write: bool) -> tuple[Card, ...]:
    latest = one.latest
    if latest is None or latest.id in one.approvals:
        return ()
    approve = Form(
        reverse("compliance:policy-approve", args=[latest.id]), _("Approve it"), forms["approval"], tone="primary"
    )
    text = "" if latest.number == 1 or one.in_force is None else latest.text
    title = _("Draft: version {number}").format(number=latest.number)
    return (Card(title, text=text, forms=forms_if(can_write, [approve])),)


def _version_row(version: PolicyVersion, one: Standing, names: dict[UUID, str]) -> tuple[Cell, ...]:
    approval = one.approvals.get(version.id)
    return (
        Cell(str(version.number), below=version.change_note),
        Cell(instant(version.made_at), below=names.get(version.author_id, "")),
        Cell(day(approval.effective_date), below=names.get(approval.approver_id, "")) if approval else Cell("–"),
        Cell(f"{version.sha256[:16]}…"),
    )


def _readers_card(readers: "dict[UUID, dt.datetime]", members: dict[UUID, str]) -> Card:
    rows = [
        (Cell(name), Cell(instant(readers[user_id])) if user_id in readers else Cell(mark=Mark(_("not yet"), "warn")))
        for user_id, name in sorted(members.items(), key=lambda item: item[1].casefold())
    ]
    return Card(_("Read and understood"), columns=(_("Who"), _("When")), rows=tuple(rows))


def _retire_card(policy_id: UUID) -> tuple[Card, ...]:
    retire = Form(
        reverse("compliance:policy-retire", args=[policy_id]),
        _("Take it out"),
        tone="danger",
        ask=_("Take this policy out of the library? Its versions are kept."),
    )
    return (Card(_("Not needed any more"), forms=(retire,)),)


def build_mine(actor: Actor) -> Page:
    """Return what somebody has to read (inside the open scope)."""
    found = selectors.unread_by(actor.id, selectors.list_standing())
    return Page(
        title=_("To be read by me"),
        intro=_("Policies that are in force and that you have not confirmed yet."),
        main=tuple(
            Card(
                one.policy.title,
                text=one.in_force.text,
                forms=(
                    Form(
                        reverse("compliance:policy-read", args=[one.in_force.id]),
                        _("I have read and understood it"),
                        tone="primary",
                    ),
                ),
            )
            for one in found
            if one.in_force is not None
        )
        or (Card(_("Nothing to read"), text=_("You have confirmed every policy that is in force.")),),
    )


def build_training(*, actor: Actor, form: Any) -> Page:
    """Return the records of training (inside the open scope)."""
    rows = selectors.list_training()
    return Page(
        title=_("Training"),
        intro=_("45 CFR 164.308(a)(5)(i); 164.530(b)(2)(ii): who was trained in what, and what shows it."),
        crumbs=(Link(_("Policies"), reverse("compliance:policies")),),
        main=(
            Card(
                _("Records"),
                columns=(_("Who"), _("Topic"), _("On"), _("By"), _("Again on")),
                rows=tuple(
                    cells(
                        row.person,
                        Cell(row.topic, below=row.result),
                        day(row.trained_date),
                        row.given_by,
                        day(row.next_date),
                    )
                    for row in rows
                ),
                empty=_("Nothing is recorded yet."),
            ),
        ),
        side=_record_card(actor, "compliance:training", form),
    )


def build_sanctions(*, actor: Actor, form: Any) -> Page:
    """Return the register of sanctions (inside the open scope)."""
    rows = selectors.list_sanctions()
    return Page(
        title=_("Sanctions"),
        intro=_("45 CFR 164.308(a)(1)(ii)(C); 164.530(e): what was done when somebody did not keep to the policies."),
        crumbs=(Link(_("Policies"), reverse("compliance:policies")),),
        main=(
            Card(
                _("Register"),
                columns=(_("Who"), _("What happened"), _("What was done"), _("Decided")),
                rows=tuple(
                    cells(row.person, row.violation, row.measure, Cell(day(row.decided_date), below=row.decided_by))
                    for row in rows
                ),
                empty=_("No sanction was recorded. An empty register is an answer too."),
            ),
        ),
        side=_record_card(actor, "compliance:sanctions", form),
    )


def _record_card(actor: Actor, url_name: str, form: Any) -> tuple[Card, ...]:
    if not access.allows(actor, "compliance.write"):
        return ()
    text = _("A record stays as it is; a mistake is followed by a right one.")
    return (Card(_("Record"), text=text, forms=(Form(reverse(url_name), _("Record for good"), form),)),)

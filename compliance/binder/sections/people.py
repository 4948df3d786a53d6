"""What stands under policies, training, access, sanctions and officials."""

from typing import Any

from accounts import selectors as accounts
from common.actor import Actor
from compliance.analysis import selectors as analyses
from compliance.binder.sections.section import Section
from compliance.documents import record
from compliance.documents.record import Block
from compliance.pages import instant
from compliance.policies import selectors as policies


def policies_item(actor: Actor) -> Section:
    """Return the item of this name."""
    found = policies.list_standing()
    names = accounts.names_of_users({approval.approver_id for one in found for approval in one.approvals.values()})
    blocks: list[Block] = [
        record.table(
            ("Policy", "Version", "In force from", "Approved by", "Read by"),
            [_policy_line(one, names) for one in found],
            widths=(2.6, 0.6, 1, 1.2, 0.8),
        )
    ]
    for one in found:
        if one.in_force is not None:
            blocks += [record.heading(one.policy.title, 2), record.quiet(one.policy.citations)]
            blocks += [record.words(one.in_force.text), record.quiet(f"SHA-256 {one.in_force.sha256}")]
    in_force = sum(one.in_force is not None for one in found)
    return Section("policies", in_force, tuple(blocks), "" if in_force else "No policy is in force.")


def _policy_line(one: policies.Standing, names: dict[Any, str]) -> tuple[Any, ...]:
    if one.in_force is None:
        return (one.policy.title, "draft", "", "", "")
    approval = one.approvals[one.in_force.id]
    read = f"{one.readers} of {one.members}"
    return (one.policy.title, one.in_force.number, approval.effective_date, names.get(approval.approver_id, ""), read)


def training_item(actor: Actor) -> Section:
    """Return the item of this name."""
    rows = policies.list_training(limit=None)
    lines = [(one.person, one.topic, one.trained_date, one.given_by, one.result) for one in rows]
    table = record.table(("Who", "Topic", "On", "By", "Result"), lines, widths=(1.2, 1.8, 0.9, 1.2, 2))
    return Section("training", len(rows), (table,), "" if rows else "No training is on record.")


def access_item(actor: Actor) -> Section:
    """Return the item of this name."""
    members = accounts.list_members()
    lines = [
        (
            one.name,
            ", ".join(role.replace("_", " ") for role in one.roles),
            ", ".join(one.sites),
            "yes" if one.is_active else "no",
            "yes" if one.has_factor else "no",
            instant(one.last_seen_at),
        )
        for one in members
    ]
    keys = [(one.name, ", ".join(sorted(one.scopes)), instant(one.created_at)) for one in accounts.list_tokens()]
    return Section(
        "access",
        len(members),
        (
            record.table(
                ("Who", "Roles", "Sites", "Active", "Second factor", "Last seen"),
                lines,
                widths=(1.3, 1.5, 1.3, 0.6, 0.8, 1.2),
            ),
            record.heading("Keys of programs", 2),
            record.table(("Name", "Scopes", "Made"), keys),
        ),
    )


def sanctions_item(actor: Actor) -> Section:
    """Return the item of this name."""
    rows = policies.list_sanctions(limit=None)
    lines = [(one.person, one.violation, one.measure, one.decided_date, one.decided_by) for one in rows]
    table = record.table(
        ("Who", "What happened", "What was done", "On", "By"),
        lines,
        widths=(1, 2.2, 1.6, 0.9, 1),
        empty="No sanction was applied.",
    )
    return Section("sanctions", len(rows), (table,))


def officials_item(actor: Actor) -> Section:
    """Return the item of this name."""
    present = analyses.current_analysis(actor)
    owners = ", ".join(accounts.names_in_role("owner").values())
    officers = ", ".join(accounts.names_in_role("compliance_officer").values())
    rows = [
        ("Security official", present.security_official if present else ""),
        ("Owner of the practice", present.practice_owner if present else ""),
        ("Accounts with the role of owner", owners),
        ("Accounts with the role of compliance officer", officers),
    ]
    is_named = bool(present and present.security_official)
    return Section(
        "officials",
        sum(bool(name) for _role, name in rows),
        (record.facts(rows),),
        "" if is_named else "No official is named.",
    )

"""What stands under analysis, plan, inventory, decisions and practices."""

import datetime as dt
from typing import Final

from common.actor import Actor
from common.clock import now
from compliance.analysis import selectors as analyses
from compliance.assets import selectors as assets
from compliance.binder.sections.section import Section
from compliance.documents import record, snapshots
from compliance.evidence import selectors as evidence
from compliance.flows import selectors as flows
from compliance.flows.drawing import render_map_svg
from compliance.models import Asset, Verdict
from compliance.pages import day
from compliance.remediation import decisions
from compliance.remediation import selectors as tasks

_YEAR: Final = dt.timedelta(days=365)


def analysis_item(actor: Actor) -> Section:
    """Return the item of this name."""
    issues = snapshots.list_snapshots()
    present = analyses.current_analysis(actor)
    state = f"{present.title}: {present.get_state_display()}" if present else "No analysis was begun."
    return Section(
        "analysis",
        len(issues),
        (
            record.words(state),
            record.table(
                ("Issue", "Signed", "By", "Kept until", "SHA-256 of the data"),
                [
                    (
                        one.sequence,
                        day(one.issued_at.date()),
                        one.signer_name,
                        day(one.keep_until_date),
                        one.data_sha256,
                    )
                    for one in issues
                ],
                widths=(0.5, 0.9, 1.2, 0.9, 3),
            ),
            record.quiet("Each issue is a document of its own, with inventory, method, register and decisions."),
        ),
        "" if issues else "No analysis was issued.",
    )


def plan_item(actor: Actor) -> Section:
    """Return the item of this name."""
    rows = tasks.list_tasks()
    lines = [
        (f"T-{one.number}", one.title, one.priority, one.owner_name, day(one.due_date), one.state, _proof(one))
        for one in rows
    ]
    return Section(
        "plan",
        len(rows),
        (
            record.table(
                ("No.", "What is done", "Priority", "Owner", "Due", "State", "Proof"),
                lines,
                widths=(0.6, 2.4, 0.9, 1.1, 1, 0.9, 2.2),
            ),
        ),
        "" if rows else "No measure is planned.",
    )


def _proof(one: tasks.TaskRow) -> str:
    parts = [one.evidence]
    if one.done_at:
        parts.append(f"done {day(one.done_at.date())} by {one.done_by}")
    if one.verified_at:
        parts.append(f"verified {day(one.verified_at.date())} by {one.verified_by}")
    if one.accepted_by:
        parts.append(f"accepted by {one.accepted_by} until {day(one.accepted_until_date)}: {one.acceptance_reason}")
    return "; ".join(part for part in parts if part)


def inventory_item(actor: Actor) -> Section:
    """Return the item of this name."""
    rows = assets.list_printed()
    running = flows.list_flows()
    columns = ("number", "name", "type", "site", "owner", "ephi", "encryption_at_rest")
    return Section(
        "inventory",
        len(rows),
        (
            record.heading("Assets", 2),
            record.table(
                ("No.", "Name", "Type", "Site", "Owner", "ePHI", "Encrypted"),
                [[row[column] for column in columns] for row in rows],
                widths=(0.8, 2, 1.2, 1, 1.1, 0.8, 0.8),
            ),
            record.heading("Data flows", 2),
            record.image(render_map_svg(), "Map of assets, parties and data flows; the table says the same in words."),
            record.table(
                ("From", "To", "By way of", "What", "Encrypted"),
                [(one.source.name, one.target.name, one.channel_name, one.label, one.encryption) for one in running],
                widths=(1.3, 1.3, 1.6, 1.3, 0.7),
            ),
        ),
        "" if rows else "The inventory is empty.",
    )


def decisions_item(actor: Actor) -> Section:
    """Return the item of this name."""
    rows = decisions.list_specs()
    lines = [
        (
            one.citation,
            one.title,
            one.outcome or "not decided",
            f"{one.rationale} {one.alternative}".strip(),
            one.decided_by,
            day(one.review_date),
        )
        for one in rows
    ]
    decided = sum(bool(one.outcome) for one in rows)
    return Section(
        "decisions",
        decided,
        (
            record.table(
                ("Provision", "Specification", "Decision", "Reason", "By", "Review"),
                lines,
                widths=(1.2, 1.4, 0.9, 2, 0.9, 0.9),
            ),
        ),
        "" if decided == len(rows) else f"Not decided: {len(rows) - decided} of {len(rows)}.",
    )


def media_item(actor: Actor) -> Section:
    """Return the item of this name."""
    gone = list(Asset.objects.filter(status=Asset.Status.DISPOSED).order_by("-disposal_date"))
    lines = [
        (one.number, one.name, day(one.disposal_date), one.get_disposal_method_display(), one.disposal_certificate)
        for one in gone
    ]
    table = record.table(("No.", "What", "On", "How", "Certificate"), lines, widths=(0.7, 1.8, 0.9, 1.6, 1.6))
    return Section("media", len(gone), (table,))


def practices_item(actor: Actor) -> Section:
    """Return the item of this name."""
    rows = [one for one in evidence.latest_readings().values() if one.verdict == Verdict.PASS]
    lines = [
        (
            one.measures,
            str(one.value),
            day(one.verdict_since.date()),
            "yes" if now() - one.verdict_since >= _YEAR else "not yet",
        )
        for one in sorted(rows, key=lambda one: one.verdict_since)
    ]
    return Section(
        "practices",
        len(rows),
        (
            record.words(
                "The Secretary considers recognised security practices that were in place for the previous twelve "
                "months (Public Law 116-321). Below is what the portal measures about itself and since when it holds; "
                "practices outside of the portal are to be shown otherwise."
            ),
            record.table(("Measurement on target", "Value", "Since", "Twelve months"), lines, widths=(3, 1, 0.9, 0.9)),
        ),
    )

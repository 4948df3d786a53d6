"""What stands under agreements, reviews, incidents, contingency, evaluations and requests."""

from collections.abc import Iterable
from typing import Any

from accounts import selectors as accounts
from common.actor import Actor
from compliance.binder.sections.section import Section
from compliance.documents import record
from compliance.documents.record import Block
from compliance.evidence import selectors as evidence
from compliance.incidents import selectors as incidents
from compliance.models import AgreementCopy, BreachAssessment, ExitProof, SubProcessor
from compliance.models.evidence import Activity
from compliance.pages import day, instant
from compliance.requests import selectors as requests
from compliance.vendors import selectors as vendors
from compliance.vendors.need import need_of


def agreements_item(actor: Actor) -> Section:
    """Return the item of this name."""
    found = vendors.list_standing()
    copies: dict[Any, list[str]] = {}
    for agreement_id, digest in AgreementCopy.objects.order_by("id").values_list("agreement_id", "sha256"):
        copies.setdefault(agreement_id, []).append(digest)
    blocks: list[Block] = [
        record.table(
            ("Vendor", "Needed", "In effect", "Open"),
            [_vendor_line(one) for one in found],
            widths=(1.4, 1.8, 1.3, 2),
        )
    ]
    for one in found:
        blocks += [record.heading(one.vendor.name, 2), *_vendor_blocks(one, copies)]
    missing = sum(one.is_missing for one in found)
    return Section("agreements", len(found), tuple(blocks), f"Agreements missing: {missing}." if missing else "")


def _vendor_line(one: vendors.Standing) -> tuple[str, ...]:
    need = need_of(one.vendor)
    until = ""
    if one.in_effect is not None:
        until = f"{day(one.in_effect.effective_date)} - {day(one.in_effect.expiry_date, none='until ended')}"
    return (
        one.vendor.name,
        f"{need.answer.value.replace('_', ' ')} ({need.citation})",
        until or "none",
        " ".join(alert.text for alert in one.alerts) or "nothing",
    )


def _vendor_blocks(one: vendors.Standing, copies: dict[Any, list[str]]) -> list[Block]:
    subs = SubProcessor.objects.filter(vendor_id=one.vendor.id, removed_at=None).order_by("name")
    proofs = ExitProof.objects.filter(vendor_id=one.vendor.id).order_by("id")
    lines = [
        (row.number, row.state, day(row.effective_date), day(row.expiry_date), row.training_term, row.signatories)
        for row in one.agreements
    ]
    return [
        record.facts(
            [
                ("Services", one.vendor.services),
                ("Keeps copies", one.vendor.get_keeps_copies_display()),
                ("Trains on images", one.vendor.get_trains_on_images_display()),
                ("Days of retention", one.vendor.retention_days),
                ("Where data travels", one.vendor.data_path),
                ("Sub-processors", "; ".join(f"{sub.name} ({sub.country}): {sub.purpose}" for sub in subs)),
                ("Clauses not found", ", ".join(one.open_clauses)),
                (
                    "Return or destruction",
                    "; ".join(f"{one.get_kind_display()} {one.performed_date}: {one.certificate}" for one in proofs),
                ),
            ]
        ),
        record.table(
            ("No.", "State", "From", "Until", "Training", "Signed by"), lines, widths=(0.4, 0.7, 0.9, 0.9, 0.8, 2.2)
        ),
        *(
            record.quiet(f"Signed copy, SHA-256 {digest}")
            for row in one.agreements
            for digest in copies.get(row.id, ())
        ),
    ]


def _activities(kinds: Iterable[str]) -> tuple[int, Block]:
    wanted = set(kinds)
    rows = [one for one in evidence.list_activities(limit=None) if one.kind in wanted]
    lines = [
        (
            one.get_kind_display(),
            one.performed_date,
            "went well" if one.is_successful else "did not succeed",
            one.note,
            one.recorded_by.name if one.recorded_by else "",
        )
        for one in rows
    ]
    return len(rows), record.table(
        ("What", "On", "Result", "Note", "Recorded by"), lines, widths=(1.6, 0.9, 1, 2.6, 1.1)
    )


def review_item(actor: Actor) -> Section:
    """Return the item of this name."""
    count, table = _activities([Activity.Kind.LOG_REVIEW, Activity.Kind.ACCESS_REVIEW])
    glass = accounts.list_emergencies(limit=500)
    lines = [
        (instant(one.opened_at), one.user_name, one.reason, one.verdict or "waits", one.reviewer_name) for one in glass
    ]
    return Section(
        "review",
        count + len(glass),
        (
            table,
            record.heading("Emergency access and its review", 2),
            record.table(("Opened", "By", "Reason", "Verdict", "Reviewed by"), lines, widths=(1.2, 1.1, 2.4, 0.8, 1.1)),
        ),
        "" if count else "No review of activity is on record.",
    )


def incidents_item(actor: Actor) -> Section:
    """Return the item of this name."""
    cases = incidents.list_cases()
    newest: dict[Any, BreachAssessment] = {}
    for one in BreachAssessment.objects.order_by("id"):
        newest[one.incident_id] = one
    blocks: list[Block] = [
        record.table(
            ("Incident", "Discovered", "Conclusion", "People", "Closed"),
            [
                (
                    f"I-{case.incident.number} {case.incident.title}",
                    case.incident.discovered_date,
                    case.incident.get_conclusion_display() or "not assessed: presumed to be a breach",
                    sum(case.incident.affected.values()) or "not known",
                    day(case.incident.closed_at.date() if case.incident.closed_at else None),
                )
                for case in cases
            ],
            widths=(2.4, 0.9, 1.8, 0.8, 0.9),
        )
    ]
    for case in cases:
        blocks += [record.heading(f"I-{case.incident.number} {case.incident.title}", 2), *_incident(case, newest)]
    return Section("incidents", len(cases), tuple(blocks))


def _incident(case: incidents.Case, newest: dict[Any, BreachAssessment]) -> list[Block]:
    found = newest.get(case.incident.id)
    blocks = [record.words(case.incident.description)]
    if found is not None:
        blocks.append(
            record.facts(
                [
                    *(
                        (f"Factor {n} (164.402(2))", f"{one['level']}: {one['words']}")
                        for n, one in found.factors.items()
                    ),
                    ("Conclusion", f"{found.get_conclusion_display()} {found.exception}: {found.reasons}"),
                ]
            )
        )
    due = [
        (one.text, one.citation, day(one.due_date, none="unknown"), "yes" if one.is_given else "no")
        for one in case.deadlines
    ]
    blocks.append(
        record.table(
            ("Notice", "Provision", "At the latest", "Given"),
            due,
            widths=(3, 1.2, 0.9, 0.5),
            empty="No notice is owed.",
        )
    )
    sent = [(one.get_kind_display(), one.sent_date, one.method, one.recipients) for one in case.notices]
    blocks.append(
        record.table(
            ("Given to", "On", "How", "How many"), sent, widths=(1.6, 0.9, 1.6, 0.8), empty="No notice was given."
        )
    )
    return blocks


def contingency_item(actor: Actor) -> Section:
    """Return the item of this name."""
    kinds = Activity.Kind
    count, table = _activities(
        [
            kinds.RESTORE_DRILL,
            kinds.IMMUTABLE_COPY,
            kinds.DOWNTIME_EXERCISE,
            kinds.CONTACTS_CONFIRMED,
            kinds.EXPORT_TEST,
            kinds.INCIDENT_EXERCISE,
        ]
    )
    measured = [
        one for one in evidence.latest_readings().values() if "BACKUP" in one.probe_id or "RESTORE" in one.probe_id
    ]
    lines = [(one.measures, str(one.value), one.verdict, instant(one.measured_at)) for one in measured]
    return Section(
        "contingency",
        count,
        (
            table,
            record.heading("Measured", 2),
            record.table(("What", "Value", "Verdict", "When"), lines, widths=(2.6, 1, 0.8, 1.2)),
        ),
        "" if count else "No drill or exercise is on record.",
    )


def evaluations_item(actor: Actor) -> Section:
    """Return the item of this name."""
    kinds = Activity.Kind
    count, table = _activities([kinds.EVALUATION, kinds.VULNERABILITY_SCAN, kinds.PENETRATION_TEST])
    return Section("evaluations", count, (table,), "" if count else "No evaluation is on record.")


def requests_item(actor: Actor) -> Section:
    """Return the item of this name."""
    rows = requests.list_requests()
    lines = [
        (f"A-{one.number}", one.received_date, requests.due_date(one), day(one.answered_date), one.get_state_display())
        for one in rows
    ]
    return Section(
        "requests",
        len(rows),
        (
            record.table(("No.", "Came in", "At the latest", "Answered", "State"), lines),
            record.words(f"Disclosures on record (45 CFR 164.528): {requests.count_disclosures()}."),
            record.quiet("Names of patients are left out here; the register of the portal holds them."),
        ),
    )

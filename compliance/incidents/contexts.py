"""What the pages of incidents show."""

from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.urls import reverse
from django.utils.translation import gettext as _

from accounts import access
from accounts import selectors as accounts
from common.actor import Actor
from common.clock import today
from compliance import records
from compliance.incidents import clock, selectors
from compliance.incidents.forms import LABELS, QUESTIONS
from compliance.incidents.letters import KINDS
from compliance.models import BreachNotice, ExposureReport, Incident
from compliance.pages import Card, Cell, Form, Link, Mark, Page, cells, day, forms_if, instant
from sharing import figures as sharing

if TYPE_CHECKING:
    from compliance.incidents.clock import Deadline
    from compliance.incidents.selectors import Case


def build_incidents(actor: Actor) -> Page:
    """Return the log (inside the open scope)."""
    cases = selectors.list_cases()
    return Page(
        title=_("Incidents and breaches"),
        intro=_(
            "What happened, who was exposed, who must be told until when. A breach is presumed until it is assessed."
        ),
        actions=(Link(_("Report an incident"), reverse("compliance:incident-new"), "primary"),),
        main=(
            Card(
                _("Log"),
                columns=(_("Incident"), _("Discovered"), _("State"), _("Next notice")),
                rows=tuple(_row(case) for case in cases),
                empty=_("Nothing was reported."),
            ),
        ),
        side=(_queues(actor),),
        note=_not_advice(),
    )


def _not_advice() -> str:
    return _("This is not legal advice. State law may ask for more; where it is not known, the portal says unknown.")


def _queues(actor: Actor) -> Card:
    links = []
    if access.allows(actor, "emergency.review"):
        links.append(Link(_("Emergency access to be reviewed"), reverse("pacs:emergencies")))
    return Card(
        _("Also to be looked at"),
        text=_("Whoever broke the glass gave a reason; somebody else says whether it holds."),
        links=tuple(links),
    )


def _row(case: "Case") -> tuple[Cell, ...]:
    row = case.incident
    owed = [one for one in case.deadlines if one.due_date and not one.is_given]
    nearest = min(owed, key=lambda one: one.due_date or today(), default=None)
    return (
        Cell(
            f"I-{row.number} {row.title}", reverse("compliance:incident", args=[row.id]), below=row.get_kind_display()
        ),
        Cell(day(row.discovered_date)),
        Cell(mark=state_of(row)),
        Cell("–") if nearest is None or row.closed_at else Cell(day(nearest.due_date), mark=_left(nearest)),
    )


def state_of(row: Incident) -> Mark:
    """Return where an incident stands, in a word."""
    if row.closed_at:
        return Mark(_("closed"), "neutral")
    if not row.conclusion:
        return Mark(_("to be assessed"), "warn")
    tone = "bad" if row.conclusion == Incident.Conclusion.BREACH else "info"
    return Mark(row.get_conclusion_display(), tone)


def _left(deadline: "Deadline") -> Mark:
    left = deadline.days_left(today()) or 0
    if left < 0:
        return Mark(_("{days} days late").format(days=-left), "bad")
    return Mark(_("{days} days left").format(days=left), "bad" if left <= 14 else "warn")


def build_incident(*, actor: Actor, incident_id: UUID, forms: dict[str, Any]) -> Page:
    """Return everything about one incident (inside the open scope)."""
    row = selectors.get_incident(incident_id)
    can_write = access.allows(actor, "compliance.write")
    return Page(
        title=f"I-{row.number} {row.title}",
        crumbs=(Link(_("Incidents"), reverse("compliance:incidents")),),
        mark=state_of(row),
        alerts=_alerts(row),
        actions=(
            (Link(_("Edit"), reverse("compliance:incident-edit", args=[row.id])),)
            if can_write and not row.closed_at
            else ()
        ),
        main=(
            _clock_card(row),
            _facts_card(row),
            _assessment_card(row, forms, can_write=can_write and not row.closed_at),
            _exposure_card(row, forms, can_write=can_write),
            _notice_card(row, forms, can_write=can_write),
        ),
        side=(
            _letters_card(row),
            _closing_card(row, forms, can_write=can_write),
            Card(_("History"), entries=records.lines_of("incident", row.id, labels=LABELS)),
        ),
        note=_not_advice(),
    )


def _alerts(row: Incident) -> tuple[Mark, ...]:
    if row.closed_at:
        return (Mark(row.closing_note, "ok", _("Closed")),)
    if clock.is_presumed(row):
        text = _("It is presumed to be a breach until the four factors are weighed (45 CFR 164.402(2)).")
        return (Mark(text, "warn"),)
    return ()


def _clock_card(row: Incident) -> Card:
    found = selectors.deadlines_of(row)
    return Card(
        _("The clock"),
        text="" if found else _("No notice is owed. The assessment is kept as proof (45 CFR 164.414(b))."),
        columns=(_("Whom"), _("At the latest"), _("Given")),
        rows=tuple(
            (
                Cell(one.text, below=one.citation),
                Cell(
                    day(one.due_date, none=_("unknown")), mark=None if one.is_given or not one.due_date else _left(one)
                ),
                Cell(mark=Mark(_("yes"), "ok") if one.is_given else Mark(_("not yet"), "warn")),
            )
            for one in found
        ),
    )


def _facts_card(row: Incident) -> Card:
    people = ", ".join(f"{place}: {count}" for place, count in sorted(row.affected.items())) or _("not known")
    return Card(
        _("What is known"),
        facts=(
            (_("Kind"), row.get_kind_display()),
            (_("What happened"), row.description),
            (_("Happened on"), day(row.occurred_date, none=_("not known"))),
            (_("Discovered on"), day(row.discovered_date)),
            (_("Noticed by"), row.reported_by or "–"),
            (_("Done at once"), row.contained or "–"),
            (_("Readable for others"), row.get_is_unsecured_display()),
            (_("People concerned"), people),
            (_("Delay asked by law enforcement"), day(row.delay_until_date)),
        ),
    )


def _assessment_card(row: Incident, forms: dict[str, Any], *, can_write: bool) -> Card:
    found = selectors.list_assessments(row.id)
    names = accounts.names_of_users({one.assessor_id for one in found})
    return Card(
        _("Assessment: four factors (45 CFR 164.402(2))"),
        columns=(_("Assessed"), _("Factors"), _("Conclusion")),
        rows=tuple(
            (
                Cell(instant(one.assessed_at), below=names.get(one.assessor_id, "")),
                Cell(
                    "; ".join(f"{n}: {one.factors[n]['level']}" for n in QUESTIONS),
                    below="\n".join(f"{n}. {one.factors[n]['words']}" for n in QUESTIONS),
                ),
                Cell(one.get_conclusion_display(), below=f"{one.exception} {one.reasons}".strip()),
            )
            for one in found
        ),
        empty=_("Nobody assessed it yet."),
        forms=forms_if(
            can_write,
            [
                Form(
                    reverse("compliance:incident-assess", args=[row.id]),
                    _("Record the assessment"),
                    forms["assess"],
                    fold=_("Weigh the four factors"),
                )
            ],
        ),
    )


def _exposure_card(row: Incident, forms: dict[str, Any], *, can_write: bool) -> Card:
    found = selectors.list_exposures(row.id)
    return Card(
        _("Who was exposed"),
        columns=(_("Report"), _("Patients"), _("Events")),
        rows=tuple(
            (
                Cell(
                    f"{one.get_subject_kind_display()}: {one.subject_name}",
                    reverse("compliance:exposure", args=[one.id]),
                    below=instant(one.made_at),
                ),
                Cell(str(one.content["patients"])),
                Cell(str(one.content["events"])),
            )
            for one in found
        ),
        empty=_("The access log was not asked yet."),
        forms=forms_if(
            can_write,
            [
                Form(
                    reverse("compliance:incident-exposure", args=[row.id]),
                    _("Read the access log"),
                    forms["exposure"],
                    fold=_("Find out by link, account, key or device"),
                )
            ],
        ),
    )


def _notice_card(row: Incident, forms: dict[str, Any], *, can_write: bool) -> Card:
    notices = selectors.list_notices(row.id)
    return Card(
        _("Notices given"),
        columns=(_("To whom"), _("Sent"), _("How"), _("How many")),
        rows=tuple(_notice_row(one) for one in notices),
        empty=_("None yet."),
        forms=forms_if(
            can_write,
            [
                Form(
                    reverse("compliance:incident-notice", args=[row.id]),
                    _("Record for good"),
                    forms["notice"],
                    fold=_("Record a notice"),
                )
            ],
        ),
    )


def _notice_row(one: BreachNotice) -> tuple[Cell, ...]:
    return cells(
        Cell(one.get_kind_display(), below=one.jurisdiction), day(one.sent_date), one.method, str(one.recipients)
    )


def _letters_card(row: Incident) -> Card:
    labels = {
        "individuals": _("Letter to the people"),
        "media": _("Words for the media"),
        "hhs": _("Particulars for the Secretary"),
    }
    return Card(
        _("Letters"),
        text=_("Drafts with the elements that the rule asks for; what is not known is an open bracket."),
        links=tuple(Link(labels[kind], reverse("compliance:incident-letter", args=[row.id, kind])) for kind in KINDS),
    )


def _closing_card(row: Incident, forms: dict[str, Any], *, can_write: bool) -> Card:
    if row.closed_at:
        verb, submit, fold = "reopen", _("Open it again"), _("Open it again")
    else:
        verb, submit, fold = "close", _("Close it"), _("Close the incident")
    form = Form(reverse(f"compliance:incident-{verb}", args=[row.id]), submit, forms["note"], fold=fold)
    return Card(
        _("End"),
        text=_("It can be closed once it is assessed and every notice that is owed was given."),
        forms=forms_if(can_write, [form]),
    )


def subjects() -> list[tuple[Any, list[tuple[str, str]]]]:
    """Return links, accounts and keys that the access log can be read of."""
    tokens = [(str(one.id), one.name) for one in accounts.list_tokens()]
    links = [(str(one_id), name) for one_id, name in sharing.recent_links().items()]
    # Also those who were let go: that is what is done first with an account that was taken over.
    people = [(str(one.user_id), one.name) for one in accounts.list_members()]
    return [(_("Links"), links), (_("Accounts, and who was signed in on a device"), people), (_("API tokens"), tokens)]


def build_exposure(report: ExposureReport) -> Page:
    """Return one report of who was exposed."""
    content = report.content
    row = report.incident
    return Page(
        title=_("Who was exposed: {name}").format(name=report.subject_name),
        intro=_("{patients} patients, {events} events of the access log.").format(
            patients=content["patients"], events=content["events"]
        ),
        crumbs=(
            Link(_("Incidents"), reverse("compliance:incidents")),
            Link(f"I-{row.number}", reverse("compliance:incident", args=[row.id])),
        ),
        actions=(
            Link("CSV", reverse("compliance:exposure-csv", args=[report.id]), "ghost"),
            Link("PDF", reverse("compliance:exposure-pdf", args=[report.id])),
            Link(_("Into the account of disclosures"), reverse("compliance:exposure-disclosures", args=[report.id])),
        ),
        main=(
            Card(
                _("Opened"),
                columns=(_("Patient"), _("Study"), _("First and last"), _("What was done")),
                rows=tuple(
                    (
                        Cell(line["patient"] or _("no longer stored")),
                        Cell(line["study_date"] or "–", below=line["description"]),
                        Cell(line["first_at"][:16].replace("T", " "), below=line["last_at"][:16].replace("T", " ")),
                        Cell(
                            ", ".join(f"{name} × {count}" for name, count in line["actions"].items()),
                            below=_("{count} frames").format(count=line["frames"]) if line["frames"] else "",
                        ),
                    )
                    for line in content["opened"]
                ),
                empty=_("No study was opened."),
            ),
            Card(
                _("Could have been opened, and was not"),
                columns=(_("Patient"), _("Study")),
                rows=tuple(
                    cells(line["patient"] or "–", Cell(line["study_date"] or "–", below=line["description"]))
                    for line in content["not_opened"]
                ),
                empty=_("Nothing else was within reach of a link; what an account can reach is not listed."),
            ),
        ),
        side=(
            Card(
                _("How it was found"),
                facts=(
                    (_("Of"), report.get_subject_kind_display()),
                    (_("From"), instant(report.since)),
                    (_("Until"), instant(report.until)),
                    (_("Read"), instant(report.made_at)),
                    ("SHA-256", report.sha256),
                ),
                bullets=tuple(f"{name} × {count}" for name, count in content["other_events"].items()),
                text=_("Lists and searches show names without opening a study: they are counted, not kept."),
            ),
        ),
    )

"""`retention simulate|run|visits`: what falls due, carrying approved runs out, and last visits from a file."""

from pathlib import Path
from typing import Any

from django.core.management.base import CommandError, CommandParser

from accounts import figures as accounts
from accounts import services
from common.actor import system_actor
from common.clock import today
from common.command import PortalCommand
from common.errors import DomainError
from common.scope import tenant_scope
from compliance.retention import circumstances, destroying, policy, simulation
from compliance.retention.circumstances import CsvVisits
from compliance.retention.content import MinorClock
from compliance.retention.engine import Figures
from compliance.retention.errors import RuleNotFoundError
from compliance.retention.simulation import Forecast


class Command(PortalCommand):
    help = "Simulate retention, carry approved deletion runs out, or take last visits over."

    def add_arguments(self, parser: CommandParser) -> None:
        verbs = parser.add_subparsers(dest="verb", required=True)
        simulate = verbs.add_parser("simulate", help="print what falls due in the next 24 months; changes nothing")
        simulate.add_argument("--tenant", required=True, help="slug of the tenant")
        simulate.add_argument("--rule", help="what if this rule were confirmed (US-TX)")
        simulate.add_argument("--years", type=int, help="... with so many years for adults instead of the book's")
        simulate.add_argument("--until-age", type=int, help="... and until this age for minors")
        run = verbs.add_parser("run", help="carry approved runs out, as far as they can be now")
        run.add_argument("--tenant", help="slug of the tenant; without it all of them")
        visits = verbs.add_parser("visits", help="take last visits over from a CSV: patient_id,last_visit")
        visits.add_argument("--tenant", required=True, help="slug of the tenant")
        visits.add_argument("file", type=Path)

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            getattr(self, f"_{options['verb']}")(options)
        except DomainError as error:
            raise CommandError(str(error)) from None

    def _simulate(self, options: dict[str, Any]) -> None:
        with tenant_scope(services.tenant_id_of_slug(options["tenant"])):
            terms = policy.terms()
            if not options["rule"]:
                self._print(simulation.forecast(terms, today=today()))
                return
            if options["rule"] not in terms.book.rules:
                raise RuleNotFoundError
            other = terms.with_figures(options["rule"], _figures(options))
            found = simulation.compare(terms, other, today=today())
        self._print(found.after)
        self.stdout.write(f"earlier than now: {found.earlier}, later: {found.later}, newly due: {found.newly_due}")

    def _print(self, found: Forecast) -> None:
        self.stdout.write(f"due now: {found.due_now}")
        for reason, count in sorted(found.due_now_by_reason.items()):
            self.stdout.write(f"  {reason}: {count}")
        for month in found.months:
            reasons = ", ".join(f"{reason}: {count}" for reason, count in sorted(month.by_reason.items()))
            self.stdout.write(f"{month.first:%Y-%m}: {month.total}{f' ({reasons})' if reasons else ''}")
        for block, count in sorted(found.blocked.items()):
            self.stdout.write(f"kept by {block}: {count}")

    def _run(self, options: dict[str, Any]) -> None:
        slug = options["tenant"]
        tenant_ids = [services.tenant_id_of_slug(slug)] if slug else accounts.active_tenants()
        for tenant_id in tenant_ids:
            done = destroying.carry_out(tenant_id=tenant_id)
            self.stdout.write(f"queued: {done.queued}, kept: {done.kept}, removed: {done.removed}")

    def _visits(self, options: dict[str, Any]) -> None:
        try:
            text = options["file"].read_text(encoding="utf-8-sig")
        except (OSError, UnicodeDecodeError) as error:
            raise CommandError(f"The file cannot be read ({type(error).__name__}).") from None
        actor = system_actor(services.tenant_id_of_slug(options["tenant"]))
        taken = circumstances.take_visits(actor=actor, feed=CsvVisits(text))
        self.stdout.write(f"newer: {taken.newer}, known: {taken.known}, of nobody here: {taken.unknown}")


def _figures(options: dict[str, Any]) -> Figures | None:
    if options["years"] is None:
        return None
    majority = 18
    return Figures(options["years"], MinorClock(majority, options["until_age"] or majority + options["years"]), "")

"""The portal as it runs here: transport, sessions, releases, isolation, the machine."""

import datetime as dt
import ipaddress
import platform
import socket
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit
from uuid import UUID

import django
from django.apps import apps
from django.conf import settings
from django.db import connection

from accounts import figures as accounts
from common import disks
from common.clock import today
from compliance.evidence import advisories, clock, peer
from compliance.evidence.arithmetic import counted, days_since
from compliance.evidence.probes.signing_in import locks_out
from compliance.evidence.reading import Measured, UnmeasurableError
from compliance.evidence.registry import probe
from compliance.models import Verdict
from sharing.services import opening

HSTS_LEAST_S: Final = 15_552_000
PATCH_DAYS: Final = 30
# End of security support: devguide.python.org/versions, djangoproject.com/download.
SUPPORTED_UNTIL: Final = {
    ("Python", "3.11"): dt.date(2027, 10, 31),
    ("Python", "3.12"): dt.date(2028, 10, 31),
    ("Python", "3.13"): dt.date(2029, 10, 31),
    ("Django", "5.2"): dt.date(2028, 4, 30),
    ("Django", "6.0"): dt.date(2027, 4, 30),
}


def _address() -> tuple[str, int]:
    """Return host and port of the portal when people reach it by HTTPS."""
    parts = urlsplit(settings.BITEWING_BASE_URL)
    if parts.scheme != "https":
        raise UnmeasurableError(f"The portal is reached over {parts.scheme}, without TLS.")
    return parts.hostname or "", parts.port or 443


@probe("P-TLS")
def transport(_tenant_id: UUID) -> Measured:
    """Shake hands with the portal's own address as a visitor does, and read the header that forbids plain HTTP."""
    if not settings.BITEWING_BASE_URL.startswith("https://"):
        return Measured(value=False, detail="People reach the portal over plain HTTP.")
    host, port = _address()
    try:
        met, is_old_taken = peer.meet(host, port), peer.takes_old_protocol(host, port)
    except OSError as error:
        raise UnmeasurableError(f"The portal's own address did not answer ({type(error).__name__}).") from None
    faults = [
        text
        for text, is_wrong in (
            ("TLS 1.1 or older is accepted", is_old_taken),
            (f"the connection is {met.protocol}", met.protocol not in {"TLSv1.2", "TLSv1.3"}),
            ("HSTS is shorter than half a year", settings.SECURE_HSTS_SECONDS < HSTS_LEAST_S),
            ("the session cookie may travel in plain", not settings.SESSION_COOKIE_SECURE),
        )
        if is_wrong
    ]
    return Measured(not faults, f"{'; '.join(faults)}." if faults else f"{met.protocol}, nothing older, HSTS on.")


@probe("P-CERT")
def certificate(_tenant_id: UUID) -> Measured:
    """Return the days until the certificate of the portal's address ends."""
    host, port = _address()
    try:
        met = peer.meet(host, port)
    except OSError as error:
        raise UnmeasurableError(f"The portal's own address did not answer ({type(error).__name__}).") from None
    return Measured(-days_since(met.expires_at.date()), f"The certificate ends on {met.expires_at.date()}.")


@probe("P-IDLE")
def idle_log_off(_tenant_id: UUID) -> Measured:
    """Return after how many idle minutes a session of staff ends."""
    minutes = accounts.idle_minutes()
    return Measured(minutes, f"Sessions of staff end after {minutes} idle minutes.")


@probe("P-RATE")
def limits_on_guessing(_tenant_id: UUID) -> Measured:
    """Say whether the addresses that anybody can reach stop somebody who tries again and again."""
    limits = (opening.TRIES_PER_CODE, opening.FAILURES_PER_LINK, opening.CODES_PER_SESSION)
    are_set = all(0 < limit <= 30 for limit in limits)
    if are_set and locks_out():
        return Measured(
            value=True,
            detail=f"Signing in locks; a link locks after {opening.FAILURES_PER_LINK} wrong codes.",
        )
    return Measured(value=False, detail="Signing in, or opening a link, can be tried without end.")


@probe("P-VERSION")
def supported_release(_tenant_id: UUID) -> Measured:
    """Say whether what the portal runs on still gets security updates."""
    running = {
        "Python": ".".join(platform.python_version_tuple()[:2]),
        "Django": ".".join(map(str, django.VERSION[:2])),
    }
    unknown = [f"{name} {version}" for name, version in running.items() if (name, version) not in SUPPORTED_UNTIL]
    if unknown:
        raise UnmeasurableError(f"The end of support of {', '.join(unknown)} is not known here.")
    ends = {name: SUPPORTED_UNTIL[name, version] for name, version in running.items()}
    detail = ", ".join(f"{name} {running[name]} until {end}" for name, end in ends.items())
    return Measured(min(ends.values()) >= today(), f"Security updates: {detail}.")


@probe("P-PATCH")
def open_advisories(_tenant_id: UUID) -> Measured:
    """Count the serious advisories of the locked packages that are older than a month."""
    path = settings.BITEWING_ADVISORY_FILE
    if path is None or not path.is_file():
        raise UnmeasurableError("No file of advisories is given: set BITEWING_ADVISORY_FILE to one in the OSV format.")
    packages = advisories.locked((settings.BASE_DIR / "requirements" / "base.txt").read_text())
    serious = [hit for hit in advisories.find(advisories.load(path), packages) if hit.severity in advisories.SERIOUS]
    late = [hit for hit in serious if days_since(hit.published_at) > PATCH_DAYS]
    names = ", ".join(f"{hit.advisory_id} ({hit.package} {hit.version})" for hit in late)
    return Measured(
        len(late),
        f"{len(serious)} serious advisories for {len(packages)} packages; past {PATCH_DAYS} days: {names or 'none'}.",
    )


@probe("P-OPENPORT")
def public_servers(_tenant_id: UUID) -> Measured:
    """Count the databases and queues behind the portal that it reaches at a public address."""
    hosts = [str(row.get("HOST") or "") for row in settings.DATABASES.values()]
    hosts.append(urlsplit(settings.BITEWING_REDIS_URL).hostname or "")
    named = [host for host in hosts if host and not host.startswith("/")]
    public = [host for host in named if _is_public(host)]
    return Measured(
        len(public),
        f"{counted(len(named), 'server', 'servers')} behind the portal, {len(public)} at a public address.",
    )


def _is_public(host: str) -> bool:
    return any(ipaddress.ip_address(row[4][0]).is_global for row in socket.getaddrinfo(host, None))


@probe("P-TENANT-ISO")
def isolation(tenant_id: UUID) -> Measured:
    """Look for rows of others in every table of tenants; on PostgreSQL also past Django, by SQL of its own."""
    models = [
        model for model in apps.get_models() if {"tenant", "tenant_id"} & {field.name for field in model._meta.fields}
    ]
    guarded = [model for model in models if hasattr(model, "objects") and model.__name__ != "Directory"]
    leaking = [model.__name__ for model in guarded if _shows_others(model, tenant_id)]
    if leaking:
        return Measured(value=False, detail=f"Rows of others can be seen: {', '.join(leaking)}.")
    walls = (
        "by Django and by the database"
        if connection.vendor == "postgresql"
        else "by Django (SQLite has no second wall)"
    )
    return Measured(
        value=True,
        detail=f"{len(guarded)} tables, none shows a row of another tenant: held {walls}.",
        verdict=Verdict.PASS,
    )


def _shows_others(model: Any, tenant_id: UUID) -> bool:
    if model.objects.exclude(tenant_id=tenant_id).exists():
        return True
    if connection.vendor != "postgresql":
        return False
    with connection.cursor() as cursor:
        table = connection.ops.quote_name(model._meta.db_table)
        cursor.execute(f"SELECT EXISTS (SELECT 1 FROM {table} WHERE tenant_id <> %s)", [tenant_id])  # noqa: S608  a name of ours
        return bool(cursor.fetchone()[0])


@probe("P-OPS-DISK")
def free_disk(_tenant_id: UUID) -> Measured:
    """Return the free share of the disk."""
    percent = disks.free_percent(Path(settings.BITEWING_DATA_DIR))
    return Measured(percent, f"{percent} % of the disk under the data folder is free.")


@probe("P-OPS-CLOCK")
def kept_clock(_tenant_id: UUID) -> Measured:
    """Say whether the kernel's clock follows a time server: every entry of the access log depends on it."""
    found = clock.is_kept()
    if found is None:
        raise UnmeasurableError("The kernel does not tell whether its clock is kept.")
    return Measured(found, f"The clock of this machine is {'' if found else 'not '}synchronised.")


@probe("P-OPS-MAIL-TLS")
def mail_transport(_tenant_id: UUID) -> Measured:
    """Say whether mail leaves under TLS."""
    if not settings.EMAIL_BACKEND.endswith("smtp.EmailBackend"):
        raise UnmeasurableError("Mail is not sent from here: it is written to a folder.")
    is_safe = bool(settings.EMAIL_USE_TLS or settings.EMAIL_USE_SSL)
    return Measured(is_safe, "Mail is handed over under TLS." if is_safe else "Mail is handed over in plain.")

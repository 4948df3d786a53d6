"""Addresses for operators: liveness, readiness, metrics, how to report a weakness."""

from collections.abc import Callable

from django.conf import settings
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, HttpResponse
from prometheus_client import CONTENT_TYPE_LATEST, Gauge, generate_latest

from common import logs
from config.demo import seed
from outbox import heartbeat
from pacs import selectors as pacs
from vault import services as vault

_FORGOTTEN = Gauge("bitewing_series_forgotten", "Series that arrived half an hour ago or more and are not prepared")

_settled: set[str] = set()


def healthz(_request: HttpRequest) -> HttpResponse:
    """Say that the process is up."""
    return _text("ok")


def readyz(_request: HttpRequest) -> HttpResponse:
    """Say whether the portal can work: 200, or 503 naming what lacks."""
    lacking = [name for name, is_there in _checks().items() if not _holds(name, is_there)]
    return _text("ready") if not lacking else _text(f"lacking: {', '.join(lacking)}", status=503)


def _checks() -> dict[str, Callable[[], bool]]:
    checks = {"migrations": _is_migrated, "keyring and storage": _can_write, "worker": heartbeat.is_alive}
    if settings.BITEWING_DEMO:
        checks["demo cast"] = seed.is_seeded
    return checks


def _holds(name: str, is_there: Callable[[], bool]) -> bool:
    """Ask one check; whatever it raises means no. What cannot be undone is asked once."""
    if name in _settled:
        return True
    try:
        holds = is_there()
    except Exception as error:  # noqa: BLE001  an unready part may fail in any way, and that is the answer
        logs.get("operations").warning("check.failed", error_type=type(error).__name__)
        return False
    if holds and name in {"migrations", "demo cast"}:
        _settled.add(name)
    return holds


def _is_migrated() -> bool:
    executor = MigrationExecutor(connection)
    return not executor.migration_plan(executor.loader.graph.leaf_nodes())


def _can_write() -> bool:
    vault.probe()
    return True


def metrics(request: HttpRequest) -> HttpResponse:
    """Give Prometheus the counters of this process: to this machine only, they name no tenant and no patient."""
    if request.META.get("REMOTE_ADDR") not in {"127.0.0.1", "::1"}:
        return _text("not here", status=404)
    _FORGOTTEN.set(pacs.count_forgotten_series())
    return HttpResponse(generate_latest(), content_type=CONTENT_TYPE_LATEST)


def security_txt(_request: HttpRequest) -> HttpResponse:
    """Say where to report a weakness (RFC 9116)."""
    lines = [
        f"Contact: mailto:security@{settings.ALLOWED_HOSTS[0]}",
        "Expires: 2027-12-31T23:59:59Z",
        "Preferred-Languages: en",
        f"Canonical: {settings.BITEWING_BASE_URL}/.well-known/security.txt",
    ]
    return _text("\n".join(lines))


def _text(body: str, *, status: int = 200) -> HttpResponse:
    return HttpResponse(f"{body}\n", status=status, content_type="text/plain; charset=utf-8")

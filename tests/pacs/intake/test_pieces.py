"""Large files, sent piece by piece."""

import hashlib
from pathlib import Path
from uuid import UUID

import pytest
from pytest_django import DjangoCaptureOnCommitCallbacks

from accounts.models import Tenant
from common.actor import Actor
from common.errors import TooLargeError
from common.scope import tenant_scope
from pacs.errors import PiecesMissingError
from pacs.intake import pieces, sessions
from pacs.models import UploadPiece
from vault import services as vault
from vault.models import Blob

pytestmark = pytest.mark.django_db

FILE = bytes(range(256)) * 40
PRINT = hashlib.sha256(FILE).digest()


@pytest.fixture
def upload(technician: Actor) -> UUID:
    return sessions.begin_upload(actor=technician, digest=PRINT, label="", total_files=1, total_bytes=len(FILE))


def keep(actor: Actor, upload: UUID, *numbers: int) -> None:
    for number in numbers:
        content = FILE[number * 4096 : (number + 1) * 4096]
        pieces.keep(actor=actor, upload_id=upload, fingerprint=PRINT, number=number, blocks=[content[:9], content[9:]])


def read(actor: Actor, upload: UUID, size: int = len(FILE)) -> bytes:
    return b"".join(pieces.read(actor=actor, upload_id=upload, fingerprint=PRINT, size_bytes=size))


def live_pieces(tenant: Tenant) -> int:
    with tenant_scope(tenant.id):
        return int(Blob.objects.filter(state=Blob.State.LIVE).count())


def test_pieces_make_the_file_again_in_whatever_order_they_came(technician: Actor, upload: UUID) -> None:
    keep(technician, upload, 2, 0, 1)

    assert read(technician, upload) == FILE


def test_what_has_arrived_is_known(technician: Actor, upload: UUID) -> None:
    keep(technician, upload, 2, 0)

    assert pieces.list_numbers(actor=technician, upload_id=upload, fingerprint=PRINT) == [0, 2]


@pytest.mark.parametrize(("numbers", "size"), [((0, 2), len(FILE)), ((0, 1), len(FILE)), ((0, 1, 2), 7), ((), 1)])
def test_a_file_that_lacks_a_piece_is_not_made(
    technician: Actor, upload: UUID, numbers: tuple[int, ...], size: int
) -> None:
    keep(technician, upload, *numbers)
    with pytest.raises(PiecesMissingError):
        read(technician, upload, size)


def test_the_same_piece_twice_is_kept_once(
    tenant: Tenant,
    technician: Actor,
    upload: UUID,
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        keep(technician, upload, 0, 0)

    assert live_pieces(tenant) == 1


def test_a_piece_has_a_limit_and_leaves_nothing_behind(
    tenant: Tenant, technician: Actor, upload: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pieces, "MAX_PIECE", 100)
    with pytest.raises(TooLargeError):
        keep(technician, upload, 0)
    assert live_pieces(tenant) == 0


def test_what_cannot_be_committed_is_discarded(
    technician: Actor, upload: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    discarded: list[object] = []
    monkeypatch.setattr(vault, "discard", discarded.extend)
    monkeypatch.setattr(pieces, "_commit", lambda *_: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        keep(technician, upload, 0)
    assert len(discarded) == 1


@pytest.mark.req("CARD-02")
def test_pieces_do_not_lie_in_clear(technician: Actor, upload: UUID, settings: object) -> None:

    keep(technician, upload, 0)
    folder = Path(settings.BITEWING_DATA_DIR)  # type: ignore[attr-defined]  # the fixture of pytest-django
    stored = b"".join(path.read_bytes() for path in folder.rglob("o/*/*") if path.is_file())
    assert FILE[:64] not in stored


@pytest.mark.parametrize("end", ["forget", "discard", "purge"])
def test_pieces_go_when_the_file_or_the_upload_does(
    tenant: Tenant,
    technician: Actor,
    upload: UUID,
    end: str,
    monkeypatch: pytest.MonkeyPatch,
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    keep(technician, upload, 0, 1)
    monkeypatch.setattr(sessions, "KEPT", -sessions.KEPT)
    ways = {
        "forget": lambda: pieces.forget(actor=technician, upload_id=upload, fingerprint=PRINT),
        "discard": lambda: sessions.discard_upload(actor=technician, upload_id=upload),
        "purge": sessions.purge,
    }
    with django_capture_on_commit_callbacks(execute=True):
        ways[end]()

    assert live_pieces(tenant) == 0
    with tenant_scope(tenant.id):
        assert not UploadPiece.objects.exists()

"""What the page of the packs shows."""

from dataclasses import dataclass

from accounts import access
from common.actor import Actor
from compliance.packs import integrity, library, migration, selectors
from compliance.packs.content import Item, Pack
from compliance.packs.migration import Change


@dataclass(frozen=True, slots=True)
class PackLine:
    """A pack: the version that is on (None: off), the newest one, and what lies between them."""

    id: str
    title: str
    jurisdiction: str
    status: str
    notice: str
    sources: tuple[str, ...]
    licence: str
    version: int | None
    newest: int
    changes: tuple[Change, ...]
    item_count: int
    question_count: int
    proposed: tuple[Item, ...]
    is_used: bool


@dataclass(frozen=True, slots=True)
class PacksPage:
    packs: tuple[PackLine, ...]
    unreached: tuple[Item, ...]
    can_write: bool


def build(*, actor: Actor) -> PacksPage:
    """Return the packs on the shelf (inside the open scope)."""
    active = dict(selectors.active_choice())
    used = {other for pack_id, version in active.items() for other in library.load(pack_id, version).uses}
    lines = tuple(_line(pack_id, newest, active, used) for pack_id, newest in library.latest().items())
    return PacksPage(
        packs=lines,
        unreached=tuple(integrity.unreached(selectors.active())),
        can_write=access.allows(actor, "compliance.write"),
    )


def _line(pack_id: str, newest: int, active: dict[str, int], used: set[str]) -> PackLine:
    version = active.get(pack_id)
    pack: Pack = library.load(pack_id, version or newest)
    is_old = version is not None and version < newest
    return PackLine(
        id=pack_id,
        title=pack.title,
        jurisdiction=pack.jurisdiction,
        status=pack.status.value,
        notice=pack.notice,
        sources=pack.sources,
        licence=pack.licence,
        version=version,
        newest=newest,
        changes=migration.changes(pack, library.load(pack_id, newest)) if is_old else (),
        item_count=len(pack.items),
        question_count=len(pack.questions),
        proposed=pack.items if pack.is_proposed and version else (),
        is_used=pack_id in used,
    )

"""A gateway from its command line."""

import argparse
import fcntl
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from pacs.dimse.gateway import forwarding, spool
from pacs.dimse.gateway.desk import GatewayDesk
from pacs.dimse.gateway.errors import GatewayTermsError
from pacs.dimse.gateway.forwarding import Forwarder
from pacs.dimse.gateway.portal import PortalEnd
from pacs.dimse.gateway.spool import Spool
from pacs.dimse.serving import Desk

STOP_S = 5.0


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of a gateway."""
    group = parser.add_argument_group("gateway of a practice")
    group.add_argument("--forward", default="", help="DICOMweb root of the portal: https://example.org/dicom-web")
    group.add_argument("--token", default="", help="token with the scope dicomweb.write, or @FILE that holds it")
    group.add_argument("--forward-authorities", type=Path, help="PEM file of who vouches for the portal")
    group.add_argument("--spool", type=Path, default=Path("spool"), help="folder of what was not sent yet")
    group.add_argument("--spool-key", type=Path, help="file of its key, made on first use; not inside the spool")
    group.add_argument("--ae-title", default="BITEWING", help="name under which devices call the gateway")
    group.add_argument("--allow-ae", action="append", default=[], help="AE title of a device that may send; repeat")
    group.add_argument("--status", action="store_true", help="show the queue of the spool, and end")


@contextmanager
def opened(options: dict[str, Any]) -> Iterator[Callable[[], Desk]]:
    """Open the spool and forward what is in it until the block ends; yields who serves associations."""
    if not options["allow_ae"]:
        raise GatewayTermsError("Name the devices that may send with --allow-ae.")
    portal = PortalEnd(options["forward"], _token(options["token"]), options["forward_authorities"])
    folder: Path = options["spool"]
    key_file: Path = options["spool_key"] or folder.with_name(f"{folder.name}.key")
    if folder.resolve() in key_file.resolve().parents:
        raise GatewayTermsError("The key file must not lie inside the spool: who takes one has both.")
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    with _alone(folder):
        queue = Spool(folder, spool.read_key(key_file))
        forwarder = Forwarder(queue, portal)
        thread = forwarder.start()
        allowed = frozenset(title.strip() for title in options["allow_ae"])
        try:
            yield lambda: GatewayDesk(queue, options["ae_title"].strip(), allowed, forwarder.wake)
        finally:
            forwarder.stop()
            thread.join(STOP_S)


def _token(text: str) -> str:
    """Return the token; read from a file it does not show in the list of processes."""
    if not text.startswith("@"):
        return text
    try:
        return Path(text[1:]).read_text(encoding="ascii").strip()
    except (OSError, UnicodeDecodeError):
        raise GatewayTermsError("The file of --token cannot be read.") from None


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Hold the spool for this process; a second one would send everything twice."""
    with (folder / ".lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise GatewayTermsError("Another gateway has this spool.") from None
        yield


def describe(folder: Path) -> str:
    """Return how a spool stands, for people: without its key, and while a gateway runs."""
    if not folder.is_dir():
        raise GatewayTermsError("There is no spool at this path.")
    waiting = sorted(folder.glob("*.obj"))
    refused = len(list((folder / "refused").glob("*.obj")))
    known = forwarding.status_of(folder)
    size = sum(path.stat().st_size for path in waiting)
    lines = [f"waiting: {len(waiting)} objects, {size // 1_000_000} MB", f"refused: {refused} objects"]
    if known.get("sent_at"):
        lines.append(f"last sent: {known['sent_at']}")
    if known.get("problem"):
        lines.append(f"problem: {known['problem']} (at {known['at']})")
    return "\n".join(lines)

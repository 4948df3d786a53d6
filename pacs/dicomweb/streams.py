"""Answers that are made while they are sent: watched for revocation, never begun with an error."""

import itertools
import time
from collections.abc import Iterable, Iterator

from django.http import StreamingHttpResponse

from common import logs
from common.actor import Actor

# Less than the five seconds within which a revocation must take effect.
RECHECK_S = 2.0
BLOCK = 1 << 20

_log = logs.get("dicomweb")


def watched(blocks: Iterable[bytes], actor: Actor) -> Iterator[bytes]:
    """Yield blocks for as long as the actor's credential holds.

    The answer then ends early: shorter than its Content-Length, without its last boundary or directory.
    """
    checked = time.monotonic()
    for block in blocks:
        if time.monotonic() - checked > RECHECK_S:
            if not actor.recheck():
                _log.info("download.stopped", tenant_id=str(actor.tenant_id), actor_id=str(actor.id))
                return
            checked = time.monotonic()
        yield block


def stream(
    blocks: Iterable[bytes], *, actor: Actor, content_type: str, size: int | None = None
) -> StreamingHttpResponse:
    """Return an answer that is sent block by block.

    The first block is made at once: what cannot be read (a missing object, a destroyed key) is then still answered by
    its status, not by a body that breaks off.

    Parameters
    ----------
    size
        Of the whole body in bytes, where it is known.
    """
    source = iter(blocks)
    first = list(itertools.islice(source, 1))
    response = StreamingHttpResponse(watched(itertools.chain(first, source), actor), content_type=content_type)
    if size is not None:
        response["Content-Length"] = str(size)
    return response

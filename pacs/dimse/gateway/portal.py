"""The other end of a gateway: the portal's STOW-RS (PS3.18 10.5), and what its answers mean for the queue."""

import http.client
import json
import re
import secrets
import ssl
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

from pacs.dicom.dictionary import tag_of
from pacs.dimse.gateway.errors import GatewayTermsError
from pacs.dimse.gateway.spool import Entry, Spool, plain_size

TIMEOUT_S: Final = 120.0
_MAX_ANSWER: Final = 16 << 20
_PART: Final = re.compile(r"part (\d+)(?:: (.*))?", re.DOTALL)
# Of the store, not of the object: it is sent again (PS3.4 table B.2-1).
_OUT_OF_RESOURCES: Final = 0xA700
_LOOPBACK: Final = frozenset({"127.0.0.1", "::1", "localhost"})


class Answer(StrEnum):
    """What became of an object, or why a request did not get so far."""

    STORED = "stored"
    REFUSED = "refused"
    AGAIN = "again"
    # The token does not let anything in: everything waits until somebody mends that.
    NO_ENTRY = "no-entry"
    # The request as a whole is not understood: its objects are sent one by one.
    ALONE = "alone"


@dataclass(frozen=True, slots=True)
class Verdict:
    """The answer for one object, with the portal's words where it was refused."""

    answer: Answer
    reason: str = ""


@dataclass(slots=True)
class PortalEnd:
    """Sends objects to one address with one token.

    Parameters
    ----------
    url
        Of the DICOMweb root, as in ``https://images.example.org/dicom-web``.
    authorities
        PEM file of who vouches for the portal, where the system's own do not.
    """

    url: str
    token: str = field(repr=False)
    authorities: Path | None = None

    def __post_init__(self) -> None:
        parts = urlsplit(self.url)
        is_safe = parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in _LOOPBACK)
        if not is_safe or not parts.hostname or parts.query or parts.username:
            raise GatewayTermsError("--forward is an address like https://images.example.org/dicom-web.")
        if not self.token.strip():
            raise GatewayTermsError("--token is missing: make one with the scope dicomweb.write.")

    def send(self, spool: Spool, entries: Sequence[Entry]) -> list[Verdict]:
        """Send objects in one request, and return what became of each.

        Raises
        ------
        OSError, http.client.HTTPException
            When the line fails; nothing is known then, and everything is sent again.
        """
        boundary = f"bitewing{secrets.token_hex(16)}"
        heads = [_head(boundary, number) for number in range(len(entries))]
        tail = f"\r\n--{boundary}--\r\n".encode()
        length = sum(map(len, heads)) + sum(plain_size(entry.size_bytes) for entry in entries) + len(tail)
        status, body = self._post(
            {
                "Authorization": f"Bearer {self.token.strip()}",
                "Content-Type": f'multipart/related; type="application/dicom"; boundary={boundary}',
                "Content-Length": str(length),
                "Accept": "application/dicom+json",
            },
            lambda: _body(spool, entries, heads, tail),
        )
        return judge(status, body, len(entries))

    def _post(self, headers: dict[str, str], blocks: Callable[[], Iterator[bytes]]) -> tuple[int, bytes]:
        parts = urlsplit(self.url)
        assert parts.hostname is not None
        connection: http.client.HTTPConnection
        if parts.scheme == "https":
            context = ssl.create_default_context(cafile=self.authorities)
            connection = http.client.HTTPSConnection(parts.hostname, parts.port, timeout=TIMEOUT_S, context=context)
        else:
            connection = http.client.HTTPConnection(parts.hostname, parts.port, timeout=TIMEOUT_S)
        try:
            connection.request("POST", f"{parts.path.rstrip('/')}/studies", body=blocks(), headers=headers)
            response = connection.getresponse()
            return response.status, response.read(_MAX_ANSWER)
        finally:
            connection.close()


def _head(boundary: str, number: int) -> bytes:
    return f"{'' if not number else chr(13) + chr(10)}--{boundary}\r\nContent-Type: application/dicom\r\n\r\n".encode()


def _body(spool: Spool, entries: Sequence[Entry], heads: Sequence[bytes], tail: bytes) -> Iterator[bytes]:
    for head, entry in zip(heads, entries, strict=True):
        yield head
        yield from spool.read(entry)
    yield tail


def judge(status: int, body: bytes, count: int) -> list[Verdict]:
    """Return what an answer says of each object (PS3.18 10.5.3, and the part numbers that the portal adds).

    Parameters
    ----------
    status
        200 all stored, if it names as many, 202 some, 409 none; others are about the request.
    count
        Of objects that were sent.
    """
    if status == 200:
        # What answers at a wrong address says 200 as well, and names nothing.
        return [Verdict(Answer.STORED if _names(body, count) else Answer.AGAIN)] * count
    if status in {202, 409}:
        return _each(body, count)
    if status in {401, 403}:
        return [Verdict(Answer.NO_ENTRY)] * count
    if status in {400, 413, 415}:
        alone = Answer.ALONE if count > 1 else Answer.REFUSED
        return [Verdict(alone, f"The portal answered {status}.")] * count
    return [Verdict(Answer.AGAIN)] * count


def _names(body: bytes, count: int) -> bool:
    try:
        return len(json.loads(body)[tag_of("ReferencedSOPSequence")]["Value"]) == count
    except (ValueError, LookupError, TypeError):
        return False


def _each(body: bytes, count: int) -> list[Verdict]:
    try:
        answer = json.loads(body)
        failed = {
            number: verdict
            for keyword in ("FailedSOPSequence", "OtherFailuresSequence")
            for number, verdict in map(_failure, answer.get(tag_of(keyword), {}).get("Value", []))
        }
    except (ValueError, AttributeError, TypeError):
        return [Verdict(Answer.ALONE if count > 1 else Answer.AGAIN)] * count
    if not failed or None in failed:
        # Whose verdict is whose cannot be told: one by one it can.
        return [Verdict(Answer.ALONE if count > 1 else Answer.REFUSED, "The portal refused it.")] * count
    return [failed.get(number, Verdict(Answer.STORED)) for number in range(1, count + 1)]


def _failure(item: dict[str, Any]) -> tuple[int | None, Verdict]:
    comment = str((item.get(tag_of("ErrorComment"), {}).get("Value") or [""])[0])
    reason = (item.get(tag_of("FailureReason"), {}).get("Value") or [0])[0]
    found = _PART.fullmatch(comment)
    number = int(found[1]) if found else None
    if reason == _OUT_OF_RESOURCES:
        return number, Verdict(Answer.AGAIN)
    return number, Verdict(Answer.REFUSED, (found[2] if found else "") or f"Failure reason {reason:04X}H.")

"""Requests and answers of the services, as a client writes and reads them."""

from typing import Any

from django.http.response import HttpResponseBase
from django.test import Client

from pacs.models import Study

BOUNDARY = "a-boundary"
CONTENT_TYPE = f'multipart/related; type="application/dicom"; boundary={BOUNDARY}'


def stow_body(*files: bytes) -> bytes:
    """Write files as the parts of a request."""
    head = f"--{BOUNDARY}\r\nContent-Type: application/dicom\r\n\r\n".encode()
    return b"".join(head + file + b"\r\n" for file in files) + f"--{BOUNDARY}--\r\n".encode()


def stow(client: Client, *files: bytes, study: str = "") -> Any:
    """Store files."""
    address = f"/dicom-web/studies/{study}" if study else "/dicom-web/studies"
    return client.post(address, stow_body(*files), content_type=CONTENT_TYPE)


def content_of(response: HttpResponseBase) -> bytes:
    """Read the whole of an answer."""
    return b"".join(response) if response.streaming else response.content  # type: ignore[attr-defined]


def parts_of(response: HttpResponseBase) -> list[tuple[dict[str, str], bytes]]:
    """Read the parts of an answer: headers in lower case, and content."""
    boundary = response["Content-Type"].rpartition("boundary=")[2].encode()
    body = b"\r\n" + content_of(response)
    assert body.endswith(b"\r\n--" + boundary + b"--\r\n")
    return [_part(piece) for piece in body.split(b"\r\n--" + boundary)[1:-1]]


def _part(piece: bytes) -> tuple[dict[str, str], bytes]:
    head, _, content = piece.partition(b"\r\n\r\n")
    lines = [line.partition(":") for line in head.decode().split("\r\n") if line]
    return {name.lower(): value.strip() for name, _, value in lines}, content


def address(study: Study, *rest: str) -> str:
    """Return the address of a study, or of something below it."""
    return "/".join([f"/dicom-web/studies/{study.study_instance_uid}", *rest])

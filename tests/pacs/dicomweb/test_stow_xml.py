"""STOW-RS of metadata as the Native DICOM Model with bulk data (PS3.18 10.5.2)."""

import io
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, cast
from xml.etree.ElementTree import Element  # noqa: TID251  the type of what defusedxml gives

import pytest
from defusedxml.ElementTree import fromstring
from django.test import Client
from imagecodecs import jpegls_encode
from pydicom import dcmread

from accounts.models import Tenant
from common.scope import tenant_scope
from pacs.dicom.codecs import to_little_endian
from pacs.dicom.errors import ScanError
from pacs.dicom.json_model import tag_of
from pacs.dicom.limits import Limits
from pacs.dicom.phantom import make_uid
from pacs.dicom.pixel_format import PixelFormat
from pacs.dicom.scan import Scan
from pacs.dicom.transfer_syntaxes import EXPLICIT_VR_BIG_ENDIAN, TRANSFER_SYNTAXES
from pacs.dicom.xml_model import write_xml
from pacs.dicomweb import accept, assembling, described
from pacs.dicomweb.multipart import Part
from pacs.intake import Batch, Status, Verdict
from pacs.models import Instance, Study
from tests.factories.studies import make_dicom
from tests.pacs.dicom import oracle
from tests.pacs.dicom.encoded import scan
from tests.pacs.dicomweb.images import JPEG_LS
from tests.pacs.dicomweb.requests import BOUNDARY
from tests.pacs.dicomweb.test_stow_metadata import metadata_of, stored_file

pytestmark = [pytest.mark.django_db, pytest.mark.req("BR-13")]

CONTENT_TYPE = f'multipart/related; type="application/dicom+xml"; boundary={BOUNDARY}'
XML, OCTETS = "application/dicom+xml", "application/octet-stream"
Sent = tuple[str, str, bytes]


def document(metadata: dict[str, Any]) -> Sent:
    return "", XML, write_xml(metadata)


def stow(client: Client, *parts: Sent, **more: Any) -> Any:
    """Send parts as (address, media type, content)."""
    return client.post("/dicom-web/studies", body_of(*parts), content_type=CONTENT_TYPE, **more)


def body_of(*parts: Sent) -> bytes:
    written = []
    for uri, media_type, content in parts:
        location = f"Content-Location: {uri}\r\n" if uri else ""
        written.append(f"--{BOUNDARY}\r\nContent-Type: {media_type}\r\n{location}\r\n".encode() + content + b"\r\n")
    return b"".join(written) + f"--{BOUNDARY}--\r\n".encode()


def dcmread_of(file: bytes) -> Any:
    return dcmread(io.BytesIO(file))


def test_an_object_is_put_together_again(web: Client, tenant: Tenant) -> None:
    file = make_dicom("s", 1, PatientName="Yamada^Tarou=山田^太郎", SpecificCharacterSet="ISO_IR 192")
    metadata, pixels = metadata_of(file)
    assert stow(web, document(metadata), ("pixels", OCTETS, pixels)).status_code == 200
    original, stored = dcmread_of(file), stored_file(web, tenant)
    assert stored.PixelData == original.PixelData
    assert {one.tag: one.value for one in stored} == {one.tag: one.value for one in original}


def test_each_instance_has_a_document_before_or_between_the_bulk_data(web: Client, tenant: Tenant) -> None:
    (one, first), (two, second), (three, third) = (
        metadata_of(make_dicom("s", number), f"pixels/{number}") for number in (1, 2, 3)
    )
    response = stow(
        web,
        *(document(one), document(two), ("pixels/2", OCTETS, second), ("pixels/1", OCTETS, first)),
        *(document(three), ("pixels/3", OCTETS, third)),
    )
    assert response.status_code == 200
    stored = [item["00081155"]["Value"][0] for item in response.json()["00081199"]["Value"]]
    assert stored == [make_uid("s", "instance", number) for number in (1, 2, 3)]
    with tenant_scope(tenant.id):
        assert Study.objects.get().number_of_instances == 3


def test_compressed_frames_come_in_a_part_each(web: Client, tenant: Tenant) -> None:
    pixels = [dcmread_of(make_dicom("s", 1)).pixel_array + number for number in range(3)]
    metadata, _ = metadata_of(make_dicom("s", 1, NumberOfFrames=1, SOPClassUID="1.2.840.10008.5.1.4.1.1.7"))
    metadata["00280008"] = {"vr": "IS", "Value": [len(pixels)]}
    frames = [("pixels", "image/jls", bytes(jpegls_encode(one))) for one in pixels]
    assert stow(web, document(metadata), *frames).status_code == 200
    stored = stored_file(web, tenant)
    assert (stored.file_meta.TransferSyntaxUID, stored.NumberOfFrames) == (JPEG_LS, 3)


def find(root: Element, tag: str) -> Element:
    return next(one for one in root.iter() if one.get("tag") == tag)


def test_the_answer_is_xml_for_those_who_ask(web: Client) -> None:
    one, pixels = metadata_of(make_dicom("s", 1), "one")
    other, _ = metadata_of(make_dicom("s", 2), "other")
    response = stow(web, document(one), document(other), ("one", OCTETS, pixels), headers={"Accept": XML})
    assert (response.status_code, response["Content-Type"]) == (202, XML)
    root = fromstring(response.content)
    (failed,) = find(root, tag_of("FailedSOPSequence"))
    assert find(failed, tag_of("FailureReason"))[0].text == str(0xC000)
    assert find(failed, tag_of("ReferencedSOPInstanceUID"))[0].text == make_uid("s", "instance", 2)
    (stored,) = find(root, tag_of("ReferencedSOPSequence"))
    assert find(stored, tag_of("ReferencedSOPInstanceUID"))[0].text == make_uid("s", "instance", 1)


@pytest.mark.parametrize("value", ['<Value number="1">many</Value>', '<Value number="1">70000</Value>'])
def test_an_instance_with_a_value_that_cannot_be_written_is_refused(web: Client, value: str) -> None:
    metadata, pixels = metadata_of(make_dicom("s", 1))
    text = write_xml(metadata).replace(b'tag="00280010" vr="US" keyword="Rows"><Value number="1">16</Value>', b"%s")
    changed = text.replace(b"%s", f'tag="00280010" vr="US">{value}'.encode())
    response = stow(web, ("", XML, changed), ("pixels", OCTETS, pixels))
    (failure,) = response.json()["00081198"]["Value"]
    assert (response.status_code, failure["00081197"]["Value"]) == (409, [0xC000])


EMPTY = write_xml({})
LAUGHS = b'<!DOCTYPE a [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;">]><NativeDicomModel>&b;</NativeDicomModel>'


@pytest.mark.parametrize(
    ("parts", "told"),
    [
        ([], "must be the metadata"),
        ([("pixels", OCTETS, b"x")], "must be the metadata"),
        ([("", "application/dicom+json", b"[{}]")], "must be the metadata"),
        ([("pixels", XML, EMPTY)], "must be the metadata"),
        ([("", XML, b"<html/>")], "Part 1: the document has an element where"),
        ([("", XML, EMPTY), ("", XML, LAUGHS)], "Part 2: the document has a document type"),
        ([("", XML, b"{}")], "Part 1: the document is not well-formed in line 1"),
        ([("", XML, EMPTY), ("pixels", OCTETS, b"x")], "of no value that the metadata names"),
    ],
)
def test_a_body_that_is_no_metadata_is_a_problem_and_stores_nothing(
    web: Client, tenant: Tenant, parts: list[Sent], told: str
) -> None:
    response = stow(web, *parts)
    assert (response.status_code, response.json()["type"]) == (400, "urn:bitewing:malformed-body")
    assert told in response.json()["detail"]
    with tenant_scope(tenant.id):
        assert not Instance.objects.exists()


def test_what_documents_have_together_is_bounded(web: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    metadata, _ = metadata_of(make_dicom("s", 1))
    monkeypatch.setattr(described, "MAX_METADATA_BYTES", len(write_xml(metadata)) + 10)
    response = stow(web, document(metadata), document(metadata))
    assert (response.status_code, response.json()["type"]) == (413, "urn:bitewing:too-large")


def test_documents_with_too_many_elements_are_refused(web: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(described, "XML_LIMITS", Limits(items=100))
    many = write_xml({"00081140": {"vr": "SQ", "Value": [{}] * 60}})
    response = stow(web, ("", XML, many), ("", XML, many))
    assert (response.status_code, response.json()["type"]) == (413, "urn:bitewing:limit-exceeded")


# --- every object of others -------------------------------------------------------------------------------------------


class Kept:
    """Takes the place of a batch, and keeps the objects."""

    def __init__(self) -> None:
        self.files: list[bytes] = []

    def add(self, blocks: Iterable[bytes]) -> Verdict:
        self.files.append(b"".join(blocks))
        return Verdict(Status.STORED)


def values_of(file: bytes, found: Scan) -> Iterator[Sent]:
    """Yield the values that the metadata refers to, as WADO-RS gives them: little endian, each frame by itself."""
    syntax = TRANSFER_SYNTAXES[found.head.transfer_syntax_uid]
    plain = oracle.inflated(file) if syntax.is_deflated else file
    for value in found.head.bulk:
        yield f"bulkdata/{value.path}", OCTETS, plain[value.offset : value.offset + value.length]
    if found.pixel is None:
        return
    media_type = f"{OCTETS}; transfer-syntax={syntax.uid if syntax.is_encapsulated else '1.2.840.10008.1.2.1'}"
    uri = f"bulkdata/{found.pixel.tag:08X}"
    if found.pixel.length is None:
        for number in range(1, found.pixel.number_of_frames + 1):
            pieces = found.pixel.index.segments(number)
            yield uri, media_type, b"".join(plain[begin : begin + size] for begin, size in pieces)
        return
    bits = found.pixel.number_of_frames * found.pixel.index.frame_bits
    pixels = plain[found.pixel.offset : found.pixel.offset + (bits + 15) // 16 * 2]
    if syntax.uid == EXPLICIT_VR_BIG_ENDIAN:
        pixels = to_little_endian(pixels, PixelFormat.of(found.head.json), found.pixel.vr)
    yield uri, media_type, pixels


def put_together(metadata: dict[str, Any], values: list[Sent]) -> bytes:
    """Store what an object was taken apart into."""
    parts = [document(metadata), *values]
    batch = Kept()
    sent = (
        Part(number, {"content-type": media} | ({"content-location": uri} if uri else {}), iter([content]))
        for number, (uri, media, content) in enumerate(parts, start=1)
    )
    (verdict,) = assembling.store_parts(cast("Batch", batch), sent, of=accept.XML)
    assert verdict.is_stored, verdict.message
    return batch.files[0]


def kept_of(file: bytes) -> dict[str, Any]:
    """Give what pydicom reads up to the pixels: what follows them, padding or a signature, is not stored."""
    return {key: without_empty_components(value) for key, value in oracle.model_of(file).items() if key < "7FE00008"}


def without_empty_components(attribute: dict[str, Any]) -> dict[str, Any]:
    """Drop what ends a name without a meaning (PS3.5 6.2.1), for which the model has no place."""
    if attribute["vr"] != "PN":
        return attribute
    names = [{group: text.rstrip("^") for group, text in name.items()} for name in attribute["Value"] if name]
    return {"vr": "PN", "Value": [name for name in names if any(name.values())]}


def same(before: Iterable[Sent], after: Iterable[Sent]) -> bool:
    return [(uri, value) for uri, _, value in before] == [(uri, value) for uri, _, value in after]


def test_every_object_of_others_comes_back_the_same_data_set(data_folder: Path) -> None:
    different, count = [], 0
    for path in oracle.files_of(data_folder / "dicom/codecs"):
        file = path.read_bytes()
        try:
            found = scan(file)
        except ScanError:
            continue
        if path.name in oracle.DIFFERENT:
            continue
        values = list(values_of(file, found))
        again = put_together(found.head.json, values)
        if kept_of(file) != kept_of(again) or not same(values, values_of(again, scan(again))):
            different.append(path.name)
        count += 1
    assert different == []
    assert count > 100

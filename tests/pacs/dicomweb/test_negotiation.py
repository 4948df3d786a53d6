"""Accept negotiation: every resource with every media type of PS3.18 8.7, wildcards, qualities, the query parameter."""

import pytest
from django.test import Client

from accounts.models import Tenant
from pacs.dicom.phantom import make_uid
from tests.factories.studies import make_dicom, make_files, make_study, store
from tests.pacs.dicomweb.images import OF_IMAGES
from tests.pacs.dicomweb.requests import CONTENT_TYPE, address, content_of, stow_body

pytestmark = [pytest.mark.django_db, pytest.mark.req("BR-13")]

LITTLE = "1.2.840.10008.1.2.1"
SERIES, SOP = make_uid("s", "series"), make_uid("s", "instance", 1)
STUDY = f"/dicom-web/studies/{make_uid('s', 'study')}"
ONE = f"{STUDY}/series/{SERIES}/instances/{SOP}"
DOCUMENT = f"{STUDY}/series/{make_uid('pdf', 'series')}/instances/{make_uid('pdf', 'instance', 1)}"


def in_parts(media_type: str) -> str:
    return f'multipart/related; type="{media_type}"'


DICOM, OCTETS, JSON, XML = (
    "application/dicom",
    "application/octet-stream",
    "application/dicom+json",
    in_parts("application/dicom+xml"),
)
JPEG, GIF, PNG, JLS, JPHC = "image/jpeg", "image/gif", "image/png", "image/jls", "image/jphc"
PICTURES = {JPEG: JPEG, GIF: GIF, PNG: PNG, "image/*": JPEG}
FRAMES = {OCTETS: OCTETS, JLS: JLS, JPHC: JPHC, "image/*": JLS}
SEARCHED = {
    JSON: JSON,
    "application/json": "application/json",
    XML: XML,
    "multipart/related": XML,
    "multipart/*": XML,
    "application/*": JSON,
    "*/*": JSON,
}
NATIVE = {**{in_parts(wanted): in_parts(given) for wanted, given in FRAMES.items()}, "*/*": in_parts(OCTETS)}
BULK = {in_parts(OCTETS): in_parts(OCTETS), "multipart/*": in_parts(OCTETS), "*/*": in_parts(OCTETS)}
MANY = {in_parts(DICOM): in_parts(DICOM), "multipart/*": in_parts(DICOM), "*/*": in_parts(DICOM)}
MANY_PICTURES = {**{in_parts(wanted): in_parts(given) for wanted, given in PICTURES.items()}, "*/*": in_parts(JPEG)}
# What each resource gives for each range that it knows; all other ranges of the table are refused.
RESOURCES: dict[str, dict[str, str]] = {
    "/dicom-web/studies": SEARCHED,
    "/dicom-web/series": SEARCHED,
    "/dicom-web/instances": SEARCHED,
    f"{STUDY}/series": SEARCHED,
    f"{STUDY}/instances": SEARCHED,
    f"{STUDY}/series/{SERIES}/instances": SEARCHED,
    f"{STUDY}/metadata": SEARCHED,
    f"{STUDY}/series/{SERIES}/metadata": SEARCHED,
    f"{ONE}/metadata": SEARCHED,
    STUDY: {**MANY, "application/zip": "application/zip", "application/*": "application/zip"},
    f"{STUDY}/series/{SERIES}": MANY,
    ONE: {**MANY, DICOM: DICOM, "application/*": DICOM},
    f"{ONE}/frames/1": {**NATIVE, **FRAMES, "application/*": OCTETS, "multipart/*": in_parts(OCTETS)},
    f"{ONE}/frames/1,1": {**NATIVE, "multipart/*": in_parts(OCTETS)},
    f"{ONE}/bulkdata/7FE00010": {**BULK, OCTETS: OCTETS, "application/*": OCTETS},
    f"{ONE}/bulkdata": BULK,
    f"{STUDY}/series/{SERIES}/bulkdata": BULK,
    f"{STUDY}/bulkdata": BULK,
    f"{DOCUMENT}/bulkdata/00420011": {
        **BULK,
        "application/pdf": "application/pdf",
        OCTETS: OCTETS,
        "application/*": "application/pdf",
        "*/*": "application/pdf",
    },
    f"{ONE}/rendered": {**MANY_PICTURES, **PICTURES, "multipart/*": in_parts(JPEG), "*/*": JPEG},
    f"{ONE}/frames/1/rendered": {**MANY_PICTURES, **PICTURES, "multipart/*": in_parts(JPEG), "*/*": JPEG},
    f"{DOCUMENT}/rendered": {
        "application/pdf": "application/pdf",
        "application/*": "application/pdf",
        "*/*": "application/pdf",
    },
    f"{STUDY}/series/{SERIES}/rendered": {**MANY_PICTURES, "multipart/*": in_parts(JPEG)},
    f"{STUDY}/thumbnail": {JPEG: JPEG, "image/*": JPEG, "*/*": JPEG},
    f"{STUDY}/series/{SERIES}/thumbnail": {JPEG: JPEG, "image/*": JPEG, "*/*": JPEG},
    f"{ONE}/thumbnail": {JPEG: JPEG, "image/*": JPEG, "*/*": JPEG},
    f"{ONE}/frames/1/thumbnail": {JPEG: JPEG, "image/*": JPEG, "*/*": JPEG},
}
# `multipart/related` alone means what the resource has first in parts.
for given in RESOURCES.values():
    if "multipart/*" in given:
        given["multipart/related"] = given["multipart/*"]
# The media types of PS3.18 tables 8.7.3-1 to 8.7.4-1, alone and in parts, and ranges of them.
TYPES = (
    *(DICOM, OCTETS, JSON, "application/json", "application/dicom+xml", "application/zip", "application/pdf"),
    *(JPEG, GIF, PNG, "image/jp2", "image/jpx", JLS, JPHC, "image/jxl", "image/dicom-rle"),
    *("video/mpeg", "video/mp4", "video/H265", "text/html", "text/plain", "text/xml", "text/rtf"),
    *("model/stl", "model/obj", "application/x-unknown"),
)
RANGES = ("*/*", "application/*", "image/*", "video/*", "text/*", "multipart/*", "multipart/related")
TABLE = (*RANGES, *TYPES, *map(in_parts, (*TYPES, "image/*")))


@pytest.fixture
def study(tenant: Tenant) -> None:
    """Store a series of images, and a document."""
    document = make_dicom(
        "s",
        9,
        **dict.fromkeys(OF_IMAGES.split()),
        SOPClassUID="1.2.840.10008.5.1.4.1.1.104.1",
        Modality="DOC",
        SeriesInstanceUID=make_uid("pdf", "series"),
        SOPInstanceUID=make_uid("pdf", "instance", 1),
        MIMETypeOfEncapsulatedDocument="application/pdf",
        EncapsulatedDocument=b"%PDF-1.7 " + b"x" * 5001,
    )
    verdicts = store(tenant.id, [*make_files("s", 2), document])
    assert all(verdict.is_stored for verdict in verdicts)


def given_by(web: Client, path: str, wanted: str) -> str:
    """Return the media type that is given, with the type of its parts, or the status of a refusal."""
    response = web.get(path, headers={"Accept": wanted})
    content_of(response)
    if response.status_code != 200:
        return str(response.status_code)
    media_type, *rest = response["Content-Type"].split("; ")
    kind = next((word for word in rest if word.startswith("type=")), "")
    return f"{media_type}; {kind}" if kind else media_type


@pytest.mark.usefixtures("study")
@pytest.mark.parametrize("path", RESOURCES)
def test_every_media_type_is_given_or_refused(web: Client, path: str) -> None:
    known = RESOURCES[path]
    found = {wanted: given_by(web, path, wanted) for wanted in TABLE}
    assert found == {wanted: known.get(wanted, "406") for wanted in TABLE}


@pytest.mark.usefixtures("study")
@pytest.mark.parametrize(
    ("path", "wanted", "given"),
    [
        (f"{ONE}/rendered", "image/png, image/jpeg;q=0.9", PNG),
        (f"{ONE}/rendered", "image/png;q=0.2, image/jpeg;q=0.9", JPEG),
        (f"{ONE}/rendered", "image/jpeg;q=0, image/*", GIF),
        (f"{ONE}/rendered", "*/*, image/jpeg;q=0.1, image/gif;q=0.2", PNG),
        (f"{ONE}/rendered", "image/*;q=0, */*", in_parts(JPEG)),
        (f"{ONE}/rendered", "text/html, image/gif;q=0.001", GIF),
        (f"{ONE}/rendered", "image/png;q=0", "406"),
        (f"{ONE}/rendered", "IMAGE/PNG ; Q=1.0", PNG),
        (f"{STUDY}/metadata", "application/json;q=0.8, application/dicom+json;q=0.9", JSON),
        (f"{STUDY}/metadata", f"{XML};q=0.5, application/dicom+json;q=0.4", XML),
        (f"{STUDY}/metadata", "application/dicom+json;q=0, */*;q=0.1", "application/json"),
        (f"{ONE}/frames/1", f"{in_parts(JPHC)}, {in_parts(OCTETS)};q=0.5", in_parts(JPHC)),
        (f"{ONE}/frames/1", "image/jp2, application/octet-stream", OCTETS),
        (f"{ONE}/frames/1", f"*/*;q=0.1, {in_parts(OCTETS)}; transfer-syntax=1.2.3", in_parts(OCTETS)),
        (f"{ONE}/frames/1", f"{in_parts(OCTETS)}; transfer-syntax={LITTLE};q=0, image/jls", JLS),
        (ONE, f"application/dicom; transfer-syntax=1.2.3, application/dicom; transfer-syntax={LITTLE}", DICOM),
        (ONE, "application/dicom; transfer-syntax=1.2.3", "406"),
        ("/dicom-web/studies", "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", JSON),
    ],
)
def test_the_best_liked_of_several_types_is_given(web: Client, path: str, wanted: str, given: str) -> None:
    assert given_by(web, path, wanted) == given


@pytest.mark.usefixtures("study")
@pytest.mark.parametrize(
    ("parameter", "given"),
    [("image/png", PNG), ("image/gif,image/png;q=0.5", GIF), ("text/html", "406"), ("", PNG)],
)
def test_the_query_parameter_goes_before_the_header(web: Client, parameter: str, given: str) -> None:
    response = web.get(f"{ONE}/rendered", {"accept": parameter}, headers={"Accept": "image/png"})
    assert (response["Content-Type"] if response.status_code == 200 else str(response.status_code)) == given


@pytest.mark.usefixtures("study")
def test_no_result_has_no_body_in_xml(web: Client) -> None:
    response = web.get("/dicom-web/studies", {"PatientID": "nobody"}, headers={"Accept": XML})
    assert (response.status_code, response.content) == (204, b"")


@pytest.mark.parametrize("wanted", ["application/dicom+xml", "application/dicom+json", "application/json", "*/*"])
def test_the_answer_to_a_storage_is_negotiated(web: Client, wanted: str) -> None:
    response = web.post(
        "/dicom-web/studies", stow_body(*make_files("n", 1)), content_type=CONTENT_TYPE, headers={"Accept": wanted}
    )
    assert response.status_code == 200
    assert response["Content-Type"] == (JSON if wanted == "*/*" else wanted)
    assert response.content.startswith(b"<?xml" if wanted.endswith("xml") else b"{")


def test_metadata_in_xml_are_one_document_an_instance(web: Client, tenant: Tenant) -> None:
    made = [make_study(tenant.id, "x", 2), make_study(tenant.id, "y", 2, prepared=True)]
    for study in made:
        body = content_of(web.get(address(study, "metadata"), headers={"Accept": XML}))
        assert body.count(b"<NativeDicomModel") == body.count(b"</NativeDicomModel>") == 2
        assert f'<BulkData uri="/dicom-web/studies/{study.study_instance_uid}/series/'.encode() in body

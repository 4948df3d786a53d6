"""Deflated and big endian objects for those who take neither: the same values, as pydicom and dcmtk read them."""

import io
import subprocess
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from django.test import Client
from pydicom import Dataset, dcmread

from accounts.models import Tenant
from common.scope import tenant_scope
from pacs import selectors
from pacs.dicom.file_meta import data_set_offset
from pacs.dicomweb import encodings, stored
from pacs.models import Study
from tests.factories.studies import store
from tests.pacs.dicom import oracle
from tests.pacs.dicom.encoded import BIG, DEFLATED, EXPLICIT, IMPLICIT
from tests.pacs.dicomweb.extremes import one, values
from tests.pacs.dicomweb.images import OF_IMAGES, make_image
from tests.pacs.dicomweb.requests import address, content_of, parts_of
from tests.pacs.dimse.running import program

pytestmark = [pytest.mark.django_db, pytest.mark.req("BR-13"), pytest.mark.filterwarnings("ignore::UserWarning")]

PDF = "1.2.840.10008.5.1.4.1.1.104.1"
IMAGES = {
    "16 bits": values(16, (31, 40), signed=True),
    "8 bits": values(8, (31, 41)),
    "32 bits": np.arange(31 * 40, dtype=np.uint32).reshape(31, 40) * 70_000,
    "frames of colours": values(8, (3, 31, 41, 3)),
}


def elements_of(name: str, kept: str) -> dict[str, Any]:
    """Return elements of every kind of word."""
    code, table = Dataset(), Dataset()
    code.CodeValue, code.SelectorUSValue, code.SelectorFDValue = "T-1", [1, 258], 0.1
    table.LUTDescriptor, table.ModalityLUTType = [1024, 0, 16], "US"
    # Words are bytes to pydicom, to be given in the order of the file.
    table.add_new(0x00283006, "OW", np.arange(1024, dtype=">u2" if kept == BIG else "<u2").tobytes())
    return {
        "FrameIncrementPointer": [0x00181063],
        "ModalityLUTSequence": [table],
        "ProcedureCodeSequence": [code],
        "RecommendedDisplayFrameRateInFloat": 1.5,
        "SamplesPerPixel": 3 if "colours" in name else 1,
        "SimpleFrameList": [1, 70_000],
    }


def sent(tenant: Tenant, study: Study, syntax: str) -> bytes:
    """Return the file of the one object as it is sent in a transfer syntax."""
    with tenant_scope(tenant.id):
        (instance,) = selectors.list_instances(study_id=study.id)
        return b"".join(encodings.file_blocks(instance, syntax))


@pytest.mark.parametrize("target", [EXPLICIT, IMPLICIT])
@pytest.mark.parametrize("kept", [DEFLATED, BIG])
@pytest.mark.parametrize("name", IMAGES)
def test_every_value_is_the_same(tenant: Tenant, name: str, kept: str, target: str) -> None:
    pixels = IMAGES[name]
    study = make_image(tenant, pixels=pixels, transfer_syntax_uid=kept, **elements_of(name, kept))
    before, after = sent(tenant, study, kept), sent(tenant, study, target)
    read = dcmread(io.BytesIO(after))
    assert (dcmread(io.BytesIO(before)).file_meta.TransferSyntaxUID, read.file_meta.TransferSyntaxUID) == (kept, target)
    assert np.array_equal(read.pixel_array, pixels)
    assert read.ModalityLUTSequence[0].LUTData == np.arange(1024, dtype="<u2").tobytes()
    assert (read.SimpleFrameList, read.ProcedureCodeSequence[0].SelectorUSValue) == ([1, 70_000], [1, 258])
    ours, theirs = (
        {key: value for key, value in oracle.model_of(file).items() if key != "7FE00010"} for file in (after, before)
    )
    assert ours.pop("00283000") != {}
    assert {key: theirs[key] for key in ours} == ours


@pytest.mark.parametrize("kept", [DEFLATED, BIG])
@pytest.mark.parametrize("name", ["16 bits", "8 bits", "frames of colours"])
def test_dcmtk_writes_the_same_bytes(tenant: Tenant, tmp_path: Path, name: str, kept: str) -> None:
    study = make_image(tenant, pixels=IMAGES[name], transfer_syntax_uid=kept, **elements_of(name, kept))
    assert by_dcmtk(sent(tenant, study, kept), tmp_path) == data_set(sent(tenant, study, EXPLICIT))


def by_dcmtk(file: bytes, folder: Path) -> bytes:
    """Return the data set of a file as dcmtk converts it."""
    (folder / "kept.dcm").write_bytes(file)
    command = [program("dcmconv"), "--write-xfer-little", "--padding-off", "kept.dcm", "made.dcm"]
    subprocess.run(command, cwd=folder, check=True, capture_output=True, timeout=60)
    return data_set((folder / "made.dcm").read_bytes())


def data_set(file: bytes) -> bytes:
    return file[data_set_offset(file) :]


@pytest.mark.parametrize("kept", [DEFLATED, BIG])
def test_a_document_without_pixels_is_written_too(tenant: Tenant, tmp_path: Path, kept: str) -> None:
    document: dict[str, Any] = {
        **dict.fromkeys(OF_IMAGES.split()),
        "SOPClassUID": PDF,
        "EncapsulatedDocument": b"%PDF-1.4 " * 4_000,
    }
    study = make_image(tenant, transfer_syntax_uid=kept, **document)
    assert by_dcmtk(sent(tenant, study, kept), tmp_path) == data_set(sent(tenant, study, EXPLICIT))
    assert dcmread(io.BytesIO(sent(tenant, study, IMPLICIT))).EncapsulatedDocument == b"%PDF-1.4 " * 4_000


OTHERS = {
    "image_dfl.dcm": DEFLATED,
    "MR_small_expb.dcm": BIG,
    "SC_rgb_small_odd_big_endian.dcm": BIG,
}


@pytest.mark.parametrize("name", OTHERS)
def test_objects_of_others_are_the_same_to_dcmtk(tenant: Tenant, data_folder: Path, tmp_path: Path, name: str) -> None:
    (path,) = (data_folder / "dicom/codecs").rglob(name)
    (verdict,) = store(tenant.id, [path.read_bytes()])
    assert verdict.is_stored, verdict.message
    with tenant_scope(tenant.id):
        study = Study.objects.get()
    plain = sent(tenant, study, EXPLICIT)
    theirs = by_dcmtk(path.read_bytes(), tmp_path)
    assert dcmread(io.BytesIO(plain)).file_meta.TransferSyntaxUID == EXPLICIT
    assert before_padding(data_set(plain)) == before_padding(theirs)


def before_padding(raw: bytes) -> bytes:
    """Leave out (FFFC,FFFC) Data Set Trailing Padding, which is not sent on."""
    at = raw.rfind(b"\xfc\xff\xfc\xff")
    return raw if at < 0 else raw[:at]


@pytest.mark.parametrize("kept", [DEFLATED, BIG])
def test_wado_offers_it_where_it_is_asked_for(web: Client, tenant: Tenant, kept: str) -> None:
    study = make_image(tenant, pixels=IMAGES["16 bits"], transfer_syntax_uid=kept)
    original = content_of(web.get(one(study), headers={"Accept": "application/dicom; transfer-syntax=*"}))
    response = web.get(one(study), headers={"Accept": f"application/dicom; transfer-syntax={EXPLICIT}"})
    assert response["Content-Type"] == f"application/dicom; transfer-syntax={EXPLICIT}"
    assert content_of(response) == sent(tenant, study, EXPLICIT)
    assert original == sent_as_kept(tenant, study)
    wanted = f'multipart/related; type="application/dicom"; transfer-syntax={EXPLICIT}'
    ((_, content),) = parts_of(web.get(address(study), headers={"Accept": wanted}))
    assert content == sent(tenant, study, EXPLICIT)


def sent_as_kept(tenant: Tenant, study: Study) -> bytes:
    with tenant_scope(tenant.id):
        (instance,) = selectors.list_instances(study_id=study.id)
        return b"".join(stored.object_blocks(instance))

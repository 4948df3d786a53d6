"""The directory of a medium, read by others."""

import shutil
import subprocess
from io import BytesIO
from pathlib import Path
from types import SimpleNamespace

import pydicom
import pytest
from pydicom.fileset import FileSet

from pacs.dicom import phantom
from pacs.dicom.dicomdir import DirectoryEntry, assign_file_ids, build_dicomdir, record_type
from pacs.dicom.json_model import Attributes
from pacs.dicom.scan import Scanner
from tests.factories.attributes import make_attributes, make_ct_slice

NATIVE = "1.2.840.10008.1.2.1"
SR = "1.2.840.10008.5.1.4.1.1.88.33"
PDF = "1.2.840.10008.5.1.4.1.1.104.1"


def header(data: bytes) -> Attributes:
    scanner = Scanner()
    scanner.feed(data)
    return scanner.finish().head.json


def instance(
    number: int, *, study: str = "1.1", series: str = "1.1.1", patient: str = "P-1", **values: object
) -> Attributes:
    defaults = {
        "PatientName": "Doe^Jane",
        "PatientID": patient,
        "StudyInstanceUID": study,
        "SeriesInstanceUID": series,
        "StudyDate": "20260102",
    }
    return make_ct_slice(number, (0, 0, number), **(defaults | values))


def directory(instances: list[Attributes]) -> bytes:
    file_ids = assign_file_ids(instances)
    return build_dicomdir(
        [DirectoryEntry(attributes, NATIVE, file_id) for attributes, file_id in zip(instances, file_ids, strict=True)]
    )


def records(instances: list[Attributes]) -> list[pydicom.Dataset]:
    return list(pydicom.dcmread(BytesIO(directory(instances))).DirectoryRecordSequence)


def types(instances: list[Attributes]) -> list[str]:
    return [record.DirectoryRecordType for record in records(instances)]


def test_names_follow_patient_study_series_and_instance() -> None:
    instances = [
        instance(1),
        instance(2),
        instance(3, series="1.1.2"),
        instance(4, study="1.2", series="1.2.1"),
        instance(5, patient="P-2", study="1.3", series="1.3.1"),
    ]
    assert ["/".join(file_id) for file_id in assign_file_ids(instances)] == [
        "DICOM/PT000000/ST000000/SE000000/IM000000",
        "DICOM/PT000000/ST000000/SE000000/IM000001",
        "DICOM/PT000000/ST000000/SE000001/IM000000",
        "DICOM/PT000000/ST000001/SE000000/IM000000",
        "DICOM/PT000001/ST000000/SE000000/IM000000",
    ]


def test_records_are_nested_in_order() -> None:
    assert types([instance(1), instance(2), instance(3, study="1.2", series="1.2.1")]) == [
        "PATIENT", "STUDY", "SERIES", "IMAGE", "IMAGE", "STUDY", "SERIES", "IMAGE",
    ]  # fmt: skip


def test_offsets_lead_from_record_to_record() -> None:
    data = directory([instance(1), instance(2), instance(3, patient="P-2", study="1.2", series="1.2.1")])
    root = pydicom.dcmread(BytesIO(data))
    offsets = {record.seq_item_tell: record for record in root.DirectoryRecordSequence}
    first = offsets[root.OffsetOfTheFirstDirectoryRecordOfTheRootDirectoryEntity]
    last = offsets[root.OffsetOfTheLastDirectoryRecordOfTheRootDirectoryEntity]
    assert (first.PatientID, last.PatientID) == ("P-1", "P-2")
    assert offsets[first.OffsetOfTheNextDirectoryRecord] is last
    study = offsets[first.OffsetOfReferencedLowerLevelDirectoryEntity]
    series = offsets[study.OffsetOfReferencedLowerLevelDirectoryEntity]
    image = offsets[series.OffsetOfReferencedLowerLevelDirectoryEntity]
    following = offsets[image.OffsetOfTheNextDirectoryRecord]
    assert (image.InstanceNumber, following.InstanceNumber) == (1, 2)
    assert following.OffsetOfTheNextDirectoryRecord == 0


def test_an_image_record_refers_to_its_file() -> None:
    record = records([instance(1)])[-1]
    assert list(record.ReferencedFileID) == ["DICOM", "PT000000", "ST000000", "SE000000", "IM000000"]
    assert record.ReferencedSOPClassUIDInFile == "1.2.840.10008.5.1.4.1.1.2"
    assert record.ReferencedSOPInstanceUIDInFile == "1.2.3.1"
    assert record.ReferencedTransferSyntaxUIDInFile == NATIVE


def test_names_of_every_script_are_kept() -> None:
    record = records([instance(1, PatientName="Wang^XiaoDong=王^小东")])[0]
    assert record.SpecificCharacterSet == "ISO_IR 192"
    assert str(record.PatientName) == "Wang^XiaoDong=王^小东"


def test_plain_records_name_no_character_set() -> None:
    assert "SpecificCharacterSet" not in records([instance(1)])[0]


def test_required_numbers_that_a_device_left_out_are_counted() -> None:
    _, study, series, image = records([instance(1, InstanceNumber=None)])
    assert (study.StudyID, series.SeriesNumber, image.InstanceNumber) == ("1", 1, 1)


def test_required_texts_that_a_device_left_out_are_empty() -> None:
    study = records([instance(1, StudyDate=None)])[1]
    assert study.StudyDate == ""
    assert study.AccessionNumber == ""


def test_a_report_has_a_record_of_its_kind() -> None:
    title = make_attributes(CodeValue="11528-7", CodingSchemeDesignator="LN", CodeMeaning="Radiology Report")
    report = instance(
        1, SOPClassUID=SR, ConceptNameCodeSequence=[title], CompletionFlag="COMPLETE", VerificationFlag="UNVERIFIED"
    )
    record = records([report])[-1]
    assert record.DirectoryRecordType == "SR DOCUMENT"
    assert record.ConceptNameCodeSequence[0].CodeMeaning == "Radiology Report"
    assert record.CompletionFlag == "COMPLETE"


def test_a_pdf_has_a_record_of_its_kind() -> None:
    assert types([instance(1, SOPClassUID=PDF)])[-1] == "ENCAP DOC"


@pytest.mark.parametrize(
    ("sop_class_uid", "expected"),
    [
        ("1.2.840.10008.5.1.4.1.1.1.3", "IMAGE"),
        ("1.2.840.10008.5.1.4.1.1.88.59", "KEY OBJECT DOC"),
        ("1.2.840.10008.5.1.4.1.1.11.1", "PRESENTATION"),
        ("1.2.840.10008.5.1.4.1.1.66", "RAW DATA"),
        ("1.2.840.10008.5.1.4.1.1.9.1.1", "WAVEFORM"),
        ("1.2.3.4", "PRIVATE"),
    ],
)
def test_each_kind_of_object_has_a_record_type(sop_class_uid: str, expected: str) -> None:
    assert record_type(sop_class_uid) == expected


def test_an_unknown_kind_names_its_class_as_private_record() -> None:
    record = records([instance(1, SOPClassUID="1.2.3.4")])[-1]
    assert record.PrivateRecordUID == "1.2.3.4"


@pytest.mark.filterwarnings("ignore:The PN component length")
def test_an_endless_name_is_cut() -> None:
    assert len(str(records([instance(1, PatientName="x" * 100_000)])[0].PatientName)) == 1024


def test_an_empty_medium_has_an_empty_directory() -> None:
    root = pydicom.dcmread(BytesIO(directory([])))
    assert root.OffsetOfTheFirstDirectoryRecordOfTheRootDirectoryEntity == 0
    assert not root.DirectoryRecordSequence


@pytest.fixture
def medium(tmp_path: Path) -> Path:
    files = [*phantom.make_cbct(columns=8, rows=8, slices=3), phantom.make_panoramic(columns=8, rows=8)]
    headers = [header(data) for data in files]
    file_ids = assign_file_ids(headers)
    for data, file_id in zip(files, file_ids, strict=True):
        path = tmp_path.joinpath(*file_id)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    (tmp_path / "DICOMDIR").write_bytes(directory(headers))
    return tmp_path


def test_pydicom_finds_every_file(medium: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # A file-set leaves temporary folders to the garbage collector, which is a warning, which is an error.
    monkeypatch.setattr("pydicom.fileset.TemporaryDirectory", lambda: SimpleNamespace(name=str(medium), cleanup=list))
    file_set = FileSet(medium / "DICOMDIR")
    loaded = [one.load() for one in file_set]
    assert len(loaded) == 4
    assert {dataset.Modality for dataset in loaded} == {"CT", "PX"}


def test_dcmtk_reads_the_directory_without_a_complaint(medium: Path) -> None:
    if shutil.which("dcmdump") is None:
        pytest.skip("dcmtk is not installed")
    result = subprocess.run(
        ["dcmdump", medium / "DICOMDIR"], capture_output=True, text=True, check=True, timeout=60
    )  # fmt: skip
    assert "W:" not in result.stderr
    assert "E:" not in result.stderr
    assert result.stdout.count("Directory Record") == 8


def test_dciodvfy_finds_no_error(medium: Path) -> None:
    if shutil.which("dciodvfy") is None:
        pytest.skip("dicom3tools is not installed")
    result = subprocess.run(["dciodvfy", medium / "DICOMDIR"], capture_output=True, text=True, check=False, timeout=60)
    assert "Error" not in result.stderr

"""Files that other people's test suites and devices wrote, each through the whole portal in a tenant of its own."""

from pathlib import Path

import pytest
from django.db import connection

from tests.hostile.corpus import files_of, problems_of

pytestmark = pytest.mark.django_db

# One test each, so that the processes of a run share them.
FOLDERS = [
    "charset/fo-dicom__fo-dicom",
    "charset/pydicom__pydicom",
    "codecs/ImagingDataCommons__highdicom",
    "codecs/cornerstonejs__cornerstoneWADOImageLoader",
    "codecs/dcm4che__dcm4che",
    "codecs/orthanc-mirrors__orthanc-tests",
    "codecs/pydicom__pydicom",
    "codecs/pydicom__pydicom-data",
    "malformed/blairconrad__dicognito",
    "malformed/dcm4che__dcm4che",
    "malformed/ivmartel__dwv",
    "malformed/orthanc-mirrors__orthanc-tests",
    "malformed/pydicom__pydicom",
]


@pytest.mark.req("PA-01")
@pytest.mark.skipif(
    connection.vendor == "postgresql", reason="scans and decoders ask nothing of a database: once will do"
)
@pytest.mark.parametrize("folder", FOLDERS)
def test_every_file_has_one_verdict_and_is_read_without_a_server_error(data_folder: Path, folder: str) -> None:
    assert problems_of(files_of(data_folder / "dicom" / folder)) == {}


def test_no_folder_of_the_corpus_is_forgotten(data_folder: Path) -> None:
    found = [path for kind in ("charset", "codecs", "malformed") for path in (data_folder / "dicom" / kind).iterdir()]

    assert sorted(str(path.relative_to(data_folder / "dicom")) for path in found if path.is_dir()) == FOLDERS

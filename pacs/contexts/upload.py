"""What the upload page tells its script."""

from dataclasses import dataclass

from pacs.dicomweb import addresses


@dataclass(frozen=True, slots=True)
class UploadPage:
    """Where files are sent, where a stored study is shown, and how much goes at once."""

    stow_url: str = f"{addresses.ROOT}/studies"
    study_url: str = "/studies/by-uid/{uid}/"
    batch_bytes: int = 32 * 1024 * 1024
    parallel: int = 3

"""The document as a PDF for people: tagged (PDF/UA-1), set by Typst from a template and data."""

from pathlib import Path
from typing import Any

from common.typesetting import render_pdf

_TEMPLATE = Path(__file__).with_name("analysis.typ")


def render(content: dict[str, Any], *, is_draft: bool, seal: dict[str, Any] | None = None) -> bytes:
    """Return the PDF of what `content.gather` gave; a draft says so on each page.

    Parameters
    ----------
    content
        What the document says.
    is_draft
        Whether every page is marked.
    seal
        `sequence`, `data_sha256`, `previous_sha256`, `signer`, `issued_at`, `changes` of an issue; None for a draft.
    """
    return render_pdf(_TEMPLATE, {"content": content, "is_draft": is_draft, "seal": seal})

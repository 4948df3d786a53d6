"""The document as a PDF for people: tagged (PDF/UA-1), set by Typst from a template and data."""

import json
from pathlib import Path
from typing import Any, Literal

import typst

_FOLDER = Path(__file__).parent


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
    data = json.dumps({"content": content, "is_draft": is_draft, "seal": seal})
    try:
        return _compile(data, standard="ua-1")
    except typst.TypstError:
        # PDF/UA refuses a glyph that no installed font has; such a name is better shown as a box than not at all.
        return _compile(data, standard="1.7")


def _compile(data: str, *, standard: Literal["ua-1", "1.7"]) -> bytes:
    made = typst.compile(
        str(_FOLDER / "analysis.typ"), root=str(_FOLDER), sys_inputs={"data": data}, pdf_standards=standard
    )
    if not isinstance(made, bytes):
        raise TypeError("one PDF was expected")
    return made

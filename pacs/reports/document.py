"""The report as a PDF for people: tagged (PDF/UA-1), set by Typst from a template and data."""

import json
from pathlib import Path
from typing import Any, Literal

import typst

_FOLDER = Path(__file__).parent


def render_pdf(data: dict[str, Any]) -> bytes:
    """Return the PDF of a report.

    Parameters
    ----------
    data
        `title`, `tenant`, `author`, `facts` (pairs of label and value), `sections` (`title`, `text`), `signed_at` (text
        or None), `version`, `notice`.
    """
    try:
        return _compile(data, standard="ua-1")
    except typst.TypstError:
        # PDF/UA refuses a glyph that no installed font has; such a name is better shown as a box than not at all.
        return _compile(data, standard="1.7")


def _compile(data: dict[str, Any], *, standard: Literal["ua-1", "1.7"]) -> bytes:
    made = typst.compile(
        str(_FOLDER / "report.typ"), root=str(_FOLDER), sys_inputs={"data": json.dumps(data)}, pdf_standards=standard
    )
    if not isinstance(made, bytes):
        raise TypeError("one PDF was expected")
    return made

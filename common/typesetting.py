"""PDFs for people: tagged (PDF/UA-1), set by Typst from a template and data."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal


def render_pdf(template: Path, data: Mapping[str, Any]) -> bytes:
    """Return a PDF; the template finds the data as JSON in `sys.inputs.data`, and other files beside itself."""
    # Seven megabytes of memory that most processes never need.
    import typst

    def compiled(standard: Literal["ua-1", "1.7"]) -> bytes:
        made = typst.compile(str(template), root=str(template.parent), sys_inputs=given, pdf_standards=standard)
        if not isinstance(made, bytes):
            raise TypeError("one PDF was expected")
        return made

    given = {"data": json.dumps(data)}
    try:
        return compiled("ua-1")
    except typst.TypstError:
        # PDF/UA refuses a glyph that no installed font has; such a name is better shown as a box than not at all.
        return compiled("1.7")

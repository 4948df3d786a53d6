"""Records as documents: blocks of headings, words, facts and tables, printed as tagged PDF (PDF/UA-1)."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from common.typesetting import render_pdf

_TEMPLATE: Final = Path(__file__).with_name("record.typ")
NOT_ADVICE: Final = "This document is no legal advice. Statements of law carry their citation; check them with counsel."

Block = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Record:
    """What a document says; `label` stands at the head of each page."""

    title: str
    subtitle: str
    practice: str
    label: str
    blocks: tuple[Block, ...]


def heading(text: str, level: int = 1, *, breaks: bool = False) -> Block:
    """Return a heading; one that breaks begins on a page of its own."""
    return {"kind": "heading", "level": level, "text": text, "breaks": breaks}


def words(text: str) -> Block:
    """Return paragraphs."""
    return {"kind": "text", "text": text or "–"}


def quiet(text: str) -> Block:
    """Return paragraphs that stand back."""
    return {"kind": "quiet", "text": text}


def bullets(items: Iterable[str]) -> Block:
    """Return a list."""
    return {"kind": "bullets", "items": list(items)}


def outline(title: str) -> Block:
    """Return the list of the headings."""
    return {"kind": "outline", "title": title}


def facts(rows: Iterable[tuple[Any, Any]]) -> Block:
    """Return names with what they stand for."""
    return {"kind": "facts", "rows": [[str(name), _said(value)] for name, value in rows]}


def table(
    columns: Sequence[str], rows: Iterable[Sequence[Any]], *, widths: Sequence[float] = (), empty: str = "None."
) -> Block:
    """Return a table; without rows it says so."""
    return {
        "kind": "table",
        "columns": list(columns),
        "rows": [[_said(value) for value in row] for row in rows],
        "widths": list(widths) or [1.0] * len(columns),
        "empty": empty,
    }


def image(svg: str, alt: str) -> Block:
    """Return a drawing, with what it shows in words."""
    return {"kind": "image", "svg": svg, "alt": alt}


def _said(value: Any) -> str:
    return "–" if value is None or value == "" else str(value)


def render(record: Record) -> bytes:
    """Return the PDF."""
    data = {
        "title": record.title,
        "subtitle": record.subtitle,
        "practice": record.practice,
        "label": record.label,
        "blocks": list(record.blocks),
    }
    return render_pdf(_TEMPLATE, data)

"""Whether packs hold together: every id resolves, ratings lie on their scale, nothing says what must not be said."""

from collections import Counter
from collections.abc import Container, Iterator

from compliance.packs.content import AssetType, Channel, Item, Pair, Question, Statement
from compliance.packs.library import Catalogue

CODES = ("VL", "L", "M", "H", "VH")
SAFEGUARDS = ("yes", "partly", "no")


def problems(book: Catalogue) -> list[str]:
    """Name everything that is wrong with packs that are to be used together."""
    checks = (_doubled, _items, _questions, _things, _method, _phrases)
    return [problem for check in checks for problem in check(book)]


def unreached(book: Catalogue) -> list[Item]:
    """List the standards and specifications in force that no question leads to.

    A standard is reached by a question about one of its specifications; what is usually not applicable to a practice
    is left out.
    """
    cited = {citation for question in book.questions.values() for citation in question.citations}
    reached = {item.id for item in book.items.values() if item.citation in cited}
    reached |= {item.parent_id for item in book.items.values() if item.id in reached}
    return [
        item
        for item in book.items.values()
        if item.level in {"standard", "spec"} and not item.is_usually_not_applicable and item.id not in reached
    ]


def _doubled(book: Catalogue) -> Iterator[str]:
    counts = Counter(
        row.id
        for pack in book.packs
        for rows in (
            pack.items, pack.sections, pack.probes, pack.questions, pack.threats,
            pack.vulnerabilities, pack.asset_types, pack.channels, pack.clauses,
        )
        for row in rows
    )  # fmt: skip
    yield from (f"{row_id} stands {count} times" for row_id, count in counts.items() if count > 1)


def _items(book: Catalogue) -> Iterator[str]:
    for item in book.items.values():
        if item.parent_id and item.parent_id not in book.items:
            yield f"{item.id}: there is no parent {item.parent_id}"
        if item.is_proposed and (item.citation or item.requirement != "proposed"):
            yield f"{item.id}: a proposed item must say so, and cites no law"


def _questions(book: Catalogue) -> Iterator[str]:
    citations = {item.citation for item in book.items.values() if item.citation}
    proposed = {item.id for item in book.items.values() if item.is_proposed}
    known: dict[str, Container[str]] = {
        "section": book.sections,
        "role": book.roles,
        "scale": book.scales,
        "citation": citations,
        "thing": {**book.asset_types, **book.channels},
        "probe": book.probes,
        "threat": book.threats,
        "vulnerability": book.vulnerabilities,
    }
    for question in book.questions.values():
        for kind, value in _named(question):
            if value not in known[kind]:
                yield f"{question.id}: there is no {kind} {value}"
        yield from _references(book, question)
        yield from (f"{question.id}: {rated}" for rated in question.statements if not _is_rated(rated))
        if proposed and not proposed.issuperset(question.proposed_item_ids):
            yield f"{question.id}: there is no proposed item among {question.proposed_item_ids}"
        if not question.probe_ids and not question.manual_evidence:
            yield f"{question.id}: nothing could prove the answer"


def _named(question: Question) -> Iterator[tuple[str, str]]:
    yield "section", question.section_id
    yield "role", question.ask_role
    yield "scale", question.scale_id
    yield from (("citation", citation) for citation in question.citations)
    yield from (("thing", thing) for thing in question.concerns)
    yield from (("probe", probe) for probe in question.probe_ids)
    yield from (("threat", statement.threat_id) for statement in question.statements)
    yield from (("vulnerability", statement.vulnerability_id) for statement in question.statements)


def _references(book: Catalogue, question: Question) -> Iterator[str]:
    references = next((pack.references for pack in book.packs if pack.id == question.pack_id), {})
    for name, ids in question.crosswalk.items():
        known = references.get(name, ())
        # `5.1.1#2` is the second key activity of a table.
        yield from (
            f"{question.id}: {name} has no {one}"
            for one in ids
            if one not in known and one.partition("#")[0] not in known
        )


def _is_rated(rated: Statement | Pair) -> bool:
    return rated.likelihood in range(1, 6) and rated.impact in range(1, 6)


def _things(book: Catalogue) -> Iterator[str]:
    things: list[AssetType | Channel] = [*book.asset_types.values(), *book.channels.values()]
    for thing in things:
        if not thing.pairs:
            yield f"{thing.id}: nothing threatens it"
        yield from (f"{thing.id}: {pair}" for pair in thing.pairs if not _is_known(book, pair) or not _is_rated(pair))
    for kind in book.asset_types.values():
        if kind.class_id not in book.asset_classes:
            yield f"{kind.id}: there is no class {kind.class_id}"
    for channel in book.channels.values():
        if {channel.encrypted, channel.logged} - set(SAFEGUARDS):
            yield f"{channel.id}: expected {SAFEGUARDS}"


def _is_known(book: Catalogue, pair: Pair) -> bool:
    return pair.threat_id in book.threats and pair.vulnerability_id in book.vulnerabilities


def _method(book: Catalogue) -> Iterator[str]:
    method = book.method
    for name, matrix in (("risk", method.risk_matrix), ("overall likelihood", method.overall_likelihood_matrix)):
        if set(matrix) != set(CODES) or any(len(row) != len(CODES) or set(row) - set(CODES) for row in matrix.values()):
            yield f"the {name} matrix is not five by five"
    if [element.number for element in method.elements] != list(range(1, 10)):
        yield "the elements of a risk analysis are not those from 1 to 9"
    for scale in (method.likelihood, method.impact, method.risk_levels):
        if {(level.level, level.code) for level in scale} != set(enumerate(CODES, start=1)):
            yield "a scale has not the five levels"


def _phrases(book: Catalogue) -> Iterator[str]:
    for pack in book.packs:
        words = repr([getattr(pack, name) for name in ("items", "questions", "clauses", "notice", "guidance")]).lower()
        yield from (f"{pack.id} says '{phrase}'" for phrase in book.forbidden_phrases if phrase.lower() in words)

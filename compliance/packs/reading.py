"""Reading a pack from its folder. A file that is not there adds nothing; an unknown key or a missing one is refused."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, TypeVar

import yaml

from compliance.packs.content import (
    AgreementNeed,
    AssetType,
    Changed,
    Channel,
    Chapter,
    Choice,
    Clause,
    Element,
    Item,
    Level,
    Method,
    Pack,
    Pair,
    Probe,
    Question,
    Section,
    Statement,
    Status,
    Threat,
    Vulnerability,
)

Row = Mapping[str, Any]
T = TypeVar("T")
FILES = ("items", "questions", "inventory", "method", "agreements", "references", "changes")


class PackError(ValueError):
    """A pack is written wrongly: which one, where, and what was expected."""


class _Loader(yaml.CSafeLoader):
    """The safe loader; a key that stands twice is an error, not the last one's win."""


def _mapping(loader: _Loader, node: yaml.MappingNode) -> dict[Any, Any]:
    keys = [loader.construct_object(key) for key, _ in node.value]
    doubled = {key for key in keys if keys.count(key) > 1}
    if doubled:
        raise PackError(f"line {node.start_mark.line + 1}: {sorted(map(str, doubled))} twice")
    return {key: loader.construct_object(value, deep=True) for key, (_, value) in zip(keys, node.value, strict=True)}


_Loader.add_constructor("tag:yaml.org,2002:map", _mapping)


def read_pack(folder: Path) -> Pack:
    """Read one version of a pack.

    Raises
    ------
    PackError
        With the file and the row, if something is missing, unknown, or of another kind than expected.
    """
    manifest = _load(folder / "pack.yaml")
    contents = {name: _load(path) for name in FILES if (path := folder / f"{name}.yaml").exists()}
    try:
        return _pack(manifest, contents)
    except PackError as error:
        raise PackError(f"{folder.parent.name}/{folder.name}: {error}") from None
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise PackError(f"{folder.parent.name}/{folder.name}: {type(error).__name__} {error}") from None


def _load(path: Path) -> dict[str, Any]:
    try:
        data = yaml.load(path.read_text(encoding="utf-8"), Loader=_Loader)  # noqa: S506  a safe loader of our own
    except (OSError, yaml.YAMLError, PackError) as error:
        raise PackError(f"{path.name}: {error}") from None
    if not isinstance(data, dict):
        raise PackError(f"{path.name}: expected keys and values")
    return data


def _pack(manifest: Row, contents: Mapping[str, Row]) -> Pack:
    pack_id, status = manifest["id"], Status(manifest["status"])
    rows = _Rows(contents)
    asked, things, agreements = (contents.get(name, {}) for name in ("questions", "inventory", "agreements"))
    return Pack(
        id=pack_id,
        version=int(manifest["version"]),
        title=manifest["title"],
        jurisdiction=manifest["jurisdiction"],
        status=status,
        is_default=bool(manifest["is_default"]),
        licence=manifest["licence"],
        sources=tuple(manifest["sources"]),
        notice=manifest["notice"],
        guidance=dict(manifest.get("guidance", {})),
        uses={name: int(version) for name, version in manifest.get("uses", {}).items()},
        forbidden_phrases=tuple(manifest.get("forbidden_phrases", ())),
        items=rows.read("items", "items", lambda row: _item(row, pack_id, status)),
        sections=rows.read(
            "questions", "sections", lambda row: Section(pack_id=pack_id, **_known(row, "id title about"))
        ),
        roles=dict(asked.get("roles", {})),
        scales={name: tuple(map(_choice, scale)) for name, scale in asked.get("scales", {}).items()},
        probes=rows.read("questions", "probes", _probe),
        questions=rows.read("questions", "questions", lambda row: _question(row, pack_id)),
        threats=rows.read("inventory", "threats", _threat),
        vulnerabilities=rows.read("inventory", "vulnerabilities", lambda row: Vulnerability(**_known(row, "id name"))),
        asset_classes=dict(things.get("asset_classes", {})),
        asset_types=rows.read("inventory", "asset_types", _asset_type),
        network_zones=tuple(things.get("network_zones", ())),
        channels=rows.read("inventory", "channels", _channel),
        method=_method(contents["method"]) if "method" in contents else None,
        clauses=rows.read("agreements", "clauses", _clause),
        agreement_needs=tuple(
            AgreementNeed(**_known(row, "party needed why")) for row in agreements.get("who_needs_one", ())
        ),
        references={name: tuple(map(str, ids)) for name, ids in contents.get("references", {}).items()},
        changed=_changed(contents.get("changes", {})),
    )


class _Rows:
    """The rows of the files, each read by one function and named in what goes wrong."""

    def __init__(self, contents: Mapping[str, Row]) -> None:
        self._contents = contents

    def read(self, file: str, key: str, make: Callable[[Row], T]) -> tuple[T, ...]:
        return tuple(self._one(row, f"{file}.yaml, {key}", make) for row in self._contents.get(file, {}).get(key, ()))

    @staticmethod
    def _one(row: Row, where: str, make: Callable[[Row], T]) -> T:
        try:
            return make(row)
        except KeyError as error:
            raise PackError(f"{where}, {row.get('id', row)}: {error} is missing") from None
        except (TypeError, ValueError) as error:
            raise PackError(f"{where}, {row.get('id', row)}: {error}") from None


def _known(row: Row, names: str) -> dict[str, Any]:
    """Return the row, of which every key must be among the names."""
    unknown = set(row) - set(names.split())
    if unknown:
        raise PackError(f"{row.get('id', row)}: unknown {sorted(unknown)}")
    return dict(row)


def _item(row: Row, pack_id: str, status: Status) -> Item:
    _known(row, "id citation level parent title requirement text usually_not_applicable prepares figures crosswalk")
    return Item(
        id=row["id"],
        pack_id=pack_id,
        citation=row.get("citation", ""),
        level=row["level"],
        title=row["title"],
        requirement=row["requirement"],
        text=row["text"],
        parent_id=row.get("parent") or "",
        is_proposed=status is Status.PROPOSED,
        is_usually_not_applicable=bool(row.get("usually_not_applicable")),
        prepares=row.get("prepares", ""),
        figures={name: str(value) for name, value in row.get("figures", {}).items()},
    )


def _choice(row: Row) -> Choice:
    return Choice(**_known(row, "value label gap"))


def _probe(row: Row) -> Probe:
    _known(row, "id measures source unit pass")
    return Probe(row["id"], row["measures"], row["source"], row["unit"], str(row["pass"]))


def _question(row: Row, pack_id: str) -> Question:
    _known(
        row,
        "id section text guidance ask_role scale cites proposed concerns imaging_specific risks remediation evidence "
        "crosswalk",
    )
    return Question(
        id=row["id"],
        pack_id=pack_id,
        section_id=row["section"],
        text=row["text"],
        guidance=row["guidance"],
        ask_role=row["ask_role"],
        scale_id=row["scale"],
        citations=tuple(row["cites"]),
        proposed_item_ids=tuple(row.get("proposed", ())),
        concerns=tuple(row.get("concerns", ())),
        is_imaging=bool(row.get("imaging_specific", False)),
        statements=tuple(map(_statement, row["risks"])),
        remedy=row["remediation"]["text"],
        effort=row["remediation"]["effort"],
        probe_ids=tuple(row["evidence"].get("probes", ())),
        manual_evidence=row["evidence"].get("manual", ""),
        crosswalk={name: tuple(map(str, ids)) for name, ids in row.get("crosswalk", {}).items()},
    )


def _statement(row: Row) -> Statement:
    _known(row, "threat vulnerability likelihood impact statement")
    return Statement(row["threat"], row["vulnerability"], row["likelihood"], row["impact"], row["statement"])


def _threat(row: Row) -> Threat:
    _known(row, "id name source cia")
    return Threat(row["id"], row["name"], row["source"], tuple(row["cia"]))


def _pairs(row: Row) -> tuple[Pair, ...]:
    return tuple(Pair(*pair) for pair in row["pairs"])


def _asset_type(row: Row) -> AssetType:
    _known(row, "id class name dicom protocols os ephi criticality life_years pairs")
    dicom = _known(row.get("dicom", {}), "modality sop alt_sop")
    return AssetType(
        id=row["id"],
        class_id=row["class"],
        name=row["name"],
        protocols=tuple(row["protocols"]),
        typical_os=row["os"],
        ephi=row["ephi"],
        criticality=row["criticality"],
        life_years=row["life_years"],
        modality=dicom.get("modality", ""),
        sop_class_uids=tuple(uid for uid in [dicom.get("sop"), *dicom.get("alt_sop", ())] if uid),
        pairs=_pairs(row),
    )


def _channel(row: Row) -> Channel:
    _known(row, "id name ports encrypted logged discloses expected pairs")
    return Channel(
        id=row["id"],
        name=row["name"],
        ports=tuple(row["ports"]),
        encrypted=row["encrypted"],
        logged=row["logged"],
        discloses=bool(row.get("discloses", False)),
        expected=tuple(row["expected"]),
        pairs=_pairs(row),
    )


def _level(row: Row) -> Level:
    texts = {name: str(value) for name, value in row.items() if name not in {"level", "code", "name", "semi", "range"}}
    return Level(row["level"], row["code"], row["name"], texts)


def _matrix(rows: Mapping[str, list[str]]) -> dict[str, tuple[str, ...]]:
    return {code: tuple(row) for code, row in rows.items()}


def _method(data: Row) -> Method:
    return Method(
        basis=data["basis"],
        principles=tuple(data["principles"]),
        likelihood=tuple(map(_level, data["scales"]["likelihood"])),
        impact=tuple(map(_level, data["scales"]["impact"])),
        risk_levels=tuple(map(_level, data["risk_levels"])),
        risk_matrix=_matrix(data["risk_matrix"]),
        overall_likelihood_matrix=_matrix(data["overall_likelihood_matrix"]),
        answer_shift=dict(data["suggested_rating"]["answer_shift"]),
        responses=tuple(data["treatment"]["options"]),
        review_triggers=tuple(data["review_triggers"]),
        elements=tuple(map(_element, data["nine_elements"])),
        chapters=tuple(Chapter(str(row["n"]), row["title"], tuple(row["contains"])) for row in data["report_outline"]),
    )


def _element(row: Row) -> Element:
    return Element(
        row["n"], row["element"], row["means"], tuple(row["data_needed"]), row["report_section"], row["gate"]
    )


def _clause(row: Row) -> Clause:
    _known(row, "id citation requirement title text condition risk_if_missing basis imaging_specific")
    return Clause(
        id=row["id"],
        citation=row.get("citation", ""),
        requirement=row["requirement"],
        title=row["title"],
        text=row["text"],
        condition=row.get("condition", ""),
        risk_if_missing=row.get("risk_if_missing", ""),
        basis=row.get("basis", ""),
        is_imaging=bool(row.get("imaging_specific", False)),
    )


def _changed(data: Row) -> Changed:
    _known(data, "renamed split removed reworded")
    return Changed(
        renamed=dict(data.get("renamed", {})),
        split={old: tuple(new) for old, new in data.get("split", {}).items()},
        removed=tuple(data.get("removed", ())),
        reworded=tuple(data.get("reworded", ())),
    )

"""Made-up packs in a folder, for what the shipped ones do not do yet."""

from pathlib import Path
from typing import Any

import yaml

MANIFEST: dict[str, Any] = {
    "id": "small",
    "version": 1,
    "title": "A small pack",
    "jurisdiction": "GB",
    "status": "in_force",
    "is_default": True,
    "licence": "Apache-2.0",
    "sources": ["made up"],
    "notice": "For tests.",
}
METHOD = Path(__file__).resolve().parents[3] / "compliance/frameworks/dental-imaging/1/method.yaml"


def question(question_id: str, text: str, **changes: Any) -> dict[str, Any]:
    """Return a question with everything that one needs."""
    return {
        "id": question_id,
        "section": "S1",
        "text": text,
        "guidance": "Look.",
        "ask_role": "owner",
        "scale": "plain",
        "cites": ["Article 32(1)(a)"],
        "risks": [{"threat": "T-1", "vulnerability": "V-1", "likelihood": 3, "impact": 3, "statement": "Loss."}],
        "remediation": {"text": "Encrypt it.", "effort": "S"},
        "evidence": {"manual": "screenshot"},
        **changes,
    }


def contents(*questions: dict[str, Any]) -> dict[str, Any]:
    """Return the files of a pack with these questions."""
    return {
        "items": {
            "items": [
                {
                    "id": "GDPR-32-1a",
                    "citation": "Article 32(1)(a)",
                    "level": "spec",
                    "title": "Encryption",
                    "requirement": "required",
                    "text": "Pseudonymise and encrypt personal data.",
                }
            ]
        },
        "questions": {
            "sections": [{"id": "S1", "title": "Basics", "about": "All of it"}],
            "roles": {"owner": "Owner"},
            "scales": {
                "plain": [
                    {"value": "full", "label": "Yes", "gap": 0.0},
                    {"value": "none", "label": "No", "gap": 1.0},
                ]
            },
            "probes": [],
            "questions": list(questions),
        },
        "inventory": {
            "threats": [{"id": "T-1", "name": "Theft", "source": "adversarial", "cia": ["C"]}],
            "vulnerabilities": [{"id": "V-1", "name": "Not encrypted"}],
            "asset_classes": {"server": "Servers"},
            "asset_types": [],
            "network_zones": [],
            "channels": [],
        },
    }


def write(shelf: Path, files: dict[str, Any], **manifest: Any) -> Path:
    """Write one version of a pack to a shelf, and return its folder."""
    said = {**MANIFEST, **manifest}
    folder: Path = shelf / said["id"] / str(said["version"])
    folder.mkdir(parents=True)
    for name, data in {"pack": said, **files}.items():
        (folder / f"{name}.yaml").write_text(yaml.safe_dump(data))
    (folder / "method.yaml").write_text(METHOD.read_text())
    return folder

"""Who a file, a study or a patient says it is about: five values, compared as people compare them."""

import datetime as dt
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Self

from pacs.dicom import json_model
from pacs.dicom.dates import parse_date
from pacs.dicom.json_model import Attributes, tag_of
from pacs.dicom.names import PersonName

if TYPE_CHECKING:
    from pacs.models import Patient, Study

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Identity:
    """A person as DICOM identifies one; `name_pn` in the form of PS3.5, absent values empty."""

    patient_id: str = ""
    issuer: str = ""
    name_pn: str = ""
    birth_date: dt.date | None = None
    sex: str = ""

    @classmethod
    def of_header(cls, header: Attributes) -> Self:
        """Read a header."""
        return cls(
            patient_id=_text(header, "PatientID", 64),
            issuer=_text(header, "IssuerOfPatientID", 64),
            name_pn=str(PersonName.parse(json_model.get_str(header, "PatientName")))[:400],
            birth_date=parse_date(json_model.get_str(header, "PatientBirthDate")),
            sex=_text(header, "PatientSex", 16),
        )

    @classmethod
    def of_patient(cls, row: "Patient") -> Self:
        """Read the row of a patient; one from before names were kept whole has only the name that is shown."""
        return cls(
            patient_id=row.dicom_patient_id,
            issuer=row.issuer,
            name_pn=row.name_pn or row.name.replace(", ", "^"),
            birth_date=row.birth_date,
            sex=row.sex,
        )

    @classmethod
    def of_study(cls, row: "Study") -> Self:
        """Read what a study is served under."""
        return cls(
            patient_id=row.dicom_patient_id,
            issuer=row.issuer_of_patient_id,
            name_pn=row.patient_name_pn,
            birth_date=row.patient_birth_date,
            sex=row.patient_sex,
        )

    @classmethod
    def of_images(cls, row: "Study") -> Self:
        """Read what the images of a study say, whatever it is served under."""
        return cls.from_json(row.overlay["images"]) if row.overlay else cls.of_study(row)

    @classmethod
    def from_json(cls, value: Json) -> Self:
        """Read the form in which an identity is kept."""
        born = value.get("birth_date")
        known = {name: str(value.get(name) or "") for name in ("patient_id", "issuer", "name_pn", "sex")}
        return cls(**known, birth_date=dt.date.fromisoformat(born) if born else None)

    def to_json(self) -> Json:
        """Return the form in which an identity is kept."""
        return {**asdict(self), "birth_date": self.birth_date.isoformat() if self.birth_date else None}

    @property
    def name(self) -> PersonName:
        return PersonName.parse(self.name_pn)

    @property
    def display_name(self) -> str:
        return self.name.display[:200]

    @property
    def match_key(self) -> str:
        """What makes two studies the same patient's; empty without a Patient ID, where nothing is guessed."""
        return f"pid|{self.issuer}|{self.patient_id}" if self.patient_id else ""

    def contradicts(self, other: "Identity") -> bool:
        """Say whether this is someone else of the same id: another birth date, or another name, however folded."""
        if self.birth_date and other.birth_date and self.birth_date != other.birth_date:
            return True
        mine, theirs = set(self.name.search_tokens), set(other.name.search_tokens)
        return bool(mine and theirs) and not (mine <= theirs or theirs <= mine)

    def attributes(self) -> Attributes:
        """Return the values as elements of a header (PS3.3 C.2.2 and C.7.1.1)."""
        born = self.birth_date.strftime("%Y%m%d") if self.birth_date else ""
        groups = ("Alphabetic", "Ideographic", "Phonetic")
        parts = (self.name.alphabetic, self.name.ideographic, self.name.phonetic)
        name = {group: part for group, part in zip(groups, parts, strict=True) if part}
        return {
            tag_of("PatientName"): _element("PN", name),
            tag_of("PatientID"): _element("LO", self.patient_id),
            tag_of("IssuerOfPatientID"): _element("LO", self.issuer),
            tag_of("PatientBirthDate"): _element("DA", born),
            tag_of("PatientSex"): _element("CS", self.sex),
        }


def _element(vr: str, value: Any) -> Json:
    return {"vr": vr, "Value": [value]} if value else {"vr": vr}


def _text(header: Attributes, keyword: str, limit: int) -> str:
    return json_model.get_str(header, keyword)[:limit].strip()

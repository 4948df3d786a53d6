"""Who is the same person, and who is not."""

import datetime as dt

import pytest

from pacs.identity import Identity
from tests.factories.attributes import make_attributes

BORN = dt.date(1980, 1, 2)


def test_a_header_is_read_as_it_names_its_patient() -> None:
    header = make_attributes(
        PatientName="Müller^Jürgen",
        PatientID=" P1 ",
        PatientBirthDate="1980.01.02",
        PatientSex="M",
        IssuerOfPatientID="I",
    )

    assert Identity.of_header(header) == Identity("P1", "I", "Müller^Jürgen", BORN, "M")


@pytest.mark.parametrize(
    ("mine", "theirs"),
    [
        (Identity(name_pn="Muller^Jurgen"), Identity(name_pn="Müller^Jürgen")),
        (Identity(name_pn="DOE^JANE"), Identity(name_pn="Doe^Jane^Ann")),
        (Identity(name_pn="==Doe^Jane"), Identity(name_pn="Doe^Jane")),
        (Identity(name_pn="Doe^Jane"), Identity(name_pn="")),
        (Identity(birth_date=BORN), Identity(birth_date=None)),
        (Identity(sex="M"), Identity(sex="F")),
    ],
)
def test_spelling_and_what_is_absent_are_no_contradiction(mine: Identity, theirs: Identity) -> None:
    assert not mine.contradicts(theirs)
    assert not theirs.contradicts(mine)


@pytest.mark.parametrize(
    ("mine", "theirs"),
    [
        (Identity(name_pn="Doe^Jane"), Identity(name_pn="Doe^John")),
        (Identity(name_pn="Doe^Jane", birth_date=BORN), Identity(name_pn="Doe^Jane", birth_date=dt.date(1980, 2, 1))),
    ],
)
def test_another_name_or_birth_date_is_one(mine: Identity, theirs: Identity) -> None:
    assert mine.contradicts(theirs)
    assert theirs.contradicts(mine)


def test_an_identity_is_kept_and_read_again() -> None:
    identity = Identity("P1", "I", "Yamada^Tarou=山田^太郎", BORN, "M")

    assert Identity.from_json(identity.to_json()) == identity


def test_without_a_patient_id_nothing_is_matched() -> None:
    assert Identity(name_pn="Doe^Jane").match_key == ""
    assert Identity(patient_id="P1").match_key == "pid||P1"

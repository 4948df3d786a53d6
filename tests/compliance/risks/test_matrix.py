"""The lookup tables, cell by cell, against the published facts and the pack that prints them."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from compliance.packs import library
from compliance.risks import matrix

FACTS = Path(__file__).resolve().parents[4] / "shared" / "facts" / "risk_method.yaml"
# Table I-2 as a person reads it aloud: likelihood, impact, level.
GOLDEN_I2 = [
    *(("VH", "VL", "VL"), ("VH", "L", "L"), ("VH", "M", "M"), ("VH", "H", "H"), ("VH", "VH", "VH")),
    *(("H", "VL", "VL"), ("H", "L", "L"), ("H", "M", "M"), ("H", "H", "H"), ("H", "VH", "VH")),
    *(("M", "VL", "VL"), ("M", "L", "L"), ("M", "M", "M"), ("M", "H", "M"), ("M", "VH", "H")),
    *(("L", "VL", "VL"), ("L", "L", "L"), ("L", "M", "L"), ("L", "H", "L"), ("L", "VH", "M")),
    *(("VL", "VL", "VL"), ("VL", "L", "VL"), ("VL", "M", "VL"), ("VL", "H", "L"), ("VL", "VH", "L")),
]
# Table G-5: likelihood that it begins, that it does harm, overall.
GOLDEN_G5 = [
    *(("VH", "VL", "L"), ("VH", "L", "M"), ("VH", "M", "H"), ("VH", "H", "VH"), ("VH", "VH", "VH")),
    *(("H", "VL", "L"), ("H", "L", "M"), ("H", "M", "M"), ("H", "H", "H"), ("H", "VH", "VH")),
    *(("M", "VL", "L"), ("M", "L", "L"), ("M", "M", "M"), ("M", "H", "M"), ("M", "VH", "H")),
    *(("L", "VL", "VL"), ("L", "L", "L"), ("L", "M", "L"), ("L", "H", "M"), ("L", "VH", "M")),
    *(("VL", "VL", "VL"), ("VL", "L", "VL"), ("VL", "M", "L"), ("VL", "H", "L"), ("VL", "VH", "L")),
]


@pytest.fixture(scope="module")
def facts() -> dict[str, Any]:
    if not FACTS.is_file():
        pytest.skip("no facts beside the checkout")
    loaded: dict[str, Any] = yaml.safe_load(FACTS.read_text())
    return loaded


@pytest.mark.req("RA-08")
@pytest.mark.parametrize(("likelihood", "impact", "level"), GOLDEN_I2)
def test_a_level_of_risk_is_what_table_i_2_says(likelihood: str, impact: str, level: str) -> None:
    found = matrix.risk_level(matrix.level_of(likelihood), matrix.level_of(impact))

    assert matrix.code_of(found) == level


@pytest.mark.parametrize(("beginning", "harm", "overall"), GOLDEN_G5)
def test_an_overall_likelihood_is_what_table_g_5_says(beginning: str, harm: str, overall: str) -> None:
    found = matrix.overall_likelihood(matrix.level_of(beginning), matrix.level_of(harm))

    assert matrix.code_of(found) == overall


def test_the_tables_are_those_of_the_facts(facts: dict[str, Any]) -> None:
    assert {row: list(cells) for row, cells in matrix.TABLE_I2.items()} == facts["risk_matrix"]
    assert {row: list(cells) for row, cells in matrix.TABLE_G5.items()} == facts["overall_likelihood_matrix"]


def test_the_tables_are_those_that_the_pack_prints() -> None:
    method = library.catalogue(library.default_choice()).method

    assert {row: tuple(cells) for row, cells in method.risk_matrix.items()} == matrix.TABLE_I2
    assert {row: tuple(cells) for row, cells in method.overall_likelihood_matrix.items()} == matrix.TABLE_G5


@pytest.mark.parametrize(("likelihood", "impact"), [(0, 1), (6, 1), (1, 0), (1, 6)])
def test_a_level_outside_of_the_scale_is_an_error(likelihood: int, impact: int) -> None:
    with pytest.raises(ValueError, match="from 1 to 5"):
        matrix.risk_level(likelihood, impact)

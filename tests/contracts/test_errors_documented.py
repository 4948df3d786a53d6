"""Every refusal that the portal foresees is documented under its code."""

import pytest

from common.errors import DomainError
from tests.contracts.house import ROOT
from tooling.error_reference import all_errors, table

REFUSALS = {400, 401, 403, 404, 406, 409, 410, 413, 415, 416, 422, 423, 429, 503, 507}


def test_the_reference_of_errors_is_what_the_code_says() -> None:
    reference = (ROOT / "docs/reference/errors.md").read_text()

    assert table(all_errors()) in reference, "run `.venv/bin/python -m tooling.error_reference`"


def test_one_code_is_one_error() -> None:
    codes = [error.code for error in all_errors()]

    assert sorted(codes) == sorted(set(codes))


@pytest.mark.parametrize("error", all_errors(), ids=lambda error: error.code)
def test_an_error_has_a_status_of_refusal_and_a_sentence(error: type[DomainError]) -> None:
    assert error.status in REFUSALS
    assert str(error.title).endswith(".")

"""The measuring of uploads in the browser: what it packs, and what it says."""

import pytest

from tooling.bench.browser_upload import Measured, batches_of
from tooling.bench.studies import make_cbct


def test_the_plain_side_packs_as_the_page_does() -> None:
    study = make_cbct(slices=7)
    size = max(one.size for one in study.slices)

    assert [len(batch) for batch in batches_of(study.slices, 3 * size)] == [3, 3, 1]
    assert [len(batch) for batch in batches_of(study.slices, size // 2)] == [1] * 7


def test_the_ratio_is_of_medians() -> None:
    measured = Measured(plain=[100.0, 200.0, 1000.0], bare=[160.0, 200.0, 10.0], browser=[150.0, 10.0, 160.0])

    assert (measured.ratio, measured.ceiling) == pytest.approx((0.75, 0.8))
    assert measured.as_json()["ratio"] == measured.ratio
    assert "ratio 0.75" in measured.lines()[1]
    assert measured.lines()[2].endswith("160 MB/s, 0.80; the page: 94% of it")

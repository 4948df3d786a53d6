"""Which studies a year of a group has, by their numbers."""

from tooling.bench.capacity.demand import CBCTS, FILMS

# Of so many studies in a row the first few are CBCTs, as many to the films as a site makes.
_IN_A_ROW, _FIRST = 28, 3
# Of so many CBCTs one has its slices as rows: of all they would be 24 million, of more than a kilobyte each.
WITH_SLICES_EVERY = 75

assert _FIRST * FILMS == (_IN_A_ROW - _FIRST) * CBCTS


def is_cbct(number: int) -> bool:
    """Say whether a study is a CBCT; else it is a film."""
    return number % _IN_A_ROW < _FIRST


def has_slices(number: int) -> bool:
    """Say whether a CBCT has rows of its slices."""
    return number % (_IN_A_ROW * WITH_SLICES_EVERY // _FIRST) == 0

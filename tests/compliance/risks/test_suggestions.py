"""What the portal suggests: the defaults of the pack, shifted by answer, measurement and scope."""

import pytest

from compliance.risks.suggestions import Basis, Suggestion, suggest


@pytest.mark.parametrize(
    ("basis", "suggestion"),
    [
        (Basis(likelihood=4, impact=3), Suggestion(4, 3)),
        (Basis(likelihood=4, impact=3, gap=0.0), Suggestion(2, 3)),
        (Basis(likelihood=4, impact=3, gap=0.25), Suggestion(3, 3)),
        (Basis(likelihood=4, impact=3, gap=0.5), Suggestion(4, 3)),
        (Basis(likelihood=4, impact=3, gap=1.0), Suggestion(4, 3)),
        (Basis(likelihood=1, impact=3, gap=0.0), Suggestion(1, 3)),
        (Basis(likelihood=3, impact=3, gap=0.5, probe="pass"), Suggestion(2, 3)),
        (Basis(likelihood=3, impact=3, gap=1.0, probe="pass"), Suggestion(3, 3)),
        (Basis(likelihood=3, impact=3, gap=0.5, probe="fail"), Suggestion(4, 3)),
        (Basis(likelihood=5, impact=3, gap=1.0, probe="fail"), Suggestion(5, 3)),
        (Basis(likelihood=2, impact=2, patients=499), Suggestion(2, 2)),
        (Basis(likelihood=2, impact=2, patients=500), Suggestion(2, 4)),
        (Basis(likelihood=2, impact=5, patients=500), Suggestion(2, 5)),
        (Basis(likelihood=2, impact=2, is_central_archive=True), Suggestion(2, 5)),
    ],
)
def test_a_suggestion_follows_the_method(basis: Basis, suggestion: Suggestion) -> None:
    assert suggest(basis) == suggestion

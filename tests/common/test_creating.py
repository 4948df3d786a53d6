"""Models that are made at once."""

from unittest.mock import patch

import pytest
from django.db import connection, migrations, models
from django.db.migrations.state import ModelState, ProjectState

from common.creating import CreateModels

PAIR = CreateModels(
    [
        migrations.CreateModel(
            "Key",
            [("id", models.IntegerField(primary_key=True)), ("lock", models.ForeignKey("places.Lock", models.PROTECT))],
        ),
        migrations.CreateModel(
            "Lock",
            [
                ("id", models.IntegerField(primary_key=True)),
                ("spare", models.ForeignKey("places.Key", models.PROTECT, null=True)),
            ],
            {"indexes": [models.Index(fields=["id"], name="lock_by_id")]},
        ),
    ]
)


def _names() -> set[str]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT name FROM sqlite_master WHERE sql IS NOT NULL")
        # Without the digest that Django adds to the name of an index of its own.
        return {name[:18] for (name,) in cursor}


def _after(before: ProjectState) -> ProjectState:
    after = before.clone()
    PAIR.state_forwards("places", after)
    return after


@pytest.mark.embedded
@pytest.mark.django_db(transaction=True)
def test_tables_that_refer_to_each_other_come_and_go_with_their_indexes() -> None:
    before = ProjectState()
    after = _after(before)
    there = _names()

    with connection.schema_editor() as editor:
        PAIR.database_forwards("places", editor, before, after)
    made = _names() - there
    with connection.schema_editor() as editor:
        PAIR.database_backwards("places", editor, after, before)

    assert {"places_lock", "lock_by_id", "places_key_lock_id"} <= made
    assert _names() == there


def test_a_state_that_was_drawn_up_is_drawn_up_once_more_and_not_for_each_model() -> None:
    before = ProjectState()
    assert before.apps.get_models() == []

    with patch.object(ModelState, "render", autospec=True, side_effect=ModelState.render) as drawn:
        after = _after(before)
        assert drawn.call_count == 0
        assert {model.__name__ for model in after.apps.get_models()} == {"Key", "Lock"}

    assert drawn.call_count == 2

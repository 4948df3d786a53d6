"""How far analyses are, told on the page of a study, without reloading."""

from typing import Any

import pytest
import time_machine
from django.test import Client

from common.scope import tenant_scope
from inference import selectors
from inference.models import Rule, Run
from pacs.models import Study
from tests.factories.browsers import enter_as
from tests.factories.inference import Centre, store_films
from tests.inference.states import HTMX, put, said

pytestmark = [pytest.mark.django_db, pytest.mark.req("BR-41")]


def part(client: Client, study: Study, told: str = "") -> str:
    answer = client.get(f"/studies/{study.id}/analysis/?told={told}", headers=HTMX)
    assert answer.status_code == 200
    return answer.content.decode()


@pytest.mark.parametrize("role", ["technician", "dentist"])
@pytest.mark.parametrize(
    ("state", "words", "asks_again"),
    [
        ("waiting", "analysis waiting A network is going to look at the images.", True),
        ("running", "analysis running A network is looking at the images.", True),
        ("failed", "analysis failed A network could not look at the images. See why", False),
        ("done", "", False),
    ],
)
def test_the_page_of_a_study_says_how_far_its_analysis_is(
    centre: Centre, study: Study, role: str, state: str, words: str, asks_again: bool
) -> None:
    put(centre, study, state)

    text = part(enter_as(centre.tenant, role), study)

    assert said(text) == words
    assert (f'?told={state}"' in text) is asks_again


def test_the_same_state_is_not_said_twice(centre: Centre, study: Study) -> None:
    put(centre, study, "running")

    assert said(part(enter_as(centre.tenant, "dentist"), study, told="running")) == ""


def test_the_end_is_said_and_the_badge_goes(centre: Centre, study: Study) -> None:
    text = part(enter_as(centre.tenant, "dentist"), study, told="running")

    assert said(text) == "The analyses are done."
    assert "analysis running" not in text


def test_a_page_that_still_shows_a_run_that_has_ended_meanwhile_asks_again(
    centre: Centre, study: Study, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(centre, study, "running")

    def end_after_reading(**asked: Any) -> list[Run]:
        runs = read(**asked)
        put(centre, study, "done")
        return runs

    read = selectors.list_runs_of_study
    monkeypatch.setattr(selectors, "list_runs_of_study", end_after_reading)
    dentist = enter_as(centre.tenant, "dentist")
    between = part(dentist, study, told="running")
    after = part(dentist, study)

    assert [">running<" in text for text in (between, after)] == [True, False]
    assert ['hx-trigger="load delay:2s"' in text for text in (between, after)] == [True, False]


def test_a_page_without_scripts_has_no_part_for_another_place(centre: Centre, study: Study) -> None:
    put(centre, study, "running")

    text = enter_as(centre.tenant, "dentist").get(f"/studies/{study.id}/analysis/").content.decode()

    assert "hx-swap-oob" not in text


def test_images_that_just_arrive_are_asked_about_again_if_a_rule_may_ask_for_an_analysis(
    centre: Centre, frozen_time: time_machine.Traveller
) -> None:
    arriving = store_films(centre.tenant, "arriving")
    dentist = enter_as(centre.tenant, "dentist")

    assert 'hx-trigger="load delay:2s"' in part(dentist, arriving)
    with tenant_scope(centre.tenant.id):
        Rule.objects.update(is_on=False)
    assert 'hx-trigger="load delay:2s"' not in part(dentist, arriving)


def test_what_failed_is_not_called_nothing_found(centre: Centre, study: Study) -> None:
    put(centre, study, "failed")

    text = part(enter_as(centre.tenant, "dentist"), study)

    assert "Nothing above the thresholds" not in text

"""How far analyses are, told in the rows of the worklist, without reloading."""

import re
from uuid import UUID

import pytest
from django.test import Client

from outbox import services as outbox
from pacs.models import Study
from tests.factories.browsers import enter_as
from tests.factories.cast import make_tenant
from tests.factories.inference import Centre, analysed_study, store_films
from tests.inference.states import HTMX, put, said

pytestmark = [pytest.mark.django_db, pytest.mark.req("BR-41")]


def listed(client: Client, *studies: UUID, told: int = 0) -> str:
    asked = [("study", str(study_id)) for study_id in studies]
    answer = client.get("/studies/analyses/", [*asked, ("told", str(told))], headers=HTMX)
    assert answer.status_code == 200
    return answer.content.decode()


def test_a_row_says_how_far_its_analysis_is_and_no_word_once_it_is_done(centre: Centre, study: Study) -> None:
    client = enter_as(centre.tenant, "technician")
    words = {}
    for state in ("waiting", "running", "failed", "done"):
        put(centre, study, state)
        row = listed(client, study.id).partition(f'id="analysis-{study.id}"')[2].partition("\n</span>")[0]
        words[state] = re.findall(r"analysis \w+", row)

    assert words == {
        "waiting": ["analysis waiting"],
        "running": ["analysis running"],
        "failed": ["analysis failed"],
        "done": [],
    }


def test_a_list_asks_again_for_what_is_under_way_only(centre: Centre, study: Study) -> None:
    other = analysed_study(centre, "other")
    put(centre, study, "running")

    text = listed(enter_as(centre.tenant, "technician"), study.id, other.id)

    assert f"?told=1&amp;study={study.id}" in text
    assert f"study={other.id}" not in text


def test_a_list_says_aloud_what_changed_and_nothing_while_nothing_does(centre: Centre, study: Study) -> None:
    client = enter_as(centre.tenant, "technician")
    put(centre, study, "running")
    heard = [said(listed(client, study.id, told=before)) for before in (0, 1)]
    put(centre, study, "failed")
    heard.append(said(listed(client, study.id, told=1)))
    put(centre, study, "done")
    heard += [said(listed(client, study.id, told=before)) for before in (1, 0)]

    assert heard == [
        "1 study is being analysed.",
        "",
        "The analyses are over; not all succeeded.",
        "The analyses are done.",
        "",
    ]


def test_a_list_in_german(centre: Centre, study: Study) -> None:
    put(centre, study, "running")
    answer = enter_as(centre.tenant, "technician").get(
        "/studies/analyses/", {"study": str(study.id)}, headers={"Accept-Language": "de"}
    )

    assert "Analyse läuft" in answer.content.decode()


def test_studies_of_others_are_left_out(centre: Centre, study: Study) -> None:
    put(centre, study, "running")
    stranger = enter_as(make_tenant("Elsewhere"), "technician")

    assert str(study.id) not in listed(stranger, study.id)


@pytest.mark.parametrize(("role", "status"), [("dentist", 200), ("compliance_officer", 403)])
def test_who_opens_no_study_hears_of_no_analysis(centre: Centre, study: Study, role: str, status: int) -> None:
    client = enter_as(centre.tenant, role)

    assert client.get("/studies/analyses/", {"study": str(study.id)}).status_code == status
    assert ('id="analyses"' in client.get("/studies/").content.decode()) is (status == 200)


@pytest.mark.parametrize("query", ["", "?study=no", "?told=-1"])
def test_a_question_that_is_not_understood_is_refused(centre: Centre, query: str) -> None:
    assert enter_as(centre.tenant, "technician").get(f"/studies/analyses/{query}").status_code == 400


def test_a_film_goes_from_arriving_to_done_without_a_reload(centre: Centre) -> None:
    arriving = store_films(centre.tenant, "story")
    client = enter_as(centre.tenant, "technician")
    assert f"study={arriving.id}" in listed(client, arriving.id)

    outbox.drain([centre.tenant.id])

    assert f"study={arriving.id}" not in listed(client, arriving.id)

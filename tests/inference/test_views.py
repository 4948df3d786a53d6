"""Pages of networks and findings: who sees what, under which words, and what never leaves."""

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from accounts.access import matrix
from audit import selectors as audit
from common.scope import tenant_scope
from inference.models import ImageTag, Rule, Run
from pacs.models import Study
from tests.factories import onnx_models
from tests.factories.browsers import browser_of, enter_as
from tests.factories.inference import Centre, analysed_study, make_centre, store_films
from tests.factories.people import actions
from tests.isolation.world import client_of
from tests.pacs.dicomweb.requests import content_of

pytestmark = pytest.mark.django_db
LABEL = "AI-Assisted Preliminary Findings"
SEES = {"radiologist", "dentist", "assistant"}


def part(client: Client, study: Study) -> str:
    response = client.get(f"/studies/{study.id}/analysis/", headers={"HX-Request": "true"})
    assert response.status_code == 200
    return response.content.decode()


@pytest.mark.req("BR-15")
@pytest.mark.req("BR-10")
@pytest.mark.parametrize("role", sorted(SEES))
def test_findings_stand_under_the_words_that_are_required(centre: Centre, study: Study, role: str) -> None:
    text = part(enter_as(centre.tenant, role), study)

    assert f"<h2>{LABEL}</h2>" in text
    assert text.count("<strong>Filling</strong>") == 2
    assert "Research preview, not a diagnostic device." in text
    assert text.index(LABEL) < text.index("<strong>Filling</strong>")


@pytest.mark.req("BR-17")
@pytest.mark.parametrize("role", ["owner", "administrator", "technician"])
def test_who_may_not_see_suggestions_sees_what_the_images_are_and_no_finding(
    centre: Centre, study: Study, role: str
) -> None:
    text = part(enter_as(centre.tenant, role), study)

    assert "panoramic" in text
    assert "Filling" not in text
    assert LABEL not in text


def test_words_that_the_lines_of_the_images_say_are_no_tags_beside_them(centre: Centre, study: Study) -> None:
    text = part(enter_as(centre.tenant, "dentist"), study).partition("What the images are")[2]

    assert text.count("panoramic") == 1
    assert '<code class="tag">quality_flat</code>' in text


@pytest.mark.req("BR-17")
@pytest.mark.parametrize("role", sorted({*matrix()["actions"]["study.list"]} - {"guest", "patient"}))
def test_the_viewer_gets_findings_for_who_may_see_them_only(centre: Centre, study: Study, role: str) -> None:
    client = enter_as(centre.tenant, role)
    response = client.get(f"/studies/{study.id}/analysis/overlay")
    scene = client.get(f"/viewer/{study.id}/scene")

    assert response.status_code == (200 if role in SEES else 403)
    if scene.status_code == 200:
        assert bool(scene.json()["findings_url"]) is (role in SEES)


def test_the_viewer_draws_boxes_in_pixels_of_the_image(centre: Centre, study: Study) -> None:
    overlay = enter_as(centre.tenant, "dentist").get(f"/studies/{study.id}/analysis/overlay").json()

    with tenant_scope(centre.tenant.id):
        (instance,) = study.instances.all()
    assert overlay["label"] == LABEL
    assert overlay["notice"] == "Research preview, not a diagnostic device."
    assert overlay["findings"][0]["box"] == onnx_models.EXPECTED[0]["box"]
    assert overlay["findings"][0]["SOPInstanceUID"] == instance.sop_instance_uid


OUTSIDE = ("guest", "patient", "token")


@pytest.mark.req("BR-16")
@pytest.mark.req("BR-15")
def test_findings_leave_by_no_way(centre: Centre, study: Study) -> None:
    with tenant_scope(centre.tenant.id):
        (series,) = study.series.all()
        (instance,) = study.instances.all()
    root = f"/dicom-web/studies/{study.study_instance_uid}"
    paths = [
        f"/studies/{study.id}/archive",
        root,
        f"{root}/metadata",
        f"{root}/series/{series.series_instance_uid}/instances/{instance.sop_instance_uid}/rendered",
        "/dicom-web/studies?includefield=all",
        f"/viewer/{study.id}/scene",
        f"/studies/{study.id}/analysis/",
        f"/studies/{study.id}/analysis/overlay",
        "/p/",
        "/s/studies/",
    ]
    for client in [client_of(who, centre.tenant, study) for who in OUTSIDE]:
        for path in paths:
            body = content_of(client.get(path)).lower()
            assert b"filling" not in body
            assert b"preliminary" not in body


@pytest.mark.parametrize("who", OUTSIDE)
def test_to_those_outside_no_analysis_exists(centre: Centre, study: Study, who: str) -> None:
    client = client_of(who, centre.tenant, study)

    assert client.get(f"/studies/{study.id}/analysis/overlay").status_code in {403, 404}
    assert client.post(f"/studies/{study.id}/analysis/run/").status_code in {403, 404}


def test_analyses_are_asked_for_and_cancelled(centre: Centre) -> None:
    other = make_centre(with_rule=False)
    study = store_films(other.tenant)
    other.deliver()
    client = enter_as(other.tenant, "dentist")
    asked = client.post(f"/studies/{study.id}/analysis/run/")
    (run,) = other.runs()
    waiting = part(client, study)
    cancelled = client.post(f"/analyses/{run.id}/cancel/")

    assert (asked.status_code, cancelled.status_code) == (302, 302)
    assert "hx-trigger" in waiting
    assert [one.state for one in other.runs()] == [Run.State.CANCELLED]


def test_a_study_that_no_network_reads_says_so(centre: Centre) -> None:
    study = store_films(centre.tenant, Modality="MR")
    centre.deliver()
    response = enter_as(centre.tenant, "dentist").post(f"/studies/{study.id}/analysis/run/")

    assert response.status_code == 409
    assert "No network of this centre reads" in response.content.decode()


def test_a_study_that_no_network_reads_says_so_once_and_offers_nothing(centre: Centre) -> None:
    study = store_films(centre.tenant, Modality="MR")
    centre.deliver()

    text = part(enter_as(centre.tenant, "dentist"), study)

    assert text.count("No network here reads images of this kind.") == 1
    assert "No network has looked" not in text
    assert LABEL not in text
    assert "/analysis/run/" not in text


def upload(client: Client, files: dict[str, bytes]) -> Any:
    parts = [SimpleUploadedFile(name, data) for name, data in files.items()]
    return client.post("/networks/import/", {"parts": parts})


@pytest.mark.req("AI-04")
def test_a_practice_brings_its_own_network(centre: Centre) -> None:
    client = browser_of(centre.owner)
    response = upload(client, onnx_models.package(version="2.0.0"))
    page = client.get(response.headers["Location"]).content.decode()

    assert response.status_code == 302
    assert "Finder of bright squares" in page
    assert "It knows squares only." in page
    assert "None (synthetic, CC0, 1): Nobody" in page


def test_a_network_that_cannot_be_used_is_told_why(centre: Centre) -> None:
    response = upload(browser_of(centre.owner), onnx_models.package(onnx_models.no_numbers(), version="2.0.0"))

    assert response.status_code == 422
    assert "no numbers" in response.content.decode()


def test_rules_and_batches_are_made_by_form(centre: Centre) -> None:
    client = browser_of(centre.owner)
    network = str(centre.network_id)
    rule = client.post("/networks/rules/", {"network": network, "kinds": ["panoramic"], "device": "ProMax"})
    batch = client.post("/networks/batches/", {"network": network, "from_date": "2026-10-01", "to_date": "2026-10-31"})
    wrong = client.post("/networks/batches/", {"network": network, "from_date": "2026-11-01", "to_date": "2026-10-31"})
    page = client.get("/networks/").content.decode()

    assert (rule.status_code, batch.status_code, wrong.status_code) == (302, 302, 422)
    assert "ProMax" in page
    assert "2026-10-01" in page


def test_a_rule_is_switched_off_and_a_network_retired(centre: Centre) -> None:
    client = browser_of(centre.owner)
    with tenant_scope(centre.tenant.id):
        (rule,) = Rule.objects.all()
    client.post(f"/networks/rules/{rule.id}/")
    client.post(f"/networks/{centre.network_id}/retire/")

    with tenant_scope(centre.tenant.id):
        assert [one.is_on for one in Rule.objects.all()] == [False]
    assert centre.network().retired_at is not None
    assert "retired" in client.get("/networks/").content.decode()


@pytest.mark.req("AI-18")
def test_a_network_that_may_not_run_says_which_papers_lack() -> None:
    centre = make_centre(with_rule=False, supplier={"name": "Elsewhere Inc.", "relation": "third-party"})
    page = browser_of(centre.owner).get("/networks/").content.decode()

    assert "refused" in page
    assert "signed business associate agreement" in page


@pytest.mark.req("AI-22")
@pytest.mark.req("AI-23")
@pytest.mark.req("AI-12")
@pytest.mark.req("AI-13")
def test_privacy_claims_tell_what_holds_now(centre: Centre, study: Study) -> None:
    client = enter_as(centre.tenant, "compliance_officer")
    before = client.get("/networks/privacy/").content.decode()
    client.post("/networks/privacy/", {"purpose": "Better bitewings"})
    allowed = client.get("/networks/privacy/").content.decode()
    client.post("/networks/privacy/forbid/")
    after = client.get("/networks/privacy/").content.decode()

    assert "an empty network namespace" in before or "system calls for networks" in before
    assert "1 analysis is recorded" in before
    assert "Off: no image is used for it." in before
    assert "Images of this centre may be used for training." in allowed
    assert "Better bitewings" in allowed
    assert "Off: no image is used for it." in after


@pytest.mark.req("AI-10")
def test_costs_are_shown_by_month_and_the_price_is_set(centre: Centre, study: Study) -> None:
    client = browser_of(centre.owner)
    changed = client.post("/networks/costs/", {"per_cpu_hour": "0.25", "currency": "eur"})
    page = client.get("/networks/costs/").content.decode()

    assert changed.status_code == 302
    assert "bright-squares 1.0.0" in page
    assert "0.25 EUR" in page


@pytest.mark.req("BR-35")
def test_studies_are_found_by_tag(centre: Centre, study: Study) -> None:
    client = enter_as(centre.tenant, "dentist")
    found = client.post("/studies/tagged/", {"tag": "panoramic"}).content.decode()
    nothing = client.post("/studies/tagged/", {"tag": "bitewing"}).content.decode()

    assert "Petra" in found
    assert LABEL not in found
    assert "No study has this tag" in nothing


def test_who_saw_which_studies_by_a_tag_is_in_the_audit_log(centre: Centre, study: Study) -> None:
    enter_as(centre.tenant, "dentist").post("/studies/tagged/", {"tag": "panoramic"})

    with tenant_scope(centre.tenant.id):
        (entry,) = audit.list_events(audit.Filter(action="worklist.viewed"))
    assert entry.detail == {"rows": 1, "studies": [str(study.id)]}


@pytest.mark.req("BR-15")
def test_tags_of_networks_stand_under_the_words_that_are_required() -> None:
    labels = [{"index": 0, "name": "square", "finding": "caries", "threshold": 0.5, "tag_from": 0.5}]
    centre = make_centre(labels=labels)
    analysed_study(centre)
    text = enter_as(centre.tenant, "dentist").post("/studies/tagged/", {"tag": "potential"}).content.decode()

    assert text.index(LABEL) < text.index('<code class="tag">potential_caries')


@pytest.mark.req("BR-30")
def test_every_step_of_an_analysis_is_in_the_audit_log(centre: Centre, study: Study) -> None:
    assert [one for one in actions(centre.tenant) if one.startswith(("network.", "inference."))] == [
        "network.imported",
        "network.rule-added",
        "inference.requested",
        "inference.completed",
    ]


@pytest.mark.parametrize(("kind", "is_offered"), [("panoramic", True), ("bitewing", False)])
def test_an_analysis_is_offered_where_a_network_reads_the_images(
    centre: Centre, study: Study, kind: str, is_offered: bool
) -> None:
    with tenant_scope(centre.tenant.id):
        ImageTag.objects.filter(study_id=study.id).update(kind=kind)

    text = part(enter_as(centre.tenant, "technician"), study)

    assert ("Analyse now" in text, "No network here reads images of this kind." in text) == (is_offered, not is_offered)

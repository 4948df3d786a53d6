"""From an image that arrives to what a network found in it, once."""

import hashlib
from dataclasses import replace
from decimal import Decimal
from uuid import UUID

import orjson
import pytest

from common.errors import UnavailableError
from common.sandbox import SandboxError
from common.scope import tenant_scope
from inference import looking, selectors, services
from inference.children import children
from inference.errors import NothingToAnalyseError
from inference.models import Finding, Run, StudyTag
from outbox import services as outbox
from outbox.models import OutboxMessage
from pacs import readings
from pacs import services as pacs
from tests.factories.cast import make_actor
from tests.factories.inference import Centre, analysed_study, make_centre, states, store_films
from tests.factories.onnx_models import EXPECTED
from vault import selectors as vault

pytestmark = pytest.mark.django_db


@pytest.mark.req("AI-01")
@pytest.mark.req("AI-02")
@pytest.mark.req("BR-14")
def test_a_film_that_arrives_is_looked_at_and_what_is_found_is_kept(centre: Centre) -> None:
    study = analysed_study(centre)

    (run,) = centre.runs()
    found = centre.findings()
    assert (run.state, run.trigger, run.study_id) == ("done", "arrival", study.id)
    assert [finding.key for finding in found] == ["filling", "filling"]
    assert [finding.state for finding in found] == ["preliminary", "preliminary"]
    for finding, expected in zip(found, EXPECTED, strict=True):
        assert [finding.left, finding.top, finding.right, finding.bottom] == expected["box"]
        assert finding.score == pytest.approx(expected["score"], abs=1e-3)


@pytest.mark.req("BR-46")
@pytest.mark.req("BR-30")
def test_a_run_records_what_went_in_what_ran_and_what_came_out(centre: Centre) -> None:
    analysed_study(centre)

    (run,) = centre.runs()
    body = _result(centre, run)
    assert hashlib.sha256(body).digest() == bytes(run.output_sha256 or b"")
    result = orjson.loads(body)
    assert result["network"] == bytes(centre.network().digest).hex()
    assert result["input"] == bytes(run.input_sha256).hex()
    assert run.runtime.startswith("onnxruntime ")
    assert run.began_at is not None
    assert run.ended_at is not None
    assert run.asked_at <= run.began_at <= run.ended_at


def _result(centre: Centre, run: Run) -> bytes:
    assert run.result_blob_id
    reader = vault.open_object(tenant_id=centre.tenant.id, blob_id=run.result_blob_id)
    return reader.read(0, reader.plain_size)


def test_the_same_image_and_network_have_one_result(centre: Centre) -> None:
    study = analysed_study(centre)
    (run,) = centre.runs()
    services.request_runs(actor=centre.owner, study_id=study.id)
    services.perform_run(tenant_id=centre.tenant.id, run_id=run.id)
    centre.deliver()

    assert len(centre.runs()) == 1
    assert len(centre.findings()) == 2


def test_of_two_workers_with_one_run_the_last_that_began_settles_it(
    centre: Centre, monkeypatch: pytest.MonkeyPatch
) -> None:
    store_films(centre.tenant)
    look = looking.look
    begun: list[bool] = []

    def look_twice(**asked: object) -> looking.Outcome:
        if not begun:
            begun.append(True)
            services.perform_run(tenant_id=centre.tenant.id, run_id=asked["run"].id)  # type: ignore[attr-defined]
        return look(**asked)  # type: ignore[arg-type]

    monkeypatch.setattr(looking, "look", look_twice)
    centre.deliver()

    (run,) = centre.runs()
    assert (run.state, run.fence) == ("done", 2)
    assert len(centre.findings()) == 2


@pytest.mark.req("BR-48")
@pytest.mark.parametrize("reason", ["crashed", "timeout", "memory"])
def test_a_process_that_crashes_or_takes_too_much_is_tried_again_and_then_said_to_have_failed(
    centre: Centre, monkeypatch: pytest.MonkeyPatch, reason: str
) -> None:
    store_films(centre.tenant)

    def crash(**_: object) -> looking.Outcome:
        raise SandboxError("the reader ended unexpectedly", reason=reason)

    monkeypatch.setattr(looking, "look", crash)
    centre.deliver()

    (run,) = centre.runs()
    assert (run.state, run.code, run.attempts) == ("failed", "sandbox-failed", 3)


def test_a_network_whose_process_was_killed_answers_the_next_image(centre: Centre) -> None:
    analysed_study(centre, "one")
    children().close()
    analysed_study(centre, "two")

    assert states(centre.runs()) == ["done", "done"]


def test_what_failed_is_tried_again_when_somebody_asks(centre: Centre, monkeypatch: pytest.MonkeyPatch) -> None:
    study = store_films(centre.tenant)
    with monkeypatch.context() as patch:
        patch.setattr(looking, "look", _refuse)
        centre.deliver()
    assert states(centre.runs()) == ["failed"]
    services.request_runs(actor=make_actor(centre.tenant, "dentist"), study_id=study.id)
    centre.deliver()

    assert states(centre.runs()) == ["done"]


def _refuse(**_: object) -> looking.Outcome:
    raise SandboxError("no", reason="refused")


def test_a_run_that_was_cancelled_keeps_nothing(centre: Centre) -> None:
    study = store_films(centre.tenant)
    services.tag_series(tenant_id=centre.tenant.id, series_id=_series_id(centre, study.id))
    (run_id,) = services.request_runs(actor=centre.owner, study_id=study.id)
    services.cancel_run(actor=centre.owner, run_id=run_id)
    centre.deliver()

    assert states(centre.runs()) == ["cancelled"]
    assert centre.findings() == []


def test_a_run_cancelled_while_it_runs_settles_nothing(centre: Centre, monkeypatch: pytest.MonkeyPatch) -> None:
    store_films(centre.tenant)
    look = looking.look

    def look_and_be_cancelled(**asked: object) -> looking.Outcome:
        outcome = look(**asked)  # type: ignore[arg-type]
        services.cancel_run(actor=centre.owner, run_id=asked["run"].id)  # type: ignore[attr-defined]
        return outcome

    monkeypatch.setattr(looking, "look", look_and_be_cancelled)
    centre.deliver()

    assert states(centre.runs()) == ["cancelled"]
    assert centre.findings() == []


@pytest.mark.req("BR-48")
def test_while_no_network_runs_images_are_stored_and_prepared_and_analyses_wait(
    centre: Centre, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(**_: object) -> looking.Outcome:
        raise UnavailableError

    monkeypatch.setattr(looking, "look", away)
    study = store_films(centre.tenant)
    for _ in range(3):
        _deliver_each_once(centre)

    with tenant_scope(centre.tenant.id):
        (series,) = study.series.all()
        waiting = OutboxMessage.objects.filter(done_at=None, failed_at=None, topic__startswith="inference.").count()
    assert series.prepared_instances == 1
    assert states(centre.runs()) == ["waiting"]
    assert waiting == 1


def _deliver_each_once(centre: Centre) -> None:
    with tenant_scope(centre.tenant.id):
        waiting = list(OutboxMessage.objects.filter(done_at=None, failed_at=None, lease_until=None))
        leases = [outbox._take("default", row) for row in waiting]
    for lease in leases:
        assert lease is not None
        outbox.deliver(lease)


def test_an_image_that_went_to_the_bin_meanwhile_is_not_looked_at(centre: Centre) -> None:
    study = store_films(centre.tenant)
    services.tag_series(tenant_id=centre.tenant.id, series_id=_series_id(centre, study.id))
    services.request_runs(actor=centre.owner, study_id=study.id)
    pacs.delete_study(actor=centre.owner, study_id=study.id)
    centre.deliver()

    (run,) = centre.runs()
    assert (run.state, run.code) == ("failed", "study-not-found")


def test_a_study_without_an_image_for_any_network_says_so(centre: Centre) -> None:
    study = analysed_study(centre)
    services.retire_network(actor=centre.owner, network_id=centre.network_id)

    with pytest.raises(NothingToAnalyseError):
        services.request_runs(actor=centre.owner, study_id=study.id)


def test_a_retired_network_is_shown_nothing_that_arrives(centre: Centre) -> None:
    services.retire_network(actor=centre.owner, network_id=centre.network_id)
    analysed_study(centre)

    assert centre.runs() == []


def test_labels_that_are_off_are_kept_with_the_result_and_found_by_nobody() -> None:
    labels = [{"index": 0, "name": "square", "finding": "filling", "threshold": 0.5, "is_on": False}]
    centre = make_centre(labels=labels)
    analysed_study(centre)

    (run,) = centre.runs()
    assert len(orjson.loads(_result(centre, run))["findings"]) == 2
    assert centre.findings() == []


@pytest.mark.req("BR-31")
def test_only_what_a_network_is_sure_enough_of_tags_a_study() -> None:
    labels = [{"index": 0, "name": "square", "finding": "filling", "threshold": 0.5, "tag_from": 0.97}]
    centre = make_centre(labels=labels, teeth="position")
    analysed_study(centre)

    with tenant_scope(centre.tenant.id):
        words = set(StudyTag.objects.filter(source="network").values_list("tag", flat=True))
    assert words == {"filling_18_14"}


@pytest.mark.req("AI-10")
def test_a_run_costs_its_processor_time_at_the_tenants_rate(centre: Centre, monkeypatch: pytest.MonkeyPatch) -> None:
    services.set_rate(actor=centre.owner, per_cpu_hour=Decimal(36), currency="eur")
    look = looking.look
    monkeypatch.setattr(looking, "look", lambda **asked: replace(look(**asked), cpu_s=0.25))
    analysed_study(centre)

    with tenant_scope(centre.tenant.id):
        (month,) = selectors.list_months()
    assert (month.network, month.runs, month.cpu_s, month.cost_micros) == ("bright-squares 1.0.0", 1, 0.25, 2500)


def _series_id(centre: Centre, study_id: UUID) -> UUID:
    with tenant_scope(centre.tenant.id):
        (series_id,) = readings.series_of_study(study_id)
    return series_id


def test_the_rows_of_a_study_go_with_it(centre: Centre) -> None:
    study = analysed_study(centre)
    with tenant_scope(centre.tenant.id):
        study.delete()
        assert Run.objects.count() == 0
        assert Finding.objects.count() == 0

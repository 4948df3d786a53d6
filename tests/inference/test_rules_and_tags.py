"""Rules that choose images, tags that studies are found by, batches over dates, choices of a tenant."""

import datetime as dt
import json
from decimal import Decimal
from pathlib import Path
from typing import Any
from unittest import mock

import numpy as np
import pytest
from django.core.management import CommandError, call_command

from common.errors import ForbiddenError
from common.ids import NIL
from common.scope import tenant_scope
from inference import selectors, services
from inference.errors import BatchRangeError, RateError, RuleError, TrainingForbiddenError, TrainingPurposeError
from inference.models import ImageTag, StudyTag
from inference.services import bundled, networks, rules, tagging
from pacs import services as pacs
from pacs.dicom.phantom import make_uid
from pacs.models import Study
from tests.factories import onnx_models
from tests.factories.cast import make_actor, make_tenant
from tests.factories.inference import Centre, analysed_study, make_centre, states, store_films
from tests.factories.people import actions
from tests.isolation.world import client_of

pytestmark = pytest.mark.django_db
ALL = services.Conditions()


@pytest.fixture
def centre() -> Centre:
    return make_centre(with_rule=False)


# --- what comes with the portal ---------------------------------------------------------------------------------------


def test_a_newer_network_of_the_portal_takes_the_rules_over_also_after_a_crash(
    centre: Centre, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bundled, "FOLDER", tmp_path)
    monkeypatch.setattr(networks, "check", lambda *_: {})
    tenant_id = centre.tenant.id
    onnx_models.write_network(tmp_path / "finder", name="finder", version="1.0.0")
    services.register_bundled(tenant_id=tenant_id)
    onnx_models.write_network(tmp_path / "finder", name="finder", version="1.1.0")
    with monkeypatch.context() as killed:
        killed.setattr(rules, "add_rule", mock.Mock(side_effect=KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            services.register_bundled(tenant_id=tenant_id)

    services.register_bundled(tenant_id=tenant_id)

    with tenant_scope(tenant_id):
        assert [rule.network.version for rule in selectors.list_rules() if rule.is_on] == ["1.1.0"]


# --- rules ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("conditions", "matches"),
    [
        ({}, True),
        ({"kinds": ("panoramic",)}, True),
        ({"modality": "px"}, True),
        ({"modality": "CT"}, False),
        ({"body_part": "JAW"}, True),
        ({"body_part": "HEAD"}, False),
        ({"device": "promax"}, True),
        ({"device": "Carestream"}, False),
        ({"site": "north"}, True),
        ({"site": "South"}, False),
        ({"device": "ProMax", "site": "South"}, False),
    ],
)
def test_a_rule_chooses_by_kind_modality_body_part_device_and_site(
    centre: Centre, conditions: dict[str, Any], matches: bool
) -> None:
    services.add_rule(actor=centre.owner, network_id=centre.network_id, conditions=services.Conditions(**conditions))
    study = store_films(centre.tenant)
    with tenant_scope(centre.tenant.id):
        (series,) = study.series.all()
    services.tag_series(tenant_id=centre.tenant.id, series_id=series.id)
    with tenant_scope(centre.tenant.id):
        pairs = selectors.pairs_by_rules(list(ImageTag.objects.all()))

    assert bool(pairs) is matches


@pytest.mark.filterwarnings("ignore:The value length:UserWarning")
def test_a_device_of_long_names_is_tagged_by_their_beginning(centre: Centre) -> None:
    store_films(centre.tenant, Manufacturer="M" * 120, ManufacturerModelName="N" * 120, StationName="S" * 120)
    centre.deliver()

    with tenant_scope(centre.tenant.id):
        (device,) = ImageTag.objects.values_list("device", flat=True)
    assert device == f"{'M' * 120} {'N' * 120} {'S' * 8}"


def test_a_rule_that_is_off_chooses_nothing(centre: Centre) -> None:
    rule_id = services.add_rule(actor=centre.owner, network_id=centre.network_id, conditions=ALL)
    services.switch_rule(actor=centre.owner, rule_id=rule_id, is_on=False)
    analysed_study(centre, "off")
    services.switch_rule(actor=centre.owner, rule_id=rule_id, is_on=True)
    analysed_study(centre, "on")

    assert states(centre.runs()) == ["done"]


def test_a_rule_for_images_that_the_network_does_not_read_is_refused(centre: Centre) -> None:
    with pytest.raises(RuleError, match="panoramic"):
        services.add_rule(
            actor=centre.owner, network_id=centre.network_id, conditions=services.Conditions(kinds=("cbct",))
        )


def test_two_rules_that_fit_ask_once(centre: Centre) -> None:
    for _ in range(2):
        services.add_rule(actor=centre.owner, network_id=centre.network_id, conditions=ALL)
    analysed_study(centre)

    assert len(centre.runs()) == 1


# --- tags -------------------------------------------------------------------------------------------------------------


def words(centre: Centre) -> set[str]:
    with tenant_scope(centre.tenant.id):
        return set(StudyTag.objects.values_list("tag", flat=True))


@pytest.mark.req("BR-05")
@pytest.mark.req("BR-08")
def test_a_film_is_tagged_by_header_and_pixels(centre: Centre) -> None:
    flat = np.full((64, 128), 100, np.uint8)
    analysed_study(centre, "plain")
    store_films(centre.tenant, "flat", pixels=flat)
    centre.deliver()

    assert words(centre) >= {"panoramic", "quality_small", "quality_flat"}


def test_a_film_that_no_decoder_reads_is_tagged_as_such_and_shown_to_no_network(centre: Centre) -> None:
    services.add_rule(actor=centre.owner, network_id=centre.network_id, conditions=ALL)
    study = store_films(centre.tenant)
    with tenant_scope(centre.tenant.id):
        study.instances.update(transfer_syntax_uid="1.2.840.10008.1.2.4.53")
    centre.deliver()

    with tenant_scope(centre.tenant.id):
        assert [tag.is_readable for tag in ImageTag.objects.all()] == [False]
    assert centre.runs() == []


@pytest.mark.req("BR-35")
@pytest.mark.req("BR-06")
def test_studies_are_found_by_tag_or_how_it_begins(centre: Centre) -> None:
    study = analysed_study(centre)
    reader = make_actor(centre.tenant, "technician")
    with tenant_scope(centre.tenant.id):
        found = [
            selectors.find_by_tag(actor=reader, tag=tag) for tag in ("panoramic", "PANO", "Quality small", "x", "")
        ]

    assert found == [[study.id], [study.id], [study.id], [], []]


@pytest.mark.req("BR-17")
def test_words_of_networks_find_studies_only_for_who_may_see_suggestions(centre: Centre) -> None:
    study = analysed_study(centre)
    with tenant_scope(centre.tenant.id):
        StudyTag.objects.create(
            tenant=centre.tenant, study=study, tag="potential_caries_36", source=StudyTag.Source.NETWORK, urgency=1
        )
        found = {
            role: selectors.find_by_tag(actor=make_actor(centre.tenant, role), tag="potential")
            for role in ("dentist", "technician", "owner")
        }

    assert found == {"dentist": [study.id], "technician": [], "owner": []}


@pytest.mark.req("BR-39")
def test_a_series_that_lacks_films_says_so_and_it_is_in_the_access_log(centre: Centre) -> None:
    store_films(centre.tenant, StudyDescription="Bitewings 2", Modality="IO", SeriesDescription="Bitewing left")
    centre.deliver()

    assert "series_incomplete" in words(centre)
    assert "study.series-checked" in actions(centre.tenant)
    store_films(
        centre.tenant,
        count=2,
        StudyDescription="Bitewings 2",
        Modality="IO",
        SeriesDescription="Bitewing left",
    )
    centre.deliver()
    assert "series_complete" in words(centre)
    assert "series_incomplete" not in words(centre)


# --- batches ----------------------------------------------------------------------------------------------------------


def test_a_batch_looks_at_the_images_of_its_dates(centre: Centre) -> None:
    for number, day in enumerate(("20260930", "20261001", "20261015", "20261101")):
        store_films(centre.tenant, f"b{number}", StudyDate=day)
    centre.deliver()
    assert centre.runs() == []
    services.begin_batch(
        actor=centre.owner,
        network_id=centre.network_id,
        from_date=dt.date(2026, 10, 1),
        to_date=dt.date(2026, 10, 31),
    )
    centre.deliver()

    assert states(centre.runs()) == ["done", "done"]
    with tenant_scope(centre.tenant.id):
        (progress,) = selectors.list_batches()
    assert (progress.total, progress.settled, progress.is_over) == (2, 2, True)


def test_a_batch_counts_what_was_known_before_and_does_not_ask_again(centre: Centre) -> None:
    services.add_rule(actor=centre.owner, network_id=centre.network_id, conditions=ALL)
    analysed_study(centre, "known")
    _begin(centre)
    centre.deliver()

    with tenant_scope(centre.tenant.id):
        (progress,) = selectors.list_batches()
    assert (progress.total, progress.batch.known, progress.settled, progress.is_over) == (1, 1, 1, True)
    assert len(centre.runs()) == 1


def _begin(centre: Centre) -> Any:
    day = dt.date(2026, 10, 1)
    return services.begin_batch(actor=centre.owner, network_id=centre.network_id, from_date=day, to_date=day)


def test_a_batch_that_is_cancelled_leaves_the_rest(centre: Centre) -> None:
    store_films(centre.tenant, count=2)
    centre.deliver()
    batch_id = _begin(centre)
    services.plan_batch(tenant_id=centre.tenant.id, batch_id=batch_id, after_id=batch_id.__class__(int=0))
    services.cancel_batch(actor=centre.owner, batch_id=batch_id)
    centre.deliver()

    assert states(centre.runs()) == ["cancelled", "cancelled"]


def test_a_batch_that_is_cancelled_while_it_tags_asks_nothing(centre: Centre, monkeypatch: pytest.MonkeyPatch) -> None:
    store_films(centre.tenant, count=2)
    batch_id = _begin(centre)
    tag_series = tagging.tag_series

    def cancel_first(**which: Any) -> list[Any]:
        services.cancel_batch(actor=centre.owner, batch_id=batch_id)
        return tag_series(**which)

    monkeypatch.setattr(tagging, "tag_series", cancel_first)
    services.plan_batch(tenant_id=centre.tenant.id, batch_id=batch_id, after_id=NIL)

    assert centre.runs() == []


def test_a_batch_with_its_dates_turned_round_is_refused(centre: Centre) -> None:
    with pytest.raises(BatchRangeError):
        services.begin_batch(
            actor=centre.owner,
            network_id=centre.network_id,
            from_date=dt.date(2026, 10, 2),
            to_date=dt.date(2026, 10, 1),
        )


# --- choices ----------------------------------------------------------------------------------------------------------


@pytest.mark.req("AI-08")
@pytest.mark.req("AI-19")
def test_training_is_off_until_somebody_allows_it_for_a_purpose_and_off_again_after() -> None:
    tenant = make_tenant()
    officer = make_actor(tenant, "compliance_officer")
    with pytest.raises(TrainingForbiddenError):
        services.list_training_images(actor=officer)
    services.allow_training(actor=officer, purpose="Better bitewings")
    during = services.list_training_images(actor=officer)
    services.forbid_training(actor=officer)

    assert during == []
    with pytest.raises(TrainingForbiddenError):
        services.list_training_images(actor=officer)
    assert actions(tenant)[-3:] == ["training.allowed", "training.images-listed", "training.forbidden"]
    with tenant_scope(tenant.id):
        assert [one.is_allowed for one in selectors.list_training_choices()] == [False, True]


def test_training_needs_a_purpose_and_the_right() -> None:
    tenant = make_tenant()
    with pytest.raises(TrainingPurposeError):
        services.allow_training(actor=make_actor(tenant, "owner"), purpose="  ")
    with pytest.raises(ForbiddenError):
        services.allow_training(actor=make_actor(tenant, "dentist"), purpose="x")


@pytest.mark.parametrize(("price", "currency"), [("-1", "USD"), ("1001", "USD"), ("1", "US"), ("1", "U$D")])
def test_a_price_that_is_none_is_refused(price: str, currency: str) -> None:
    with pytest.raises(RateError):
        services.set_rate(actor=make_actor(make_tenant(), "owner"), per_cpu_hour=Decimal(price), currency=currency)


@pytest.mark.req("AI-19")
@pytest.mark.req("AI-20")
def test_a_patient_reads_whether_images_are_used_for_training(centre: Centre) -> None:
    study = store_films(centre.tenant)
    patient = client_of("patient", centre.tenant, study)
    before = patient.get("/p/").content.decode()
    services.allow_training(actor=centre.owner, purpose="Better bitewings")
    after = patient.get("/p/").content.decode()

    assert "Your images are not used to train programs." in before
    assert "Better bitewings" in after


@pytest.mark.req("AI-08")
@pytest.mark.req("AI-19")
def test_a_patient_keeps_own_images_out_of_training_and_lets_them_in_again(centre: Centre) -> None:
    mine, other = tagged(centre, "mine"), tagged(centre, "other")
    services.allow_training(actor=centre.owner, purpose="Better bitewings")
    patient = client_of("patient", centre.tenant, mine)

    def state() -> tuple[set[str], int, bool]:
        listed = for_training(centre)
        with tenant_scope(centre.tenant.id):
            counted = selectors.count_objections()
        return listed, counted, "You objected" in patient.get("/p/").content.decode()

    both = {mine.study_instance_uid, other.study_instance_uid}
    before = state()
    answers = [patient.post("/p/training", {"objects": "yes"}) for _ in range(2)]
    during = state()
    patient.post("/p/training", {"objects": "no"})

    assert [answer.status_code for answer in answers] == [302, 302]
    assert before == (both, 0, False)
    assert during == ({other.study_instance_uid}, 1, True)
    assert state() == before
    said = [action for action in actions(centre.tenant) if action.startswith("training.obj")]
    assert said == ["training.objected", "training.objection-ended"]


def test_an_objection_holds_where_training_is_off_and_only_the_patient_raises_it(centre: Centre) -> None:
    study = tagged(centre, "mine")
    client_of("patient", centre.tenant, study).post("/p/training", {"objects": "yes"})
    services.allow_training(actor=centre.owner, purpose="Better bitewings")

    assert for_training(centre) == set()
    with pytest.raises(ForbiddenError):
        services.object_to_training(actor=centre.owner, patient_id=study.patient_id, is_standing=False)


@pytest.mark.req("AI-19")
@pytest.mark.parametrize("objecting", ["former", "kept"])
def test_an_objection_of_either_of_two_merged_patients_keeps_the_images_of_both_out(
    centre: Centre, objecting: str
) -> None:
    studies = {seed: tagged(centre, seed) for seed in ("former", "kept", "other")}
    uids = {seed: study.study_instance_uid for seed, study in studies.items()}
    services.allow_training(actor=centre.owner, purpose="Better bitewings")
    client_of("patient", centre.tenant, studies[objecting]).post("/p/training", {"objects": "yes"})
    technician = make_actor(centre.tenant, "technician")

    apart = for_training(centre)
    merge = pacs.merge_patients(actor=technician, study_id=studies["former"].id, into_id=studies["kept"].patient_id)
    merged = for_training(centre)
    pacs.undo_correction(actor=technician, correction_id=merge)

    assert apart == set(uids.values()) - {uids[objecting]}
    assert merged == {uids["other"]}
    assert for_training(centre) == apart


def test_images_whose_patient_is_in_doubt_or_in_the_bin_are_not_for_training(centre: Centre) -> None:
    held, binned, sure = tagged(centre, "held"), tagged(centre, "binned"), tagged(centre, "sure")
    services.allow_training(actor=centre.owner, purpose="Better bitewings")
    with tenant_scope(centre.tenant.id):
        Study.objects.filter(id=held.id).update(conflict="identity")
    pacs.delete_study(actor=centre.owner, study_id=binned.id)

    assert for_training(centre) == {sure.study_instance_uid}


def test_images_for_training_are_listed_by_kind_and_by_who_decides_on_it(
    centre: Centre, capsys: pytest.CaptureFixture[str]
) -> None:
    study = tagged(centre, "film")
    with pytest.raises(CommandError, match="training-forbidden"):
        call_command("inference", "training_images", tenant=centre.tenant.slug)
    services.allow_training(actor=centre.owner, purpose="Better bitewings")

    call_command("inference", "training_images", tenant=centre.tenant.slug)
    call_command("inference", "training_images", tenant=centre.tenant.slug, kind="cbct")

    (line,) = capsys.readouterr().out.splitlines()
    listed = json.loads(line)
    assert (listed["study_instance_uid"], listed["kind"]) == (study.study_instance_uid, "panoramic")
    assert listed["sop_instance_uid"] == make_uid("film", "instance", 1)
    with pytest.raises(ForbiddenError):
        services.list_training_images(actor=make_actor(centre.tenant, "radiologist"))


def tagged(centre: Centre, seed: str) -> Study:
    """Store a film of a patient of its own, and let it be tagged."""
    study = store_films(centre.tenant, seed)
    centre.deliver()
    return study


def for_training(centre: Centre) -> set[str]:
    return {image.study_instance_uid for image in services.list_training_images(actor=centre.owner)}

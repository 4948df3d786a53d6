"""The films of the demo, from the file to every picture that is made of them."""

from collections.abc import Callable
from functools import cache

import imagecodecs
import pytest
from django.test import Client

from accounts.models import Tenant
from common.scope import tenant_scope
from outbox import services as outbox
from pacs.dicom import phantom
from pacs.models import Instance, Study
from tests.factories.studies import store
from tests.pacs.dicomweb.requests import content_of
from tests.pacs.viewer.conftest import SceneOf

pytestmark = pytest.mark.django_db

Address = Callable[[str], str]
FILMS = [phantom.make_panoramic, phantom.make_cephalometric, phantom.make_bitewing]
JPEG = {"Accept": "image/jpeg"}


@cache
def made_by(make: Callable[..., bytes]) -> bytes:
    """Make a film once: its rays take longer than all that the tests do with it."""
    return make(seed="film")


@pytest.fixture(params=FILMS, ids=["panoramic", "cephalometric", "bitewing"])
def film(request: pytest.FixtureRequest, tenant: Tenant) -> Study:
    store(tenant.id, [made_by(request.param)])
    outbox.drain([tenant.id])
    with tenant_scope(tenant.id):
        found: Study = Study.objects.get()
    return found


@pytest.fixture
def address(tenant: Tenant, film: Study) -> Address:
    """Return the DICOMweb address of the film's study, of its series or of the film itself."""
    with tenant_scope(tenant.id):
        instance = Instance.objects.select_related("series").get(study=film)
    study = f"/dicom-web/studies/{film.study_instance_uid}"
    series = f"{study}/series/{instance.series.series_instance_uid}"
    addresses = {"study": study, "series": series, "instance": f"{series}/instances/{instance.sop_instance_uid}"}
    return addresses.__getitem__


@pytest.mark.req("PA-01")
@pytest.mark.parametrize("level", ["study", "series", "instance"])
def test_it_has_a_thumbnail(reader: Client, address: Address, level: str) -> None:
    picture = imagecodecs.jpeg8_decode(content_of(reader.get(f"{address(level)}/thumbnail", headers=JPEG)))
    assert max(picture.shape) == 256
    assert picture.std() > 20


@pytest.mark.parametrize("part", ["rendered", "frames/1/rendered"])
def test_it_is_rendered_in_its_size(reader: Client, address: Address, film: Study, part: str) -> None:
    with tenant_scope(film.tenant_id):
        size = Instance.objects.values_list("rows", "columns").get()
    picture = imagecodecs.jpeg8_decode(reader.get(f"{address('instance')}/{part}", headers=JPEG).content)
    assert picture.shape == size
    assert picture.std() > 20


@pytest.mark.parametrize("page", ["/studies/", "/studies/{}/"])
def test_its_thumbnail_is_on_the_pages(reader: Client, film: Study, page: str) -> None:
    assert f"/dicom-web/studies/{film.study_instance_uid}/" in reader.get(page.format(film.id)).content.decode()


def test_it_opens_in_the_viewer_with_its_scale_at_the_detector(film: Study, scene_of: SceneOf) -> None:
    (series,) = scene_of(film)["series"]
    ((image,), kind) = series["images"], series["kind"]
    assert (kind, image["is_raw_grey"], image["spacing_kind"]) == ("images", True, "detector")
    assert "detector" in image["spacing_note"]

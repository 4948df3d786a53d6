"""WADO-RS rendered resources and thumbnails (PS3.18 10.4.1.1.3, 10.4.1.1.7 and 8.3.5)."""

import math
from collections.abc import Sequence
from functools import partial
from uuid import UUID

from django.http import HttpRequest, HttpResponse, QueryDict
from django.http.response import HttpResponseBase

from audit import services as audit
from common.errors import InvalidInputError
from pacs import gate, headers, prepared, selectors
from pacs.dicom.luts import VoiFunction, Window
from pacs.dicom.rendering import MAX_PIXELS, THUMBNAIL, View
from pacs.dicomweb import accept, pixels, stored
from pacs.dicomweb.accept import Offer
from pacs.dicomweb.access import SeriesAccess, read_series
from pacs.errors import StudyNotFoundError
from pacs.models import Series
from pacs.selectors import InstanceRef
from vault import selectors as vault

_JPEG, _PNG = "image/jpeg", "image/png"
_PICTURES = (Offer(_JPEG), Offer(_PNG))
_THUMBNAILS = (Offer(_JPEG),)
_DEFAULT_QUALITY, _THUMBNAIL_QUALITY = 90, 80
# The functions of a window as the parameter names them (PS3.18 8.3.5.1.4).
_FUNCTIONS = {
    "linear": VoiFunction.LINEAR,
    "linear-exact": VoiFunction.LINEAR_EXACT,
    "sigmoid": VoiFunction.SIGMOID,
}


def retrieve_rendered(
    request: HttpRequest, *, study: str, series: str, instance: str, frames: str = "1"
) -> HttpResponseBase:
    """Send one frame as a picture, windowed and scaled as the query says; of an instance, its first."""
    access = read_series(request, study=study, series=series)
    found = access.instance(instance)
    media_type = accept.choose(accept.ranges_of(request), _PICTURES).offer.media_type
    number = _one(frames)
    stored.frame_size(found, number)
    header = headers.unseal(found)
    view, quality = view_of(request.GET, found), _quality(request.GET)
    picture = pixels.rendered(found, header, number, view=view, media_type=media_type, quality=quality)
    access.session.count()
    return HttpResponse(picture, content_type=media_type)


def retrieve_thumbnail(
    request: HttpRequest, *, study: str, series: str | None = None, instance: str | None = None, frames: str = "1"
) -> HttpResponseBase:
    """Send a small picture of a study, series, instance or frame."""
    accept.choose(accept.ranges_of(request), _THUMBNAILS)
    if series is not None and instance is not None:
        access = read_series(request, study=study, series=series)
        return _small(access.instance(instance), _one(frames), access)
    reached = gate.find_study(request, study_instance_uid=study, action="study.view")
    with gate.enter(reached):
        audit.open_access(actor=reached.actor, study_id=reached.study.id, purpose="thumbnail")
        made = prepared.read(partial(_thumbnail_of, reached.study.id, series), partial(_whole, reached.study.tenant_id))
        if made is not None:
            return HttpResponse(made, content_type=_JPEG)
        first = _first_image(_series(reached.study.id, series))
    return _small(first, 1)


def _thumbnail_of(study_id: UUID, series: str | None) -> UUID | None:
    return next((row.thumbnail_blob_id for row in _series(study_id, series) if row.thumbnail_blob_id), None)


def _whole(tenant_id: UUID, blob_id: UUID) -> bytes:
    reader = vault.open_object(tenant_id=tenant_id, blob_id=blob_id)
    return reader.read(0, reader.plain_size)


def _series(study_id: UUID, series: str | None) -> Sequence[Series]:
    if series is None:
        return selectors.list_series(study_id=study_id)
    return [selectors.find_series(study_id=study_id, series_instance_uid=series)]


def _small(instance: InstanceRef, number: int, access: SeriesAccess | None = None) -> HttpResponse:
    stored.frame_size(instance, number)
    header = headers.unseal(instance)
    picture = pixels.rendered(instance, header, number, view=THUMBNAIL, media_type=_JPEG, quality=_THUMBNAIL_QUALITY)
    if access is not None:
        access.session.count()
    return HttpResponse(picture, content_type=_JPEG)


def _first_image(candidates: Sequence[Series]) -> InstanceRef:
    for row in candidates:
        found = selectors.list_instances(study_id=row.study_id, series_instance_uid=row.series_instance_uid)
        image = next((instance for instance in found if instance.frame_index is not None), None)
        if image is not None:
            return image
    raise StudyNotFoundError("There is no image to show.")


def _one(frames: str) -> int:
    if not frames.isdigit():
        raise InvalidInputError("One frame at a time is rendered.")
    return int(frames)


def view_of(parameters: QueryDict, instance: InstanceRef) -> View:
    """Read ``window`` and ``viewport`` (PS3.18 8.3.5.1.3 and 8.3.5.1.4).

    Raises
    ------
    InvalidInputError
        When they are not understood.
    """
    window = _window(str(parameters["window"])) if "window" in parameters else None
    if "viewport" not in parameters:
        return View(window=window)
    numbers = _numbers(str(parameters["viewport"]), "viewport")
    if len(numbers) not in {2, 6} or not all(1 <= side <= MAX_PIXELS for side in numbers[:2]):
        raise InvalidInputError("viewport is width,height[,x,y,width,height].")
    region = _region(numbers[2:], instance) if len(numbers) == 6 else None
    return View(window=window, max_columns=int(numbers[0]), max_rows=int(numbers[1]), region=region)


def _window(text: str) -> Window:
    values, _, function = text.rpartition(",")
    center, width = [*_numbers(values, "window"), math.nan, math.nan][:2]
    window = Window(center, width, _FUNCTIONS.get(function.strip().lower(), VoiFunction.LINEAR))
    if function.strip().lower() not in _FUNCTIONS or not window.is_valid:
        raise InvalidInputError("window is center,width,function with linear, linear-exact or sigmoid.")
    return window


def _region(numbers: Sequence[float], instance: InstanceRef) -> tuple[float, float, float, float]:
    """Return the part of the image to show as shares of it."""
    left, top, width, height = numbers
    columns, rows = instance.columns or 1, instance.rows or 1
    if left < 0 or top < 0 or width <= 0 or height <= 0 or left + width > columns or top + height > rows:
        raise InvalidInputError("The part to show lies outside of the image.")
    return left / columns, top / rows, width / columns, height / rows


def _quality(parameters: QueryDict) -> int:
    (quality,) = _numbers(parameters.get("quality", str(_DEFAULT_QUALITY)), "quality")[:1] or [0.0]
    if not 1 <= quality <= 100:
        raise InvalidInputError("quality is a number from 1 to 100.")
    return int(quality)


def _numbers(text: str, name: str) -> list[float]:
    try:
        numbers = [float(piece) for piece in text.split(",")]
    except ValueError:
        raise InvalidInputError("{name} is a list of numbers.", name=name) from None
    if not all(map(math.isfinite, numbers)):
        raise InvalidInputError("{name} is a list of numbers.", name=name)
    return numbers

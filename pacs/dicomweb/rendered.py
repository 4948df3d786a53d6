"""WADO-RS rendered resources and thumbnails (PS3.18 10.4.1.1.3, 10.4.1.1.7 and 8.3.5)."""

import hashlib
import math
from collections.abc import Iterable, Sequence
from functools import partial
from uuid import UUID

from django.http import HttpRequest, HttpResponse, QueryDict
from django.http.response import HttpResponseBase

from common.errors import InvalidInputError
from pacs import gate, headers, leaving, prepared, selectors
from pacs.dicom import json_model
from pacs.dicom.luts import VoiFunction, Window
from pacs.dicom.rendering import MAX_PIXELS, THUMBNAIL, View
from pacs.dicomweb import accept, bulkdata, parts, pixels, ranges, stored, streams
from pacs.dicomweb.accept import Offer
from pacs.dicomweb.access import SeriesAccess, read_series
from pacs.dicomweb.parts import OutgoingPart
from pacs.errors import StudyNotFoundError
from pacs.gate import Reached
from pacs.models import Series
from pacs.selectors import InstanceRef
from vault import selectors as vault

_JPEG, _PDF = "image/jpeg", "application/pdf"
# Of single frames, in the order of table 8.7.4-1.
_MEDIA_TYPES = (_JPEG, "image/gif", "image/png")
_PICTURES = tuple(Offer(media_type) for media_type in _MEDIA_TYPES)
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
    """Send frames as pictures, windowed and scaled as the query says; of an instance its first, or its document."""
    access = read_series(request, study=study, series=series)
    found = access.instance(instance)
    header = headers.unseal(found)
    if found.frame_index is None and json_model.get_str(header, "MIMETypeOfEncapsulatedDocument").strip() == _PDF:
        accept.choose(accept.ranges_of(request), [Offer(_PDF)])
        return bulkdata.send_document(found, header, actor=access.reached.actor)
    numbers = [int(number) for number in frames.split(",")]
    choice = accept.choose(accept.ranges_of(request), _offers(is_single=len(numbers) == 1))
    for number in numbers:
        # Numbers that do not exist are refused before anything is sent.
        stored.frame_size(found, number)
    media_type = choice.offer.media_type
    view, quality = view_of(request.GET, found), _quality(request.GET)
    draw = partial(pixels.rendered, found, header, view=view, media_type=media_type, quality=quality)
    access.session.count(len(numbers))
    if not choice.offer.is_multipart:
        return _whole_picture(request, draw(numbers[0]), media_type)
    return _in_parts(access.reached, media_type, (draw(number) for number in numbers))


def retrieve_all_rendered(request: HttpRequest, *, study: str, series: str | None = None) -> HttpResponseBase:
    """Send a picture of each image of a study or series: of one with several frames, the first."""
    reached = gate.find_study(request, study_instance_uid=study, action="study.view")
    media_type = accept.choose(accept.ranges_of(request), _offers(is_single=False)).offer.media_type
    with gate.enter(reached):
        if series is not None:
            selectors.find_series(study_id=reached.study.id, series_instance_uid=series)
        found = selectors.list_instances(study_id=reached.study.id, series_instance_uid=series)
        leaving.open_access(reached, "view")
    images = [instance for instance in found if instance.frame_index is not None]
    if not images:
        raise StudyNotFoundError("There is no image to show.")
    views, quality = [view_of(request.GET, instance) for instance in images], _quality(request.GET)
    drawn = (
        pixels.rendered(instance, headers.unseal(instance), 1, view=view, media_type=media_type, quality=quality)
        for instance, view in zip(images, views, strict=True)
    )
    return _in_parts(reached, media_type, drawn)


def _offers(*, is_single: bool) -> tuple[Offer, ...]:
    in_parts = tuple(Offer(media_type, is_multipart=True) for media_type in _MEDIA_TYPES)
    return (*_PICTURES, *in_parts) if is_single else in_parts


def _whole_picture(request: HttpRequest, picture: bytes, media_type: str) -> HttpResponse:
    digest = hashlib.sha256(picture).hexdigest()[:32]
    tag = f'"{digest}"'
    if ranges.matches(request, tag):
        return ranges.not_modified(tag)
    return HttpResponse(picture, content_type=media_type, headers={"ETag": tag, "Vary": "Accept"})


def _in_parts(reached: Reached, media_type: str, pictures: Iterable[bytes]) -> HttpResponseBase:
    boundary = parts.new_boundary()
    outgoing = (OutgoingPart(media_type, len(picture), [picture]) for picture in pictures)
    return streams.stream(
        parts.write_one_by_one(outgoing, boundary),
        actor=reached.actor,
        content_type=parts.content_type_of(media_type, boundary),
    )


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
        leaving.open_access(reached, "thumbnail")
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
        raise InvalidInputError("A thumbnail shows one frame.")
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
    width, height = numbers[4:] or (1.0, 1.0)
    return View(
        window=window,
        max_columns=int(numbers[0]),
        max_rows=int(numbers[1]),
        region=_region([*numbers[2:4], abs(width), abs(height)], instance) if len(numbers) == 6 else None,
        # A negative width or height mirrors what is shown (PS3.18 8.3.5.1.3).
        is_mirrored=width < 0,
        is_upside_down=height < 0,
    )


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

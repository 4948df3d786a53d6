"""Metadata of instances that come with bulk data (PS3.18 10.5.2): JSON of all in one part, XML of each in its own."""

from dataclasses import replace
from typing import Any, Final

import orjson

from pacs.dicom.errors import MalformedError
from pacs.dicom.limits import DEFAULT_LIMITS, Budget
from pacs.dicom.xml_reader import read_xml
from pacs.dicomweb import accept
from pacs.dicomweb.errors import MalformedBodyError
from pacs.dicomweb.multipart import MAX_PARTS, Part

# Of all parts of metadata together.
MAX_METADATA_BYTES: Final = 64 << 20
# Of all documents together: thousands of the usual hundred elements, and seconds at worst.
XML_LIMITS: Final = replace(DEFAULT_LIMITS, elements=500_000, items=100_000, values=1_000_000)


class Described:
    """What the metadata of one request says.

    Parameters
    ----------
    media_type
        What it is.
    """

    def __init__(self, media_type: str) -> None:
        self._media_type = media_type
        self._is_begun = False
        self._left = MAX_METADATA_BYTES
        self._budget = Budget(XML_LIMITS)

    def is_metadata(self, part: Part) -> bool:
        """Tell metadata from bulk data.

        Raises
        ------
        MalformedBodyError
            If the request does not begin with metadata.
        """
        if self._media_type == accept.XML:
            found = part.media_type == accept.XML and "content-location" not in part.headers
        else:
            found = not self._is_begun and part.media_type in {accept.JSON, accept.PLAIN_JSON}
        if not (found or self._is_begun):
            self.finish()
        return found

    def read(self, part: Part) -> list[Any]:
        """Read the instances that a part describes, each in the DICOM JSON model, or what claims to be.

        Raises
        ------
        MalformedBodyError, TooLargeError, LimitExceededError
        """
        self._is_begun = True
        text = part.read(self._left)
        self._left -= len(text)
        if self._media_type != accept.XML:
            return _read_json(text)
        try:
            return [read_xml(text, self._budget)]
        except MalformedError as error:
            raise MalformedBodyError("Part {number}: {reason}.", number=part.number, reason=str(error)) from None

    def finish(self) -> None:
        """Refuse a request that ends, or goes on, without metadata.

        Raises
        ------
        MalformedBodyError
        """
        if not self._is_begun:
            raise MalformedBodyError("The first part must be the metadata, as {type}.", type=self._media_type)


def _read_json(text: bytes) -> list[Any]:
    try:
        found = orjson.loads(text)
    except orjson.JSONDecodeError:
        raise MalformedBodyError("The metadata is not JSON.") from None
    instances = found if isinstance(found, list) else [found]
    if not 0 < len(instances) <= MAX_PARTS:
        raise MalformedBodyError("The metadata is of 1 to {limit} instances.", limit=MAX_PARTS)
    return instances

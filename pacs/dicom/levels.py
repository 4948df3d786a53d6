"""Where the parser of data elements stands: in which data set, sequence or fragments (PS3.5 7.5)."""

from pacs.dicom.charset import Charset
from pacs.dicom.encoding import Encoding
from pacs.dicom.values import Attribute


class Level:
    """A data set, a sequence of items, or fragments, being read."""

    __slots__ = ("attributes", "charset", "encoding", "end", "index", "is_fragments", "is_undefined", "items", "key")

    def __init__(self, *, encoding: Encoding, charset: Charset, end: int, is_undefined: bool) -> None:
        self.encoding = encoding
        self.charset = charset
        self.end = end
        self.is_undefined = is_undefined
        self.attributes: dict[str, Attribute] = {}
        self.items: list[dict[str, Attribute]] | None = None
        self.key = ""
        self.index = 0
        self.is_fragments = False

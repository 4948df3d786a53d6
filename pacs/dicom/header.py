"""The resumable parser of data elements: bytes to attributes of the DICOM JSON model in one pass (PS3.5 7, PS3.18 F).

It walks with a stack of its own, so no nesting exhausts the interpreter's, and stops between two elements when bytes
run out, so nothing is read twice however the object is cut into chunks.
"""

from pacs.dicom.charset import DEFAULT_CHARSET, Charset, charset_of
from pacs.dicom.elements import BulkValue, ElementStart, has_long_length, unwritten_vr
from pacs.dicom.encoding import (
    EXTENDED_LENGTHS,
    EXTENDED_OFFSETS,
    IMPLICIT_LITTLE,
    LONG_VALUE,
    PIXEL_TAGS,
    SPECIFIC_CHARACTER_SET,
    UNDEFINED_LENGTH,
    Encoding,
    private_converter,
)
from pacs.dicom.errors import MalformedError, TruncatedError
from pacs.dicom.levels import Level
from pacs.dicom.limits import Budget, Limits
from pacs.dicom.values import BINARY_VRS, INLINE_BYTES, KNOWN_VRS, TEXT_VRS

_ITEM = 0xFFFEE000
_ITEM_END = 0xFFFEE00D
_SEQUENCE_END = 0xFFFEE0DD

# Most headers are shorter: what is taken beyond them is copied for nothing.
_BITE = 1 << 13
_ENDLESS = 1 << 62


class DataSetParser:
    """Read a data set pushed in chunks, up to its pixel data or its end.

    Parameters
    ----------
    limits
        What is refused.
    encoding
        How the data set is encoded.
    position
        Offset of its first byte within the object.

    Attributes
    ----------
    attributes
        The DICOM JSON model of what was read so far.
    bulk
        Binary values above 1 KiB (`values.INLINE_BYTES`), left out of `attributes`.
    pixel
        The pixel data element, as soon as its header is read; the parser then rests until `resume`.
    is_done
        Whether it rests: at pixel data, or behind the file meta information.
    """

    def __init__(self, *, limits: Limits, encoding: Encoding, position: int) -> None:
        self._budget = Budget(limits)
        self._level = Level(encoding=encoding, charset=DEFAULT_CHARSET, end=_ENDLESS, is_undefined=False)
        self._stack = [self._level]
        self.attributes = self._level.attributes
        self.bulk: list[BulkValue] = []
        self.kept: dict[int, bytes] = {}
        self.pixel: ElementStart | None = None
        self.is_done = False
        self.position = position
        self._pending = bytearray()
        self._needed = 0
        self._skip = 0
        self._start = position
        self._skipped = 0
        self._is_padding = False

    def feed(self, chunk: memoryview) -> memoryview:
        """Read on; give back what lies behind the point where the parser rests."""
        while len(chunk):
            if self._skip:
                chunk = self._pass_over(chunk)
                continue
            size = max(_BITE, self._needed) - len(self._pending)
            self._pending += chunk[:size]
            if len(self._pending) < self._needed:
                return chunk[size:]
            rest = self._read(bytes(self._pending))
            self._pending.clear()
            if not (self.is_done or self._skip):
                self._pending += rest
                chunk = chunk[size:]
                continue
            chunk = _with_rest(rest, chunk, min(size, len(chunk)))
            if self.is_done:
                break
        return chunk

    def resume(self, position: int) -> None:
        """Go on behind the pixel data."""
        self._start += position - self.position
        self.position = position
        self.is_done = False

    def finish(self) -> None:
        """Check that the data set ends where an element does.

        Raises
        ------
        ScanError
            If it does not.
        """
        while not self._skip and self.position == self._level.end:
            self._leave(self.position)  # a value left out of the attributes was the last in its item
        is_padding = self.pixel is not None and not any(self._pending)
        if self._skip or len(self._stack) > 1 or (self._pending and not is_padding):
            raise TruncatedError("the object ends inside an element or sequence", offset=self.position)

    # --- bytes --------------------------------------------------------------------------------------------------------

    def _pass_over(self, chunk: memoryview) -> memoryview:
        size = min(self._skip, len(chunk))
        self._skip -= size
        self._skipped += size
        self.position += size
        return chunk[size:]

    def _read(self, data: bytes) -> bytes:
        """Read what is whole, return the rest."""
        self._needed = 0
        offset = 0
        while not (self._needed or self._skip or self.is_done):
            level = self._level
            if self.position + offset >= level.end:
                self._leave(self.position + offset)
            elif level.items is not None or level.is_fragments:
                offset = self._read_item(data, offset)
            elif self._is_padding:
                offset = self._read_padding(data, offset)
            elif self.pixel is not None and len(self._stack) == 1:
                offset = self._read_special(data, offset)  # what stands behind the pixel data is looked at closely
            else:
                offset = self._read_special(data, self._read_plain(data, offset))
        self.position += offset
        self._budget.check_head(self.position - self._start - self._skipped)
        return data[offset:]

    def _starve(self, offset: int, size: int) -> int:
        """Ask for an element of `size` bytes that begins at `offset`."""
        self._needed = size
        return offset

    def _read_padding(self, data: bytes, offset: int) -> int:
        if data.count(0, offset) != len(data) - offset:
            raise MalformedError("data follows zero padding", offset=self.position + offset)
        return self._starve(len(data), 1)

    # --- elements -----------------------------------------------------------------------------------------------------

    def _read_plain(self, data: bytes, offset: int) -> int:
        """Read elements as long as nothing is special about them: nearly all time of the scan is spent here."""
        level = self._level
        attributes, charset, encoding = level.attributes, level.charset, level.encoding
        plans, unpack_header, unpack_length = encoding.plans, encoding.header.unpack_from, encoding.length.unpack_from
        stop = min(len(data), level.end - self.position)
        room = stop - 12
        before = len(attributes)
        while offset <= room:
            start, length = unpack_header(data, offset)
            plan = plans.get(start) or encoding.plan(start)
            convert = plan.convert or (plan.creator and private_converter(plan, attributes))
            if not convert:
                break
            begin = offset + plan.header_size
            if plan.header_size == 12:
                (length,) = unpack_length(data, offset + 8)
            end = begin + length
            if end > stop or length > plan.limit or plan.key in attributes:
                break
            attributes[plan.key] = convert(data[begin:end], charset)
            offset = end
        self._budget.count_elements(len(attributes) - before)
        return offset

    def _read_special(self, data: bytes, offset: int) -> int:
        """Read one element, whatever it is."""
        level = self._level
        position = self.position + offset
        if position >= level.end:
            return offset
        element = self._read_header(data, offset)
        if element is None:
            return offset
        if self._is_control(element, position):
            return offset if self._is_padding else offset + 8
        key = f"{element.tag:08X}"
        if key in level.attributes:
            raise MalformedError("occurs twice in one data set", tag=element.tag, offset=position)
        self._check_place(element, position)
        if len(self._stack) == 1 and element.tag in PIXEL_TAGS:
            return self._rest_at_pixels(element, key)
        if element.vr == "SQ" or element.length is None:
            self._open(element, key)
            return element.offset - self.position
        return self._read_value(data, offset, element, key)

    def _read_header(self, data: bytes, offset: int) -> ElementStart | None:
        """Read tag, value representation and length; None if bytes are missing or the file meta information is over."""
        level = self._level
        encoding = level.encoding
        position = self.position + offset
        left = min(level.end - position, len(data) - offset)
        if left < 8:
            self._starve_of_header(position, offset, 8)
            return None
        group, number, length = encoding.tag_and_length.unpack_from(data, offset)
        tag = group << 16 | number
        if encoding.is_file_meta and group != 0x0002:
            self.is_done = True
            return None
        if encoding.is_implicit or group == 0xFFFE or tag == 0:
            vr = "" if group == 0xFFFE else self._unwritten_vr(tag)
            return self._described(tag, vr, encoding, position + 8, length)
        vr = data[offset + 4 : offset + 6].decode("latin-1")
        if not has_long_length(vr, data[offset + 6 : offset + 8], tag=tag, offset=position + 4):
            _, length = encoding.header.unpack_from(data, offset)
            return self._described(tag, vr if vr in KNOWN_VRS else "UN", encoding, position + 8, length)
        if left < 12:
            self._starve_of_header(position, offset, 12)
            return None
        (length,) = encoding.length.unpack_from(data, offset + 8)
        return self._described(tag, vr if vr in KNOWN_VRS else "UN", encoding, position + 12, length)

    def _starve_of_header(self, position: int, offset: int, size: int) -> None:
        if position + size > self._level.end:
            raise MalformedError(f"a sequence or item ends inside an element header of {size} bytes", offset=position)
        self._starve(offset, size)

    def _described(self, tag: int, vr: str, encoding: Encoding, offset: int, length: int) -> ElementStart:
        """Settle what the encoding leaves open: UN of known elements is implicit little endian (PS3.5 6.2.2)."""
        undefined = None if length == UNDEFINED_LENGTH else length
        if vr == "UN" and not encoding.is_implicit and not encoding.is_file_meta:
            known = self._unwritten_vr(tag)
            if undefined is None or known != "UN":
                return ElementStart(tag, "SQ" if undefined is None else known, IMPLICIT_LITTLE, offset, undefined)
        return ElementStart(tag, vr, encoding, offset, undefined)

    def _unwritten_vr(self, tag: int) -> str:
        return unwritten_vr(tag, [level.attributes for level in self._stack if level.items is None])

    def _is_control(self, element: ElementStart, position: int) -> bool:
        """Deal with what is no attribute: the end of an item, zero padding, elements that belong elsewhere."""
        tag = element.tag
        level = self._level
        if level.encoding.is_file_meta:
            return False
        if tag == _ITEM_END and level.is_undefined and element.length == 0:
            self._pop()
            return True
        if tag == 0 and len(self._stack) == 1 and self.pixel is not None:
            self._is_padding = True
            return True
        if tag >> 16 in {0x0000, 0x0002, 0xFFFE}:
            raise MalformedError("does not belong here", tag=tag, offset=position)
        return False

    def _check_place(self, element: ElementStart, position: int) -> None:
        """Check that an element fits in what contains it, and that nothing hides behind the pixel data."""
        self._budget.count_elements(1)
        if element.offset + (element.length or 0) > self._level.end:
            raise MalformedError("is longer than the sequence or item around it", tag=element.tag, offset=position)
        if self.pixel is not None and len(self._stack) == 1 and element.tag <= self.pixel.tag:
            raise MalformedError("stands behind the pixel data", tag=element.tag, offset=position)

    def _rest_at_pixels(self, element: ElementStart, key: str) -> int:
        if element.vr not in BINARY_VRS:
            raise MalformedError("is not of a binary value representation", tag=element.tag, offset=element.offset)
        is_certain = element.vr != "UN" and not (element.length is None and element.encoding.is_implicit)
        vr = element.vr if is_certain else "OB" if element.length is None else "OW"
        self.attributes[key] = {"vr": vr, "BulkDataURI": f"bulkdata/{key}"}
        self.pixel = ElementStart(element.tag, vr, element.encoding, element.offset, element.length)
        self.is_done = True
        return element.offset - self.position

    def _read_value(self, data: bytes, offset: int, element: ElementStart, key: str) -> int:
        begin, length = element.offset - self.position, element.length or 0
        if (
            element.vr in BINARY_VRS
            and length > INLINE_BYTES
            and element.tag not in {EXTENDED_OFFSETS, EXTENDED_LENGTHS}
        ):
            self._refer(element, key)
            self._skip = length
            return begin
        self._budget.check_head(element.offset + length - self._start - self._skipped)
        if begin + length > len(data):
            self._budget.count_elements(-1)  # it is counted when it is read
            return self._starve(offset, begin + length - offset)
        self._store(element, key, data[begin : begin + length])
        return begin + length

    def _store(self, element: ElementStart, key: str, raw: bytes) -> None:
        level = self._level
        if element.tag & 0xFFFF == 0:
            return  # group lengths are not part of the model (PS3.18 F.2.2)
        if len(raw) > LONG_VALUE:
            self._budget.count_values(raw.count(b"\\") if element.vr in TEXT_VRS else len(raw) // 2)
        if element.tag in {EXTENDED_OFFSETS, EXTENDED_LENGTHS}:
            self.kept[element.tag] = raw
        attribute = element.encoding.converters[element.vr](raw, level.charset)
        if element.tag == SPECIFIC_CHARACTER_SET:
            level.charset = charset_of(raw)
            attribute = {"vr": "CS", "Value": ["ISO_IR 192"]}  # the model is UTF-8 (PS3.18 F.2)
        level.attributes[key] = attribute

    def _refer(self, element: ElementStart, key: str) -> None:
        parts = [part for level in self._stack for part in (level.key, level.index and str(level.index)) if part]
        path = "/".join([*parts, key])
        self._level.attributes[key] = {"vr": element.vr, "BulkDataURI": f"bulkdata/{path}"}
        if element.length is not None:
            self.bulk.append(BulkValue(path, element.vr, element.offset, element.length))

    # --- sequences ----------------------------------------------------------------------------------------------------

    def _open(self, element: ElementStart, key: str) -> None:
        """Enter a sequence, or the fragments of encapsulated pixels that are not the object's own (an icon)."""
        level = self._level
        is_fragments = element.vr in {"OB", "OW"} and not element.encoding.is_implicit
        if element.vr not in {"SQ", "UN"} and not is_fragments:
            raise MalformedError("must not have undefined length", tag=element.tag, offset=element.offset)
        self._budget.check_depth(len(self._stack) // 2 + 1)
        if is_fragments:
            self._refer(element, key)
        inner = self._push(element.encoding, level.charset, element.offset, element.length)
        inner.is_fragments = is_fragments
        if is_fragments:
            return
        inner.key = key
        inner.items = []
        level.attributes[key] = {"vr": "SQ", "Value": inner.items} if element.length != 0 else {"vr": "SQ"}

    def _push(self, encoding: Encoding, charset: Charset, begin: int, length: int | None) -> Level:
        end = self._level.end if length is None else begin + length
        self._level = Level(encoding=encoding, charset=charset, end=end, is_undefined=length is None)
        self._stack.append(self._level)
        return self._level

    def _pop(self) -> None:
        level = self._stack.pop()
        self._level = self._stack[-1]
        if level.items is not None and not level.items:
            self._level.attributes[level.key].pop("Value", None)

    def _leave(self, position: int) -> None:
        """Leave what ends by its length."""
        if self._level.is_undefined:
            raise MalformedError("the delimiter of a sequence or item is missing", offset=position)
        self._pop()

    def _read_item(self, data: bytes, offset: int) -> int:
        """Read the header of an item or fragment, or the end of the sequence (PS3.5 7.5)."""
        level = self._level
        position = self.position + offset
        if position + 8 > level.end:
            raise MalformedError("a sequence ends inside the header of an item", offset=position)
        if len(data) - offset < 8:
            return self._starve(offset, 8)
        group, number, length = level.encoding.tag_and_length.unpack_from(data, offset)
        tag = group << 16 | number
        if tag == _SEQUENCE_END and level.is_undefined and length == 0:
            self._pop()
        elif tag != _ITEM:
            raise MalformedError("stands where an item should begin", tag=tag, offset=position)
        elif length != UNDEFINED_LENGTH and position + 8 + length > level.end:
            raise MalformedError("an item is longer than its sequence", offset=position)
        elif level.is_fragments:
            self._skip_fragment(position, length)
        else:
            self._enter_item(position, None if length == UNDEFINED_LENGTH else length)
        return offset + 8

    def _enter_item(self, position: int, length: int | None) -> None:
        self._budget.count_item()
        sequence = self._level
        assert sequence.items is not None
        item = self._push(sequence.encoding, sequence.charset, position + 8, length)
        sequence.items.append(item.attributes)
        item.index = len(sequence.items)

    def _skip_fragment(self, position: int, length: int) -> None:
        self._budget.count_fragment()
        if length == UNDEFINED_LENGTH:
            raise MalformedError("a fragment must not have undefined length", offset=position)
        self._skip = length


def _with_rest(rest: bytes, chunk: memoryview, taken: int) -> memoryview:
    """Give what was not read, of which the last bytes are those of the chunk: without a copy but for tiny chunks."""
    if len(rest) <= taken:
        return chunk[taken - len(rest) :]
    return memoryview(rest + bytes(chunk[taken:]))

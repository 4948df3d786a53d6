"""What runs in the sandbox: everything that reads compressed pixels. The one page to look at for what a child may do.

Functions that end in ``_job`` run in the child, the others ask for them.
"""

from functools import cache
from typing import Any, Final

import numpy as np

from common.sandbox import Sandbox
from pacs.dicom.codecs import decode_frame, to_native
from pacs.dicom.compressing import encode_lossless
from pacs.dicom.json_model import Attributes
from pacs.dicom.luts import VoiFunction, Window
from pacs.dicom.pixel_format import Frame, PixelFormat
from pacs.dicom.rendering import WHOLE, View, display_attributes, encode, render
from pacs.dicom.transfer_syntaxes import TRANSFER_SYNTAXES

MODULE: Final = "pacs.dicom.jobs"
# A code string has no more (PS3.5 6.2).
_NAME_BYTES: Final = 16


@cache
def frame_sandbox() -> Sandbox:
    """Give this process's children for frames."""
    return Sandbox([MODULE], workers=2)


def decode_native(
    data: bytes, attributes: Attributes, transfer_syntax_uid: str, *, first_bit: int = 0, vr: str = "OW"
) -> bytes:
    """Give the native little endian bytes of a frame (Explicit VR Little Endian, PS3.5 A.2).

    Parameters are those of `decode_frame`, `attributes` the instance's header as DICOM JSON model.

    Raises
    ------
    SandboxError, DecodeError, UnsupportedTransferSyntaxError
    """
    return _decoded(_parameters(attributes, transfer_syntax_uid, first_bit, vr), data)[0]


def decompress(data: bytes, attributes: Attributes, transfer_syntax_uid: str, *, vr: str = "OW") -> tuple[bytes, str]:
    """Give what `decode_native` gives, and the photometric interpretation that it has, whatever the header says.

    Raises
    ------
    SandboxError, DecodeError, UnsupportedTransferSyntaxError
    """
    return _decoded(_parameters(attributes, transfer_syntax_uid, 0, vr), data)


def compress(
    data: bytes, attributes: Attributes, transfer_syntax_uid: str, *, target: str, vr: str = "OW"
) -> tuple[bytes, str]:
    """Give a frame encoded without loss in the transfer syntax `target`, and its photometric interpretation.

    Raises
    ------
    SandboxError
    """
    parameters = _parameters(attributes, transfer_syntax_uid, 0, vr) | {"target": target}
    return _named(frame_sandbox().run(f"{MODULE}:compress_job", data, params=parameters))


def decode_values(
    data: bytes, attributes: Attributes, transfer_syntax_uid: str, *, first_bit: int = 0, vr: str = "OW"
) -> Frame:
    """Give the stored values of a frame, decoded outside of this process if they are compressed.

    Raises
    ------
    SandboxError, DecodeError, UnsupportedTransferSyntaxError
    """
    pixel_format = PixelFormat.of(attributes)
    native, photometric = _decoded(_parameters(attributes, transfer_syntax_uid, first_bit, vr), data)
    pixels = np.frombuffer(native, dtype=pixel_format.dtype.newbyteorder("<")).reshape(pixel_format.shape)
    return Frame(pixels, photometric)


def render_frame(
    data: bytes,
    attributes: Attributes,
    transfer_syntax_uid: str,
    *,
    view: View = WHOLE,
    media_type: str = "image/jpeg",
    quality: int = 90,
    first_bit: int = 0,
    vr: str = "OW",
) -> bytes:
    """Give a frame as JPEG, PNG or GIF, windowed and scaled as `view` says (PS3.18 8.3.5).

    `attributes` are those of the frame, long tables inline.
    """
    parameters = _parameters(attributes, transfer_syntax_uid, first_bit, vr) | {
        "view": {
            "window": view.window and [view.window.center, view.window.width, view.window.function],
            "max_rows": view.max_rows,
            "max_columns": view.max_columns,
            "region": view.region,
            "is_mirrored": view.is_mirrored,
            "is_upside_down": view.is_upside_down,
        },
        "media_type": media_type,
        "quality": quality,
    }
    return frame_sandbox().run(f"{MODULE}:render_job", data, params=parameters)


def is_native(transfer_syntax_uid: str) -> bool:
    """Tell whether frames of a transfer syntax are plain numbers, which need no decoder."""
    syntax = TRANSFER_SYNTAXES.get(transfer_syntax_uid)
    return syntax is not None and not syntax.is_encapsulated


def _decoded(parameters: dict[str, Any], data: bytes) -> tuple[bytes, str]:
    """Ask for a frame as native bytes with the name of its colours: what the decoder says, not what the header does."""
    if is_native(parameters["transfer_syntax_uid"]):
        answer = decode_job(parameters, data)
    else:
        answer = frame_sandbox().run(f"{MODULE}:decode_job", data, params=parameters)
    return _named(answer)


def _named(answer: bytes) -> tuple[bytes, str]:
    return answer[:-_NAME_BYTES], answer[-_NAME_BYTES:].decode("ascii").rstrip()


def _parameters(attributes: Attributes, transfer_syntax_uid: str, first_bit: int, vr: str) -> dict[str, Any]:
    return {
        "attributes": display_attributes(attributes),
        "transfer_syntax_uid": transfer_syntax_uid,
        "first_bit": first_bit,
        "vr": vr,
    }


# --- inside the child -------------------------------------------------------------------------------------------------


def decode_job(parameters: dict[str, Any], data: bytes) -> bytes:
    """Decode one frame to native bytes; the name of its colours comes behind them."""
    frame = _decode(parameters, data)
    return to_native(frame) + _name(frame.photometric_interpretation)


def compress_job(parameters: dict[str, Any], data: bytes) -> bytes:
    """Encode one frame without loss; the name of its colours comes behind it."""
    pixel_format = PixelFormat.of(parameters["attributes"])
    stream, photometric = encode_lossless(_decode(parameters, data), pixel_format, parameters["target"])
    return stream + _name(photometric)


def _name(photometric_interpretation: str) -> bytes:
    return photometric_interpretation.encode("ascii", "replace")[:_NAME_BYTES].ljust(_NAME_BYTES)


def render_job(parameters: dict[str, Any], data: bytes) -> bytes:
    """Decode one frame and encode it for a browser."""
    asked = parameters["view"]
    window = asked["window"] and Window(asked["window"][0], asked["window"][1], VoiFunction(asked["window"][2]))
    region = asked["region"] and tuple(asked["region"])
    view = View(
        window=window or None,
        max_rows=asked["max_rows"],
        max_columns=asked["max_columns"],
        region=region or None,
        is_mirrored=asked["is_mirrored"],
        is_upside_down=asked["is_upside_down"],
    )
    shown = render(_decode(parameters, data), parameters["attributes"], view)
    return encode(shown, parameters["media_type"], quality=parameters["quality"])


def _decode(parameters: dict[str, Any], data: bytes) -> Frame:
    return decode_frame(
        data,
        PixelFormat.of(parameters["attributes"]),
        parameters["transfer_syntax_uid"],
        first_bit=parameters["first_bit"],
        vr=parameters["vr"],
    )

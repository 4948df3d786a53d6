"""The runtime: ONNX Runtime on processors, one session a network."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np
import onnxruntime

from inference.networks.errors import NetworkFileError, NetworkOutputError
from inference.networks.found import FloatArray
from inference.networks.manifest import Manifest

NAME: Final = f"onnxruntime {onnxruntime.__version__}"
_FLOAT: Final = "tensor(float)"


class Session:
    """A network that was read, and is what its manifest says."""

    def __init__(self, onnx: bytes, manifest: Manifest, *, threads: int) -> None:
        """Read a network.

        Raises
        ------
        NetworkFileError
            If the runtime cannot read it, or inputs and outputs are others than the manifest says.
        """
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        options.inter_op_num_threads = 1
        options.log_severity_level = 4
        # Threads that spin for the next image would take the processor from everybody else.
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        try:
            self._session = onnxruntime.InferenceSession(onnx, options, providers=["CPUExecutionProvider"])
        except Exception as error:  # noqa: BLE001  whatever a runtime raises on hostile bytes is their verdict; sandbox only
            raise NetworkFileError(f"the runtime cannot read the network ({type(error).__name__})") from None
        self._input = manifest.input.name
        self._outputs = list(manifest.output.names)
        _check_signature(self._session, manifest)

    def __call__(self, tensor: FloatArray) -> Mapping[str, FloatArray]:
        """Run the network once."""
        try:
            given = self._session.run(self._outputs, {self._input: tensor})
        except Exception as error:  # noqa: BLE001  as above
            raise NetworkOutputError(f"the network failed on an image ({type(error).__name__})") from None
        return {name: np.asarray(table, dtype=np.float32) for name, table in zip(self._outputs, given, strict=True)}


def _check_signature(session: Any, manifest: Manifest) -> None:
    inputs = {found.name: found for found in session.get_inputs()}
    if list(inputs) != [manifest.input.name]:
        raise NetworkFileError(f"the inputs are {_names(inputs)}, the manifest says {manifest.input.name}")
    entry = inputs[manifest.input.name]
    if entry.type != _FLOAT or not _fits(entry.shape, manifest.input.shape):
        raise NetworkFileError(
            f"input {entry.name} is {entry.type} {entry.shape}, the manifest says {_FLOAT} {list(manifest.input.shape)}"
        )
    outputs = {found.name: found for found in session.get_outputs()}
    for name in manifest.output.names:
        if name not in outputs:
            raise NetworkFileError(f"there is no output {name}: the outputs are {_names(outputs)}")
        if outputs[name].type != _FLOAT:
            raise NetworkFileError(f"output {name} is {outputs[name].type}, only {_FLOAT} is read")


def _fits(shape: Sequence[Any], wanted: Sequence[int]) -> bool:
    """Compare shapes; an axis without a number may have any length."""
    if len(shape) != len(wanted):
        return False
    return all(not isinstance(have, int) or have == want for have, want in zip(shape, wanted, strict=True))


def _names(found: Mapping[str, Any]) -> str:
    return ", ".join(found) or "none"

"""Refusals of networks: each says what was found and what was expected."""

from common.errors import DomainError


class NetworkError(DomainError):
    """Base of what can be wrong with a network."""

    code = "network-unusable"
    status = 422
    title = "This network cannot be used."


class ManifestError(NetworkError):
    """`network.yaml` lacks something, or contradicts itself."""

    code = "network-manifest"
    title = "The network's manifest is not complete."


class NetworkFileError(NetworkError):
    """The .onnx file is not what the manifest says, or none that the runtime reads."""

    code = "network-file"
    title = "The network's file cannot be read."


class NetworkOutputError(NetworkError):
    """The network gave something else than the manifest says: another shape, or values that are no numbers."""

    code = "network-output"
    title = "The network gave something that is not what its manifest says."


class GoldenError(NetworkError):
    """The network does not find in the golden image what its manifest says."""

    code = "network-golden"
    title = "The network does not find what its manifest says in its golden image."


class EscapeError(NetworkError):
    """Something that ran beside the network tried to leave its process: the network, files, programs."""

    code = "network-escape"
    title = "The network's process tried to reach something outside of it, and was stopped."


class NotLoadedError(NetworkError):
    """The child does not know this network yet; whoever asks loads it and asks again."""

    code = "network-not-loaded"
    title = "This process has not read the network yet."

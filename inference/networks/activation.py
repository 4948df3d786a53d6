"""From logits to scores."""

import numpy as np

from inference.networks.found import FloatArray


def sigmoid(logits: FloatArray) -> FloatArray:
    """Give 1 / (1 + exp(-x)), without overflow."""
    return (1 / (1 + np.exp(-np.clip(logits, -60, 60)))).astype(np.float32)


def softmax(logits: FloatArray, *, axis: int) -> FloatArray:
    """Give shares that add up to one along an axis."""
    raised = np.exp(logits - logits.max(axis=axis, keepdims=True))
    return np.asarray(raised / raised.sum(axis=axis, keepdims=True), dtype=np.float32)


def activate(values: FloatArray, activation: str, *, axis: int) -> FloatArray:
    """Apply what the manifest names."""
    if activation == "sigmoid":
        return sigmoid(values)
    return softmax(values, axis=axis) if activation == "softmax" else values

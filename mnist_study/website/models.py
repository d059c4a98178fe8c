"""Trained Keras networks as text that ``web/models.js`` runs: their layers in order, weights as float16."""

import base64

import numpy as np


def described(model) -> dict:
    """A network of convolutions, max-pooling 2x2 and dense layers on 28x28 pixels.

    Batch normalisation is multiplied into the convolution before it.

    Args:
        model: a fitted Keras model, (n, 28, 28) pixels in [0, 255] -> (n, 10) probabilities.

    Returns:
        ``{"layers": [{"kind": "scale" | "fold" | "convolution" | "pool" | "dense", ...}]}``, ready for JSON.

    Raises:
        ValueError: if a layer is of another kind.
    """
    layers = []
    for layer in model.layers:
        kind = type(layer).__name__
        if kind in ("InputLayer", "Reshape", "Flatten", "Dropout"):
            continue  # the order of the numbers stays
        if kind == "Rescaling":
            layers.append({"kind": "scale", "by": float(layer.scale), "offset": float(layer.offset)})
        elif kind == "Permute":
            layers.append({"kind": "fold"})
        elif kind in ("Conv2D", "Dense"):
            kernel, *bias = layer.get_weights()
            bias = bias[0] if bias else np.zeros(kernel.shape[-1], np.float32)
            one = {"name": layer.name, "kernel": kernel, "bias": bias, "relu": layer.activation.__name__ == "relu"}
            is_dense = kind == "Dense"
            more = {} if is_dense else {"side": kernel.shape[0], "same": layer.padding == "same"}
            layers.append({"kind": "dense" if is_dense else "convolution"} | one | more)
        elif kind == "BatchNormalization":
            gamma, beta, mean, variance = layer.get_weights()
            factor = gamma / np.sqrt(variance + layer.epsilon)
            last = layers[-1]
            last["kernel"], last["bias"] = last["kernel"] * factor, (last["bias"] - mean) * factor + beta
        elif kind == "ReLU":
            layers[-1]["relu"] = True
        elif kind == "MaxPooling2D":
            layers.append({"kind": "pool"})
        else:
            raise ValueError(f"web/models.js knows no layer {kind}; teach it, or show a network without one.")
    for one in layers:
        one |= {name: _float16(one[name]) for name in ("kernel", "bias") if name in one}
    return {"layers": layers}


def _float16(values: np.ndarray) -> str:
    return base64.b64encode(values.astype("<f2").tobytes()).decode()

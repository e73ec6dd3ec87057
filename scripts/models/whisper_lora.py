"""Adds a trained low-rank update to Whisper's weights: W + B·A for every linear layer.

The file (models/ear-update.npz, made by scripts/train-ear) holds 16-bit factors named after CTranslate2's weights: A [blocks·r, in]
and B [blocks, out/blocks, r]; the blocks of a fused layer are queries, keys and values, or keys and values, one below the other.

The products are exact, so every machine gives the same sums: a product of two 16-bit floats is a multiple of 2^-48, and a sum of such
below 16 fits the 53 bits of a double, in whatever order it is added.
"""
from pathlib import Path

import numpy as np

UPDATE = Path(__file__).resolve().parents[2] / "models" / "ear-update.npz"


def merge(w, path=UPDATE):
    """The weights with the update added; `w` itself stays as it is."""
    out = dict(w)
    with np.load(path) as z:
        layers = sorted({name.rsplit("/", 1)[0] for name in z.files})
        for layer in layers:
            a, b = z[layer + "/A"].astype(np.float64), z[layer + "/B"].astype(np.float64)
            blocks, rows, rank = b.shape
            name = layer + "/weight"
            if name not in w or w[name].shape != (blocks * rows, a.shape[1]) or len(a) != blocks * rank:
                raise SystemExit(f"{path}: the update of {layer} does not fit the model")
            change = np.concatenate([b[i] @ a[i * rank:(i + 1) * rank] for i in range(blocks)])
            if not np.abs(change).max() < 16:
                raise SystemExit(f"{path}: the update of {layer} is not sound")
            out[name] = (w[name].astype(np.float64) + change).astype(np.float32)
    return out

#!/usr/bin/env python3
"""The update as a file: for each layer, named as in CTranslate2's file, its factors A and B in 16-bit floats (numpy's npz).

    export.py WORK/run/ear-update.npz models/ear-update.npz --strength 0.8

writes a weaker update. Between the published weights and the trained ones lies a better model than either: the words that were
trained hold, and what was not comes back. Too weak, and single words run on again.
"""
import argparse
import io
import os
import zipfile

import numpy as np


def write(model, path):
    """The same factors give the same bytes: no times, a fixed order."""
    arrays = {}
    for name, key in model.names.items():
        layer = model.linear[key]
        arrays[name + "/A"] = layer.A.detach().cpu().numpy().astype(np.float16)
        arrays[name + "/B"] = layer.B.detach().cpu().numpy().astype(np.float16)
    save(arrays, path)


def save(arrays, path):
    temp = f"{path}.new"
    with zipfile.ZipFile(temp, "w", zipfile.ZIP_STORED) as z:
        for name in sorted(arrays):
            data = io.BytesIO()
            np.lib.format.write_array(data, np.ascontiguousarray(arrays[name]), version=(1, 0), allow_pickle=False)
            z.writestr(zipfile.ZipInfo(name + ".npy", (1980, 1, 1, 0, 0, 0)), data.getvalue())
    os.replace(temp, path)


def read(model, path):
    import torch
    with np.load(path) as z, torch.no_grad():
        for name, key in model.names.items():
            model.linear[key].A.copy_(torch.from_numpy(z[name + "/A"].astype(np.float32)))
            model.linear[key].B.copy_(torch.from_numpy(z[name + "/B"].astype(np.float32)))


def main():
    a = argparse.ArgumentParser(description="Writes an update of another strength.")
    a.add_argument("update")
    a.add_argument("out")
    a.add_argument("--strength", type=float, default=0.8)
    args = a.parse_args()
    with np.load(args.update) as z:
        save({k: (z[k].astype(np.float32) * (args.strength if k.endswith("/B") else 1)).astype(np.float16) for k in z.files}, args.out)


if __name__ == "__main__":
    main()

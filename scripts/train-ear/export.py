"""The update as a file: for each layer, named as in CTranslate2's file, its factors A and B in 16-bit floats (numpy's npz)."""
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

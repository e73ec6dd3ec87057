#!/usr/bin/env python3
"""Writes the lines that the product's own voices speak: the dialplans' answers, sentences made by grammar, short
answers in several voices, and single words to be joined to strings.

    sentences.py --out FOLDER --count 1600      words.tsv, phrases.tsv, sentences.tsv: lang, voice, speed, text

A voice is a name or a mixture by formula; half of the mixtures take a voice of the other language along.
"""
import argparse
import random
from pathlib import Path

import dialplan_texts
import sentences_en
import sentences_zh

# zf_xiaoni is left out: she is hard to understand.
ZH = ("zf_xiaobei", "zf_xiaoxiao", "zf_xiaoyi", "zm_yunjian", "zm_yunxi", "zm_yunxia", "zm_yunyang")
EN = ("af_alloy", "af_aoede", "af_bella", "af_heart", "af_jessica", "af_kore", "af_nicole", "af_nova", "af_river", "af_sarah", "af_sky", "am_adam",
      "am_echo", "am_eric", "am_fenrir", "am_liam", "am_michael", "am_onyx", "am_puck", "bf_alice", "bf_emma", "bf_isabella", "bf_lily", "bm_daniel",
      "bm_fable", "bm_george", "bm_lewis")
WORD_VOICES, PHRASE_VOICES = 14, 4  # a language
WORDS = {"zh": [*sentences_zh.DIGITS, "幺", "好", "是", "对", "嗯", "不是", "不要", "可以", "没有", "行"],
         "en": [*sentences_en.DIGITS, "oh", "yes", "no", "fine", "okay", "sure"]}


def voice(r, lang):
    own, other = (ZH, EN) if lang == "zh" else (EN, ZH)
    if r.random() < (0.4 if lang == "zh" else 0.6):
        return r.choice(own)
    if r.random() < 0.5:
        a, b = r.sample(own, 2)
        w = round(r.uniform(0.3, 0.7), 2)
    else:
        a, b, w = r.choice(own), r.choice(other), 0.5 if r.random() < 0.5 else round(r.uniform(0.55, 0.8), 2)
    return f"{w}*{a}+{round(1 - w, 2)}*{b}"


def speed(r):
    return round(r.uniform(0.85, 1.2), 2)


def words(r):
    for lang, listed in WORDS.items():
        for _ in range(WORD_VOICES):
            who, pace = voice(r, lang), round(r.uniform(0.95, 1.2), 2)
            for text in listed:
                yield lang, who, pace, text


def phrases(r):
    """Every short answer in several voices."""
    for _ in range(PHRASE_VOICES):
        for lang, module in (("zh", sentences_zh), ("en", sentences_en)):
            for text in module.SHORT:
                yield lang, voice(r, lang), speed(r), text


def sentences(r, count):
    plans = dialplan_texts.answers()
    r.shuffle(plans)
    seen = set()
    while len(seen) < count:
        if plans and r.random() < 0.2:
            lang, text = plans.pop()
        else:
            lang = "zh" if r.random() < 0.6 else "en"
            text = (sentences_zh if lang == "zh" else sentences_en).make(r)
        if text in seen and len(text) > 8 or not text:
            continue
        who, pace = voice(r, lang), speed(r)
        seen.add(text if text not in seen else f"{text}/{who}/{pace}")
        yield lang, who, pace, text


def main():
    a = argparse.ArgumentParser(description="Writes the lines to be spoken.")
    a.add_argument("--out", required=True, type=Path)
    a.add_argument("--count", type=int, default=1600)
    a.add_argument("--seed", type=int, default=1)
    args = a.parse_args()
    args.out.mkdir(parents=True, exist_ok=True)
    r = random.Random(args.seed)
    for name, rows in (("words.tsv", words(r)), ("phrases.tsv", phrases(random.Random(args.seed))), ("sentences.tsv", sentences(r, args.count))):
        lines = ["lang\tvoice\tspeed\ttext", *("\t".join(map(str, row)) for row in rows)]
        (args.out / name).write_text("\n".join(lines) + "\n", "utf-8")
        print(f"{name}: {len(lines) - 1} lines")


if __name__ == "__main__":
    main()

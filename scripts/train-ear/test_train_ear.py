#!/usr/bin/env python3
"""What must hold of the recipe's data, without a model: python3 scripts/train-ear/test_train_ear.py (numpy only)."""
import random
import sys
import tempfile
import unittest
from pathlib import Path

import numpy as np

import audio
import corpus
import dialplan_texts
import draws
import labels
import sentences
import sentences_zh

sys.path.append(str(Path(__file__).resolve().parents[1] / "models"))


def clip(text, lang="zh", seconds=0.5, name="an4", **more):
    t = np.arange(int(seconds * audio.RATE)) / audio.RATE
    return corpus.Clip(audio.to_int16(0.3 * np.sin(2 * np.pi * 300 * t)), lang, text, name, "p", **more)


class Labels(unittest.TestCase):
    def test_mandarin_has_one_form(self):
        self.assertEqual(labels.clean("幺三八，零零 四！", "zh"), "一三八零零四")
        self.assertEqual(labels.clean("东方商厦(嘉定店) 8楼", "zh"), "东方商厦嘉定店八楼")

    def test_english_has_one_form(self):
        self.assertEqual(labels.clean("RUBOUT G M E F THREE NINE", "en"), "rubout g m e f three nine")
        self.assertEqual(labels.clean("Don't call 39 — it's 'late'.", "en"), "don't call three nine it's late")

    def test_english_is_written_with_a_space_before_it_and_nothing_for_nothing(self):
        self.assertEqual((labels.as_written("yes", "en"), labels.as_written("是", "zh"), labels.as_written("", "en")), (" yes", "是", ""))

    def test_distance_counts_edits(self):
        self.assertEqual(labels.distance(list("八八二五"), list("八二五五")), 2)


class Licences(unittest.TestCase):
    def test_a_set_that_is_not_on_the_list_is_refused_by_name(self):
        for name in ("fsdd", "audio-cmn-words", "asterisk-en-allison", "mycroft-precise", "something-new"):
            with self.assertRaisesRegex(PermissionError, name):
                corpus.require_allowed(name)
        for name in corpus.ALLOWED:
            corpus.require_allowed(name)

    def test_no_set_is_both_allowed_and_refused(self):
        self.assertFalse(set(corpus.ALLOWED) & set(corpus.REFUSED))

    def test_a_toned_syllable_is_only_a_label_where_it_is_a_digit(self):
        row = {"text": "can2", "lang": "zh"}
        self.assertEqual(corpus.label(row, "hantts-syllables"), "")
        self.assertEqual(corpus.label({"text": "jiu3", "lang": "zh"}, "hantts-syllables"), "九")

    def test_the_pool_comes_back_as_it_was_saved(self):
        clips = [clip("一"), clip("yes", "en", 0.7)]
        with tempfile.TemporaryDirectory() as folder:
            corpus.save(clips, f"{folder}/pool.npz")
            back = corpus.load(f"{folder}/pool.npz")
        self.assertEqual([(c.lang, c.text, len(c.sound)) for c in back], [("zh", "一", 4000), ("en", "yes", 5600)])


class Turns(unittest.TestCase):
    def test_a_beginning_says_only_the_words_that_were_finished(self):
        x, ends, words = np.ones(3000, np.float32), [1000, 2000, 3000], ["一", "二", "三"]
        for seed in range(200):
            y, said, cut = draws.beginning(np.random.default_rng(seed), x, ends, words)
            if cut:
                self.assertEqual(said, words[:len(said)])
                self.assertTrue(said)
                self.assertLess(abs(len(y) - ends[len(said) - 1]), 1080)
            else:
                self.assertEqual((len(y), said), (3000, words))

    def test_a_long_clip_is_cut_at_a_pause_between_two_words(self):
        long = clip("a b c d e", "en", 12, ends=(20000, 40000, 60000, 80000, 96000))
        long.sound[40100:40500] = 0
        cuts = {draws.shortened(np.random.default_rng(seed), long).text for seed in range(9)}
        self.assertEqual(cuts, {"a b"})

    def test_turns_are_whole_steps_of_at_least_a_second_and_end_in_digital_silence(self):
        pool = draws.Pool([clip(d) for d in "一二三四"] + [clip("我在开车", seconds=2, ends=(4000, 8000, 12000, 16000))])
        rng = np.random.default_rng(3)
        seen = [draws.turn(rng, pool, []) for _ in range(500)]
        for x, lang, text in seen:
            self.assertEqual((len(x) % 160, lang in ("zh", "en")), (0, True))
            self.assertGreaterEqual(len(x), audio.RATE)
            self.assertFalse(x[-1600:].any())
            self.assertLessEqual(np.abs(x).max(), 1)
        texts = {t for _, _, t in seen}
        self.assertIn("", texts)
        self.assertTrue(any(len(t) == 8 for t in texts))
        self.assertTrue(texts & {"我", "我在", "我在开"})

    def test_the_same_seed_gives_the_same_turns(self):
        pool = draws.Pool([clip(d) for d in "一二三四"])
        a, b = (draws.batches(np.random.default_rng([1, 7]), pool, [], 4) for _ in range(2))
        self.assertTrue(all((x[0] == y[0]).all() and x[1:] == y[1:] for p, q in zip(a, b) for x, y in zip(p, q)))

    def test_companding_is_g711(self):
        # Two codes of each law, from the standard's tables: the loudest, and the smallest step.
        self.assertEqual(audio.companded(np.array([1.0, 0.0], np.float32), "u").tolist(), [32124 / 32768, 0.0])
        self.assertEqual(audio.companded(np.array([1.0, 0.0], np.float32), "A").tolist(), [32256 / 32768, 8 / 32768])

    def test_resampling_keeps_a_tone(self):
        t = np.arange(16000) / 16000
        y = audio.resample(np.sin(2 * np.pi * 440 * t).astype(np.float32), 0.5)
        self.assertLess(np.abs(y - np.sin(2 * np.pi * 440 * np.arange(8000) / 8000))[200:-200].max(), 0.02)


class Lines(unittest.TestCase):
    def test_the_dialplans_answers_are_read_in_both_languages(self):
        found = dialplan_texts.answers()
        self.assertEqual({lang for lang, _ in found}, {"zh", "en"})
        self.assertIn(("zh", "多少钱"), found)
        self.assertIn(("en", "who is this"), found)

    def test_every_line_has_a_label_and_a_voice_that_is_not_banned(self):
        for lang, who, pace, text in [*sentences.words(random.Random(1)), *sentences.sentences(random.Random(1), 400)]:
            self.assertTrue(labels.clean(text, lang), text)
            self.assertNotIn("xiaoni", who)
            self.assertTrue(0.85 <= pace <= 1.2)
            self.assertNotIn("\t", text)

    def test_numbers_are_written_as_they_are_spoken(self):
        self.assertEqual([sentences_zh.spoken(n) for n in (7, 10, 15, 20, 101, 110, 2005, 3200)],
                         ["七", "十", "十五", "二十", "一百零一", "一百一十", "二千零五", "三千二百"])


class Merge(unittest.TestCase):
    def test_an_update_is_added_block_by_block_and_bit_for_bit(self):
        import whisper_lora
        rng = np.random.default_rng(0)
        a, b = (rng.standard_normal(s).astype(np.float16) for s in ((6, 8), (3, 4, 2)))
        w = {"x/weight": rng.standard_normal((12, 8)).astype(np.float16).astype(np.float32)}
        with tempfile.TemporaryDirectory() as folder:
            np.savez(f"{folder}/u.npz", **{"x/A": a, "x/B": b})
            got = whisper_lora.merge(w, f"{folder}/u.npz")["x/weight"]
            with self.assertRaises(SystemExit):
                whisper_lora.merge({"x/weight": np.zeros((4, 4), np.float32)}, f"{folder}/u.npz")
        for k in range(3):
            one = sum(np.outer(b[k, :, r].astype(float), a[2 * k + r].astype(float)) for r in (1, 0))
            self.assertTrue((got[4 * k:4 * k + 4] == (w["x/weight"][4 * k:4 * k + 4] + one).astype(np.float32)).all())


if __name__ == "__main__":
    unittest.main()

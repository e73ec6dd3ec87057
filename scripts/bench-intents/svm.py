"""The baseline of `callsmith bench intents`: TF-IDF n-grams and a balanced linear SVM, C = 1.

    svm.py ROWS LANG    ROWS: part TAB class TAB text TAB sounds; part is train, clean, light, noisy or oos; LANG: en or zh

Prints one JSON object. The n-grams are those callsmith counts. English: words 1-2, characters inside words 1-4. Mandarin:
characters 1-3, syllables 1-3, letters inside a syllable 2-5.
"""
import json
import sys

import numpy as np
from scipy.sparse import hstack
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.svm import LinearSVC

ANYTHING = r"(?u)\S+"


def main():
    path, lang = sys.argv[1:]
    parts = {}
    with open(path, encoding="utf-8") as rows:
        for line in rows:
            part, label, text, sounds = line.rstrip("\n").split("\t")
            parts.setdefault(part, []).append((int(label), text, sounds))
    grams = Grams(lang, parts["train"])
    svm = LinearSVC(C=1.0, class_weight="balanced", random_state=0)
    svm.fit(grams(parts["train"]), [label for label, _, _ in parts["train"]])

    def scores(part):
        found = svm.decision_function(grams(parts[part]))
        return np.stack([-found, found], 1) if found.ndim == 1 else found

    def right(part):
        labels = np.array([label for label, _, _ in parts[part]])
        return float((svm.classes_[scores(part).argmax(1)] == labels).mean())

    recall = None
    if "oos" in parts:
        inside = np.sort(scores("clean").max(1))
        recall = float((scores("oos").max(1) < inside[len(inside) // 20]).mean())
    light = right("light") if "light" in parts else None
    print(json.dumps({"accuracy": right("clean"), "light": light, "noisy": right("noisy"), "oos_recall": recall}))


class Grams:
    def __init__(self, lang, train):
        blocks = {
            "en": [(1, "word", (1, 2)), (1, "char_wb", (1, 4))],
            "zh": [(0, "char", (1, 3)), (2, "word", (1, 3)), (2, "char_wb", (2, 5))],
        }[lang]
        self.blocks = []
        for column, analyzer, sizes in blocks:
            words = {"token_pattern": ANYTHING} if analyzer == "word" else {}
            counted = TfidfVectorizer(analyzer=analyzer, ngram_range=sizes, sublinear_tf=True, **words)
            self.blocks.append((column, counted))
            counted.fit(self.texts(train, column))

    @staticmethod
    def texts(rows, column):
        """Column 0 is the text without blanks."""
        return [text.replace(" ", "") if column == 0 else sounds if column == 2 else text for _, text, sounds in rows]

    def __call__(self, rows):
        return hstack([counted.transform(self.texts(rows, column)) for column, counted in self.blocks]).tocsr() / np.sqrt(len(self.blocks))


if __name__ == "__main__":
    main()

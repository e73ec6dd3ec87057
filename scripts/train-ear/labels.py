"""One form for what was said: what the recogniser is taught to write, and what two texts are compared in.

Mandarin: simplified characters, numerals as they are spoken, no punctuation, no spaces. English: lower case, apostrophes, digits as
words, spelled letters apart ("g m e three nine").
"""
import re

ZH_DIGITS = "零一二三四五六七八九"
EN_DIGITS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
# The telephone's own reading of one, and characters of the training sets that have a plainer form.
SAME = str.maketrans({"幺": "一", "〇": "零", "○": "零", "妳": "你", "祂": "他"} | dict(zip("０１２３４５６７８９", "0123456789")))


def clean(text, lang):
    return chinese(text) if lang == "zh" else english(text)


def chinese(text):
    text = text.lower().translate(SAME)
    text = re.sub(r"\d", lambda m: ZH_DIGITS[int(m[0])], text)
    return re.sub(r"[^\u3400-\u9fffa-z]", "", text)


def english(text):
    text = text.lower().replace("’", "'").replace("&", " and ")
    text = re.sub(r"\d", lambda m: f" {EN_DIGITS[int(m[0])]} ", text)
    text = re.sub(r"[^a-z' ]", " ", text)
    text = re.sub(r"(?<![a-z])'|'(?![a-z])", "", text)
    return " ".join(text.split())


def units(text, lang):
    """What errors are counted in: characters, or words."""
    return list(text) if lang == "zh" else text.split()


def join(parts, lang):
    return ("" if lang == "zh" else " ").join(p for p in parts if p)


def as_written(text, lang):
    """As the recogniser writes it: English begins with a space."""
    return " " + text if text and lang == "en" else text


def distance(a, b):
    """Levenshtein's."""
    row = list(range(len(b) + 1))
    for i, x in enumerate(a, 1):
        corner, row[0] = row[0], i
        for j, y in enumerate(b, 1):
            corner, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, corner + (x != y))
    return row[-1]

"""The tables from which the server makes phonemes: Mandarin words with pinyin, pinyin with Kokoro's symbols, English words."""
import json
import re
import tarfile
import unicodedata
import zipfile

HAN = re.compile(r"[\u4e00-\u9fff]+")
RARE = 3  # words that jieba saw less often than this are left out unless they have a reading of their own

# Kokoro was trained on misaki's transcription for v1.0; these are its facts.
INITIALS = dict(b="p", p="pʰ", m="m", f="f", d="t", t="tʰ", n="n", l="l", g="k", k="kʰ", h="x", j="ʨ", q="ʨʰ", x="ɕ", zh="ꭧ",
                ch="ꭧʰ", sh="ʂ", r="ɻ", z="ʦ", c="ʦʰ", s="s")
# final: before the tone mark, after it
FINALS = {
    "a": "a", "ai": "ai", "an": "a n", "ang": "a ŋ", "ao": "au", "e": "ɤ", "ei": "ei", "en": "ə n", "eng": "ə ŋ", "er": "ɚ", "i": "i",
    "ia": "ja", "ian": "jɛ n", "iang": "ja ŋ", "iao": "jau", "ie": "je", "in": "i n", "iu": "jou", "ing": "i ŋ", "iong": "jʊ ŋ",
    "io": "jɔ", "ong": "ʊ ŋ", "ou": "ou", "o": "wo", "u": "u", "ua": "wa", "uai": "wai", "uan": "wa n", "uang": "wa ŋ", "ui": "wei",
    "un": "wə n", "ueng": "wə ŋ", "uo": "wo", "v": "y", "ve": "ɥe", "van": "ɥɛ n", "vn": "y n", "-i": "ɨ",
}
# syllables without an initial that are no plain final
WHOLE = {"o": "ɔ", "ê": "ɛ", "m": "m", "n": "n", "ng": "ŋ", "hm": "hm", "hng": "hŋ", "yo": "jɔ", "er": "ɚ"}
SPELLED = dict(yi="i", ya="ia", yan="ian", yang="iang", yao="iao", ye="ie", yin="in", you="iu", ying="ing", yong="iong", yu="v", yue="ve",
               yuan="van", yun="vn", wu="u", wa="ua", wai="uai", wan="uan", wang="uang", wei="ui", wen="un", weng="ueng", wo="uo")
TONES = {"1": "→", "2": "↗", "3": "↓", "4": "↘", "5": ""}
MARKS = {"\u0304": "1", "\u0301": "2", "\u030c": "3", "\u0300": "4"}

# Readings that the sources have wrong or old-fashioned for a telephone call.
WORDS = {"行长": "hang2 zhang3", "银行行长": "yin2 hang2 hang2 zhang3", "还款": "huan2 kuan3", "还清": "huan2 qing1", "还贷": "huan2 dai4",
         "还钱": "huan2 qian2", "嗯": "en5", "一会儿": "yi2 hui4 er5", "谁": "shei2", "大夫": "dai4 fu5", "年假": "nian2 jia4",
         "数一数": "shu3 yi1 shu3", "我得": "wo3 dei3", "您得": "nin2 dei3", "得去": "dei3 qu4", "得先": "dei3 xian1", "得等": "dei3 deng3"}
CHARS = {"嗯": "en4", "地": "di4", "谁": "shei2", "哦": "o4", "唔": "wu2"}


def tables(packages):
    """(file name, lines) of each table, sorted."""
    words, syllables = mandarin(packages)
    yield "zh-words.tsv", (f"{w}\t{f}\t{' '.join(p)}" for w, (f, p) in sorted(words.items()))
    yield "zh-pinyin.tsv", (f"{p}\t{s}" for p, s in sorted(syllables.items()))
    yield "en-words.tsv", (f"{w}\t{usual}\t{final}" for w, (usual, final) in sorted(english(packages).items()))


def english(packages):
    """word -> (symbols, symbols before a pause). The gold list wins over the silver one."""
    out = {}
    with zipfile.ZipFile(packages["misaki"]) as z:
        for table in ("us_silver", "us_gold"):
            for word, said in json.loads(z.read(f"misaki/data/{table}.json")).items():
                if not re.fullmatch(r"[A-Za-z][A-Za-z'.\-]*", word):
                    continue
                if isinstance(said, dict):
                    out[word] = (said["DEFAULT"], said.get("None") or "")
                elif said:
                    out[word] = (said, "")
    return {word: said for word, said in out.items() if said[0]}


def mandarin(packages):
    """word -> (frequency, [pinyin]), and pinyin -> symbols."""
    readings, phrases, frequency = sources(packages)
    syllables = {}

    def speakable(pinyin):
        for p in pinyin:
            if p not in syllables:
                said = symbols(p)
                if said is None:
                    return False
                syllables[p] = said
        return True

    words = {}
    for char, pinyin in readings.items():
        if speakable([pinyin]):
            words[char] = (max(1, frequency.get(char, 1)), [pinyin])
    longest = max(map(len, phrases))
    for word, seen in frequency.items():
        if len(word) > 1 and (seen >= RARE or word in phrases):
            pinyin = reading(word, phrases, readings, longest)
            if "" not in pinyin and speakable(pinyin):
                words[word] = (max(1, seen), pinyin)
    for word, pinyin in phrases.items():
        if len(word) > 1 and word not in words and speakable(pinyin):
            words[word] = (200 if word in WORDS else 1, pinyin)
    return words, syllables


def sources(packages):
    with zipfile.ZipFile(packages["pypinyin"]) as z:
        chars = json.loads(z.read("pypinyin/pinyin_dict.json"))
        phrases = json.loads(z.read("pypinyin/phrases_dict.json"))
    with tarfile.open(packages["jieba"]) as t:
        listed = t.extractfile("jieba-0.42.1/jieba/dict.txt").read().decode("utf-8")
    readings = {chr(int(k)): with_digit(v.split(",")[0]) for k, v in chars.items() if 0x4E00 <= int(k) <= 0x9FFF}
    readings.update(CHARS)
    phrases = {k: [with_digit(p[0]) for p in v] for k, v in phrases.items() if HAN.fullmatch(k) and len(k) == len(v)}
    phrases.update((word, pinyin.split()) for word, pinyin in WORDS.items())
    frequency = {}
    for line in listed.splitlines():
        word, seen = line.split(" ")[:2]
        if HAN.fullmatch(word):
            frequency[word] = int(seen)
    return readings, phrases, frequency


def reading(word, phrases, readings, longest):
    """The word's own reading, else those of the longest phrases in it, else of its characters."""
    if word in phrases:
        return phrases[word]
    out, at = [], 0
    while at < len(word):
        for end in range(min(len(word), at + longest), at + 1, -1):
            if word[at:end] in phrases:
                out += phrases[word[at:end]]
                at = end
                break
        else:
            out.append(readings.get(word[at], ""))
            at += 1
    return out


def with_digit(pinyin):
    """hǎo -> hao3, lǜ -> lv4; 5 is the neutral tone."""
    tone, out = "5", []
    for c in unicodedata.normalize("NFD", pinyin):
        if c in MARKS:
            tone = MARKS[c]
        elif c == "\u0308":
            out[-1] = "v"
        elif c == "\u0302" and out and out[-1] == "e":
            out[-1] = "ê"
        elif c.isalpha():
            out.append(c)
    return "".join(out) + tone


def symbols(pinyin):
    """zhong1 -> ꭧʊ→ŋ; None for what is no syllable of Mandarin."""
    base, tone = pinyin[:-1], TONES[pinyin[-1]]
    if base in WHOLE:
        # The tone mark follows the vowel, or the consonant that stands for one.
        return WHOLE[base] + tone
    initial, final = "", SPELLED.get(base, base)
    if base not in SPELLED:
        initial = next((i for i in (base[:2], base[:1]) if i in INITIALS), "")
        final = base[len(initial):]
        if initial in ("j", "q", "x") and final.startswith("u"):
            final = "v" + final[1:]
        if final == "i" and initial in ("zh", "ch", "sh", "r", "z", "c", "s"):
            final = "-i"
        if final == "ue":
            final = "ve"
    if final not in FINALS:
        return None
    vowel, _, coda = FINALS[final].partition(" ")
    return INITIALS.get(initial, "") + vowel + tone + coda

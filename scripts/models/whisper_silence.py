"""What Whisper's encoder makes of the silence after speech, computed once and stored in the model.

The decoder needs ten seconds of sound to know where to stop, but encoding silence at every turn would cost more than encoding the
speech. So 30 s of vowel-like sound and silence go through the encoder here, in plain numpy, and the part after the sound is
appended to every turn's keys and values.
"""
import numpy as np

RATE = 8000


def mel_bank():
    """Whisper's 80 Slaney bands over the 101 bins of a 25 ms DFT at 8 kHz; the bands above 4 kHz stay empty."""
    def hertz(m):
        return np.where(m < 15, m * 200 / 3, 1000 * np.exp((m - 15) * np.log(6.4) / 27))
    top = 15 + np.log(8000.0 / 1000) / (np.log(6.4) / 27)
    edges = hertz(np.linspace(0, top, 82))
    bins = np.linspace(0, RATE / 2, RATE // 80 + 1)
    rise = (bins[None] - edges[:-2, None]) / (edges[1:-1] - edges[:-2])[:, None]
    fall = (edges[2:, None] - bins[None]) / (edges[2:] - edges[1:-1])[:, None]
    return (np.maximum(0, np.minimum(rise, fall)) * (2 / (edges[2:] - edges[:-2]))[:, None]).astype(np.float32)


def sound():
    """3 s of syllables made of formants, then silence up to 30 s. Seeded, so that the model comes out the same everywhere."""
    rng = np.random.default_rng(7)
    x = np.zeros(30 * RATE)
    t = 0.15
    while t < 2.8:
        n = int(RATE * rng.uniform(0.10, 0.22))
        pitch, at = rng.uniform(100, 200), np.arange(n) / RATE
        y = np.zeros(n)
        for formant, width in ((rng.uniform(300, 750), 90), (rng.uniform(900, 2100), 120), (rng.uniform(2400, 3100), 180)):
            for k in range(1, int(3400 / pitch)):
                y += np.sin(2 * np.pi * k * pitch * at) / (1 + ((k * pitch - formant) / width) ** 2)
        y = y * np.hanning(n) * 0.08
        i = int(t * RATE)
        x[i:i + n] += y
        if rng.random() < 0.6:  # a hiss between syllables
            m = int(RATE * 0.05)
            x[i + n:i + n + m] += rng.normal(0, 0.012, m) * np.hanning(m)
        t += n / RATE + rng.uniform(0.03, 0.12)
    return x.astype(np.float32)


def keys_and_values(w, layers, heads):
    """The decoder's cross-attention keys [L,H,d,1500] and values [L,H,1500,d] for that sound."""
    x = features(sound())
    for conv, stride in ((1, 1), (2, 2)):
        v = np.lib.stride_tricks.sliding_window_view(np.pad(x, ((0, 0), (1, 1))), 3, axis=1)[:, ::stride]
        p = f"encoder/conv{conv}"
        x = gelu(np.tensordot(w[p + "/weight"], v, ([1, 2], [0, 2])) + w[p + "/bias"][:, None])
    x = x.T + w["encoder/position_encodings/encodings"]

    def split(v):
        return v.reshape(len(v), heads, -1).transpose(1, 0, 2)

    def linear(v, p):
        return v @ w[p + "/weight"].T + w[p + "/bias"]

    for i in range(layers):
        p = f"encoder/layer_{i}"
        q, k, v = np.split(linear(norm(x, w, p + "/self_attention/layer_norm"), p + "/self_attention/linear_0"), 3, axis=1)
        s = split(q) @ split(k).transpose(0, 2, 1) / 8
        s = np.exp(s - s.max(-1, keepdims=True))
        o = (s / s.sum(-1, keepdims=True)) @ split(v)
        x = x + linear(o.transpose(1, 0, 2).reshape(len(x), -1), p + "/self_attention/linear_1")
        x = x + linear(gelu(linear(norm(x, w, p + "/ffn/layer_norm"), p + "/ffn/linear_0")), p + "/ffn/linear_1")
    x = norm(x, w, "encoder/layer_norm")
    keys, values = [], []
    for i in range(layers):
        k, v = np.split(linear(x, f"decoder/layer_{i}/attention/linear_1"), 2, axis=1)
        keys.append(split(k).transpose(0, 2, 1))
        values.append(split(v))
    return np.stack(keys), np.stack(values)


def features(x):
    n, hop = RATE // 40, RATE // 100
    y = np.pad(x, n // 2, mode="reflect")
    window = 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(n) / n)
    frames = np.lib.stride_tricks.sliding_window_view(y, n)[::hop][:len(x) // hop]
    power = np.abs(np.fft.rfft(frames * window) * (16000 / RATE)) ** 2
    m = np.log10(np.maximum(mel_bank() @ power.T, 1e-10))
    return ((np.maximum(m, m.max() - 8) + 4) / 4).astype(np.float32)


def norm(v, w, p):
    v = v - v.mean(-1, keepdims=True)
    return v / np.sqrt((v * v).mean(-1, keepdims=True) + 1e-5) * w[p + "/gamma"] + w[p + "/beta"]


def gelu(v):
    return 0.5 * v * (1 + erf(v / np.sqrt(2)))


def erf(v):
    """Abramowitz and Stegun 7.1.26."""
    a = np.abs(v)
    t = 1 / (1 + 0.3275911 * a)
    series = 0.254829592 + t * (-0.284496736 + t * (1.421413741 + t * (-1.453152027 + t * 1.061405429)))
    return np.sign(v) * (1 - t * np.exp(-a * a) * series)

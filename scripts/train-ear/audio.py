"""Sound as arrays of 8 kHz floats: reading, trimming, the telephone's codecs, and sounds that are not speech."""
import numpy as np

RATE = 8000


def read(source):
    import soundfile
    x, rate = soundfile.read(source, dtype="float32", always_2d=True)
    return resample(x[:, 0], RATE / rate)


def resample(x, ratio):
    """`ratio` times as many samples, by cutting or filling the spectrum."""
    n = round(len(x) * ratio)
    if n == len(x) or n < 2:
        return x.astype(np.float32)
    padded = np.concatenate([x, np.zeros(fast_length(len(x)) - len(x), x.dtype)])
    m = round(len(padded) * ratio)
    spectrum = np.fft.rfft(padded)[:m // 2 + 1]
    return (np.fft.irfft(spectrum, m) * (m / len(padded)))[:n].astype(np.float32)


def fast_length(n):
    """The next multiple of a power of two near n's size: transforms of prime length are slow."""
    step = 1 << max(4, n.bit_length() - 5)
    return -(-n // step) * step


def to_int16(x):
    return np.clip(np.rint(x * 32767), -32768, 32767).astype(np.int16)


def trim(x):
    """Without the quiet before and after, but for 80 ms."""
    h = RATE // 100
    n = len(x) // h
    if n < 5:
        return x
    loud = np.sqrt((x[:n * h].reshape(n, h) ** 2).mean(1))
    over = np.flatnonzero(loud > max(loud.max() * 0.03, 1e-4))
    if not len(over):
        return x[:0]
    return x[max(0, over[0] - 8) * h:min(n, over[-1] + 9) * h]


def active_power(x):
    """Mean square of the louder half of the 20 ms pieces, so that pauses do not count."""
    n = len(x) // 160
    if n == 0:
        return float((x ** 2).mean()) if len(x) else 0.0
    p = np.sort((x[:n * 160].reshape(n, 160) ** 2).mean(1))
    return float(p[n // 2:].mean())


def companded(x, law):
    """Through G.711 and back: the 8-bit code's decision levels, as the standard's segments give them."""
    s = np.clip(np.rint(x * 32768), -32768, 32767).astype(np.int32)
    sign, m = np.where(s < 0, -1, 1), np.abs(s)
    if law == "u":
        m = np.minimum(m, 32635) + 132
        e = np.clip(np.floor(np.log2(m)).astype(np.int32) - 7, 0, 7)
        step = m >> (e + 3) & 15
        y = ((step << 3) + 132 << e) - 132
    else:
        m = np.minimum(m, 32767)
        e = np.maximum(np.floor(np.log2(np.maximum(m, 1))).astype(np.int32) - 7, 0)
        step = np.where(e > 0, m >> (e + 3) & 15, m >> 4 & 15)
        y = np.where(e > 0, (step << 4) + 264 << np.maximum(e - 1, 0), (step << 4) + 8)
    return (sign * y / 32768).astype(np.float32)


# -- noise, by colour ------------------------------------------------------------------------------------------------------------------

def coloured(rng, n, slope):
    """Noise whose power falls with frequency to the power of `slope`: 0 white, 1 pink, 2 brown; unit mean square."""
    spectrum = np.fft.rfft(rng.standard_normal(fast_length(n)))
    f = np.maximum(np.fft.rfftfreq(fast_length(n), 1 / RATE), 20)
    return unit(np.fft.irfft(spectrum * f ** (-slope / 2), fast_length(n))[:n])


def unit(x):
    return (x / np.sqrt(max(float((x ** 2).mean()), 1e-12))).astype(np.float32)


def swell(rng, n, slowest=0.3, depth=0.7):
    """A slow rise and fall around 1."""
    t, y = np.arange(n) / RATE, np.zeros(n)
    for _ in range(3):
        y += np.sin(2 * np.pi * (rng.uniform(slowest, 3) * t + rng.random()))
    return 1 + depth * y / 3


def hum(rng, n):
    t, base, y = np.arange(n) / RATE, rng.choice([50.0, 60.0]), np.zeros(n)
    for k in range(1, 12):
        y += rng.random() / k * np.sin(2 * np.pi * (base * k * t + rng.random()))
    return unit(y)


def street(rng, n):
    return unit(coloured(rng, n, rng.uniform(1, 2)) * swell(rng, n) + 0.3 * coloured(rng, n, 0.5) * swell(rng, n, 1.0, 1.0))


def babble(rng, n, voices):
    """Several people at once; `voices` are float clips."""
    y = np.zeros(n, np.float32)
    for _ in range(int(rng.integers(3, 8))):
        at = 0
        while at < n:
            v = unit(voices[int(rng.integers(len(voices)))].astype(np.float32))[:n - at]
            y[at:at + len(v)] += v * rng.uniform(0.4, 1.0)
            at += len(v) + int(rng.uniform(0, 0.3) * RATE) + 1
    return unit(y)


# -- sounds of the line that nobody said -----------------------------------------------------------------------------------------------

def tones(rng, n, *pitches):
    t = np.arange(n) / RATE
    return sum(np.sin(2 * np.pi * (p * t + rng.random())) for p in pitches) / len(pitches)


def cadence(x, rng, on, off):
    t = (np.arange(len(x)) / RATE + rng.uniform(0, on + off)) % (on + off)
    return x * (t < on)


DTMF = [(a, b) for a in (697, 770, 852, 941) for b in (1209, 1336, 1477)]
CALL_TONES = [((450,), 1, 4), ((440, 480), 2, 4), ((425,), 1, 4), ((400, 450), 0.4, 0.2), ((450,), .35, .35), ((480, 620), .5, .5),
              ((480, 620), .25, .25), ((950, 1400, 1800), 1, .5), ((1100,), .5, 3), ((2100,), 3, .1), ((1850, 1650), .3, .1), ((350, 440), 9, .1)]


def call_tone(rng, n):
    pitches, on, off = CALL_TONES[int(rng.integers(len(CALL_TONES)))]
    return unit(cadence(tones(rng, n, *pitches), rng, on, off) + 1e-4)


def dtmf(rng, n):
    y, at = np.zeros(n), int(rng.uniform(0, .2) * RATE)
    while at < n:
        m = min(int(rng.uniform(.06, .35) * RATE), n - at)
        y[at:at + m] = tones(rng, m, *DTMF[int(rng.integers(12))])
        at += m + int(rng.uniform(.04, .5) * RATE)
    return unit(y + 1e-4)


def music(rng, n):
    """Chords or a tune of decaying tones with overtones."""
    y, at = np.zeros(n), 0
    scale = np.array([0, 2, 4, 5, 7, 9, 11, 12, 14, 16])
    key, beat = rng.uniform(130, 400), rng.uniform(.12, .6)
    while at < n:
        m = int(rng.choice([1, 1, 2]) * beat * RATE)
        t = np.arange(min(int(m * 1.5), n - at)) / RATE
        for s in rng.choice(scale, int(rng.integers(1, 4))):
            f = key * 2 ** (s / 12)
            tone = sum(np.sin(2 * np.pi * f * k * t) / k ** rng.uniform(1, 2) for k in range(1, 6) if f * k < 3800)
            y[at:at + len(t)] += tone * np.exp(-t * rng.uniform(.5, 6))
        at += m
    return unit(y)


def breath(rng, n):
    """Puffs and clicks on the mouthpiece."""
    y, at = np.zeros(n), 0
    while at < n:
        m = min(int(rng.uniform(.15, .9) * RATE), n - at)
        if m > 40:
            y[at:at + m] += coloured(rng, m, rng.uniform(-.5, 1.5)) * np.hanning(m) * rng.uniform(.2, 1)
        at += m + int(rng.uniform(.1, 1.2) * RATE)
    for _ in range(int(rng.integers(0, 4))):
        i = int(rng.integers(n))
        k = coloured(rng, 200, 0)[:n - i] * np.exp(-np.arange(200) / rng.uniform(5, 60))[:n - i]
        y[i:i + len(k)] += k * 2
    return unit(y + 1e-4 * rng.standard_normal(n))


def non_speech(rng, n, recorded):
    kinds = [lambda: coloured(rng, n, rng.uniform(0, 2)), lambda: hum(rng, n), lambda: street(rng, n), lambda: call_tone(rng, n),
             lambda: dtmf(rng, n), lambda: music(rng, n), lambda: breath(rng, n), lambda: np.zeros(n, np.float32)]
    if recorded:
        kinds += [lambda: piece(rng, n, recorded)] * 2
    return kinds[int(rng.integers(len(kinds)))]()


def piece(rng, n, recorded):
    x = recorded[int(rng.integers(len(recorded)))]
    at = int(rng.integers(max(1, len(x) - n)))
    return unit(np.resize(x[at:at + n], n))


def background(rng, n, recorded, voices):
    kinds = [lambda: coloured(rng, n, rng.uniform(0, 1.5)), lambda: street(rng, n), lambda: babble(rng, n, voices), lambda: hum(rng, n)]
    if recorded:
        kinds.append(lambda: piece(rng, n, recorded))
    weights = np.array([2, 3, 4, 1, 3][:len(kinds)], float)
    return kinds[int(rng.choice(len(kinds), p=weights / weights.sum()))]()

//! A street, made of numbers: traffic rumble that swells and passes, hiss of tyres, a horn now and then. Synthetic so that
//! no recording has to be shipped; deterministic so that runs can be compared.

use std::f32::consts::TAU;

const RATE: f32 = 8000.0;

/// `seconds` of street noise at 8 kHz, its RMS at −20 dBFS (callers scale it to the level they want).
#[must_use]
pub fn street(seconds: f32, seed: u64) -> Vec<i16> {
    let n = (seconds * RATE) as usize;
    let mut random = Random(seed | 1);
    let (mut low, mut lower, mut mid) = (0.0f32, 0.0f32, 0.0f32);
    let mut sound = Vec::with_capacity(n);
    for i in 0..n {
        let t = i as f32 / RATE;
        let white = random.next();
        // Rumble: white noise through two one-pole low-passes; tyres: a gentle band around 1 kHz.
        low += 0.06 * (white - low);
        lower += 0.02 * (low - lower);
        mid += 0.45 * (white - mid);
        let swell = 0.6 + 0.4 * (TAU * t / 7.3).sin() * (TAU * t / 3.1).sin();
        let tyres = (mid - low) * 0.22 * (0.5 + 0.5 * (TAU * t / 5.7 + 1.0).sin());
        let horn = if (t % 9.0) > 8.4 {
            0.05 * ((TAU * 420.0 * t).sin() + (TAU * 510.0 * t).sin())
        } else {
            0.0
        };
        sound.push(swell * (lower * 4.0 + low * 0.8) + tyres + horn);
    }
    let rms = (sound.iter().map(|s| s * s).sum::<f32>() / n.max(1) as f32)
        .sqrt()
        .max(1e-6);
    let gain = 0.1 * f32::from(i16::MAX) / rms;
    sound
        .iter()
        .map(|s| (s * gain).clamp(-32767.0, 32767.0) as i16)
        .collect()
}

/// xorshift64*: small, seeded, good enough for noise.
struct Random(u64);

impl Random {
    fn next(&mut self) -> f32 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        ((self.0.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 40) as f32 / (1u32 << 23) as f32) - 1.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_street_has_the_promised_level_and_is_the_same_twice() {
        let a = street(2.0, 7);
        assert_eq!(a, street(2.0, 7));
        let rms = (a.iter().map(|s| f64::from(*s).powi(2)).sum::<f64>() / a.len() as f64).sqrt()
            / 32768.0;
        assert!((20.0 * rms.log10() + 20.0).abs() < 0.5, "{rms}");
    }
}

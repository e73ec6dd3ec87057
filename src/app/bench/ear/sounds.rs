//! Sounds that nobody spoke: they must give no words. Made here, so that the bench has them wherever it runs; short
//! recorded noises are added where there are some.

use super::measure::Bench;
use super::noise::Noise;
use crate::terms::Lang;
use anyhow::Result;

/// How many sounds were played and which gave words.
pub struct NonSpeech {
    pub n: usize,
    pub accepted: Vec<(String, Lang, String)>,
}

/// Plays them all, in both languages in turn.
pub async fn through(bench: &Bench, noises: &[Noise]) -> Result<NonSpeech> {
    let mut sounds = made();
    // Babble is speech of somebody, so words in it are no invention.
    for noise in noises.iter().filter(|n| !n.kind.contains("babble")) {
        let most = noise.samples.len().min(6 * 8000);
        sounds.push((noise.file.clone(), noise.samples[..most].to_vec()));
    }
    let mut accepted = Vec::new();
    let n = sounds.len();
    for (at, (name, samples)) in sounds.into_iter().enumerate() {
        let lang = if at % 2 == 0 { Lang::Zh } else { Lang::En };
        if let Some(words) = bench.words(&samples, lang).await? {
            accepted.push((name, lang, words));
        }
    }
    Ok(NonSpeech { n, accepted })
}

/// 200 sounds: silence, line noise, hum, clicks, breath, keys, ringing, busy, fax, beeps, music, engines, clipped noise.
fn made() -> Vec<(String, Vec<i16>)> {
    let mut all = Vec::new();
    let mut chance = Chance(7);
    for round in 0..10u32 {
        let level = 10f32.powf(-(6.0 + 4.0 * round as f32) / 20.0) * 32768.0;
        let long = 0.4 + 0.45 * round as f32;
        let mut add = |name: &str, f: &mut dyn FnMut(f32, &mut Chance) -> f32| {
            let sound = (0..(long * 8000.0) as usize)
                .map(|i| f(i as f32 / 8000.0, &mut chance).clamp(-32768.0, 32767.0) as i16)
                .collect();
            all.push((
                format!(
                    "{name}, {long:.1} s, {:.0} dBFS",
                    20.0 * (level / 32768.0).log10()
                ),
                sound,
            ));
        };
        let tone = |hz: f32, t: f32| (std::f32::consts::TAU * hz * t).sin();
        let on = |t: f32, every: f32, share: f32| ((t / every).fract() < share) as u8 as f32;
        add("silence", &mut |_, _| 0.0);
        add("white noise", &mut |_, c| 0.5 * level * c.next());
        let mut low = 0.0;
        add("rumble", &mut |_, c| {
            low = 0.97 * low + 0.24 * c.next();
            level * low
        });
        add("mains hum", &mut |t, _| {
            level * (tone(50.0, t) + 0.5 * tone(150.0, t) + 0.3 * tone(250.0, t)) / 1.8
        });
        add("clicks", &mut |t, c| {
            if (t * 7.0).fract() < 0.004 {
                level * c.next()
            } else {
                0.0
            }
        });
        let mut breath = 0.0;
        add("breath", &mut |t, c| {
            breath = 0.6 * breath + 0.4 * c.next();
            level * 0.5 * breath * tone(0.4, t).abs()
        });
        let keys = [
            (697.0, 1209.0),
            (697.0, 1336.0),
            (770.0, 1477.0),
            (852.0, 1209.0),
            (941.0, 1336.0),
        ];
        let key = keys[round as usize % keys.len()];
        add("keys", &mut |t, _| {
            0.5 * level * on(t, 0.25, 0.4) * (tone(key.0, t) + tone(key.1, t))
        });
        add("ringing 450 Hz", &mut |t, _| {
            level * on(t, 5.0, 0.2) * tone(450.0, t)
        });
        add("ringing 440+480 Hz", &mut |t, _| {
            0.5 * level * on(t, 6.0, 0.33) * (tone(440.0, t) + tone(480.0, t))
        });
        add("busy 450 Hz", &mut |t, _| {
            level * on(t, 0.7, 0.5) * tone(450.0, t)
        });
        add("fax 2100 Hz", &mut |t, _| level * tone(2100.0, t));
        add("fax 1100 Hz", &mut |t, _| {
            level * on(t, 3.5, 0.14) * tone(1100.0, t)
        });
        add("beep 1400 Hz", &mut |t, _| {
            level * on(t, 1.2, 0.2) * tone(1400.0, t)
        });
        let scale = [262.0, 294.0, 330.0, 349.0, 392.0, 440.0, 494.0, 523.0];
        add("melody", &mut |t, _| {
            let hz = scale[((t * 3.0) as usize * 5 + round as usize) % scale.len()];
            let fade = 1.0 - (t * 3.0).fract() * 0.7;
            level * 0.6 * fade * (tone(hz, t) + 0.5 * tone(2.0 * hz, t) + 0.25 * tone(3.0 * hz, t))
        });
        add("chords with a beat", &mut |t, c| {
            let base = [130.8, 174.6, 196.0][(t / 0.8) as usize % 3];
            let chord = tone(base * 2.0, t) + tone(base * 2.5, t) + tone(base * 3.0, t);
            level * (0.22 * chord + 0.3 * on(t, 0.4, 0.08) * c.next())
        });
        add("strings", &mut |t, _| {
            let hz = 392.0 + 4.0 * tone(5.5, t);
            level
                * 0.3
                * (1..7)
                    .map(|k| tone(hz * k as f32, t) / k as f32)
                    .sum::<f32>()
        });
        add("engine", &mut |t, c| {
            let hz = 60.0 + 15.0 * tone(0.3, t);
            level
                * (0.2
                    * (1..9)
                        .map(|k| tone(hz * k as f32, t) / k as f32)
                        .sum::<f32>()
                    + 0.1 * c.next())
        });
        add("wind", &mut |t, c| {
            low = 0.93 * low + 0.3 * c.next();
            level * low * (0.6 + 0.4 * tone(0.7, t))
        });
        add("clipped noise", &mut |_, c| {
            (8.0 * level * c.next()).clamp(-level, level)
        });
        let mut noise = 0.0;
        add("knocking", &mut |t, c| {
            noise = 0.8 * noise + 0.2 * c.next();
            let since = (t * 2.3).fract();
            level * 2.0 * noise * (-since * 25.0).exp()
        });
    }
    all
}

/// A fixed sequence of numbers in -1..1.
struct Chance(u32);

impl Chance {
    fn next(&mut self) -> f32 {
        self.0 = self.0.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        f32::from((self.0 >> 16) as i16) / 32768.0
    }
}

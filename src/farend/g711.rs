//! ITU-T G.711 by table. The far end's own, so that an error in the robot's is heard.

use super::scenario::Codec;
use std::sync::LazyLock;

/// RTP payload types (RFC 3551 table 4).
pub(super) const fn payload_type(codec: Codec) -> u8 {
    match codec {
        Codec::Pcmu => 0,
        Codec::Pcma => 8,
    }
}

pub(super) fn decode(codec: Codec, byte: u8) -> i16 {
    table(codec).decode[usize::from(byte)]
}

pub(super) fn encode(codec: Codec, sample: i16) -> u8 {
    // Both laws resolve at most 14 bits.
    table(codec).encode[(sample as u16 >> 2) as usize]
}

struct Table {
    decode: [i16; 256],
    encode: Vec<u8>,
}

static PCMA: LazyLock<Table> = LazyLock::new(|| Table::new(expand_a));
static PCMU: LazyLock<Table> = LazyLock::new(|| Table::new(expand_mu));

fn table(codec: Codec) -> &'static Table {
    match codec {
        Codec::Pcma => &PCMA,
        Codec::Pcmu => &PCMU,
    }
}

impl Table {
    /// The encoder is the decoder's inverse: for each input, the code whose output is nearest.
    fn new(expand: fn(u8) -> i16) -> Self {
        let mut decode = [0; 256];
        for code in 0..=255u8 {
            decode[usize::from(code)] = expand(code);
        }
        let mut levels: Vec<(i32, u8)> = (0..=255u8)
            .map(|code| (i32::from(expand(code)), code))
            .collect();
        levels.sort_unstable();
        let mut encode = vec![0; 1 << 14];
        for (index, slot) in encode.iter_mut().enumerate() {
            let sample = i32::from(((index << 2) as u16).cast_signed()) + 2;
            let above = levels.partition_point(|(level, _)| *level < sample);
            let near = [above.saturating_sub(1), above.min(levels.len() - 1)];
            let [low, high] = near.map(|at| levels[at]);
            *slot = if sample - low.0 < high.0 - sample {
                low.1
            } else {
                high.1
            };
        }
        Table { decode, encode }
    }
}

/// G.711 table 1: even bits inverted, 3 bits of segment, 4 of step; 13 bits scaled to 16.
fn expand_a(code: u8) -> i16 {
    let code = code ^ 0x55;
    let (segment, step) = ((code >> 4) & 7, i16::from(code & 15));
    let magnitude = match segment {
        0 => (step * 2 + 1) * 8,
        segment => (step * 2 + 33) << (segment + 2),
    };
    if code & 0x80 == 0 {
        -magnitude
    } else {
        magnitude
    }
}

/// G.711 table 2: all bits inverted, bias 33; 14 bits scaled to 16.
fn expand_mu(code: u8) -> i16 {
    let code = !code;
    let (segment, step) = ((code >> 4) & 7, i16::from(code & 15));
    let magnitude = (((step * 2 + 33) << segment) - 33) * 4;
    if code & 0x80 == 0 {
        magnitude
    } else {
        -magnitude
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_standard_s_end_points_and_silence_come_out() {
        assert_eq!(decode(Codec::Pcma, 0xd5), 8);
        assert_eq!(decode(Codec::Pcma, 0x55), -8);
        assert_eq!(decode(Codec::Pcma, 0xaa), 32256);
        assert_eq!(decode(Codec::Pcmu, 0xff), 0);
        assert_eq!(decode(Codec::Pcmu, 0x80), 32124);
        assert_eq!(decode(Codec::Pcmu, 0x00), -32124);
    }

    #[test]
    fn every_code_survives_the_round_trip_and_errors_stay_within_half_a_step() {
        for codec in [Codec::Pcma, Codec::Pcmu] {
            for code in 0..=255u8 {
                let level = decode(codec, code);
                assert_eq!(
                    decode(codec, encode(codec, level)),
                    level,
                    "{codec:?} {code}"
                );
            }
            for sample in (-32768..=32767i32).step_by(37) {
                let back = i32::from(decode(codec, encode(codec, sample as i16)));
                let allowed = (sample.abs() / 28).max(12);
                assert!(
                    (back - sample).abs() <= allowed || sample.abs() > 32124,
                    "{codec:?} {sample} {back}"
                );
            }
        }
    }
}

//! ITU-T G.711: A-law and µ-law, one byte a sample. Own arithmetic, because the values nearest zero matter here: the
//! carrier's silence must decode to silence and encode back to the same byte.

use super::{FRAME, Frame};

/// Which companding law.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub enum Law {
    /// PCMA, RTP payload type 8.
    A,
    /// PCMU, RTP payload type 0.
    Mu,
}

const A_DECODE: [i16; 256] = table(Law::A);
const MU_DECODE: [i16; 256] = table(Law::Mu);

impl Law {
    /// One sample from its byte.
    #[must_use]
    pub fn decode_sample(self, byte: u8) -> i16 {
        match self {
            Law::A => A_DECODE[byte as usize],
            Law::Mu => MU_DECODE[byte as usize],
        }
    }

    /// The byte of one sample.
    #[must_use]
    pub fn encode_sample(self, sample: i16) -> u8 {
        match self {
            Law::A => a_encode(sample),
            Law::Mu => mu_encode(sample),
        }
    }

    /// Appends the samples of `payload` to `out`.
    pub fn decode(self, payload: &[u8], out: &mut Vec<i16>) {
        out.extend(payload.iter().map(|b| self.decode_sample(*b)));
    }

    /// Appends the bytes of `samples` to `out`.
    pub fn encode(self, samples: &[i16], out: &mut Vec<u8>) {
        out.extend(samples.iter().map(|s| self.encode_sample(*s)));
    }

    /// A frame from its 160 bytes.
    #[must_use]
    pub fn decode_frame(self, payload: &[u8; FRAME]) -> Frame {
        payload.map(|b| self.decode_sample(b))
    }

    /// The 160 bytes of a frame.
    #[must_use]
    pub fn encode_frame(self, frame: &Frame) -> [u8; FRAME] {
        frame.map(|s| self.encode_sample(s))
    }

    /// The byte that stands for silence.
    #[must_use]
    pub fn silence(self) -> u8 {
        self.encode_sample(0)
    }
}

const fn table(law: Law) -> [i16; 256] {
    let mut out = [0i16; 256];
    let mut byte = 0usize;
    while byte < 256 {
        out[byte] = match law {
            Law::A => a_decode(byte as u8),
            Law::Mu => mu_decode(byte as u8),
        };
        byte += 1;
    }
    out
}

// G.711 §3.2 table 1: sign bit set for positive, even bits inverted; the interval's middle is the decoded value.
const fn a_decode(byte: u8) -> i16 {
    let code = byte ^ 0x55;
    let segment = (code >> 4) & 7;
    let step = (code & 15) as i16;
    let size = if segment == 0 {
        (step << 4) + 8
    } else {
        ((step << 4) + 0x108) << (segment - 1)
    };
    if code & 0x80 != 0 { size } else { -size }
}

fn a_encode(sample: i16) -> u8 {
    // Ones' complement, so that -1 is as near to zero as 0 is.
    let size = (if sample < 0 { !sample } else { sample } as u16) >> 4;
    let code = if size < 32 {
        size as u8
    } else {
        let segment = 12 - size.leading_zeros() as u16;
        ((segment << 4) | ((size >> (segment - 1)) & 15)) as u8
    };
    let sign = if sample < 0 { 0 } else { 0x80 };
    (code | sign) ^ 0x55
}

// G.711 §3.2 table 2: all bits inverted, a bias of 33 in 14 bit units (132 in 16 bit) before the logarithm.
const MU_BIAS: i16 = 132;

const fn mu_decode(byte: u8) -> i16 {
    let code = !byte;
    let segment = (code >> 4) & 7;
    let step = (code & 15) as i16;
    let size = (((step << 3) + MU_BIAS) << segment) - MU_BIAS;
    if code & 0x80 != 0 { -size } else { size }
}

fn mu_encode(sample: i16) -> u8 {
    let size = if sample < 0 { !sample } else { sample } as u16;
    let biased = (size + MU_BIAS as u16).min(0x7FFF);
    let segment = 8 - biased.leading_zeros() as u16;
    let code = (segment << 4) | ((biased >> (segment + 3)) & 15);
    let sign = if sample < 0 { 0x80 } else { 0 };
    !(code as u8 | sign)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_byte_survives_decoding_and_encoding() {
        for law in [Law::A, Law::Mu] {
            for byte in 0..=255u8 {
                let sample = law.decode_sample(byte);
                let back = law.encode_sample(sample);
                // µ-law has two zeros; both must stay zero.
                assert_eq!(law.decode_sample(back), sample, "{law:?} {byte:#x}");
            }
        }
    }

    #[test]
    fn known_values_of_the_standard() {
        assert_eq!(Law::A.silence(), 0xD5);
        assert_eq!(Law::Mu.silence(), 0xFF);
        assert_eq!(Law::A.decode_sample(0xD5), 8);
        assert_eq!(Law::A.decode_sample(0x55), -8);
        assert_eq!(Law::A.decode_sample(0xAA), 32256);
        assert_eq!(Law::Mu.decode_sample(0xFF), 0);
        assert_eq!(Law::Mu.decode_sample(0x80), 32124);
        assert_eq!(Law::Mu.decode_sample(0x00), -32124);
    }

    #[test]
    fn a_sample_comes_back_within_half_a_step() {
        for law in [Law::A, Law::Mu] {
            for sample in i16::MIN..=i16::MAX {
                let back = i32::from(law.decode_sample(law.encode_sample(sample)));
                let off = (back - i32::from(sample)).abs();
                // Half a step of the sample's segment; the last one ends before full scale.
                let size = i32::from(sample).abs();
                let allowed = ((size + 132) / 32 + 1).max(8);
                assert!(off <= allowed, "{law:?} {sample} -> {back}");
            }
        }
    }
}

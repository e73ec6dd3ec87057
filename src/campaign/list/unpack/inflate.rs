//! DEFLATE (RFC 1951), unpacked into a gauge.

use super::{Gauge, Trouble, cut, damaged, u16_at};
use std::io::Read;

/// Codes by length, shortest first (RFC 1951, 3.2.2).
struct Huffman {
    counts: [u16; 16],
    symbols: [u16; 288],
}

impl Huffman {
    fn new(lengths: &[u8]) -> Result<Huffman, Trouble> {
        let mut counts = [0; 16];
        for length in lengths {
            counts[usize::from(*length)] += 1;
        }
        counts[0] = 0;
        let mut left: i32 = 1;
        let mut offsets = [0_usize; 16];
        for bits in 1..16 {
            left = left * 2 - i32::from(counts[bits]);
            if left < 0 {
                return Err(damaged("a part cannot be unpacked"));
            }
            if bits < 15 {
                offsets[bits + 1] = offsets[bits] + usize::from(counts[bits]);
            }
        }
        let mut symbols = [0; 288];
        for (symbol, length) in (0_u16..).zip(lengths) {
            if *length != 0 {
                let place = &mut offsets[usize::from(*length)];
                symbols[*place] = symbol;
                *place += 1;
            }
        }
        Ok(Huffman { counts, symbols })
    }
}

const WINDOW: usize = 32 * 1024;
/// Base and extra bits of the length codes 257 to 285, and of the distance codes (RFC 1951, 3.2.5).
const LENGTHS: [(u16, u8); 29] = [
    (3, 0),
    (4, 0),
    (5, 0),
    (6, 0),
    (7, 0),
    (8, 0),
    (9, 0),
    (10, 0),
    (11, 1),
    (13, 1),
    (15, 1),
    (17, 1),
    (19, 2),
    (23, 2),
    (27, 2),
    (31, 2),
    (35, 3),
    (43, 3),
    (51, 3),
    (59, 3),
    (67, 4),
    (83, 4),
    (99, 4),
    (115, 4),
    (131, 5),
    (163, 5),
    (195, 5),
    (227, 5),
    (258, 0),
];
const DISTANCES: [(u16, u8); 30] = [
    (1, 0),
    (2, 0),
    (3, 0),
    (4, 0),
    (5, 1),
    (7, 1),
    (9, 2),
    (13, 2),
    (17, 3),
    (25, 3),
    (33, 4),
    (49, 4),
    (65, 5),
    (97, 5),
    (129, 6),
    (193, 6),
    (257, 7),
    (385, 7),
    (513, 8),
    (769, 8),
    (1025, 9),
    (1537, 9),
    (2049, 10),
    (3073, 10),
    (4097, 11),
    (6145, 11),
    (8193, 12),
    (12289, 12),
    (16385, 13),
    (24577, 13),
];
/// The order in which the lengths of the code-length codes stand.
const ORDER: [usize; 19] = [
    16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15,
];

pub(super) struct Inflate<R> {
    from: R,
    bits: u32,
    have: u32,
    window: Vec<u8>,
    /// Where the next byte goes.
    at: usize,
    /// Bytes that came out so far, up to a full window.
    filled: usize,
    /// What was counted already of the window.
    counted: usize,
}

impl<R: Read> Inflate<R> {
    pub fn new(from: R) -> Self {
        Inflate {
            from,
            bits: 0,
            have: 0,
            window: vec![0; WINDOW],
            at: 0,
            filled: 0,
            counted: 0,
        }
    }

    pub fn run(mut self, gauge: &mut Gauge) -> Result<(), Trouble> {
        loop {
            let last = self.take(1)? == 1;
            match self.take(2)? {
                0 => self.stored(gauge)?,
                1 => {
                    let mut lengths = [8; 288];
                    lengths[144..256].fill(9);
                    lengths[256..280].fill(7);
                    let (codes, distances) = (Huffman::new(&lengths)?, Huffman::new(&[5; 30])?);
                    self.block(&codes, &distances, gauge)?;
                }
                2 => {
                    let (codes, distances) = self.tables()?;
                    self.block(&codes, &distances, gauge)?;
                }
                _ => return Err(damaged("a part cannot be unpacked")),
            }
            if last {
                return gauge.take(&self.window[self.counted..self.at]);
            }
        }
    }

    fn take(&mut self, count: u32) -> Result<u32, Trouble> {
        while self.have < count {
            let mut byte = [0];
            self.from.read_exact(&mut byte).map_err(cut)?;
            self.bits |= u32::from(byte[0]) << self.have;
            self.have += 8;
        }
        let value = self.bits & ((1 << count) - 1);
        self.bits >>= count;
        self.have -= count;
        Ok(value)
    }

    fn symbol(&mut self, codes: &Huffman) -> Result<u16, Trouble> {
        let (mut code, mut first, mut index) = (0_i32, 0_i32, 0_i32);
        for bits in 1..16 {
            code |= self.take(1)? as i32;
            let count = i32::from(codes.counts[bits]);
            if code - count < first {
                let place = usize::try_from(index + code - first).unwrap_or(usize::MAX);
                let symbol = codes.symbols.get(place).copied();
                return symbol.ok_or_else(|| damaged("a part cannot be unpacked"));
            }
            index += count;
            first = (first + count) << 1;
            code <<= 1;
        }
        Err(damaged("a part cannot be unpacked"))
    }

    fn put(&mut self, byte: u8, gauge: &mut Gauge) -> Result<(), Trouble> {
        self.window[self.at] = byte;
        self.at += 1;
        self.filled = (self.filled + 1).min(WINDOW);
        if self.at == WINDOW {
            gauge.take(&self.window[self.counted..])?;
            self.at = 0;
            self.counted = 0;
        }
        Ok(())
    }

    fn stored(&mut self, gauge: &mut Gauge) -> Result<(), Trouble> {
        self.bits = 0;
        self.have = 0;
        let mut head = [0; 4];
        self.from.read_exact(&mut head).map_err(cut)?;
        let length = u16_at(&head, 0);
        if length != !u16_at(&head, 2) {
            return Err(damaged("a part cannot be unpacked"));
        }
        for _ in 0..length {
            let mut byte = [0];
            self.from.read_exact(&mut byte).map_err(cut)?;
            self.put(byte[0], gauge)?;
        }
        Ok(())
    }

    fn tables(&mut self) -> Result<(Huffman, Huffman), Trouble> {
        let wrong = || damaged("a part cannot be unpacked");
        let codes = self.take(5)? as usize + 257;
        let distances = self.take(5)? as usize + 1;
        let count = self.take(4)? as usize + 4;
        if codes > 286 || distances > 30 {
            return Err(wrong());
        }
        let mut lengths = [0_u8; 19];
        for place in &ORDER[..count] {
            lengths[*place] = self.take(3)? as u8;
        }
        let code = Huffman::new(&lengths)?;
        let mut lengths = [0_u8; 286 + 30];
        let mut i = 0;
        while i < codes + distances {
            let symbol = self.symbol(&code)?;
            let (value, times) = match symbol {
                0..16 => (symbol as u8, 1),
                16 => {
                    let before = i.checked_sub(1).ok_or_else(wrong)?;
                    (lengths[before], 3 + self.take(2)? as usize)
                }
                17 => (0, 3 + self.take(3)? as usize),
                _ => (0, 11 + self.take(7)? as usize),
            };
            let run = lengths.get_mut(i..i + times).ok_or_else(wrong)?;
            run.fill(value);
            i += times;
        }
        if i != codes + distances {
            return Err(wrong());
        }
        Ok((
            Huffman::new(&lengths[..codes])?,
            Huffman::new(&lengths[codes..codes + distances])?,
        ))
    }

    fn block(
        &mut self,
        codes: &Huffman,
        distances: &Huffman,
        gauge: &mut Gauge,
    ) -> Result<(), Trouble> {
        let wrong = || damaged("a part cannot be unpacked");
        loop {
            let symbol = self.symbol(codes)?;
            match symbol {
                0..256 => self.put(symbol as u8, gauge)?,
                256 => return Ok(()),
                _ => {
                    let code = LENGTHS.get(usize::from(symbol) - 257);
                    let (base, extra) = *code.ok_or_else(wrong)?;
                    let length = u32::from(base) + self.take(u32::from(extra))?;
                    let symbol = usize::from(self.symbol(distances)?);
                    let (base, extra) = *DISTANCES.get(symbol).ok_or_else(wrong)?;
                    let distance = usize::from(base) + self.take(u32::from(extra))? as usize;
                    if distance > self.filled {
                        return Err(wrong());
                    }
                    for _ in 0..length {
                        let from = (self.at + WINDOW - distance) % WINDOW;
                        let byte = self.window[from];
                        self.put(byte, gauge)?;
                    }
                }
            }
        }
    }
}

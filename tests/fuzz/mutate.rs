//! Seeded mutations of valid samples: flips, truncations, splices, repeated fields, huge lengths; of JSON also its structure.

use serde_json::{Value, json};

/// SplitMix64: small, seeded, good enough to choose where to bend.
pub struct Mutator(u64);

impl Mutator {
    pub fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) ^ 0xA5A5_5A5A)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    fn below(&mut self, n: usize) -> usize {
        if n == 0 { 0 } else { (self.next() % n as u64) as usize }
    }

    pub fn mutated(&mut self, samples: &[Vec<u8>]) -> Vec<u8> {
        let mut bytes = samples[self.below(samples.len())].clone();
        if self.below(2) == 0
            && let Ok(mut value) = serde_json::from_slice::<Value>(&bytes)
        {
            self.bend_json(&mut value, 0);
            bytes = value.to_string().into_bytes();
            if self.below(4) == 0 {
                self.repeat_member(&mut bytes);
            }
            return bytes;
        }
        for _ in 0..=self.below(3) {
            self.bend(&mut bytes, samples);
        }
        bytes
    }

    fn bend(&mut self, bytes: &mut Vec<u8>, samples: &[Vec<u8>]) {
        let at = self.below(bytes.len());
        match self.below(7) {
            0 if !bytes.is_empty() => bytes[at] ^= 1 << self.below(8),
            1 if !bytes.is_empty() => bytes[at] = [0, 1, 2, 127, 128, 254, 255][self.below(7)],
            2 => bytes.truncate(at),
            3 => {
                let other = &samples[self.below(samples.len())];
                let from = self.below(other.len());
                bytes.truncate(at);
                bytes.extend_from_slice(&other[from..]);
            }
            4 => {
                let end = (at + 1 + self.below(200)).min(bytes.len());
                let piece = bytes[at.min(end)..end].to_vec();
                bytes.splice(at..at, piece);
            }
            // A length where one stands on a boundary of four.
            5 => {
                let at = at / 4 * 4;
                let number = [u32::MAX, 0x7FFF_FFFF, 0x8000_0000, 0, 1, 1 << 20][self.below(6)];
                bytes.iter_mut().skip(at).zip(number.to_be_bytes()).for_each(|(to, byte)| *to = byte);
            }
            _ => {
                let more = self.below(300);
                let byte = self.next() as u8;
                bytes.extend(std::iter::repeat_n(byte, more));
            }
        }
    }

    fn odd(&mut self) -> Value {
        let deep = (0..200).fold(json!(1), |inner, _| json!([inner]));
        let all = [
            Value::Null,
            json!(true),
            json!(-1),
            json!(u64::MAX),
            json!(1e308),
            json!(4_294_967_296_u64),
            json!(""),
            json!("x".repeat(5000)),
            json!("\u{0}\u{202e}ñ"),
            json!("9999-99-99"),
            json!([]),
            json!({}),
            deep,
            json!(vec![0; 3000]),
        ];
        let n = self.below(all.len());
        all.into_iter().nth(n).unwrap_or_default()
    }

    fn bend_json(&mut self, value: &mut Value, depth: usize) {
        let stop = depth > 0 && self.below(4) == 0;
        match value {
            Value::Object(map) if !map.is_empty() && !stop => {
                let n = self.below(map.len());
                let name = map.keys().nth(n).cloned().unwrap_or_default();
                match self.below(6) {
                    0 => drop(map.remove(&name)),
                    1 => drop(map.insert("must_understand".into(), json!(["x"]))),
                    2 => drop(map.insert("unknown".into(), json!(1))),
                    _ => self.bend_json(&mut map[&name], depth + 1),
                }
            }
            Value::Array(list) if !list.is_empty() && !stop => {
                let n = self.below(list.len());
                match self.below(6) {
                    0 => drop(list.remove(n)),
                    1 => {
                        let again = list[n].clone();
                        list.extend(std::iter::repeat_n(again, 1 + n % 40));
                    }
                    2 => list.reverse(),
                    _ => self.bend_json(&mut list[n], depth + 1),
                }
            }
            Value::String(text) if self.below(2) == 0 => {
                let at = self.below(text.chars().count());
                *text = text.chars().enumerate().map(|(n, c)| if n == at { 'Z' } else { c }).collect();
            }
            other => *other = self.odd(),
        }
    }

    /// The same member twice, with another value.
    fn repeat_member(&mut self, bytes: &mut Vec<u8>) {
        let text = String::from_utf8_lossy(bytes).into_owned();
        let names = text.split("\":").filter_map(|front| front.rsplit_once('"')).map(|(_, name)| name);
        if let Some(name) = names.collect::<Vec<_>>().get(self.below(5)) {
            *bytes = text.replacen('{', &format!("{{\"{name}\":null,"), 1).into_bytes();
        }
    }
}

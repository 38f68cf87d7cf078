//! MD5 (RFC 1321), which S3 wants over the bodies of some requests (`Content-MD5`). It guards against faults of the
//! way only; what is signed is SHA-256.

/// Shifts of the four rounds (RFC 1321, 3.4).
const SHIFTS: [[u32; 4]; 4] = [[7, 12, 17, 22], [5, 9, 14, 20], [4, 11, 16, 23], [6, 10, 15, 21]];

/// The digest.
pub(super) fn md5(message: &[u8]) -> [u8; 16] {
    let sines: [u32; 64] = std::array::from_fn(sine);
    let mut padded = message.to_vec();
    padded.push(0x80);
    padded.resize(padded.len() + (120 - padded.len() % 64) % 64, 0);
    padded.extend_from_slice(&(message.len() as u64).wrapping_mul(8).to_le_bytes());
    let mut state = [0x6745_2301, 0xefcd_ab89, 0x98ba_dcfe, 0x1032_5476];
    for block in padded.chunks_exact(64) {
        state = step(state, block, &sines);
    }
    let mut digest = [0; 16];
    for (bytes, word) in digest.chunks_exact_mut(4).zip(state) {
        bytes.copy_from_slice(&word.to_le_bytes());
    }
    digest
}

/// `floor(2^32 × |sin(i + 1)|)`, the table T of RFC 1321.
#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "it is less than 2^32 and not negative")]
fn sine(index: usize) -> u32 {
    (f64::from(index as u32 + 1).sin().abs() * 4_294_967_296.0) as u32
}

fn step(state: [u32; 4], block: &[u8], sines: &[u32; 64]) -> [u32; 4] {
    let mut words = [0u32; 16];
    for (word, bytes) in words.iter_mut().zip(block.chunks_exact(4)) {
        *word = bytes.iter().rev().fold(0, |word, byte| word << 8 | u32::from(*byte));
    }
    let [mut a, mut b, mut c, mut d] = state;
    for (index, sine) in sines.iter().enumerate() {
        let (mixed, word) = match index / 16 {
            0 => ((b & c) | (!b & d), index),
            1 => ((d & b) | (!d & c), 5 * index + 1),
            2 => (b ^ c ^ d, 3 * index + 5),
            _ => (c ^ (b | !d), 7 * index),
        };
        let sum = a.wrapping_add(mixed).wrapping_add(*sine).wrapping_add(words[word % 16]);
        let turned = b.wrapping_add(sum.rotate_left(SHIFTS[index / 16][index % 4]));
        (a, b, c, d) = (d, turned, b, c);
    }
    let [of_a, of_b, of_c, of_d] = state;
    [of_a.wrapping_add(a), of_b.wrapping_add(b), of_c.wrapping_add(c), of_d.wrapping_add(d)]
}

#[cfg(test)]
mod tests {
    use super::md5;

    fn hex(message: &str) -> String {
        md5(message.as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect()
    }

    #[test]
    fn digests_are_those_of_the_rfc() {
        // RFC 1321, A.5.
        for (message, digest) in [
            ("", "d41d8cd98f00b204e9800998ecf8427e"),
            ("abc", "900150983cd24fb0d6963f7d28e17f72"),
            ("message digest", "f96b697d7cb7938d525a2f31aaf161d0"),
            ("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789", "d174ab98d277d9f5a5611c2c9f419d9f"),
            (
                "12345678901234567890123456789012345678901234567890123456789012345678901234567890",
                "57edf4a22be3c955ac49da2e2107b67a",
            ),
        ] {
            assert_eq!(hex(message), digest);
        }
        // Around the end of a block, where the length goes into the next one (computed by OpenSSL).
        let a = |count| hex(&"a".repeat(count));
        assert_eq!(a(55), "ef1772b6dff9a122358552954ad0df65");
        assert_eq!(a(56), "3b0c8ac703f828b04c6c197006d17218");
        assert_eq!(a(63), "b06521f39153d618550606be297466d5");
        assert_eq!(a(64), "014842d480b571495a4a0363793f7367");
    }
}

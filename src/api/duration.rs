//! Durations in the notation of Go's `time` package (`1h30m`, `1.5s`), which is
//! what the API fields of format `duration` and the registry's configuration use.

use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::{Deserialize, Deserializer, Error as _};
use serde::ser::{Serialize, Serializer};

/// A signed duration, in nanoseconds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct GoDuration(i64);

/// Units and their length in nanoseconds. Both micro signs (U+00B5, U+03BC) count.
const UNITS: [(&str, u64); 8] = [
    ("ns", 1),
    ("us", 1_000),
    ("\u{b5}s", 1_000),
    ("\u{3bc}s", 1_000),
    ("ms", 1_000_000),
    ("s", 1_000_000_000),
    ("m", 60_000_000_000),
    ("h", 3_600_000_000_000),
];

/// The magnitude of the most negative duration; no positive one is this large.
const LIMIT: u64 = 1 << 63;

impl GoDuration {
    /// A duration of that many nanoseconds.
    pub const fn from_nanos(nanos: i64) -> Self {
        Self(nanos)
    }

    /// Length in nanoseconds.
    pub const fn as_nanos(self) -> i64 {
        self.0
    }
}

impl FromStr for GoDuration {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (negative, mut rest) = match text.as_bytes().first() {
            Some(b'-') => (true, &text[1..]),
            Some(b'+') => (false, &text[1..]),
            _ => (false, text),
        };
        if rest == "0" {
            return Ok(Self(0));
        }
        if rest.is_empty() {
            return Err("it is empty".to_owned());
        }
        let mut total: u64 = 0;
        while !rest.is_empty() {
            let (nanos, tail) = leading_term(rest)?;
            total = total.checked_add(nanos).filter(|t| *t <= LIMIT).ok_or_else(too_long)?;
            rest = tail;
        }
        let signed = if negative { 0i64.checked_sub_unsigned(total) } else { i64::try_from(total).ok() };
        signed.map(Self).ok_or_else(too_long)
    }
}

/// Reads one `<number><unit>` and returns its nanoseconds and the text after it.
fn leading_term(text: &str) -> Result<(u64, &str), String> {
    let (whole, rest) = split_digits(text);
    let (fraction, rest) = match rest.strip_prefix('.') {
        Some(after) => split_digits(after),
        None => ("", rest),
    };
    if whole.is_empty() && fraction.is_empty() {
        return Err(format!("a number is expected at {text:?}"));
    }
    let unit_end = rest.find(|c: char| c == '.' || c.is_ascii_digit()).unwrap_or(rest.len());
    let (unit, rest) = rest.split_at(unit_end);
    if unit.is_empty() {
        return Err("a unit is missing (ns, us, ms, s, m or h)".to_owned());
    }
    let Some((_, scale)) = UNITS.iter().find(|(name, _)| *name == unit) else {
        return Err(format!("unknown unit {unit:?} (ns, us, ms, s, m or h)"));
    };
    let whole: u64 = if whole.is_empty() { 0 } else { whole.parse().map_err(|_| too_long())? };
    let nanos = whole.checked_mul(*scale).filter(|n| *n <= LIMIT).ok_or_else(too_long)?;
    let nanos = nanos.checked_add(fraction_nanos(fraction, *scale)).filter(|n| *n <= LIMIT).ok_or_else(too_long)?;
    Ok((nanos, rest))
}

fn split_digits(text: &str) -> (&str, &str) {
    text.split_at(text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len()))
}

/// `0.<digits>` of a unit, in nanoseconds, cut (not rounded) as Go does. Digits
/// that no longer fit are dropped for the same reason. The floating-point step is
/// deliberate: it is what Go computes, so the results agree to the nanosecond.
fn fraction_nanos(digits: &str, unit: u64) -> u64 {
    let mut value: u64 = 0;
    let mut scale: f64 = 1.0;
    for digit in digits.bytes() {
        let next = value.checked_mul(10).and_then(|v| v.checked_add(u64::from(digit - b'0')));
        match next.filter(|v| *v < LIMIT) {
            Some(next) => value = next,
            None => break,
        }
        scale *= 10.0;
    }
    (value as f64 * (unit as f64 / scale)) as u64
}

fn too_long() -> String {
    "it is longer than the 292 years a duration can hold".to_owned()
}

impl fmt::Display for GoDuration {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let magnitude = self.0.unsigned_abs();
        if self.0 < 0 {
            f.write_str("-")?;
        }
        match magnitude {
            0 => f.write_str("0s"),
            1..1_000 => write!(f, "{magnitude}ns"),
            1_000..1_000_000 => write_decimal(f, magnitude, 1_000, "\u{b5}s"),
            1_000_000..1_000_000_000 => write_decimal(f, magnitude, 1_000_000, "ms"),
            _ => {
                let (minutes, within) = (magnitude / 60_000_000_000, magnitude % 60_000_000_000);
                if minutes >= 60 {
                    write!(f, "{}h", minutes / 60)?;
                }
                if minutes > 0 {
                    write!(f, "{}m", minutes % 60)?;
                }
                write_decimal(f, within, 1_000_000_000, "s")
            }
        }
    }
}

/// Writes `value / unit` without trailing zeros.
fn write_decimal(f: &mut fmt::Formatter<'_>, value: u64, unit: u64, suffix: &str) -> fmt::Result {
    write!(f, "{}", value / unit)?;
    let (mut fraction, mut width) = (value % unit, unit.ilog10() as usize);
    if fraction > 0 {
        while fraction.is_multiple_of(10) {
            fraction /= 10;
            width -= 1;
        }
        write!(f, ".{fraction:0width$}")?;
    }
    f.write_str(suffix)
}

impl Serialize for GoDuration {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for GoDuration {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = Cow::<'de, str>::deserialize(deserializer)?;
        text.parse().map_err(|reason| D::Error::custom(format!("{text:?} is not a duration: {reason}")))
    }
}

impl JsonSchema for GoDuration {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "GoDuration".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({"type": "string", "format": "duration"})
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn parses_and_prints_as_go_does() {
        for (text, nanos, printed) in [
            ("0", 0, "0s"),
            ("-0", 0, "0s"),
            ("1h", 3_600_000_000_000, "1h0m0s"),
            ("60m", 3_600_000_000_000, "1h0m0s"),
            ("1h0.5s", 3_600_500_000_000, "1h0m0.5s"),
            ("1.5s", 1_500_000_000, "1.5s"),
            (".5s", 500_000_000, "500ms"),
            ("5.s", 5_000_000_000, "5s"),
            ("100ms", 100_000_000, "100ms"),
            ("+3us", 3_000, "3\u{b5}s"),
            ("1.1\u{3bc}s", 1_100, "1.1\u{b5}s"),
            ("-1m30s", -90_000_000_000, "-1m30s"),
            ("3s1h", 3_603_000_000_000, "1h0m3s"),
            ("1.000000001s", 1_000_000_001, "1.000000001s"),
            ("1ns", 1, "1ns"),
            ("0.3333333333333333333h", 1_200_000_000_000, "20m0s"),
            ("0.9223372036854775807h", 3_320_413_933_267, "55m20.413933267s"),
            ("9007199254.740993ms", 9_007_199_254_740_993, "2501h59m59.254740993s"),
            ("2540400h10m10.000000000s", 9_145_440_610_000_000_000, "2540400h10m10s"),
            ("9223372036854775807ns", i64::MAX, "2562047h47m16.854775807s"),
            ("-9223372036854775808ns", i64::MIN, "-2562047h47m16.854775808s"),
        ] {
            let parsed: GoDuration = text.parse().unwrap();
            assert_eq!(parsed.as_nanos(), nanos, "{text}");
            assert_eq!(parsed.to_string(), printed, "{text}");
            assert_eq!(parsed.to_string().parse::<GoDuration>().unwrap(), parsed);
        }
    }

    #[test]
    fn refuses_what_go_refuses() {
        for text in [
            "",
            "-",
            "+",
            ".",
            "s",
            "3",
            ".s",
            "+.s",
            "1d",
            "1 h",
            " 1h",
            "1h ",
            "--1h",
            "1e3s",
            "h1",
            "9223372036854775808ns",
            "9223372036854775.808us",
            "9223372036854ms775us808ns",
            "-9223372036854775809ns",
            "18446744073709551616ns",
            "3000000h",
            "1,5s",
            "1H",
            "\u{b5}s",
        ] {
            assert!(text.parse::<GoDuration>().is_err(), "{text:?} was accepted");
        }
    }
}

//! Which strings YAML 1.1 reads as something else when unquoted, as yaml.v2 sees it.
//!
//! yaml.v2 tries Go's strconv and time packages on the string, so their quirks belong to the format.

/// Whether yaml.v2 reads the string as a null, bool, number or timestamp, or quotes it because others do.
pub(super) fn is_other_type(value: &str) -> bool {
    match value.bytes().next() {
        None => true,
        Some(b'.') => is_float_word(value) || is_separated(value) && is_float(&value.replace('_', "")),
        Some(b'+' | b'-' | b'0'..=b'9') => is_number(value) || is_timestamp(value) || is_sexagesimal(value),
        _ => is_word(value),
    }
}

fn is_word(value: &str) -> bool {
    const WORDS: [&str; 9] = ["y", "yes", "true", "on", "n", "no", "false", "off", "null"];
    value == "~" || WORDS.iter().any(|word| in_three_cases(value, word))
}

fn is_float_word(value: &str) -> bool {
    matches!(value, ".nan" | ".NaN" | ".NAN" | ".inf" | ".Inf" | ".INF")
}

/// Lower case, capitalised or upper case, but no mixture.
fn in_three_cases(value: &str, word: &str) -> bool {
    let rest = |text: &str| text.get(1..).unwrap_or_default().to_owned();
    value.eq_ignore_ascii_case(word)
        && (rest(value) == rest(word) || value.bytes().all(|byte| byte.is_ascii_uppercase()))
}

fn is_number(value: &str) -> bool {
    let unsigned = value.strip_prefix(['+', '-']).unwrap_or(value);
    let plain = value.replace('_', "");
    matches!(unsigned, ".inf" | ".Inf" | ".INF") && unsigned != value || is_integer(&plain) || is_float(&plain)
}

/// Go's base prefixes, within 64 bits: signed ones as i64, the others up to u64.
fn is_integer(plain: &str) -> bool {
    let (sign, digits) = plain.split_at(usize::from(plain.starts_with(['+', '-'])));
    let (base, digits) = match digits.as_bytes() {
        [b'0', b'x' | b'X', _, ..] => (16, &digits[2..]),
        [b'0', b'o' | b'O', _, ..] => (8, &digits[2..]),
        [b'0', b'b' | b'B', _, ..] => (2, &digits[2..]),
        [b'0', ..] => (8, digits),
        _ => (10, digits),
    };
    let limit = match sign {
        "+" => i64::MAX.unsigned_abs(),
        "-" => i64::MIN.unsigned_abs(),
        _ => u64::MAX,
    };
    // Rust would accept a sign here; yaml.v2 does as well, but only after a lower-case 0b.
    let signed = digits.starts_with(['+', '-']);
    match u64::from_str_radix(digits, base) {
        Ok(number) => !signed && number <= limit || plain.starts_with("0b+") && number <= i64::MAX.unsigned_abs(),
        Err(_) => plain.starts_with("0b-") && i64::from_str_radix(digits, base).is_ok(),
    }
}

/// Whether every underscore has a digit on both sides, as Go wants it where yaml.v2 does not strip them first.
fn is_separated(value: &str) -> bool {
    let digit = |byte: Option<&u8>| byte.is_some_and(u8::is_ascii_digit);
    let bytes = value.as_bytes();
    let separates = |at: usize| at > 0 && digit(bytes.get(at - 1)) && digit(bytes.get(at + 1));
    (0..bytes.len()).all(|at| bytes[at] != b'_' || separates(at))
}

/// A decimal float that is finite as a double.
fn is_float(plain: &str) -> bool {
    let digits = plain.strip_prefix(['+', '-']).unwrap_or(plain);
    // Rust and Go agree but for words like "inf", which this leaves out.
    digits.starts_with(|c: char| c == '.' || c.is_ascii_digit()) && plain.parse::<f64>().is_ok_and(f64::is_finite)
}

/// Base 60: `12:30`, `-1_0:00:59.5`.
fn is_sexagesimal(value: &str) -> bool {
    let value = value.strip_prefix(['+', '-']).unwrap_or(value);
    let (whole, fraction) = value.split_once('.').unwrap_or((value, ""));
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'_');
    let mut parts = whole.split(':');
    let first = parts.next().unwrap_or_default();
    let mut rest = parts.peekable();
    first.starts_with(|c: char| c.is_ascii_digit())
        && digits(first)
        && digits(fraction)
        && rest.peek().is_some()
        && rest.all(|part| matches!(part.as_bytes(), [b'0'..=b'9'] | [b'0'..=b'5', b'0'..=b'9']))
}

/// A date, alone or with a time, in the layouts yaml.v2 tries.
fn is_timestamp(value: &str) -> bool {
    timestamp(value).is_some()
}

fn timestamp(value: &str) -> Option<()> {
    let digits = value.bytes().take_while(u8::is_ascii_digit).count();
    let (year, rest) = value.split_at_checked(4).filter(|_| digits == 4)?;
    let (month, rest) = field(rest.strip_prefix('-')?, 1, 12)?;
    let days = days_in(year.parse().ok()?, month);
    let (_, rest) = field(rest.strip_prefix('-')?, 1, days)?;
    if rest.is_empty() {
        return Some(());
    }
    if let Some(time) = rest.strip_prefix(['T', 't']) {
        return is_zone(clock(time)?).then_some(());
    }
    // Go takes any number of spaces for the one in the layout.
    let time = rest.strip_prefix(' ')?.trim_start_matches(' ');
    clock(time)?.is_empty().then_some(())
}

/// Hours, minutes and seconds with an optional fraction; gives back what follows.
fn clock(value: &str) -> Option<&str> {
    let (_, rest) = field(value, 0, 23)?;
    let (_, rest) = field(rest.strip_prefix(':')?, 0, 59)?;
    let (_, rest) = field(rest.strip_prefix(':')?, 0, 59)?;
    // Go also takes a comma, as ISO 8601 allows.
    let fraction = rest.strip_prefix(['.', ',']).filter(|text| text.starts_with(|c: char| c.is_ascii_digit()));
    Some(fraction.map_or(rest, |text| text.trim_start_matches(|c: char| c.is_ascii_digit())))
}

/// `Z`, or an offset as `+hh:mm`; Go lets both ends of the range through.
fn is_zone(value: &str) -> bool {
    let pair = |tens: u8, ones: u8, limit: u8| {
        tens.is_ascii_digit() && ones.is_ascii_digit() && (tens - b'0') * 10 + (ones - b'0') <= limit
    };
    match value.as_bytes() {
        [b'Z'] => true,
        [b'+' | b'-', h1, h2, b':', m1, m2] => pair(*h1, *h2, 24) && pair(*m1, *m2, 60),
        _ => false,
    }
}

/// One or two digits, as many as there are, within the bounds; and what follows.
fn field(value: &str, low: u32, high: u32) -> Option<(u32, &str)> {
    let length = value.bytes().take(2).take_while(u8::is_ascii_digit).count();
    let (digits, rest) = value.split_at(length);
    digits.parse().ok().filter(|number| (low..=high).contains(number)).map(|number| (number, rest))
}

fn days_in(year: u32, month: u32) -> u32 {
    match month {
        2 if year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400)) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

//! Syntax of Kubernetes resource quantities (`100m`, `1.5Gi`, `2e3`).

/// Suffixes other than exponents. `n` and `u` are rarely seen but valid.
const SUFFIXES: [&str; 16] = ["", "n", "u", "m", "k", "M", "G", "T", "P", "E", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei"];

/// Checks the syntax of a quantity; the reason of a refusal is in plain words.
pub fn validate_quantity(text: &str) -> Result<(), String> {
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    let number_end = unsigned.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(unsigned.len());
    let (number, suffix) = unsigned.split_at(number_end);
    if !number.contains(|c: char| c.is_ascii_digit()) {
        return Err("it does not start with a number".to_owned());
    }
    if number.matches('.').count() > 1 {
        return Err("its number has more than one decimal point".to_owned());
    }
    if SUFFIXES.contains(&suffix) {
        return Ok(());
    }
    if let Some(exponent) = suffix.strip_prefix(['e', 'E']) {
        // Go's limit; a Rust integer parses the same signs.
        return match exponent.parse::<i64>() {
            Ok(_) => Ok(()),
            Err(_) => Err(format!("its exponent {exponent:?} is not a whole number")),
        };
    }
    Err(match suffix {
        "K" => "the suffix for thousands is a small \"k\" (or \"Ki\" for 1024)".to_owned(),
        "GB" | "MB" | "KB" | "kB" | "TB" | "GiB" | "MiB" | "KiB" | "TiB" => {
            format!("its suffix {suffix:?} has a \"B\" too many")
        }
        _ => format!("its suffix {suffix:?} is unknown (n u m k M G T P E, Ki Mi Gi Ti Pi Ei)"),
    })
}

#[cfg(test)]
mod tests {
    use super::validate_quantity;

    #[test]
    fn accepts_what_kubernetes_accepts() {
        for text in ["0", "100m", "1.5Gi", ".5", "5.", "+1", "-3", "1e3", "1E-3", "1E", "12e+6", "1u", "7n", "256Mi"] {
            assert_eq!(validate_quantity(text), Ok(()), "{text}");
        }
    }

    #[test]
    fn refuses_the_rest() {
        for text in
            ["", "Mi", "1 Gi", "1.2.3", ".", "+", "--1", "1e", "1e1.5", "1K", "1GB", "0x10", "1mi", "m1", "1Gii"]
        {
            assert!(validate_quantity(text).is_err(), "{text}");
        }
    }
}

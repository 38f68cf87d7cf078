//! Syntax of cron schedules as the CronJob API accepts them: five fields with names,
//! lists, ranges and steps, or a descriptor; no time zone within the schedule.

use super::duration::GoDuration;

struct Field {
    what: &'static str,
    min: u32,
    max: u32,
    /// Names of the values from `min` on.
    names: &'static [&'static str],
}

const MONTHS: &[&str] = &["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
const DAYS: &[&str] = &["sun", "mon", "tue", "wed", "thu", "fri", "sat"];

const FIELDS: [Field; 5] = [
    Field { what: "minute", min: 0, max: 59, names: &[] },
    Field { what: "hour", min: 0, max: 23, names: &[] },
    Field { what: "day of month", min: 1, max: 31, names: &[] },
    Field { what: "month", min: 1, max: 12, names: MONTHS },
    Field { what: "day of week", min: 0, max: 6, names: DAYS },
];

const DESCRIPTORS: [&str; 7] = ["@yearly", "@annually", "@monthly", "@weekly", "@daily", "@midnight", "@hourly"];

/// Checks a cron schedule; the reason of a refusal is in plain words.
pub fn validate_cron(schedule: &str) -> Result<(), String> {
    if schedule.contains("TZ") {
        return Err("a time zone cannot be part of a schedule; schedules are in the cluster's time".to_owned());
    }
    if let Some(interval) = schedule.strip_prefix("@every ") {
        return match interval.parse::<GoDuration>() {
            Ok(_) => Ok(()),
            Err(reason) => Err(format!("{interval:?} after \"@every\" is not a duration: {reason}")),
        };
    }
    if schedule.starts_with('@') {
        return match DESCRIPTORS.contains(&schedule) {
            true => Ok(()),
            false => Err(format!("{schedule:?} is none of {} and \"@every <duration>\"", DESCRIPTORS.join(", "))),
        };
    }
    let fields: Vec<&str> = schedule.split_whitespace().collect();
    if fields.len() != FIELDS.len() {
        return Err(format!(
            "it has {} fields instead of 5 (minute, hour, day of month, month, day of week)",
            fields.len()
        ));
    }
    for (text, field) in fields.into_iter().zip(&FIELDS) {
        // Empty members of a list are skipped by the CronJob controller too.
        for member in text.split(',').filter(|m| !m.is_empty()) {
            check_member(member, field).map_err(|reason| format!("{} {text:?}: {reason}", field.what))?;
        }
    }
    Ok(())
}

/// Checks `*`, `n`, `n-m`, each with an optional `/step`.
fn check_member(member: &str, field: &Field) -> Result<(), String> {
    let (range, step) = match member.split_once('/') {
        Some((range, step)) => (range, Some(step)),
        None => (member, None),
    };
    let (low, high) = match range.split_once('-') {
        Some((low, high)) => (low, Some(high)),
        None => (range, None),
    };
    if high.is_some_and(|h| h.contains('-')) {
        return Err("too many hyphens".to_owned());
    }
    if let Some(step) = step
        && !step.parse::<u32>().is_ok_and(|s| s > 0)
    {
        return Err(format!("step {step:?} is not a positive number"));
    }
    if low == "*" || low == "?" {
        return Ok(());
    }
    let start = value(low, field)?;
    let end = high.map_or(Ok(start), |h| value(h, field))?;
    if start > end {
        return Err(format!("{start} to {end} runs backwards"));
    }
    Ok(())
}

fn value(text: &str, field: &Field) -> Result<u32, String> {
    let lower = text.to_ascii_lowercase();
    let named = field.names.iter().position(|n| *n == lower).and_then(|p| u32::try_from(p).ok());
    let number = named.map(|p| p + field.min).or_else(|| text.parse().ok());
    match number {
        Some(n) if (field.min..=field.max).contains(&n) => Ok(n),
        Some(n) => Err(format!("{n} is not within {} to {}", field.min, field.max)),
        None => Err(format!("{text:?} is not a number")),
    }
}

#[cfg(test)]
mod tests {
    use super::validate_cron;

    #[test]
    fn accepts_what_cronjobs_accept() {
        for text in [
            "0 0 * * *",
            "*/15 0-6,22-23 ? JAN-mar Mon",
            "5/10 1 1 1 0",
            " 0  0 * *\t* ",
            "@daily",
            "@hourly",
            "@every 1h30m",
            "0 0 1,15 * 6",
            "1-10/3 * * * sun-SAT",
            "1,,2 * * * *",
        ] {
            assert_eq!(validate_cron(text), Ok(()), "{text}");
        }
    }

    #[test]
    fn refuses_the_rest() {
        for text in [
            "",
            "0 0 * *",
            "0 0 * * * *",
            "60 * * * *",
            "* 24 * * *",
            "* * 0 * *",
            "* * * 13 *",
            "* * * * 7",
            "5-1 * * * *",
            "*/0 * * * *",
            "*/x * * * *",
            "1-2-3 * * * *",
            "1/2/3 * * * *",
            "a * * * *",
            "-1 * * * *",
            "@reboot",
            "@every 1d",
            "TZ=UTC 0 0 * * *",
            "CRON_TZ=UTC 0 0 * * *",
            "jan * * * *",
        ] {
            assert!(validate_cron(text).is_err(), "{text}");
        }
    }
}

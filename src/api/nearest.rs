//! Guessing what somebody meant to write.

/// Longer words are not compared with anything: no name that is known is nearly as long, and comparing takes as many
/// steps as both words have letters, multiplied.
pub(crate) const LONGEST: usize = 256;

/// The known word that is most like `word`, unless none is.
pub(crate) fn nearest<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let known = known.into_iter().filter(|_| word.len() <= LONGEST);
    known
        .map(|candidate| (strsim::damerau_levenshtein(&word.to_lowercase(), &candidate.to_lowercase()), candidate))
        // Ties go to the first in the alphabet, so that messages do not depend on the order of a table.
        .min()
        .filter(|(distance, candidate)| *distance <= tolerance(candidate))
        .map(|(_, candidate)| candidate)
}

/// Typing errors that still leave `word` recognisable.
pub(crate) fn tolerance(word: &str) -> usize {
    (word.chars().count() / 4).clamp(1, 4)
}

#[cfg(test)]
mod tests {
    use super::nearest;

    #[test]
    fn a_word_of_any_length_is_answered_at_once() {
        assert_eq!(nearest("Confg", ["Config"]), Some("Config"));
        let (long, begun) = ("Config".repeat(400_000), std::time::Instant::now());
        assert_eq!(nearest(&long, ["Config"; 100]), None);
        assert!(begun.elapsed().as_secs() < 1, "{:?}", begun.elapsed());
    }
}

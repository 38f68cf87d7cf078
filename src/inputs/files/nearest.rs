//! Guessing what somebody meant to write.

/// The known word that is most like `word`, unless none is.
pub(super) fn nearest<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    known
        .into_iter()
        .map(|candidate| (strsim::damerau_levenshtein(&word.to_lowercase(), &candidate.to_lowercase()), candidate))
        // Ties go to the first in the alphabet, so that messages do not depend on the order of a table.
        .min()
        .filter(|(distance, candidate)| *distance <= tolerance(candidate))
        .map(|(_, candidate)| candidate)
}

/// Typing errors that still leave `word` recognisable.
pub(super) fn tolerance(word: &str) -> usize {
    (word.chars().count() / 4).clamp(1, 4)
}

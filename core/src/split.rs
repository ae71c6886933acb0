//! Cuts text at one ASCII byte. `str::split_once` does the same, but with a branch to a panic.

/// What stands before and after the first `byte`.
pub(crate) fn at_first(text: &str, byte: u8) -> Option<(&str, &str)> {
    let at = text.bytes().position(|found| found == byte)?;
    apart(text, at)
}

/// What stands before and after the last `byte`.
pub(crate) fn at_last(text: &str, byte: u8) -> Option<(&str, &str)> {
    let at = text.bytes().rposition(|found| found == byte)?;
    apart(text, at)
}

/// A target without its query.
pub(crate) fn path(target: &str) -> &str {
    at_first(target, b'?').map_or(target, |(path, _)| path)
}

fn apart(text: &str, at: usize) -> Option<(&str, &str)> {
    let (before, rest) = text.split_at_checked(at)?;
    Some((before, rest.split_at_checked(1)?.1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_cut_as_the_library_cuts_it() {
        for text in ["", "/", "a", "a/b", "/a/b/", "ä/€/𝄞", "//", "a?b/c"] {
            assert_eq!(at_first(text, b'/'), text.split_once('/'), "{text}");
            assert_eq!(at_last(text, b'/'), text.rsplit_once('/'), "{text}");
            assert_eq!(path(text), text.split('?').next().unwrap());
        }
    }
}

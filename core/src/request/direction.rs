//! [`Direction`]: how a list is sorted by time.

/// How a list is sorted by time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// Oldest first, `asc`.
    Ascending,
    /// Newest first, `desc`.
    Descending,
}

impl Direction {
    /// The word in the query.
    #[must_use]
    pub const fn text(self) -> &'static str {
        match self {
            Self::Ascending => "asc",
            Self::Descending => "desc",
        }
    }
}

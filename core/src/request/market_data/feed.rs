//! [`Feed`]: where a stock's data comes from.

/// Where a stock's data comes from. Which of them a key may read depends on the data plan.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Feed {
    /// All exchanges of the United States, `sip`.
    Sip,
    /// The Investors Exchange alone, `iex`: what the free plan has.
    Iex,
    /// All exchanges, 15 minutes late, `delayed_sip`. Latest values only.
    DelayedSip,
    /// Blue Ocean, overnight, `boats`.
    BlueOcean,
    /// Alpaca's overnight feed, `overnight`. Latest values only.
    Overnight,
    /// Over the counter, `otc`.
    OverTheCounter,
}

impl Feed {
    /// The word in the query.
    #[must_use]
    pub const fn text(self) -> &'static str {
        match self {
            Self::Sip => "sip",
            Self::Iex => "iex",
            Self::DelayedSip => "delayed_sip",
            Self::BlueOcean => "boats",
            Self::Overnight => "overnight",
            Self::OverTheCounter => "otc",
        }
    }

    pub(super) const fn has_history(self) -> bool {
        !matches!(self, Self::DelayedSip | Self::Overnight)
    }
}

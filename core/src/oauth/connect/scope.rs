//! [`Scopes`]: what a user lets an app do, and which request needs what.

use core::fmt;

use crate::endpoint::{Api, ApiKind};
use crate::request::{Method, Request};

/// What a user lets an app do. None is reading the account.
///
/// Only Connect has scopes. Alpaca documents none for the Broker API's client credentials: such a
/// token may do whatever its client may.
///
/// ```
/// use alpaca_auth::oauth::connect::Scopes;
/// use alpaca_auth::request::{market_data, trading, TargetBuffer};
///
/// let scopes = Scopes::TRADING;
/// assert!(scopes.allow(&trading::account()).is_ok());
/// assert!(scopes.allow(&trading::submit_order(b"{}")).is_ok());
///
/// let mut target = TargetBuffer::<64>::new("/")?;
/// let error = scopes.allow(&market_data::latest_quote(&mut target, "AAPL")?).unwrap_err();
/// assert_eq!(
///     error.to_string(),
///     "the user has not allowed data; begin a login that asks for it, and let the user decide"
/// );
/// # Ok::<(), Box<dyn core::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Scopes(u8);

impl Scopes {
    /// Read only: the account, its orders and positions.
    pub const READ: Self = Self(0);
    /// `account:write`: change account configurations and watchlists.
    pub const ACCOUNT_WRITE: Self = Self(1);
    /// `trading`: place, change and cancel orders.
    pub const TRADING: Self = Self(2);
    /// `data`: market data.
    pub const DATA: Self = Self(4);

    const NAMES: [(Self, &str); 3] = [
        (Self::ACCOUNT_WRITE, "account:write"),
        (Self::TRADING, "trading"),
        (Self::DATA, "data"),
    ];

    /// Both.
    #[must_use]
    pub const fn and(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// Whether all of `other` is in it.
    #[must_use]
    pub const fn contain(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }

    /// What `request` needs, by Alpaca's description of the scopes: market data needs `data`;
    /// reading the account nothing; changing its configurations or watchlists `account:write`;
    /// changing anything else `trading`.
    #[must_use]
    pub fn needed_by<A: Api>(request: &Request<'_, A>) -> Self {
        let under = |folder: &str| {
            let rest = request.target().strip_prefix(folder);
            rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(['/', '?', ':']))
        };
        match (A::KIND, request.method()) {
            (ApiKind::MarketData | ApiKind::DataStream, _) => Self::DATA,
            (_, Method::Get) => Self::READ,
            _ if under("/v2/account") || under("/v2/watchlists") => Self::ACCOUNT_WRITE,
            _ => Self::TRADING,
        }
    }

    /// Whether `request` may go out with a token of these scopes. The server decides in the end;
    /// this tells before anything is sent, and says which scope to ask for.
    ///
    /// # Errors
    /// [`MissingScope`] names what is missing.
    pub fn allow<A: Api>(self, request: &Request<'_, A>) -> Result<(), MissingScope> {
        self.require(Self::needed_by(request))
    }

    /// Whether all of `needed` is in it.
    ///
    /// # Errors
    /// [`MissingScope`] names what is missing.
    pub const fn require(self, needed: Self) -> Result<(), MissingScope> {
        if self.contain(needed) {
            Ok(())
        } else {
            Err(MissingScope(Self(needed.0 & !self.0)))
        }
    }

    /// The names of the scopes, as Alpaca writes them.
    pub fn names(self) -> impl Iterator<Item = &'static str> {
        let named = Self::NAMES.into_iter();
        named
            .filter(move |known| self.contain(known.0))
            .map(|known| known.1)
    }

    /// Reads a space-delimited list; what is not known grants nothing.
    pub(super) fn parse(text: &[u8]) -> Self {
        text.split(|byte| *byte == b' ')
            .filter_map(|word| {
                let known = Self::NAMES.iter().find(|known| known.1.as_bytes() == word);
                known.map(|known| known.0)
            })
            .fold(Self::READ, Self::and)
    }
}

/// The names with spaces between; `read only` for none.
impl fmt::Display for Scopes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if *self == Self::READ {
            return f.write_str("read only");
        }
        let mut between = "";
        for name in self.names() {
            write!(f, "{between}{name}")?;
            between = " ";
        }
        Ok(())
    }
}

/// The user has not allowed this. Nothing was sent. A new login can ask for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MissingScope(pub Scopes);

impl fmt::Display for MissingScope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "the user has not allowed {}; begin a login that asks for it, and let the user decide",
            self.0
        )
    }
}

impl core::error::Error for MissingScope {}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::endpoint::{DataStream, MarketData, Trading};
    use std::string::ToString;

    #[test]
    fn each_request_needs_what_alpaca_says_and_no_more() {
        fn needed<A: Api>(method: Method, target: &str) -> Scopes {
            Scopes::needed_by(&Request::<A>::new(method, target).unwrap())
        }
        for (method, target, scopes) in [
            (Method::Get, "/v2/account", Scopes::READ),
            (Method::Get, "/v2/orders?status=open", Scopes::READ),
            (Method::Get, "/v2/watchlists", Scopes::READ),
            (Method::Post, "/v2/orders", Scopes::TRADING),
            (Method::Patch, "/v2/orders/1", Scopes::TRADING),
            (Method::Delete, "/v2/positions", Scopes::TRADING),
            // A folder is not a prefix.
            (Method::Post, "/v2/accounts", Scopes::TRADING),
            (Method::Post, "/v2/watchlistsx", Scopes::TRADING),
            (
                Method::Patch,
                "/v2/account/configurations",
                Scopes::ACCOUNT_WRITE,
            ),
            (Method::Patch, "/v2/account?x=1", Scopes::ACCOUNT_WRITE),
            (Method::Post, "/v2/watchlists", Scopes::ACCOUNT_WRITE),
            (
                Method::Post,
                "/v2/watchlists:by_name?name=a",
                Scopes::ACCOUNT_WRITE,
            ),
            (Method::Delete, "/v2/watchlists/1", Scopes::ACCOUNT_WRITE),
        ] {
            assert_eq!(needed::<Trading>(method, target), scopes, "{target}");
            assert_eq!(needed::<MarketData>(method, target), Scopes::DATA);
        }
        assert_eq!(needed::<DataStream>(Method::Get, "/v2/iex"), Scopes::DATA);
    }

    #[test]
    fn what_is_missing_is_named_and_nothing_else() {
        let granted = Scopes::TRADING;
        assert_eq!(granted.require(Scopes::READ), Ok(()));
        assert_eq!(granted.require(Scopes::TRADING), Ok(()));
        let all = Scopes::TRADING.and(Scopes::DATA).and(Scopes::ACCOUNT_WRITE);
        let missing = granted.require(all).unwrap_err();
        assert_eq!(missing.0.to_string(), "account:write data");
        assert_eq!(
            Scopes::READ.require(Scopes::DATA),
            Err(MissingScope(Scopes::DATA))
        );
        assert_eq!(Scopes::READ.to_string(), "read only");
    }

    #[test]
    fn a_list_grants_what_it_names_to_the_letter() {
        for (text, scopes) in [
            ("", Scopes::READ),
            (" ", Scopes::READ),
            ("trading", Scopes::TRADING),
            ("data trading", Scopes::TRADING.and(Scopes::DATA)),
            ("trading  data", Scopes::TRADING.and(Scopes::DATA)),
            ("Trading", Scopes::READ),
            ("trading,data", Scopes::READ),
            ("trading\\u0020data", Scopes::READ),
            ("account", Scopes::READ),
            ("account:write\t", Scopes::READ),
            ("account:write", Scopes::ACCOUNT_WRITE),
        ] {
            assert_eq!(Scopes::parse(text.as_bytes()), scopes, "{text:?}");
        }
    }
}

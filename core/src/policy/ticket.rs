//! What an order's JSON body says about its worth, read so that no server can read it otherwise.

use super::{Amount, PolicyError};
use crate::response::json_shape;
use crate::split;

/// Members that say nothing about the amount, or that leave it as it is.
const HARMLESS: [&str; 6] = [
    "time_in_force",
    "extended_hours",
    "client_order_id",
    "position_intent",
    "trail_price",
    "trail_percent",
];

/// Shares to one contract of a standard option.
const CONTRACT: u32 = 100;

/// An order, as far as its worth is concerned.
#[derive(Debug)]
pub(super) struct Ticket<'b> {
    pub(super) symbol: &'b str,
    buys: bool,
    kind: Kind,
    quantity: Option<Amount>,
    notional: Option<Amount>,
    limit_price: Option<Amount>,
    stop_price: Option<Amount>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    /// `limit` and `stop_limit`: filled at the limit price or better.
    Limit,
    /// `market`, `stop` and `trailing_stop`: filled at any price.
    Market,
}

impl<'b> Ticket<'b> {
    pub(super) fn read(body: &'b [u8]) -> Result<Self, PolicyError> {
        let mut found = Members::default();
        for (name, value) in json_shape::members(body).map_err(|_| PolicyError::Body)? {
            // Servers fold case, and some fold further letters into ASCII.
            if !name.is_ascii() || name.iter().any(|b| *b == b'\\' || b.is_ascii_uppercase()) {
                return Err(PolicyError::Body);
            }
            let name = core::str::from_utf8(name).map_err(|_| PolicyError::Body)?;
            found.take(name, value)?;
        }
        let side = text(found.side)?.ok_or(PolicyError::Member)?;
        let kind = text(found.kind)?.ok_or(PolicyError::Member)?;
        match text(found.class)? {
            None | Some("" | "simple") => {}
            Some(_) => return Err(PolicyError::Member),
        }
        Ok(Self {
            symbol: text(found.symbol)?.ok_or(PolicyError::Member)?,
            buys: match side {
                "buy" => true,
                "sell" => false,
                _ => return Err(PolicyError::Member),
            },
            kind: match kind {
                "limit" | "stop_limit" => Kind::Limit,
                "market" | "stop" | "trailing_stop" => Kind::Market,
                _ => return Err(PolicyError::Member),
            },
            quantity: number(found.quantity)?,
            notional: number(found.notional)?,
            limit_price: number(found.limit_price)?,
            stop_price: number(found.stop_price)?,
        })
    }

    /// An upper bound of what the order trades for, in dollars.
    pub(super) fn amount(&self, price: Option<Amount>) -> Result<Amount, PolicyError> {
        let shares = shares_to_one(self.symbol).ok_or(PolicyError::Instrument)?;
        let quantity = match (self.quantity, self.notional) {
            (None, Some(notional)) => return Ok(notional),
            (Some(quantity), None) => quantity,
            _ => return Err(PolicyError::Number),
        };
        let bound = match (self.kind, self.buys) {
            (Kind::Limit, true) => self.limit_price.ok_or(PolicyError::Number)?,
            _ => {
                let price = price
                    .filter(|price| *price > Amount::ZERO)
                    .ok_or(PolicyError::PriceUnknown)?;
                // What the order itself names may be further away.
                let named = self.limit_price.max(self.stop_price);
                named.map_or(price, |named| named.max(price))
            }
        };
        quantity
            .times(bound)
            .and_then(|worth| worth.scaled(shares))
            .ok_or(PolicyError::Number)
    }
}

/// The members that matter, as they stand.
#[derive(Default)]
struct Members<'b> {
    symbol: Option<&'b [u8]>,
    side: Option<&'b [u8]>,
    kind: Option<&'b [u8]>,
    class: Option<&'b [u8]>,
    quantity: Option<&'b [u8]>,
    notional: Option<&'b [u8]>,
    limit_price: Option<&'b [u8]>,
    stop_price: Option<&'b [u8]>,
    harmless: [Option<&'b [u8]>; HARMLESS.len()],
}

impl<'b> Members<'b> {
    fn take(&mut self, name: &str, value: &'b [u8]) -> Result<(), PolicyError> {
        let place = match name {
            "symbol" => &mut self.symbol,
            "side" => &mut self.side,
            "type" => &mut self.kind,
            "order_class" => &mut self.class,
            "qty" => &mut self.quantity,
            "notional" => &mut self.notional,
            "limit_price" => &mut self.limit_price,
            "stop_price" => &mut self.stop_price,
            _ => {
                let at = HARMLESS.iter().position(|known| *known == name);
                at.and_then(|at| self.harmless.get_mut(at))
                    .ok_or(PolicyError::Member)?
            }
        };
        match place.replace(value) {
            None => Ok(()),
            Some(_) => Err(PolicyError::Body),
        }
    }
}

/// A string without escapes. `null` is as good as absent.
fn text(value: Option<&[u8]>) -> Result<Option<&str>, PolicyError> {
    let Some(value) = value.filter(|value| *value != b"null") else {
        return Ok(None);
    };
    let bytes = json_shape::unquoted(value).ok_or(PolicyError::Member)?;
    match core::str::from_utf8(bytes) {
        Ok(text) if !text.bytes().any(|byte| byte == b'\\') => Ok(Some(text)),
        _ => Err(PolicyError::Body),
    }
}

/// A positive number, with or without quotes. `null` is as good as absent.
fn number(value: Option<&[u8]>) -> Result<Option<Amount>, PolicyError> {
    let Some(value) = value.filter(|value| *value != b"null") else {
        return Ok(None);
    };
    let digits = json_shape::unquoted(value).unwrap_or(value);
    let amount = core::str::from_utf8(digits)
        .ok()
        .and_then(|text| Amount::parse(text).ok())
        .filter(|amount| *amount > Amount::ZERO);
    amount.map(Some).ok_or(PolicyError::Number)
}

/// How many shares or coins one of `symbol` stands for; `None` if its price may be in something else.
fn shares_to_one(symbol: &str) -> Option<u32> {
    let letters = |text: &str, most: usize| {
        (1..=most).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_uppercase())
    };
    if let Some((coin, currency)) = split::at_first(symbol, b'/') {
        let known = (1..=10).contains(&coin.len())
            && coin
                .bytes()
                .all(|b| b.is_ascii_uppercase() || b.is_ascii_digit());
        return (known && currency == "USD").then_some(1);
    }
    let (root, series) = split::at_first(symbol, b'.').unwrap_or((symbol, "A"));
    if letters(root, 5) && letters(series, 4) {
        return Some(1);
    }
    // Root, yymmdd, C or P, strike in thousandths. A root with a digit is an adjusted contract.
    let (root, rest) = symbol.split_at_checked(symbol.len().checked_sub(15)?)?;
    let standard = letters(root, 6)
        && rest.bytes().enumerate().all(|(at, byte)| match at {
            6 => byte == b'C' || byte == b'P',
            _ => byte.is_ascii_digit(),
        });
    standard.then_some(CONTRACT)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_priced_in_dollars_has_a_known_worth() {
        for symbol in [
            "",
            "aapl",
            "AAPL ",
            " AAPL",
            "AAPLXX",
            "BTCUSD",
            "ETH/BTC",
            "BTC/USDT",
            "BTC/",
            "/USD",
            "btc/USD",
            "BTC/USD/USD",
            "BRK.",
            ".B",
            "BRK.b",
            "BRK.ABCDE",
            "BRK.A.B",
            "904837e3-3b76-47ec-b432-046db621571b",
            "AAPL1240119C00100000",
            "AAPL240119X00100000",
            "AAPL240119C0010000",
            "TOOLONG240119C00100000",
            "240119C00100000",
            "ÄAPL",
        ] {
            assert_eq!(shares_to_one(symbol), None, "{symbol:?}");
        }
        for (symbol, shares) in [
            ("F", 1),
            ("AAPL", 1),
            ("BRK.B", 1),
            ("BTC/USD", 1),
            ("AAPL240119C00100000", 100),
            ("SPXW261218P04000000", 100),
        ] {
            assert_eq!(shares_to_one(symbol), Some(shares), "{symbol}");
        }
    }
}

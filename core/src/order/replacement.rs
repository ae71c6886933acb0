//! [`Replacement`]: what changes about an open order.

use super::amount::Amount;
use super::json::Writer;
use super::{ClientOrderId, Field, NetPrice, OrderError, TimeInForce};

/// What changes about an open order. What is not set stays.
///
/// Fractions and orders by `notional` cannot be replaced: cancel and submit anew.
///
/// ```
/// use alpaca_auth::order::{Replacement, TICKET_BUFFER};
/// use alpaca_auth::request::{Method, TargetBuffer, trading};
///
/// let change = Replacement { limit_price: Some("155"), ..Replacement::default() };
/// let (mut buffer, mut target) = ([0; TICKET_BUFFER], TargetBuffer::<64>::new("/")?);
/// let change = change.write(&mut buffer)?;
/// assert_eq!(change.json(), br#"{"limit_price":"155"}"#);
/// let request = trading::replace_order(&mut target, "61e69015-8549", &change)?;
/// assert_eq!((request.method(), request.target()), (Method::Patch, "/v2/orders/61e69015-8549"));
/// # Ok::<(), Box<dyn core::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, Default)]
pub struct Replacement<'a> {
    /// `qty`: a whole number of shares.
    pub quantity: Option<&'a str>,
    /// `time_in_force`.
    pub time_in_force: Option<TimeInForce>,
    /// `limit_price`, of limit and stop limit orders.
    pub limit_price: Option<&'a str>,
    /// `limit_price` of a [`MultiLeg`](super::MultiLeg), in the place of the other.
    pub net_price: Option<NetPrice<'a>>,
    /// `stop_price`, of stop and stop limit orders.
    pub stop_price: Option<&'a str>,
    /// `trail`: the new trail price or percent.
    pub trail: Option<&'a str>,
    /// `client_order_id` of the new order.
    pub client_order_id: Option<&'a ClientOrderId>,
}

/// A replacement that passed every check.
#[derive(Clone, Copy, Debug)]
pub struct CheckedReplacement<'b> {
    json: &'b [u8],
}

impl<'b> CheckedReplacement<'b> {
    /// The body of the request.
    #[must_use]
    pub const fn json(&self) -> &'b [u8] {
        self.json
    }
}

impl Replacement<'_> {
    /// Checks the replacement and writes it into `buffer`.
    ///
    /// # Errors
    /// [`OrderError`] names the rule that it breaks, or that the buffer is too small.
    pub fn write<'b>(&self, buffer: &'b mut [u8]) -> Result<CheckedReplacement<'b>, OrderError> {
        let amounts = [
            (Field::Quantity, self.quantity),
            (Field::LimitPrice, self.limit_price),
            (Field::StopPrice, self.stop_price),
            (Field::Trail, self.trail),
        ];
        let set = amounts.iter().any(|(_, text)| text.is_some())
            || self.time_in_force.is_some()
            || self.net_price.is_some()
            || self.client_order_id.is_some();
        if !set {
            return Err(OrderError::ReplacementEmpty);
        }
        if self.limit_price.is_some() && self.net_price.is_some() {
            return Err(OrderError::ReplacementPrices);
        }
        let mut json = Writer::new(buffer);
        for (field, text) in amounts {
            if let Some(text) = text {
                let amount = Amount::parse(field, text)?;
                if field == Field::Quantity && !amount.is_whole() {
                    return Err(OrderError::FractionNotAllowed);
                }
                json.text(field.name(), text);
            }
        }
        if let Some(price) = self.net_price {
            price.check()?;
            price.write(&mut json);
        }
        json.maybe("time_in_force", self.time_in_force.map(TimeInForce::text));
        let id = self.client_order_id.map(ClientOrderId::text);
        json.maybe("client_order_id", id);
        let json = json.finish()?;
        Ok(CheckedReplacement { json })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::order::AmountError;

    #[test]
    fn a_replacement_that_alpaca_would_refuse_is_refused() {
        let mut buffer = [0; 1024];
        let none = Replacement::default();
        let form = |field| OrderError::Amount(field, AmountError::Form);
        for (replacement, error) in [
            (none, OrderError::ReplacementEmpty),
            (
                Replacement {
                    quantity: Some("1.5"),
                    ..none
                },
                OrderError::FractionNotAllowed,
            ),
            (
                Replacement {
                    quantity: Some("-1"),
                    ..none
                },
                form(Field::Quantity),
            ),
            (
                Replacement {
                    limit_price: Some("1e3"),
                    ..none
                },
                form(Field::LimitPrice),
            ),
            (
                Replacement {
                    stop_price: Some(""),
                    ..none
                },
                form(Field::StopPrice),
            ),
            (
                Replacement {
                    limit_price: Some("1"),
                    net_price: Some(NetPrice::Debit("1")),
                    ..none
                },
                OrderError::ReplacementPrices,
            ),
            (
                Replacement {
                    net_price: Some(NetPrice::Credit("-1")),
                    ..none
                },
                form(Field::LimitPrice),
            ),
            (
                Replacement {
                    net_price: Some(NetPrice::Debit("1.001")),
                    ..none
                },
                OrderError::Amount(Field::LimitPrice, AmountError::Decimals(2)),
            ),
            (
                Replacement {
                    trail: Some("0"),
                    ..none
                },
                OrderError::Amount(Field::Trail, AmountError::Zero),
            ),
        ] {
            assert_eq!(replacement.write(&mut buffer).err(), Some(error));
        }
        let small = Replacement {
            limit_price: Some("1"),
            ..none
        };
        let refused = small.write(&mut buffer[..10]).err();
        assert_eq!(refused, Some(OrderError::BufferTooSmall));
    }

    #[test]
    fn all_fields_are_written() {
        let id = ClientOrderId::parse("a/b c").unwrap();
        let mut buffer = [0; 1024];
        let all = Replacement {
            quantity: Some("4"),
            time_in_force: Some(TimeInForce::GoodTilCanceled),
            limit_price: Some("155"),
            net_price: None,
            stop_price: Some("154.5"),
            trail: Some("2"),
            client_order_id: Some(&id),
        };
        assert_eq!(
            core::str::from_utf8(all.write(&mut buffer).unwrap().json()).unwrap(),
            r#"{"qty":"4","limit_price":"155","stop_price":"154.5","trail":"2","time_in_force":"gtc","client_order_id":"a/b c"}"#
        );
        for (price, json) in [
            (NetPrice::Debit("4.15"), r#"{"limit_price":"4.15"}"#),
            (NetPrice::Credit("0.05"), r#"{"limit_price":"-0.05"}"#),
        ] {
            let spread = Replacement {
                net_price: Some(price),
                ..Replacement::default()
            };
            let written = spread.write(&mut buffer).unwrap();
            assert_eq!(core::str::from_utf8(written.json()).unwrap(), json);
        }
    }
}

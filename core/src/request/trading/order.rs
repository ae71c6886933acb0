//! Orders: submit, list, look up, replace, cancel. [`crate::order`] has the tickets.

use crate::endpoint::Trading;
use crate::order::{CheckedReplacement, ClientOrderId, Side, Submission};
use crate::request::catalog::trading::orders as operation;
use crate::request::{Direction, ReadRequest, Replay, Request, RequestError, TargetBuffer};

/// `POST /v2/orders` with a checked ticket. It may be sent again only if the ticket names its
/// `client_order_id`, because then the server refuses the second of two.
///
/// ```
/// use alpaca_auth::order::{ClientOrderId, Side, Size, TICKET_BUFFER, Ticket};
/// use alpaca_auth::request::{Replay, TargetBuffer, trading};
///
/// let id = ClientOrderId::of_entropy([7; 16]); // from the system's random source
/// let ticket = Ticket::limit("AAPL", Side::Buy, Size::Quantity("2"), "231.50").client_order_id(&id);
/// let mut buffer = [0; TICKET_BUFFER];
/// let submission = ticket.write(&mut buffer)?;
/// assert_eq!(trading::submit(&submission).replay(), Replay::WithClientOrderId);
///
/// // No answer? This says whether the order is there.
/// let mut target = TargetBuffer::<256>::new("/")?;
/// let request = trading::order_by_client_order_id(&mut target, &id)?;
/// assert!(request.target().starts_with("/v2/orders:by_client_order_id?client_order_id=07070707-"));
/// # Ok::<(), Box<dyn core::error::Error>>(())
/// ```
#[must_use]
pub const fn submit<'r>(submission: &Submission<'r>) -> Request<'r, Trading> {
    let request = submit_order(submission.json());
    match submission.client_order_id() {
        Some(_) => request.with_replay(Replay::WithClientOrderId),
        None => request,
    }
}

/// `POST /v2/orders` with a JSON body of your own, unchecked: never sent twice.
#[must_use]
pub const fn submit_order(json: &[u8]) -> Request<'_, Trading> {
    operation::POST_ORDER.plain().with_json(json)
}

/// `GET /v2/orders`: the open orders, newest first, at most 50. [`ListOrders`] has more.
#[must_use]
pub const fn open_orders() -> ReadRequest<'static, Trading> {
    operation::GET_ALL_ORDERS.plain()
}

/// `GET /v2/orders/{order_id}`, written into `target`.
///
/// # Errors
/// [`RequestError`] when `id` is no path segment or does not fit.
pub fn order<'t, const N: usize>(
    target: &'t mut TargetBuffer<N>,
    id: &str,
) -> Result<ReadRequest<'t, Trading>, RequestError> {
    operation::GET_ORDER_BY_ORDER_ID.request(target, &[id], &[])
}

/// `GET /v2/orders:by_client_order_id`, written into `target`: tells whether an order whose
/// submission had no answer was taken. Status 404 says that it was not.
///
/// # Errors
/// [`RequestError::TargetTooLong`] when it does not fit. 420 bytes hold any.
pub fn order_by_client_order_id<'t, const N: usize>(
    target: &'t mut TargetBuffer<N>,
    id: &ClientOrderId,
) -> Result<ReadRequest<'t, Trading>, RequestError> {
    let query = [("client_order_id", id.text())];
    operation::GET_ORDER_BY_CLIENT_ORDER_ID.request(target, &[], &query)
}

/// `PATCH /v2/orders/{order_id}`: replaces an open order by a changed one. Never sent twice.
///
/// # Errors
/// [`RequestError`] when `id` is no path segment or does not fit.
pub fn replace_order<'t, const N: usize>(
    target: &'t mut TargetBuffer<N>,
    id: &str,
    replacement: &CheckedReplacement<'t>,
) -> Result<Request<'t, Trading>, RequestError> {
    let request = operation::PATCH_ORDER_BY_ORDER_ID.request(target, &[id], &[])?;
    Ok(request.with_json(replacement.json()))
}

/// `DELETE /v2/orders/{order_id}`: cancels the order. Sending it twice cancels it once.
///
/// # Errors
/// [`RequestError`] when `id` is no path segment or does not fit.
pub fn cancel_order<'t, const N: usize>(
    target: &'t mut TargetBuffer<N>,
    id: &str,
) -> Result<Request<'t, Trading>, RequestError> {
    operation::DELETE_ORDER_BY_ORDER_ID.request(target, &[id], &[])
}

/// `DELETE /v2/orders`: cancels all open orders. Answered by status 207 and a list. Never sent
/// twice, since an order placed in between would be canceled too.
#[must_use]
pub const fn cancel_all_orders() -> Request<'static, Trading> {
    operation::DELETE_ALL_ORDERS.plain()
}

/// Which orders are listed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Listed {
    /// Those that may still be filled.
    Open,
    /// Those that may not.
    Closed,
    /// Both.
    All,
}

/// `GET /v2/orders`. What is not set is left to the server.
#[derive(Clone, Copy, Debug, Default)]
pub struct ListOrders<'a> {
    /// Open ones if not set.
    pub status: Option<Listed>,
    /// 1 to 500. 50 if not set.
    pub limit: Option<u16>,
    /// Submitted after this time, RFC 3339.
    pub after: Option<&'a str>,
    /// Submitted until this time, RFC 3339.
    pub until: Option<&'a str>,
    /// Newest first if not set.
    pub direction: Option<Direction>,
    /// Whether legs stand in their order.
    pub nested: Option<bool>,
    /// Orders of these symbols. All if empty.
    pub symbols: &'a [&'a str],
    /// Orders of this side.
    pub side: Option<Side>,
}

impl ListOrders<'_> {
    /// The request, written into `target`.
    ///
    /// # Errors
    /// [`RequestError::QueryValue`] for a limit out of range, an empty value or a symbol with a
    /// comma; another one when it does not fit.
    pub fn request<'t, const N: usize>(
        &self,
        target: &'t mut TargetBuffer<N>,
    ) -> Result<ReadRequest<'t, Trading>, RequestError> {
        let status = self.status.map(|status| match status {
            Listed::Open => "open",
            Listed::Closed => "closed",
            Listed::All => "all",
        });
        operation::GET_ALL_ORDERS.begin(target, &[])?;
        target
            .maybe("status", status)?
            .count("limit", self.limit, 500)?
            .maybe("after", self.after)?
            .maybe("until", self.until)?
            .maybe("direction", self.direction.map(Direction::text))?
            .flag("nested", self.nested)?
            .list("symbols", self.symbols)?
            .maybe("side", self.side.map(Side::text))?;
        Ok(operation::GET_ALL_ORDERS.at(target))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::request::trading::account;

    #[test]
    fn only_what_moves_no_money_may_be_sent_again() {
        let mut target = TargetBuffer::<64>::new("/").unwrap();
        assert_eq!(account().replay(), Replay::Safe);
        assert_eq!(submit_order(b"{}").replay(), Replay::Never);
        assert_eq!(cancel_all_orders().replay(), Replay::Never);
        assert_eq!(
            cancel_order(&mut target, "1").unwrap().replay(),
            Replay::Safe
        );
        assert_eq!(
            order(&mut target, "a/b").unwrap().target(),
            "/v2/orders/a%2Fb"
        );
        assert!(order(&mut target, "").is_err());
        assert!(cancel_order(&mut target, "..").is_err());
    }

    #[test]
    fn a_list_that_alpaca_refuses_is_not_asked_for() {
        let mut target = TargetBuffer::<256>::new("/").unwrap();
        for list in [
            ListOrders {
                limit: Some(0),
                ..ListOrders::default()
            },
            ListOrders {
                limit: Some(501),
                ..ListOrders::default()
            },
            ListOrders {
                after: Some(""),
                ..ListOrders::default()
            },
            ListOrders {
                symbols: &["AAPL", ""],
                ..ListOrders::default()
            },
            ListOrders {
                symbols: &["AAPL,MSFT"],
                ..ListOrders::default()
            },
        ] {
            let refused = list.request(&mut target).err();
            assert_eq!(refused, Some(RequestError::QueryValue), "{list:?}");
        }
        let all = ListOrders {
            status: Some(Listed::All),
            limit: Some(1),
            after: Some("2026-11-25T08:00:00+01:00"),
            until: Some("2026-11-26"),
            direction: Some(Direction::Descending),
            nested: Some(false),
            symbols: &["A B", "C"],
            side: Some(Side::Sell),
        };
        assert_eq!(
            all.request(&mut target).unwrap().target(),
            "/v2/orders?status=all&limit=1&after=2026-11-25T08%3A00%3A00%2B01%3A00&until=2026-11-26\
             &direction=desc&nested=false&symbols=A%20B%2CC&side=sell"
        );
    }
}

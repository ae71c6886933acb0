//! Requests of the Broker API. [`catalog::broker`](super::catalog::broker) has all operations.

use super::catalog::broker as operation;
use super::{ReadRequest, RequestError, TargetBuffer};
use crate::endpoint::Broker;

/// `GET /v1/accounts`: the partner's customer accounts.
#[must_use]
pub const fn accounts() -> ReadRequest<'static, Broker> {
    operation::accounts::GET_ALL_ACCOUNTS.plain()
}

/// `GET /v1/accounts/{account_id}`: one customer's account, written into `target`.
///
/// # Errors
/// [`RequestError`] when `account_id` is no path segment or does not fit.
pub fn account<'t, const N: usize>(
    target: &'t mut TargetBuffer<N>,
    account_id: &str,
) -> Result<ReadRequest<'t, Broker>, RequestError> {
    operation::accounts::GET_ACCOUNT.request(target, &[account_id], &[])
}

/// `GET /v1/accounts/{account_id}/transfers`: a customer's deposits and withdrawals.
///
/// # Errors
/// [`RequestError`] when `account_id` is no path segment or does not fit.
pub fn transfers<'t, const N: usize>(
    target: &'t mut TargetBuffer<N>,
    account_id: &str,
) -> Result<ReadRequest<'t, Broker>, RequestError> {
    operation::funding::GET_TRANSFERS_FOR_ACCOUNT.request(target, &[account_id], &[])
}

/// `GET /v1/journals`: cash and securities moved between the partner's accounts.
#[must_use]
pub const fn journals() -> ReadRequest<'static, Broker> {
    operation::journals::GET_ALL_JOURNALS.plain()
}

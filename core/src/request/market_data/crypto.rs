//! The latest values of crypto pairs. The server wants no credential for them.

use crate::endpoint::MarketData;
use crate::request::catalog::market_data::crypto as operation;
use crate::request::{ReadOperation, ReadRequest, RequestError, TargetBuffer};

/// Alpaca's own exchange.
const LOCATION: &str = "us";

/// `GET /v1beta3/crypto/us/latest/trades` of these pairs, written into `target`.
///
/// ```
/// use alpaca_auth::request::{TargetBuffer, market_data};
/// let mut target = TargetBuffer::<96>::new("/")?;
/// let request = market_data::latest_crypto_trades(&mut target, &["BTC/USD", "ETH/USD"])?;
/// assert_eq!(
///     request.target(),
///     "/v1beta3/crypto/us/latest/trades?symbols=BTC%2FUSD%2CETH%2FUSD"
/// );
/// assert!(!request.operation().unwrap().authenticated);
/// # Ok::<(), alpaca_auth::request::RequestError>(())
/// ```
///
/// # Errors
/// [`RequestError::QueryValue`] without a pair, or for one with a comma; another one when it does
/// not fit.
pub fn latest_crypto_trades<'t, const N: usize>(
    target: &'t mut TargetBuffer<N>,
    pairs: &[&str],
) -> Result<ReadRequest<'t, MarketData>, RequestError> {
    latest(&operation::CRYPTO_LATEST_TRADES, target, pairs)
}

/// `GET /v1beta3/crypto/us/latest/quotes` of these pairs, written into `target`.
///
/// # Errors
/// See [`latest_crypto_trades`].
pub fn latest_crypto_quotes<'t, const N: usize>(
    target: &'t mut TargetBuffer<N>,
    pairs: &[&str],
) -> Result<ReadRequest<'t, MarketData>, RequestError> {
    latest(&operation::CRYPTO_LATEST_QUOTES, target, pairs)
}

/// `GET /v1beta3/crypto/us/latest/bars` of these pairs, written into `target`.
///
/// # Errors
/// See [`latest_crypto_trades`].
pub fn latest_crypto_bars<'t, const N: usize>(
    target: &'t mut TargetBuffer<N>,
    pairs: &[&str],
) -> Result<ReadRequest<'t, MarketData>, RequestError> {
    latest(&operation::CRYPTO_LATEST_BARS, target, pairs)
}

fn latest<'t, const N: usize>(
    operation: &ReadOperation<MarketData>,
    target: &'t mut TargetBuffer<N>,
    pairs: &[&str],
) -> Result<ReadRequest<'t, MarketData>, RequestError> {
    if pairs.is_empty() {
        return Err(RequestError::QueryValue);
    }
    operation.begin(target, &[LOCATION])?;
    target.list("symbols", pairs)?;
    Ok(operation.at(target))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_pair_and_no_pair_of_two_is_asked_for() {
        let mut target = TargetBuffer::<96>::new("/").unwrap();
        for pairs in [&[][..], &[""], &["BTC/USD,ETH/USD"], &["BTC/USD", ""]] {
            let refused = Some(RequestError::QueryValue);
            assert_eq!(latest_crypto_trades(&mut target, pairs).err(), refused);
            assert_eq!(latest_crypto_quotes(&mut target, pairs).err(), refused);
            assert_eq!(latest_crypto_bars(&mut target, pairs).err(), refused);
        }
    }
}

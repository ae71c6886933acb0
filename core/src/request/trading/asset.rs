//! Assets: what can be traded.

use crate::endpoint::Trading;
use crate::request::catalog::trading::assets as operation;
use crate::request::{ReadRequest, RequestError, TargetBuffer};

/// `GET /v2/assets/{symbol_or_asset_id}`. A pair such as `BTC/USD` is one segment.
///
/// # Errors
/// [`RequestError`] when `symbol` is no path segment or does not fit.
pub fn asset<'t, const N: usize>(
    target: &'t mut TargetBuffer<N>,
    symbol: &str,
) -> Result<ReadRequest<'t, Trading>, RequestError> {
    operation::GET_V2_ASSETS_SYMBOL_OR_ASSET_ID.request(target, &[symbol], &[])
}

/// `GET /v2/assets`. Without a filter the answer has several MB.
#[derive(Clone, Copy, Debug, Default)]
pub struct ListAssets<'a> {
    /// `active` or `inactive`. Both if not set.
    pub status: Option<&'a str>,
    /// `us_equity` if not set.
    pub asset_class: Option<&'a str>,
    /// For example `NYSE`.
    pub exchange: Option<&'a str>,
    /// Assets with any of these attributes.
    pub attributes: &'a [&'a str],
}

impl ListAssets<'_> {
    /// The request, written into `target`.
    ///
    /// # Errors
    /// [`RequestError`] when a value is empty or the target does not fit.
    pub fn request<'t, const N: usize>(
        &self,
        target: &'t mut TargetBuffer<N>,
    ) -> Result<ReadRequest<'t, Trading>, RequestError> {
        operation::GET_V2_ASSETS.begin(target, &[])?;
        target
            .maybe("status", self.status)?
            .maybe("asset_class", self.asset_class)?
            .maybe("exchange", self.exchange)?
            .list("attributes", self.attributes)?;
        Ok(operation::GET_V2_ASSETS.at(target))
    }
}

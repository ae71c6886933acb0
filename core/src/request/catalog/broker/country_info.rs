//! Country Info: operations of the Broker API.
//!
//! Written by `tests/catalog/generate.py`: change that, not this.

use crate::endpoint::{ApiKind, Broker};
use crate::request::{Effect, Method, Operation, ReadOperation, Replay};

/// `GET /v1/country-info`: Retrieve countries information.
pub const QUERY_COUNTRY_INFOS: ReadOperation<Broker> = ReadOperation::of(&Operation {
    id: "queryCountryInfos",
    api: ApiKind::Broker,
    method: Method::Get,
    path: "/v1/country-info",
    replay: Replay::Safe,
    effect: Effect::Reads,
    authenticated: true,
    success: &[200],
    reply: "CountryInfos",
});

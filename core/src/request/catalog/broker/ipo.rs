//! IPO: operations of the Broker API.
//!
//! Written by `tests/catalog/generate.py`: change that, not this.

use crate::endpoint::{ApiKind, Broker};
use crate::request::{Effect, Method, Operation, ReadOperation, Replay};

/// `GET /v1/ipos`: List IPO Offerings.
///
/// Query: `availability`, `ticker`, `limit`, `page_token`.
pub const LIST_IPO_OFFERINGS: ReadOperation<Broker> = ReadOperation::of(&Operation {
    id: "listIPOOfferings",
    api: ApiKind::Broker,
    method: Method::Get,
    path: "/v1/ipos",
    replay: Replay::Safe,
    effect: Effect::Reads,
    authenticated: true,
    success: &[200],
    reply: "IPOOfferingListResponse",
});

/// `GET /v1/ipos/{offering_reference}`: Retrieve an IPO Offering.
pub const GET_IPO_OFFERING: ReadOperation<Broker> = ReadOperation::of(&Operation {
    id: "getIPOOffering",
    api: ApiKind::Broker,
    method: Method::Get,
    path: "/v1/ipos/{offering_reference}",
    replay: Replay::Safe,
    effect: Effect::Reads,
    authenticated: true,
    success: &[200],
    reply: "IPOOfferingResponse",
});

//! News: operations of the Market Data API.
//!
//! Written by `tests/catalog/generate.py`: change that, not this.

use crate::endpoint::{ApiKind, MarketData};
use crate::request::{Effect, Method, Operation, ReadOperation, Replay};

/// `GET /v1beta1/news`: News articles.
///
/// Query: `start`, `end`, `sort`, `symbols`, `limit`, `include_content`, `exclude_contentless`, `page_token`.
pub const NEWS: ReadOperation<MarketData> = ReadOperation::of(&Operation {
    id: "News",
    api: ApiKind::MarketData,
    method: Method::Get,
    path: "/v1beta1/news",
    replay: Replay::Safe,
    effect: Effect::Reads,
    authenticated: true,
    success: &[200],
    reply: "news_resp",
});

//! The rate limit: calls per account and minute.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use serde_json::json;

use crate::http::{Answer, unix_now};
use crate::server::Role;

pub(crate) struct RateLimit {
    per_minute: u32,
    /// Minute and calls in it, per account.
    used: Mutex<HashMap<String, (u64, u32)>>,
}

/// What the headers say.
pub(crate) struct Standing {
    limit: u32,
    remaining: u32,
    reset: u64,
    pub(crate) exceeded: bool,
}

impl RateLimit {
    pub(crate) fn new(per_minute: u32) -> Self {
        Self {
            per_minute,
            used: Mutex::default(),
        }
    }

    /// Counts one call.
    pub(crate) fn count(&self, account: &str) -> Standing {
        let minute = unix_now() / 60;
        let mut used = self.used.lock().unwrap_or_else(PoisonError::into_inner);
        let (known, calls) = used.entry(account.to_owned()).or_default();
        if *known != minute {
            (*known, *calls) = (minute, 0);
        }
        *calls = calls.saturating_add(1);
        Standing {
            limit: self.per_minute,
            remaining: self.per_minute.saturating_sub(*calls),
            reset: (minute + 1) * 60,
            exceeded: *calls > self.per_minute,
        }
    }
}

impl Standing {
    pub(crate) fn on(&self, answer: Answer) -> Answer {
        answer
            .with("X-RateLimit-Limit", self.limit)
            .with("X-RateLimit-Remaining", self.remaining)
            .with("X-RateLimit-Reset", self.reset)
    }
}

pub(crate) fn too_many(role: Role) -> Answer {
    Answer::json(
        429,
        &match role {
            Role::Data => json!({"message": "too many requests."}),
            _ => json!({"code": 42910000, "message": "rate limit exceeded"}),
        },
    )
}

//! A resolver that keeps the addresses of a host for a bounded time.
//!
//! `ureq` resolves on every call, pooled connection or not. Here that costs a look-up in memory.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use alpaca_auth::endpoint::HTTPS_PORT;
use ureq::config::Config;
use ureq::http::Uri;
use ureq::unversioned::resolver::{DefaultResolver, ResolvedSocketAddrs, Resolver};
use ureq::unversioned::transport::NextTimeout;

use crate::config::Detour;

/// Hosts kept: an account uses two or three.
const ENTRIES_MAX: usize = 8;

#[derive(Debug)]
pub(crate) struct CachingResolver {
    inner: DefaultResolver,
    lifetime: Duration,
    detours: Vec<Detour>,
    entries: Mutex<Vec<Entry>>,
}

#[derive(Debug)]
struct Entry {
    authority: String,
    addresses: ResolvedSocketAddrs,
    since: Instant,
}

impl CachingResolver {
    pub(crate) fn new(lifetime: Duration, detours: Vec<Detour>) -> Self {
        Self {
            inner: DefaultResolver::default(),
            lifetime,
            detours,
            entries: Mutex::new(Vec::new()),
        }
    }

    /// Forgets a host, after a connection to it failed: its addresses may have moved.
    pub(crate) fn forget(&self, authority: &str) {
        self.lock().retain(|entry| entry.authority != authority);
    }

    fn copy(&self, addresses: &ResolvedSocketAddrs) -> ResolvedSocketAddrs {
        let mut copy = self.empty();
        for address in addresses.iter() {
            copy.push(*address);
        }
        copy
    }

    /// The address to look up instead of the host of `uri`.
    fn detour(&self, uri: &Uri) -> Option<Uri> {
        let port = uri.port_u16().unwrap_or(HTTPS_PORT);
        let asked = |detour: &&Detour| uri.host() == Some(&detour.host) && port == detour.port;
        let detour = self.detours.iter().find(asked)?;
        let authority = format!("{}:{port}", detour.address);
        let parts = Uri::builder().scheme("https").authority(authority);
        parts.path_and_query("/").build().ok()
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Vec<Entry>> {
        self.entries.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Resolver for CachingResolver {
    fn resolve(
        &self,
        uri: &Uri,
        config: &Config,
        timeout: NextTimeout,
    ) -> Result<ResolvedSocketAddrs, ureq::Error> {
        let authority = uri.authority().map_or("", |authority| authority.as_str());
        let fresh =
            |entry: &&Entry| entry.authority == authority && entry.since.elapsed() < self.lifetime;
        if let Some(entry) = self.lock().iter().find(fresh) {
            return Ok(self.copy(&entry.addresses));
        }
        let detour = self.detour(uri);
        let addresses = self
            .inner
            .resolve(detour.as_ref().unwrap_or(uri), config, timeout)
            .map_err(|error| match error {
                ureq::Error::Io(_) => ureq::Error::HostNotFound,
                other => other,
            })?;
        let mut entries = self.lock();
        entries.retain(|entry| entry.authority != authority);
        if entries.len() >= ENTRIES_MAX {
            entries.remove(0);
        }
        entries.push(Entry {
            authority: authority.to_owned(),
            addresses: self.copy(&addresses),
            since: Instant::now(),
        });
        Ok(addresses)
    }
}

/// `ureq` owns its resolver; this handle lets the transport keep one as well.
#[derive(Debug)]
pub(crate) struct SharedResolver(pub(crate) std::sync::Arc<CachingResolver>);

impl Resolver for SharedResolver {
    fn resolve(
        &self,
        uri: &Uri,
        config: &Config,
        timeout: NextTimeout,
    ) -> Result<ResolvedSocketAddrs, ureq::Error> {
        self.0.resolve(uri, config, timeout)
    }
}

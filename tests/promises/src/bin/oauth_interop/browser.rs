//! What a browser does with a login page: follows redirects and keeps cookies.

use std::collections::BTreeMap;

use ureq::tls::{Certificate, RootCerts, TlsConfig};

use crate::Failure;

/// More would be a loop.
const REDIRECTS_MAX: usize = 10;

/// Opens `url` and follows where it leads, last to the program that waits on 127.0.0.1.
pub(crate) fn open(url: &str, ca_pem: &str) -> Result<(), Failure> {
    let tls = TlsConfig::builder()
        .root_certs(RootCerts::new_with_certs(&[Certificate::from_pem(
            ca_pem.as_bytes(),
        )?]))
        .build();
    let agent = ureq::Agent::config_builder()
        .tls_config(tls)
        .max_redirects(0)
        .max_redirects_will_error(false)
        .build()
        .new_agent();
    let mut url = url.to_owned();
    let mut jar = BTreeMap::new();
    for _ in 0..REDIRECTS_MAX {
        // Our own listener sets no cookie and is shown none.
        let cookies: Vec<_> = jar
            .iter()
            .filter(|_| url.starts_with("https:"))
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        let answer = agent.get(&url).header("Cookie", cookies.join("; ")).call();
        let answer = answer.map_err(|error| format!("the page: {error}"))?;
        for cookie in answer.headers().get_all("set-cookie") {
            let cookie = cookie.to_str()?.split(';').next().unwrap_or_default();
            let (name, value) = cookie.split_once('=').ok_or("a cookie without a value")?;
            jar.insert(name.to_owned(), value.to_owned());
        }
        let Some(place) = answer.headers().get("location") else {
            return Ok(());
        };
        let place = place.to_str()?;
        url = if place.starts_with('/') {
            let host = url.splitn(4, '/').take(3).collect::<Vec<_>>().join("/");
            format!("{host}{place}")
        } else {
            place.to_owned()
        };
    }
    Err("the page redirects for ever".into())
}

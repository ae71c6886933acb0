//! What a browser does with a login page: follows redirects and keeps cookies.

use std::collections::BTreeMap;
use std::error::Error;

use ureq::Agent;
use ureq::tls::{Certificate, RootCerts, TlsConfig};

/// More would be a loop.
const REDIRECTS_MAX: usize = 10;

/// A browser that trusts one CA.
pub struct Browser {
    agent: Agent,
    cookies: BTreeMap<String, String>,
}

impl Browser {
    /// A new one, without cookies.
    ///
    /// # Errors
    /// When `ca_pem` holds no certificate.
    pub fn new(ca_pem: &str) -> Result<Self, Box<dyn Error>> {
        let certificate = Certificate::from_pem(ca_pem.as_bytes())?;
        let tls = TlsConfig::builder()
            .root_certs(RootCerts::new_with_certs(&[certificate]))
            .build();
        let agent = Agent::config_builder()
            .tls_config(tls)
            .max_redirects(0)
            .max_redirects_will_error(false)
            .build()
            .new_agent();
        Ok(Self {
            agent,
            cookies: BTreeMap::new(),
        })
    }

    /// Opens `url` and says where it redirects to, if it does.
    ///
    /// # Errors
    /// When there is no answer, or one of 400 and more.
    pub fn open(&mut self, url: &str) -> Result<Option<String>, Box<dyn Error>> {
        // A program's own listener sets no cookie and is shown none.
        let secure = url.starts_with("https:");
        let cookies = self.cookies.iter().filter(|_| secure);
        let cookies: Vec<_> = cookies
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        let request = self.agent.get(url).header("Cookie", cookies.join("; "));
        let answer = request
            .call()
            .map_err(|error| format!("the page: {error}"))?;
        for cookie in answer.headers().get_all("set-cookie") {
            let cookie = cookie.to_str()?.split(';').next().unwrap_or_default();
            let (name, value) = cookie.split_once('=').ok_or("a cookie without a value")?;
            self.cookies.insert(name.to_owned(), value.to_owned());
        }
        let Some(place) = answer.headers().get("location") else {
            return Ok(None);
        };
        let place = place.to_str()?;
        if !place.starts_with('/') {
            return Ok(Some(place.to_owned()));
        }
        let host = url.splitn(4, '/').take(3).collect::<Vec<_>>().join("/");
        Ok(Some(format!("{host}{place}")))
    }

    /// Opens `url` and follows where it leads.
    ///
    /// # Errors
    /// As [`open`](Self::open), or when it leads nowhere.
    pub fn follow(&mut self, url: &str) -> Result<(), Box<dyn Error>> {
        let mut next = Some(url.to_owned());
        for _ in 0..REDIRECTS_MAX {
            let Some(url) = next else {
                return Ok(());
            };
            next = self.open(&url)?;
        }
        Err("the page redirects for ever".into())
    }
}

//! [`Client`]: one credential, the APIs it opens, and a buffer for the answer.

use std::any::Any;
use std::ops::ControlFlow;

use alpaca_auth::credential::{
    BrokerKey, ConnectToken, Credential, CredentialError, KeyPair, Opens, Slot,
};
use alpaca_auth::endpoint::{Endpoint, ServedIn};
use alpaca_auth::environment::{Live, Paper, Production, Sandbox};
use alpaca_auth::listing::{ListError, Listed, Listing};
use alpaca_auth::policy::Amount;
use alpaca_auth::request::Request;
use alpaca_auth::response::{Item, Reply};

use crate::conduct::{Conduct, Conducted};
use crate::destination::Destination;
use crate::source::Sources;
use crate::{Config, EnvError, Error, ReadOnly, Shared, UreqTransport, env};

/// A client with an API key pair in environment `E`.
pub type Client<E> = ClientOf<KeyPair<E>>;

/// A client with a credential of any kind.
///
/// It owns the only copy of the credential, in a slot that is filled in place and wiped on drop.
///
/// ```
/// use alpaca_auth::credential::{ConnectToken, KeyPair};
/// use alpaca_auth::environment::Paper;
/// use alpaca_auth_ureq::{Client, ClientOf, Config, Error};
///
/// let keys = Client::<Paper>::new(|slot| slot.paper("PKTEST", "not-a-real-secret"))?;
/// let token = ClientOf::<ConnectToken<Paper>>::new(|slot| slot.paper("8d8c2a8e-0000"))?;
/// assert!(Client::<Paper>::new(|slot| slot.paper("PKTEST", "")).is_err());
/// # Ok::<(), Error>(())
/// ```
pub struct ClientOf<C: Credential> {
    transport: UreqTransport,
    conduct: Option<Conduct>,
    slot: Box<Slot<C>>,
    endpoints: Vec<Box<dyn Any + Send + Sync>>,
    body: Vec<u8>,
}

impl<C: Credential> ClientOf<C> {
    /// A client with the default [`Config`]. `fill` names the environment:
    /// `|slot| slot.paper(id, secret)`.
    ///
    /// # Errors
    /// [`Error::Credential`] when the credential's text is refused.
    pub fn new<F>(fill: F) -> Result<Self, Error>
    where
        F: FnOnce(&mut Slot<C>) -> Result<&C, CredentialError>,
    {
        Self::with(&Config::new(), fill)
    }

    /// A client with a configuration of your own.
    ///
    /// # Errors
    /// [`Error::Credential`] when the credential's text is refused, [`Error::Trust`] when the
    /// trust anchors cannot be used.
    pub fn with<F>(config: &Config, fill: F) -> Result<Self, Error>
    where
        F: FnOnce(&mut Slot<C>) -> Result<&C, CredentialError>,
    {
        // Boxed while it is vacant: the credential is written where it stays.
        let mut slot = Box::new(Slot::vacant());
        fill(&mut slot)?;
        Self::over(config, slot)
    }

    fn over(config: &Config, slot: Box<Slot<C>>) -> Result<Self, Error> {
        Ok(Self {
            transport: UreqTransport::new(config)?,
            conduct: Conduct::of(config),
            slot,
            endpoints: Vec::new(),
            body: vec![0; config.body_max],
        })
    }

    /// Uses `endpoint` for its API instead of Alpaca's own host.
    #[must_use]
    pub fn at<A: ServedIn<C::Environment>>(mut self, endpoint: Endpoint<A, C::Environment>) -> Self
    where
        C::Environment: Send + Sync,
    {
        self.endpoints
            .retain(|known| !known.is::<Endpoint<A, C::Environment>>());
        self.endpoints.push(Box::new(endpoint));
        self
    }

    /// Sends `request` and returns the answer, whatever its status. It is sent once, unless
    /// [`Config::retry`] says otherwise.
    ///
    /// # Errors
    /// [`Error`] when there is no complete answer; it tells whether the request may have taken
    /// effect. An answer that is no success is a [`Reply`] and becomes an error in
    /// [`Reply::json`] or [`Reply::success`].
    pub fn call<A>(&mut self, request: &Request<'_, A>) -> Result<Reply<'_>, Error>
    where
        A: ServedIn<C::Environment>,
        C: Opens<A>,
    {
        self.call_priced(request, None)
    }

    /// The same for an order under a [`Config::policy`] that needs a price: what one share or coin costs now, by
    /// your knowledge. Without a policy it is ignored.
    ///
    /// # Errors
    /// See [`call`](Self::call).
    pub fn call_at_price<A>(
        &mut self,
        request: &Request<'_, A>,
        price: Amount,
    ) -> Result<Reply<'_>, Error>
    where
        A: ServedIn<C::Environment>,
        C: Opens<A>,
    {
        self.call_priced(request, Some(price))
    }

    fn call_priced<A>(
        &mut self,
        request: &Request<'_, A>,
        price: Option<Amount>,
    ) -> Result<Reply<'_>, Error>
    where
        A: ServedIn<C::Environment>,
        C: Opens<A>,
    {
        let alpaca = Endpoint::alpaca();
        let endpoint = self
            .endpoints
            .iter()
            .find_map(|known| known.downcast_ref::<Endpoint<A, C::Environment>>())
            .unwrap_or(&alpaca);
        let credential = self.slot.get().ok_or(Error::Internal)?;
        let mut conducted = Conducted {
            transport: &mut self.transport,
            conduct: self.conduct.as_ref(),
        };
        let mut to = Destination::Memory(&mut self.body);
        let received = conducted.call(request, endpoint, credential, &mut to, price)?;
        Ok(received.reply(&self.body))
    }

    /// Sends `request` and gives `on` each element of the list in the answer, on this page and those that follow,
    /// in the memory of `listing`. Each page is a call of its own, with all that the [`Config`] says of calls; one
    /// of which elements were given is not sent again.
    ///
    /// # Errors
    /// [`ListError`]; see [`Listing::read`], and when elements count.
    pub fn list<A>(
        &mut self,
        request: &Request<'_, A>,
        listing: &mut Listing<'_>,
        on: impl FnMut(Item<'_>) -> ControlFlow<()>,
    ) -> Result<Listed, ListError<Error>>
    where
        A: ServedIn<C::Environment>,
        C: Opens<A>,
    {
        let alpaca = Endpoint::alpaca();
        let endpoint = self
            .endpoints
            .iter()
            .find_map(|known| known.downcast_ref::<Endpoint<A, C::Environment>>())
            .unwrap_or(&alpaca);
        let credential = self
            .slot
            .get()
            .ok_or(ListError::Transport(Error::Internal))?;
        let mut conducted = Conducted {
            transport: &mut self.transport,
            conduct: self.conduct.as_ref(),
        };
        listing.read(&mut conducted, request, endpoint, credential, on)
    }

    /// From here on this client only reads.
    #[must_use]
    pub fn read_only(self) -> ReadOnly<C> {
        ReadOnly::new(self)
    }

    /// What this client counts, and shares with others that were given it; `None` if its [`Config`] has
    /// nothing that counts.
    #[must_use]
    pub fn shared(&self) -> Option<&Shared> {
        self.conduct.as_ref().map(Conduct::shared)
    }
}

macro_rules! from_env {
    ($($environment:ident: $fill:ident, $into_slot:ident),*) => {$(
        impl Client<$environment> {
            /// A client with the key pair of the environment variables in
            /// [`VARIABLES`](crate::VARIABLES).
            ///
            /// The operating system keeps its own copy of the environment: see SECURITY.md.
            ///
            /// # Errors
            /// [`Error::Env`] names the variable that is missing or unusable.
            pub fn from_env() -> Result<Self, Error> {
                Self::from_env_with(&Config::new())
            }

            /// The same with a configuration of your own.
            ///
            /// # Errors
            /// [`Error::Env`] names the variable that is missing or unusable.
            pub fn from_env_with(config: &Config) -> Result<Self, Error> {
                let mut slot = Box::new(Slot::vacant());
                $into_slot(&mut slot)?;
                Self::over(config, slot)
            }
        }

        /// Fills a slot with the key pair of the environment variables in
        /// [`VARIABLES`](crate::VARIABLES), for use with another transport.
        ///
        /// # Errors
        /// [`EnvError`] names the variable that is missing or unusable.
        pub fn $into_slot(
            slot: &mut Slot<KeyPair<$environment>>,
        ) -> Result<&KeyPair<$environment>, EnvError> {
            let pair = env::find()?;
            slot.$fill(&pair.id, &pair.secret).map_err(|error| pair.blame(error))
        }
    )*};
}
from_env!(Paper: paper, paper_from_env, Live: live, live_from_env);

macro_rules! from_sources {
    ($($credential:ty: $fill:ident;)*) => {$(
        impl ClientOf<$credential> {
            /// A client with the credential of the first source that has one.
            ///
            /// # Errors
            /// [`Error::Source`] names the source that is broken, and its place: the path of a file for
            /// instance. [`Sources::explanation`] tells why others were passed over.
            pub fn from_sources(sources: &mut Sources) -> Result<Self, Error> {
                Self::from_sources_with(&Config::new(), sources)
            }

            /// The same with a configuration of your own.
            ///
            /// # Errors
            /// [`Error::Source`], and [`Error::Trust`] when the trust anchors cannot be used.
            pub fn from_sources_with(config: &Config, sources: &mut Sources) -> Result<Self, Error> {
                let mut slot = Box::new(Slot::vacant());
                let filled = sources.$fill(&mut slot);
                filled.map_err(|error| sources.placed(error))?;
                Self::over(config, slot)
            }
        }
    )*};
}
from_sources! {
    KeyPair<Paper>: paper;
    KeyPair<Live>: live;
    KeyPair<Sandbox>: sandbox;
    KeyPair<Production>: production;
    BrokerKey<Sandbox>: sandbox;
    BrokerKey<Production>: production;
    ConnectToken<Paper>: paper;
    ConnectToken<Live>: live;
}

//! [`ReadOnly`]: a client that cannot be given what changes anything.

use std::ops::ControlFlow;

use alpaca_auth::credential::{Credential, Opens};
use alpaca_auth::endpoint::ServedIn;
use alpaca_auth::listing::{ListError, Listed, Listing};
use alpaca_auth::request::ReadRequest;
use alpaca_auth::response::{Item, Reply};

use crate::{ClientOf, Error, Shared};

/// A client that takes [`ReadRequest`]s and nothing else. There is no way back to the client in it.
///
/// For a display, a monitor, a script of someone else: its key may trade, the program cannot.
///
/// ```
/// use alpaca_auth::environment::Paper;
/// use alpaca_auth::request::trading;
/// use alpaca_auth_ureq::{Client, Error};
/// # fn of_a_program() -> Result<(), Error> {
/// let mut display = Client::<Paper>::from_env()?.read_only();
/// let reply = display.call(&trading::account())?;
/// # Ok(())
/// # }
/// ```
///
/// ```compile_fail,E0308
/// use alpaca_auth::environment::Paper;
/// use alpaca_auth::request::trading;
/// use alpaca_auth_ureq::{Client, Error};
/// # fn of_a_program() -> Result<(), Error> {
/// let mut display = Client::<Paper>::from_env()?.read_only();
/// let reply = display.call(&trading::submit_order(b"{}"))?; // expected `ReadRequest`, found `Request`
/// # Ok(())
/// # }
/// ```
///
/// ```compile_fail,E0616
/// # use alpaca_auth::environment::Paper;
/// # use alpaca_auth::request::trading;
/// # use alpaca_auth_ureq::{Client, Error};
/// # fn of_a_program() -> Result<(), Error> {
/// let mut display = Client::<Paper>::from_env()?.read_only();
/// let reply = display.0.call(&trading::submit_order(b"{}"))?; // the client in it is private
/// # Ok(())
/// # }
/// ```
pub struct ReadOnly<C: Credential>(ClientOf<C>);

impl<C: Credential> ReadOnly<C> {
    /// From here on `client` only reads.
    #[must_use]
    pub const fn new(client: ClientOf<C>) -> Self {
        Self(client)
    }

    /// See [`ClientOf::call`].
    ///
    /// # Errors
    /// See [`ClientOf::call`].
    pub fn call<A>(&mut self, request: &ReadRequest<'_, A>) -> Result<Reply<'_>, Error>
    where
        A: ServedIn<C::Environment>,
        C: Opens<A>,
    {
        self.0.call(request)
    }

    /// See [`ClientOf::list`].
    ///
    /// # Errors
    /// See [`ClientOf::list`].
    pub fn list<A>(
        &mut self,
        request: &ReadRequest<'_, A>,
        listing: &mut Listing<'_>,
        on: impl FnMut(Item<'_>) -> ControlFlow<()>,
    ) -> Result<Listed, ListError<Error>>
    where
        A: ServedIn<C::Environment>,
        C: Opens<A>,
    {
        self.0.list(request, listing, on)
    }

    /// See [`ClientOf::shared`].
    #[must_use]
    pub fn shared(&self) -> Option<&Shared> {
        self.0.shared()
    }
}

//! [`Operation`]: what Alpaca's OpenAPI files say about one call, as static data.

use core::fmt;
use core::marker::PhantomData;

use super::{Method, ReadRequest, Replay, Request, RequestError, TargetBuffer};
use crate::endpoint::{Api, ApiKind};

/// One operation of one API. A constant: a program links those that it names.
///
/// ```
/// use alpaca_auth::endpoint::ApiKind;
/// use alpaca_auth::request::{Effect, Method, Replay, trading};
///
/// let account = trading::account();
/// let operation = account.operation().unwrap();
/// assert_eq!(operation.id, "getAccount");
/// assert_eq!((operation.api, operation.method), (ApiKind::Trading, Method::Get));
/// assert_eq!((operation.replay, operation.effect), (Replay::Safe, Effect::Reads));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Operation {
    /// `operationId` of the OpenAPI file. Unique within its API, not among all.
    pub id: &'static str,
    /// The API that it belongs to.
    pub api: ApiKind,
    /// Method.
    pub method: Method,
    /// Path template, for example `/v2/orders/{order_id}`.
    pub path: &'static str,
    /// How often a request may be sent of which no more is known. An order that names its
    /// `client_order_id` has a better class than its operation: see [`Request::replay`].
    pub replay: Replay,
    /// What it does to the account.
    pub effect: Effect,
    /// Whether it needs a credential. The crypto market data does not.
    pub authenticated: bool,
    /// Statuses of a success.
    pub success: &'static [u16],
    /// Name of the reply's schema in the OpenAPI file, in brackets if it is a list of them;
    /// empty if the reply has no body.
    pub reply: &'static str,
}

impl Operation {
    /// The credentials that open its API. [`Opens`](crate::credential::Opens) says the same to
    /// the compiler.
    #[must_use]
    pub const fn accepts(&self) -> &'static [CredentialKind] {
        use CredentialKind::{BrokerKey, BrokerToken, ConnectToken, KeyPair};
        match self.api {
            ApiKind::Trading | ApiKind::TradingStream => &[KeyPair, ConnectToken],
            ApiKind::Broker => &[BrokerToken, BrokerKey, KeyPair],
            ApiKind::MarketData => &[KeyPair, ConnectToken, BrokerToken, BrokerKey],
            ApiKind::DataStream => &[KeyPair, ConnectToken, BrokerToken],
            ApiKind::AuthServer
            | ApiKind::ConnectPage
            | ApiKind::ConnectToken
            | ApiKind::SecretManager => &[],
        }
    }

    /// A request for what was chosen at run time, for example by its name. The constants of the
    /// [`catalog`](super::catalog) do the same and know their API while compiling.
    ///
    /// ```
    /// use alpaca_auth::endpoint::{Broker, Trading};
    /// use alpaca_auth::request::{RequestError, TargetBuffer, catalog};
    ///
    /// let mut all = catalog::trading::ALL.iter();
    /// let operation = all.find(|operation| operation.id == "getOpenPosition").unwrap();
    /// let mut target = TargetBuffer::<64>::new("/")?;
    /// let request = operation.request::<Trading, 64>(&mut target, &["BTC/USD"], &[])?;
    /// assert_eq!(request.target(), "/v2/positions/BTC%2FUSD");
    /// let refused = operation.request::<Broker, 64>(&mut target, &["BTC/USD"], &[]).err();
    /// assert_eq!(refused, Some(RequestError::OtherApi));
    /// # Ok::<(), RequestError>(())
    /// ```
    ///
    /// # Errors
    /// [`RequestError::OtherApi`] when it is no operation of `A`, else as
    /// [`ReadOperation::request`].
    pub fn request<'t, A: Api, const N: usize>(
        &'static self,
        target: &'t mut TargetBuffer<N>,
        parameters: &[&str],
        query: &[(&str, &str)],
    ) -> Result<Request<'t, A>, RequestError> {
        if A::KIND != self.api {
            return Err(RequestError::OtherApi);
        }
        target.fill(self.path, parameters, query)?;
        Ok(Request::of(self, target.text()))
    }

    /// The names in the path template, in order.
    ///
    /// ```
    /// use alpaca_auth::request::{TargetBuffer, trading};
    /// let mut target = TargetBuffer::<64>::new("/")?;
    /// let order = trading::order(&mut target, "7")?;
    /// assert!(order.operation().unwrap().parameters().eq(["order_id"]));
    /// # Ok::<(), alpaca_auth::request::RequestError>(())
    /// ```
    pub fn parameters(&self) -> impl Iterator<Item = &'static str> {
        self.path.split(['{', '}']).skip(1).step_by(2)
    }
}

impl fmt::Display for Operation {
    /// Method and path template.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.method.text(), self.path)
    }
}

/// What an operation does to the account.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Effect {
    /// It changes nothing.
    Reads,
    /// It changes something, and no money or position with it: cancels an order, edits a watchlist.
    Changes,
    /// It spends, moves or commits money or positions, or opens a way for money to leave: orders,
    /// closing positions, transfers, journals, banks. What is not known to be less counts as this.
    MovesMoney,
}

impl Effect {
    /// The effect as a word, for messages.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Reads => "reads",
            Self::Changes => "changes",
            Self::MovesMoney => "moves money",
        }
    }
}

impl fmt::Display for Effect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A kind of credential as a value, for messages and tables.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CredentialKind {
    /// [`KeyPair`](crate::credential::KeyPair): both key headers.
    KeyPair,
    /// [`ConnectToken`](crate::credential::ConnectToken): a Connect app's token.
    ConnectToken,
    /// [`BrokerToken`](crate::credential::BrokerToken): a token of the authorization server.
    BrokerToken,
    /// [`BrokerKey`](crate::credential::BrokerKey): Basic.
    BrokerKey,
}

/// An operation of API `A` that only reads. Its requests are [`ReadRequest`]s.
///
/// The catalog has one for each reading operation; there is no other way to get one.
pub struct ReadOperation<A> {
    operation: &'static Operation,
    api: PhantomData<fn() -> A>,
}

/// An operation of API `A` that changes something. Its requests are [`Request`]s.
pub struct ChangeOperation<A> {
    operation: &'static Operation,
    api: PhantomData<fn() -> A>,
}

impl<A: Api> ReadOperation<A> {
    pub(crate) const fn of(operation: &'static Operation) -> Self {
        Self {
            operation,
            api: PhantomData,
        }
    }

    /// The static data.
    #[must_use]
    pub const fn operation(&self) -> &'static Operation {
        self.operation
    }

    /// A request with one value for each `{parameter}` of the path, and a query of names and
    /// values, written into `target`. All values are percent-encoded here.
    ///
    /// # Errors
    /// [`RequestError`] when the number of values is wrong, a value is no path segment, or the
    /// target does not fit.
    pub fn request<'t, const N: usize>(
        &self,
        target: &'t mut TargetBuffer<N>,
        parameters: &[&str],
        query: &[(&str, &str)],
    ) -> Result<ReadRequest<'t, A>, RequestError> {
        target.fill(self.operation.path, parameters, query)?;
        Ok(self.at(target))
    }

    /// Fills the path in, so that a query can be added before [`at`](Self::at).
    pub(crate) fn begin<const N: usize>(
        &self,
        target: &mut TargetBuffer<N>,
        parameters: &[&str],
    ) -> Result<(), RequestError> {
        target.fill(self.operation.path, parameters, &[])
    }

    /// A request for the target as it was filled before.
    pub(crate) fn at<'t, const N: usize>(&self, target: &'t TargetBuffer<N>) -> ReadRequest<'t, A> {
        ReadRequest::known(Request::of(self.operation, target.text()))
    }

    /// The request of an operation without parameters.
    #[inline]
    pub(crate) const fn plain(&self) -> ReadRequest<'static, A> {
        ReadRequest::known(Request::of(self.operation, self.operation.path))
    }
}

impl<A: Api> ChangeOperation<A> {
    pub(crate) const fn of(operation: &'static Operation) -> Self {
        Self {
            operation,
            api: PhantomData,
        }
    }

    /// The static data.
    #[must_use]
    pub const fn operation(&self) -> &'static Operation {
        self.operation
    }

    /// See [`ReadOperation::request`]. A body is added by [`Request::with_json`].
    ///
    /// # Errors
    /// See [`ReadOperation::request`].
    pub fn request<'t, const N: usize>(
        &self,
        target: &'t mut TargetBuffer<N>,
        parameters: &[&str],
        query: &[(&str, &str)],
    ) -> Result<Request<'t, A>, RequestError> {
        target.fill(self.operation.path, parameters, query)?;
        Ok(Request::of(self.operation, target.text()))
    }

    /// The request of an operation without parameters.
    #[inline]
    pub(crate) const fn plain(&self) -> Request<'static, A> {
        Request::of(self.operation, self.operation.path)
    }
}

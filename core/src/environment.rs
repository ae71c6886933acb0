//! The four environments a credential or an endpoint belongs to, as types.
//!
//! `Paper` and `Live` are worlds of trading accounts; `Sandbox` and `Production` are worlds of
//! broker partners. A value of one never meets a value of another: the type parameter differs.

use core::fmt;

mod sealed {
    pub trait Sealed {}
}

/// An environment. Sealed: the four below are all there are.
pub trait Environment: sealed::Sealed + 'static {
    /// The same fact as a value, for messages.
    const KIND: EnvironmentKind;
}

/// An environment of trading accounts: [`Paper`] or [`Live`].
pub trait TradingEnvironment: Environment {}

/// An environment of broker partners: [`Sandbox`] or [`Production`].
pub trait BrokerEnvironment: Environment {}

/// Simulated trading. No money moves. This is the default wherever there is one.
#[derive(Debug)]
pub enum Paper {}

/// Real trading with real money.
#[derive(Debug)]
pub enum Live {}

/// The Broker API's test world.
#[derive(Debug)]
pub enum Sandbox {}

/// The Broker API with real customers and real money.
#[derive(Debug)]
pub enum Production {}

macro_rules! environments {
    ($($name:ident: $world:ident),*) => {$(
        impl sealed::Sealed for $name {}
        impl Environment for $name {
            const KIND: EnvironmentKind = EnvironmentKind::$name;
        }
        impl $world for $name {}
    )*};
}
environments!(
    Paper: TradingEnvironment, Live: TradingEnvironment,
    Sandbox: BrokerEnvironment, Production: BrokerEnvironment
);

/// An environment as a value.
///
/// ```
/// use alpaca_auth::environment::{Environment, EnvironmentKind, Live};
/// assert_eq!(Live::KIND, EnvironmentKind::Live);
/// assert!(Live::KIND.moves_real_money());
/// assert_eq!(Live::KIND.name(), "live");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EnvironmentKind {
    /// See [`Paper`].
    Paper,
    /// See [`Live`].
    Live,
    /// See [`Sandbox`].
    Sandbox,
    /// See [`Production`].
    Production,
}

impl EnvironmentKind {
    /// Lower-case name, as Alpaca's documentation writes it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Paper => "paper",
            Self::Live => "live",
            Self::Sandbox => "sandbox",
            Self::Production => "production",
        }
    }

    /// Whether an order placed here costs real money.
    #[must_use]
    pub const fn moves_real_money(self) -> bool {
        matches!(self, Self::Live | Self::Production)
    }
}

impl fmt::Display for EnvironmentKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

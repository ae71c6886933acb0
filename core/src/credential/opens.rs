//! The table: which credential opens which API (docs.alpaca.markets, 2026-11).

use super::{BrokerKey, BrokerToken, ConnectToken, Credential, InBody, KeyPair};
use crate::endpoint::{
    self, Api, AuthServer, Broker, DataStream, MarketData, Trading, TradingStream,
};
use crate::environment::{BrokerEnvironment, Environment, TradingEnvironment};

/// `Self` authenticates requests to API `A`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not open the {A} API",
    note = "the table in `alpaca_auth::credential` lists which credential opens which API"
)]
pub trait Opens<A: Api>: Credential {}

impl<E: TradingEnvironment> Opens<Trading> for KeyPair<E> {}
impl<E: TradingEnvironment> Opens<MarketData> for KeyPair<E> {}
impl<E: TradingEnvironment> Opens<DataStream> for KeyPair<E> {}
impl<E: TradingEnvironment> Opens<TradingStream> for KeyPair<E> {}
impl<E: BrokerEnvironment> Opens<Broker> for KeyPair<E> {}

impl<E: BrokerEnvironment> Opens<Broker> for BrokerKey<E> {}
impl<E: BrokerEnvironment> Opens<MarketData> for BrokerKey<E> {}

impl<E: BrokerEnvironment> Opens<Broker> for BrokerToken<E> {}
impl<E: BrokerEnvironment> Opens<MarketData> for BrokerToken<E> {}
impl<E: BrokerEnvironment> Opens<DataStream> for BrokerToken<E> {}

impl<E: TradingEnvironment> Opens<Trading> for ConnectToken<E> {}
impl<E: TradingEnvironment> Opens<MarketData> for ConnectToken<E> {}
impl<E: TradingEnvironment> Opens<DataStream> for ConnectToken<E> {}
impl<E: TradingEnvironment> Opens<TradingStream> for ConnectToken<E> {}

impl<E: BrokerEnvironment> Opens<AuthServer> for InBody<E> {}
impl<E: TradingEnvironment> Opens<endpoint::ConnectToken> for InBody<E> {}
// A login at a secret manager. The credentials of managers that stand in the head are in `source`.
impl<E: Environment> Opens<endpoint::SecretManager> for InBody<E> {}

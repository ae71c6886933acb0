//! Ready descriptors, one file per API.

pub mod auth_server;
pub mod broker;
pub mod connect;
pub mod market_data;
pub mod trading;

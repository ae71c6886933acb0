//! `APCA-API-KEY-ID` and `APCA-API-SECRET-KEY` (docs.alpaca.markets, "Authentication").

use super::AuthField;

#[inline]
pub(crate) const fn fields<'c>(id: &'c [u8], secret: &'c [u8]) -> [AuthField<'c>; 2] {
    [
        AuthField {
            name: "APCA-API-KEY-ID",
            prefix: "",
            line: "\r\nAPCA-API-KEY-ID: ",
            secret: id,
        },
        AuthField {
            name: "APCA-API-SECRET-KEY",
            prefix: "",
            line: "\r\nAPCA-API-SECRET-KEY: ",
            secret,
        },
    ]
}

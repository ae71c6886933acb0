//! [`Writer`]: one flat JSON object, with objects in it, in a caller's buffer.

use core::fmt;

use super::{ClientOrderId, OrderError, StopLoss};

/// Writes members one after the other. After an overflow [`finish`](Self::finish) is an error.
pub(super) struct Writer<'b> {
    buffer: &'b mut [u8],
    length: usize,
    /// Whether a comma comes before the next member.
    begun: bool,
    overflown: bool,
}

impl<'b> Writer<'b> {
    pub(super) fn new(buffer: &'b mut [u8]) -> Self {
        let mut writer = Self {
            buffer,
            length: 0,
            begun: false,
            overflown: false,
        };
        writer.put(b'{');
        writer
    }

    /// Adds `"name":"value"`, escaped.
    pub(super) fn text(&mut self, name: &str, value: &str) {
        self.name(name);
        self.string(value);
    }

    /// Adds `"name":"value"` if there is a value.
    pub(super) fn maybe(&mut self, name: &str, value: Option<&str>) {
        if let Some(value) = value {
            self.text(name, value);
        }
    }

    /// Adds `"name":"-value"`, escaped.
    pub(super) fn negative(&mut self, name: &str, value: &str) {
        self.name(name);
        self.put(b'"');
        self.put(b'-');
        self.escaped(value);
        self.put(b'"');
    }

    /// Adds `"name":"12"`, which Alpaca wants in quotes.
    pub(super) fn number(&mut self, name: &str, value: u16) {
        let mut text = heapless::String::<5>::new();
        // Five digits hold any.
        let _ = fmt::write(&mut text, format_args!("{value}"));
        self.text(name, &text);
    }

    /// Adds `"client_order_id":"…"` if there is one.
    pub(super) fn id(&mut self, id: Option<&ClientOrderId>) {
        self.maybe("client_order_id", id.map(ClientOrderId::text));
    }

    /// Adds `"take_profit":{…}`.
    pub(super) fn take_profit(&mut self, limit: &str) {
        self.object("take_profit", |json| json.text("limit_price", limit));
    }

    /// Adds `"stop_loss":{…}`.
    pub(super) fn stop_loss(&mut self, StopLoss { stop, limit }: StopLoss<'_>) {
        self.object("stop_loss", |json| {
            json.text("stop_price", stop);
            json.maybe("limit_price", limit);
        });
    }

    /// Adds `"name":true`.
    pub(super) fn yes(&mut self, name: &str) {
        self.name(name);
        self.raw(b"true");
    }

    /// Adds `"name":{…}`.
    pub(super) fn object(&mut self, name: &str, members: impl FnOnce(&mut Self)) {
        self.name(name);
        self.braced(members);
    }

    /// Adds `"name":[{…},{…}]`, an object for each of `all`.
    pub(super) fn objects<T>(
        &mut self,
        name: &str,
        all: &[T],
        mut members: impl FnMut(&mut Self, &T),
    ) {
        self.name(name);
        self.put(b'[');
        self.begun = false;
        for one in all {
            if self.begun {
                self.put(b',');
            }
            self.braced(|json| members(json, one));
        }
        self.put(b']');
        self.begun = true;
    }

    fn braced(&mut self, members: impl FnOnce(&mut Self)) {
        self.put(b'{');
        self.begun = false;
        members(self);
        self.put(b'}');
        self.begun = true;
    }

    /// The complete object.
    pub(super) fn finish(mut self) -> Result<&'b [u8], OrderError> {
        self.put(b'}');
        if self.overflown {
            return Err(OrderError::BufferTooSmall);
        }
        let written = self.buffer.get(..self.length);
        written.ok_or(OrderError::BufferTooSmall)
    }

    fn name(&mut self, name: &str) {
        if self.begun {
            self.put(b',');
        }
        self.begun = true;
        self.string(name);
        self.put(b':');
    }

    fn string(&mut self, text: &str) {
        self.put(b'"');
        self.escaped(text);
        self.put(b'"');
    }

    /// RFC 8259 §7. What is not ASCII stands as it is, in UTF-8.
    fn escaped(&mut self, text: &str) {
        for byte in text.bytes() {
            match byte {
                b'"' | b'\\' => self.raw(&[b'\\', byte]),
                0..=0x1f => {
                    let digit = |nibble: u8| char::from_digit(u32::from(nibble), 16);
                    self.raw(b"\\u00");
                    for digit in [digit(byte >> 4), digit(byte & 15)].into_iter().flatten() {
                        self.put(u8::try_from(digit).unwrap_or(b'0'));
                    }
                }
                _ => self.put(byte),
            }
        }
    }

    fn raw(&mut self, bytes: &[u8]) {
        bytes.iter().for_each(|byte| self.put(*byte));
    }

    fn put(&mut self, byte: u8) {
        match self.buffer.get_mut(self.length) {
            Some(place) => {
                *place = byte;
                self.length = self.length.saturating_add(1);
            }
            None => self.overflown = true,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::string::String;

    #[test]
    fn every_character_is_written_as_json_and_overflow_is_an_error_at_every_size() {
        let mut all: String = (0..=0x7f_u8).map(char::from).collect();
        all.push_str("ä€𝄞");
        let mut buffer = [0; 512];
        let mut writer = Writer::new(&mut buffer);
        writer.text("all", &all);
        writer.object("o", |o| o.maybe("none", None));
        writer.objects("list", &[1, u16::MAX], |o, n| o.number("n", *n));
        writer.objects("empty", &[(); 0], |_, ()| ());
        writer.negative("minus", "1.5");
        writer.yes("yes");
        let json = writer.finish().unwrap();
        assert_eq!(crate::response::json_shape::check(json), Ok(()));
        let text = core::str::from_utf8(json).unwrap();
        assert!(text.starts_with("{\"all\":\"\\u0000\\u0001"), "{text}");
        assert!(text.contains("\\u001f !\\\"#"), "{text}");
        assert!(text.ends_with("ä€𝄞\",\"o\":{},\"list\":[{\"n\":\"1\"},{\"n\":\"65535\"}],\"empty\":[],\"minus\":\"-1.5\",\"yes\":true}"), "{text}");
        let length = json.len();
        for room in 0..length {
            let mut writer = Writer::new(&mut buffer[..room]);
            writer.text("all", &all);
            writer.object("o", |_| ());
            writer.objects("list", &[1, u16::MAX], |o, n| o.number("n", *n));
            writer.objects("empty", &[(); 0], |_, ()| ());
            writer.negative("minus", "1.5");
            writer.yes("yes");
            assert_eq!(writer.finish(), Err(OrderError::BufferTooSmall), "{room}");
        }
    }
}

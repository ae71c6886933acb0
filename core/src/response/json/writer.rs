//! [`write`]: writes a reply back, with the fields that its type names.

use core::fmt::{self, Display};

use serde::Serialize;
use serde::ser::{Impossible, SerializeSeq, SerializeStruct, Serializer};

use super::machine::{Event, Machine};
use super::{NUMBER, RAW};

/// Writes `value` as JSON without blanks. Numbers, texts and raw parts come out as they were read; what is
/// `None` is left out. For structures of this crate and like ones: floats and enums with data are refused.
///
/// ```
/// use alpaca_auth::response::{Clock, json};
/// let clock: Clock = json::from_slice(br#"{ "is_open": true, "next_open": null, "new": 1 }"#)?;
/// let mut text = String::new();
/// json::write(&clock, &mut text).unwrap();
/// assert_eq!(text, r#"{"is_open":true}"#);
/// # Ok::<(), alpaca_auth::response::ReplyError>(())
/// ```
///
/// # Errors
/// [`WriteError`]; a part may have been written.
pub fn write<T: Serialize + ?Sized>(value: &T, out: &mut dyn fmt::Write) -> Result<(), WriteError> {
    value.serialize(&mut Writer {
        out,
        name: None,
        first: true,
        as_it_is: false,
    })
}

/// Why a value cannot be written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WriteError {
    /// There is no room. Use a larger buffer.
    Full,
    /// A text that cannot stand in JSON: it was not read from JSON and holds a quote, a control character or a
    /// backslash that is no escape.
    Text,
    /// A type that no reply has.
    Unsupported,
}

impl Display for WriteError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Full => "the JSON does not fit; use a larger buffer",
            Self::Text => "a text holds what must be escaped in JSON; escape it first",
            Self::Unsupported => "a type that no reply has; use a general JSON library",
        })
    }
}

impl core::error::Error for WriteError {}

impl serde::ser::Error for WriteError {
    fn custom<T: Display>(_: T) -> Self {
        Self::Unsupported
    }
}

struct Writer<'w> {
    out: &'w mut dyn fmt::Write,
    /// The name of the member whose value comes next, if it has one.
    name: Option<&'static str>,
    /// Nothing stands in this container yet.
    first: bool,
    /// The text that comes next is JSON already.
    as_it_is: bool,
}

impl Writer<'_> {
    fn put(&mut self, text: &str) -> Result<(), WriteError> {
        self.out.write_str(text).map_err(|_| WriteError::Full)
    }

    /// Writes the name of the member, if this is the value of one.
    fn begin(&mut self) -> Result<(), WriteError> {
        if let Some(name) = self.name.take() {
            self.separate()?;
            self.string(name)?;
            self.put(":")?;
        }
        Ok(())
    }

    fn separate(&mut self) -> Result<(), WriteError> {
        if !core::mem::take(&mut self.first) {
            self.put(",")?;
        }
        Ok(())
    }

    fn string(&mut self, text: &str) -> Result<(), WriteError> {
        if !is_escaped(text) {
            return Err(WriteError::Text);
        }
        self.put("\"")?;
        self.put(text)?;
        self.put("\"")
    }

    fn plain(&mut self, text: &str) -> Result<(), WriteError> {
        self.begin()?;
        self.put(text)
    }

    fn open(&mut self, bracket: &str) -> Result<(), WriteError> {
        self.plain(bracket)?;
        self.first = true;
        Ok(())
    }

    fn close(&mut self, bracket: &str) -> Result<(), WriteError> {
        self.first = false;
        self.name = None;
        self.put(bracket)
    }
}

/// Whether `text` may stand between quotes as it is.
fn is_escaped(text: &str) -> bool {
    let mut machine = Machine::new();
    let run = |machine: &mut Machine, mut rest: &[u8]| {
        while let Ok((taken, event)) = machine.advance(rest, 0) {
            rest = rest.get(taken..).unwrap_or_default();
            if event == Event::More {
                return true;
            }
        }
        false
    };
    run(&mut machine, b"\"") && run(&mut machine, text.as_bytes()) && machine.finish().is_err()
        // A text that ends in a backslash would take the closing quote in.
        && run(&mut machine, b"\"")
        && machine.finish().is_ok()
}

macro_rules! integers {
    ($($method:ident: $type:ty),* $(,)?) => {$(
        fn $method(self, value: $type) -> Result<(), WriteError> {
            self.begin()?;
            write!(self.out, "{value}").map_err(|_| WriteError::Full)
        }
    )*};
}

macro_rules! refused {
    ($($method:ident($($type:ty),*) -> $ok:ty;)*) => {$(
        fn $method(self, $(_: $type),*) -> Result<$ok, WriteError> {
            Err(WriteError::Unsupported)
        }
    )*};
}

type Never = Impossible<(), WriteError>;

impl Serializer for &mut Writer<'_> {
    type Ok = ();
    type Error = WriteError;
    type SerializeSeq = Self;
    type SerializeTuple = Never;
    type SerializeTupleStruct = Never;
    type SerializeTupleVariant = Never;
    type SerializeMap = Never;
    type SerializeStruct = Self;
    type SerializeStructVariant = Never;

    fn serialize_bool(self, value: bool) -> Result<(), WriteError> {
        self.plain(if value { "true" } else { "false" })
    }

    integers! {
        serialize_i8: i8, serialize_i16: i16, serialize_i32: i32, serialize_i64: i64, serialize_i128: i128,
        serialize_u8: u8, serialize_u16: u16, serialize_u32: u32, serialize_u64: u64, serialize_u128: u128,
    }

    refused! {
        serialize_f32(f32) -> ();
        serialize_f64(f64) -> ();
        serialize_char(char) -> ();
        serialize_bytes(&[u8]) -> ();
        serialize_unit_struct(&'static str) -> ();
        serialize_tuple(usize) -> Never;
        serialize_tuple_struct(&'static str, usize) -> Never;
        serialize_tuple_variant(&'static str, u32, &'static str, usize) -> Never;
        serialize_map(Option<usize>) -> Never;
        serialize_struct_variant(&'static str, u32, &'static str, usize) -> Never;
    }

    fn serialize_str(self, value: &str) -> Result<(), WriteError> {
        self.begin()?;
        if core::mem::take(&mut self.as_it_is) {
            return self.put(value);
        }
        self.string(value)
    }

    fn serialize_none(self) -> Result<(), WriteError> {
        match self.name.take() {
            Some(_) => Ok(()),
            None => self.put("null"),
        }
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result<(), WriteError> {
        value.serialize(self)
    }

    fn serialize_unit(self) -> Result<(), WriteError> {
        self.plain("null")
    }

    fn serialize_unit_variant(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
    ) -> Result<(), WriteError> {
        self.serialize_str(variant)
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(
        self,
        name: &'static str,
        value: &T,
    ) -> Result<(), WriteError> {
        if matches!(name, RAW | NUMBER) {
            self.as_it_is = true;
        }
        value.serialize(self)
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        _: u32,
        _: &'static str,
        _: &T,
    ) -> Result<(), WriteError> {
        Err(WriteError::Unsupported)
    }

    fn serialize_seq(self, _: Option<usize>) -> Result<Self, WriteError> {
        self.open("[")?;
        Ok(self)
    }

    fn serialize_struct(self, _: &'static str, _: usize) -> Result<Self, WriteError> {
        self.open("{")?;
        Ok(self)
    }

    fn collect_str<T: Display + ?Sized>(self, _: &T) -> Result<(), WriteError> {
        Err(WriteError::Unsupported)
    }
}

impl SerializeSeq for &mut Writer<'_> {
    type Ok = ();
    type Error = WriteError;

    fn serialize_element<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), WriteError> {
        self.separate()?;
        value.serialize(&mut **self)?;
        self.first = false;
        Ok(())
    }

    fn end(self) -> Result<(), WriteError> {
        self.close("]")
    }
}

impl SerializeStruct for &mut Writer<'_> {
    type Ok = ();
    type Error = WriteError;

    fn serialize_field<T: Serialize + ?Sized>(
        &mut self,
        name: &'static str,
        value: &T,
    ) -> Result<(), WriteError> {
        self.name = Some(name);
        value.serialize(&mut **self)
    }

    fn end(self) -> Result<(), WriteError> {
        self.close("}")
    }
}

#[cfg(test)]
mod tests {
    use super::super::{List, Number, Raw, Text, from_slice};
    use super::*;
    use serde::Deserialize;
    use std::string::String;

    #[derive(Deserialize, Serialize)]
    struct Inner<'b> {
        a: Option<&'b str>,
    }

    #[derive(Deserialize, Serialize)]
    struct Outer<'b> {
        gone: Option<bool>,
        n: Number<'b>,
        t: Text<'b>,
        #[serde(borrow)]
        inner: Option<Inner<'b>>,
        list: List<'b, Inner<'b>>,
        raw: Raw<'b>,
        i: i64,
        z: Option<bool>,
    }

    #[test]
    fn what_is_read_is_written_to_the_letter() {
        let text = r#"{"n":1.50e+00,"t":"\u0041\"","inner":{"a":"x"},"list":[{"a" : null}],"raw":{"b" : 1},"i":-9,"z":false}"#;
        let outer: Outer<'_> = from_slice(text.as_bytes()).unwrap();
        let mut out = String::new();
        write(&outer, &mut out).unwrap();
        assert_eq!(out, text);
        let empty: Outer<'_> =
            from_slice(br#"{"z":null,"inner":{},"n":0,"t":"","list":[],"raw":null,"i":0}"#)
                .unwrap();
        out.clear();
        write(&empty, &mut out).unwrap();
        assert_eq!(
            out,
            r#"{"n":0,"t":"","inner":{},"list":[],"raw":null,"i":0}"#
        );
        out.clear();
        write(&[Some(1), None, Some(3)][..], &mut out).unwrap();
        assert_eq!(out, "[1,null,3]");
    }

    #[test]
    fn a_text_that_would_leave_its_quotes_is_refused() {
        for text in [
            "\"",
            "a\",\"b\":\"",
            "\n",
            "\\",
            "a\\",
            "\\x",
            "\\u12",
            "\\ud800",
            "\0",
        ] {
            let mut out = String::new();
            assert_eq!(write(text, &mut out), Err(WriteError::Text), "{text:?}");
        }
        assert_eq!(
            write(&1.5, &mut String::new()),
            Err(WriteError::Unsupported)
        );
        let mut short = heapless::String::<4>::new();
        assert_eq!(write("abc", &mut short), Err(WriteError::Full));
    }
}

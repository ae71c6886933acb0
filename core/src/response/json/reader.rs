//! [`from_slice`]: a `serde` deserializer over text that was checked before.
//!
//! Why not `serde-json-core`: it reads a number as a float or not at all, and recurses over values that it skips.
//! Its error type is kept, so that [`ReplyError`] is the same for both.

use serde::Deserialize;
use serde::de::value::{BorrowedStrDeserializer, MapAccessDeserializer};
use serde::de::{DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json_core::de::Error;

use super::{NUMBER, RAW};
use crate::response::ReplyError;
use crate::response::json_shape::{self, Cursor};

/// Reads `body`, which must be exactly one JSON value, as `T`.
///
/// ```
/// use alpaca_auth::response::json::{self, Number, Text};
/// #[derive(serde::Deserialize)]
/// struct Event<'b> {
///     #[serde(borrow)]
///     price: Number<'b>,
///     #[serde(borrow)]
///     note: Text<'b>,
/// }
/// let event: Event = json::from_slice(br#"{"price":1.50,"note":"a\u0021","new":[{}]}"#)?;
/// assert_eq!(event.price.text(), "1.50");
/// assert_eq!(event.note, "a!");
/// # Ok::<(), alpaca_auth::response::ReplyError>(())
/// ```
///
/// # Errors
/// [`ReplyError::Json`] when `body` is no JSON, [`ReplyError::Type`] when it is no `T`.
pub fn from_slice<'b, T: Deserialize<'b>>(body: &'b [u8]) -> Result<T, ReplyError> {
    json_shape::check(body).map_err(ReplyError::Json)?;
    from_checked(body).map_err(ReplyError::Type)
}

/// The same for what [`json_shape::check`] has accepted.
pub(crate) fn from_checked<'b, T: Deserialize<'b>>(body: &'b [u8]) -> Result<T, Error> {
    let text = core::str::from_utf8(body).map_err(|_| Error::InvalidUnicodeCodePoint)?;
    of_text(text)
}

/// The same for text.
pub(super) fn of_text<'b, T: Deserialize<'b>>(checked: &'b str) -> Result<T, Error> {
    T::deserialize(&mut Reader(Cursor::new(checked)))
}

struct Reader<'b>(Cursor<'b>);

impl<'b> Reader<'b> {
    fn peek(&mut self) -> Result<u8, Error> {
        self.0.peek().ok_or(Error::EofWhileParsingValue)
    }

    fn value(&mut self) -> Result<&'b str, Error> {
        self.0.value().ok_or(Error::EofWhileParsingValue)
    }

    fn string(&mut self) -> Result<&'b str, Error> {
        self.0.string().ok_or(Error::InvalidType)
    }

    /// The text of a value that begins as one of these bytes.
    fn value_of(&mut self, first: fn(u8) -> bool) -> Result<&'b str, Error> {
        if first(self.peek()?) {
            self.value()
        } else {
            Err(Error::InvalidType)
        }
    }

    fn number(&mut self) -> Result<&'b str, Error> {
        self.value_of(|byte| matches!(byte, b'-' | b'0'..=b'9'))
    }

    fn open(&mut self, byte: u8) -> Result<(), Error> {
        if self.0.take(byte) {
            Ok(())
        } else {
            Err(Error::InvalidType)
        }
    }

    /// The end of a container that may have more than was asked for.
    fn close(&mut self, byte: u8) -> Result<(), Error> {
        if self.0.take(byte) {
            Ok(())
        } else {
            Err(Error::TrailingCharacters)
        }
    }
}

macro_rules! integers {
    ($($method:ident, $visit:ident);* $(;)?) => {$(
        fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
            visitor.$visit(self.number()?.parse().map_err(|_| Error::InvalidNumber)?)
        }
    )*};
}

impl<'de> Deserializer<'de> for &mut Reader<'de> {
    type Error = Error;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        match self.peek()? {
            b'"' => self.deserialize_str(visitor),
            b'{' => self.deserialize_map(visitor),
            b'[' => self.deserialize_seq(visitor),
            b't' | b'f' => self.deserialize_bool(visitor),
            b'n' => self.deserialize_unit(visitor),
            _ => {
                let number = self.number()?;
                if let Ok(number) = number.parse() {
                    visitor.visit_u64(number)
                } else if let Ok(number) = number.parse() {
                    visitor.visit_i64(number)
                } else {
                    visitor.visit_f64(float(number)?)
                }
            }
        }
    }

    fn deserialize_bool<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        let word = self.value_of(|byte| matches!(byte, b't' | b'f'))?;
        visitor.visit_bool(word == "true")
    }

    integers! {
        deserialize_i8, visit_i8;
        deserialize_i16, visit_i16;
        deserialize_i32, visit_i32;
        deserialize_i64, visit_i64;
        deserialize_i128, visit_i128;
        deserialize_u8, visit_u8;
        deserialize_u16, visit_u16;
        deserialize_u32, visit_u32;
        deserialize_u64, visit_u64;
        deserialize_u128, visit_u128;
    }

    fn deserialize_f32<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        self.deserialize_f64(visitor)
    }

    fn deserialize_f64<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_f64(float(self.number()?)?)
    }

    fn deserialize_str<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_borrowed_str(self.string()?)
    }

    fn deserialize_char<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        self.deserialize_str(visitor)
    }

    fn deserialize_string<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        self.deserialize_str(visitor)
    }

    fn deserialize_identifier<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        self.deserialize_str(visitor)
    }

    fn deserialize_bytes<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_borrowed_bytes(self.string()?.as_bytes())
    }

    fn deserialize_byte_buf<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        self.deserialize_bytes(visitor)
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        if self.peek()? == b'n' {
            self.value()?;
            visitor.visit_none()
        } else {
            visitor.visit_some(self)
        }
    }

    fn deserialize_unit<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        self.value_of(|byte| byte == b'n')?;
        visitor.visit_unit()
    }

    fn deserialize_unit_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, Error> {
        self.deserialize_unit(visitor)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        visitor: V,
    ) -> Result<V::Value, Error> {
        match name {
            RAW => visitor.visit_borrowed_str(self.value()?),
            NUMBER => visitor.visit_borrowed_str(self.number()?),
            _ => visitor.visit_newtype_struct(self),
        }
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        self.open(b'[')?;
        let value = visitor.visit_seq(Parts(&mut *self))?;
        self.close(b']')?;
        Ok(value)
    }

    fn deserialize_tuple<V: Visitor<'de>>(self, _: usize, visitor: V) -> Result<V::Value, Error> {
        self.deserialize_seq(visitor)
    }

    fn deserialize_tuple_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: usize,
        visitor: V,
    ) -> Result<V::Value, Error> {
        self.deserialize_seq(visitor)
    }

    fn deserialize_map<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        self.open(b'{')?;
        let value = visitor.visit_map(Parts(&mut *self))?;
        self.close(b'}')?;
        Ok(value)
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        self.deserialize_map(visitor)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        if self.peek()? == b'"' {
            return visitor.visit_enum(BorrowedStrDeserializer::new(self.string()?));
        }
        self.open(b'{')?;
        let value = visitor.visit_enum(MapAccessDeserializer::new(Parts(&mut *self)))?;
        self.close(b'}')?;
        Ok(value)
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        self.0.value().ok_or(Error::EofWhileParsingValue)?;
        visitor.visit_unit()
    }
}

/// Overflow to infinity is no number that was sent.
fn float(text: &str) -> Result<f64, Error> {
    let number: f64 = text.parse().map_err(|_| Error::InvalidNumber)?;
    number
        .is_finite()
        .then_some(number)
        .ok_or(Error::InvalidNumber)
}

/// The elements of an array or the members of an object.
struct Parts<'r, 'b>(&'r mut Reader<'b>);

impl<'de> SeqAccess<'de> for Parts<'_, 'de> {
    type Error = Error;

    fn next_element_seed<T: DeserializeSeed<'de>>(
        &mut self,
        seed: T,
    ) -> Result<Option<T::Value>, Error> {
        self.0.0.take(b',');
        if self.0.peek()? == b']' {
            return Ok(None);
        }
        seed.deserialize(&mut *self.0).map(Some)
    }
}

impl<'de> MapAccess<'de> for Parts<'_, 'de> {
    type Error = Error;

    fn next_key_seed<K: DeserializeSeed<'de>>(
        &mut self,
        seed: K,
    ) -> Result<Option<K::Value>, Error> {
        self.0.0.take(b',');
        if self.0.peek()? == b'}' {
            return Ok(None);
        }
        seed.deserialize(&mut *self.0).map(Some)
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, Error> {
        self.0.0.take(b':');
        seed.deserialize(&mut *self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::format;

    #[derive(Debug, PartialEq, Deserialize)]
    enum Kind {
        Plain,
        Of(u8),
    }

    #[derive(Debug, PartialEq, Deserialize)]
    struct All<'b> {
        a: bool,
        b: i8,
        c: u64,
        d: f64,
        e: Option<&'b str>,
        f: (u8, u8),
        g: Kind,
        h: (),
        i: char,
    }

    const GOOD: &str = r#"{"new":[{"a":"]}\\\""},1],"a":true,"b":-128,"c":18446744073709551615,"d":1.5e3,
        "e":"x\ny","f":[1,2],"g":"Plain","h":null,"i":"z","z":{}}"#;

    #[test]
    fn every_kind_of_value_is_read() {
        let all: All<'_> = from_slice(GOOD.as_bytes()).unwrap();
        assert_eq!((all.a, all.b, all.c, all.d), (true, -128, u64::MAX, 1500.0));
        assert_eq!(
            (all.e, all.f, all.g, all.i),
            (Some("x\\ny"), (1, 2), Kind::Plain, 'z')
        );
        let other = GOOD
            .replace("\"Plain\"", "{\"Of\":7}")
            .replace("\"x\\ny\"", "null");
        let all: All<'_> = from_slice(other.as_bytes()).unwrap();
        assert_eq!((all.e, all.g), (None, Kind::Of(7)));
    }

    #[test]
    fn another_type_in_any_place_is_an_error() {
        for (good, bad) in [
            ("\"a\":true", "\"a\":1"),
            ("\"a\":true", "\"a\":\"true\""),
            ("\"a\":true", "\"a\":null"),
            ("\"a\":true", "\"a\":true,\"a\":true"),
            ("\"a\":true", "\"\\u0061\":true"),
            ("-128", "-129"),
            ("-128", "\"-128\""),
            ("-128", "1.0"),
            ("-128", "1e1"),
            ("18446744073709551615", "18446744073709551616"),
            ("18446744073709551615", "-1"),
            ("18446744073709551615", "-0"),
            ("1.5e3", "1e999"),
            ("1.5e3", "\"1\""),
            ("\"x\\ny\"", "7"),
            ("[1,2]", "[1]"),
            ("[1,2]", "[1,2,3]"),
            ("[1,2]", "{}"),
            ("\"Plain\"", "\"Other\""),
            ("\"Plain\"", "{\"Of\":7,\"Plain\":null}"),
            ("\"Plain\"", "{}"),
            ("\"h\":null", "\"h\":0"),
            ("\"i\":\"z\"", "\"i\":\"zz\""),
        ] {
            let text = GOOD.replace(good, bad);
            assert_ne!(text, GOOD);
            let read = from_slice::<All<'_>>(text.as_bytes());
            assert!(matches!(read, Err(ReplyError::Type(_))), "{bad}: {read:?}");
        }
        for text in [
            "",
            "{",
            "[]",
            "7",
            "null",
            &format!("{GOOD} 1"),
            &GOOD.replace("true", "tru"),
        ] {
            assert!(from_slice::<All<'_>>(text.as_bytes()).is_err(), "{text}");
        }
    }
}

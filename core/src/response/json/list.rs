//! [`Raw`], [`List`] and [`Entries`]: parts of a reply that are read when they are asked for.

use core::fmt;
use core::marker::PhantomData;

use serde::de::{Error as _, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json_core::de::Error;

use super::RAW;
use super::reader::of_text;
use crate::response::ReplyError;
use crate::response::json_shape::Cursor;

/// A value as it stands in the reply. Its JSON has been checked; its type has not.
///
/// ```
/// use alpaca_auth::response::json::{self, Raw};
/// let raw: Raw = json::from_slice(br#"{"a": [1, 2]}"#)?;
/// assert_eq!(raw.text(), r#"{"a": [1, 2]}"#);
/// assert_eq!(raw.read::<(u8, u8)>().is_err(), true);
/// # Ok::<(), alpaca_auth::response::ReplyError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Raw<'b>(&'b str);

impl<'b> Raw<'b> {
    /// The value's JSON.
    #[must_use]
    pub const fn text(&self) -> &'b str {
        self.0
    }

    /// Reads the value as `T`.
    ///
    /// # Errors
    /// [`ReplyError::Type`] when it is no `T`.
    pub fn read<T: Deserialize<'b>>(&self) -> Result<T, ReplyError> {
        of_text(self.0).map_err(ReplyError::Type)
    }
}

impl<'de: 'b, 'b> Deserialize<'de> for Raw<'b> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Told;
        impl<'de> Visitor<'de> for Told {
            type Value = Raw<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a value, read by alpaca_auth::response::json")
            }

            fn visit_borrowed_str<E: serde::de::Error>(
                self,
                text: &'de str,
            ) -> Result<Raw<'de>, E> {
                Ok(Raw(text))
            }
        }
        deserializer.deserialize_newtype_struct(RAW, Told)
    }
}

impl Serialize for Raw<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_newtype_struct(RAW, self.0)
    }
}

/// An array in the reply. It takes no memory but the reply's: each pass over it reads its elements again.
///
/// For lists that do not fit the reply's buffer see [`ElementReader`](crate::response::ElementReader).
///
/// ```
/// use alpaca_auth::response::json::{self, List, Number};
/// let list: List<Number> = json::from_slice(b"[1.50,null,3]")?;
/// let mut numbers = list.iter();
/// assert_eq!(numbers.next().and_then(Result::ok).map(|n| n.text()), Some("1.50"));
/// assert!(numbers.next().is_some_and(|number| number.is_err()));
/// assert_eq!(list.len(), 3);
/// # Ok::<(), alpaca_auth::response::ReplyError>(())
/// ```
#[derive(Debug, PartialEq, Eq)]
pub struct List<'b, T>(Raw<'b>, PhantomData<fn() -> T>);

impl<T> Clone for List<'_, T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for List<'_, T> {}

impl<'b, T> List<'b, T> {
    /// The array's JSON.
    #[must_use]
    pub const fn raw(&self) -> Raw<'b> {
        self.0
    }

    /// How many elements there are. Goes over the array.
    #[must_use]
    pub fn len(&self) -> usize {
        self.elements().count()
    }

    /// Whether there are no elements.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.elements().next().is_none()
    }

    /// Reads one element after the other.
    pub fn iter(&self) -> impl Iterator<Item = Result<T, ReplyError>> + use<'b, T>
    where
        T: Deserialize<'b>,
    {
        self.elements()
            .map(|element| of_text(element).map_err(ReplyError::Type))
    }

    fn elements(&self) -> impl Iterator<Item = &'b str> + use<'b, T> {
        let mut cursor = Cursor::new(self.0.text());
        cursor.take(b'[');
        core::iter::from_fn(move || {
            cursor.take(b',');
            if cursor.peek()? == b']' {
                return None;
            }
            cursor.value()
        })
    }
}

impl<'de: 'b, 'b, T> Deserialize<'de> for List<'b, T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        begins(Raw::deserialize(deserializer)?, '[')
            .map(|raw| Self(raw, PhantomData))
            .map_err(D::Error::custom)
    }
}

impl<T> Serialize for List<'_, T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.serialize(serializer)
    }
}

/// An object in the reply whose members are named by symbols, or anything else that is not known before.
///
/// ```
/// use alpaca_auth::response::json::{self, Entries, Number};
/// let entries: Entries<Number> = json::from_slice(br#"{"BTC/USD":91234.5,"ETH/USD":3001}"#)?;
/// let eth = entries.get("ETH/USD").transpose()?;
/// assert_eq!(eth.map(|price| price.text()), Some("3001"));
/// assert!(entries.get("DOGE/USD").is_none());
/// # Ok::<(), alpaca_auth::response::ReplyError>(())
/// ```
#[derive(Debug, PartialEq, Eq)]
pub struct Entries<'b, T>(Raw<'b>, PhantomData<fn() -> T>);

impl<T> Clone for Entries<'_, T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for Entries<'_, T> {}

impl<'b, T> Entries<'b, T> {
    /// The object's JSON.
    #[must_use]
    pub const fn raw(&self) -> Raw<'b> {
        self.0
    }

    /// Reads one member after the other: its name, escapes as they are, and its value.
    pub fn iter(&self) -> impl Iterator<Item = (&'b str, Result<T, ReplyError>)> + use<'b, T>
    where
        T: Deserialize<'b>,
    {
        self.members()
            .map(|(name, value)| (name, of_text(value).map_err(ReplyError::Type)))
    }

    /// Reads the member `name`. None if it is not there; an error if it is there twice.
    pub fn get(&self, name: &str) -> Option<Result<T, ReplyError>>
    where
        T: Deserialize<'b>,
    {
        let mut named = self.members().filter(|(found, _)| *found == name);
        let (_, value) = named.next()?;
        if named.next().is_some() {
            return Some(Err(ReplyError::Type(Error::CustomError)));
        }
        Some(of_text(value).map_err(ReplyError::Type))
    }

    fn members(&self) -> impl Iterator<Item = (&'b str, &'b str)> + use<'b, T> {
        let mut cursor = Cursor::new(self.0.text());
        cursor.take(b'{');
        core::iter::from_fn(move || {
            cursor.take(b',');
            let name = cursor.string()?;
            cursor.take(b':');
            Some((name, cursor.value()?))
        })
    }
}

impl<'de: 'b, 'b, T> Deserialize<'de> for Entries<'b, T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        begins(Raw::deserialize(deserializer)?, '{')
            .map(|raw| Self(raw, PhantomData))
            .map_err(D::Error::custom)
    }
}

impl<T> Serialize for Entries<'_, T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.serialize(serializer)
    }
}

fn begins(raw: Raw<'_>, first: char) -> Result<Raw<'_>, &'static str> {
    if raw.0.starts_with(first) {
        Ok(raw)
    } else {
        Err("a value of another type")
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Number, from_slice};
    use super::*;
    use std::vec::Vec;

    #[test]
    fn what_is_no_list_is_refused_and_a_wrong_element_spoils_no_other() {
        for text in ["{}", "7", "null", "\"[]\"", "true"] {
            assert!(
                from_slice::<List<'_, u8>>(text.as_bytes()).is_err(),
                "{text}"
            );
        }
        let list: List<'_, u8> = from_slice(b" [ 1 , \"]\" , [2,[3]] , 4 ] ").unwrap();
        let read: Vec<_> = list.iter().map(Result::ok).collect();
        assert_eq!(read, [Some(1), None, None, Some(4)]);
        let empty: List<'_, u8> = from_slice(b"[ ]").unwrap();
        assert!(empty.is_empty() && !list.is_empty());
    }

    #[test]
    fn what_is_no_object_or_named_twice_is_refused() {
        for text in ["[]", "7", "null", "\"{}\""] {
            assert!(
                from_slice::<Entries<'_, u8>>(text.as_bytes()).is_err(),
                "{text}"
            );
        }
        let text = br#"{"a":1,"b":{"a":2,"c":3},"d":1,"d":1,"\u0065":5}"#;
        let entries: Entries<'_, Number<'_>> = from_slice(text).unwrap();
        assert_eq!(entries.get("a").unwrap().unwrap().text(), "1");
        assert!(entries.get("b").unwrap().is_err());
        assert!(entries.get("d").unwrap().is_err());
        for name in ["c", "e", ""] {
            assert!(entries.get(name).is_none());
        }
        assert_eq!(entries.iter().count(), 5);
    }
}

//! The words of a fixed list that replies hold: states, sides, types. New ones appear and survive.

/// An enum of words, with `Other` for those that this version does not know.
macro_rules! words {
    ($(#[$about:meta])* $type:ident { $($(#[$doc:meta])* $name:ident = $text:literal),* $(,)? }) => {
        $(#[$about])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum $type<'b> {
            $($(#[$doc])* $name,)*
            /// A word that this version does not know, as it was sent.
            Other(&'b str),
        }

        impl<'b> $type<'b> {
            /// Reads a word; any text is accepted.
            #[must_use]
            pub fn of(text: &'b str) -> Self {
                match text { $($text => Self::$name,)* other => Self::Other(other) }
            }

            /// The word as Alpaca writes it.
            #[must_use]
            pub const fn text(&self) -> &'b str {
                match self { $(Self::$name => $text,)* Self::Other(text) => text }
            }
        }

        impl core::fmt::Display for $type<'_> {
            fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
                f.pad(self.text())
            }
        }

        impl<'de: 'b, 'b> serde::Deserialize<'de> for $type<'b> {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                <&'b str>::deserialize(deserializer).map(Self::of)
            }
        }

        impl serde::Serialize for $type<'_> {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.text())
            }
        }
    };
}

pub(super) use words;

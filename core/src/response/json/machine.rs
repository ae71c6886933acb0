//! [`Machine`]: the grammar of JSON (RFC 8259), for text that comes in pieces.
//!
//! It is the one strict reader of JSON here: [`check`](crate::response::json_shape::check) runs it over a whole
//! body, [`ElementReader`](crate::response::ElementReader) over pieces of one. It is a loop with constant memory:
//! the depth is bounded, and what is not JSON to the letter is refused.

use crate::response::json_shape::{DEPTH_MAX, JsonShapeError};

/// Where in the grammar the next byte stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    /// A value begins here; after `[` the array may end instead.
    Value {
        or_end: bool,
    },
    /// A member's name begins here; after `{` the object may end instead.
    Name {
        or_end: bool,
    },
    Colon,
    /// Behind a value: a comma, the end of what it is in, or of the text.
    After,
    /// In a string; the name of a member is one, too.
    Text,
    Escape,
    /// In the digits of `\u`: how many are missing, and their value so far.
    Hex {
        left: u8,
        value: u16,
        low: bool,
    },
    /// A high surrogate stands before: the backslash, or the `u`, of the low one must follow.
    LowBackslash,
    LowLetter,
    /// In a character of several bytes: how many are missing, and between what the next must lie.
    Utf8 {
        left: u8,
        from: u8,
        to: u8,
    },
    Minus,
    Zero,
    Whole,
    Point,
    Fraction,
    Exponent,
    ExponentSign,
    ExponentDigits,
    /// In `true`, `false` or `null`: what is missing.
    Word(&'static [u8]),
}

/// What stands behind the bytes that [`Machine::advance`] took.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Event {
    /// Nothing to tell: all bytes were taken.
    More,
    /// The next byte begins a value.
    Value,
    /// A value has ended.
    End,
    /// The next byte is the quote that begins a member's name.
    Name,
    /// A member's name has ended.
    NameEnd,
}

/// Takes JSON in pieces of any size.
#[derive(Clone, Debug)]
pub(crate) struct Machine {
    state: State,
    depth: u32,
    /// One bit per open container, the innermost lowest: is it an object?
    objects: u32,
    is_name: bool,
    /// The value or name that begins here was told.
    told: bool,
}

impl Machine {
    pub(crate) const fn new() -> Self {
        Self {
            state: State::Value { or_end: false },
            depth: 0,
            objects: 0,
            is_name: false,
            told: false,
        }
    }

    /// How many arrays and objects are open.
    pub(crate) const fn depth(&self) -> u32 {
        self.depth
    }

    /// Takes bytes until something happens that is no deeper than `watch`, or none are left.
    /// Tells how many it took.
    pub(crate) fn advance(
        &mut self,
        input: &[u8],
        watch: u32,
    ) -> Result<(usize, Event), JsonShapeError> {
        let mut rest = input;
        let at = |rest: &[u8]| input.len().saturating_sub(rest.len());
        while let Some((&byte, after)) = rest.split_first() {
            match self.state {
                State::Text => {
                    let plain = |b: &u8| matches!(*b, b' '..=b'!' | b'#'..=b'[' | b']'..=0x7f);
                    let run = rest.iter().position(|b| !plain(b)).unwrap_or(rest.len());
                    let Some((&byte, after)) = rest.get(run..).and_then(<[u8]>::split_first) else {
                        break;
                    };
                    rest = after;
                    if byte != b'"' {
                        self.state = special(byte)?;
                    } else if self.is_name {
                        self.state = State::Colon;
                        self.is_name = false;
                        if self.depth <= watch {
                            return Ok((at(rest), Event::NameEnd));
                        }
                    } else {
                        self.state = State::After;
                        if self.depth <= watch {
                            return Ok((at(rest), Event::End));
                        }
                    }
                }
                State::Value { .. } | State::Name { .. } | State::Colon | State::After
                    if matches!(byte, b' ' | b'\t' | b'\r' | b'\n') =>
                {
                    rest = after;
                }
                State::Value { or_end: true } if byte == b']' => {
                    rest = after;
                    if self.close() <= watch {
                        return Ok((at(rest), Event::End));
                    }
                }
                State::Name { or_end: true } if byte == b'}' => {
                    rest = after;
                    if self.close() <= watch {
                        return Ok((at(rest), Event::End));
                    }
                }
                State::Value { .. } => {
                    if self.depth <= watch && !self.told {
                        self.told = true;
                        return Ok((at(rest), Event::Value));
                    }
                    self.told = false;
                    self.begin(byte)?;
                    rest = after;
                }
                State::Name { .. } => {
                    if byte != b'"' {
                        return Err(JsonShapeError::Syntax);
                    }
                    if self.depth <= watch && !self.told {
                        self.told = true;
                        return Ok((at(rest), Event::Name));
                    }
                    self.told = false;
                    self.is_name = true;
                    self.state = State::Text;
                    rest = after;
                }
                State::Colon => {
                    if byte != b':' {
                        return Err(JsonShapeError::Syntax);
                    }
                    self.state = State::Value { or_end: false };
                    rest = after;
                }
                State::After => {
                    rest = after;
                    if self.separate(byte)? && self.depth <= watch {
                        return Ok((at(rest), Event::End));
                    }
                }
                State::Word(word) => {
                    let (first, missing) = word.split_first().unwrap_or((&0, &[]));
                    if byte != *first {
                        return Err(JsonShapeError::Syntax);
                    }
                    rest = after;
                    self.state = State::Word(missing);
                    if missing.is_empty() {
                        self.state = State::After;
                        if self.depth <= watch {
                            return Ok((at(rest), Event::End));
                        }
                    }
                }
                state => match within(state, byte)? {
                    Some(state) => {
                        self.state = state;
                        rest = after;
                    }
                    // A number ends before a byte that is none of its own.
                    None => {
                        self.state = State::After;
                        if self.depth <= watch {
                            return Ok((at(rest), Event::End));
                        }
                    }
                },
            }
        }
        Ok((input.len(), Event::More))
    }

    /// Checks that the text may end here.
    pub(crate) const fn finish(&self) -> Result<(), JsonShapeError> {
        match self.state {
            State::After | State::Zero | State::Whole | State::Fraction | State::ExponentDigits
                if self.depth == 0 =>
            {
                Ok(())
            }
            _ => Err(JsonShapeError::Truncated),
        }
    }

    fn begin(&mut self, byte: u8) -> Result<(), JsonShapeError> {
        self.state = match byte {
            b'{' | b'[' => {
                if self.depth >= DEPTH_MAX {
                    return Err(JsonShapeError::TooDeep);
                }
                let is_object = byte == b'{';
                self.depth = self.depth.saturating_add(1);
                self.objects = self.objects << 1 | u32::from(is_object);
                if is_object {
                    State::Name { or_end: true }
                } else {
                    State::Value { or_end: true }
                }
            }
            b'"' => State::Text,
            b'-' => State::Minus,
            b'0' => State::Zero,
            b'1'..=b'9' => State::Whole,
            b't' => State::Word(b"rue"),
            b'f' => State::Word(b"alse"),
            b'n' => State::Word(b"ull"),
            _ => return Err(JsonShapeError::Syntax),
        };
        Ok(())
    }

    /// Closes the innermost container. Returns the depth at which it stands.
    const fn close(&mut self) -> u32 {
        self.depth = self.depth.saturating_sub(1);
        self.objects >>= 1;
        self.state = State::After;
        self.depth
    }

    /// Takes the byte behind a value. Tells whether it ended a container.
    const fn separate(&mut self, byte: u8) -> Result<bool, JsonShapeError> {
        if self.depth == 0 {
            return Err(JsonShapeError::Trailing);
        }
        let in_object = self.objects & 1 == 1;
        match (byte, in_object) {
            (b',', true) => self.state = State::Name { or_end: false },
            (b',', false) => self.state = State::Value { or_end: false },
            (b'}', true) | (b']', false) => {
                self.close();
                return Ok(true);
            }
            _ => return Err(JsonShapeError::Syntax),
        }
        Ok(false)
    }
}

/// What a byte of a string begins that is neither plain nor its end.
const fn special(byte: u8) -> Result<State, JsonShapeError> {
    let (left, from, to) = match byte {
        b'\\' => return Ok(State::Escape),
        0..=0x1f => return Err(JsonShapeError::Token),
        // RFC 3629 §4: no surrogate, nothing longer than needed, nothing above U+10FFFF.
        0xc2..=0xdf => (1, 0x80, 0xbf),
        0xe0 => (2, 0xa0, 0xbf),
        0xed => (2, 0x80, 0x9f),
        0xe1..=0xef => (2, 0x80, 0xbf),
        0xf0 => (3, 0x90, 0xbf),
        0xf1..=0xf3 => (3, 0x80, 0xbf),
        0xf4 => (3, 0x80, 0x8f),
        _ => return Err(JsonShapeError::Utf8),
    };
    Ok(State::Utf8 { left, from, to })
}

/// The state after a byte inside an escape, a character or a number; none where a number ends.
fn within(state: State, byte: u8) -> Result<Option<State>, JsonShapeError> {
    let digit = byte.is_ascii_digit();
    Ok(Some(match state {
        State::Escape => match byte {
            b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't' => State::Text,
            b'u' => HEX,
            _ => return Err(JsonShapeError::Token),
        },
        State::Hex { left, value, low } => hex(left, value, low, byte)?,
        State::LowBackslash if byte == b'\\' => State::LowLetter,
        State::LowLetter if byte == b'u' => State::Hex {
            left: 4,
            value: 0,
            low: true,
        },
        State::Utf8 { left, from, to } => {
            if byte < from || byte > to {
                return Err(JsonShapeError::Utf8);
            }
            match left {
                0 | 1 => State::Text,
                _ => State::Utf8 {
                    left: left.saturating_sub(1),
                    from: 0x80,
                    to: 0xbf,
                },
            }
        }
        State::Minus if byte == b'0' => State::Zero,
        State::Minus | State::Whole if digit => State::Whole,
        State::Point | State::Fraction if digit => State::Fraction,
        State::Exponent | State::ExponentSign | State::ExponentDigits if digit => {
            State::ExponentDigits
        }
        State::Zero | State::Whole if byte == b'.' => State::Point,
        State::Zero | State::Whole | State::Fraction if matches!(byte, b'e' | b'E') => {
            State::Exponent
        }
        State::Exponent if matches!(byte, b'+' | b'-') => State::ExponentSign,
        State::Zero if digit => return Err(JsonShapeError::Token),
        State::Zero | State::Whole | State::Fraction | State::ExponentDigits => return Ok(None),
        _ => return Err(JsonShapeError::Token),
    }))
}

const HEX: State = State::Hex {
    left: 4,
    value: 0,
    low: false,
};

/// One hexadecimal digit. A surrogate must be half of a pair.
fn hex(left: u8, value: u16, low: bool, byte: u8) -> Result<State, JsonShapeError> {
    let digit = char::from(byte).to_digit(16);
    let digit = digit.and_then(|digit| u16::try_from(digit).ok());
    let value = value << 4 | digit.ok_or(JsonShapeError::Token)?;
    if left > 1 {
        let left = left.saturating_sub(1);
        return Ok(State::Hex { left, value, low });
    }
    match (value, low) {
        (0xd800..=0xdbff, false) => Ok(State::LowBackslash),
        (0xdc00..=0xdfff, true) => Ok(State::Text),
        (0xdc00..=0xdfff, false) | (_, true) => Err(JsonShapeError::Token),
        (_, false) => Ok(State::Text),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::vec::Vec;

    type Run = (Result<(), JsonShapeError>, Vec<(usize, Event, u32)>);

    /// What the machine says of a text that comes in pieces, and every event with its place.
    fn run(pieces: &[&[u8]], watch: u32) -> Run {
        let (mut machine, mut at, mut events) = (Machine::new(), 0_usize, Vec::new());
        for piece in pieces {
            let mut rest = *piece;
            loop {
                match machine.advance(rest, watch) {
                    Ok((taken, event)) => {
                        at = at.saturating_add(taken);
                        rest = &rest[taken..];
                        if event == Event::More {
                            assert!(rest.is_empty());
                            break;
                        }
                        events.push((at, event, machine.depth()));
                    }
                    Err(error) => return (Err(error), events),
                }
            }
        }
        (machine.finish(), events)
    }

    const TEXTS: [&str; 12] = [
        r#" { "a" : [ 1 , { } , [ ] , "\"\\\/\u00e4\ud83d\ude00ä€𝄞" ] , "b":-0.5e+10, "c":null } "#,
        "[[],[1,2],{\"x\":true},false,-1]",
        "12",
        "\"\\ud800\"",
        "[1 2]",
        "{\"a\":1,}",
        "[01]",
        "nul",
        "[\"\u{7f}\u{80}\u{7ff}\u{800}\u{ffff}\u{10000}\u{10ffff}\"]",
        "{}{}",
        "[1e]",
        "{\"a\":{\"b\":{\"c\":[[[0]]]}}}",
    ];

    #[test]
    fn pieces_make_no_difference() {
        for text in TEXTS {
            let bytes = text.as_bytes();
            for watch in 0..4 {
                let whole = run(&[bytes], watch);
                let single: Vec<_> = bytes.chunks(1).collect();
                assert_eq!(run(&single, watch), whole, "{text}");
                for cut in 0..=bytes.len() {
                    let (first, second) = bytes.split_at(cut);
                    assert_eq!(run(&[first, second], watch), whole, "{text} {cut}");
                }
            }
        }
    }

    #[test]
    fn values_and_names_are_told_where_they_stand() {
        use Event::{End, Name, NameEnd, Value};
        let (result, events) = run(&[br#"{"a":[1],"b":2}"#], 1);
        assert_eq!(result, Ok(()));
        assert_eq!(
            events,
            [
                (0, Value, 0),
                (1, Name, 1),
                (4, NameEnd, 1),
                (5, Value, 1),
                (8, End, 1),
                (9, Name, 1),
                (12, NameEnd, 1),
                (13, Value, 1),
                (14, End, 1),
                (15, End, 0)
            ]
        );
    }

    #[test]
    fn bytes_that_are_no_utf8_are_refused_as_the_standard_library_does() {
        let mut refused = 0;
        for first in 0x80..=0xff_u8 {
            for second in [0x22, 0x7f, 0x80, 0x8f, 0x90, 0x9f, 0xa0, 0xbf, 0xc0, 0xff] {
                for third in [0x22, 0x80, 0xbf, 0xc2] {
                    for fourth in [0x22, 0x41, 0x80, 0xbf] {
                        let text = [b'"', first, second, third, fourth, b'"', b' '];
                        let end = 1 + text[1..].iter().position(|b| *b == b'"').unwrap();
                        let sound = core::str::from_utf8(&text[..=end]).is_ok();
                        let (result, _) = run(&[&text[..=end]], 0);
                        assert_eq!(result.is_ok(), sound, "{text:x?}");
                        refused += usize::from(!sound);
                    }
                }
            }
        }
        assert!(refused > 1000);
    }
}

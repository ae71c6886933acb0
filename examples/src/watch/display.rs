//! [`Display`]: where a round is shown. A line of text, or 16 × 2 characters.

use std::fmt::Write as _;
use std::io::{self, Write};

/// Columns of the character display.
const COLUMNS: usize = 16;
/// Longest text of a server's that is shown, in characters.
const TEXT_MAX: usize = 120;

/// What one round found out. Every text has been through [`View::plain`].
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct View {
    /// The server's time, RFC 3339.
    pub time: String,
    /// `open` or `closed`; `?` when unknown.
    pub market: String,
    /// Equity and its currency.
    pub equity: String,
    /// Currency of the equity.
    pub currency: String,
    /// The stock.
    pub symbol: String,
    /// Bid price.
    pub bid: String,
    /// Ask price.
    pub ask: String,
    /// What is wrong: a block of the account, or why a part is missing.
    pub notes: Vec<String>,
}

impl View {
    /// A server's text without what could drive a terminal, at most 120 characters.
    #[must_use]
    pub fn plain(text: &str) -> String {
        text.chars()
            .map(|c| {
                if c == ' ' || c.is_ascii_graphic() {
                    c
                } else {
                    '?'
                }
            })
            .take(TEXT_MAX)
            .collect()
    }
}

/// A place to show rounds. Small enough to write one for any hardware.
pub trait Display {
    /// Shows a round.
    ///
    /// # Errors
    /// When the device does not take it.
    fn show(&mut self, view: &View) -> io::Result<()>;

    /// Shows why there is nothing new; what stood there is out of date.
    ///
    /// # Errors
    /// When the device does not take it.
    fn trouble(&mut self, why: &str) -> io::Result<()>;

    /// The program ends: nothing out of date may stay.
    ///
    /// # Errors
    /// When the device does not take it.
    fn end(&mut self) -> io::Result<()>;
}

/// One line per round. Trouble is told elsewhere: on standard error.
pub struct TerminalLine<W>(pub W);

impl<W: Write> Display for TerminalLine<W> {
    fn show(&mut self, view: &View) -> io::Result<()> {
        let mut line = format!(
            "{} {:<6} equity {} {}  {} {}/{}",
            view.time, view.market, view.equity, view.currency, view.symbol, view.bid, view.ask
        );
        for note in &view.notes {
            write!(line, "  [{note}]").map_err(io::Error::other)?;
        }
        writeln!(self.0, "{line}")?;
        self.0.flush()
    }

    fn trouble(&mut self, _: &str) -> io::Result<()> {
        Ok(())
    }

    fn end(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}

/// An HD44780 text display of 16 × 2, driven by Linux (`drivers/auxdisplay/charlcd.c`).
///
/// On a Raspberry Pi `dtoverlay=hd44780-i2c-lcd` makes the device `/dev/lcd`. It takes text; `\f`
/// clears, `\n` goes to the next line, `ESC [ H` to the first character.
pub struct KernelLcd<W>(pub W);

impl<W: Write> KernelLcd<W> {
    fn lines(&mut self, start: &str, lines: [String; 2]) -> io::Result<()> {
        let [first, second] = lines;
        // One write: the driver shows no half of it.
        self.0
            .write_all(format!("{start}{first}\n{second}").as_bytes())?;
        self.0.flush()
    }
}

impl<W: Write> Display for KernelLcd<W> {
    fn show(&mut self, view: &View) -> io::Result<()> {
        let mark = if view.notes.is_empty() { "" } else { "!" };
        let market = format!("{}{mark}", view.market);
        let lines = [row(&view.symbol, &view.bid), row(&market, &view.equity)];
        self.lines("\x1b[H", lines)
    }

    fn trouble(&mut self, why: &str) -> io::Result<()> {
        self.lines("\x1b[H", [row("no answer", ""), row(&View::plain(why), "")])
    }

    fn end(&mut self) -> io::Result<()> {
        self.lines("\x0c", [row("watch", "stopped"), row("", "")])
    }
}

/// 16 columns: `left` gives way to `right`, and a number that does not fit is not cut but `#`.
fn row(left: &str, right: &str) -> String {
    let right = if right.len() > COLUMNS {
        "#".repeat(COLUMNS)
    } else {
        right.to_owned()
    };
    let space = usize::from(!right.is_empty());
    let room = (COLUMNS - right.len()).saturating_sub(space);
    let left: String = left.chars().take(room).collect();
    format!("{left:<width$}{right}", width = COLUMNS - right.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Does what the driver does with the bytes: a screen of 16 × 2.
    #[derive(Default)]
    struct Screen {
        cells: [[u8; COLUMNS]; 2],
        x: usize,
        y: usize,
        escape: Vec<u8>,
    }

    impl Screen {
        fn text(&self) -> [String; 2] {
            self.cells
                .map(|line| String::from_utf8(line.to_vec()).expect("ASCII"))
        }
    }

    impl Write for Screen {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            for byte in bytes {
                match (self.escape.as_slice(), byte) {
                    ([], 0x1b) => self.escape.push(0x1b),
                    ([0x1b], b'[') => self.escape.push(b'['),
                    ([0x1b, b'['], b'H') => {
                        (self.x, self.y) = (0, 0);
                        self.escape.clear();
                    }
                    ([], 0x0c) => {
                        *self = Self {
                            cells: [[b' '; COLUMNS]; 2],
                            ..Self::default()
                        }
                    }
                    ([], b'\n') => (self.x, self.y) = (0, (self.y + 1) % 2),
                    ([], 0x20..=0x7e) => {
                        assert!(self.x < COLUMNS, "written past the edge");
                        self.cells[self.y][self.x] = *byte;
                        self.x += 1;
                    }
                    other => panic!("the driver does not know {other:?}"),
                }
            }
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    fn view() -> View {
        View {
            time: "2026-11-23T20:59:59Z".into(),
            market: "open".into(),
            equity: "100000.00".into(),
            currency: "USD".into(),
            symbol: "AAPL".into(),
            bid: "231.48".into(),
            ask: "231.5".into(),
            notes: Vec::new(),
        }
    }

    #[test]
    fn two_lines_of_sixteen_fill_the_screen_exactly() {
        let mut lcd = KernelLcd(Screen::default());
        lcd.show(&view()).unwrap();
        assert_eq!(lcd.0.text(), ["AAPL      231.48", "open   100000.00"]);
        let blocked = View {
            notes: vec!["blocked".into()],
            market: "closed".into(),
            ..view()
        };
        lcd.show(&blocked).unwrap();
        assert_eq!(lcd.0.text(), ["AAPL      231.48", "closed 100000.00"]);
        lcd.trouble("no connection (connection refused)").unwrap();
        assert_eq!(lcd.0.text(), ["no answer       ", "no connection (c"]);
        lcd.end().unwrap();
        assert_eq!(lcd.0.text(), ["watch    stopped", "                "]);
    }

    #[test]
    fn a_number_that_does_not_fit_is_never_cut() {
        assert_eq!(row("equity", "1234567890123.45"), "1234567890123.45");
        assert_eq!(row("equity", "12345678901234.56"), "################");
        assert_eq!(row("closed", "12345678.90"), "clos 12345678.90");
        assert_eq!(row("", ""), " ".repeat(16));
    }

    #[test]
    fn a_servers_text_drives_no_device() {
        assert_eq!(View::plain("a\x1b[2J\x0c\nb\u{202e}é"), "a?[2J??b??");
        assert_eq!(View::plain(&"x".repeat(500)).len(), TEXT_MAX);
    }

    #[test]
    fn a_line_shows_all_of_it_and_its_notes() {
        let mut out = Vec::new();
        let view = View {
            notes: vec!["trading blocked".into()],
            ..view()
        };
        TerminalLine(&mut out).show(&view).unwrap();
        assert_eq!(
            String::from_utf8(out).unwrap(),
            "2026-11-23T20:59:59Z open   equity 100000.00 USD  AAPL 231.48/231.5  [trading blocked]\n"
        );
    }
}

//! The forms in which a secret could show: raw, hex, base64, byte list, reversed.

/// Every form of `secret`, and of its last 16 bytes, with a name for each.
#[must_use]
pub fn of(secret: &str) -> Vec<(&'static str, String)> {
    let tail = secret
        .get(secret.len().saturating_sub(16)..)
        .unwrap_or(secret);
    let mut forms = Vec::new();
    for text in [secret, tail] {
        let bytes = text.as_bytes();
        let join = |format: fn(&u8) -> String, by: &str| {
            bytes.iter().map(format).collect::<Vec<_>>().join(by)
        };
        forms.push(("raw", text.to_owned()));
        forms.push(("hex", join(|b| format!("{b:02x}"), "")));
        forms.push(("upper hex", join(|b| format!("{b:02X}"), "")));
        forms.push(("spaced hex", join(|b| format!("{b:02x}"), " ")));
        forms.push(("hex list", join(|b| format!("0x{b:02x}"), ", ")));
        forms.push(("byte list", join(|b| b.to_string(), ", ")));
        forms.push(("tight byte list", join(|b| b.to_string(), ",")));
        forms.push(("reversed", text.chars().rev().collect()));
        for skip in 0..3 {
            // The digits that do not depend on what stands before or after.
            let whole = bytes.get(skip..).unwrap_or_default();
            let whole = whole.get(..whole.len() / 3 * 3).unwrap_or_default();
            forms.push(("base64", base64(whole)));
        }
    }
    forms
}

/// The forms of `secret` that stand in `text`.
#[must_use]
pub fn found(secret: &str, text: &str) -> Vec<&'static str> {
    let dumped = dumped(text);
    let mut names: Vec<_> = of(secret)
        .into_iter()
        .filter(|(_, form)| text.contains(form.as_str()) || dumped.contains(form.as_str()))
        .map(|(name, _)| name)
        .collect();
    names.dedup();
    names
}

/// What the hex dumps in `text` hold, without the breaks of their rows: of each line the words
/// that are two or four hex digits, behind the first word, which names the log's target.
fn dumped(text: &str) -> String {
    let is_hex = |word: &&str| {
        matches!(word.len(), 2 | 4) && word.bytes().all(|b| b.is_ascii_hexdigit() || b == b'-')
    };
    let words = text
        .lines()
        .flat_map(|line| line.split_whitespace().skip(1).take_while(is_hex));
    words.map(|word| word.trim_matches('-')).collect()
}

fn base64(bytes: &[u8]) -> String {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::new();
    for group in bytes.chunks_exact(3) {
        let bits = group
            .iter()
            .fold(0_usize, |bits, byte| bits << 8 | usize::from(*byte));
        for shift in [18, 12, 6, 0] {
            text.push(char::from(ALPHABET[bits >> shift & 63]));
        }
    }
    text
}

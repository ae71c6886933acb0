//! What a document with keys is taken for is what another reader takes it for: `serde_json` for JSON,
//! a POSIX shell for dotenv. What readers would differ over is refused.

#![cfg(unix)]

use std::fs;
use std::process::Command;

use alpaca_auth::credential::{KeyPair, Slot};
use alpaca_auth::environment::Paper;
use alpaca_auth::source::{Chain, Form, Found, Look, Source, SourceFault, SourceKind};

struct Held<'d>(Form, &'d str);

impl Source for Held<'_> {
    fn kind(&self) -> SourceKind {
        SourceKind::Other("held")
    }

    fn place(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("memory")
    }

    fn look(&mut self, found: &mut Found) -> Result<Look, SourceFault> {
        found.document_in(self.0, self.1.as_bytes())
    }
}

/// Whether a document gives `PKTEST` and `secret`; `None` if it is refused.
fn gives(form: Form, document: &str, secret: &str) -> Option<bool> {
    let mut slot = Slot::<KeyPair<Paper>>::vacant();
    Chain::new(&mut [Held(form, document)])
        .paper(&mut slot)
        .ok()?;
    let mut other = Slot::<KeyPair<Paper>>::vacant();
    let is_same = other
        .paper("PKTEST", secret)
        .is_ok_and(|other| slot.get().expect("filled").is(other));
    Some(is_same)
}

/// Secrets with each visible character that is no quote, at each end and inside.
fn secrets() -> impl Iterator<Item = String> {
    let characters = ('!'..='~').filter(|character| !"\"'`".contains(*character));
    characters.flat_map(|character| {
        ["{}a", "a{}", "a{}b", "{}"].map(|form| form.replace("{}", &character.to_string()))
    })
}

#[test]
fn json_as_serde_json() {
    for secret in secrets() {
        let plain = serde_json::json!({"key_id": "PKTEST", "secret_key": secret});
        let escaped: String = secret
            .bytes()
            .map(|byte| format!("\\u{byte:04X}"))
            .collect();
        let escaped = format!(r#"{{"key_id":"\u0050KTEST","secret_key":"{escaped}"}}"#);
        let slashed = plain.to_string().replace('/', "\\/");
        for document in [plain.to_string(), format!("{plain:#}"), escaped, slashed] {
            let theirs: serde_json::Value = serde_json::from_str(&document).expect("JSON");
            let theirs = theirs["secret_key"].as_str().expect("a string");
            assert_eq!(
                gives(Form::Json, &document, theirs),
                Some(true),
                "{document}"
            );
        }
    }
    // The control: it is told apart.
    assert_eq!(
        gives(Form::Json, r#"{"key_id":"PKTEST","secret_key":"a"}"#, "b"),
        Some(false)
    );
}

/// What the shell gives the two variables, for each of many documents in one run.
fn by_the_shell(documents: &[String]) -> Vec<(String, String)> {
    let directory = std::env::temp_dir().join(format!("alpaca-auth-dotenv-{}", std::process::id()));
    let _ = fs::remove_dir_all(&directory);
    fs::create_dir(&directory).expect("a directory");
    for (number, document) in documents.iter().enumerate() {
        fs::write(directory.join(number.to_string()), document).expect("a file");
    }
    // In a directory of its own, with no programs to be found by what a document says.
    let script = "i=0; while [ -e \"$1/$i\" ]; do ( PATH=/nowhere; . \"$1/$i\"; \
                  printf '%s\\0%s\\0' \"$key_id\" \"$secret_key\" ) 2>&1; i=$((i+1)); done";
    let output = Command::new("/bin/sh")
        .args(["-c", script, "sh"])
        .arg(&directory)
        .env_clear()
        .current_dir(&directory)
        .output()
        .expect("a shell");
    fs::remove_dir_all(&directory).expect("removed");
    let text = String::from_utf8(output.stdout).expect("text");
    let mut values = text.split('\0').map(str::to_owned);
    std::iter::from_fn(|| Some((values.next()?, values.next()?))).collect()
}

#[test]
fn dotenv_as_a_shell() {
    let ways = [
        "key_id=PKTEST\nsecret_key='{}'\n",
        "key_id=PKTEST\nsecret_key={}\n",
        "key_id='PKTEST'\nsecret_key=\"{}\"\n",
        "# keys\n\nexport key_id=PKTEST\nexport secret_key='{}'",
    ];
    let (mut documents, mut expected) = (Vec::new(), Vec::new());
    for secret in secrets() {
        for way in ways {
            let document = way.replace("{}", &secret);
            match gives(Form::Dotenv, &document, &secret) {
                Some(is_same) => {
                    assert!(is_same, "{document}");
                    documents.push(document);
                    expected.push(("PKTEST".to_owned(), secret.clone()));
                }
                // In single quotes everything is taken.
                None => assert!(!way.contains("'{}'"), "{document}"),
            }
        }
    }
    assert!(documents.len() > 1_200);
    assert_eq!(by_the_shell(&documents), expected);
}

//! Any bytes as a document that holds a key pair: refused by name, or read as `serde_json` reads it.
#![no_main]

use alpaca_auth::credential::{KeyPair, Slot};
use alpaca_auth::environment::Paper;
use alpaca_auth::source::{Chain, Form, Found, Look, Names, Source, SourceFault, SourceKind};
use libfuzzer_sys::fuzz_target;

struct Held<'d>(Form, &'d [u8]);

impl Source for Held<'_> {
    fn kind(&self) -> SourceKind {
        SourceKind::Other("held")
    }

    fn place(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("memory")
    }

    fn look(&mut self, found: &mut Found) -> Result<Look, SourceFault> {
        found.document_in(self.0, self.1)
    }
}

fuzz_target!(|document: &[u8]| {
    for form in [Form::Detected, Form::Json, Form::Dotenv, Form::Lines] {
        let mut slot = Slot::<KeyPair<Paper>>::vacant();
        let mut sources = [Held(form, document)];
        let mut chain = Chain::new(&mut sources).any_prefix();
        let won = chain.paper(&mut slot);
        assert_eq!(won.is_ok(), slot.get().is_some());
        let said = format!("{} {won:?}", chain.explanation());
        assert!(said.len() < 600);
        let Some(pair) = slot.get() else { continue };
        if form == Form::Json {
            let object: serde_json::Value = serde_json::from_slice(document).expect("JSON");
            let (id, secret) = Names::MEMBERS
                .pairs
                .iter()
                .map(|(id, secret)| (&object[*id], &object[*secret]))
                .find(|(id, _)| !id.is_null())
                .expect("a pair");
            let mut other = Slot::<KeyPair<Paper>>::vacant();
            let text = |value: &serde_json::Value| value.as_str().expect("a string").to_owned();
            let other = other.paper(&text(id), &text(secret)).expect("a key pair");
            assert!(pair.is(other));
        }
    }
});

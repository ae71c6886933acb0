//! Writes the curated trust anchors of the embedded-tls transport.

use std::fmt::Write as _;

use webpki_roots::TLS_SERVER_ROOTS;

/// The organisations whose roots are taken, as their certificates name them.
const ORGANISATIONS: [&str; 5] = [
    "DigiCert",
    "Google Trust Services",
    "Internet Security Research Group",
    "SSL Corporation",
    "ISRG",
];
/// id-ecPublicKey, in a SubjectPublicKeyInfo.
const EC: &[u8] = &[0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01];

/// The text of the module.
#[must_use]
pub fn module() -> String {
    let mut roots: Vec<_> = TLS_SERVER_ROOTS
        .iter()
        .filter(|root| {
            let subject = String::from_utf8_lossy(root.subject.as_ref()).into_owned();
            ORGANISATIONS.iter().any(|name| subject.contains(name))
        })
        .collect();
    roots.sort_by_key(|root| {
        let key: &[u8] = root.subject_public_key_info.as_ref();
        (!is_ec(key), root.subject.as_ref().to_vec())
    });
    let mut text = String::from(
        "//! Roots of the authorities that Alpaca's CAA record allows, taken from Mozilla's list by\n\
         //! `curated_roots` in `tests/promises`. A test fails when that list changes for one of them.\n\n\
         use rustls_pki_types::{Der, TrustAnchor};\n\n\
         pub(crate) static ANCHORS: &[TrustAnchor<'static>] = &[\n",
    );
    for root in roots {
        let key: &[u8] = root.subject_public_key_info.as_ref();
        assert!(root.name_constraints.is_none());
        let _ = writeln!(text, "    // {}", name(root.subject.as_ref()));
        if !is_ec(key) {
            text.push_str("    #[cfg(feature = \"rsa\")]\n");
        }
        let _ = writeln!(
            text,
            "    TrustAnchor {{\n        subject: Der::from_slice(b\"{}\"),\n        \
             subject_public_key_info: Der::from_slice(b\"{}\"),\n        \
             name_constraints: None,\n    }},",
            hex(root.subject.as_ref()),
            hex(key)
        );
    }
    text.push_str("];\n");
    text
}

fn is_ec(key: &[u8]) -> bool {
    key.windows(EC.len()).any(|window| window == EC)
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "\\x{byte:02x}");
        text
    })
}

/// The last text of the subject, which is its common name.
fn name(subject: &[u8]) -> String {
    let printable = |byte: &u8| (b' '..=b'~').contains(byte);
    subject
        .rsplit(|byte| !printable(byte))
        .find(|part| part.len() > 3)
        .map(|part| String::from_utf8_lossy(part).into_owned())
        .unwrap_or_default()
        .trim_start_matches(|first: char| !first.is_ascii_alphabetic())
        .to_owned()
}

//! Promise: a certificate that is wrong in any way gets the server refused, with the cause named;
//! one that is right is accepted, whatever the kinds of keys in its chain.

use alpaca_auth_embedded_tls::gateway::OsRng;
use alpaca_auth_embedded_tls::{
    Buffers, CertificateDer, ChainCache, Error, Pins, Session, TlsFault, Trust, UnixTime, anchor,
    built_at,
};
use alpaca_auth_promises::wire::{ANSWER, Wire, attempt, attempt_with, now};
use alpaca_tls_server::pki::{Authority, Identity, Kind, NAME, flip_signature, self_signed, valid};
use alpaca_tls_server::{Script, Server};
use rcgen::{
    BasicConstraints, CertificateParams, CustomExtension, DnType, ExtendedKeyUsagePurpose,
    GeneralSubtree, IsCa, NameConstraints, SanType,
};

fn wire(identity: &Identity) -> Wire {
    Wire::new(Server::new(identity, Script::good()).answering_http(ANSWER))
}

#[track_caller]
fn refused(name: &str, identity: &Identity, root: &Authority, fault: TlsFault) {
    attempt(&|| wire(identity), &[&root.der], now()).refused(name, fault);
}

#[track_caller]
fn accepted(name: &str, identity: &Identity, roots: &[&[u8]]) {
    attempt(&|| wire(identity), roots, now()).accepted(name);
}

#[test]
fn good_chains_of_every_kind_are_accepted() {
    use Kind::{P256, P384, Rsa};
    for (root, intermediate, leaf) in [
        (P256, P256, P256),
        (P384, P256, P256),
        (P384, P384, P256),
        (P384, P384, P384),
        (P256, P256, P384),
        (Rsa, Rsa, Rsa),
        (Rsa, Rsa, P256),
        (Rsa, P256, P256),
        (P384, P256, Rsa),
    ] {
        let top = Authority::root(root, now());
        let middle = top.intermediate(intermediate, |_| {});
        let identity = middle.leaf(leaf, |_| {}).with(&middle.der);
        let name = format!("{root:?} {intermediate:?} {leaf:?}");
        accepted(&name, &identity, &[&top.der]);
        // Servers send the root along, or certificates that do not belong.
        accepted(&name, &identity.clone().with(&top.der), &[&top.der]);
        let stranger = Authority::root(P256, now());
        accepted(
            &name,
            &identity.with(&stranger.der),
            &[&stranger.der, &top.der],
        );
        // The intermediate itself may be trusted.
        accepted(&name, &middle.leaf(leaf, |_| {}), &[&middle.der]);
    }
}

#[test]
fn names_must_match() {
    let root = Authority::root(Kind::P256, now());
    let named = |names: &[&str]| {
        root.leaf(Kind::P256, |params| {
            let dns = |name: &&str| SanType::DnsName((*name).try_into().unwrap());
            params.subject_alt_names = names.iter().map(dns).collect();
        })
    };
    for names in [
        &["live.alpaca.test"][..],
        &["alpaca.test"],
        &["paper.alpaca.test.evil.test"],
        &["xpaper.alpaca.test"],
        &["a.paper.alpaca.test"],
        &["*.paper.alpaca.test"],
        &["*.test"],
        &["p*.alpaca.test"],
        &["paper.*.test"],
        &["*"],
        &["a.test", "b.test", "c.test"],
    ] {
        refused(
            &names.join(" "),
            &named(names),
            &root,
            TlsFault::NameMismatch,
        );
    }
    for names in [
        &["*.alpaca.test"][..],
        &["PAPER.Alpaca.Test"],
        &["a.test", NAME],
    ] {
        accepted(&names.join(" "), &named(names), &[&root.der]);
    }
    // The common name says nothing.
    let common = root.leaf(Kind::P256, |params| params.subject_alt_names.clear());
    refused("CN only", &common, &root, TlsFault::NameMismatch);
    let address = root.leaf(Kind::P256, |params| {
        params.subject_alt_names = vec![SanType::IpAddress([127, 0, 0, 1].into())];
    });
    refused("an address", &address, &root, TlsFault::NameMismatch);
}

#[test]
fn times_must_hold_for_the_leaf_and_all_above_it() {
    let root = Authority::root(Kind::P256, now());
    let leaf = |from, to| root.leaf(Kind::P256, |params| valid(params, now(), from, to));
    refused("expired", &leaf(-60, -1), &root, TlsFault::Expired);
    refused("not yet valid", &leaf(1, 60), &root, TlsFault::NotValidYet);
    accepted("valid", &leaf(-1, 1), &[&root.der]);
    for (from, to, fault) in [(-60, -1, TlsFault::Expired), (1, 60, TlsFault::NotValidYet)] {
        let middle = root.intermediate(Kind::P256, |params| valid(params, now(), from, to));
        let identity = middle.leaf(Kind::P256, |_| {}).with(&middle.der);
        refused("intermediate", &identity, &root, fault);
    }
    // The same good server, judged at other times.
    let identity = leaf(-30, 60);
    let day = 24 * 60 * 60;
    for (then, error) in [
        (0, Error::Clock),
        (built_at() - 1, Error::Clock),
        (now() + 61 * day, Error::Tls(TlsFault::Expired)),
        (u64::from(u32::MAX) * 16, Error::Tls(TlsFault::Expired)),
    ] {
        let outcome = attempt(&|| wire(&identity), &[&root.der], then);
        assert_eq!(outcome.result, Err(error), "{then}");
        assert!(outcome.data.is_empty());
    }
    let early = root.leaf(Kind::P256, |params| {
        valid(params, built_at() + 10 * day, 0, 60)
    });
    attempt(&|| wire(&early), &[&root.der], built_at()).refused("before", TlsFault::NotValidYet);
}

#[test]
fn issuers_must_be_authorities_and_trusted() {
    let root = Authority::root(Kind::P384, now());
    let other = Authority::root(Kind::P384, now());
    let middle = root.intermediate(Kind::P256, |_| {});
    let good = middle.leaf(Kind::P256, |_| {}).with(&middle.der);
    // The other root has the same name, so its signature is tried.
    refused("an unknown CA", &good, &other, TlsFault::BadSignature);
    let missing = middle.leaf(Kind::P256, |_| {});
    refused(
        "a missing intermediate",
        &missing,
        &root,
        TlsFault::UnknownIssuer,
    );
    refused(
        "self-signed",
        &self_signed(now()),
        &root,
        TlsFault::UnknownIssuer,
    );
    let no_roots = attempt(&|| wire(&good), &[], now());
    no_roots.refused("no roots at all", TlsFault::UnknownIssuer);

    let victim = middle.leaf(Kind::P256, |_| {});
    let impostor = middle.abused(&victim).leaf(Kind::P256, |_| {});
    let impostor = impostor.with(&victim.chain[0]).with(&middle.der);
    refused(
        "a leaf as an authority",
        &impostor,
        &root,
        TlsFault::LeafAsCa,
    );
    let not_ca = root.intermediate(Kind::P256, |params| params.is_ca = IsCa::ExplicitNoCa);
    let identity = not_ca.leaf(Kind::P256, |_| {}).with(&not_ca.der);
    refused(
        "an intermediate that is no CA",
        &identity,
        &root,
        TlsFault::LeafAsCa,
    );
    let short = root.intermediate(Kind::P256, |params| {
        params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    });
    let below = short.intermediate(Kind::P256, |params| {
        params.distinguished_name.push(DnType::CommonName, "below");
    });
    let identity = below
        .leaf(Kind::P256, |_| {})
        .with(&below.der)
        .with(&short.der);
    refused("a path too long", &identity, &root, TlsFault::PathTooLong);
    let ca = root.leaf(Kind::P256, |params| {
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained)
    });
    refused("an authority as a server", &ca, &root, TlsFault::CaAsLeaf);

    let constrained = |names: NameConstraints| {
        let middle = root.intermediate(Kind::P256, |params| params.name_constraints = Some(names));
        middle.leaf(Kind::P256, |_| {}).with(&middle.der)
    };
    let tree = |name: &str| vec![GeneralSubtree::DnsName(name.to_owned())];
    let permitted = |name| NameConstraints {
        permitted_subtrees: tree(name),
        excluded_subtrees: Vec::new(),
    };
    let excluded = |name| NameConstraints {
        permitted_subtrees: Vec::new(),
        excluded_subtrees: tree(name),
    };
    for names in [
        permitted("elsewhere.test"),
        excluded("alpaca.test"),
        permitted("live.alpaca.test"),
    ] {
        refused(
            "name constraints",
            &constrained(names),
            &root,
            TlsFault::NameConstraint,
        );
    }
    for names in [permitted("alpaca.test"), excluded("elsewhere.test")] {
        accepted("name constraints", &constrained(names), &[&root.der]);
    }
}

#[test]
fn purposes_keys_and_extensions_must_be_known() {
    let root = Authority::root(Kind::P256, now());
    let leaf = |adjust: fn(&mut CertificateParams)| root.leaf(Kind::P256, adjust);
    let client =
        leaf(|params| params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth]);
    refused("for clients only", &client, &root, TlsFault::WrongPurpose);
    let middle = root.intermediate(Kind::P256, |params| {
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
    });
    let identity = middle.leaf(Kind::P256, |_| {}).with(&middle.der);
    refused(
        "an authority for clients",
        &identity,
        &root,
        TlsFault::WrongPurpose,
    );
    let critical = leaf(|params| {
        let mut extension = CustomExtension::from_oid_content(&[1, 2, 3, 4], vec![5, 0]);
        extension.set_criticality(true);
        params.custom_extensions.push(extension);
    });
    refused(
        "an unknown critical extension",
        &critical,
        &root,
        TlsFault::BadCertificate,
    );
    refused(
        "RSA of 1024 bits",
        &root.weak_leaf(),
        &root,
        TlsFault::UnsupportedKey,
    );

    let mut flipped = leaf(|_| {});
    flipped.chain[0] = flip_signature(&flipped.chain[0]);
    refused(
        "a flipped signature",
        &flipped,
        &root,
        TlsFault::BadSignature,
    );
    let middle = root.intermediate(Kind::P384, |_| {});
    let flipped = middle
        .leaf(Kind::P256, |_| {})
        .with(&flip_signature(&middle.der));
    refused(
        "a flipped signature above",
        &flipped,
        &root,
        TlsFault::BadSignature,
    );
}

#[test]
fn a_certificate_with_any_bit_flipped_is_refused() {
    let root = Authority::root(Kind::P256, now());
    let good = root.leaf(Kind::P256, |_| {});
    let anchors = [CertificateDer::from(&root.der[..])];
    let anchors = [anchor(&anchors[0]).unwrap()];
    let time = UnixTime::since_unix_epoch(core::time::Duration::from_secs(now()));
    let judge = |der: &[u8]| Trust::only(&anchors).judge(&[der.into()], NAME, time);
    assert_eq!(judge(&good.chain[0]), Ok(()));
    for at in 0..good.chain[0].len() * 8 {
        let mut der = good.chain[0].clone();
        der[at / 8] ^= 1 << (at % 8);
        assert!(judge(&der).is_err(), "bit {at}");
    }
    for end in 0..good.chain[0].len() {
        assert!(judge(&good.chain[0][..end]).is_err(), "{end} bytes");
    }
}

#[test]
fn pins_come_on_top() {
    let root = Authority::root(Kind::P384, now());
    let middle = root.intermediate(Kind::P256, |_| {});
    let identity = middle.leaf(Kind::P256, |_| {}).with(&middle.der);
    let ders =
        [&root.der, &middle.der, &identity.chain[0]].map(|der| CertificateDer::from(&der[..]));
    let anchors = [anchor(&ders[0]).unwrap()];
    let backup = [7; 32];
    for der in &ders {
        let pins = [spki_sha256(der), backup];
        let trust = || Trust::only(&anchors).pinned(Pins::new(&pins).unwrap());
        attempt_with(&|| wire(&identity), &trust, now()).accepted("a pinned key");
    }
    let pins = [[8; 32], backup];
    let trust = || Trust::only(&anchors).pinned(Pins::new(&pins).unwrap());
    attempt_with(&|| wire(&identity), &trust, now()).refused("other keys", TlsFault::NotPinned);
    // A pin is no trust anchor.
    let pins = [spki_sha256(&ders[2]), backup];
    let trust = || Trust::only(&[]).pinned(Pins::new(&pins).unwrap());
    attempt_with(&|| wire(&identity), &trust, now()).refused("no anchor", TlsFault::UnknownIssuer);
    for pins in [&[][..], &[backup], &[backup, backup]] {
        assert!(Pins::new(pins).is_err());
    }
}

/// SHA-256 of SubjectPublicKeyInfo, by another way than the library's: `ring`, and the fact that
/// webpki keeps the contents of the SEQUENCE.
fn spki_sha256(der: &CertificateDer<'_>) -> [u8; 32] {
    let content = webpki::anchor_from_trusted_cert(der)
        .unwrap()
        .subject_public_key_info
        .to_vec();
    let length = u8::try_from(content.len()).unwrap();
    let spki = if length < 0x80 {
        vec![0x30, length]
    } else {
        vec![0x30, 0x81, length]
    };
    let digest = ring::digest::digest(&ring::digest::SHA256, &[spki, content].concat());
    digest.as_ref().try_into().unwrap()
}

#[test]
fn the_cache_remembers_signatures_and_nothing_else() {
    let root = Authority::root(Kind::P384, now());
    let middle = root.intermediate(Kind::P256, |_| {});
    let identity = middle.leaf(Kind::P256, |_| {}).with(&middle.der);
    let der = CertificateDer::from(&root.der[..]);
    let anchors = [anchor(&der).unwrap()];
    let chain = |identity: &Identity| -> Vec<CertificateDer<'static>> {
        identity
            .chain
            .iter()
            .map(|der| CertificateDer::from(der.clone()))
            .collect()
    };
    let at = |days: i64| {
        let seconds = now().saturating_add_signed(days * 24 * 60 * 60);
        UnixTime::since_unix_epoch(core::time::Duration::from_secs(seconds))
    };
    let mut cache = ChainCache::new();
    let judge = |cache: &mut ChainCache, identity: &Identity, days| {
        Trust::only(&anchors)
            .with_cache(cache)
            .judge(&chain(identity), NAME, at(days))
    };
    // Nothing refused leaves an entry.
    for (identity, days) in [
        (&self_signed(now()), 0),
        (&identity, 100),
        (&identity, -100),
    ] {
        assert!(judge(&mut cache, identity, days).is_err());
        assert!(cache.is_empty());
    }
    assert_eq!(judge(&mut cache, &identity, 0), Ok(()));
    assert!(!cache.is_empty());
    let mut cache = ChainCache::from_bytes(&cache.to_bytes());
    let known = cache.to_bytes();
    assert_eq!(judge(&mut cache, &identity, 0), Ok(()));
    assert_eq!(cache.to_bytes(), known, "a hit changes nothing");
    // With everything remembered, everything is still checked.
    assert_eq!(judge(&mut cache, &identity, 100), Err(TlsFault::Expired));
    assert_eq!(
        judge(&mut cache, &identity, -100),
        Err(TlsFault::NotValidYet)
    );
    let wrong =
        Trust::only(&anchors)
            .with_cache(&mut cache)
            .judge(&chain(&identity), "a.test", at(0));
    assert_eq!(wrong, Err(TlsFault::NameMismatch));
    let untrusted = Trust::only(&[])
        .with_cache(&mut cache)
        .judge(&chain(&identity), NAME, at(0));
    assert_eq!(untrusted, Err(TlsFault::UnknownIssuer));
    let other = Authority::root(Kind::P384, now());
    let other = CertificateDer::from(&other.der[..]);
    let others = [anchor(&other).unwrap()];
    let foreign = Trust::only(&others)
        .with_cache(&mut cache)
        .judge(&chain(&identity), NAME, at(0));
    assert_eq!(
        foreign,
        Err(TlsFault::BadSignature),
        "the same name, another key"
    );
    let mut flipped = identity.clone();
    flipped.chain[0] = flip_signature(&flipped.chain[0]);
    assert_eq!(judge(&mut cache, &flipped, 0), Err(TlsFault::BadSignature));
    let mut flipped = identity.clone();
    flipped.chain[1] = flip_signature(&flipped.chain[1]);
    assert_eq!(judge(&mut cache, &flipped, 0), Err(TlsFault::BadSignature));
    assert_eq!(cache.to_bytes(), known, "what is refused changes nothing");
    // The handshake's own signature is verified each time, whatever is remembered.
    let script = Script::flight(vec![
        alpaca_tls_server::Step::Send(alpaca_tls_server::Message::EncryptedExtensions),
        alpaca_tls_server::Step::Send(alpaca_tls_server::Message::Certificate),
        alpaca_tls_server::Step::Send(alpaca_tls_server::Message::CertificateVerifyFlipped),
        alpaca_tls_server::Step::Send(alpaca_tls_server::Message::Finished),
    ]);
    let endpoint = alpaca_auth::endpoint::Endpoint::<
        alpaca_auth::endpoint::Trading,
        alpaca_auth::environment::Paper,
    >::at(NAME, 443)
    .unwrap();
    let mut buffers: Box<Buffers> = Box::default();
    for (script, expected) in [
        (Script::good(), None),
        (script, Some(TlsFault::BadHandshakeSignature)),
    ] {
        let mut wire = Wire::new(Server::new(&identity, script));
        let trust = Trust::only(&anchors).with_cache(&mut cache);
        let opened = Session::open(&mut wire, &endpoint, &mut buffers, trust, at(0), &mut OsRng);
        assert_eq!(opened.err(), expected.map(Error::Tls));
    }
    // A flipped bit in storage is a miss, not an error.
    for bit in 0..known.len() * 8 {
        let mut stored = known;
        stored[bit / 8] ^= 1 << (bit % 8);
        let mut cache = ChainCache::from_bytes(&stored);
        if bit % 64 == 0 {
            assert_eq!(judge(&mut cache, &identity, 0), Ok(()), "{bit}");
        }
        assert_eq!(
            judge(&mut cache, &flipped, 0),
            Err(TlsFault::BadSignature),
            "{bit}"
        );
    }
}

#[test]
fn a_generator_that_does_not_work_is_refused() {
    use rand_core::{CryptoRng, Error as RngError, RngCore};
    struct Stuck(Option<u8>);
    impl RngCore for Stuck {
        fn next_u32(&mut self) -> u32 {
            0
        }
        fn next_u64(&mut self) -> u64 {
            0
        }
        fn fill_bytes(&mut self, bytes: &mut [u8]) {
            bytes.fill(self.0.unwrap());
        }
        fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), RngError> {
            let byte = self.0.ok_or(RngError::from(core::num::NonZeroU32::MIN))?;
            bytes.fill(byte);
            Ok(())
        }
    }
    impl CryptoRng for Stuck {}
    let root = Authority::root(Kind::P256, now());
    let identity = root.leaf(Kind::P256, |_| {});
    let der = CertificateDer::from(&root.der[..]);
    let anchors = [anchor(&der).unwrap()];
    let endpoint = alpaca_auth::endpoint::Endpoint::<
        alpaca_auth::endpoint::Trading,
        alpaca_auth::environment::Paper,
    >::at(NAME, 443)
    .unwrap();
    let mut buffers: Box<Buffers> = Box::default();
    let time = UnixTime::since_unix_epoch(core::time::Duration::from_secs(now()));
    for mut stuck in [
        Stuck(None),
        Stuck(Some(0)),
        Stuck(Some(0xff)),
        Stuck(Some(7)),
    ] {
        let mut wire = wire(&identity);
        let trust = Trust::only(&anchors);
        let opened = Session::open(&mut wire, &endpoint, &mut buffers, trust, time, &mut stuck);
        assert_eq!(opened.err(), Some(Error::Entropy));
        assert!(wire.server.records().is_empty(), "not even a ClientHello");
    }
}

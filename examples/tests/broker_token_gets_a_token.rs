//! The program `broker_token`, as a person runs it: with the built-in sandbox, and with half a client.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use alpaca_sandbox::{Options, PublicKey, Sandbox};

fn run(variables: &[(&str, &str)], arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_broker_token"))
        .args(arguments)
        .env_remove("ALPACA_CLIENT_ID")
        .env_remove("ALPACA_CLIENT_SECRET")
        .env_remove("ALPACA_CLIENT_KEY_FILE")
        .env_remove("ALPACA_CLIENT_KEY_ID")
        .envs(variables.iter().copied())
        .output()
        .expect("it runs")
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).expect("text")
}

#[test]
fn without_a_client_the_sandbox_shows_a_token_its_use_and_its_replacement() {
    let output = run(&[], &[]);
    let said = text(&output.stdout);
    assert!(output.status.success(), "{}", text(&output.stderr));
    assert_eq!(
        said.matches("account 935142145 ACTIVE").count(),
        3,
        "{said}"
    );
    assert!(
        said.contains("token requests so far: 1\nthe token is revoked\n"),
        "{said}"
    );
    assert!(said.ends_with("token requests so far: 2\n"), "{said}");
}

#[test]
fn half_a_client_is_an_error_that_echoes_nothing() {
    for (variables, arguments) in [
        (&[("ALPACA_CLIENT_ID", "CLIENTID")][..], &[][..]),
        (&[("ALPACA_CLIENT_SECRET", "hush-hush")], &[]),
        (
            &[
                ("ALPACA_CLIENT_ID", "CLIENTID"),
                ("ALPACA_CLIENT_SECRET", "hush-hush"),
                ("ALPACA_CLIENT_KEY_FILE", "key.pem"),
            ],
            &[],
        ),
        (&[], &["--production"]),
    ] {
        let output = run(variables, arguments);
        assert!(!output.status.success());
        let said = text(&output.stderr);
        assert!(said.contains("the client is incomplete"), "{said}");
        assert!(
            !said.contains("hush-hush") && !said.contains("CLIENTID"),
            "{said}"
        );
    }
    let secret = ("ALPACA_CLIENT_SECRET", "hush hush");
    let output = run(&[("ALPACA_CLIENT_ID", "CLIENTID"), secret], &[]);
    assert_eq!(
        text(&output.stderr),
        "broker_token: the client secret holds a blank; check how it was copied\n"
    );
    let file = ("ALPACA_CLIENT_KEY_FILE", "no-such-file.pem");
    let output = run(&[("ALPACA_CLIENT_ID", "CLIENTID"), file], &[]);
    assert!(text(&output.stderr).contains("cannot read no-such-file.pem"));
}

/// A folder for keys that is removed when the test ends.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
        std::fs::create_dir_all(&path).expect("a folder");
        Self(path)
    }

    fn file(&self, name: &str) -> String {
        self.0.join(name).to_str().expect("UTF-8").to_owned()
    }

    /// Makes a key pair as a person does.
    fn keys(&self, algorithm: [&str; 3]) {
        let [name, kind, option] = algorithm;
        let (key, public) = (
            self.file(&format!("{name}.pem")),
            self.file(&format!("{name}.pub")),
        );
        let made = [
            "genpkey",
            "-algorithm",
            kind,
            "-pkeyopt",
            option,
            "-out",
            &key,
        ];
        openssl(&made).expect("a key");
        openssl(&["pkey", "-in", &key, "-pubout", "-out", &public]).expect("its public half");
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        drop(std::fs::remove_dir_all(&self.0));
    }
}

fn openssl(arguments: &[&str]) -> Result<(), String> {
    let output = Command::new("openssl").args(arguments).output();
    let output = output.expect("openssl is there");
    let said = [output.stdout, output.stderr].concat();
    output.status.success().then_some(()).ok_or(text(&said))
}

const KEYS: [[&str; 3]; 2] = [
    ["es256", "EC", "ec_paramgen_curve:P-256"],
    ["rs256", "RSA", "rsa_keygen_bits:2048"],
];

fn run_at(folder: &Folder, name: &str, authx: &str, broker: &str, more: &[&str]) -> Output {
    let (key, ca) = (folder.file(&format!("{name}.pem")), folder.file("ca.pem"));
    let place = ["--authx", authx, "--broker", broker, "--ca", &ca];
    run(
        &[
            ("ALPACA_CLIENT_ID", "JWTCLIENT"),
            ("ALPACA_CLIENT_KEY_FILE", &key),
        ],
        &[&place, more].concat(),
    )
}

/// The library that signs RS256 is the one that the sandbox verifies by, so OpenSSL looks too.
#[test]
fn es256_and_rs256_keys_get_tokens_and_openssl_verifies_each_assertion() {
    for algorithm in KEYS {
        let [name, ..] = algorithm;
        let folder = Folder::new(&format!("broker_token-{name}"));
        folder.keys(algorithm);
        let public = std::fs::read_to_string(folder.file(&format!("{name}.pub"))).expect("a key");
        let key = PublicKey::pem(&public).expect("a key");
        let sandbox = Options::new().client_key("JWTCLIENT", None, key).start();
        let sandbox: Sandbox = sandbox.expect("a server");
        std::fs::write(folder.file("ca.pem"), sandbox.ca_pem()).expect("a file");
        let authx = format!("localhost:{}", sandbox.authx_port());
        let broker = format!("localhost:{}", sandbox.broker_port());
        let output = run_at(&folder, name, &authx, &broker, &["--refresh", "--revoke"]);
        let said = text(&output.stdout);
        assert!(output.status.success(), "{}", text(&output.stderr));
        assert_eq!(
            said.matches("account 935142145 ACTIVE").count(),
            2,
            "{said}"
        );
        assert!(said.ends_with("the token is revoked\n"), "{said}");
        // The first one was treated as refused, and expires by itself.
        assert_eq!((sandbox.revoked_tokens(), sandbox.valid_tokens()), (1, 1));
        assert_eq!(sandbox.causes(), Vec::<&str>::new());

        let forms: Vec<_> = sandbox
            .requests()
            .iter()
            .filter(|request| request.target.starts_with("/v1/oauth2/"))
            .map(|request| text(&request.body))
            .collect();
        assert_eq!(forms.len(), 3, "two tokens and a revocation");
        let mut assertions: Vec<_> = forms
            .iter()
            .map(|form| {
                form.split("&client_assertion=")
                    .nth(1)
                    .expect("an assertion")
            })
            .collect();
        for assertion in &assertions {
            let (input, signature) = assertion.rsplit_once('.').expect("a signature");
            assert!(
                verified_by_openssl(&folder, name, input, signature),
                "{input}"
            );
            let other = input.replacen('.', ".A", 1);
            assert!(!verified_by_openssl(&folder, name, &other, signature));
        }
        assertions.sort_unstable();
        assertions.dedup();
        assert_eq!(assertions.len(), 3, "each is new");
    }
}

fn verified_by_openssl(folder: &Folder, name: &str, input: &str, signature: &str) -> bool {
    let raw = decode(signature);
    let signature = if name == "es256" { der(&raw) } else { raw };
    let (input_file, signature_file) = (folder.file("input"), folder.file("signature"));
    std::fs::write(&input_file, input).expect("a file");
    std::fs::write(&signature_file, signature).expect("a file");
    let public = folder.file(&format!("{name}.pub"));
    let check = [
        "dgst",
        "-sha256",
        "-verify",
        &public,
        "-signature",
        &signature_file,
        &input_file,
    ];
    openssl(&check).is_ok()
}

/// base64url by another way than the library's.
fn decode(text: &str) -> Vec<u8> {
    const ALPHABET: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let (mut bytes, mut group, mut bits) = (Vec::new(), 0_u32, 0);
    for digit in text.chars() {
        let value = ALPHABET.find(digit).expect("base64url");
        group = group << 6 | u32::try_from(value).expect("six bits");
        bits += 6;
        if bits >= 8 {
            bits -= 8;
            bytes.push(u8::try_from(group >> bits & 0xff).expect("a byte"));
        }
    }
    bytes
}

/// r and s of RFC 7518 §3.4 as OpenSSL wants them: a SEQUENCE of two INTEGERs.
fn der(raw: &[u8]) -> Vec<u8> {
    let integer = |half: &[u8]| {
        let start = half.iter().position(|byte| *byte != 0).expect("no zero");
        let mut value = half[start..].to_vec();
        if value[0] >= 0x80 {
            value.insert(0, 0);
        }
        [vec![2, u8::try_from(value.len()).expect("short")], value].concat()
    };
    let both = [integer(&raw[..32]), integer(&raw[32..])].concat();
    [vec![0x30, u8::try_from(both.len()).expect("short")], both].concat()
}

#[test]
fn another_key_than_the_registered_one_is_told() {
    let folder = Folder::new("broker_token-other");
    KEYS.into_iter()
        .for_each(|algorithm| folder.keys(algorithm));
    let public = std::fs::read_to_string(folder.file("rs256.pub")).expect("a key");
    let key = PublicKey::pem(&public).expect("a key");
    let sandbox = Options::new().client_key("JWTCLIENT", None, key).start();
    let sandbox = sandbox.expect("a server");
    std::fs::write(folder.file("ca.pem"), sandbox.ca_pem()).expect("a file");
    let authx = format!("localhost:{}", sandbox.authx_port());
    let broker = format!("localhost:{}", sandbox.broker_port());
    let output = run_at(&folder, "es256", &authx, &broker, &[]);
    let said = text(&output.stderr);
    assert!(
        !output.status.success() && said.contains("invalid_client"),
        "{said}"
    );
    assert!(said.contains("signing key"), "{said}");
    assert_eq!(sandbox.causes(), ["no applicable key"]);
}

#[test]
fn half_a_place_is_an_error() {
    let output = run(&[], &["--authx", "localhost:1"]);
    let said = text(&output.stderr);
    assert!(
        !output.status.success() && said.contains("all three or none"),
        "{said}"
    );
}

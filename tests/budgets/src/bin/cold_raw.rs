//! The smallest raw `ureq` program that fetches the account: the measure beside `account`.

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let pem = std::fs::read(&arguments[1]).expect("the CA");
    let certificate = ureq::tls::Certificate::from_pem(&pem).expect("a CA");
    let tls = ureq::tls::TlsConfig::builder()
        .root_certs(ureq::tls::RootCerts::new_with_certs(&[certificate]))
        .build();
    let agent = ureq::Agent::config_builder()
        .tls_config(tls)
        .build()
        .new_agent();
    let variable = |name| std::env::var(name).expect("a key");
    let mut answer = agent
        .get(format!("https://localhost:{}/v2/account", arguments[0]))
        .header("APCA-API-KEY-ID", variable("APCA_API_KEY_ID"))
        .header("APCA-API-SECRET-KEY", variable("APCA_API_SECRET_KEY"))
        .call()
        .expect("an answer");
    println!("{}", answer.body_mut().read_to_string().expect("a body"));
}

//! Signs COUNT requests to AWS Secrets Manager, each for another second.
//!
//! The difference between two counts is the cost of one signature: canonical request, key, header.

use std::hint::black_box;

use alpaca_auth::credential::Slot;
use alpaca_auth::endpoint::Endpoint;
use alpaca_auth::environment::Paper;
use alpaca_auth::source::aws::{AwsCredentials, GetSecretValue, Region, SignedRequest};

fn main() {
    let count: u64 = std::env::args()
        .nth(1)
        .and_then(|count| count.parse().ok())
        .expect("a count");
    let mut slot = Slot::<AwsCredentials>::vacant();
    let credentials = slot
        .aws(
            "AKIDEXAMPLE",
            "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY",
            None,
        )
        .expect("a key");
    let region = Region::new("eu-central-1").expect("a region");
    let host = "secretsmanager.eu-central-1.amazonaws.com";
    let endpoint = Endpoint::<_, Paper>::manager(host, 443).expect("a host");
    let asked = GetSecretValue::new("alpaca/paper", GetSecretValue::CURRENT).expect("a name");
    let mut signed = SignedRequest::<Paper>::new();
    for second in 0..count {
        let now = 1_795_600_800 + second;
        let result = signed.sign(&asked, black_box(&endpoint), &region, credentials, now);
        assert!(result.is_ok());
        black_box(&signed);
    }
}

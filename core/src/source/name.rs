//! The names under which sources keep the parts of a credential.

/// The names of key id and secret key, which belong together.
pub type PairNames = (&'static str, &'static str);

/// The names that one sort of source knows, each list in the order of precedence.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Names {
    /// Key id and secret key. The first pair of which anything is set counts, and must be whole.
    pub pairs: &'static [PairNames],
    /// Connect access tokens.
    pub tokens: &'static [&'static str],
    /// The environment that the credential is for: `paper`, `live`, `sandbox` or `production`.
    pub environment: Option<&'static str>,
    /// The URL of the API that it is for; its host tells the environment.
    pub base_url: Option<&'static str>,
}

impl Names {
    /// Environment variables: those of Alpaca's SDKs, of its command line program, and of other
    /// programs (facts of 2026-11).
    pub const VARIABLES: Self = Self {
        pairs: &[
            ("APCA_API_KEY_ID", "APCA_API_SECRET_KEY"),
            ("ALPACA_API_KEY_ID", "ALPACA_API_SECRET_KEY"),
            ("ALPACA_API_KEY", "ALPACA_SECRET_KEY"),
        ],
        tokens: &["APCA_API_OAUTH_TOKEN", "APCA_API_OAUTH"],
        environment: None,
        base_url: Some("APCA_API_BASE_URL"),
    };

    /// Files of a directory, one per value: names of our own, then those of [`Self::VARIABLES`], in either
    /// case, since containers name secrets as variables.
    pub const FILES: Self = Self {
        pairs: &[
            ("alpaca-key-id", "alpaca-secret-key"),
            ("APCA_API_KEY_ID", "APCA_API_SECRET_KEY"),
            ("apca_api_key_id", "apca_api_secret_key"),
            ("ALPACA_API_KEY_ID", "ALPACA_API_SECRET_KEY"),
            ("alpaca_api_key_id", "alpaca_api_secret_key"),
            ("ALPACA_API_KEY", "ALPACA_SECRET_KEY"),
            ("alpaca_api_key", "alpaca_secret_key"),
        ],
        tokens: &[
            "alpaca-oauth-token",
            "APCA_API_OAUTH_TOKEN",
            "apca_api_oauth_token",
            "APCA_API_OAUTH",
            "apca_api_oauth",
        ],
        environment: Some("alpaca-environment"),
        base_url: Some("APCA_API_BASE_URL"),
    };

    /// Members of a JSON object and names of a dotenv file.
    pub const MEMBERS: Self = Self {
        pairs: &[
            ("APCA_API_KEY_ID", "APCA_API_SECRET_KEY"),
            ("ALPACA_API_KEY_ID", "ALPACA_API_SECRET_KEY"),
            ("ALPACA_API_KEY", "ALPACA_SECRET_KEY"),
            ("APCA-API-KEY-ID", "APCA-API-SECRET-KEY"),
            ("key_id", "secret_key"),
            ("api_key_id", "api_secret_key"),
            ("api_key", "api_secret"),
            ("key", "secret"),
        ],
        tokens: &[
            "APCA_API_OAUTH_TOKEN",
            "APCA_API_OAUTH",
            "oauth_token",
            "access_token",
        ],
        environment: Some("environment"),
        base_url: Some("APCA_API_BASE_URL"),
    };
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_name_stands_for_two_parts() {
        for names in [Names::VARIABLES, Names::FILES, Names::MEMBERS] {
            let mut all = std::vec::Vec::new();
            all.extend(names.pairs.iter().flat_map(|pair| [pair.0, pair.1]));
            all.extend(names.tokens);
            all.extend(names.environment);
            all.extend(names.base_url);
            let before = all.len();
            all.sort_unstable();
            all.dedup();
            assert_eq!(all.len(), before);
        }
    }
}

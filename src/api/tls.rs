//! TLS security profiles, and the names of TLS versions and cipher suites. Pure
//! tables: Mozilla's guidelines 5.8 as the `APIServer` API of config/v1 gives them, and
//! the suites that Go's `crypto/tls` knows, because the registry is a Go program.

use super::openshift::api_server::{TlsProfileType, TlsSecurityProfile};

/// TLS settings in the terms Go programs use.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TlsSettings {
    /// Lowest version, e.g. `VersionTLS12`; empty if a custom profile names none.
    pub min_version: String,
    /// IANA names of the allowed suites, in the order of the profile.
    pub cipher_suites: Vec<String>,
}

/// Version names that are valid in `servingInfo.minTLSVersion`.
pub const TLS_VERSIONS: [&str; 4] = ["VersionTLS10", "VersionTLS11", "VersionTLS12", "VersionTLS13"];

/// IANA names of the suites Go knows: TLS 1.3, then the secure and the insecure ones of
/// TLS 1.2 and before.
pub const CIPHER_SUITES: [&str; 25] = [
    "TLS_AES_128_GCM_SHA256",
    "TLS_AES_256_GCM_SHA384",
    "TLS_CHACHA20_POLY1305_SHA256",
    "TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA",
    "TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA",
    "TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA",
    "TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA",
    "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256",
    "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384",
    "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256",
    "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384",
    "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256",
    "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256",
    "TLS_RSA_WITH_RC4_128_SHA",
    "TLS_RSA_WITH_3DES_EDE_CBC_SHA",
    "TLS_RSA_WITH_AES_128_CBC_SHA",
    "TLS_RSA_WITH_AES_256_CBC_SHA",
    "TLS_RSA_WITH_AES_128_CBC_SHA256",
    "TLS_RSA_WITH_AES_128_GCM_SHA256",
    "TLS_RSA_WITH_AES_256_GCM_SHA384",
    "TLS_ECDHE_ECDSA_WITH_RC4_128_SHA",
    "TLS_ECDHE_RSA_WITH_RC4_128_SHA",
    "TLS_ECDHE_RSA_WITH_3DES_EDE_CBC_SHA",
    "TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA256",
    "TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA256",
];

/// OpenSSL names and IANA names. What is missing here has no counterpart in Go (DHE,
/// and CBC with SHA-384) and is dropped from a profile.
const IANA: [(&str, &str); 22] = [
    ("TLS_AES_128_GCM_SHA256", "TLS_AES_128_GCM_SHA256"),
    ("TLS_AES_256_GCM_SHA384", "TLS_AES_256_GCM_SHA384"),
    ("TLS_CHACHA20_POLY1305_SHA256", "TLS_CHACHA20_POLY1305_SHA256"),
    ("ECDHE-ECDSA-AES128-GCM-SHA256", "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256"),
    ("ECDHE-RSA-AES128-GCM-SHA256", "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256"),
    ("ECDHE-ECDSA-AES256-GCM-SHA384", "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384"),
    ("ECDHE-RSA-AES256-GCM-SHA384", "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384"),
    ("ECDHE-ECDSA-CHACHA20-POLY1305", "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256"),
    ("ECDHE-RSA-CHACHA20-POLY1305", "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256"),
    ("ECDHE-ECDSA-AES128-SHA256", "TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA256"),
    ("ECDHE-RSA-AES128-SHA256", "TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA256"),
    ("ECDHE-ECDSA-AES128-SHA", "TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA"),
    ("ECDHE-RSA-AES128-SHA", "TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA"),
    ("ECDHE-ECDSA-AES256-SHA", "TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA"),
    ("ECDHE-RSA-AES256-SHA", "TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA"),
    ("AES128-GCM-SHA256", "TLS_RSA_WITH_AES_128_GCM_SHA256"),
    ("AES256-GCM-SHA384", "TLS_RSA_WITH_AES_256_GCM_SHA384"),
    ("AES128-SHA256", "TLS_RSA_WITH_AES_128_CBC_SHA256"),
    ("AES128-SHA", "TLS_RSA_WITH_AES_128_CBC_SHA"),
    ("AES256-SHA", "TLS_RSA_WITH_AES_256_CBC_SHA"),
    ("DES-CBC3-SHA", "TLS_RSA_WITH_3DES_EDE_CBC_SHA"),
    ("ECDHE-RSA-DES-CBC3-SHA", "TLS_ECDHE_RSA_WITH_3DES_EDE_CBC_SHA"),
];

/// Suites of the profile `Old`. The stronger profiles are its beginnings.
const OLD: [&str; 24] = [
    "TLS_AES_128_GCM_SHA256",
    "TLS_AES_256_GCM_SHA384",
    "TLS_CHACHA20_POLY1305_SHA256",
    "ECDHE-ECDSA-AES128-GCM-SHA256",
    "ECDHE-RSA-AES128-GCM-SHA256",
    "ECDHE-ECDSA-AES256-GCM-SHA384",
    "ECDHE-RSA-AES256-GCM-SHA384",
    "ECDHE-ECDSA-CHACHA20-POLY1305",
    "ECDHE-RSA-CHACHA20-POLY1305",
    "ECDHE-ECDSA-AES128-SHA256",
    "ECDHE-RSA-AES128-SHA256",
    "ECDHE-ECDSA-AES128-SHA",
    "ECDHE-RSA-AES128-SHA",
    "ECDHE-ECDSA-AES256-SHA384",
    "ECDHE-RSA-AES256-SHA384",
    "ECDHE-ECDSA-AES256-SHA",
    "ECDHE-RSA-AES256-SHA",
    "AES128-GCM-SHA256",
    "AES256-GCM-SHA384",
    "AES128-SHA256",
    "AES256-SHA256",
    "AES128-SHA",
    "AES256-SHA",
    "DES-CBC3-SHA",
];

/// IANA name of a suite given by its OpenSSL name (TLS 1.3 suites have one name only);
/// `None` if Go does not know it.
pub fn iana_name(openssl: &str) -> Option<&'static str> {
    IANA.iter().find(|(name, _)| *name == openssl).map(|(_, iana)| *iana)
}

/// Settings of a profile. No profile, one of an unknown type, and `Custom` without its
/// settings all mean Intermediate.
pub fn settings(profile: Option<&TlsSecurityProfile>) -> TlsSettings {
    let from = |min_version: &str, openssl: &mut dyn Iterator<Item = &str>| TlsSettings {
        min_version: min_version.to_owned(),
        cipher_suites: openssl.filter_map(iana_name).map(str::to_owned).collect(),
    };
    match profile.map(|p| (&p.type_, &p.custom)) {
        Some((TlsProfileType::Old, _)) => from("VersionTLS10", &mut OLD.into_iter()),
        Some((TlsProfileType::Modern, _)) => from("VersionTLS13", &mut OLD.into_iter().take(3)),
        Some((TlsProfileType::Custom, Some(custom))) => {
            from(&custom.min_tls_version, &mut custom.ciphers.iter().map(String::as_str))
        }
        _ => from("VersionTLS12", &mut OLD.into_iter().take(9)),
    }
}

#[cfg(test)]
mod tests {
    use super::super::openshift::api_server::CustomTlsProfile;
    use super::*;

    fn of(type_: &str, custom: Option<CustomTlsProfile>) -> TlsSettings {
        settings(Some(&TlsSecurityProfile { type_: type_.to_owned().into(), custom }))
    }

    #[test]
    fn profiles_become_go_names() {
        let intermediate = settings(None);
        assert_eq!(intermediate.min_version, "VersionTLS12");
        assert_eq!(intermediate.cipher_suites.len(), 9);
        assert_eq!(intermediate.cipher_suites[8], "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256");
        assert_eq!(of("Future", None), intermediate);
        assert_eq!(of("Custom", None), intermediate);
        assert_eq!(of("Modern", None).min_version, "VersionTLS13");
        assert_eq!(of("Modern", None).cipher_suites, CIPHER_SUITES[..3]);
        // Three of the Old suites have no counterpart in Go.
        assert_eq!(of("Old", None).cipher_suites.len(), OLD.len() - 3);
    }

    #[test]
    fn unknown_suites_of_a_custom_profile_drop_out() {
        let ciphers = ["DHE-RSA-AES128-GCM-SHA256", "AES128-SHA", "NONSENSE"].map(str::to_owned).to_vec();
        let custom = of("Custom", Some(CustomTlsProfile { ciphers, min_tls_version: "VersionTLS11".to_owned() }));
        assert_eq!(custom.min_version, "VersionTLS11");
        assert_eq!(custom.cipher_suites, ["TLS_RSA_WITH_AES_128_CBC_SHA"]);
    }

    #[test]
    fn every_mapped_name_is_a_go_name() {
        for (openssl, iana) in IANA {
            assert!(CIPHER_SUITES.contains(&iana), "{openssl}");
        }
    }
}

//! `[oidc]`, or `[[oidc]]` for several: where members sign in.

use std::fmt;
use std::path::PathBuf;

use secrecy::SecretString;
use serde::Deserialize;
use serde::de::value::MapAccessDeserializer;
use serde::de::{Deserializer, MapAccess, SeqAccess, Visitor};
use weir_query::Locale;

use super::ConfigError;

/// An identity provider that members sign in at.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OidcConfig {
    /// Its name in addresses: `/auth/callback/{id}` where there are several.
    #[serde(default = "default_id")]
    pub id: String,
    /// What people call it, on the sign-in page where there are several.
    pub label: Option<Label>,
    /// The issuer, exactly as its discovery document spells it.
    pub issuer: String,
    /// Weir's client id there.
    pub client_id: String,
    /// Weir's client secret there.
    pub client_secret: Option<SecretString>,
    /// A file with the secret instead.
    pub client_secret_file: Option<PathBuf>,
    /// Scopes to ask for besides `openid`.
    #[serde(default = "default_scopes")]
    pub scopes: Vec<String>,
}

/// What people call a provider: one name for all, or one per language.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(untagged)]
pub enum Label {
    /// The same in both languages.
    One(String),
    /// One per language.
    Each {
        /// In English.
        en: String,
        /// In French.
        fr: String,
    },
}

impl Label {
    /// The name in a language.
    #[must_use]
    pub fn of(&self, locale: Locale) -> &str {
        match (self, locale) {
            (Self::One(name), _)
            | (Self::Each { en: name, .. }, Locale::EnCa)
            | (Self::Each { fr: name, .. }, Locale::FrCa) => name,
        }
    }
}

impl OidcConfig {
    /// The name in a language; the id where nothing better is configured.
    #[must_use]
    pub fn label(&self) -> Label {
        let label = self.label.clone();
        label.unwrap_or_else(|| Label::One(self.id.clone()))
    }

    pub(super) fn check(&self) -> Result<(), ConfigError> {
        let (secret, file) = (&self.client_secret, &self.client_secret_file);
        if secret.is_some() == file.is_some() {
            return Err(ConfigError::Invalid {
                key: "oidc.client_secret",
                problem: "expected either `client_secret` or `client_secret_file`",
            });
        }
        Ok(())
    }
}

fn default_id() -> String {
    "sso".to_owned()
}

fn default_scopes() -> Vec<String> {
    vec!["profile".to_owned()]
}

/// Reads one table as well as several.
pub(super) fn one_or_several<'de, D: Deserializer<'de>>(
    reader: D,
) -> Result<Vec<OidcConfig>, D::Error> {
    reader.deserialize_any(OneOrSeveral)
}

struct OneOrSeveral;

impl<'de> Visitor<'de> for OneOrSeveral {
    type Value = Vec<OidcConfig>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a table `[oidc]`, or several `[[oidc]]`")
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Self::Value, A::Error> {
        OidcConfig::deserialize(MapAccessDeserializer::new(map)).map(|one| vec![one])
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Self::Value, A::Error> {
        let mut all = Vec::new();
        while let Some(one) = items.next_element()? {
            all.push(one);
        }
        Ok(all)
    }
}

#[cfg(test)]
mod tests {
    use figment::Figment;
    use figment::providers::{Format as _, Toml};

    use super::*;

    #[derive(Debug, Deserialize)]
    struct Config {
        #[serde(default, deserialize_with = "one_or_several")]
        oidc: Vec<OidcConfig>,
    }

    fn read(text: &str) -> Result<Config, String> {
        let read = Figment::new().merge(Toml::string(text)).extract();
        read.map_err(|error: figment::Error| error.to_string())
    }

    const ONE: &str = "issuer = 'https://a.example'\nclient_id = 'weir'\nclient_secret = 's'\n";

    #[test]
    fn one_table_and_several_are_read() {
        let one = read(&format!("[oidc]\n{ONE}")).unwrap().oidc;
        let several = read(&format!(
            "[[oidc]]\nid = 'staff'\nlabel = {{ en = 'Staff', fr = 'Personnel' }}\n{ONE}\
             [[oidc]]\nid = 'partners'\nlabel = 'Partners'\n{ONE}"
        ));
        let several = several.unwrap().oidc;

        assert_eq!((one.len(), one[0].id.as_str()), (1, "sso"));
        assert_eq!(one[0].label().of(Locale::FrCa), "sso");
        assert_eq!(several.len(), 2);
        assert_eq!(several[0].label().of(Locale::FrCa), "Personnel");
        assert_eq!(several[1].label().of(Locale::FrCa), "Partners");
        assert!(read("").unwrap().oidc.is_empty());
    }

    #[test]
    fn unknown_and_missing_keys_are_named() {
        for (text, part) in [
            (format!("[oidc]\nisuer = 'x'\n{ONE}"), "isuer"),
            ("[[oidc]]\nid = 'a'\n".to_owned(), "issuer"),
            ("oidc = 5\n".to_owned(), "[oidc]"),
        ] {
            let error = read(&text).unwrap_err();
            assert!(error.contains(part), "{error}\nshould name {part}");
        }
    }

    #[test]
    fn a_secret_is_given_once() {
        let check = |text: &str| read(&format!("[oidc]\n{text}")).unwrap().oidc[0].check();
        assert!(check(ONE).is_ok());
        let both = format!("{ONE}client_secret_file = '/etc/weir/secret'\n");
        assert!(check(&both).is_err());
        let none = ONE.replace("client_secret = 's'\n", "");
        assert!(check(&none).is_err());
    }
}

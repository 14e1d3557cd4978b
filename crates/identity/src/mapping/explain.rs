//! What a mapping makes of somebody's claims, value by value, for whoever asks why a person sees
//! nothing, or too much. The outcome is the one of a sign-in; only the reasons are found here.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;
use serde_json::{Map, Value};
use weir_policy::Subject;

use super::rules::{AttributeRule, ClaimPath, MAX_VALUE_BYTES, MAX_VALUES, Rules, SetRule};
use super::{ClaimMapping, MappingError};
use crate::oidc::claims::IdentityClaims;

/// Claims about the token or the sign-in, which no mapping is for.
const OF_THE_TOKEN: [&str; 17] = [
    "iss",
    "sub",
    "aud",
    "exp",
    "iat",
    "nbf",
    "jti",
    "nonce",
    "azp",
    "acr",
    "amr",
    "at_hash",
    "c_hash",
    "auth_time",
    "sid",
    "client_id",
    "typ",
];

/// What a mapping makes of somebody's claims, and why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Explanation {
    /// Whose claims they are.
    pub issuer: String,
    /// Whether the mapping means claims of this issuer at all.
    pub mapped: bool,
    /// Why somebody with these claims can't sign in, if they can't.
    pub refused: Option<String>,
    /// The business units that come out.
    pub business_units: BTreeSet<String>,
    /// The roles that come out.
    pub roles: BTreeSet<String>,
    /// The attributes that come out.
    pub attributes: BTreeMap<String, BTreeSet<String>>,
    /// What the person is called on screen.
    pub display_name: Option<String>,
    /// Each value of each claim.
    pub values: Vec<ClaimValue>,
}

/// One value of a claim, and what becomes of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ClaimValue {
    /// The claim, as a mapping names it.
    pub claim: String,
    /// The value; nothing for a claim that is absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub value: Option<Value>,
    /// What the mapping reads the claim for: `roles`, `attributes.region`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub read_as: Option<String>,
    /// Why it counts, or why not.
    pub verdict: Verdict,
    /// What it means here, if it counts.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub becomes: Option<String>,
}

/// Why a value counts, or why not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// It counts.
    Counts,
    /// No value on the allow list is spelled like it.
    NotOnAllowList,
    /// Blank values count as absent.
    Blank,
    /// Of another JSON type than its use needs: refuses the sign-in.
    WrongType,
    /// More or longer values than anybody could mean: refuses the sign-in.
    TooLarge,
    /// Left out by the provider for its size: refuses the sign-in.
    LeftOut,
    /// The mapping reads this claim and it is not there: that means none.
    Absent,
    /// The mapping does not read this claim.
    Unmapped,
    /// About the token or the sign-in itself.
    OfTheToken,
}

impl ClaimMapping {
    /// What becomes of these claims, and why.
    #[must_use]
    pub fn explain(&self, identity: &IdentityClaims) -> Explanation {
        let meant = self.rules_for(identity);
        let member = self.member(identity);
        let refused = member.as_ref().err().map(ToString::to_string);
        let member = member.ok();
        let subject = member.as_ref().map(|member| &member.subject);
        let units = subject.into_iter().flat_map(Subject::business_units);
        let roles = subject.into_iter().flat_map(Subject::roles);
        let attributes = subject.into_iter().flat_map(Subject::attributes);
        Explanation {
            issuer: identity.issuer().to_owned(),
            mapped: meant.is_some(),
            refused,
            business_units: units.map(ToString::to_string).collect(),
            roles: roles.map(ToString::to_string).collect(),
            attributes: attributes
                .map(|(name, values)| (name.to_string(), values.clone()))
                .collect(),
            display_name: member.as_ref().map(|member| member.display_name.clone()),
            values: Values::of(meant, identity.claims()),
        }
    }
}

/// The values, as they are found.
struct Values<'c> {
    claims: &'c Map<String, Value>,
    /// Claims that some rule reads.
    read: BTreeSet<Vec<String>>,
    found: Vec<ClaimValue>,
}

impl Values<'_> {
    fn of(rules: Option<&Rules>, claims: &Map<String, Value>) -> Vec<ClaimValue> {
        let mut values = Values {
            claims,
            read: BTreeSet::new(),
            found: Vec::new(),
        };
        if let Some(rules) = rules {
            values.mapped(rules);
        }
        values.rest(claims, &[]);
        values.found
    }

    fn mapped(&mut self, rules: &Rules) {
        self.set("business_units", &rules.business_units);
        self.set("roles", &rules.roles);
        for (name, rule) in &rules.attributes {
            self.attribute(&format!("attributes.{name}"), rule);
        }
        for (name, path) in [
            ("display_name", &rules.display_name),
            ("locale", &rules.locale),
        ] {
            self.text(name, path);
        }
    }

    fn set<T: ToString>(&mut self, read_as: &str, rule: &SetRule<T>) {
        let Some(value) = self.look_up(read_as, &rule.claim) else {
            return;
        };
        let Value::Array(items) = value else {
            return self.add(read_as, &rule.claim, value, (Verdict::WrongType, None));
        };
        self.each(read_as, &rule.claim, &items, |text| {
            let ours = rule.values.get(text).map(ToString::to_string);
            match ours {
                Some(ours) => (Verdict::Counts, Some(ours)),
                None => (Verdict::NotOnAllowList, None),
            }
        });
    }

    fn attribute(&mut self, read_as: &str, rule: &AttributeRule) {
        let Some(value) = self.look_up(read_as, &rule.claim) else {
            return;
        };
        let items = match value {
            Value::Array(items) => items,
            Value::String(_) => vec![value],
            _ => return self.add(read_as, &rule.claim, value, (Verdict::WrongType, None)),
        };
        self.each(read_as, &rule.claim, &items, |text| match &rule.allow {
            Some(allowed) if !allowed.contains(text) => (Verdict::NotOnAllowList, None),
            _ if text.trim().is_empty() => (Verdict::Blank, None),
            _ => (Verdict::Counts, Some(text.to_owned())),
        });
    }

    fn text(&mut self, read_as: &str, path: &ClaimPath) {
        let Some(value) = self.look_up(read_as, path) else {
            return;
        };
        let verdict = match &value {
            Value::String(text) => (Verdict::Counts, Some(text.clone())),
            _ => (Verdict::WrongType, None),
        };
        self.add(read_as, path, value, verdict);
    }

    /// The claim's value; what is wrong with the claim as a whole is told here.
    fn look_up(&mut self, read_as: &str, path: &ClaimPath) -> Option<Value> {
        self.read.insert(path.0.clone());
        let verdict = match path.find(self.claims) {
            Ok(Some(value)) => return Some(value.clone()),
            Ok(None) => Verdict::Absent,
            Err(MappingError::LeftOut { .. }) => Verdict::LeftOut,
            Err(MappingError::WrongType { .. }) => Verdict::WrongType,
            Err(MappingError::TooLarge { .. }) => Verdict::TooLarge,
        };
        self.found.push(ClaimValue {
            claim: path.to_string(),
            value: None,
            read_as: Some(read_as.to_owned()),
            verdict,
            becomes: None,
        });
        None
    }

    fn each(
        &mut self,
        read_as: &str,
        path: &ClaimPath,
        items: &[Value],
        judge: impl Fn(&str) -> (Verdict, Option<String>),
    ) {
        let too_many = items.len() > MAX_VALUES;
        for item in items {
            let verdict = match item.as_str() {
                None => (Verdict::WrongType, None),
                Some(text) if too_many || text.len() > MAX_VALUE_BYTES => (Verdict::TooLarge, None),
                Some(text) => judge(text),
            };
            self.add(read_as, path, item.clone(), verdict);
        }
    }

    fn add(
        &mut self,
        read_as: &str,
        path: &ClaimPath,
        value: Value,
        (verdict, becomes): (Verdict, Option<String>),
    ) {
        self.found.push(ClaimValue {
            claim: path.to_string(),
            value: Some(value),
            read_as: Some(read_as.to_owned()),
            verdict,
            becomes,
        });
    }

    /// What no rule reads.
    fn rest(&mut self, claims: &Map<String, Value>, way: &[String]) {
        for (name, value) in claims {
            let mut path = way.to_vec();
            path.push(name.clone());
            if self.read.contains(&path) {
                continue;
            }
            let inside = self.read.iter().any(|read| read.starts_with(&path));
            match value {
                Value::Object(inner) if inside => self.rest(inner, &path),
                _ => {
                    let of_the_token = way.is_empty() && OF_THE_TOKEN.contains(&name.as_str());
                    self.found.push(ClaimValue {
                        claim: path.join("."),
                        value: Some(value.clone()),
                        read_as: None,
                        verdict: if of_the_token {
                            Verdict::OfTheToken
                        } else {
                            Verdict::Unmapped
                        },
                        becomes: None,
                    });
                }
            }
        }
    }
}

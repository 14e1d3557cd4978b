//! Whatever a client asks for, what it gets is within its registration; and what it gets for a
//! person's own token is within that person's claims too. The registration is read a second time
//! here, as plain JSON, by code that shares nothing with the crate's own.

#![expect(clippy::unwrap_used, reason = "tests: helpers may fail loudly")]

use std::collections::{BTreeMap, BTreeSet};

use proptest::collection::{btree_map, btree_set};
use proptest::prelude::*;
use proptest::sample::{select, subsequence};
use serde_json::{Value, json};
use weir_identity::{
    ClientId, EmbedClient, EmbedGrant, ExchangeRequest, Member, MintRequest, Registration,
};
use weir_policy::{AttributeName, BusinessUnit, Locale, RoleName, Subject};

const ORIGINS: [&str; 4] = [
    "https://crm.example",
    "https://crm.example:8443",
    "https://evil.example",
    "http://127.0.0.1:8081",
];
const DASHBOARDS: [&str; 3] = ["finance-overview", "claims-operations", "risk-exposure"];
const UNITS: [&str; 5] = ["auto", "home", "life", "AUTO", "wealth"];
const ROLES: [&str; 4] = [
    "analyst",
    "executive",
    "governance_admin",
    "privacy_officer",
];
const RIGHTS: [&str; 2] = ["export_csv", "export_xlsx"];
const NAMES: [&str; 3] = ["region", "clearance", "branch"];
const VALUES: [&str; 4] = ["QC", "ON", "confidential", ""];

/// The lifetimes that somebody may ask for, sensible or not.
const LIFETIMES: [i64; 8] = [-1, 0, 1, 60, 119, 120, 300, 301];

fn some(of: &'static [&'static str]) -> impl Strategy<Value = Vec<&'static str>> {
    subsequence(of.to_vec(), 0..=of.len())
}

fn registrations() -> impl Strategy<Value = Value> {
    let allowed = prop_oneof![
        Just(json!("any")),
        some(&VALUES).prop_map(|list| json!(list))
    ];
    let attributes = btree_map(select(NAMES.to_vec()), allowed, 0..=3);
    (
        (
            some(&ORIGINS),
            some(&DASHBOARDS),
            some(&UNITS),
            some(&ROLES),
        ),
        (attributes, some(&RIGHTS), 1..=300_i64, some(&ROLES)),
    )
        .prop_map(
            |((origins, dashboards, units, roles), (attributes, rights, life, exchange))| {
                json!({
                    "origins": origins, "dashboards": dashboards, "business_units": units,
                    "roles": roles, "attributes": attributes, "rights": rights,
                    "max_lifetime_seconds": life,
                    "exchange": { "audiences": ["crm-frontend"], "roles": exchange },
                })
            },
        )
}

type Attributes = BTreeMap<&'static str, BTreeSet<&'static str>>;

fn attributes() -> impl Strategy<Value = Attributes> {
    let values = btree_set(select(VALUES.to_vec()), 0..=3);
    btree_map(select(NAMES.to_vec()), values, 0..=2)
}

/// A wish: place, units, attributes, rights, lifetime.
type Wish = (
    (&'static str, &'static str),
    Vec<&'static str>,
    Attributes,
    Vec<&'static str>,
    Option<i64>,
);

fn wishes() -> impl Strategy<Value = Wish> {
    (
        (select(DASHBOARDS.to_vec()), select(ORIGINS.to_vec())),
        some(&UNITS),
        attributes(),
        some(&RIGHTS),
        proptest::option::of(select(LIFETIMES.to_vec())),
    )
}

fn client(registration: &Value) -> EmbedClient {
    let registration = Registration::from_json(registration.to_string().as_bytes()).unwrap();
    EmbedClient::new(ClientId::parse("crm").unwrap(), registration, Vec::new())
}

/// The grant in the words of JSON.
fn told(grant: &EmbedGrant) -> Value {
    json!({
        "dashboard": grant.dashboard, "origin": grant.origin,
        "business_units": grant.business_units, "roles": grant.roles,
        "attributes": grant.attributes, "rights": grant.rights,
        "lifetime": grant.lifetime_seconds,
    })
}

fn names(list: &Value, one: &Value) -> bool {
    list.as_array().unwrap().contains(one)
}

/// Whether every item of `grant` stands in the registration's list.
fn within(registration: &Value, list: &str, grant: &Value) -> bool {
    let granted = grant[list].as_array().unwrap();
    granted.iter().all(|one| names(&registration[list], one))
}

/// What the registration says to a grant, in order: everything has to be true.
fn verdict(registration: &Value, grant: &Value) -> [(&'static str, bool); 6] {
    let attributes = grant["attributes"].as_object().unwrap();
    let attributes =
        attributes.iter().all(
            |(name, values)| match registration["attributes"].get(name) {
                None => values.as_array().unwrap().is_empty(),
                Some(Value::String(any)) => any == "any",
                Some(list) => values
                    .as_array()
                    .unwrap()
                    .iter()
                    .all(|one| names(list, one)),
            },
        );
    let life = grant["lifetime"].as_i64().unwrap();
    let most = registration["max_lifetime_seconds"].as_i64().unwrap();
    [
        (
            "dashboard",
            names(&registration["dashboards"], &grant["dashboard"]),
        ),
        ("origin", names(&registration["origins"], &grant["origin"])),
        (
            "business_units",
            within(registration, "business_units", grant),
        ),
        ("rights", within(registration, "rights", grant)),
        ("attributes", attributes),
        ("lifetime", 0 < life && life <= most && life <= 300),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    /// E11: no wish gets past the registration, and none that is within it is refused.
    #[test]
    fn e11_a_grant_is_within_the_registration_whatever_is_asked(
        registration in registrations(),
        wish in wishes(),
    ) {
        let ((dashboard, origin), units, attributes, rights, life) = wish;
        let mut body = json!({
            "dashboard": dashboard, "origin": origin, "subject": { "sub": "u-1" },
            "business_units": units, "attributes": attributes, "rights": rights,
        });
        if let Some(life) = life {
            body["expires_in"] = json!(life);
        }
        let request = MintRequest::from_json(body.to_string().as_bytes()).unwrap();

        let granted = client(&registration).authorize(request);

        // What would be granted if everything asked for were.
        let most = registration["max_lifetime_seconds"].as_i64();
        let asked = json!({
            "dashboard": dashboard, "origin": origin, "business_units": units,
            "attributes": attributes, "rights": rights, "lifetime": life.or(most),
        });
        let unregistered = attributes.keys().any(|name| registration["attributes"].get(*name).is_none());
        let allowed = verdict(&registration, &asked).iter().all(|(_, fine)| *fine);
        prop_assert_eq!(granted.is_ok(), allowed && !unregistered, "{:?}", granted);
        if let Ok(grant) = granted {
            let grant = told(&grant);
            for (what, fine) in verdict(&registration, &grant) {
                prop_assert!(fine, "{what} of {grant} is not within {registration}");
            }
            prop_assert!(within(&registration, "roles", &grant));
        }
    }

    /// E11: the claims of a person's own token open what they open and the registration allows.
    #[test]
    fn e11_an_exchange_is_within_the_registration_and_within_the_claims(
        registration in registrations(),
        wish in wishes(),
        roles in some(&ROLES),
    ) {
        let ((dashboard, origin), units, attributes, rights, life) = wish;
        let rights = rights.join(" ");
        let mut form = vec![
            ("grant_type", "urn:ietf:params:oauth:grant-type:token-exchange".to_owned()),
            ("subject_token", "x.y.z".to_owned()),
            ("subject_token_type", "urn:ietf:params:oauth:token-type:id_token".to_owned()),
            ("dashboard", dashboard.to_owned()),
            ("origin", origin.to_owned()),
            ("rights", rights),
        ];
        form.extend(life.map(|life| ("expires_in", life.to_string())));
        let form = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(&form).finish();
        let request = ExchangeRequest::from_form(form.as_bytes()).unwrap();
        let person = person(&units, &roles, &attributes);

        let granted = client(&registration).exchange(&request, &person);

        if let Ok(grant) = granted {
            prop_assert_eq!(grant.subject_issuer.as_str(), "https://idp.example");
            prop_assert_eq!(grant.viewer.as_str(), "u-1");
            let grant = told(&grant);
            for (what, fine) in verdict(&registration, &grant) {
                prop_assert!(fine, "{what} of {grant} is not within {registration}");
            }
            let exchangeable = json!({ "roles": registration["exchange"]["roles"] });
            prop_assert!(within(&exchangeable, "roles", &grant));
            let claims = json!({ "business_units": units, "roles": roles });
            prop_assert!(within(&claims, "business_units", &grant), "{grant}");
            prop_assert!(within(&claims, "roles", &grant), "{grant}");
            let claims = json!({ "attributes": attributes });
            for (name, values) in grant["attributes"].as_object().unwrap() {
                for value in values.as_array().unwrap() {
                    prop_assert!(names(&claims["attributes"][name], value), "{grant}");
                }
            }
            // Nothing that both give is left out.
            for unit in &units {
                let both = names(&registration["business_units"], &json!(unit));
                prop_assert_eq!(names(&grant["business_units"], &json!(unit)), both);
            }
        }
    }
}

fn person(units: &[&str], roles: &[&str], attributes: &Attributes) -> Member {
    let subject = Subject::new("https://idp.example", "u-1")
        .with_business_units(units.iter().map(|unit| BusinessUnit::parse(*unit).unwrap()))
        .with_roles(roles.iter().map(|role| RoleName::parse(*role).unwrap()));
    let subject = attributes.iter().fold(subject, |subject, (name, values)| {
        let values = values.iter().map(|value| (*value).to_owned());
        subject.with_attribute(AttributeName::parse(*name).unwrap(), values)
    });
    Member {
        subject,
        display_name: "Somebody".to_owned(),
        locale: Some(Locale::FrCa),
    }
}

fn form(change: &[(&str, Option<&str>)]) -> String {
    let mut fields = BTreeMap::from([
        (
            "grant_type",
            "urn:ietf:params:oauth:grant-type:token-exchange",
        ),
        ("subject_token", "x.y.z"),
        (
            "subject_token_type",
            "urn:ietf:params:oauth:token-type:access_token",
        ),
        ("dashboard", "finance-overview"),
        ("origin", "https://crm.example"),
    ]);
    for (name, value) in change {
        match value {
            Some(value) => fields.insert(name, value),
            None => fields.remove(name),
        };
    }
    url::form_urlencoded::Serializer::new(String::new())
        .extend_pairs(&fields)
        .finish()
}

#[test]
fn an_exchange_form_is_read_strictly() {
    let good = form(&[
        ("parameters", Some(r#"{"region":["QC"]}"#)),
        ("rights", Some("export_csv export_xlsx")),
        ("locale", Some("fr-CA")),
        ("expires_in", Some("60")),
        (
            "requested_token_type",
            Some("urn:ietf:params:oauth:token-type:jwt"),
        ),
    ]);
    let read = ExchangeRequest::from_form(good.as_bytes()).unwrap();
    assert_eq!((read.rights.len(), read.parameters.len()), (2, 1));
    assert_eq!(
        (read.locale, read.expires_in),
        (Some(Locale::FrCa), Some(60))
    );

    let repeated = format!("{}&dashboard=risk-exposure", form(&[]));
    for (body, pointer) in [
        (repeated, ""),
        (format!("{}&x=%ff", form(&[])), ""),
        (String::new(), ""),
        (
            form(&[("grant_type", Some("client_credentials"))]),
            "/grant_type",
        ),
        (form(&[("grant_type", None)]), ""),
        (
            form(&[(
                "subject_token_type",
                Some("urn:ietf:params:oauth:token-type:saml2"),
            )]),
            "/subject_token_type",
        ),
        (
            form(&[(
                "requested_token_type",
                Some("urn:ietf:params:oauth:token-type:id_token"),
            )]),
            "/requested_token_type",
        ),
        (form(&[("actor_token", Some("x"))]), "/actor_token"),
        (
            form(&[("actor_token_type", Some("x"))]),
            "/actor_token_type",
        ),
        (form(&[("business_units", Some("auto"))]), "/business_units"),
        (form(&[("roles", Some("executive"))]), "/roles"),
        (form(&[("parameters", Some("region"))]), "/parameters"),
        (
            form(&[("parameters", Some(r#"{"a":[],"a":[]}"#))]),
            "/parameters",
        ),
        (form(&[("expires_in", Some("60.0"))]), "/expires_in"),
        (form(&[("rights", Some("everything"))]), "/rights/0"),
        (form(&[("origin", Some("https://*.example"))]), "/origin"),
    ] {
        let refused = ExchangeRequest::from_form(body.as_bytes()).unwrap_err();
        assert_eq!(refused.pointer(), pointer, "{body}: {refused}");
        assert!(!refused.code().is_forbidden(), "{refused}");
    }
}

#[test]
fn a_client_whose_registration_says_nothing_of_it_exchanges_nothing() {
    let registration = json!({
        "origins": ["https://crm.example"], "dashboards": ["finance-overview"],
        "business_units": ["auto"],
    });
    let request = ExchangeRequest::from_form(form(&[]).as_bytes()).unwrap();
    let person = person(&["auto"], &["analyst"], &Attributes::new());

    let refused = client(&registration)
        .exchange(&request, &person)
        .unwrap_err();

    assert_eq!(refused.code().as_str(), "exchange_not_allowed");
    assert!(refused.code().is_forbidden());
}

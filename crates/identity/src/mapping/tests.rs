use serde_json::json;

use super::*;

const FILE: &str = include_str!("../../../../policies/identity.yaml");

fn mapping() -> ClaimMapping {
    ClaimMapping::from_yaml("policies/identity.yaml", FILE).unwrap()
}

fn identity(claims: Value) -> IdentityClaims {
    let Value::Object(claims) = claims else {
        panic!("an object")
    };
    IdentityClaims::for_tests("https://idp.example", "u1", claims)
}

fn member(claims: Value) -> Result<Member, MappingError> {
    mapping().member(&identity(claims))
}

fn units(member: &Member) -> Vec<&str> {
    member
        .subject
        .business_units()
        .iter()
        .map(BusinessUnit::as_str)
        .collect()
}

fn attribute<'a>(member: &'a Member, name: &str) -> Option<Vec<&'a str>> {
    let values = member
        .subject
        .attribute(&AttributeName::parse(name).unwrap())?;
    Some(values.iter().map(String::as_str).collect())
}

#[test]
fn the_demo_claims_become_a_member() {
    let member = member(json!({
        "sub": "u1", "name": "Ana Broker", "email": "ana@example", "locale": "fr-CA",
        "business_units": ["home", "auto"], "roles": ["analyst"],
        "attributes": { "clearance": ["internal"], "region": "QC" },
    }))
    .unwrap();

    assert_eq!(units(&member), ["auto", "home"]);
    assert_eq!(member.subject.roles().len(), 1);
    assert_eq!(attribute(&member, "clearance").unwrap(), ["internal"]);
    assert_eq!(attribute(&member, "region").unwrap(), ["QC"]);
    assert_eq!(
        (member.display_name.as_str(), member.locale),
        ("Ana Broker", Some(Locale::FrCa))
    );
}

#[test]
fn missing_claims_mean_none() {
    let member = member(json!({ "sub": "u1" })).unwrap();

    assert!(units(&member).is_empty() && member.subject.roles().is_empty());
    assert_eq!(attribute(&member, "clearance"), None);
    assert_eq!((member.display_name.as_str(), member.locale), ("u1", None));
}

#[test]
fn l42_values_off_the_list_mean_nothing_byte_for_byte() {
    let member = member(json!({
        "business_units": ["auto ", "AUTO", "aut\u{43e}", "*", "", "home", "home"],
        "roles": ["executive\u{200b}", "Executive", "admin"],
        "attributes": { "clearance": ["confidential ", "top"] },
    }))
    .unwrap();

    assert_eq!(units(&member), ["home"]);
    assert!(member.subject.roles().is_empty());
    assert_eq!(attribute(&member, "clearance"), None);
}

#[test]
fn l42_claims_of_the_wrong_type_refuse_the_sign_in() {
    for claims in [
        json!({ "roles": "executive" }),
        json!({ "roles": null }),
        json!({ "roles": { "0": "executive" } }),
        json!({ "roles": ["executive", 1] }),
        json!({ "business_units": true }),
        json!({ "business_units": [["auto"]] }),
        json!({ "attributes": "confidential" }),
        json!({ "attributes": { "clearance": 3 } }),
        json!({ "attributes": { "clearance": { "x": 1 } } }),
        json!({ "attributes": [] }),
        json!({ "name": 5 }),
        json!({ "locale": ["fr"] }),
    ] {
        assert!(
            matches!(member(claims.clone()), Err(MappingError::WrongType { .. })),
            "{claims}"
        );
    }
}

#[test]
fn l42_endless_and_left_out_claims_refuse_the_sign_in() {
    let many: Vec<String> = (0..10_000).map(|n| format!("group-{n}")).collect();
    let elsewhere = json!({ "_claim_names": { "roles": "src1" } });

    assert_eq!(
        member(json!({ "roles": many })).unwrap_err().code(),
        "claim_too_large"
    );
    let long = member(json!({ "roles": ["x".repeat(257)] })).unwrap_err();
    assert_eq!(long.code(), "claim_too_large");
    assert_eq!(member(elsewhere).unwrap_err().code(), "claim_left_out");
}

#[test]
fn l41_f59_identity_is_issuer_and_sub_whatever_else_is_claimed() {
    let plain = member(json!({ "sub": "u1" })).unwrap();
    let posing = member(json!({
        "sub": "u1", "email": "exec@corp.example", "preferred_username": "exec", "upn": "exec",
        "iss": "https://other.example", "name": "Exec",
    }))
    .unwrap();

    assert_eq!(plain.subject, posing.subject);
    assert_eq!(
        (posing.subject.issuer(), posing.subject.id()),
        ("https://idp.example", "u1")
    );
}

#[test]
fn display_names_are_made_safe_to_show() {
    for (name, shown) in [
        ("  Zoé  ", "Zoé"),
        ("a\u{202e}b\nc\0d", "abcd"),
        ("\u{200b}", "u1"),
        ("", "u1"),
    ] {
        assert_eq!(member(json!({ "name": name })).unwrap().display_name, shown);
    }
    let long = member(json!({ "name": "x".repeat(5000) })).unwrap();
    assert_eq!(long.display_name.len(), 100);
}

#[test]
fn provider_spellings_are_renamed_to_allowed_names() {
    let text = "
business_units: { claim: [\"https://idp.example/units\"], allow: [auto] }
roles:
  claim: realm_access.roles
  allow: [analyst]
  rename: { \"CN=BI\": analyst }
";
    let mapping = ClaimMapping::from_yaml("identity.yaml", text).unwrap();

    let member = mapping
        .member(&identity(json!({
            "https://idp.example/units": ["auto"],
            "realm_access": { "roles": ["CN=BI", "CN=Other"] },
        })))
        .unwrap();

    assert_eq!(units(&member), ["auto"]);
    assert_eq!(member.subject.roles().len(), 1);
}

#[test]
fn flaws_of_the_file_are_named_with_place_and_suggestion() {
    for (text, parts) in flaws() {
        let error = ClaimMapping::from_yaml("policies/identity.yaml", &text).unwrap_err();
        for part in parts {
            assert!(
                error.to_string().contains(part),
                "{error}\nshould say {part}"
            );
        }
    }
}

fn flaws() -> Vec<(String, Vec<&'static str>)> {
    let base =
        "business_units: { claim: u, allow: [auto] }\nroles: { claim: r, allow: [analyst] }\n";
    vec![
        (
            format!("{base}role: {{}}"),
            vec!["`role`", "did you mean `roles`"],
        ),
        (
            base.replace("claim: r", "clam: r"),
            vec!["`roles.clam`", "did you mean `claim`"],
        ),
        (
            base.replace("claim: r, ", ""),
            vec!["`roles`", "key `claim` is missing"],
        ),
        (
            base.replace("[analyst]", "analyst"),
            vec!["`roles.allow`", "expected a list"],
        ),
        (
            base.replace("[analyst]", "[analyst, 5]"),
            vec!["`roles.allow[1]`", "expected a text"],
        ),
        (
            base.replace("[auto]", "[auto, \"\"]"),
            vec!["`business_units.allow[1]`", "expected"],
        ),
        (
            base.replace("[auto]", "[auto, auto]"),
            vec!["`business_units.allow[1]`", "once"],
        ),
        (
            base.replace("claim: r", "claim: a..b"),
            vec!["`roles.claim`", "name of a claim"],
        ),
        (
            base.replace("[analyst] }", "[analyst], rename: { x: analist } }"),
            vec!["`roles.rename.x`", "did you mean `analyst`"],
        ),
        (
            format!("{base}attributes: {{ Bad: {{ claim: x }} }}"),
            vec!["`attributes.Bad`"],
        ),
        (
            "[]".to_owned(),
            vec!["`the document`", "expected a mapping"],
        ),
        (
            format!("{base}roles: {{ claim: r, allow: [] }}"),
            vec!["policies/identity.yaml"],
        ),
        ("a: [".to_owned(), vec!["policies/identity.yaml"]),
    ]
}

#[test]
fn mappings_have_one_digest_exactly_when_they_give_people_the_same() {
    let base = "business_units: { claim: u, allow: [auto, home] }
roles: { claim: r, allow: [analyst, executive], rename: { x: analyst } }
attributes: { region: { claim: g }, team: { claim: t, allow: [a, b] } }
";
    let digest = |text: &str| ClaimMapping::from_yaml("m", text).unwrap().digest();
    let same = [
        format!("# A remark.\n{base}display_name: {{ claim: nick }}\n"),
        base.replace("auto, home", "home, auto"),
        base.replace("a, b", "b, a"),
    ];
    let others = [
        base.replace("claim: u", "claim: v"),
        base.replace("claim: r", "claim: r.s"),
        base.replace("auto, home", "auto"),
        base.replace("x: analyst", "x: executive"),
        base.replace("x: analyst", "y: analyst"),
        base.replace("claim: g }", "claim: g, allow: [] }"),
        base.replace("a, b", "ab"),
        base.replace("region", "place"),
    ];

    for text in &same {
        assert_eq!(digest(text), digest(base), "{text}");
    }
    let distinct: BTreeSet<_> = others.iter().map(|text| digest(text)).collect();
    assert_eq!(distinct.len(), others.len());
    assert!(!distinct.contains(&digest(base)));
}

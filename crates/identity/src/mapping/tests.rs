use serde_json::{Value, json};

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

const TWO: &str = "
issuers:
  https://idp.example:
    business_units: { claim: units, allow: [auto] }
    roles: { claim: groups, allow: [analyst] }
  https://partner.example:
    business_units: { claim: org.units, allow: [home] }
    roles: { claim: roles, allow: [executive], rename: { boss: executive } }
    attributes: { region: { claim: region } }
";

fn of(issuer: &str, claims: Value, one_of_several: bool) -> IdentityClaims {
    let Value::Object(claims) = claims else {
        panic!("an object")
    };
    IdentityClaims::supposed(issuer, claims, one_of_several)
}

#[test]
fn claims_mean_what_their_own_issuer_is_mapped_to() {
    let mapping = ClaimMapping::from_yaml("identity.yaml", TWO).unwrap();
    let claims = json!({
        "sub": "u1", "units": ["auto", "home"], "groups": ["analyst", "executive"],
        "org": { "units": ["home", "auto"] }, "roles": ["boss", "analyst"], "region": "QC",
    });
    let made = |issuer: &str| {
        let member = mapping.member(&of(issuer, claims.clone(), true)).unwrap();
        let roles = member.subject.roles().iter().map(ToString::to_string);
        (
            units(&member).join(","),
            roles.collect::<Vec<_>>().join(","),
            attribute(&member, "region").is_some(),
        )
    };
    let three = |units: &str, roles: &str, region| (units.to_owned(), roles.to_owned(), region);

    assert_eq!(made("https://idp.example"), three("auto", "analyst", false));
    let partner = made("https://partner.example");
    assert_eq!(partner, three("home", "executive", true));
    for stranger in [
        "https://idp.example/",
        "https://IDP.example",
        "https://other.example",
    ] {
        assert_eq!(made(stranger), three("", "", false), "{stranger}");
    }
}

#[test]
fn a_mapping_that_names_no_issuer_gives_nothing_to_one_provider_among_several() {
    let claims = json!({ "sub": "u1", "business_units": ["auto"], "roles": "of the wrong type" });
    let alone = mapping().member(&of("https://idp.example", claims.clone(), false));
    let one_of_several = mapping().member(&of("https://idp.example", claims, true));

    assert!(alone.is_err());
    let member = one_of_several.unwrap();
    assert!(units(&member).is_empty() && member.subject.roles().is_empty());
    assert!(!mapping().names_issuers());
}

#[test]
fn flaws_of_issuers_are_named_with_their_place() {
    for (text, part) in [
        (TWO.replace("allow: [home]", "allow: home"), "allow"),
        (
            TWO.replace("https://partner.example", "partner"),
            "an issuer",
        ),
        (
            format!("{TWO}roles: {{ claim: r, allow: [] }}\n"),
            "`roles`",
        ),
        (
            TWO.replace("    roles: { claim: groups, allow: [analyst] }\n", ""),
            "key `roles` is missing",
        ),
        ("issuers: {}\n".to_owned(), "at least one issuer"),
        ("issuers: []\n".to_owned(), "expected a mapping"),
    ] {
        let error = ClaimMapping::from_yaml("identity.yaml", &text).unwrap_err();
        assert!(
            error.to_string().contains(part),
            "{error}\nshould say {part}"
        );
    }
}

#[test]
fn a_mapping_by_issuer_has_a_digest_of_its_own() {
    let digest = |text: &str| ClaimMapping::from_yaml("m", text).unwrap().digest();
    let alone = "business_units: { claim: units, allow: [auto] }
roles: { claim: groups, allow: [analyst] }
";
    let named = "issuers:
  https://idp.example:
    business_units: { claim: units, allow: [auto] }
    roles: { claim: groups, allow: [analyst] }
";
    let all = [
        digest(alone),
        digest(named),
        digest(&named.replace("idp", "id")),
        digest(TWO),
        digest(&TWO.replace("partner", "other")),
    ];

    assert_eq!(all.into_iter().collect::<BTreeSet<_>>().len(), 5);
}

#[test]
fn every_value_is_told_why_it_counts_or_not() {
    let claims = json!({
        "sub": "u1", "iss": "https://idp.example", "name": "Ana", "department": "sales",
        "business_units": ["auto", "AUTO"], "roles": ["analyst", "admin"],
        "attributes": { "clearance": ["internal", "top"], "region": ["QC", " "], "shoe": 43 },
    });

    let told = mapping().explain(&of("https://idp.example", claims, false));

    assert!(told.mapped && told.refused.is_none());
    let one = |text: &str| BTreeSet::from([text.to_owned()]);
    assert_eq!(
        (told.business_units, told.roles),
        (one("auto"), one("analyst"))
    );
    assert_eq!(told.attributes["region"], one("QC"));
    let verdict = |claim: &str, value: Value| {
        let mut values = told.values.iter();
        let found = values.find(|it| it.claim == claim && it.value.as_ref() == Some(&value));
        found
            .unwrap_or_else(|| panic!("{claim} {value} is missing"))
            .verdict
    };
    assert_eq!(verdict("business_units", json!("auto")), Verdict::Counts);
    assert_eq!(
        verdict("business_units", json!("AUTO")),
        Verdict::NotOnAllowList
    );
    assert_eq!(verdict("roles", json!("admin")), Verdict::NotOnAllowList);
    assert_eq!(
        verdict("attributes.clearance", json!("top")),
        Verdict::NotOnAllowList
    );
    assert_eq!(verdict("attributes.region", json!(" ")), Verdict::Blank);
    assert_eq!(verdict("attributes.shoe", json!(43)), Verdict::Unmapped);
    assert_eq!(verdict("department", json!("sales")), Verdict::Unmapped);
    assert_eq!(
        verdict("iss", json!("https://idp.example")),
        Verdict::OfTheToken
    );
    let absent: Vec<_> = told.values.iter().filter(|it| it.value.is_none()).collect();
    assert!(matches!(absent.as_slice(), [it] if it.claim == "locale"));
}

#[test]
fn what_refuses_a_sign_in_is_told_at_its_value() {
    for (claims, claim, verdict) in [
        (json!({ "roles": "executive" }), "roles", Verdict::WrongType),
        (
            json!({ "roles": ["analyst", 1] }),
            "roles",
            Verdict::WrongType,
        ),
        (
            json!({ "roles": ["x".repeat(257)] }),
            "roles",
            Verdict::TooLarge,
        ),
        (
            json!({ "attributes": 1 }),
            "attributes.region",
            Verdict::WrongType,
        ),
        (
            json!({ "_claim_names": { "roles": "s" } }),
            "roles",
            Verdict::LeftOut,
        ),
        (json!({ "name": 5 }), "name", Verdict::WrongType),
    ] {
        let told = mapping().explain(&of("https://idp.example", claims.clone(), false));

        assert!(told.refused.is_some() && told.roles.is_empty(), "{claims}");
        let mut values = told.values.iter();
        assert!(
            values.any(|it| it.claim == claim && it.verdict == verdict),
            "{claims}: {:?}",
            told.values
        );
    }
}

#[test]
fn claims_of_an_unmapped_issuer_are_all_unmapped() {
    let mapping = ClaimMapping::from_yaml("identity.yaml", TWO).unwrap();
    let claims = json!({ "units": ["auto"], "groups": ["analyst"] });

    let told = mapping.explain(&of("https://other.example", claims, true));

    assert!(!told.mapped && told.business_units.is_empty() && told.roles.is_empty());
    let mut values = told.values.iter();
    assert!(values.all(|it| it.verdict == Verdict::Unmapped));
    assert_eq!(told.values.len(), 2);
}

//! `weir identity`: what becomes of somebody's claims, and why.

use std::fmt::Write as _;
use std::fs;
use std::path::PathBuf;

use anyhow::{Context as _, bail};
use clap::{Args, Subcommand};
use serde_json::{Map, Value};
use weir_identity::IdentityClaims;
use weir_identity::mapping::{ClaimMapping, ClaimValue, Explanation, Verdict};

use super::Outcome;

/// The longest value that is printed whole.
const SHOWN: usize = 60;

/// Who people are: the claim mapping.
#[derive(Debug, Subcommand)]
pub(super) enum Identity {
    /// Says which business units, roles and attributes come out of claims, and for every value why.
    Explain(Explain),
}

impl Identity {
    pub(super) fn run(self) -> anyhow::Result<Outcome> {
        match self {
            Self::Explain(command) => command.run(),
        }
    }
}

/// Claims of an ID token, explained. Nothing is sent anywhere, and no signature is checked.
#[derive(Debug, Args)]
pub(super) struct Explain {
    /// A JSON file with the claims of an ID token; `-` reads standard input.
    #[arg(long)]
    claims: PathBuf,
    /// Whose claims they are; `iss` in the file says so too.
    #[arg(long)]
    issuer: Option<String>,
    /// The folder of `identity.yaml`.
    #[arg(long, default_value = "policies")]
    policies: PathBuf,
    /// Says it as JSON.
    #[arg(long)]
    json: bool,
}

impl Explain {
    fn run(self) -> anyhow::Result<Outcome> {
        let claims = self.read_claims()?;
        let mapping = self.read_mapping()?;
        let named = claims.get("iss").and_then(Value::as_str);
        let issuer = match (self.issuer.as_deref(), named) {
            (Some(issuer), _) | (None, Some(issuer)) => issuer.to_owned(),
            (None, None) if mapping.names_issuers() => {
                bail!(
                    "identity.yaml maps by issuer: name one by `--issuer`, or in the claims by `iss`"
                )
            }
            (None, None) => "the only provider".to_owned(),
        };
        let one_of_several = mapping.names_issuers();
        let identity = IdentityClaims::supposed(&issuer, claims, one_of_several);
        let told = mapping.explain(&identity);
        if self.json {
            println!("{}", serde_json::to_string_pretty(&told)?);
        } else {
            print!("{}", in_words(&told)?);
        }
        Ok(match told.refused {
            Some(_) => Outcome::Findings,
            None => Outcome::Fine,
        })
    }

    fn read_claims(&self) -> anyhow::Result<Map<String, Value>> {
        let file = self.claims.display();
        let text = if self.claims.as_os_str() == "-" {
            std::io::read_to_string(std::io::stdin())
        } else {
            fs::read_to_string(&self.claims)
        };
        let text = text.with_context(|| format!("`{file}` can't be read"))?;
        let value: Value = serde_json::from_str(&text)
            .with_context(|| format!("`{file}` is no JSON; a token has to be decoded first"))?;
        match value {
            Value::Object(claims) => Ok(claims),
            _ => bail!("`{file}`: expected an object, the claims of one person"),
        }
    }

    fn read_mapping(&self) -> anyhow::Result<ClaimMapping> {
        let file = self.policies.join("identity.yaml");
        let text = fs::read_to_string(&file)
            .with_context(|| format!("`{}` can't be read", file.display()))?;
        Ok(ClaimMapping::from_yaml(&file.display().to_string(), &text)?)
    }
}

/// The outcome first, then every value and why.
fn in_words(told: &Explanation) -> Result<String, std::fmt::Error> {
    let mut text = String::new();
    if let Some(refused) = &told.refused {
        writeln!(text, "Can't sign in: {refused}.")?;
    } else if !told.mapped {
        writeln!(
            text,
            "identity.yaml does not map {}: its claims give nothing.",
            told.issuer
        )?;
    }
    let list = |names: &std::collections::BTreeSet<String>| {
        let names: Vec<_> = names.iter().map(String::as_str).collect();
        match names.as_slice() {
            [] => "none".to_owned(),
            _ => names.join(", "),
        }
    };
    writeln!(text, "business units  {}", list(&told.business_units))?;
    writeln!(text, "roles           {}", list(&told.roles))?;
    if told.attributes.is_empty() {
        writeln!(text, "attributes      none")?;
    }
    for (name, values) in &told.attributes {
        writeln!(text, "attribute       {name}: {}", list(values))?;
    }
    writeln!(text)?;
    let width = told.values.iter().map(|value| shown(value).chars().count());
    let width = width.max().unwrap_or_default();
    for value in &told.values {
        writeln!(text, "{:width$}  {}", shown(value), why(value))?;
    }
    Ok(text)
}

/// "roles: analyst".
fn shown(value: &ClaimValue) -> String {
    let text = match &value.value {
        None => return value.claim.clone(),
        Some(Value::String(text)) => text.clone(),
        Some(other) => other.to_string(),
    };
    let printable = text
        .chars()
        .map(|c| if c.is_control() { '\u{fffd}' } else { c });
    let mut text: String = printable.clone().take(SHOWN).collect();
    if printable.count() > SHOWN {
        text.push('…');
    }
    format!("{}: {text}", value.claim)
}

fn why(value: &ClaimValue) -> String {
    let read_as = value.read_as.as_deref().unwrap_or_default();
    match (value.verdict, &value.becomes) {
        (Verdict::Counts, Some(ours)) => format!("{read_as} = {ours}"),
        (Verdict::Counts, None) => format!("{read_as}: counts"),
        (Verdict::NotOnAllowList, _) => format!("{read_as}: nothing, not on the allow list"),
        (Verdict::Blank, _) => format!("{read_as}: nothing, blank"),
        (Verdict::WrongType, _) => {
            format!("{read_as}: refuses the sign-in, of the wrong JSON type")
        }
        (Verdict::TooLarge, _) => format!("{read_as}: refuses the sign-in, too large"),
        (Verdict::LeftOut, _) => {
            format!("{read_as}: refuses the sign-in, left out by the provider for its size")
        }
        (Verdict::Absent, _) => format!("{read_as}: not there, means none"),
        (Verdict::Unmapped, _) => "nothing, not mapped".to_owned(),
        (Verdict::OfTheToken, _) => "about the token itself".to_owned(),
    }
}

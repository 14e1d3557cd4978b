//! What people who sign in can hold at all, and which claims of the provider it comes from: the
//! mapping read backwards, for whoever asks who could see something.

use std::collections::BTreeMap;

use serde::Serialize;
use weir_policy::change::WitnessSubject;
use weir_policy::who::{Holds, Requirement};
use weir_policy::{BusinessUnit, Claim, RoleName};

use super::ClaimMapping;
use super::rules::{AttributeRule, Rules, SetRule};

/// Where a requirement is met at the identity provider.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ProviderClaim {
    /// Whose claim, where the mapping names issuers.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub issuer: Option<String>,
    /// The claim, as the mapping names it: `realm_access.roles`.
    pub claim: String,
    /// The provider's values that meet the requirement, with what each of them means here. Of a
    /// claim whose every value counts there is no list: then `None`, and what is required is what
    /// the provider has to say.
    pub values: Option<BTreeMap<String, String>>,
}

impl ClaimMapping {
    /// The providers' claims, and their values that meet `requirement`: one for each issuer that can.
    /// Empty if nothing that anybody signs in with can.
    #[must_use]
    pub fn provider_claims(&self, requirement: &Requirement) -> Vec<ProviderClaim> {
        let claim = |(issuer, rules): (Option<&str>, &Rules)| {
            let claim = rules.provider_claim(requirement)?;
            Some(ProviderClaim {
                issuer: issuer.map(str::to_owned),
                ..claim
            })
        };
        self.all_rules().filter_map(claim).collect()
    }

    /// Whether one issuer alone can meet all of these: people sign in at one.
    #[must_use]
    pub fn can_meet(&self, all: &[&Requirement]) -> bool {
        self.all_rules().any(|(_, rules)| {
            let mut all = all.iter();
            all.all(|requirement| rules.provider_claim(requirement).is_some())
        })
    }

    /// Whether somebody can sign in with exactly these claims.
    #[must_use]
    pub fn can_make(&self, person: &WitnessSubject) -> bool {
        self.all_rules().any(|(_, rules)| rules.can_make(person))
    }
}

impl Rules {
    fn provider_claim(&self, requirement: &Requirement) -> Option<ProviderClaim> {
        let holds = &requirement.holds;
        match &requirement.claim {
            Claim::Roles => self.roles.provider_claim(holds, RoleName::as_str),
            Claim::BusinessUnits => {
                let units = &self.business_units;
                units.provider_claim(holds, BusinessUnit::as_str)
            }
            Claim::Attribute(name) => self.attributes.get(name)?.provider_claim(holds),
        }
    }

    fn can_make(&self, person: &WitnessSubject) -> bool {
        let role = |role| self.roles.values.values().any(|known| known == role);
        let unit = |unit| {
            self.business_units
                .values
                .values()
                .any(|known| known == unit)
        };
        let attributes = person.attributes.iter().all(|(name, values)| {
            let known = self.attributes.get(name);
            known.is_some_and(|known| values.iter().all(|value| known.takes(value)))
        });
        person.roles.iter().all(role) && person.business_units.iter().all(unit) && attributes
    }
}

fn meets(holds: &Holds, value: &str) -> bool {
    match holds {
        Holds::AnyOf(texts) => texts.contains(value),
        Holds::Something => true,
        Holds::SomethingBut(texts) => !texts.contains(value),
    }
}

impl<T> SetRule<T> {
    fn provider_claim(&self, holds: &Holds, text: impl Fn(&T) -> &str) -> Option<ProviderClaim> {
        let values = self.values.iter();
        let values = values.filter(|(_, ours)| meets(holds, text(ours)));
        let values: BTreeMap<_, _> = values
            .map(|(theirs, ours)| (theirs.clone(), text(ours).to_owned()))
            .collect();
        (!values.is_empty()).then(|| ProviderClaim {
            issuer: None,
            claim: self.claim.to_string(),
            values: Some(values),
        })
    }
}

impl AttributeRule {
    fn provider_claim(&self, holds: &Holds) -> Option<ProviderClaim> {
        let values = match (&self.allow, holds) {
            (Some(allowed), _) => {
                let meeting = allowed.iter();
                // A blank value counts as absent, whoever allows it.
                let meeting =
                    meeting.filter(|value| meets(holds, value) && !value.trim().is_empty());
                Some(
                    meeting
                        .map(|value| (value.clone(), value.clone()))
                        .collect(),
                )
            }
            (None, Holds::AnyOf(texts)) => Some(
                texts
                    .iter()
                    .map(|text| (text.clone(), text.clone()))
                    .collect(),
            ),
            (None, Holds::Something | Holds::SomethingBut(_)) => None,
        };
        let possible = values
            .as_ref()
            .is_none_or(|values: &BTreeMap<_, _>| !values.is_empty());
        possible.then(|| ProviderClaim {
            issuer: None,
            claim: self.claim.to_string(),
            values,
        })
    }

    fn takes(&self, value: &str) -> bool {
        self.allow
            .as_ref()
            .is_none_or(|allowed| allowed.contains(value))
    }
}

#[cfg(test)]
mod tests;

//! What people who sign in can hold at all, and which claims of the provider it comes from: the
//! mapping read backwards, for whoever asks who could see something.

use std::collections::BTreeMap;

use serde::Serialize;
use weir_policy::change::WitnessSubject;
use weir_policy::who::{Holds, Requirement};
use weir_policy::{BusinessUnit, Claim, RoleName};

use super::{AttributeRule, ClaimMapping, SetRule};

/// Where a requirement is met at the identity provider.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ProviderClaim {
    /// The claim, as the mapping names it: `realm_access.roles`.
    pub claim: String,
    /// The provider's values that meet the requirement, with what each of them means here. Of a
    /// claim whose every value counts there is no list: then `None`, and what is required is what
    /// the provider has to say.
    pub values: Option<BTreeMap<String, String>>,
}

impl ClaimMapping {
    /// The provider's claim, and its values that meet `requirement`; `None` if nothing that
    /// anybody signs in with can.
    #[must_use]
    pub fn provider_claim(&self, requirement: &Requirement) -> Option<ProviderClaim> {
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

    /// Whether somebody can sign in with exactly these claims.
    #[must_use]
    pub fn can_make(&self, person: &WitnessSubject) -> bool {
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

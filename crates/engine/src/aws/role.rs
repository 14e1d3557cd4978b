//! The role of a business unit, assumed so that AWS's own trail says for whom Weir asked.

use std::time::SystemTime;

use aws_credential_types::Credentials;
use aws_credential_types::provider::error::CredentialsError;
use aws_credential_types::provider::{self, ProvideCredentials, future};
use aws_sdk_sts::types::Tag;
use weir_policy::BusinessUnit;

/// What AWS's trail shows beside every call made with the role, and roles may insist on.
const SOURCE_IDENTITY: &str = "weir";
/// The session tag with the business unit's name.
const UNIT_TAG: &str = "business_unit";
/// The longest session name that AWS takes.
const LONGEST_NAME: usize = 64;

/// Credentials from assuming a role.
#[derive(Debug)]
pub(super) struct AssumedRole {
    sts: aws_sdk_sts::Client,
    arn: String,
    unit: Option<BusinessUnit>,
}

impl AssumedRole {
    pub(super) fn new(sts: aws_sdk_sts::Client, arn: &str, unit: Option<&BusinessUnit>) -> Self {
        Self {
            sts,
            arn: arn.to_owned(),
            unit: unit.cloned(),
        }
    }

    async fn credentials(&self) -> provider::Result {
        let tag = self.unit.as_ref().map(|unit| {
            let tag = Tag::builder().key(UNIT_TAG).value(tag_value(unit));
            tag.build().map_err(CredentialsError::invalid_configuration)
        });
        let answer = self
            .sts
            .assume_role()
            .role_arn(&self.arn)
            .role_session_name(session_name(self.unit.as_ref()))
            .source_identity(SOURCE_IDENTITY)
            .set_tags(tag.transpose()?.map(|tag| vec![tag]))
            .send()
            .await
            .map_err(CredentialsError::provider_error)?;
        let found = answer
            .credentials
            .ok_or_else(|| CredentialsError::unhandled("the role came without credentials"))?;
        let expiry = SystemTime::try_from(found.expiration).map_err(CredentialsError::unhandled)?;
        Ok(Credentials::new(
            found.access_key_id,
            found.secret_access_key,
            Some(found.session_token),
            Some(expiry),
            "weir role",
        ))
    }
}

impl ProvideCredentials for AssumedRole {
    fn provide_credentials<'a>(&'a self) -> future::ProvideCredentials<'a>
    where
        Self: 'a,
    {
        future::ProvideCredentials::new(self.credentials())
    }
}

/// `weir-` and the unit, in the characters that AWS allows.
fn session_name(unit: Option<&BusinessUnit>) -> String {
    let allowed = |c: char| c.is_ascii_alphanumeric() || "_=,.@-".contains(c);
    let unit = unit.map_or("everybody", BusinessUnit::as_str);
    let name = unit.chars().map(|c| if allowed(c) { c } else { '-' });
    "weir-".chars().chain(name).take(LONGEST_NAME).collect()
}

/// The unit's name, with an underscore for each character that AWS does not take in tags.
fn tag_value(unit: &BusinessUnit) -> String {
    let allowed = |c: char| c.is_alphanumeric() || " _.:/=+-@".contains(c);
    let name = unit.as_str().chars();
    name.map(|c| if allowed(c) { c } else { '_' }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_session_is_named_after_the_unit_in_allowed_characters() {
        let unit = BusinessUnit::parse("group_benefits").unwrap();
        assert_eq!(session_name(Some(&unit)), "weir-group_benefits");
        assert_eq!(session_name(None), "weir-everybody");
    }

    #[test]
    fn a_tag_carries_the_unit_in_allowed_characters() {
        let unit = BusinessUnit::parse("Finance & Wealth").unwrap();
        assert_eq!(tag_value(&unit), "Finance _ Wealth");
    }
}

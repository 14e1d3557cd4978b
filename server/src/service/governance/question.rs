//! A question about somebody and a dataset, from the parameters of an address.
//!
//! Somebody is a sample person (`persona=analyst-auto`) or a set of claims (`role=analyst`,
//! `business_unit=auto`, `attribute.clearance=confidential`, each as often as needed).

use weir_policy::persona::Persona;
use weir_policy::{AttributeName, BusinessUnit, DatasetName, RoleName, Subject};

use crate::content::Content;

/// The issuer of people who are only claims.
const NOBODY: &str = "urn:weir:claims";

/// Who and what is asked about.
#[derive(Debug, Clone)]
pub struct Question {
    /// The dataset.
    pub dataset: DatasetName,
    /// Somebody.
    pub subject: Subject,
    /// The sample person, if it is one.
    pub persona: Option<Persona>,
}

/// A parameter that is unknown, missing or not a name.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is unknown, missing or not a name")]
pub struct WrongParameter(pub String);

impl Question {
    /// Reads the question out of the parameters.
    ///
    /// # Errors
    /// [`WrongParameter`] names the first that is none.
    pub fn read<'a>(
        parameters: impl IntoIterator<Item = (&'a str, &'a str)>,
        content: &Content,
    ) -> Result<Self, WrongParameter> {
        let (mut dataset, mut person) = (None, None);
        let mut subject = Subject::new(NOBODY, "claims");
        for (name, value) in parameters {
            let wrong = || WrongParameter(name.to_owned());
            match name {
                "dataset" => dataset = Some(DatasetName::parse(value).map_err(|_| wrong())?),
                "persona" => {
                    let found = persona(content, value).ok_or_else(wrong)?;
                    subject = found.subject().clone();
                    person = Some(found.clone());
                }
                "role" => {
                    let role = RoleName::parse(value).map_err(|_| wrong())?;
                    subject = subject.with_roles([role]);
                }
                "business_unit" => {
                    let unit = BusinessUnit::parse(value).map_err(|_| wrong())?;
                    subject = subject.with_business_units([unit]);
                }
                other => {
                    let attribute = other.strip_prefix("attribute.").ok_or_else(wrong)?;
                    let attribute = AttributeName::parse(attribute).map_err(|_| wrong())?;
                    subject = subject.with_attribute(attribute, [value.to_owned()]);
                }
            }
        }
        Ok(Self {
            dataset: dataset.ok_or_else(|| WrongParameter("dataset".to_owned()))?,
            subject,
            persona: person,
        })
    }
}

fn persona<'c>(content: &'c Content, name: &str) -> Option<&'c Persona> {
    let mut personas = content.personas().iter();
    personas.find(|persona| persona.name().as_str() == name)
}

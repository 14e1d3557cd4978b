//! What is said of columns: hidden or masked, and from whom.

use super::value::grouped;
use super::who::Audience;
use super::{Words, join, towards};
use crate::locale::Locale;
use crate::mask::Mask;
use crate::name::ColumnName;

/// What is done to a column, and the word before those it is done to.
pub(super) struct Limit {
    said: String,
    from: &'static str,
}

impl Words<'_> {
    pub(super) fn hidden(&self, several: bool) -> Limit {
        let (said, from) = match (self.locale, several) {
            (Locale::EnCa, false) => ("is hidden", "from"),
            (Locale::EnCa, true) => ("are hidden", "from"),
            (Locale::FrCa, false) => ("est cachée", "pour"),
            (Locale::FrCa, true) => ("sont cachées", "pour"),
        };
        Limit {
            said: said.to_owned(),
            from,
        }
    }

    pub(super) fn masked(&self, mask: &Mask) -> Limit {
        let said = match mask {
            Mask::Null => self.pick("is shown empty", "est montrée vide").to_owned(),
            Mask::Hash => self
                .pick("is shown as a hash", "est montrée sous forme d’empreinte")
                .to_owned(),
            Mask::Partial => self
                .pick("is shown in part only", "n’est montrée qu’en partie")
                .to_owned(),
            Mask::Bucket(width) => {
                let width = grouped(&width.get().to_string(), self.locale);
                match self.locale {
                    Locale::EnCa => format!("is shown rounded down to a multiple of {width}"),
                    Locale::FrCa => {
                        format!("est montrée arrondie au multiple inférieur de {width}")
                    }
                }
            }
        };
        Limit {
            said,
            from: self.pick("to", "à"),
        }
    }

    /// "`customer_id` is shown as a hash, except to privacy officers"
    pub(super) fn limited(
        &self,
        columns: &[ColumnName],
        limit: &Limit,
        audience: &Audience<'_>,
    ) -> String {
        let several = columns.len() > 1;
        let names = columns.iter().map(|column| self.label(column)).collect();
        let names = join(names, self.pick("and", "et"));
        let names = match (self.locale, several) {
            (Locale::EnCa, _) => names,
            (Locale::FrCa, false) => format!("la colonne {names}"),
            (Locale::FrCa, true) => format!("les colonnes {names}"),
        };
        let said = &limit.said;
        let to = if audience.when.is_empty() {
            String::new()
        } else {
            format!(" {}", towards(limit.from, &self.people(&audience.when)))
        };
        format!("{names} {said}{to}{}", self.except(audience, limit.from))
    }
}

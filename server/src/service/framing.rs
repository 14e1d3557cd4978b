//! Whether a host page can frame a dashboard: which header, of which hop, would stop it, and the
//! line to change. Policies are matched as browsers match them (CSP level 3), by the library that a
//! browser engine uses; nothing here guesses from substrings.

pub mod fetch;
mod page;
mod policies;
mod seen;

use serde::{Deserialize, Serialize};
use url::Url;
use utoipa::ToSchema;
use weir_identity::{Origin, is_loopback};

pub use self::fetch::{Fetched, Fetcher, LookError, Reach};
pub use self::page::host_page;
pub use self::seen::weir_from_outside;

/// Who has to change something.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Hop {
    /// The registration of the client at Weir.
    Registration,
    /// Weir, or a proxy before it.
    Weir,
    /// The host's page, or a proxy before it.
    Page,
}

/// Something that is in the way.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Finding {
    /// A stable word.
    pub code: String,
    /// Who has to change something.
    pub hop: Hop,
    /// What was found, as it was sent.
    pub found: String,
    /// What happens because of it.
    pub says: String,
    /// The line as it has to be, or what to do where no line would help.
    pub change: String,
}

/// What is to be framed where.
#[derive(Debug, Clone)]
pub struct Embed {
    /// The host's origin.
    pub origin: Origin,
    /// The dashboard.
    pub dashboard: String,
    /// The address browsers know Weir by.
    pub weir: Url,
}

impl Embed {
    /// Weir's origin, as a policy names it.
    #[must_use]
    pub fn weir_origin(&self) -> String {
        self.weir.origin().ascii_serialization()
    }

    /// The address of the dashboard.
    #[must_use]
    pub fn address(&self) -> Url {
        let mut url = self.weir.clone();
        url.set_path(&format!("/embed/{}", self.dashboard));
        url.set_query(None);
        url
    }

    /// The address of the SDK.
    #[must_use]
    pub fn sdk(&self) -> Url {
        let mut url = self.weir.clone();
        url.set_path("/sdk/weir.js");
        url.set_query(None);
        url
    }

    /// What both addresses alone tell: browsers load nothing insecure into a secure page.
    #[must_use]
    pub fn by_addresses(&self) -> Option<Finding> {
        let secure_page = self.origin.as_str().starts_with("https:");
        let insecure = self.weir.scheme() == "http" && !is_loopback(&self.weir);
        (secure_page && insecure).then(|| Finding {
            code: "mixed-content".to_owned(),
            hop: Hop::Weir,
            found: self.weir_origin(),
            says: "The page is https and Weir is not: browsers block the frame as mixed content."
                .to_owned(),
            change: "Serve Weir by https, and say so in `http.public_url`.".to_owned(),
        })
    }
}

/// One finding.
fn finding(
    hop: Hop,
    code: &str,
    found: impl Into<String>,
    says: impl Into<String>,
    change: impl Into<String>,
) -> Finding {
    Finding {
        code: code.to_owned(),
        hop,
        found: found.into(),
        says: says.into(),
        change: change.into(),
    }
}

#[cfg(test)]
mod tests;

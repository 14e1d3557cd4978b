//! Content security policies: parsed, asked, and corrected.

use content_security_policy::{
    CheckResult, CspList, Destination, Directive, Initiator, NavigationCheckType, ParserMetadata,
    Policy, PolicyDisposition, PolicySource, Request,
};
use http::HeaderMap;
use http::header::CONTENT_SECURITY_POLICY;
use url::Url;

/// The policies that the headers of an answer enforce.
pub(super) fn of_headers(headers: &HeaderMap) -> Vec<Policy> {
    let values = headers.get_all(CONTENT_SECURITY_POLICY).iter();
    let texts = values.filter_map(|value| value.to_str().ok());
    texts
        .flat_map(|text| CspList::parse(text, PolicySource::Header, PolicyDisposition::Enforce).0)
        .collect()
}

/// The policies of one `<meta http-equiv>`. What only a header may say is no part of it.
pub(super) fn of_meta(text: &str) -> Vec<Policy> {
    let mut policies = CspList::parse(text, PolicySource::Meta, PolicyDisposition::Enforce).0;
    let header_only = ["frame-ancestors", "sandbox", "report-uri"];
    for policy in &mut policies {
        let directives = &mut policy.directive_set;
        directives.retain(|directive| !header_only.contains(&directive.name.as_str()));
    }
    policies
}

/// What a page asks a browser to load.
#[derive(Debug, Clone)]
pub(super) struct Wish {
    pub(super) page: Url,
    pub(super) wanted: Url,
    pub(super) nonce: String,
}

impl Wish {
    fn request(&self, destination: Destination, initiator: Initiator) -> Request {
        Request {
            url: self.wanted.clone(),
            current_url: self.wanted.clone(),
            origin: self.page.origin(),
            redirect_count: 0,
            destination,
            initiator,
            nonce: self.nonce.clone(),
            integrity_metadata: String::new(),
            parser_metadata: ParserMetadata::ParserInserted,
        }
    }

    /// Whether it may be framed.
    pub(super) fn may_frame(&self, policy: &Policy) -> bool {
        self.passes(policy, Destination::IFrame, Initiator::None)
    }

    /// Whether it may run as a script.
    pub(super) fn may_run(&self, policy: &Policy) -> bool {
        self.passes(policy, Destination::Script, Initiator::None)
    }

    /// Whether a script may fetch it.
    pub(super) fn may_fetch(&self, policy: &Policy) -> bool {
        self.passes(policy, Destination::None, Initiator::Fetch)
    }

    fn passes(&self, policy: &Policy, destination: Destination, initiator: Initiator) -> bool {
        let request = self.request(destination, initiator);
        let list = CspList(vec![policy.clone()]);
        list.should_request_be_blocked(&request).0 == CheckResult::Allowed
    }

    /// Whether a form may be sent to it.
    pub(super) fn may_post(&self, policy: &Policy) -> bool {
        let mut request = self.request(Destination::IFrame, Initiator::None);
        let list = CspList(vec![policy.clone()]);
        let form = NavigationCheckType::FormSubmission;
        let outcome = list.should_navigation_request_be_blocked(&mut request, form, |_| None);
        outcome.0 == CheckResult::Allowed
    }
}

/// The first of these directives that a policy has, the one that decides.
pub(super) fn deciding<'a>(policy: &'a Policy, names: &[&str]) -> Option<&'a Directive> {
    names.iter().find_map(|name| {
        let mut directives = policy.directive_set.iter();
        directives.find(|directive| directive.name == *name)
    })
}

/// The policy with `source` added to the first of `names`; where another of them decides so far, as
/// a directive of its own that says the same and `source`.
pub(super) fn corrected(policy: &Policy, names: &[&str], source: &str) -> String {
    let mut policy = policy.clone();
    let first = names.first().copied().unwrap_or_default();
    let mut value = deciding(&policy, names).map_or_else(Vec::new, |d| d.value.clone());
    value.retain(|known| !known.eq_ignore_ascii_case("'none'"));
    value.push(source.to_owned());
    let mut directives = policy.directive_set.iter_mut();
    match directives.find(|directive| directive.name == first) {
        Some(directive) => directive.value = value,
        None => policy.directive_set.push(Directive {
            name: first.to_owned(),
            value,
        }),
    }
    line(&policy)
}

/// The policy with one directive set to `value`, or without it where `value` is empty.
pub(super) fn with(policy: &Policy, name: &str, value: &[&str]) -> String {
    let mut policy = policy.clone();
    policy.directive_set.retain(|d| d.name != name);
    if !value.is_empty() {
        policy.directive_set.push(Directive {
            name: name.to_owned(),
            value: value.iter().map(|word| (*word).to_owned()).collect(),
        });
    }
    line(&policy)
}

/// A policy as it is sent.
pub(super) fn line(policy: &Policy) -> String {
    match policy.source {
        PolicySource::Header => format!("Content-Security-Policy: {policy}"),
        PolicySource::Meta => {
            format!("<meta http-equiv=\"Content-Security-Policy\" content=\"{policy}\">")
        }
    }
}

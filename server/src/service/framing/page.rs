//! The host's page: what of its headers and markup stops a frame of Weir.

use content_security_policy::Policy;
use html5gum::{DefaultEmitter, StartTag, Token, Tokenizer};
use http::header::REFERRER_POLICY;
use http::{HeaderMap, HeaderName};
use url::Url;

use super::policies::{self, Wish};
use super::{Embed, Fetched, Finding, Hop, finding};

const COEP: HeaderName = HeaderName::from_static("cross-origin-embedder-policy");

/// What a frame of Weir needs of a sandbox.
const NEEDED: [&str; 3] = ["allow-scripts", "allow-same-origin", "allow-forms"];

/// The words that a referrer policy may be.
const REFERRER: [&str; 8] = [
    "no-referrer",
    "no-referrer-when-downgrade",
    "same-origin",
    "origin",
    "strict-origin",
    "origin-when-cross-origin",
    "strict-origin-when-cross-origin",
    "unsafe-url",
];

/// What the markup says that matters here.
#[derive(Debug, Default)]
struct Markup {
    policies: Vec<Policy>,
    /// Of the last `<meta name="referrer">` with a known word.
    referrer: Option<String>,
    /// The nonce of the tag that loads the SDK; `None` where there is no such tag.
    sdk: Option<String>,
    /// The `sandbox` attributes of frames of Weir.
    sandboxes: Vec<String>,
}

/// Everything on the host's page that would stop the dashboard.
#[must_use]
pub fn host_page(page: &Fetched, embed: &Embed) -> Vec<Finding> {
    let markup = Markup::read(&page.text(), &page.url, embed);
    let mut list = policies::of_headers(&page.headers);
    list.extend(markup.policies.iter().cloned());
    let mut findings: Vec<_> = list
        .iter()
        .flat_map(|policy| of_policy(policy, page, embed, &markup))
        .collect();
    findings.extend(not_there(page));
    findings.extend(elsewhere(page, embed));
    findings.extend(isolated(&page.headers));
    findings.extend(without_origin(&page.headers, &markup));
    findings.extend(markup.sandboxes.iter().filter_map(|one| boxed(one)));
    findings
}

fn of_policy(policy: &Policy, page: &Fetched, embed: &Embed, markup: &Markup) -> Vec<Finding> {
    let wish = |wanted: Url| Wish {
        page: page.url.clone(),
        wanted,
        nonce: String::new(),
    };
    let (framed, weir) = (wish(embed.address()), embed.weir_origin());
    let sdk = Wish {
        nonce: markup.sdk.clone().unwrap_or_default(),
        ..wish(embed.sdk())
    };
    let found = |names: &[&str]| {
        let directive = policies::deciding(policy, names);
        directive.map_or_else(|| policies::line(policy), ToString::to_string)
    };
    let blocked = |code: &str, names: &[&str], source: &str, says: &str| {
        let change = policies::corrected(policy, names, source);
        finding(Hop::Page, code, found(names), says, change)
    };
    let mut findings = Vec::new();
    if !framed.may_frame(policy) {
        let names = ["frame-src", "child-src", "default-src"];
        let says = "The page may not frame Weir: the browser shows an empty frame.";
        findings.push(blocked("frame-src", &names, &weir, says));
    }
    if !framed.may_post(policy) {
        let says = "The page may not send a form to Weir: the SDK cannot open the dashboard.";
        findings.push(blocked("form-action", &["form-action"], &weir, says));
    }
    if !sdk.may_run(policy) {
        findings.push(scripts(policy, embed, &found));
    }
    if !wish(page.url.clone()).may_fetch(policy) {
        let says = "Scripts of the page may not ask its own server: the SDK gets no token from it.";
        let names = ["connect-src", "default-src"];
        findings.push(blocked("connect-src", &names, "'self'", says));
    }
    findings.extend(sandboxed(policy));
    findings
}

fn scripts(policy: &Policy, embed: &Embed, found: &impl Fn(&[&str]) -> String) -> Finding {
    let names = ["script-src-elem", "script-src", "default-src"];
    let directive = policies::deciding(policy, &names);
    // With `'strict-dynamic'` a browser looks at no address.
    let by_nonce = directive.is_some_and(|directive| {
        let mut words = directive.value.iter();
        words.any(|word| word.eq_ignore_ascii_case("'strict-dynamic'"))
    });
    let change = if by_nonce {
        let sdk = embed.sdk();
        format!("<script type=\"module\" nonce=\"the page’s nonce\" src=\"{sdk}\"></script>")
    } else if directive.is_some_and(|directive| directive.name == "script-src-elem") {
        policies::corrected(policy, &names, &embed.weir_origin())
    } else {
        policies::corrected(policy, &["script-src", "default-src"], &embed.weir_origin())
    };
    let says = "The page may not run Weir’s SDK: `<weir-dashboard>` stays empty.";
    finding(Hop::Page, "script-src", found(&names), says, change)
}

/// A page in a sandbox of its own.
fn sandboxed(policy: &Policy) -> Option<Finding> {
    let directive = policies::deciding(policy, &["sandbox"])?;
    let allowed: Vec<String> = directive.value.iter().map(|w| w.to_lowercase()).collect();
    if NEEDED
        .iter()
        .all(|need| allowed.iter().any(|word| word == need))
    {
        return None;
    }
    let words = allowed.iter().map(String::as_str);
    let words: Vec<&str> = words.filter(|word| !NEEDED.contains(word)).collect();
    let value = [words.as_slice(), NEEDED.as_slice()].concat();
    Some(finding(
        Hop::Page,
        "sandbox",
        directive.to_string(),
        "The page is sandboxed, and frames in it inherit that: without scripts, forms and an origin of its own no dashboard opens.",
        policies::with(policy, "sandbox", &value),
    ))
}

/// A `sandbox` attribute of the frame itself.
fn boxed(attribute: &str) -> Option<Finding> {
    let lower = attribute.to_lowercase();
    let words: Vec<&str> = lower.split_ascii_whitespace().collect();
    if NEEDED.iter().all(|need| words.contains(need)) {
        return None;
    }
    let others: Vec<&str> = words.into_iter().filter(|w| !NEEDED.contains(w)).collect();
    let value = [others.as_slice(), NEEDED.as_slice()].concat().join(" ");
    Some(finding(
        Hop::Page,
        "sandbox-attribute",
        format!("<iframe sandbox=\"{attribute}\">"),
        "The frame is sandboxed: without scripts, forms and an origin of its own the dashboard can’t work.",
        format!("<iframe sandbox=\"{value}\">"),
    ))
}

fn isolated(headers: &HeaderMap) -> Option<Finding> {
    let value = headers.get(COEP)?.to_str().ok()?;
    let word = value.split(';').next().unwrap_or_default().trim();
    matches!(word, "require-corp" | "credentialless").then(|| {
        finding(
            Hop::Page,
            "coep",
            format!("Cross-Origin-Embedder-Policy: {value}"),
            "The page demands that everything in it opts into isolation; the browser blocks frames that don’t.",
            "Cross-Origin-Embedder-Policy: unsafe-none",
        )
    })
}

/// Weir compares the `Origin` of the launch with the token; these policies make it `null`.
fn without_origin(headers: &HeaderMap, markup: &Markup) -> Option<Finding> {
    let values = headers.get_all(REFERRER_POLICY).iter();
    let texts = values.filter_map(|value| value.to_str().ok());
    let mut sent = texts.flat_map(|text| text.split(',')).map(str::trim);
    // The last word that a browser knows decides, and the markup comes after the headers.
    let sent = sent.rfind(|word| is_referrer_policy(word));
    let (word, found, right) = match &markup.referrer {
        Some(word) => (
            word.as_str(),
            format!("<meta name=\"referrer\" content=\"{word}\">"),
            "<meta name=\"referrer\" content=\"strict-origin-when-cross-origin\">",
        ),
        None => (
            sent?,
            format!("Referrer-Policy: {}", sent?),
            "Referrer-Policy: strict-origin-when-cross-origin",
        ),
    };
    let hides = ["no-referrer", "same-origin"];
    let hidden = hides.iter().any(|policy| word.eq_ignore_ascii_case(policy));
    hidden.then(|| {
        let says = "The browser sends `Origin: null` with the launch, and Weir can’t tell that it comes from this page.";
        finding(Hop::Page, "referrer-policy", found, says, right)
    })
}

fn is_referrer_policy(word: &str) -> bool {
    REFERRER
        .iter()
        .any(|known| word.eq_ignore_ascii_case(known))
}

fn not_there(page: &Fetched) -> Option<Finding> {
    (page.status >= 400).then(|| {
        finding(
            Hop::Page,
            "page-status",
            format!("{} answers {}", page.url, page.status),
            "There is no page to look at; what was looked at is what stands there instead.",
            "Name the address of the page that embeds, with --page or `page=`.",
        )
    })
}

/// A page that lives somewhere else than was said.
fn elsewhere(page: &Fetched, embed: &Embed) -> Option<Finding> {
    let origin = page.url.origin().ascii_serialization();
    (origin != embed.origin.as_str()).then(|| {
        finding(
            Hop::Page,
            "page-origin",
            origin.clone(),
            format!("The page is not of the origin {}, for which tokens are asked: its launches are refused.", embed.origin.as_str()),
            format!("Ask for tokens with \"origin\": \"{origin}\", and register it."),
        )
    })
}

impl Markup {
    fn read(html: &str, page: &Url, embed: &Embed) -> Self {
        let mut emitter = DefaultEmitter::default();
        // Without it the text of a script would be read as markup.
        emitter.naively_switch_states(true);
        let mut markup = Self::default();
        for Ok(token) in Tokenizer::new_with_emitter(html, emitter) {
            if let Token::StartTag(tag) = token {
                markup.take(&tag, page, embed);
            }
        }
        markup
    }

    fn take(&mut self, tag: &StartTag<()>, page: &Url, embed: &Embed) {
        match tag.name.as_slice() {
            b"meta" => self.meta(tag),
            b"script" if leads_to(tag, page, &embed.sdk()) => {
                let nonce = attribute(tag, "nonce").unwrap_or_default();
                self.sdk = Some(nonce);
            }
            b"iframe" if is_of_weir(tag, page, embed) => {
                self.sandboxes.extend(attribute(tag, "sandbox"));
            }
            _ => {}
        }
    }

    fn meta(&mut self, tag: &StartTag<()>) {
        let content = attribute(tag, "content").unwrap_or_default();
        let is = |name, value: &str| {
            attribute(tag, name).is_some_and(|found| found.trim().eq_ignore_ascii_case(value))
        };
        if is("http-equiv", "content-security-policy") {
            self.policies.extend(policies::of_meta(&content));
        }
        if is("name", "referrer") && is_referrer_policy(content.trim()) {
            self.referrer = Some(content.trim().to_lowercase());
        }
    }
}

fn attribute(tag: &StartTag<()>, name: &str) -> Option<String> {
    let mut attributes = tag.attributes.iter();
    let (_, value) = attributes.find(|(known, _)| known.as_slice() == name.as_bytes())?;
    Some(String::from_utf8_lossy(value).into_owned())
}

fn leads_to(tag: &StartTag<()>, page: &Url, wanted: &Url) -> bool {
    let src = attribute(tag, "src").and_then(|src| page.join(src.trim()).ok());
    src.is_some_and(|src| src.origin() == wanted.origin() && src.path() == wanted.path())
}

fn is_of_weir(tag: &StartTag<()>, page: &Url, embed: &Embed) -> bool {
    let src = attribute(tag, "src").and_then(|src| page.join(src.trim()).ok());
    src.is_some_and(|src| src.origin() == embed.weir.origin())
}

//! The governance portal: plain forms, whole without script, safe whatever the view-models say.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test may panic")]

#[path = "../examples/gallery/portal.rs"]
mod portal;

use portal::Sample;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use weir_frontend::model::admin::{Action, DraftState, ImpactState, Reader};
use weir_frontend::model::{Locale, Theme};
use weir_frontend::pages::admin as pages;
use weir_frontend::text::{ClientText, DraftText, PortalText, RecordText, StopText};

const ENGLISH: Sample = Sample {
    locale: Locale::EnCa,
    theme: Theme::System,
};
const FRENCH: Sample = Sample {
    locale: Locale::FrCa,
    theme: Theme::Dark,
};

const STATES: [DraftState; 7] = [
    DraftState::Editing,
    DraftState::Checked,
    DraftState::InReview,
    DraftState::Approved,
    DraftState::Scheduled,
    DraftState::Live,
    DraftState::Withdrawn,
];

/// A start tag: its name and attributes.
struct Tag {
    name: String,
    attributes: BTreeMap<String, String>,
}

/// The start tags and the texts of a document, by the grammar that the pages are written in:
/// double quotes around every value, nothing raw but the one style sheet.
fn parse(html: &str) -> (Vec<Tag>, Vec<String>) {
    let (mut tags, mut texts) = (Vec::new(), Vec::new());
    let mut rest = html;
    while let Some((text, after)) = rest.split_once('<') {
        texts.push(text.to_owned());
        let (inside, after) = tag(after);
        let name = inside.split(' ').next().unwrap_or_default().to_owned();
        rest = after;
        if name == "style" {
            rest = rest.split_once("</style>").unwrap().1;
        }
        if !name.starts_with(['/', '!']) {
            let attributes = attributes(&inside);
            tags.push(Tag { name, attributes });
        }
    }
    (tags, texts)
}

/// Up to the `>` that ends the tag.
fn tag(text: &str) -> (String, &str) {
    let mut quoted = false;
    for (at, character) in text.char_indices() {
        match character {
            '"' => quoted = !quoted,
            '>' if !quoted => {
                let (inside, after) = text.split_at(at);
                return (inside.to_owned(), after.trim_start_matches('>'));
            }
            _ => {}
        }
    }
    panic!("a tag does not end: {text}");
}

fn attributes(inside: &str) -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    let mut parts = inside.split('"');
    while let Some(before) = parts.next() {
        let start = usize::from(found.is_empty());
        let words: Vec<&str> = before.split_whitespace().skip(start).collect();
        for word in words {
            match word.strip_suffix('=') {
                Some(name) => {
                    found.insert(name.to_owned(), parts.next().unwrap_or_default().to_owned());
                }
                None => {
                    found.insert(word.to_owned(), String::new());
                }
            }
        }
    }
    found
}

fn all() -> Vec<(&'static str, Locale, String)> {
    [ENGLISH, FRENCH]
        .into_iter()
        .flat_map(|sample| {
            let pages = sample.pages().into_iter();
            pages.map(move |(name, html)| (name, sample.locale, html))
        })
        .collect()
}

#[test]
fn every_page_has_one_heading_of_its_own_and_skips_no_level() {
    for (name, locale, html) in all() {
        let (tags, _) = parse(&html);
        let levels: Vec<u32> = tags
            .iter()
            .filter_map(|tag| tag.name.strip_prefix('h')?.parse().ok())
            .collect();
        let firsts = levels.iter().filter(|level| **level == 1).count();
        assert_eq!(firsts, 1, "{name} {locale:?}");
        for pair in levels.windows(2) {
            assert!(pair[1] <= pair[0] + 1, "{name}: {levels:?}");
        }
        assert_eq!(html.matches("<main").count(), 1, "{name}");
        let start = format!(
            "<!DOCTYPE html><html lang=\"{}\" data-realm=\"admin\"",
            locale.tag()
        );
        assert!(html.starts_with(&start), "{name}");
        assert!(html.ends_with("</body></html>"), "{name}");
    }
}

#[test]
fn every_form_field_has_a_label_and_every_id_is_its_own() {
    for (name, _, html) in all() {
        let (tags, _) = parse(&html);
        let mut ids = BTreeSet::new();
        for id in tags.iter().filter_map(|tag| tag.attributes.get("id")) {
            assert!(ids.insert(id), "{name}: `{id}` stands twice");
        }
        let labelled: BTreeSet<_> = tags
            .iter()
            .filter_map(|tag| tag.attributes.get("for"))
            .collect();
        for field in &tags {
            let is_field = ["input", "select", "textarea"].contains(&field.name.as_str());
            let hidden = field
                .attributes
                .get("type")
                .is_some_and(|kind| kind == "hidden");
            if is_field && !hidden {
                let id = field.attributes.get("id").expect("a field has an id");
                assert!(labelled.contains(id), "{name}: `{id}` has no label");
            }
        }
        for tag in &tags {
            for points in ["aria-describedby", "aria-labelledby", "for"] {
                for id in tag
                    .attributes
                    .get(points)
                    .into_iter()
                    .flat_map(|ids| ids.split(' '))
                {
                    assert!(
                        ids.contains(&id.to_owned()),
                        "{name}: {points} names `{id}`"
                    );
                }
            }
        }
    }
}

#[test]
fn f68_no_page_has_a_script_a_handler_or_a_style_attribute() {
    for (name, _, html) in all() {
        let (tags, _) = parse(&html);
        for tag in tags {
            assert_ne!(tag.name, "script", "{name}");
            assert_ne!(tag.name, "link", "{name}");
            if tag.name == "style" {
                assert_eq!(tag.attributes.get("nonce").unwrap(), "bm9uY2U", "{name}");
            }
            for attribute in tag.attributes.keys() {
                assert!(
                    attribute != "style" && !attribute.starts_with("on"),
                    "{name}: {attribute}"
                );
            }
        }
    }
}

#[test]
fn a5_every_form_that_changes_something_posts_the_token_against_forgery() {
    for (name, _, html) in all() {
        for form in html.split("<form ").skip(1) {
            let form = form.split("</form>").next().unwrap();
            let posts = form.starts_with("method=\"post\"");
            assert_eq!(
                posts,
                form.contains("name=\"csrf\" value=\"c0ffee\""),
                "{name}: {form}"
            );
            assert!(form.contains("type=\"submit\""), "{name}: {form}");
        }
    }
}

#[test]
fn a6_every_step_of_a_draft_names_the_version_it_is_about() {
    for sample in [ENGLISH.review(), ENGLISH.editing(), ENGLISH.approved()] {
        let html = pages::draft(&sample);
        let version = format!("name=\"version\" value=\"{}\"", sample.version);
        for form in html.split("<form ").skip(1) {
            let form = form.split("</form>").next().unwrap();
            if form.contains(&format!("action=\"{}/", sample.href)) {
                assert!(form.contains(&version), "{form}");
            }
        }
    }
}

#[test]
fn the_navigation_says_where_one_is() {
    for (name, _, html) in all() {
        let side = html.split("</header>").next().unwrap();
        assert_eq!(side.matches("aria-current=\"page\"").count(), 1, "{name}");
        assert!(
            html.contains("<a href=\"#content\" class=\"skip\">"),
            "{name}"
        );
    }
}

#[test]
fn every_table_has_a_caption_and_headings() {
    for (name, _, html) in all() {
        for table in html.split("<table").skip(1) {
            let table = table.split("</table>").next().unwrap();
            assert!(table.contains("<caption"), "{name}");
            assert!(
                table.contains("scope=\"col\"") && table.contains("scope=\"row\""),
                "{name}"
            );
        }
    }
}

#[test]
fn every_text_of_the_portal_exists_in_both_languages() {
    for (english, french) in dictionary() {
        assert!(!english.is_empty() && !french.is_empty());
        for sign in [" ;", " ?", " :", " %", " !", "« ", " »"] {
            assert!(
                !french.contains(sign),
                "{french}: a no-break space belongs at `{sign}`"
            );
        }
        assert!(!english.contains('!') && !french.contains('!'), "{english}");
        assert!(
            !french.contains('\'') && !english.contains('\''),
            "{french}"
        );
    }
}

/// Every fixed text of the portal, English and French.
fn dictionary() -> Vec<(&'static str, &'static str)> {
    let portal = PortalText::ALL
        .iter()
        .map(|text| (text.of(Locale::EnCa), text.of(Locale::FrCa)));
    let draft = DraftText::ALL
        .iter()
        .map(|text| (text.of(Locale::EnCa), text.of(Locale::FrCa)));
    let record = RecordText::ALL
        .iter()
        .map(|text| (text.of(Locale::EnCa), text.of(Locale::FrCa)));
    let client = ClientText::ALL
        .iter()
        .map(|text| (text.of(Locale::EnCa), text.of(Locale::FrCa)));
    let stop = StopText::ALL
        .iter()
        .map(|text| (text.of(Locale::EnCa), text.of(Locale::FrCa)));
    let pages = portal.chain(draft).chain(record);
    pages.chain(client).chain(stop).collect()
}

#[test]
fn a_french_page_says_nothing_in_english() {
    let french: BTreeSet<&str> = dictionary().into_iter().map(|(_, french)| french).collect();
    let english: BTreeSet<&str> = dictionary()
        .into_iter()
        .map(|(english, _)| english)
        .filter(|english| !french.contains(english))
        .collect();
    for (name, html) in FRENCH.pages() {
        let (tags, texts) = parse(&html);
        let spoken = ["aria-label", "title", "data-label", "placeholder", "alt"];
        let attributes = tags
            .iter()
            .flat_map(|tag| spoken.iter().filter_map(|name| tag.attributes.get(*name)));
        for said in texts.iter().chain(attributes) {
            assert!(!english.contains(said.trim()), "{name}: {said}");
        }
    }
}

#[test]
fn both_languages_show_the_same_page() {
    for ((name, english), (_, french)) in ENGLISH.pages().into_iter().zip(FRENCH.pages()) {
        let names =
            |html: &str| -> Vec<String> { parse(html).0.into_iter().map(|tag| tag.name).collect() };
        assert_eq!(names(&english), names(&french), "{name}");
    }
}

/// Markup, quotes, an address that runs, a text that turns around.
const HOSTILE: &str = "</textarea></title><script>alert(1)</script>\"'><img src=x onerror=alert(1)>&\u{202e}\u{2066}\u{200b}";

/// The view-model with every text replaced. Names of enum variants are texts too, but the
/// view-model does not come back with them replaced, so they stay.
fn poisoned<T: Serialize + DeserializeOwned>(vm: &T, poison: &str) -> (T, usize) {
    let mut value = serde_json::to_value(vm).unwrap();
    let mut places = Vec::new();
    places_of(&value, &mut String::new(), &mut places);
    let mut replaced = 0;
    for place in places {
        let was = value.pointer(&place).unwrap().clone();
        *value.pointer_mut(&place).unwrap() = Value::String(poison.to_owned());
        if serde_json::from_value::<T>(value.clone()).is_ok() {
            replaced += 1;
        } else {
            *value.pointer_mut(&place).unwrap() = was;
        }
    }
    (serde_json::from_value(value).unwrap(), replaced)
}

fn places_of(value: &Value, path: &mut String, places: &mut Vec<String>) {
    let mut enter = |key: &str, inner: &Value| {
        let length = path.len();
        path.push('/');
        path.push_str(key);
        places_of(inner, path, places);
        path.truncate(length);
    };
    match value {
        Value::String(_) => places.push(path.clone()),
        Value::Array(items) => {
            for (index, inner) in items.iter().enumerate() {
                enter(&index.to_string(), inner);
            }
        }
        Value::Object(fields) => {
            for (key, inner) in fields {
                enter(key, inner);
            }
        }
        _ => {}
    }
}

fn survives<T: Serialize + DeserializeOwned>(name: &str, vm: &T, page: fn(&T) -> String) {
    let (shape, _) = parse(&page(vm));
    let (hostile, replaced) = poisoned(vm, HOSTILE);
    assert!(replaced > 5, "{name}: only {replaced} texts");
    let html = page(&hostile);
    let (tags, texts) = parse(&html);

    for tag in &tags {
        assert!(tag.name != "script" && tag.name != "img", "{name}");
        assert!(
            !tag.attributes.keys().any(|key| key.starts_with("on")),
            "{name}"
        );
        for address in ["href", "action", "formaction", "src"] {
            let to = tag.attributes.get(address).map_or("/", String::as_str);
            assert!(to.starts_with(['/', '#']), "{name}: {address} goes to {to}");
        }
    }
    let known: BTreeSet<_> = shape.iter().map(|tag| tag.name.as_str()).collect();
    for tag in &tags {
        let name_is_known = known.contains(tag.name.as_str()) || tag.name == "span";
        assert!(name_is_known, "{name}: `{}` came in by a text", tag.name);
    }
    for text in texts.iter().filter(|text| !text.starts_with('\n')) {
        assert!(
            !text.contains(['\u{202e}', '\u{2066}', '\u{200b}']),
            "{name}: {text:?}"
        );
    }
    assert!(html.contains("[U+202E][U+2066][U+200B]"), "{name}");

    let (running, _) = poisoned(vm, "javascript:alert(1)");
    let html = page(&running);
    for address in [
        "href=\"javascript:",
        "action=\"javascript:",
        "src=\"javascript:",
    ] {
        assert!(!html.contains(address), "{name}: {address}");
    }
}

#[test]
fn f69_hostile_texts_in_every_field_of_every_page_stay_text() {
    survives("waiting", &ENGLISH.waiting(), pages::waiting);
    survives("calm", &ENGLISH.calm(), pages::waiting);
    survives("drafts", &ENGLISH.drafts(), pages::drafts);
    survives("policies", &ENGLISH.policies(), pages::policies);
    survives("policy", &ENGLISH.policy(), pages::policy);
    survives("review", &ENGLISH.review(), pages::draft);
    survives("editing", &ENGLISH.editing(), pages::draft);
    survives("approved", &ENGLISH.approved(), pages::draft);
    survives("conflict", &ENGLISH.conflict(), pages::draft);
    survives("revisions", &ENGLISH.revisions(), pages::revisions);
    survives("revision", &ENGLISH.revision(), pages::revision);
    survives("diff", &ENGLISH.revision_diff(), pages::revision_diff);
    survives("access", &ENGLISH.access(), pages::access);
    survives("explain", &ENGLISH.explain(), pages::explain);
    survives("view as", &ENGLISH.view_as(), pages::view_as);
    survives("preview", &ENGLISH.preview(), pages::preview);
    survives("audit", &ENGLISH.audit(), pages::audit);
    survives("clients", &ENGLISH.clients(), pages::clients);
    survives("client", &ENGLISH.client(), pages::client);
    survives("problem", &ENGLISH.problem(), pages::admin_problem);
}

#[test]
fn the_editor_gives_back_what_it_was_given_byte_for_byte() {
    let mut vm = ENGLISH.conflict();
    let text = "\n\n# a\u{202e}b\u{200b} & \"c\" </textarea> <i>\n  - x: 'y'\n";
    vm.editor.as_mut().unwrap().text = text.to_owned();

    let html = pages::draft(&vm);

    let area = html.split("name=\"text\"").nth(1).unwrap();
    let inside = area
        .split_once('>')
        .unwrap()
        .1
        .split("</textarea>")
        .next()
        .unwrap();
    // The parser of HTML drops one leading line feed.
    let read = inside.strip_prefix('\n').unwrap();
    let read = read
        .replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&quot;", "\"")
        .replace("&#39;", "'")
        .replace("&amp;", "&");
    assert_eq!(read, text);
}

/// A state with what it allows an author, a reviewer, and who approved.
type Allowed = (
    DraftState,
    &'static [Action],
    &'static [Action],
    &'static [Action],
);

#[test]
fn a_state_allows_what_the_life_of_a_change_says() {
    use Action::{Approve, Check, Publish, Save, Schedule, SendBack, Submit, Unschedule, Withdraw};
    let table: [Allowed; 7] = [
        (
            DraftState::Editing,
            &[Save, Check, Withdraw],
            &[Save, Check],
            &[Save, Check],
        ),
        (
            DraftState::Checked,
            &[Save, Check, Submit, Withdraw],
            &[Save, Check],
            &[Save, Check],
        ),
        (
            DraftState::InReview,
            &[Check, Withdraw],
            &[Approve, Check, SendBack],
            &[Check, SendBack],
        ),
        (
            DraftState::Approved,
            &[Publish, Schedule, Check, Withdraw],
            &[Publish, Schedule, Check, SendBack],
            &[Publish, Schedule, Check, SendBack],
        ),
        (
            DraftState::Scheduled,
            &[Publish, Unschedule, Check, Withdraw],
            &[Publish, Unschedule, Check, SendBack],
            &[Publish, Unschedule, Check, SendBack],
        ),
        (DraftState::Live, &[], &[], &[]),
        (DraftState::Withdrawn, &[], &[], &[]),
    ];
    for (state, author, reviewer, approver) in table {
        assert_eq!(state.actions(Reader::Author), author, "{state:?}");
        assert_eq!(state.actions(Reader::Reviewer), reviewer, "{state:?}");
        assert_eq!(state.actions(Reader::Approver), approver, "{state:?}");
        // Nobody approves their own work, and nobody approves twice.
        assert!(!state.actions(Reader::Author).contains(&Approve));
        assert!(!state.actions(Reader::Approver).contains(&Approve));
    }
}

const ACTIONS: [Action; 9] = [
    Action::Save,
    Action::Check,
    Action::Submit,
    Action::Approve,
    Action::SendBack,
    Action::Schedule,
    Action::Unschedule,
    Action::Publish,
    Action::Withdraw,
];

#[test]
fn a_draft_offers_each_step_that_is_allowed_and_no_other() {
    for state in STATES {
        for reader in [Reader::Author, Reader::Reviewer, Reader::Approver] {
            let mut vm = ENGLISH.review();
            vm.state = state;
            vm.actions = state.actions(reader).to_vec();
            let html = pages::draft(&vm);
            for action in ACTIONS {
                let offered =
                    html.contains(&format!("action=\"/admin/drafts/27/{}\"", action.slug()));
                let allowed = vm.actions.contains(&action);
                assert_eq!(offered, allowed, "{state:?} {reader:?} {action:?}");
            }
        }
    }
}

#[test]
fn a_page_given_too_much_offers_only_what_its_state_has_room_for() {
    for state in STATES {
        let mut vm = ENGLISH.review();
        vm.state = state;
        vm.actions = ACTIONS.to_vec();
        let html = pages::draft(&vm);
        for action in ACTIONS {
            let offered = html.contains(&format!("action=\"/admin/drafts/27/{}\"", action.slug()));
            assert_eq!(offered, state.has_room_for(action), "{state:?} {action:?}");
        }
    }
}

#[test]
fn an_outdated_draft_goes_nowhere_before_it_is_checked_again() {
    for state in STATES {
        let mut vm = ENGLISH.review();
        vm.state = state;
        vm.actions = ACTIONS.to_vec();
        vm.outdated = vm.base.clone();
        let html = pages::draft(&vm);
        for forward in ["submit", "approve", "publish", "schedule"] {
            assert!(
                !html.contains(&format!("drafts/27/{forward}\"")),
                "{state:?} {forward}"
            );
        }
        let open = !matches!(state, DraftState::Live | DraftState::Withdrawn);
        assert_eq!(html.contains("drafts/27/check\""), open, "{state:?}");
    }
}

#[test]
fn checking_never_forgets_what_stands_in_the_editor() {
    let html = pages::draft(&ENGLISH.editing());

    let editor = html.split("class=\"editor\"").nth(1).unwrap();
    let editor = editor.split("</form>").next().unwrap();
    assert!(editor.contains("formaction=\"/admin/drafts/28/check\""));
    assert!(editor.contains("name=\"text\"") && editor.contains("name=\"path\""));
    assert_eq!(html.matches("/admin/drafts/28/check").count(), 1);
}

#[test]
fn a_finding_stands_at_its_line_and_is_linked_to() {
    let html = pages::draft(&ENGLISH.editing());

    assert!(html.contains("href=\"#line-11\""));
    let line = html
        .split("id=\"line-11\"")
        .nth(1)
        .unwrap()
        .split("</li>")
        .next()
        .unwrap();
    assert!(line.contains("legal_hodl") && line.contains("Error"));
    assert!(line.contains("Did you mean") && line.contains("legal_hold"));
}

#[test]
fn a_widening_says_so_on_the_button_that_does_it() {
    let mut vm = ENGLISH.approved();
    assert!(pages::draft(&vm).contains(">Publish and widen access for 2 units<"));
    if let ImpactState::Counted(impact) = &mut vm.impact {
        impact.units_widened = 1;
    }
    assert!(pages::draft(&vm).contains(">Publish and widen access for 1 unit<"));
    if let ImpactState::Counted(impact) = &mut vm.impact {
        impact.units_widened = 0;
    }
    assert!(pages::draft(&vm).contains(">Publish now<"));
    assert!(pages::draft(&ENGLISH.review()).contains(">Approve and let somebody see more<"));
}

#[test]
fn after_a_conflict_both_texts_are_on_the_page() {
    let html = pages::draft(&ENGLISH.conflict());

    assert!(html.contains("Lucie Gagnon"));
    assert!(html.contains("Nothing is lost."));
    assert!(html.contains("Theirs only") && html.contains("Yours only"));
    let area = html
        .split("name=\"text\"")
        .nth(1)
        .unwrap()
        .split("</textarea>")
        .next()
        .unwrap();
    assert!(area.contains("legal_hodl"), "the reader’s own text");
}

#[test]
fn what_was_wrong_is_said_at_the_field_and_above() {
    let html = pages::view_as(&ENGLISH.view_as());
    let (tags, _) = parse(&html);

    let field = tags
        .iter()
        .find(|tag| {
            tag.attributes
                .get("id")
                .is_some_and(|id| id == "f-business_units")
        })
        .unwrap();
    assert_eq!(field.attributes.get("aria-invalid").unwrap(), "true");
    let described = field.attributes.get("aria-describedby").unwrap();
    assert!(described.contains("f-business_units-error"));
    assert!(html.contains("href=\"#f-business_units\""));
    assert_eq!(html.matches("There is no business unit hoem.").count(), 2);
}

#[test]
fn a_preview_is_marked_and_its_frames_stay_inside() {
    let html = pages::preview(&ENGLISH.preview());
    let (tags, _) = parse(&html);

    let frames: Vec<_> = tags.iter().filter(|tag| tag.name == "iframe").collect();
    assert_eq!(frames.len(), 2);
    for frame in frames {
        assert!(!frame.attributes.get("title").unwrap().is_empty());
        let address = frame.attributes.get("src").unwrap();
        assert!(address.starts_with('/') && !address.starts_with("//"));
    }
    assert!(html.contains("Preview: Jonas Weber as Broker"));
}

#[test]
fn a_page_of_the_portal_stays_small() {
    for (name, _, html) in all() {
        assert!(html.len() < 96 * 1024, "{name}: {} bytes", html.len());
    }
}

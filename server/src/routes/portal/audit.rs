//! `/admin/audit`: what happened, searched and paged, and whether the log is whole.

use axum::response::Response;
use chrono::{DateTime, Days, NaiveDate, TimeZone as _, Utc};
use weir_frontend::model::LinkVm;
use weir_frontend::model::admin::{
    AuditLine, AuditQuery as QueryVm, AuditVm, Choice, FieldError, Section,
};
use weir_frontend::pages::admin as pages;
use weir_query::Locale;
use weir_registry::{AuditOrder, AuditPage, AuditQuery, AuditRecord, Digest, Label};

use super::desk::Desk;
use super::draft::wrong;
use super::lines;
use super::record::{KINDS, Told, kind_name, tell};
use super::words::pick;
use crate::problem::Problem;

/// How many records stand on a page.
const PAGE: u32 = 50;

/// How much of a digest tells people apart.
const START: usize = 12;

/// `GET /admin/audit`
pub(super) async fn audit(desk: Desk) -> Response {
    let page = search(&desk).await;
    desk.answer(Section::Audit, page).await
}

async fn search(desk: &Desk) -> Result<Response, Problem> {
    let governance = &desk.state.governance;
    let (query, errors) = Fields(desk).read();
    let (query, backwards) = paged(desk, query);
    let page = if errors.is_empty() {
        governance.records(query.clone()).await?
    } else {
        AuditPage {
            records: Vec::new(),
            next: None,
        }
    };
    let (newer, older) = around(desk, &page, backwards);
    let mut records = page.records;
    if backwards {
        records.reverse();
    }
    let chain = lines::chain(
        governance.chain().await,
        governance.log_length().await?,
        desk.presenter(),
    );
    Ok(desk.page(pages::audit(&AuditVm {
        chain,
        query: Fields(desk).view(),
        errors,
        records: records.iter().map(|record| line(desk, record)).collect(),
        newer_href: newer,
        older_href: older,
        exports: exports(&query),
        frame: desk.frame(Section::Audit).await?,
    })))
}

/// The records of the time that is shown, whatever else was looked for, as files.
fn exports(query: &AuditQuery) -> Vec<LinkVm> {
    let formats = [
        ("jsonl", "JSON Lines"),
        ("csv", "CSV"),
        ("parquet", "Parquet"),
    ];
    let href = |format: &str| {
        let mut asked = url::form_urlencoded::Serializer::new(String::new());
        asked.append_pair("format", format);
        for (name, moment) in [("from", query.from), ("to", query.to)] {
            asked.extend_pairs(moment.map(|moment| (name, moment.to_rfc3339())));
        }
        format!("/api/v1/audit/export?{}", asked.finish())
    };
    let link = |(format, label): (&str, &str)| LinkVm {
        label: label.to_owned(),
        href: href(format),
    };
    formats.into_iter().map(link).collect()
}

/// Where the page starts: below a record, or, for the page before, above one.
fn paged(desk: &Desk, query: AuditQuery) -> (AuditQuery, bool) {
    let number = |name| desk.asked(name).and_then(|text| text.parse().ok());
    let (after, above): (Option<u64>, Option<u64>) = (number("after"), number("above"));
    let order = if above.is_some() {
        AuditOrder::OldestFirst
    } else {
        AuditOrder::NewestFirst
    };
    let query = AuditQuery {
        order,
        after: above.or(after),
        limit: PAGE,
        ..query
    };
    (query, above.is_some())
}

/// The addresses of the pages before and after this one.
fn around(desk: &Desk, page: &AuditPage, backwards: bool) -> (Option<String>, Option<String>) {
    let numbers = page.records.iter().map(AuditRecord::seq);
    let (first, last) = (numbers.clone().max(), numbers.min());
    let (has_newer, has_older) = if backwards {
        (page.next.is_some(), true)
    } else {
        (desk.asked("after").is_some(), page.next.is_some())
    };
    let newer = first.filter(|_| has_newer);
    let older = last.filter(|_| has_older);
    (
        newer.map(|seq| address(desk, "above", seq)),
        older.map(|seq| address(desk, "after", seq)),
    )
}

/// The same search at another place.
fn address(desk: &Desk, name: &str, seq: u64) -> String {
    let kept =
        desk.params.chosen.iter().filter(|(name, value)| {
            !["after", "above"].contains(&name.as_str()) && !value.is_empty()
        });
    let query = url::form_urlencoded::Serializer::new(String::new())
        .extend_pairs(kept)
        .append_pair(name, &seq.to_string())
        .finish();
    format!("/admin/audit?{query}")
}

/// The fields of the search form.
struct Fields<'a>(&'a Desk);

impl Fields<'_> {
    fn line(&self, name: &str) -> &str {
        self.0.asked(name).unwrap_or_default().trim()
    }

    fn read(&self) -> (AuditQuery, Vec<FieldError>) {
        let mut errors = Vec::new();
        let mut query = AuditQuery::default();
        let known = KINDS.iter().find(|kind| **kind == self.line("kind"));
        query.kind = known.map(|kind| (*kind).to_owned());
        query.dashboard = Label::parse(self.line("dashboard")).ok();
        match self.line("subject") {
            "" => {}
            text => match Digest::parse(text) {
                Ok(digest) => query.subject = Some(digest),
                Err(_) => errors.push(self.wrong(
                    "subject",
                    "Enter the whole digest: 64 characters, 0 to 9 and a to f.",
                    "Entrez l’empreinte entière\u{a0}: 64 caractères, de 0 à 9 et de a à f.",
                )),
            },
        }
        match self.line("revision") {
            "" => {}
            text => match text.parse() {
                Ok(number) => query.revision = Some(number),
                Err(_) => errors.push(self.wrong(
                    "revision",
                    "Enter the number of a revision.",
                    "Entrez le numéro d’une révision.",
                )),
            },
        }
        query.from = self.day("from", 0, &mut errors);
        query.to = self.day("to", 1, &mut errors);
        (query, errors)
    }

    /// The beginning of a day in Eastern time, or of the day after it.
    fn day(&self, name: &str, later: u64, errors: &mut Vec<FieldError>) -> Option<DateTime<Utc>> {
        let text = self.line(name);
        if text.is_empty() {
            return None;
        }
        let day = NaiveDate::parse_from_str(text, "%Y-%m-%d").ok();
        let day = day.and_then(|day| day.checked_add_days(Days::new(later)));
        let midnight = day.and_then(|day| {
            let midnight = day.and_hms_opt(0, 0, 0)?;
            let local = chrono_tz::America::Toronto.from_local_datetime(&midnight);
            Some(local.earliest()?.with_timezone(&Utc))
        });
        if midnight.is_none() {
            errors.push(self.wrong(
                name,
                "Enter a day as 2026-11-21.",
                "Entrez un jour, comme 2026-11-21.",
            ));
        }
        midnight
    }

    fn wrong(&self, field: &str, en: &'static str, fr: &'static str) -> FieldError {
        wrong(field, self.0.locale, en, fr)
    }

    fn view(&self) -> QueryVm {
        let locale = self.0.locale;
        let chosen = self.line("kind");
        let mut kinds = vec![all(locale, chosen.is_empty())];
        kinds.extend(KINDS.iter().map(|kind| Choice {
            value: (*kind).to_owned(),
            label: kind_name(kind, locale).to_owned(),
            chosen: *kind == chosen,
        }));
        let chosen = self.line("dashboard");
        let content = self.0.state.dashboards.published.current();
        let mut dashboards = vec![all(locale, chosen.is_empty())];
        dashboards.extend(content.dashboards().map(|dashboard| Choice {
            value: dashboard.slug().to_string(),
            label: dashboard.title().get(locale).to_owned(),
            chosen: dashboard.slug().as_str() == chosen,
        }));
        let text = |name| self.line(name).to_owned();
        QueryVm {
            kinds,
            subject: text("subject"),
            dashboards,
            revision: text("revision"),
            from: text("from"),
            to: text("to"),
        }
    }
}

fn all(locale: Locale, chosen: bool) -> Choice {
    Choice {
        value: String::new(),
        label: pick(locale, "All", "Tous").to_owned(),
        chosen,
    }
}

fn line(desk: &Desk, record: &AuditRecord) -> AuditLine {
    let Told {
        what,
        subject,
        dashboard,
        revision,
        outcome,
    } = tell(record.fact(), desk);
    let subject = subject.map(|digest| digest.to_string()).unwrap_or_default();
    let href = format!("/admin/audit?subject={subject}");
    AuditLine {
        number: desk.presenter().count(record.seq()),
        when: desk.presenter().when(record.at()),
        kind: kind_name(record.fact().kind(), desk.locale).to_owned(),
        what,
        subject_href: if subject.is_empty() {
            String::new()
        } else {
            href
        },
        subject: subject.chars().take(START).collect(),
        dashboard,
        revision: revision.map_or_else(String::new, |number| number.to_string()),
        outcome,
    }
}

//! Whatever goes wrong in the engine, whoever asks hears a code, a sentence in their language and a
//! request id, and nothing of the inside (failures F47 to F50). The engine here fails in every way
//! there is, and says in its causes all that must not be heard.

use std::collections::BTreeSet;
use std::fmt;
use std::sync::Arc;

use http::StatusCode;
use serde_json::json;
use weir_engine::{
    Answer as EngineAnswer, EngineError, Estimate, Export, LakeError, QueryContext, QueryEngine,
    Tables,
};
use weir_identity::{EmbedGrant, Right};
use weir_policy::{BusinessUnit, DatasetName, Locale};
use weir_query::{Dialect, Principal, Statement};
use weir_server::problem::Slug;

use crate::support::ask::{Answer, Ask, get, launch, post};
use crate::support::canaries::Canaries;
use crate::support::world::{HOST, Who, World};

/// What an engine knows of itself.
const CAUSE: &str = "SYNTAX_ERROR: line 1:8: SELECT SUM(CAST(\"amount\" AS decimal(38,2))) FROM \"gold\".\"notes\" \
    FOR VERSION AS OF 5828592803881840765 WHERE \"legal_hold\" = FALSE: s3://gold-bucket/lake/notes/part-0.parquet \
    is denied to arn:aws:iam::123456789012:role/weir-auto at https://athena.ca-central-1.amazonaws.com:443 \
    (work group weir-auto, QueryExecutionId 3f1c9b6e-7d2a-4d60-9c0f-5a1e2b3c4d5e, catalog AwsDataCatalog)";

/// What of it would betray it, in small letters. Prose has none of these.
const CORPUS: [&str; 24] = [
    "syntax_error",
    "select sum",
    "cast(",
    "decimal(",
    "\"gold\"",
    "gold.",
    "\"notes\"",
    "version as of",
    "5828592803881840765",
    "legal_hold",
    "s3://",
    "bucket",
    "parquet",
    "arn:",
    "iam",
    "123456789012",
    "weir-auto",
    "athena",
    "amazonaws",
    "work group",
    "queryexecution",
    "3f1c9b6e",
    "awsdatacatalog",
    "datafusion",
];

/// One way to fail.
pub(crate) type Failure = fn() -> EngineError;

/// Every class that can be made from outside; what a lost file does is tried below.
const FAILURES: [Failure; 16] = [
    || EngineError::Deadline,
    || EngineError::WrongDialect,
    || EngineError::SnapshotGone,
    || EngineError::Drifted,
    || EngineError::TooLong,
    || EngineError::NoPlace,
    || EngineError::OutOfRange,
    || EngineError::Refused(None),
    || {
        EngineError::Lake(LakeError::NoTable {
            dataset: DatasetName::parse("gold.notes").unwrap(),
            nearest: CAUSE.to_owned(),
        })
    },
    || EngineError::TooLarge(CAUSE.into()),
    || EngineError::Failed(CAUSE.into()),
    || EngineError::Unavailable(CAUSE.into()),
    || EngineError::Denied(CAUSE.into()),
    || EngineError::NotTaken(CAUSE.into()),
    || EngineError::ScanLimit(CAUSE.into()),
    || EngineError::Stopped(CAUSE.into()),
];

/// An engine whose statements all fail in one way.
pub(crate) struct Broken {
    pub(crate) engine: Arc<dyn QueryEngine>,
    pub(crate) failure: Failure,
}

impl fmt::Debug for Broken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Broken").finish_non_exhaustive()
    }
}

#[async_trait::async_trait]
impl QueryEngine for Broken {
    fn dialect(&self) -> Dialect {
        self.engine.dialect()
    }

    fn principal(&self, unit: Option<&BusinessUnit>) -> Option<Principal> {
        self.engine.principal(unit)
    }

    async fn tables(&self) -> Result<Tables, EngineError> {
        self.engine.tables().await
    }

    async fn estimate(&self, _: &Statement) -> Result<Option<Estimate>, EngineError> {
        Ok(None)
    }

    async fn run(&self, _: &Statement, _: QueryContext) -> Result<EngineAnswer, EngineError> {
        Err((self.failure)())
    }

    async fn export(&self, _: &Statement, _: QueryContext) -> Result<Export, EngineError> {
        Err((self.failure)())
    }

    async fn health(&self) -> Result<(), EngineError> {
        Err((self.failure)())
    }
}

/// A world, everybody who asks in it, and the engine as it was.
struct Scene {
    canaries: Canaries,
    world: World,
    engine: Arc<dyn QueryEngine>,
    viewer: String,
    member: String,
    admin: String,
    preview: String,
}

impl Scene {
    async fn open() -> Self {
        let canaries = Canaries::new();
        canaries.edit(
            "policies/personas.yaml",
            "personas:\n  - name: analyst-auto\n    label: { en: Auto analyst, fr: Analyste auto }\n    \
             as: { roles: [analyst], business_units: [auto] }\n",
        );
        let world = World::build(&canaries.plan()).await.unwrap();
        let publisher = &world.app.state().governance.publisher;
        let content = publisher.published.current();
        let engine = publisher.lake.engine(content.catalog()).await.unwrap();
        let viewer = world.mint(EmbedGrant {
            locale: Locale::FrCa,
            rights: BTreeSet::from([Right::ExportCsv]),
            ..World::grant(&Who::analyst("auto"), "finance-overview")
        });
        let member = world.session(&Who::analyst("auto")).await;
        let admin = world.session(&Who::governor()).await;
        let wish = json!({ "persona": "analyst-auto", "dashboard": "finance-overview" });
        let begin = post("/api/v1/view-as").header("sec-fetch-site", "same-origin");
        let answer = world.send(begin.cookie(&admin).json(&wish)).await;
        let preview = answer.expect(StatusCode::CREATED).json()["id"].to_string();
        Self {
            canaries,
            world,
            engine,
            viewer,
            member,
            admin,
            preview: preview.trim_matches('"').to_owned(),
        }
    }

    fn replace_engine(&self, engine: Arc<dyn QueryEngine>) {
        let publisher = &self.world.app.state().governance.publisher;
        publisher.engine.replace(engine);
    }

    fn fail(&self, failure: Failure) {
        let engine = Arc::clone(&self.engine);
        self.replace_engine(Arc::new(Broken { engine, failure }));
    }

    async fn ask_all(&self) -> Vec<(String, Answer)> {
        let mut answers = Vec::new();
        for (name, ask) in self.asks() {
            answers.push((name, self.world.send(ask).await));
        }
        answers
    }

    /// Everything that asks the engine, in both languages: frames, pages, programs, admins.
    #[expect(clippy::too_many_lines, reason = "a list")]
    fn asks(&self) -> Vec<(String, Ask)> {
        let data = "/api/v1/dashboards/finance-overview/tiles/list/data";
        let values = "/api/v1/dashboards/finance-overview/filters/place/values";
        let row = "dataset=gold.notes&persona=analyst-auto&key.day=2026-10-05&key.place=everywhere";
        let preview = format!("/api/v1/view-as/{}", self.preview);
        let viewer = |ask: Ask| ask.bearer(&self.viewer);
        let member = |ask: Ask| ask.cookie(&self.member);
        let admin = |ask: Ask| ask.cookie(&self.admin);
        vec![
            (
                "the frame".to_owned(),
                launch("finance-overview", HOST, &self.viewer),
            ),
            (
                "a frame's tile".to_owned(),
                viewer(get("/embed/finance-overview/tiles/list")),
            ),
            (
                "a frame's data".to_owned(),
                viewer(get(&format!("{data}?locale=fr-CA"))),
            ),
            (
                "a frame's values".to_owned(),
                viewer(get(&format!("{values}?locale=fr-CA"))),
            ),
            (
                "a page".to_owned(),
                member(get("/d/finance-overview").page()),
            ),
            (
                "a page in French".to_owned(),
                member(get("/d/finance-overview?locale=fr-CA").page()),
            ),
            (
                "a page's tile".to_owned(),
                member(get("/d/finance-overview/tiles/list")),
            ),
            ("data".to_owned(), member(get(data))),
            ("values".to_owned(), member(get(values))),
            ("readiness".to_owned(), get("/readyz")),
            (
                "an explanation".to_owned(),
                admin(get(&format!("/api/v1/explain?{row}"))),
            ),
            (
                "an explained page".to_owned(),
                admin(get(&format!("/admin/access/explain?{row}")).page()),
            ),
            (
                "an explained preview".to_owned(),
                admin(get(&format!("/admin/preview/{}/first", self.preview)).page()),
            ),
            (
                "an explained preview's tile".to_owned(),
                admin(get(&format!("{preview}/first/tiles/list/data"))),
            ),
            (
                "an explained preview's values".to_owned(),
                admin(get(&format!("{preview}/first/filters/place/values"))),
            ),
            (
                "an explained preview's rows".to_owned(),
                admin(get(&format!("{preview}/rows"))),
            ),
        ]
    }
}

/// Nothing of the inside in body or headers.
fn assert_silent(answer: &Answer, what: &str) {
    let text = answer.text().to_lowercase();
    // A page's style and script are the same for everybody.
    let body = text
        .split_once("<body>")
        .map_or(text.as_str(), |(_, body)| body);
    let headers = format!("{:?}", answer.headers).to_lowercase();
    // An admin asks for a dataset and its rules by their names, and may read them again.
    let admin = ["an expl", "who could see"]
        .iter()
        .any(|asks| what.starts_with(asks));
    for word in CORPUS {
        let asked = admin && ["gold.", "legal_hold"].contains(&word);
        assert!(asked || !says(body, word), "{what} says {word:?}: {body}");
        assert!(!says(&headers, word), "{what} says {word:?}: {headers}");
    }
}

/// Whether `word` is there; one of three letters by itself, since tokens and nonces are random letters.
fn says(text: &str, word: &str) -> bool {
    let is_letter = |letter: Option<char>| letter.is_some_and(char::is_alphanumeric);
    text.match_indices(word).any(|(at, _)| {
        let (before, after) = (&text[..at], &text[at + word.len()..]);
        let inside = is_letter(before.chars().next_back()) || is_letter(after.chars().next());
        word.len() > 3 || !inside
    })
}

/// A problem of the engine holds a code, its words, and the request id; nothing else.
fn assert_bare(answer: &Answer, what: &str) {
    assert_eq!(answer.problem(), "engine-unavailable", "{what}");
    let locale = if what.starts_with("a frame") {
        weir_query::Locale::FrCa
    } else {
        weir_query::Locale::EnCa
    };
    let document = answer.json();
    let fields: BTreeSet<_> = document
        .as_object()
        .unwrap()
        .keys()
        .map(String::as_str)
        .collect();
    let known = ["code", "detail", "request_id", "status", "title", "type"];
    assert_eq!(fields, BTreeSet::from(known), "{what}");
    assert_eq!(
        document["title"],
        Slug::EngineUnavailable.title(locale),
        "{what}"
    );
    assert_eq!(
        document["detail"],
        Slug::EngineUnavailable.sentence(locale),
        "{what}"
    );
    assert_eq!(
        document["request_id"],
        answer.header("x-request-id").unwrap(),
        "{what}"
    );
}

#[tokio::test]
async fn f47_f48_f49_f50_every_class_of_engine_failure_says_a_code_a_sentence_and_a_request_id() {
    let scene = Scene::open().await;
    for failure in FAILURES {
        scene.fail(failure);
        let class = failure().code();
        let mut failed = 0;
        for (name, answer) in scene.ask_all().await {
            let what = format!("{name} ({class})");
            assert_silent(&answer, &what);
            let kind = answer.header("content-type").unwrap_or_default();
            match answer.status {
                StatusCode::SERVICE_UNAVAILABLE if kind == "application/problem+json" => {
                    assert_bare(&answer, &what);
                    failed += 1;
                }
                StatusCode::OK if answer.text().contains("data-state=\"error\"") => {
                    let id = answer.header("x-request-id").unwrap();
                    assert!(answer.text().contains(id), "{what}: {}", answer.text());
                    let ready = answer.text().contains("data-state=\"ready\"");
                    assert!(!ready, "{what}: nothing was computed");
                    failed += 1;
                }
                status => assert!(status.as_u16() <= 503, "{what}: {}", answer.text()),
            }
        }
        assert!(
            failed >= 9,
            "{class}: only {failed} answers tell of the failure"
        );
    }
    let codes: BTreeSet<_> = FAILURES.iter().map(|failure| failure().code()).collect();
    assert_eq!(codes.len(), FAILURES.len(), "a class stands twice");
}

/// What comes from a file itself, and then nothing: the same asks are answered once it is whole.
#[tokio::test]
async fn f49_a_lost_file_betrays_nothing_and_a_whole_one_is_read() {
    let scene = Scene::open().await;
    for (name, answer) in scene.ask_all().await {
        assert_eq!(answer.status, StatusCode::OK, "{name}: {}", answer.text());
        assert!(!answer.text().contains("data-state=\"error\""), "{name}");
    }
    let scene = Scene::open().await;
    for table in ["notes", "visits"] {
        scene.canaries.lose(table);
    }
    let mut refused = 0;
    for (name, answer) in scene.ask_all().await {
        assert_silent(&answer, &name);
        refused += usize::from(answer.status == StatusCode::SERVICE_UNAVAILABLE);
    }
    assert!(refused >= 4, "{refused} answers tell of the failure");
}

/// The causes are kept for the log: they hold what the answers must not.
#[test]
fn f49_the_inside_is_in_the_causes_of_a_failure_and_not_in_what_it_says() {
    let mut telling = 0;
    for failure in FAILURES {
        let error = failure();
        let (said, code) = (error.to_string().to_lowercase(), error.code());
        for word in CORPUS {
            assert!(
                !said.contains(word) && !code.contains(word),
                "{code}: {said}"
            );
        }
        let source = std::error::Error::source(&error);
        let source = source
            .map(|source| source.to_string().to_lowercase())
            .unwrap_or_default();
        let known = CORPUS.iter().filter(|word| source.contains(**word)).count();
        telling += usize::from(known >= 20);
    }
    assert_eq!(
        telling, 8,
        "the corpus must be in the causes, or its absence proves nothing"
    );
}

//! A draft in its states, and revisions.

use super::{POLICY, Sample};
use weir_frontend::model::admin::{
    Approval, Approvals, ColumnChange, ColumnEffect, ConflictVm, DiffLine, DraftFile, DraftState,
    DraftVm, EditorVm, ExampleKey, FieldError, FileChange, Finding, ImpactRow, ImpactState,
    ImpactVm, Reader, Reading, RevisionDiffVm, RevisionFile, RevisionVm, RuleChange, RuleDiff,
    RuleKind, Section, SentBack, Severity, Side, SourceVm, TablesVm, WideningVm,
};

const FILE: &str = "policies/statements.policy.yaml";

impl Sample {
    /// Waits for the reader's approval, and opens something.
    pub(crate) fn review(self) -> DraftVm {
        DraftVm {
            frame: self.frame(Section::Drafts),
            href: "/admin/drafts/27".to_owned(),
            id: "27".to_owned(),
            version: "4".to_owned(),
            title: self.say("Open Auto claims to brokers", "Ouvrir les sinistres Auto aux courtiers"),
            state: DraftState::InReview,
            author: "Amélie Tremblay".to_owned(),
            editors: vec!["Lucie Gagnon".to_owned()],
            saved: self.at("21 Nov 2026, 12:02", "21 nov. 2026, 12 h 02", "2026-11-21T12:02:00-05:00"),
            base: self.frame(Section::Drafts).revision,
            outdated: None,
            effective: None,
            sent_back: None,
            files: self.files(0),
            editor: Some(EditorVm { path: FILE.to_owned(), text: POLICY.to_owned(), findings: vec![] }),
            tables: Some(TablesVm { passed: 34, failures: vec![] }),
            rules: self.rule_diffs(),
            readings: vec![Reading { dataset: self.say("Statements", "Relevés"), change: FileChange::Changed, before: self.rules(), after: self.rules() }],
            impact: ImpactState::Counted(self.impact()),
            widening: Some(WideningVm {
                witness: self.say("A broker with the business units Auto and Home would newly see rows of Statements whose region is Québec and whose legal hold is “no”.", "Un courtier ayant les unités d’affaires Auto et Habitation verrait désormais les lignes de Relevés dont la région est Québec et dont le gel juridique est «~non~»."),
                more: vec![self.say("A broker without the attribute “region” would newly see the column Broker commission.", "Un courtier sans l’attribut «~région~» verrait désormais la colonne Commission de courtage.")],
                approvals: 2,
            }),
            progress: Some(Approvals { have: 1, need: 2 }),
            approvals: vec![self.approval("Priya Raman")],
            actions: DraftState::InReview.actions(Reader::Reviewer).to_vec(),
            why_not: vec![],
            conflict: None,
            errors: vec![],
            reason: String::new(),
            effective_from: String::new(),
            time_zone: self.say("Eastern Time", "heure de l’Est"),
        }
    }

    /// Being edited, with findings, sent back once.
    pub(crate) fn editing(self) -> DraftVm {
        DraftVm {
            href: "/admin/drafts/28".to_owned(),
            id: "28".to_owned(),
            version: "3".to_owned(),
            title: self.say("Hide broker commission from analysts", "Cacher la commission de courtage aux analystes"),
            state: DraftState::Editing,
            author: "Jonas Weber".to_owned(),
            editors: vec![],
            files: self.files(2),
            editor: Some(EditorVm { path: FILE.to_owned(), text: POLICY.replace("legal_hold", "legal_hodl"), findings: self.findings() }),
            sent_back: Some(SentBack {
                by: "Amélie Tremblay".to_owned(),
                when: self.at("yesterday", "hier", "2026-11-20T10:00:00-05:00"),
                reason: self.say("Executives need the commission in the monthly report.", "Les cadres ont besoin de la commission dans le rapport mensuel."),
            }),
            tables: Some(TablesVm { passed: 32, failures: vec![self.say("“an executive sees every unit”: expected auto-1 and home-1, got nothing. Decided by litigation-hold.", "«~un cadre voit toutes les unités~»~: attendu auto-1 et home-1, obtenu rien. Décidé par litigation-hold.")] }),
            impact: ImpactState::NotCounted,
            widening: None,
            progress: None,
            approvals: vec![],
            actions: DraftState::Editing.actions(Reader::Author).to_vec(),
            why_not: vec![self.say("It can be submitted once its checks pass.", "Elle pourra être soumise dès que ses vérifications passeront.")],
            ..self.review()
        }
    }

    /// Approved twice; the last step was to schedule it into the past.
    pub(crate) fn approved(self) -> DraftVm {
        DraftVm {
            state: DraftState::Approved,
            effective_from: "2026-11-20T06:00".to_owned(),
            approvals: vec![self.approval("Priya Raman"), self.approval("Jonas Weber")],
            progress: Some(Approvals { have: 2, need: 2 }),
            actions: DraftState::Approved.actions(Reader::Approver).to_vec(),
            errors: vec![FieldError {
                field: "effective_from".to_owned(),
                message: self.say(
                    "Choose a time in the future.",
                    "Choisissez un moment à venir.",
                ),
            }],
            ..self.review()
        }
    }

    /// Somebody else saved meanwhile, and another revision came into force.
    pub(crate) fn conflict(self) -> DraftVm {
        let line = |side, text: &str| DiffLine {
            side,
            text: text.to_owned(),
        };
        DraftVm {
            conflict: Some(ConflictVm {
                by: "Lucie Gagnon".to_owned(),
                when: self.at(
                    "2 minutes ago",
                    "il y a 2 minutes",
                    "2026-11-21T14:03:00-05:00",
                ),
                theirs: POLICY.to_owned(),
                lines: vec![
                    line(Side::Both, "  - id: litigation-hold"),
                    line(Side::Theirs, "    forbid: { legal_hold: { eq: true } }"),
                    line(Side::Yours, "    forbid: { legal_hodl: { eq: true } }"),
                    line(Side::Both, "  - id: customer-id-hashed"),
                ],
            }),
            sent_back: None,
            outdated: self.frame(Section::Drafts).revision,
            ..self.editing()
        }
    }

    fn approval(self, by: &str) -> Approval {
        let when = self.at(
            "21 Nov 2026, 13:20",
            "21 nov. 2026, 13 h 20",
            "2026-11-21T13:20:00-05:00",
        );
        Approval {
            by: by.to_owned(),
            when,
        }
    }

    fn files(self, findings: u32) -> Vec<DraftFile> {
        let file = |path: &str, open, change, findings| DraftFile {
            path: path.to_owned(),
            href: format!("/admin/drafts/27?file={path}"),
            open,
            change,
            findings,
        };
        vec![
            file(FILE, true, FileChange::Changed, findings),
            file(
                "policies/statements.test.yaml",
                false,
                FileChange::Changed,
                0,
            ),
            file(
                "policies/claims_operations.policy.yaml",
                false,
                FileChange::Same,
                0,
            ),
        ]
    }

    fn findings(self) -> Vec<Finding> {
        vec![
            Finding {
                line: Some(11),
                severity: Severity::Error,
                sentence: self.say(
                    "Statements has no column legal_hodl.",
                    "Relevés n’a pas de colonne legal_hodl.",
                ),
                did_you_mean: "legal_hold".to_owned(),
            },
            Finding {
                line: Some(17),
                severity: Severity::Warning,
                sentence: self.say(
                    "No persona has the attribute clearance.",
                    "Aucun profil n’a l’attribut clearance.",
                ),
                did_you_mean: String::new(),
            },
        ]
    }

    fn rule_diffs(self) -> Vec<RuleDiff> {
        let diff = |rule: &str, kind, change| RuleDiff {
            dataset: self.say("Statements", "Relevés"),
            rule: rule.to_owned(),
            kind,
            change,
        };
        vec![
            diff("bu-own-rows", RuleKind::Permit, RuleChange::Changed {
                before: self.say("Analysts see rows where business unit is one of their own.", "Les analystes voient les lignes dont l’unité d’affaires est l’une des leurs."),
                after: self.say("Analysts and brokers see rows where business unit is one of their own.", "Les analystes et les courtiers voient les lignes dont l’unité d’affaires est l’une des leurs."),
            }),
            diff("brokers-no-commission", RuleKind::Hide, RuleChange::Added { after: self.say("Broker commission is hidden from brokers.", "La commission de courtage est cachée aux courtiers.") }),
            diff("brokers-auto-only", RuleKind::Permit, RuleChange::Removed { before: self.say("Brokers see rows where business unit is Auto and region is one of their own.", "Les courtiers voient les lignes dont l’unité d’affaires est Auto et dont la région est l’une des leurs.") }),
        ]
    }

    fn impact(self) -> ImpactVm {
        let key = |key: &str, gained| ExampleKey {
            key: key.to_owned(),
            gained,
        };
        let row = |unit: (&str, &str),
                   who: (&str, &str),
                   numbers: [(&str, &str); 4],
                   shares: (f64, f64)| ImpactRow {
            business_unit: self.say(unit.0, unit.1),
            persona: self.say(who.0, who.1),
            dataset: self.say("Statements", "Relevés"),
            before: self.say(numbers[0].0, numbers[0].1),
            after: self.say(numbers[1].0, numbers[1].1),
            lost: self.say(numbers[2].0, numbers[2].1),
            gained: self.say(numbers[3].0, numbers[3].1),
            lost_share: shares.0,
            gained_share: shares.1,
            columns: vec![],
            examples: vec![],
        };
        let broker = ("Broker", "Courtier");
        let mut rows = vec![
            row(
                ("Auto", "Auto"),
                broker,
                [
                    ("12,204", "12~204"),
                    ("37,118", "37~118"),
                    ("", ""),
                    ("24,914", "24~914"),
                ],
                (0.0, 1.0),
            ),
            row(
                ("Home", "Habitation"),
                broker,
                [("0", "0"), ("9,871", "9~871"), ("", ""), ("9,871", "9~871")],
                (0.0, 0.4),
            ),
            row(
                ("Group benefits", "Assurance collective"),
                ("Analyst", "Analyste"),
                [
                    ("35,006", "35~006"),
                    ("33,790", "33~790"),
                    ("1,216", "1~216"),
                    ("", ""),
                ],
                (0.05, 0.0),
            ),
        ];
        if let Some(first) = rows.first_mut() {
            first.columns = vec![
                ColumnEffect {
                    column: self.say("Customer", "Client"),
                    change: ColumnChange::Unmasked,
                },
                ColumnEffect {
                    column: self.say("Broker commission", "Commission de courtage"),
                    change: ColumnChange::Hidden,
                },
            ];
            first.examples = vec![
                key("2026-10-03 · 4f1c…a9", true),
                key("2026-10-03 · 77b0…12", true),
                key("2026-09-28 · c03d…5e", true),
            ];
        }
        ImpactVm {
            counted_on: self.say(
                "Counted on the data of 21 Nov 2026, 12:00.",
                "Compté sur les données du 21 nov. 2026, 12 h 00.",
            ),
            rows,
            untouched: self.say(
                "25 other combinations see what they saw.",
                "25 autres combinaisons voient ce qu’elles voyaient.",
            ),
            tiles: vec![
                self.link(
                    "/d/finance-overview",
                    "Finance overview: Top customers",
                    "Aperçu financier~: Principaux clients",
                ),
                self.link(
                    "/d/finance-overview",
                    "Finance overview: Premium by region",
                    "Aperçu financier~: Primes par région",
                ),
            ],
            units_widened: 2,
        }
    }

    /// One revision.
    pub(crate) fn revision(self) -> RevisionVm {
        let file = |path: &str, open, change| RevisionFile {
            path: path.to_owned(),
            href: format!("/admin/revisions/12?file={path}"),
            open,
            change,
        };
        let mut lines = self.revision_lines();
        let rules = self.rules();
        RevisionVm {
            frame: self.frame(Section::Revisions),
            revision: lines.swap_remove(2),
            content: "sha256:9f3c1b7e52a40d86".to_owned(),
            draft: Some(self.link("/admin/drafts/19", "Draft 19", "Ébauche 19")),
            compare_href: Some("/admin/revisions/diff?from=11&to=12".to_owned()),
            policies: vec![
                (
                    self.say("Claims operations", "Opérations de sinistres"),
                    rules.iter().take(3).cloned().collect(),
                ),
                (self.say("Statements", "Relevés"), rules),
            ],
            files: vec![
                file(FILE, true, FileChange::Changed),
                file("policies/statements.test.yaml", false, FileChange::Added),
                file("policies/identity.yaml", false, FileChange::Same),
            ],
            file: Some(SourceVm {
                path: FILE.to_owned(),
                text: POLICY.to_owned(),
            }),
            roll_back_action: Some("/admin/revisions/12/roll-back".to_owned()),
        }
    }

    /// Two compared.
    pub(crate) fn revision_diff(self) -> RevisionDiffVm {
        let choices = |chosen: &str| {
            ["14", "13", "12", "11"]
                .iter()
                .map(|number| {
                    self.choice(
                        number,
                        &format!("Revision {number}"),
                        &format!("Révision {number}"),
                        *number == chosen,
                    )
                })
                .collect()
        };
        RevisionDiffVm {
            frame: self.frame(Section::Revisions),
            from: choices("12"),
            to: choices("14"),
            from_label: self.say("Revision 12", "Révision 12"),
            to_label: self.say("Revision 14", "Révision 14"),
            rules: self.rule_diffs(),
            readings: self.review().readings,
            files: vec![
                (FILE.to_owned(), FileChange::Changed),
                ("policies/old.policy.yaml".to_owned(), FileChange::Removed),
            ],
        }
    }
}

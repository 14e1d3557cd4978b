//! Believable pages of the governance portal, in both languages, the same on every run.

#![expect(
    clippy::too_many_arguments,
    clippy::too_many_lines,
    clippy::type_complexity,
    clippy::unused_self,
    reason = "sample data, written to be read"
)]

#[path = "portal/answers.rs"]
mod answers;
#[path = "portal/change.rs"]
mod change;
#[path = "portal/clients.rs"]
mod clients;
#[path = "portal/stop.rs"]
mod stop;

use weir_frontend::model::admin::{
    AccessVm, AdminFrame, AdminProblemVm, Approvals, AuditVm, CaseVm, ChainVm, Choice, DraftLine,
    DraftState, DraftVm, DraftsVm, Flash, FlashTone, Origin, PoliciesVm, PolicyLine, PolicyVm,
    RevisionLine, RevisionMark, RevisionsVm, RuleKind, RuleVm, Section, SourceVm, WaitingVm, When,
};
use weir_frontend::model::{LinkVm, Locale, Theme};
use weir_frontend::pages::admin as pages;

/// The policy that the samples are about.
pub(crate) const POLICY: &str = include_str!("../../../policies/statements.policy.yaml");

/// What a sample is made for.
#[derive(Clone, Copy)]
pub(crate) struct Sample {
    pub(crate) locale: Locale,
    pub(crate) theme: Theme,
}

impl Sample {
    pub(crate) fn say(self, english: &str, french: &str) -> String {
        match self.locale {
            Locale::EnCa => english,
            Locale::FrCa => french,
        }
        .replace('~', "\u{a0}")
    }

    fn frame(self, section: Section) -> AdminFrame {
        AdminFrame {
            locale: self.locale,
            theme: self.theme,
            nonce: "bm9uY2U".to_owned(),
            user_name: "Jonas Weber".to_owned(),
            csrf: "c0ffee".to_owned(),
            switch_language_href: format!("/admin?locale={}", self.locale.other().tag()),
            keep_language: false,
            section,
            waiting: 2,
            revision: Some(RevisionMark {
                number: "14".to_owned(),
                href: "/admin/revisions/14".to_owned(),
                since: self.at(
                    "19 Nov 2026, 09:00",
                    "19 nov. 2026, 9 h 00",
                    "2026-11-19T09:00:00-05:00",
                ),
            }),
            flash: None,
        }
    }

    fn at(self, english: &str, french: &str, iso: &str) -> When {
        When {
            text: self.say(english, french),
            iso: iso.to_owned(),
        }
    }

    fn choice(self, value: &str, english: &str, french: &str, chosen: bool) -> Choice {
        Choice {
            value: value.to_owned(),
            label: self.say(english, french),
            chosen,
        }
    }

    fn link(self, href: &str, english: &str, french: &str) -> LinkVm {
        LinkVm {
            label: self.say(english, french),
            href: href.to_owned(),
        }
    }

    fn rule(self, id: &str, kind: RuleKind, english: &str, french: &str) -> RuleVm {
        RuleVm {
            id: id.to_owned(),
            kind,
            sentence: self.say(english, french),
        }
    }

    fn line(
        self,
        id: u32,
        title: (&str, &str),
        author: &str,
        since: (&str, &str),
        state: DraftState,
        widening: bool,
        have: Option<u32>,
    ) -> DraftLine {
        let need = if widening { 2 } else { 1 };
        DraftLine {
            title: self.say(title.0, title.1),
            href: format!("/admin/drafts/{id}"),
            author: author.to_owned(),
            since: self.at(since.0, since.1, "2026-11-20T16:12:00-05:00"),
            state,
            widening,
            approvals: have.map(|have| Approvals { have, need }),
            effective: None,
            waits_for: String::new(),
        }
    }

    fn lines(self) -> (Vec<DraftLine>, Vec<DraftLine>, Vec<DraftLine>) {
        let opened = (
            "Open Auto claims to brokers",
            "Ouvrir les sinistres Auto aux courtiers",
        );
        let held = (
            "Withhold rows under litigation from brokers",
            "Retenir aux courtiers les lignes en litige",
        );
        let hide = (
            "Hide broker commission from analysts",
            "Cacher la commission de courtage aux analystes",
        );
        let mask = (
            "Mask customers in risk exposure",
            "Masquer les clients dans l’exposition au risque",
        );
        let for_me = vec![
            self.line(
                27,
                opened,
                "Amélie Tremblay",
                ("2 hours ago", "il y a 2 heures"),
                DraftState::InReview,
                true,
                Some(1),
            ),
            self.line(
                26,
                held,
                "Priya Raman",
                ("yesterday", "hier"),
                DraftState::InReview,
                false,
                Some(0),
            ),
        ];
        let mut mine = vec![
            self.line(
                28,
                hide,
                "Jonas Weber",
                ("10 minutes ago", "il y a 10 minutes"),
                DraftState::Editing,
                false,
                None,
            ),
            self.line(
                24,
                mask,
                "Jonas Weber",
                ("3 days ago", "il y a 3 jours"),
                DraftState::InReview,
                false,
                Some(0),
            ),
        ];
        for (line, waits) in mine.iter_mut().zip([
            ("2 errors to mend", "2 erreurs à corriger"),
            (
                "1 approval by somebody else",
                "1 approbation par quelqu’un d’autre",
            ),
        ]) {
            line.waits_for = self.say(waits.0, waits.1);
        }
        let mut scheduled = vec![self.line(
            22,
            (
                "Year-end access for auditors",
                "Accès de fin d’année pour les auditeurs",
            ),
            "Priya Raman",
            ("4 days ago", "il y a 4 jours"),
            DraftState::Scheduled,
            true,
            Some(2),
        )];
        for line in &mut scheduled {
            line.effective = Some(self.at(
                "1 Dec 2026, 06:00",
                "1er déc. 2026, 6 h 00",
                "2026-12-01T06:00:00-05:00",
            ));
        }
        (for_me, mine, scheduled)
    }

    fn chain(self, broken: bool) -> ChainVm {
        let checked = self.at(
            "21 Nov 2026, 14:05",
            "21 nov. 2026, 14 h 05",
            "2026-11-21T14:05:00-05:00",
        );
        if broken {
            let what = self.say(
                "It was edited after it was written.",
                "Il a été modifié après son écriture.",
            );
            return ChainVm::Broken {
                record: self.say("8,112", "8~112"),
                what,
                checked,
            };
        }
        ChainVm::Intact {
            records: self.say("12,481", "12~481"),
            checked,
        }
    }

    pub(crate) fn waiting(self) -> WaitingVm {
        let (for_me, mine, scheduled) = self.lines();
        let in_force = self.revision_lines().into_iter().next();
        WaitingVm {
            frame: self.frame(Section::Waiting),
            for_me,
            mine,
            scheduled,
            in_force,
            chain: self.chain(false),
            changed_tables: vec![self.say(
                "Visits (gold.visits): the column place is not in the table any more; since 21 Nov 2026, 14:05.",
                "Visites (gold.visits)~: la colonne place n’est plus dans la table~; depuis le 21 nov. 2026, 14~h~05.",
            )],
        }
    }

    pub(crate) fn calm(self) -> WaitingVm {
        let mut frame = self.frame(Section::Waiting);
        frame.waiting = 0;
        frame.revision = None;
        frame.flash = Some(Flash {
            tone: FlashTone::Done,
            text: self.say("Draft 27 is approved.", "L’ébauche 27 est approuvée."),
        });
        WaitingVm {
            frame,
            for_me: vec![],
            mine: vec![],
            scheduled: vec![],
            in_force: None,
            chain: self.chain(true),
            changed_tables: vec![],
        }
    }

    pub(crate) fn drafts(self) -> DraftsVm {
        let (for_me, mine, scheduled) = self.lines();
        let drafts = [mine, for_me, scheduled].concat();
        DraftsVm {
            frame: self.frame(Section::Drafts),
            drafts,
            older_href: Some("/admin/drafts?before=22".to_owned()),
        }
    }

    pub(crate) fn policies(self) -> PoliciesVm {
        let line = |label: (&str, &str), name: &str, rules, cases, by: &str, drafts| PolicyLine {
            label: self.say(label.0, label.1),
            name: name.to_owned(),
            href: format!("/admin/policies/{name}"),
            rules,
            cases,
            changed_by: by.to_owned(),
            changed: self.at(
                "19 Nov 2026, 09:00",
                "19 nov. 2026, 9 h 00",
                "2026-11-19T09:00:00-05:00",
            ),
            drafts,
        };
        let policies = vec![
            line(
                ("Claims operations", "Opérations de sinistres"),
                "gold.claims_operations",
                3,
                8,
                "Amélie Tremblay",
                1,
            ),
            line(
                ("Daily metrics", "Indicateurs quotidiens"),
                "gold.agg_daily_metrics",
                2,
                6,
                "Priya Raman",
                0,
            ),
            line(
                ("Risk exposure", "Exposition au risque"),
                "gold.risk_exposure",
                4,
                9,
                "Priya Raman",
                1,
            ),
            line(
                ("Statements", "Relevés"),
                "gold.statements",
                5,
                11,
                "Jonas Weber",
                2,
            ),
        ];
        PoliciesVm {
            frame: self.frame(Section::Policies),
            policies,
        }
    }

    pub(crate) fn rules(self) -> Vec<RuleVm> {
        vec![
            self.rule("bu-own-rows", RuleKind::Permit, "Analysts see rows where business unit is one of their own.", "Les analystes voient les lignes dont l’unité d’affaires est l’une des leurs."),
            self.rule("executives-see-all", RuleKind::Permit, "Executives see every row.", "Les cadres voient toutes les lignes."),
            self.rule("litigation-hold", RuleKind::Forbid, "Nobody sees rows on legal hold, or whose legal hold is unknown.", "Personne ne voit les lignes sous gel juridique, ni celles dont le gel est inconnu."),
            self.rule("customer-id-hashed", RuleKind::Mask, "Customer is shown as a hash, except to privacy officers.", "Le client est montré sous forme d’empreinte, sauf aux responsables de la vie privée."),
            self.rule("broker-commission-hidden", RuleKind::Hide, "Broker commission is hidden, except from people whose clearance is confidential.", "La commission de courtage est cachée, sauf aux personnes dont l’habilitation est confidentielle."),
        ]
    }

    pub(crate) fn policy(self) -> PolicyVm {
        let case = |name: (&str, &str), who: (&str, &str), sees: (&str, &str)| CaseVm {
            name: self.say(name.0, name.1),
            subject: self.say(who.0, who.1),
            sees: self.say(sees.0, sees.1),
        };
        PolicyVm {
            frame: self.frame(Section::Policies),
            label: self.say("Statements", "Relevés"),
            name: "gold.statements".to_owned(),
            changed_by: "Jonas Weber".to_owned(),
            changed: self.at(
                "19 Nov 2026, 09:00",
                "19 nov. 2026, 9 h 00",
                "2026-11-19T09:00:00-05:00",
            ),
            rules: self.rules(),
            cases: vec![
                case(
                    (
                        "an analyst sees the own unit",
                        "un analyste voit sa propre unité",
                    ),
                    ("Analyst, Auto", "Analyste, Auto"),
                    ("auto-1", "auto-1"),
                ),
                case(
                    (
                        "a broker with two units sees both",
                        "un courtier à deux unités voit les deux",
                    ),
                    ("Analyst, Auto and Home", "Analyste, Auto et Habitation"),
                    ("auto-1, home-1", "auto-1, home-1"),
                ),
                case(
                    (
                        "a newcomer without any unit sees nothing",
                        "un nouveau venu sans unité ne voit rien",
                    ),
                    ("Analyst, no unit", "Analyste, aucune unité"),
                    (
                        "nothing: no rule applies",
                        "rien~: aucune règle ne s’applique",
                    ),
                ),
            ],
            source: SourceVm {
                path: "policies/statements.policy.yaml".to_owned(),
                text: POLICY.to_owned(),
            },
            drafts: vec![self.link(
                "/admin/drafts/28",
                "28 · Hide broker commission from analysts",
                "28 · Cacher la commission de courtage aux analystes",
            )],
            change_action: Some("/admin/policies/gold.statements/change".to_owned()),
        }
    }

    fn revision_lines(self) -> Vec<RevisionLine> {
        let days = [
            ("19 Nov 2026, 09:00", "19 nov. 2026, 9 h 00"),
            ("12 Nov 2026, 16:40", "12 nov. 2026, 16 h 40"),
            ("12 Nov 2026, 15:02", "12 nov. 2026, 15 h 02"),
            ("3 Oct 2026, 08:15", "3 oct. 2026, 8 h 15"),
        ];
        let about = [
            (
                "Mask customers for analysts",
                "Masquer les clients aux analystes",
                "Jonas Weber",
                vec!["Amélie Tremblay"],
                Origin::Draft,
                false,
            ),
            (
                "Back to the content of 11",
                "Retour au contenu de 11",
                "Priya Raman",
                vec!["Jonas Weber"],
                Origin::Rollback {
                    of: "11".to_owned(),
                },
                false,
            ),
            (
                "Brokers see both their units",
                "Les courtiers voient leurs deux unités",
                "Amélie Tremblay",
                vec!["Jonas Weber", "Priya Raman"],
                Origin::Push,
                true,
            ),
            (
                "First policies",
                "Premières politiques",
                "Priya Raman",
                vec![],
                Origin::Folder,
                false,
            ),
        ];
        let when = |index: usize| {
            days.get(index)
                .map(|day| self.at(day.0, day.1, "2026-11-12T15:02:00-05:00"))
        };
        let line = |(index, (english, french, author, approvers, origin, widening)): (
            usize,
            (&str, &str, &str, Vec<&str>, Origin, bool),
        )| RevisionLine {
            number: (14 - index).to_string(),
            href: format!("/admin/revisions/{}", 14 - index),
            title: self.say(english, french),
            published: when(index).unwrap_or_else(|| self.at("", "", "")),
            until: index.checked_sub(1).and_then(when),
            author: author.to_owned(),
            approvers: approvers.into_iter().map(str::to_owned).collect(),
            publisher: "Amélie Tremblay".to_owned(),
            origin,
            widening,
        };
        about.into_iter().enumerate().map(line).collect()
    }

    pub(crate) fn revisions(self) -> RevisionsVm {
        RevisionsVm {
            frame: self.frame(Section::Revisions),
            revisions: self.revision_lines(),
            older_href: Some("/admin/revisions?before=11".to_owned()),
        }
    }

    pub(crate) fn problem(self) -> AdminProblemVm {
        AdminProblemVm {
            frame: self.frame(Section::Drafts),
            title: self.say("This draft does not exist", "Cette ébauche n’existe pas"),
            sentence: self.say(
                "Check the address, or look for it in the list.",
                "Vérifiez l’adresse ou cherchez-la dans la liste.",
            ),
            request_id: "01J9ZK3V7Q4T8".to_owned(),
            action: Some(self.link("/admin/drafts", "All drafts", "Toutes les ébauches")),
        }
    }

    /// The emptiest pages there are.
    fn empty(
        self,
    ) -> (
        DraftsVm,
        PoliciesVm,
        RevisionsVm,
        AccessVm,
        AuditVm,
        DraftVm,
    ) {
        let mut audit = self.audit();
        audit.records.clear();
        let mut draft = self.editing();
        draft.editor = None;
        draft.rules.clear();
        draft.readings.clear();
        draft.tables = None;
        (
            DraftsVm {
                drafts: vec![],
                older_href: None,
                ..self.drafts()
            },
            PoliciesVm {
                policies: vec![],
                ..self.policies()
            },
            RevisionsVm {
                revisions: vec![],
                older_href: None,
                ..self.revisions()
            },
            AccessVm {
                rows: vec![],
                ..self.access()
            },
            audit,
            draft,
        )
    }

    /// Every page, by a name.
    pub(crate) fn pages(self) -> Vec<(&'static str, String)> {
        let (drafts, policies, revisions, access, audit, bare) = self.empty();
        vec![
            ("admin-waiting", pages::waiting(&self.waiting())),
            ("admin-calm", pages::waiting(&self.calm())),
            ("admin-drafts", pages::drafts(&self.drafts())),
            ("admin-drafts-none", pages::drafts(&drafts)),
            ("admin-policies", pages::policies(&self.policies())),
            ("admin-policies-none", pages::policies(&policies)),
            ("admin-policy", pages::policy(&self.policy())),
            ("admin-draft-editing", pages::draft(&self.editing())),
            ("admin-draft-bare", pages::draft(&bare)),
            ("admin-draft-review", pages::draft(&self.review())),
            ("admin-draft-approved", pages::draft(&self.approved())),
            ("admin-draft-conflict", pages::draft(&self.conflict())),
            ("admin-revisions", pages::revisions(&self.revisions())),
            ("admin-revisions-none", pages::revisions(&revisions)),
            ("admin-revision", pages::revision(&self.revision())),
            ("admin-diff", pages::revision_diff(&self.revision_diff())),
            ("admin-access", pages::access(&self.access())),
            ("admin-access-none", pages::access(&access)),
            ("admin-explain", pages::explain(&self.explain())),
            ("admin-view-as", pages::view_as(&self.view_as())),
            ("admin-preview", pages::preview(&self.preview())),
            ("admin-stop", pages::stop(&self.stop())),
            ("admin-stop-none", pages::stop(&self.running())),
            ("admin-stop-sure", pages::sure(&self.sure())),
            ("admin-audit", pages::audit(&self.audit())),
            ("admin-audit-none", pages::audit(&audit)),
            ("admin-clients", pages::clients(&self.clients())),
            ("admin-clients-none", pages::clients(&self.no_clients())),
            ("admin-client", pages::client(&self.client())),
            (
                "admin-client-configured",
                pages::client(&self.configured_client()),
            ),
            ("admin-problem", pages::admin_problem(&self.problem())),
        ]
    }
}

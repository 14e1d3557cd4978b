//! Who sees what, previews, the audit log.

use super::Sample;
use weir_frontend::model::Theme;
use weir_frontend::model::admin::{
    AccessCell, AccessRow, AccessVm, AuditLine, AuditQuery, AuditVm, Claim, ExplainVm,
    ExplainedColumn, ExplainedRule, FieldError, Outcome, PreviewVm, RowAnswer, RowQuestion,
    Section, Sees, SideVm, TileDifference, ViewAsVm, Weight,
};

impl Sample {
    /// The matrix.
    pub(crate) fn access(self) -> AccessVm {
        let some = |english: &str, share| {
            (
                Some((self.say(english, &english.replace(',', "~")), share)),
                1,
                1,
            )
        };
        let none = (None, 0, 0);
        let line = |who: (&str, &str),
                    unit: (&str, &str),
                    cells: Vec<(Option<(String, f64)>, u32, u32)>| AccessRow {
            persona: self.say(who.0, who.1),
            business_unit: self.say(unit.0, unit.1),
            cells: cells
                .into_iter()
                .map(|(rows, hidden, masked)| AccessCell {
                    href: "/admin/access/explain?persona=analyst&dataset=gold.statements"
                        .to_owned(),
                    sees: rows.map_or(Sees::Nothing, |(count, share)| Sees::Rows { count, share }),
                    hidden,
                    masked,
                })
                .collect(),
        };
        let (analyst, all) = (("Analyst", "Analyste"), ("all 7 units", "les 7 unités"));
        AccessVm {
            frame: self.frame(Section::Access),
            contents: vec![
                self.choice(
                    "revision:14",
                    "Revision 14, in force",
                    "Révision 14, en vigueur",
                    true,
                ),
                self.choice("draft:27", "Draft 27", "Ébauche 27", false),
            ],
            counted_on: self.say(
                "Counted on the data of 21 Nov 2026, 14:05.",
                "Compté sur les données du 21 nov. 2026, 14 h 05.",
            ),
            datasets: vec![
                self.say("Claims operations", "Opérations de sinistres"),
                self.say("Daily metrics", "Indicateurs quotidiens"),
                self.say("Risk exposure", "Exposition au risque"),
                self.say("Statements", "Relevés"),
            ],
            rows: vec![
                line(
                    analyst,
                    ("Auto", "Auto"),
                    vec![
                        some("8,410", 0.15),
                        (some("5,110", 0.14).0, 0, 0),
                        some("12,002", 0.14),
                        some("37,118", 0.14),
                    ],
                ),
                line(
                    analyst,
                    ("Home", "Habitation"),
                    vec![
                        some("7,902", 0.14),
                        (some("5,110", 0.14).0, 0, 0),
                        some("11,240", 0.13),
                        some("39,571", 0.15),
                    ],
                ),
                line(
                    analyst,
                    ("no unit", "aucune unité"),
                    vec![none.clone(), none.clone(), none.clone(), none.clone()],
                ),
                line(
                    ("Broker", "Courtier"),
                    ("Auto, Home", "Auto, Habitation"),
                    vec![
                        some("16,312", 0.29),
                        none.clone(),
                        none.clone(),
                        some("76,689", 0.29),
                    ],
                ),
                line(
                    ("Executive", "Cadre"),
                    all,
                    vec![
                        some("56,204", 1.0),
                        (some("35,770", 1.0).0, 0, 0),
                        some("84,100", 1.0),
                        some("258,914", 0.99),
                    ],
                ),
                line(
                    ("Governance admin", "Responsable de gouvernance"),
                    ("", ""),
                    vec![none.clone(), none.clone(), none.clone(), none],
                ),
            ],
        }
    }

    /// One cell of it.
    pub(crate) fn explain(self) -> ExplainVm {
        let source = self.say("Since revision 12 of 12 Nov 2026, by Amélie Tremblay, approved by Jonas Weber and Priya Raman", "Depuis la révision 12 du 12 nov. 2026, par Amélie Tremblay, approuvée par Jonas Weber et Priya Raman");
        let whys = [
            (
                true,
                "The role analyst is held; the business unit is Auto.",
                "Le rôle analyste est détenu~; l’unité d’affaires est Auto.",
            ),
            (true, "Applies to everybody.", "S’applique à tout le monde."),
            (
                true,
                "The role privacy officer is not held.",
                "Le rôle responsable de la vie privée n’est pas détenu.",
            ),
            (
                true,
                "The attribute clearance is missing.",
                "L’attribut clearance est absent.",
            ),
            (
                false,
                "The role executive is not held.",
                "Le rôle cadre n’est pas détenu.",
            ),
        ];
        let mut rules = self.rules();
        let idle = rules.remove(1);
        rules.push(idle);
        let rules = rules
            .into_iter()
            .zip(whys)
            .map(|(rule, (applied, english, french))| ExplainedRule {
                rule,
                applied,
                why: self.say(english, french),
                source: source.clone(),
            });
        let column =
            |label: (&str, &str), name: &str, shown: (&str, &str), rule: &str| ExplainedColumn {
                label: self.say(label.0, label.1),
                name: name.to_owned(),
                shown: self.say(shown.0, shown.1),
                restricted: !rule.is_empty(),
                rule: rule.to_owned(),
            };
        let claim = |name: (&str, &str), value: (&str, &str)| Claim {
            name: self.say(name.0, name.1),
            value: self.say(value.0, value.1),
        };
        ExplainVm {
            frame: self.frame(Section::Access),
            subject: self.say("Analyst, Auto", "Analyste, Auto"),
            dataset: self.say("Statements", "Relevés"),
            dataset_name: "gold.statements".to_owned(),
            content: self.say("revision 14", "la révision 14"),
            sees: Sees::Rows { count: self.say("37,118", "37~118"), share: 0.14 },
            sentence: self.say("Rows whose business unit is Auto are shown, except those on legal hold or whose legal hold is unknown.", "Les lignes dont l’unité d’affaires est Auto sont montrées, sauf celles sous gel juridique ou dont le gel est inconnu."),
            rules: rules.collect(),
            claims: vec![claim(("Role", "Rôle"), ("analyst", "analyste")), claim(("Business unit", "Unité d’affaires"), ("Auto", "Auto")), claim(("Clearance", "Habilitation"), ("", ""))],
            columns: vec![
                column(("Broker commission", "Commission de courtage"), "broker_commission", ("hidden", "cachée"), "broker-commission-hidden"),
                column(("Customer", "Client"), "customer_id", ("as a hash", "en empreinte"), "customer-id-hashed"),
                column(("Region", "Région"), "region", ("shown", "montrée"), ""),
                column(("Written premium", "Primes souscrites"), "written_premium", ("shown", "montrée"), ""),
            ],
            row: Some(RowQuestion {
                action: "/admin/access/explain".to_owned(),
                carry: vec![("dataset".to_owned(), "gold.statements".to_owned())],
                key_label: self.say("Customer", "Client"),
                key: "C1000042".to_owned(),
                answer: Some(RowAnswer { visible: false, clause: self.say("Legal hold is yes.", "Le gel juridique est «~oui~»."), rule: "litigation-hold".to_owned() }),
                errors: vec![],
            }),
            view_as_href: Some("/admin/view-as?persona=analyst-auto".to_owned()),
        }
    }

    /// The form of a preview.
    pub(crate) fn view_as(self) -> ViewAsVm {
        let contents = || {
            vec![
                self.choice(
                    "revision:14",
                    "Revision 14, in force",
                    "Révision 14, en vigueur",
                    false,
                ),
                self.choice(
                    "draft:27",
                    "Draft 27 · Open Auto claims to brokers",
                    "Ébauche 27 · Ouvrir les sinistres Auto aux courtiers",
                    true,
                ),
            ]
        };
        let mut compare = contents();
        compare.insert(0, self.choice("", "Nothing", "Rien d’autre", false));
        ViewAsVm {
            frame: self.frame(Section::ViewAs),
            personas: vec![
                self.choice(
                    "",
                    "Claims of my own, below",
                    "Mes propres attributs, ci-dessous",
                    true,
                ),
                self.choice("analyst-auto", "Analyst, Auto", "Analyste, Auto", false),
            ],
            roles: "broker".to_owned(),
            business_units: "auto, hoem".to_owned(),
            attributes: "region = montreal, estrie".to_owned(),
            dashboards: vec![self.choice(
                "finance-overview",
                "Finance overview",
                "Aperçu financier",
                true,
            )],
            contents: contents(),
            compare,
            minutes: 15,
            errors: vec![FieldError {
                field: "business_units".to_owned(),
                message: self.say(
                    "There is no business unit hoem. Did you mean home?",
                    "Il n’y a pas d’unité d’affaires hoem. Vouliez-vous dire home~?",
                ),
            }],
        }
    }

    /// Two pictures.
    pub(crate) fn preview(self) -> PreviewVm {
        let tone = match self.theme {
            Theme::Dark => "dark",
            Theme::Contrast => "contrast",
            _ => "light",
        };
        let src = format!("/embed-{}-{tone}.html", self.say("en", "fr"));
        let tile =
            |tile: (&str, &str), left: &str, right: &str, change: &str, weight| TileDifference {
                tile: self.say(tile.0, tile.1),
                left: self.say(left, &left.replace(',', "~")),
                right: self.say(right, &right.replace(',', "~")),
                change: change.replace(',', "\u{a0}"),
                weight,
            };
        PreviewVm {
            frame: self.frame(Section::ViewAs),
            dashboard: self.say("Finance overview", "Aperçu financier"),
            subject: self.say("Broker, Auto and Home", "Courtier, Auto et Habitation"),
            watermark: self.say(
                "Preview: Jonas Weber as Broker, Auto and Home",
                "Aperçu~: Jonas Weber comme Courtier, Auto et Habitation",
            ),
            expires: self.at(
                "in 15 minutes, at 14:20",
                "dans 15 minutes, à 14 h 20",
                "2026-11-21T14:20:00-05:00",
            ),
            left: SideVm {
                label: self.say("Revision 14", "Révision 14"),
                src: src.clone(),
                rows: self.say("12,204", "12~204"),
            },
            right: Some(SideVm {
                label: self.say("Draft 27", "Ébauche 27"),
                src,
                rows: self.say("46,989", "46~989"),
            }),
            differences: vec![
                tile(
                    ("Premium by region", "Primes par région"),
                    "12,204",
                    "46,989",
                    "+34 785",
                    Weight::More,
                ),
                tile(
                    ("Top customers", "Principaux clients"),
                    "12,204",
                    "46,989",
                    "+34 785",
                    Weight::More,
                ),
                tile(
                    ("Loss ratio", "Ratio sinistres-primes"),
                    "2,016",
                    "1,998",
                    "−18",
                    Weight::Less,
                ),
                tile(("Backlog", "Arriéré"), "8,410", "8,410", "0", Weight::Same),
            ],
            end_action: "/admin/view-as/9/end".to_owned(),
            change_href: "/admin/view-as?id=9".to_owned(),
        }
    }

    /// The log.
    pub(crate) fn audit(self) -> AuditVm {
        let line = |number: &str,
                    kind: (&str, &str),
                    what: (&str, &str),
                    dashboard: (&str, &str),
                    outcome| AuditLine {
            number: self.say(number, &number.replace(',', "~")),
            when: self.at(
                "21 Nov 2026, 14:05:09",
                "21 nov. 2026, 14 h 05 min 09 s",
                "2026-11-21T14:05:09-05:00",
            ),
            kind: self.say(kind.0, kind.1),
            what: self.say(what.0, what.1),
            subject: "4f1c77b0".to_owned(),
            subject_href: "/admin/audit?subject=4f1c77b0".to_owned(),
            dashboard: self.say(dashboard.0, dashboard.1),
            revision: "14".to_owned(),
            outcome,
        };
        let finance = ("Finance overview", "Aperçu financier");
        AuditVm {
            frame: self.frame(Section::Audit),
            chain: self.chain(false),
            query: AuditQuery {
                kinds: vec![
                    self.choice("", "All kinds", "Tous les genres", true),
                    self.choice("data_read", "Data read", "Lecture de données", false),
                ],
                subject: String::new(),
                dashboards: vec![self.choice(
                    "",
                    "All dashboards",
                    "Tous les tableaux de bord",
                    true,
                )],
                revision: "14".to_owned(),
                from: "2026-11-01".to_owned(),
                to: "2026-11-21".to_owned(),
            },
            errors: vec![],
            records: vec![
                line(
                    "12,481",
                    ("Data read", "Lecture de données"),
                    (
                        "8 tiles from the cache, 4,120 rows",
                        "8 tuiles depuis le cache, 4~120 lignes",
                    ),
                    finance,
                    Outcome::Allowed,
                ),
                line(
                    "12,480",
                    ("Policy step", "Étape de politique"),
                    ("Draft 27 was approved", "L’ébauche 27 a été approuvée"),
                    ("", ""),
                    Outcome::Allowed,
                ),
                line(
                    "12,479",
                    ("Embed launch", "Ouverture intégrée"),
                    ("The token had expired", "Le jeton était expiré"),
                    finance,
                    Outcome::Denied,
                ),
                line(
                    "12,478",
                    ("Export", "Exportation"),
                    (
                        "Top customers as CSV could not be written",
                        "Principaux clients en CSV n’a pas pu être écrit",
                    ),
                    finance,
                    Outcome::Failed,
                ),
            ],
            newer_href: Some("/admin/audit?after=12482".to_owned()),
            older_href: Some("/admin/audit?before=12478".to_owned()),
            exports: vec![
                self.link(
                    "/api/v1/audit/export?format=jsonl",
                    "JSON lines",
                    "Lignes JSON",
                ),
                self.link("/api/v1/audit/export?format=csv", "CSV", "CSV"),
                self.link("/api/v1/audit/export?format=parquet", "Parquet", "Parquet"),
            ],
        }
    }
}

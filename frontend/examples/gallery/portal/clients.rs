//! Embed clients.

use super::Sample;
use weir_frontend::model::admin::{
    ClientFact, ClientLine, ClientSecret, ClientStanding, ClientTouch, ClientVm, ClientsVm,
    NewSecretVm, Section,
};

impl Sample {
    pub(crate) fn clients(self) -> ClientsVm {
        let line =
            |id: &str, name: &str, standing, origins: &[&str], proof: (&str, &str)| ClientLine {
                href: format!("/admin/clients/{id}"),
                id: id.to_owned(),
                name: name.to_owned(),
                standing,
                dashboards: self.say(
                    "Finance overview, Risk exposure",
                    "Survol financier, Exposition au risque",
                ),
                units: self.say("Auto, Home", "Auto, Habitation"),
                origins: origins.iter().map(|origin| (*origin).to_owned()).collect(),
                proof: self.say(proof.0, proof.1),
            };
        let crm = ["https://crm.example", "https://crm-eu.example:8443"];
        ClientsVm {
            frame: self.frame(Section::Clients),
            clients: vec![
                line(
                    "crm",
                    "CRM",
                    ClientStanding::Active,
                    &crm,
                    ("2 secrets", "2 secrets"),
                ),
                line(
                    "demo-crm",
                    "",
                    ClientStanding::Configured,
                    &crm[..1],
                    ("1 secret", "1 secret"),
                ),
                line(
                    "portal",
                    "Portail des courtiers",
                    ClientStanding::Inactive,
                    &crm[1..],
                    ("1 key", "1 clé"),
                ),
            ],
        }
    }

    pub(crate) fn no_clients(self) -> ClientsVm {
        ClientsVm {
            clients: vec![],
            ..self.clients()
        }
    }

    fn touch(self, english: &str, french: &str, by: &str) -> ClientTouch {
        ClientTouch {
            at: self.at(english, french, "2026-11-19T09:00:00-05:00"),
            by: by.to_owned(),
        }
    }

    pub(crate) fn client(self) -> ClientVm {
        let fact = |about: (&str, &str), says: &[(&str, &str)]| ClientFact {
            about: self.say(about.0, about.1),
            says: says.iter().map(|(en, fr)| self.say(en, fr)).collect(),
        };
        let secret = |id: &str, age: (&str, &str), by: &str| ClientSecret {
            id: id.to_owned(),
            age: self.say(age.0, age.1),
            made: self.touch("19 Nov 2026, 09:00", "19 nov. 2026, 9 h 00", by),
        };
        ClientVm {
            frame: self.frame(Section::Clients),
            id: "crm".to_owned(),
            name: "CRM".to_owned(),
            standing: ClientStanding::Active,
            facts: vec![
                fact(
                    ("May embed", "Peut intégrer"),
                    &[
                        ("Finance overview", "Survol financier"),
                        ("Old report", "Ancien rapport"),
                    ],
                ),
                fact(
                    ("From the pages of", "Depuis les pages de"),
                    &[("https://crm.example", "https://crm.example")],
                ),
                fact(
                    ("Speaks for", "Parle pour"),
                    &[("Auto", "Auto"), ("Home", "Habitation")],
                ),
            ],
            warnings: vec![self.say(
                "There is no dashboard “old-report” now.",
                "Il n’y a pas de tableau de bord «~old-report~».",
            )],
            changed: Some(self.touch(
                "20 Nov 2026, 16:30",
                "20 nov. 2026, 16 h 30",
                "Amélie Tremblay",
            )),
            secrets: vec![
                secret("3f9a01c47b22", ("212 days old", "212 jours"), "Jonas Weber"),
                secret(
                    "a1b2c3d4e5f6",
                    ("made today", "créé aujourd’hui"),
                    "Amélie Tremblay",
                ),
            ],
            new_secret: Some(NewSecretVm {
                id: "a1b2c3d4e5f6".to_owned(),
                secret: "weir_secret_0123456789abcdefghijklmnopqrstuvwxyzABCDEFG".to_owned(),
            }),
            version: "27".to_owned(),
            rotate_action: Some("/admin/clients/crm/rotate".to_owned()),
            remove_action: Some("/admin/clients/crm/remove-secret".to_owned()),
        }
    }

    pub(crate) fn configured_client(self) -> ClientVm {
        ClientVm {
            id: "demo-crm".to_owned(),
            name: String::new(),
            standing: ClientStanding::Configured,
            warnings: vec![],
            changed: None,
            secrets: vec![],
            new_secret: None,
            rotate_action: None,
            remove_action: None,
            ..self.client()
        }
    }
}

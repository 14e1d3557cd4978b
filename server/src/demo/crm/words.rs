//! The short texts of the page, written in both languages.

use crate::demo::html::Language;

pub(super) fn find(key: &str, language: Language) -> Option<&'static str> {
    WORDS
        .iter()
        .find(|(known, _, _)| *known == key)
        .map(|(_, french, english)| language.pick(*french, *english))
}

/// Key, French, English.
const WORDS: [(&str, &str, &str); 43] = [
    ("skip", "Aller au contenu", "Skip to content"),
    ("nav", "Navigation principale", "Main navigation"),
    ("nav_customers", "Clients", "Customers"),
    ("nav_policies", "Contrats", "Policies"),
    ("nav_claims", "Sinistres", "Claims"),
    ("nav_activity", "Activité", "Activity"),
    ("nav_analytics", "Analyses", "Analytics"),
    ("signed_in", "Connecté en tant que", "Signed in as"),
    ("switch", "Changer", "Switch"),
    ("language", "Langue", "Language"),
    ("theme_label", "Apparence", "Appearance"),
    ("customers", "Clients", "Customers"),
    (
        "customer",
        "Coopérative agricole du Richelieu",
        "Coopérative agricole du Richelieu",
    ),
    (
        "kind",
        "Entreprise · Agroalimentaire",
        "Business · Agri-food",
    ),
    ("chip_active", "Client actif", "Active customer"),
    ("chip_since", "Depuis 2014", "Since 2014"),
    (
        "chip_renewal",
        "Renouvellement le 1<sup>er</sup> février",
        "Renewal on February 1",
    ),
    ("contact", "Personne-ressource", "Contact"),
    (
        "contact_role",
        "Directrice des finances",
        "Finance director",
    ),
    ("phone", "Téléphone", "Phone"),
    ("phone_number", "450&nbsp;555-0142", "450-555-0142"),
    ("address", "Adresse", "Address"),
    (
        "address_text",
        "1200, rang Saint‑Édouard, Saint‑Hyacinthe (Québec)",
        "1200 Saint‑Édouard Road, Saint‑Hyacinthe, Quebec",
    ),
    ("policy_numbers", "Numéros de contrat", "Policy numbers"),
    ("owner", "Responsable du compte", "Account owner"),
    ("tabs_label", "Sections du client", "Customer sections"),
    (
        "analytics_title",
        "Analyses du portefeuille",
        "Portfolio analytics",
    ),
    (
        "analytics_lead",
        "Les chiffres que vous pouvez voir&nbsp;:",
        "The figures you may see:",
    ),
    ("dashboards_label", "Tableau de bord", "Dashboard"),
    ("opened", "Affiché en {s} s", "Shown in {s} s"),
    (
        "chosen",
        " · Filtres en vigueur : {n}",
        " · Filters set: {n}",
    ),
    (
        "no_weir",
        "Les analyses ne sont pas disponibles pour le moment. Le reste du dossier l’est.",
        "Analytics are not available right now. The rest of the record is.",
    ),
    ("code_title", "Dix lignes de code", "Ten lines of code"),
    (
        "code_lead",
        "Tout ce qu’il a fallu pour placer ce tableau de bord ici.",
        "All it took to place this dashboard here.",
    ),
    ("code_server", "Serveur du CRM", "CRM server"),
    (
        "code_server_lead",
        "Il sait qui est connecté et le dit à Weir avec son propre identifiant.",
        "It knows who is signed in, and tells Weir with its own credential.",
    ),
    ("code_browser", "Page du CRM", "CRM page"),
    (
        "code_browser_lead",
        "L’élément demande le jeton, ouvre le cadre et le renouvelle à temps.",
        "The element asks for the token, opens the frame and renews it in time.",
    ),
    ("overview_title", "Aperçu", "Overview"),
    ("policies_title", "Contrats", "Policies"),
    ("claims_title", "Sinistres", "Claims"),
    ("activity_title", "Activité", "Activity"),
    (
        "demo_note",
        "Clients et personnes sont fictifs.",
        "Customers and people are fictional.",
    ),
];

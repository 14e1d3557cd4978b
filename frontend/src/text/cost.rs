//! What the page about costs says.

use crate::model::Locale;

texts! {
    /// A fixed text of the page about costs.
    CostText
    Lead: "What answers cost at the engine, for whom, and what was not paid twice because the answer was there."
        / "Ce que coûtent les réponses au moteur, pour qui, et ce qui n’a pas été payé deux fois parce que la réponse était là.";
    Span: "Time" / "Période";
    Figures: "At a glance" / "En bref";
    Days: "Billed by day" / "Facturé par jour";
    NoDays: "Nothing was asked in this time." / "Rien n’a été demandé durant cette période.";
    Dashboards: "By dashboard" / "Par tableau de bord";
    Units: "By business unit" / "Par unité d’affaires";
    Name: "Name" / "Nom";
    Views: "Views" / "Consultations";
    Billed: "Billed" / "Facturé";
    Dollars: "Estimate" / "Estimation";
    PerThousand: "1,000 views" / "1 000 consultations";
    Hits: "From cache" / "En mémoire";
    Budgets: "Budgets for today" / "Budgets du jour";
    NoBudgets: "Nothing has a budget. Without one, every question that somebody may ask is answered, whatever it costs."
        / "Rien n’a de budget. Sans budget, toute question permise reçoit une réponse, quel qu’en soit le coût.";
    What: "For" / "Pour";
    Limit: "Limit" / "Limite";
    Used: "Used" / "Utilisé";
    Step: "Action" / "Action";
    Remove: "Remove" / "Retirer";
    Spent: "Spent" / "Épuisé";
    Nearly: "Nearly spent" / "Presque épuisé";
    Set: "Set a budget" / "Fixer un budget";
    SetHelp: "For a day, from midnight to midnight UTC. What it has no room for is not computed: readers see what was computed before, marked with its age, or that the budget is spent."
        / "Pour un jour, de minuit à minuit UTC. Ce qui n’y entre pas n’est pas calculé : les lecteurs voient ce qui l’a déjà été, avec son âge, ou que le budget est épuisé.";
    Scope: "Budget for" / "Budget pour";
    Gigabytes: "Gigabytes a day" / "Gigaoctets par jour";
    GigabytesHelp: "Bytes that are billed, in thousands of millions. Empty for no such limit." / "Octets facturés, en milliards. Vide pour aucune limite de ce genre.";
    DollarsADay: "US dollars a day" / "Dollars US par jour";
    DollarsHelp: "With gigabytes, the smaller limit counts." / "Avec des gigaoctets, la plus petite limite compte.";
    SetButton: "Set the budget" / "Fixer le budget";
    Alerts: "Alerts" / "Alertes";
    NoAlerts: "No budget was half used in this time." / "Aucun budget n’a été utilisé à moitié durant cette période.";
    When: "When" / "Quand";
}

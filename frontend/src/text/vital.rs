//! What the page about speed says.

use crate::model::Locale;

texts! {
    /// A fixed text of the page about speed.
    VitalText
    Lead: "How soon dashboards are there for the people who open them in a host page, as their own browsers measure it."
        / "À quelle vitesse les tableaux de bord s’affichent chez les personnes qui les ouvrent dans une page hôte, selon leurs propres navigateurs.";
    Span: "Time" / "Période";
    Figures: "At a glance" / "En bref";
    Burn: "How fast the allowance is used up" / "À quelle vitesse la marge s’épuise";
    BurnHelp: "Some pages may be slow. Once is exactly as many as the promise allows; twice breaks it in half the time."
        / "Quelques pages peuvent être lentes. Une fois correspond exactement à ce que permet l’engagement ; deux fois l’épuise en moitié moins de temps.";
    Window: "Until now" / "Jusqu’à maintenant";
    Rate: "Of what is allowed" / "De ce qui est permis";
    Standing: "Standing" / "État";
    Within: "Within" / "Dans la marge";
    Over: "Too fast" / "Trop vite";
    Far: "Far too fast" / "Beaucoup trop vite";
    Distribution: "When the largest part was shown" / "Moment où l’élément principal s’affiche";
    Days: "Day by day" / "Jour par jour";
    None: "No frame reported anything in this time." / "Aucun cadre n’a rien signalé durant cette période.";
    NoneMore: "A frame reports once, when its reader leaves it. Reports are in numbers alone, and name nobody."
        / "Un cadre fait un seul rapport, quand la personne le quitte. Les rapports ne contiennent que des nombres et ne nomment personne.";
    Dashboards: "By dashboard" / "Par tableau de bord";
    Units: "By business unit" / "Par unité d’affaires";
    Hosts: "By host page" / "Par page hôte";
    Releases: "By release of Weir" / "Par version de Weir";
    Name: "Name" / "Nom";
    Pages: "Pages" / "Pages";
    Lcp: "Largest part" / "Élément principal";
    FastEnough: "Fast enough" / "Assez rapides";
    Inp: "Response" / "Réaction";
    ThreeDays: "Used in 3 days" / "Usage en 3 jours";
    Kept: "Kept" / "Tenu";
    Broken: "Not kept" / "Non tenu";
}

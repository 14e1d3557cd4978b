//! What the pages of revisions, access, previews and the audit log say.

use crate::model::Locale;

texts! {
    /// A fixed text of the pages that answer questions.
    RecordText
    RevisionsLead: "Every published state, kept for good. Going back makes a new draft with the older content."
        / "Chaque état publié, conservé pour de bon. Revenir en arrière crée une nouvelle ébauche avec l’ancien contenu.";
    RevisionsNone: "Nothing was published yet." / "Rien n’a encore été publié.";
    Compare: "Compare" / "Comparer";
    ComparePrevious: "Compare with the one before" / "Comparer à la précédente";
    WrittenBy: "Written by" / "Rédigée par";
    ApprovedBy: "Approved by" / "Approuvée par";
    PublishedBy: "Published by" / "Publiée par";
    OriginFolder: "From the server’s folder" / "Du dossier du serveur";
    OriginDraft: "From a draft" / "D’une ébauche";
    OriginPush: "Pushed from a folder" / "Poussée d’un dossier";
    OriginRollback: "Back to revision" / "Retour à la révision";
    NowInForce: "In force" / "En vigueur";
    WasInForce: "In force from" / "En vigueur du";
    ContentHash: "Content" / "Contenu";
    PoliciesThen: "The policies in sentences" / "Les politiques en phrases";
    RollBackTitle: "Go back to this revision" / "Revenir à cette révision";
    RollBackLead: "Opens a draft with the content of this revision. It is checked, shown with its impact, approved and published like any other change; until then everything stays as it is."
        / "Ouvre une ébauche avec le contenu de cette révision. Elle est vérifiée, montrée avec ses effets, approuvée et publiée comme toute autre modification ; d’ici là, tout reste tel quel.";
    RollBack: "Roll back to this revision" / "Revenir à cette révision";
    DiffTitle: "Two revisions compared" / "Deux révisions comparées";
    From: "From" / "De";
    To: "To" / "À";
    SameContent: "The two have the same content." / "Les deux ont le même contenu.";
    AccessLead: "Rows that each persona sees, per dataset. Choose a cell to read why."
        / "Les lignes que chaque profil voit, par jeu de données. Choisissez une case pour lire pourquoi.";
    AccessNone: "There is nothing to show yet: no dataset has a policy."
        / "Il n’y a encore rien à montrer : aucun jeu de données n’a de politique.";
    UnderContent: "Under" / "Selon";
    Persona: "Persona" / "Profil";
    Nothing: "nothing" / "rien";
    SomeRows: "not counted" / "non compté";
    Row: "row" / "ligne";
    Rows: "rows" / "lignes";
    HiddenOne: "column hidden" / "colonne cachée";
    HiddenMany: "columns hidden" / "colonnes cachées";
    MaskedOne: "column masked" / "colonne masquée";
    MaskedMany: "columns masked" / "colonnes masquées";
    WhySees: "What they see of" / "Ce qu’ils voient de";
    Answer: "The answer" / "La réponse";
    Under: "under" / "selon";
    RulesWhy: "Rule by rule" / "Règle par règle";
    Applied: "Applies" / "S’applique";
    NotApplied: "Doesn’t apply" / "Ne s’applique pas";
    Claims: "What is known about them" / "Ce qu’on sait d’eux";
    ClaimNone: "none" / "aucun";
    ColumnsTitle: "Column by column" / "Colonne par colonne";
    Column: "Column" / "Colonne";
    How: "How it is shown" / "Comment elle est montrée";
    ByRule: "Rule" / "Règle";
    RowTitle: "Is one row seen?" / "Une ligne donnée est-elle vue ?";
    Ask: "Ask" / "Demander";
    RowVisible: "Seen" / "Vue";
    RowHidden: "Not seen" / "Non vue";
    LookAs: "View a dashboard as them" / "Voir un tableau de bord à leur place";
    ViewAsLead: "Opens a dashboard as somebody else would see it. It is recorded, marked, can’t be exported, and ends by itself."
        / "Ouvre un tableau de bord tel que quelqu’un d’autre le verrait. C’est consigné, marqué, non exportable, et prend fin tout seul.";
    WhoTitle: "Whose eyes" / "Par les yeux de qui";
    OwnClaims: "Or claims of your own" / "Ou des attributs de votre choix";
    OwnClaimsHelp: "Used when no persona is chosen." / "Utilisés lorsqu’aucun profil n’est choisi.";
    Roles: "Roles" / "Rôles";
    CommaHelp: "Separated by commas." / "Séparés par des virgules.";
    BusinessUnits: "Business units" / "Unités d’affaires";
    Attributes: "Attributes" / "Attributs";
    AttributesHelp: "One per line: name = value, value" / "Un par ligne : nom = valeur, valeur";
    WhatTitle: "What to look at" / "Quoi regarder";
    Dashboard: "Dashboard" / "Tableau de bord";
    UnderPolicies: "Under the policies of" / "Selon les politiques de";
    CompareWith: "Compare with" / "Comparer avec";
    Start: "Start the preview" / "Commencer l’aperçu";
    Lasts: "Ends by itself after" / "Prend fin tout seul après";
    Minutes: "minutes." / "minutes.";
    SeenAs: "as" / "vu par\u{a0}:";
    EndsAt: "Ends" / "Prend fin";
    EndNow: "End this preview" / "Mettre fin à l’aperçu";
    ChangeAnswers: "Choose again" / "Choisir de nouveau";
    RowsBehind: "rows behind its tiles" / "lignes derrière ses tuiles";
    TileDifferences: "What differs, tile by tile" / "Ce qui diffère, tuile par tuile";
    NoDifference: "Every tile stands on the same rows."
        / "Chaque tuile repose sur les mêmes lignes.";
    Tile: "Tile" / "Tuile";
    Difference: "Difference" / "Différence";
    More: "more" / "de plus";
    Less: "fewer" / "de moins";
    Same: "the same" / "idem";
    OtherRows: "other rows" / "d’autres lignes";
    Search: "Search" / "Chercher";
    Kind: "Kind" / "Genre";
    SubjectDigest: "Subject" / "Sujet";
    SubjectHelp: "The digest of a subject, 64 characters." / "L’empreinte d’un sujet, 64 caractères.";
    Revision: "Revision" / "Révision";
    FromDay: "From" / "Du";
    ToDay: "To" / "Au";
    ResetSearch: "Clear" / "Effacer";
    Export: "Export all records of this time" / "Exporter tous les enregistrements de cette période";
    AuditTable: "Records, newest first" / "Enregistrements, du plus récent au plus ancien";
    Number: "No." / "N°";
    When: "When" / "Quand";
    What: "What happened" / "Ce qui s’est passé";
    Outcome: "Outcome" / "Résultat";
    Allowed: "allowed" / "permis";
    Denied: "refused" / "refusé";
    Failed: "failed" / "échoué";
    AuditNone: "No record matches. Widen the dates or clear a field."
        / "Aucun enregistrement ne correspond. Élargissez les dates ou effacez un champ.";
}

//! What every page of the portal says, and its first pages.

use crate::model::Locale;

texts! {
    /// A fixed text of the governance portal.
    PortalText
    Product: "Governance" / "Gouvernance";
    Skip: "Skip to the content" / "Aller au contenu";
    Sections: "Governance portal" / "Portail de gouvernance";
    Waiting: "Waiting for me" / "En attente de moi";
    WaitingShort: "Waiting" / "En attente";
    Policies: "Policies" / "Politiques";
    Drafts: "Drafts" / "Ébauches";
    Revisions: "Revisions" / "Révisions";
    Access: "Who sees what" / "Qui voit quoi";
    ViewAs: "View as" / "Voir en tant que";
    Clients: "Clients" / "Clients";
    Stop: "Stop access" / "Couper l’accès";
    Costs: "Costs" / "Coûts";
    Vitals: "Page speed" / "Rapidité";
    Audit: "Audit" / "Journal d’audit";
    ToDashboards: "Dashboards" / "Tableaux de bord";
    Revision: "Revision" / "Révision";
    InForceSince: "in force since" / "en vigueur depuis le";
    NothingPublished: "Nothing is published yet" / "Rien n’est encore publié";
    SignOut: "Sign out" / "Se déconnecter";
    Done: "Done" / "Fait";
    Refused: "Not done" / "Non effectué";
    CheckFields: "Please check these fields" / "Vérifiez ces champs";
    Request: "Request" / "Requête";
    Older: "Older" / "Plus anciens";
    Newer: "Newer" / "Plus récents";
    Pages: "Pages" / "Pages";
    By: "by" / "par";
    Nobody: "nobody" / "personne";
    FromTo: "to" / "au";
    Open: "Open" / "Ouvrir";
    Show: "Show" / "Afficher";
    Widening: "Widening" / "Élargissement";
    WideningMeans: "Somebody would see more than today" / "Quelqu’un verrait plus qu’aujourd’hui";
    ForMe: "For your approval" / "À votre approbation";
    ForMeNone: "Nothing waits for your approval." / "Rien n’attend votre approbation.";
    ForMeNoneMore: "When somebody submits a draft that you may approve, it appears here."
        / "Lorsqu’une personne soumet une ébauche que vous pouvez approuver, elle apparaît ici.";
    Mine: "Your drafts" / "Vos ébauches";
    MineNone: "You have no open draft. To begin one, open a policy and choose “Change this policy”."
        / "Vous n’avez aucune ébauche ouverte. Pour en commencer une, ouvrez une politique et choisissez « Modifier cette politique ».";
    Scheduled: "Scheduled publications" / "Publications prévues";
    ScheduledNone: "Nothing is scheduled." / "Rien n’est prévu.";
    InForce: "In force" / "En vigueur";
    PublishedBy: "Published by" / "Publiée par";
    ChangedTables: "Changed tables" / "Tables modifiées";
    ChangedTablesMeans: "Tiles that need these columns are withheld until the table or its dataset is put right."
        / "Les tuiles qui exigent ces colonnes sont retenues jusqu’à la correction de la table ou de son jeu de données.";
    Chain: "Audit log" / "Journal d’audit";
    ChainIntact: "Intact" / "Intact";
    ChainBroken: "Broken" / "Rompu";
    ChainUnchecked: "Not checked yet" / "Pas encore vérifié";
    Records: "records" / "enregistrements";
    Checked: "checked" / "vérifiés le";
    FoundAt: "found" / "constaté le";
    AtRecord: "at record" / "à l’enregistrement";
    ChainNext: "Keep the server as it is and tell the security team. “weir audit verify” prints the details."
        / "Laissez le serveur tel quel et avisez l’équipe de sécurité. « weir audit verify » donne les détails.";
    Draft: "Draft" / "Ébauche";
    Title: "Title" / "Titre";
    Author: "Author" / "Auteur";
    Since: "Since" / "Depuis";
    State: "State" / "État";
    WaitsFor: "Waits for" / "Attend";
    Approvals: "Approvals" / "Approbations";
    Effective: "Comes into force" / "Entre en vigueur";
    Review: "Review" / "Examiner";
    DraftsLead: "Changes on their way. Nobody sees anything different until one is published."
        / "Modifications en cours. Rien ne change pour personne avant la publication.";
    DraftsNone: "There is no draft." / "Il n’y a aucune ébauche.";
    Dataset: "Dataset" / "Jeu de données";
    Rules: "Rules" / "Règles";
    Cases: "Cases" / "Cas";
    LastChanged: "Last changed" / "Dernière modification";
    OpenDrafts: "Open drafts" / "Ébauches ouvertes";
    PoliciesLead: "One policy per dataset, as in force now. A dataset without a policy shows nothing to anybody."
        / "Une politique par jeu de données, telle qu’en vigueur. Un jeu de données sans politique ne montre rien à personne.";
    PoliciesNone: "There is no policy yet. Push a folder of policies with “weir policy push”."
        / "Il n’y a encore aucune politique. Poussez un dossier de politiques avec « weir policy push ».";
    Change: "Change this policy" / "Modifier cette politique";
    ChangeMeans: "Opens a draft. Nothing changes for anybody until it is approved and published."
        / "Ouvre une ébauche. Rien ne change pour personne avant l’approbation et la publication.";
    RulesTitle: "What it says" / "Ce qu’elle dit";
    RulesNone: "It has no rule, so nobody sees anything of this dataset."
        / "Elle n’a aucune règle, donc personne ne voit rien de ce jeu de données.";
    CasesTitle: "Who sees what, by example" / "Qui voit quoi, par l’exemple";
    CasesLead: "The decision table. It must come out as written before a change can be published."
        / "La table de décision. Elle doit donner le résultat écrit avant toute publication.";
    CasesNone: "It has no decision table." / "Elle n’a pas de table de décision.";
    CaseName: "Case" / "Cas";
    Subject: "Who" / "Qui";
    Sees: "Sees" / "Voit";
    Source: "Source" / "Source";
    OneLine: "line" / "ligne";
    Lines: "lines" / "lignes";
    OneRule: "rule" / "règle";
    ManyRules: "rules" / "règles";
    OneApproval: "approval" / "approbation";
    ManyApprovals: "approvals" / "approbations";
    Line: "Line" / "Ligne";
    Permit: "Shows rows" / "Montre des lignes";
    Forbid: "Withholds rows" / "Retient des lignes";
    Hide: "Hides columns" / "Cache des colonnes";
    Mask: "Masks a column" / "Masque une colonne";
    RuleAdded: "Added" / "Ajoutée";
    RuleRemoved: "Removed" / "Retirée";
    RuleChanged: "Changed" / "Modifiée";
    FileAdded: "new" / "nouveau";
    FileRemoved: "removed" / "retiré";
    FileChanged: "changed" / "modifié";
    Before: "Before" / "Avant";
    After: "After" / "Après";
    Files: "Files" / "Fichiers";
    OtherFiles: "Files that are the same" / "Fichiers inchangés";
    WholePolicies: "The whole policies in sentences, before and after"
        / "Les politiques entières en phrases, avant et après";
    NoPolicy: "No policy: nobody sees anything." / "Aucune politique : personne ne voit rien.";
    NothingDiffers: "No rule differs." / "Aucune règle ne diffère.";
}

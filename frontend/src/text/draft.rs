//! What the page of a draft says.

use crate::model::Locale;

texts! {
    /// A fixed text of the page of a draft.
    DraftText
    StepDraft: "Draft" / "Ébauche";
    StepChecked: "Checked" / "Vérifiée";
    StepReview: "In review" / "En révision";
    StepApproved: "Approved" / "Approuvée";
    StepLive: "Live" / "En vigueur";
    Scheduled: "Scheduled" / "Prévue";
    Withdrawn: "Withdrawn" / "Retirée";
    Steps: "Where this draft stands" / "Où en est cette ébauche";
    StepDone: "done" / "fait";
    BasedOn: "Based on" / "Fondée sur la";
    Saved: "Saved" / "Enregistrée le";
    AlsoEdited: "Also edited by" / "Aussi modifiée par";
    OutdatedTitle: "Another revision came into force meanwhile"
        / "Une autre révision est entrée en vigueur entre-temps";
    OutdatedLead: "Check this draft again: it is then compared with that revision, and its approvals start anew."
        / "Vérifiez cette ébauche de nouveau : elle sera comparée à cette révision et ses approbations repartiront à zéro.";
    SentBackTitle: "Sent back by" / "Renvoyée par";
    SentBackAlone: "Sent back" / "Renvoyée";
    WideningTitle: "This change lets somebody see more"
        / "Cette modification permet à quelqu’un d’en voir plus";
    WideningNeeds: "It needs" / "Il lui faut";
    WideningApprovers: "approvers." / "approbateurs.";
    MoreWitnesses: "More examples" / "Autres exemples";
    ConflictTitle: "Somebody else saved this draft while you were writing"
        / "Quelqu’un d’autre a enregistré cette ébauche pendant que vous écriviez";
    ConflictSaved: "saved a version" / "a enregistré une version";
    ConflictLead: "Nothing is lost. Your text is still in the editor below. Take over what you need, then save: that makes your text the current one."
        / "Rien n’est perdu. Votre texte est encore dans l’éditeur ci-dessous. Reprenez ce qu’il vous faut, puis enregistrez : votre texte deviendra la version courante.";
    Differences: "What differs" / "Ce qui diffère";
    OnlyTheirs: "Theirs only" / "Leur version seulement";
    OnlyYours: "Yours only" / "La vôtre seulement";
    Theirs: "Their whole text" / "Leur texte entier";
    ChangesTitle: "What changes" / "Ce qui change";
    ChangesUnknown: "Shown once the errors in the text are mended."
        / "Affiché dès que les erreurs du texte seront corrigées.";
    ImpactTitle: "Who gains and who loses" / "Qui y gagne et qui y perd";
    ImpactNone: "Not counted yet. “Save and check” counts it on the data."
        / "Pas encore compté. « Enregistrer et vérifier » le compte sur les données.";
    ImpactNoneHere: "Not counted yet. “Check again” counts it on the data."
        / "Pas encore compté. « Vérifier de nouveau » le compte sur les données.";
    ImpactNever: "Not counted." / "Non compté.";
    ImpactCounting: "Being counted on the data. Reload this page in a moment."
        / "Comptage en cours sur les données. Rechargez cette page dans un instant.";
    ImpactFailed: "Could not be counted" / "Comptage impossible";
    ImpactNobody: "Nobody gains or loses a row or a column."
        / "Personne ne gagne ni ne perd de ligne ou de colonne.";
    BusinessUnit: "Business unit" / "Unité d’affaires";
    Persona: "Persona, dataset" / "Profil, jeu de données";
    RowsBefore: "Rows before" / "Lignes avant";
    RowsAfter: "Rows after" / "Lignes après";
    Gained: "Gained" / "Gagnées";
    Lost: "Lost" / "Perdues";
    Picture: "Change" / "Écart";
    Columns: "Columns" / "Colonnes";
    ColumnShown: "shown" / "montrée";
    ColumnUnmasked: "unmasked" / "démasquée";
    ColumnMasked: "masked" / "masquée";
    ColumnHidden: "hidden" / "cachée";
    Examples: "Example rows" / "Exemples de lignes";
    ExampleGained: "gained" / "gagnée";
    ExampleLost: "lost" / "perdue";
    TilesTouched: "Tiles touched" / "Tuiles touchées";
    TablesTitle: "Decision tables" / "Tables de décision";
    TablesNone: "Not run yet. “Save and check” runs them."
        / "Pas encore exécutées. « Enregistrer et vérifier » les exécute.";
    TablesPassedOne: "case comes out as written" / "cas donne le résultat écrit";
    TablesPassed: "cases come out as written" / "cas donnent le résultat écrit";
    TablesFailedOne: "does not" / "ne le donne pas";
    TablesFailed: "do not" / "ne le donnent pas";
    TextTitle: "Text" / "Texte";
    TextLabel: "Content of the file" / "Contenu du fichier";
    TitleLabel: "Title of this draft" / "Titre de cette ébauche";
    TitleHelp: "One line that says what changes for whom."
        / "Une ligne qui dit ce qui change, et pour qui.";
    NumberedTitle: "Numbered, with findings" / "Numéroté, avec les constats";
    FindingsTitle: "Findings" / "Constats";
    FindingError: "Error" / "Erreur";
    FindingWarning: "Warning" / "Avertissement";
    DidYouMean: "Did you mean" / "Vouliez-vous dire";
    NoFindings: "No findings in this file." / "Aucun constat dans ce fichier.";
    NoFile: "This file can’t be read now. Reload the page to try again."
        / "Ce fichier ne peut être lu pour l’instant. Rechargez la page pour réessayer.";
    Save: "Save" / "Enregistrer";
    SaveCheck: "Save and check" / "Enregistrer et vérifier";
    Check: "Check again" / "Vérifier de nouveau";
    CheckHelp: "Runs the type checks and the decision tables, and counts who gains and loses."
        / "Exécute les vérifications de types et les tables de décision, et compte qui gagne et qui perd.";
    EditHelp: "Whoever saves a version becomes one of its editors and can no longer approve it."
        / "Quiconque enregistre une version en devient l’un des rédacteurs et ne peut plus l’approuver.";
    DecisionTitle: "Next step" / "Prochaine étape";
    NoActions: "Nothing is left for you to do here." / "Il ne vous reste rien à faire ici.";
    Submit: "Submit for review" / "Soumettre à la révision";
    SubmitHelp: "Others are asked to approve. What you haven’t saved is not part of it."
        / "D’autres sont invités à approuver. Ce qui n’est pas enregistré n’en fait pas partie.";
    Approve: "Approve this version" / "Approuver cette version";
    ApproveWiden: "Approve and let somebody see more"
        / "Approuver et laisser quelqu’un en voir plus";
    SendBack: "Send back" / "Renvoyer";
    Reason: "What should change" / "Ce qui devrait changer";
    ReasonHelp: "The author reads this." / "L’auteur lira ceci.";
    Schedule: "Schedule" / "Prévoir";
    ScheduleAt: "Comes into force on" / "Entre en vigueur le";
    ScheduleHelp: "Date and time in" / "Date et heure :";
    Unschedule: "Take off the schedule" / "Retirer de l’horaire";
    Publish: "Publish now" / "Publier maintenant";
    PublishHelp: "In force everywhere within five seconds."
        / "En vigueur partout en moins de cinq secondes.";
    PublishWidenOne: "Publish and widen access for 1 unit"
        / "Publier et élargir l’accès pour 1 unité";
    PublishWiden: "Publish and widen access for {n} units"
        / "Publier et élargir l’accès pour {n} unités";
    Withdraw: "Withdraw this draft" / "Retirer cette ébauche";
    ApprovalsTitle: "Approvals" / "Approbations";
    ApprovalsNone: "Nobody has approved this version yet."
        / "Personne n’a encore approuvé cette version.";
    ApprovedOf: "of" / "sur";
    AgoAt: "at" / "à";
}

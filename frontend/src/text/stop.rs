//! What the page that stops access says.

use crate::model::Locale;

texts! {
    /// A fixed text of the page that stops access.
    StopText
    Lead: "Two switches for when something is wrong: close dashboards for the time being, and take embed tokens back. Both hold everywhere within five seconds, and both are on record."
        / "Deux interrupteurs quand quelque chose ne va pas : fermer des tableaux de bord pour un temps, et retirer des jetons d’intégration. Tous deux valent partout en moins de cinq secondes et sont consignés.";
    ClosedNow: "Closed now" / "Fermé en ce moment";
    NothingClosed: "Nothing is closed." / "Rien n’est fermé.";
    RevokedNow: "Revoked" / "Révoqué";
    NothingRevoked: "No revocation is in force." / "Aucune révocation n’est en vigueur.";
    What: "What" / "Objet";
    Reason: "Reason" / "Motif";
    ReasonHelp: "One line, for whoever asks later." / "Une ligne, pour qui le demandera plus tard.";
    By: "By" / "Par";
    Since: "Since" / "Depuis";
    Step: "Action" / "Action";
    OpenAgain: "Open again" / "Rouvrir";
    Close: "Close dashboards" / "Fermer des tableaux de bord";
    CloseHelp: "Readers see a notice in their language instead of figures, in other products’ pages and here. The portal stays open. Nothing is lost: opened again, everything comes back by itself."
        / "Les lecteurs voient un avis dans leur langue au lieu des chiffres, ici et dans les pages d’autres produits. Le portail reste ouvert. Rien n’est perdu : à la réouverture, tout revient de soi-même.";
    Scope: "Close" / "Fermer";
    CloseButton: "Close" / "Fermer";
    Revoke: "Revoke tokens" / "Révoquer des jetons";
    RevokeHelp: "Tokens issued up to now are worth nothing any more; open views lose their figures. A host page may get new ones: to keep people out, close the dashboard too. Revoking a person signs them out."
        / "Les jetons émis jusqu’à maintenant ne valent plus rien ; les vues ouvertes perdent leurs chiffres. Une page hôte peut en obtenir de nouveaux : pour garder la porte close, fermez aussi le tableau de bord. Révoquer une personne met fin à ses sessions.";
    Target: "Tokens" / "Jetons";
    Name: "Id" / "Identifiant";
    NameHelp: "Of the person, the token or the family; empty for everything else." / "De la personne, du jeton ou de la famille ; vide pour le reste.";
    Issuer: "Issuer" / "Émetteur";
    IssuerHelp: "Who vouches for the person, such as https://idp.example or weir:embed:crm; empty otherwise."
        / "Qui répond de la personne, par exemple https://idp.example ou weir:embed:crm ; vide sinon.";
    RevokeButton: "Revoke" / "Révoquer";
    NotNow: "Not now" / "Pas maintenant";
}

//! What the pages of embed clients say.

use crate::model::Locale;

texts! {
    /// A fixed text of the pages of embed clients.
    ClientText
    Lead: "The back ends that may embed dashboards, what each may show to whom, and from where. What a registration does not name, it does not allow."
        / "Les serveurs qui peuvent intégrer des tableaux de bord, ce que chacun peut montrer à qui, et d’où. Ce qu’une inscription ne nomme pas, elle ne le permet pas.";
    None: "No client is registered yet, so nobody embeds anything. Register one with “weir client put”."
        / "Aucun client n’est inscrit : rien n’est intégré nulle part. Inscrivez-en un avec « weir client put ».";
    Client: "Client" / "Client";
    MayShow: "Dashboards" / "Tableaux de bord";
    SpeaksFor: "Business units" / "Unités d’affaires";
    From: "Pages" / "Pages";
    Proof: "Proves itself by" / "Preuve";
    Active: "Active" / "Actif";
    Inactive: "Inactive" / "Inactif";
    Configured: "In the configuration" / "Dans la configuration";
    ConfiguredMeans: "This client stands in the configuration of the server and is changed there."
        / "Ce client figure dans la configuration du serveur, où il se modifie.";
    InactiveMeans: "It gets no token until its registration says that it is active again."
        / "Il n’obtient aucun jeton tant que son inscription ne le dit pas actif de nouveau.";
    Registration: "What it may" / "Ce qu’il peut";
    ChangedOn: "Changed" / "Modifié le";
    Warnings: "It names what does not exist" / "Elle nomme ce qui n’existe pas";
    Action: "Action" / "Action";
    Secrets: "Live secrets" / "Secrets valides";
    SecretsLead: "At most two are live: the one in use, and the one it is replaced with. Make a new one, put it into the client’s settings, then remove the old one."
        / "Deux au plus sont valides : celui qui sert et celui qui le remplace. Créez-en un, mettez-le dans les réglages du client, puis retirez l’ancien.";
    SecretsNone: "It has no live secret." / "Il n’a aucun secret valide.";
    Secret: "Secret" / "Secret";
    Age: "Age" / "Âge";
    Made: "Made" / "Créé";
    MakeSecret: "New secret" / "Nouveau secret";
    PushesOut: "Two are live: a new one ends the older one at once."
        / "Deux sont valides : un nouveau met fin au plus ancien sur-le-champ.";
    Remove: "Remove" / "Retirer";
    NewSecret: "The new secret" / "Le nouveau secret";
    NewSecretOnce: "Copy it now. It is shown this once, and Weir keeps only its hash."
        / "Copiez-le maintenant. Il n’est montré que cette fois ; Weir n’en garde que l’empreinte.";
    AllClients: "All clients" / "Tous les clients";
}

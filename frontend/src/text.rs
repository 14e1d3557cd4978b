//! Every fixed text, in both languages side by side.
//!
//! French is written, not translated, with no-break spaces before `:` `;` `?` `%` and inside « ».
//! Texts about data (titles, units, rules) arrive in the view-models.

use crate::model::Locale;

macro_rules! texts {
    (
        $(#[$about:meta])* $texts:ident
        $( $(#[$doc:meta])* $name:ident: $en:literal / $fr:literal; )+
    ) => {
        $(#[$about])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum $texts {
            $( $(#[$doc])* #[doc = concat!("\n\n“", $en, "”")] $name, )+
        }

        impl $texts {
            /// All of them, for the test that reads both languages.
            pub const ALL: &'static [Self] = &[ $( Self::$name, )+ ];

            /// The text in `locale`.
            #[must_use]
            pub const fn of(self, locale: Locale) -> &'static str {
                match (self, locale) {
                    $(
                        (Self::$name, Locale::EnCa) => $en,
                        (Self::$name, Locale::FrCa) => $fr,
                    )+
                }
            }
        }
    };
}

texts! {
    /// A fixed text of the dashboards and the small pages.
    Text
    /// Name of a tile's menu.
    TileMenu: "Tile options" / "Options de la tuile";
    /// Menu entry.
    TableView: "Table view" / "Vue en tableau";
    /// Menu entry.
    WhyTheseRows: "Why these rows" / "Pourquoi ces lignes";
    /// Menu entry.
    AsFile: "All rows (CSV)" / "Toutes les lignes (CSV)";
    /// Below it, while it is on its way.
    FileComing: "The file is being prepared…" / "Préparation du fichier…";
    /// Below it, once it is there.
    FileCut: "There are more rows than a file may hold: the last ones are missing."
        / "Il y a plus de lignes qu’un fichier peut en contenir : les dernières manquent.";
    /// Below it, when nothing came.
    FileFailed: "The file didn’t arrive. Try again." / "Le fichier n’est pas arrivé. Réessayez.";
    /// Before the time of the data.
    DataOf: "Data of" / "Données du";
    /// Beside an old age.
    Stale: "Stale" / "Périmé";
    /// Heading of a withheld tile.
    Withheld: "Not available to you" / "Non accessible pour vous";
    /// Heading of a tile that a budget has no room for.
    Unaffordable: "Today’s budget is spent" / "Budget du jour épuisé";
    /// Heading of a failed tile.
    Failed: "Could not be loaded" / "Chargement impossible";
    /// Heading of a tile without rows.
    Nothing: "Nothing to show" / "Rien à afficher";
    /// Button of a failed tile.
    TryAgain: "Try again" / "Réessayer";
    /// Before a request id.
    RequestId: "Request" / "Requête";
    /// What a skeleton says to a screen reader.
    Loading: "Loading" / "Chargement";
    /// Word before a rise.
    Up: "up" / "en hausse de";
    /// Word before a fall.
    Down: "down" / "en baisse de";
    /// Instead of an amount.
    Unchanged: "unchanged" / "inchangé";
    /// Table heading of the category column of horizontal bars.
    Share: "Share" / "Part";
    /// Label of the filter bar.
    Filters: "Filters" / "Filtres";
    /// Nothing chosen.
    All: "All" / "Tout";
    /// Label of the period filter.
    Period: "Period" / "Période";
    /// The button that applies filters.
    Apply: "Apply" / "Appliquer";
    /// The filter bar while tiles are fetched.
    Updating: "Updating…" / "Mise à jour…";
    /// The filter bar after tiles were fetched.
    Updated: "Up to date" / "À jour";
    /// The filter bar when a fetch failed.
    NotUpdated: "Could not update. The earlier figures stay; change a filter to try again."
        / "Mise à jour impossible. Les chiffres précédents restent affichés ; modifiez un filtre pour réessayer.";
    /// The filter bar when the token or session ended.
    Ended: "Your session has ended. Reload the page to continue."
        / "Votre session est terminée. Rechargez la page pour continuer.";
    /// Options on their way.
    LoadingValues: "Loading values…" / "Chargement des valeurs…";
    /// Options that did not come.
    NoValues: "The values could not be loaded." / "Les valeurs n’ont pas pu être chargées.";
    /// Options not loaded, without script.
    ValuesLater: "The values are not ready yet. Apply once to load them."
        / "Les valeurs ne sont pas encore prêtes. Appliquez une fois pour les charger.";
    /// Clears a filter.
    Clear: "Clear" / "Effacer";
    /// Skips to the content.
    Skip: "Skip to the figures" / "Aller aux chiffres";
    /// Name of the navigation.
    Dashboards: "Dashboards" / "Tableaux de bord";
    /// Home without dashboards.
    NoDashboards: "No dashboard is open to you yet. Ask the data governance office for access."
        / "Aucun tableau de bord ne vous est ouvert. Demandez un accès au bureau de gouvernance des données.";
    /// Button.
    SignOut: "Sign out" / "Se déconnecter";
    /// Button.
    SignIn: "Sign in" / "Se connecter";
    /// Name of the list of places to sign in at.
    SignInWith: "Sign in with" / "Se connecter avec";
    /// Heading.
    SignInTitle: "Sign in to Weir" / "Connexion à Weir";
    /// Sentence.
    SignInLead: "Use your organisation’s account. Weir shows the figures that your role and business units allow."
        / "Utilisez le compte de votre organisation. Weir affiche les chiffres que permettent votre rôle et vos unités d’affaires.";
    /// Heading.
    SignedOutTitle: "You are signed out" / "Vous êtes déconnecté";
    /// Sentence.
    SignedOutLead: "Nothing of your session is left on this computer."
        / "Il ne reste rien de votre session sur cet ordinateur.";
    /// Button.
    SignInAgain: "Sign in again" / "Se reconnecter";
    /// The switch link names the other language in its own words.
    OtherLanguage: "Français" / "English";
    /// A line in the frame while nothing can be fetched.
    Reconnecting: "Reconnecting…" / "Reconnexion…";
    /// A line in the frame after twelve hours.
    SessionOver: "This view has been open for a long time. Continue to refresh its figures."
        / "Cette vue est ouverte depuis longtemps. Poursuivez pour actualiser ses chiffres.";
    /// Its button.
    Continue: "Continue" / "Poursuivre";
    /// Instead of a dashboard.
    WithdrawnTitle: "Access to this view was withdrawn" / "L’accès à cette vue a été retiré";
    /// Sentence.
    WithdrawnLead: "The figures have been removed from this page. Ask your administrator if you still need them."
        / "Les chiffres ont été retirés de cette page. Adressez-vous à votre administrateur si vous en avez encore besoin.";
    /// Instead of a dashboard.
    LockedTitle: "This view is closed for the moment" / "Cette vue est fermée pour le moment";
    /// Sentence.
    LockedLead: "Your organisation has closed it while something is being checked. It comes back here by itself."
        / "Votre organisation l’a fermée le temps d’une vérification. Elle reviendra ici d’elle-même.";
}

#[cfg(feature = "ssr")]
mod client;
#[cfg(feature = "ssr")]
mod cost;
#[cfg(feature = "ssr")]
mod draft;
#[cfg(feature = "ssr")]
mod portal;
#[cfg(feature = "ssr")]
mod record;
#[cfg(feature = "ssr")]
mod stop;
#[cfg(feature = "ssr")]
mod vital;

#[cfg(feature = "ssr")]
pub use {
    client::ClientText, cost::CostText, draft::DraftText, portal::PortalText, record::RecordText,
    stop::StopText, vital::VitalText,
};

/// What a filter's button says: the chosen labels, shortened to what fits.
#[must_use]
pub fn chosen(labels: &[String], locale: Locale) -> String {
    match labels {
        [] => Text::All.of(locale).to_owned(),
        [one] => one.clone(),
        [one, two] => format!("{one}, {two}"),
        [one, rest @ ..] => format!("{one} + {}", rest.len()),
    }
}

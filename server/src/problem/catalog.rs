//! Every problem there is: its status and its words in both languages. Each slug is explained in
//! `docs/problems/<slug>.md`; a test compares the two lists.

use http::StatusCode;
use weir_query::Locale;

macro_rules! problems {
    ($($variant:ident $slug:literal $status:ident
        $en_title:literal $en:literal
        $fr_title:literal $fr:literal;)+) => {
        /// The stable name of a kind of problem.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum Slug {
            $(#[doc = $en] $variant,)+
        }

        impl Slug {
            /// Every kind there is.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)+];

            /// The name in URLs, JSON and audit.
            #[must_use]
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $slug,)+ }
            }

            /// The HTTP status; chosen nowhere else.
            #[must_use]
            pub fn status(self) -> StatusCode {
                match self { $(Self::$variant => StatusCode::$status,)+ }
            }

            /// A few words.
            #[must_use]
            pub fn title(self, locale: Locale) -> &'static str {
                match (self, locale) { $(
                    (Self::$variant, Locale::EnCa) => $en_title,
                    (Self::$variant, Locale::FrCa) => $fr_title,
                )+ }
            }

            /// One sentence with the next step.
            #[must_use]
            pub fn sentence(self, locale: Locale) -> &'static str {
                match (self, locale) { $(
                    (Self::$variant, Locale::EnCa) => $en,
                    (Self::$variant, Locale::FrCa) => $fr,
                )+ }
            }
        }
    };
}

problems! {
    InvalidToken "invalid-token" UNAUTHORIZED
        "This view has ended" "The access to this view is missing or no longer valid. Open it again from the page you came from."
        "Cette vue a pris fin" "L’accès à cette vue est absent ou n’est plus valide. Rouvrez-la depuis la page d’où vous venez.";
    InvalidProof "invalid-proof" UNAUTHORIZED
        "This view has to start again" "This view could not prove that it is the one that was opened. Open it again from the page you came from."
        "Cette vue doit redémarrer" "Cette vue n’a pas pu prouver qu’elle est bien celle qui a été ouverte. Rouvrez-la depuis la page d’où vous venez.";
    SessionEnded "session-ended" UNAUTHORIZED
        "This session has ended" "A view stays open for twelve hours at most. Open it again from the page you came from."
        "Cette séance a pris fin" "Une vue reste ouverte douze heures au plus. Rouvrez-la depuis la page d’où vous venez.";
    AccessRevoked "access-revoked" UNAUTHORIZED
        "Your access was ended" "The access to this view was taken back. Ask whoever gave it to you, or open the view again from the page you came from."
        "Votre accès a pris fin" "L’accès à cette vue a été retiré. Adressez-vous à la personne qui vous l’a donné ou rouvrez la vue depuis la page d’où vous venez.";
    LockedDown "locked-down" FORBIDDEN
        "Closed for now" "This dashboard was closed for the time being. It comes back by itself when it is opened again; nothing is wrong with your access."
        "Fermé pour le moment" "Ce tableau de bord est fermé pour le moment. Il reviendra de lui-même à sa réouverture ; votre accès n’est pas en cause.";
    AccessTokenInvalid "access-token-invalid" UNAUTHORIZED
        "The access token can’t be used" "Send a live access token that your identity provider issued for Weir. Get a new one, or ask the operator what Weir accepts."
        "Le jeton d’accès est inutilisable" "Envoyez un jeton d’accès valide, émis pour Weir par votre fournisseur d’identité. Obtenez-en un nouveau ou demandez à l’exploitant ce que Weir accepte.";
    SignInRequired "sign-in-required" UNAUTHORIZED
        "Sign in first" "Sign in to see this page."
        "Connexion requise" "Connectez-vous pour voir cette page.";
    ClientUnauthorized "client-unauthorized" UNAUTHORIZED
        "Unknown client" "Send the id and secret of a registered embed client by HTTP Basic authentication, or an assertion signed with its key."
        "Client inconnu" "Envoyez l’identifiant et le secret d’un client inscrit par authentification HTTP Basic, ou une assertion signée avec sa clé.";
    NotFound "not-found" NOT_FOUND
        "Not found" "This page does not exist, or it is not yours to see. Check the address, or ask whoever gave it to you."
        "Introuvable" "Cette page n’existe pas ou ne vous est pas destinée. Vérifiez l’adresse ou demandez à la personne qui vous l’a donnée.";
    CodeSpent "code-spent" GONE
        "This link was used" "A launch link works once and for one minute. Open the dashboard again from the page you came from."
        "Ce lien a déjà servi" "Un lien d’ouverture ne sert qu’une fois, pendant une minute. Rouvrez le tableau de bord depuis la page d’où vous venez.";
    OriginNotAllowed "origin-not-allowed" FORBIDDEN
        "Not from here" "This dashboard may only be opened inside the page it was issued for."
        "Pas d’ici" "Ce tableau de bord ne s’ouvre que dans la page pour laquelle il a été émis.";
    Withheld "withheld" FORBIDDEN
        "Not available to you" "The policies in force do not give you this data. Ask the data governance office."
        "Non disponible pour vous" "Les politiques en vigueur ne vous donnent pas ces données. Adressez-vous à la gouvernance des données.";
    ExportNotAllowed "export-not-allowed" FORBIDDEN
        "To look at only" "You may look at this data here, and not take it along as a file. Ask the data governance office."
        "À consulter seulement" "Vous pouvez consulter ces données ici, sans les emporter dans un fichier. Adressez-vous à la gouvernance des données.";
    InvalidParameter "invalid-parameter" BAD_REQUEST
        "A parameter can’t be used" "A parameter of this request is unknown or has no valid value. Nothing was executed."
        "Un paramètre est inutilisable" "Un paramètre de cette requête est inconnu ou n’a pas de valeur valide. Rien n’a été exécuté.";
    InvalidRequest "invalid-request" BAD_REQUEST
        "The request can’t be read" "This request is not well formed. Nothing was executed."
        "La requête est illisible" "Cette requête est mal formée. Rien n’a été exécuté.";
    MintInvalid "mint-invalid" UNPROCESSABLE_ENTITY
        "The token request can’t be used" "A field of this token request is missing, unknown or has no valid value. No token was issued."
        "La demande de jeton est inutilisable" "Un champ de cette demande de jeton est absent, inconnu ou sans valeur valide. Aucun jeton n’a été émis.";
    MintForbidden "mint-forbidden" FORBIDDEN
        "Not registered for this" "The embed client’s registration does not allow this request. No token was issued."
        "Non prévu à l’inscription" "L’inscription de ce client ne permet pas cette demande. Aucun jeton n’a été émis.";
    SubjectTokenInvalid "subject-token-invalid" BAD_REQUEST
        "The person’s token can’t be exchanged" "Send a live token of the identity provider that was made for an audience of this client’s registration. No token was issued."
        "Le jeton de la personne ne peut être échangé" "Envoyez un jeton valide du fournisseur d’identité, émis pour une audience prévue à l’inscription de ce client. Aucun jeton n’a été émis.";
    TooManyRequests "too-many-requests" TOO_MANY_REQUESTS
        "Too many requests" "This client asked for more tokens than its registration allows in a minute. Wait as long as Retry-After says."
        "Trop de demandes" "Ce client a demandé plus de jetons par minute que son inscription ne le permet. Attendez le temps indiqué par Retry-After.";
    RegistrationInvalid "registration-invalid" UNPROCESSABLE_ENTITY
        "The registration can’t be used" "A field of this registration is missing, unknown or has no valid value; the errors say which, and what is right. Nothing was changed."
        "L’inscription est inutilisable" "Un champ de cette inscription est absent, inconnu ou sans valeur valide ; les erreurs disent lequel, et ce qui convient. Rien n’a été modifié.";
    RegistrationConflict "registration-conflict" CONFLICT
        "Not as you saw it" "Somebody changed this client meanwhile, or it can’t be changed here. Look at it, and do it again if you still want to. Nothing was changed."
        "Pas tel que vous l’avez vu" "Une autre personne a modifié ce client entre-temps, ou il ne se modifie pas ici. Regardez-le, puis recommencez au besoin. Rien n’a été modifié.";
    SignInFailed "sign-in-failed" BAD_REQUEST
        "Sign-in did not work" "The sign-in was interrupted or took too long. Start again."
        "La connexion a échoué" "La connexion a été interrompue ou a pris trop de temps. Recommencez.";
    IdentityProviderUnavailable "identity-provider-unavailable" SERVICE_UNAVAILABLE
        "Sign-in is unavailable" "The sign-in service does not answer. Try again in a minute; who is already signed in can go on working."
        "Connexion indisponible" "Le service de connexion ne répond pas. Réessayez dans une minute ; les personnes déjà connectées peuvent continuer.";
    EngineUnavailable "engine-unavailable" SERVICE_UNAVAILABLE
        "The data can’t be read now" "The data could not be read. Try again in a moment."
        "Données illisibles pour le moment" "Les données n’ont pas pu être lues. Réessayez dans un instant.";
    SchemaDrift "schema-drift" SERVICE_UNAVAILABLE
        "The data has changed" "A part of the data that this needs is missing or has changed. Its owners have been told; everything else can be read."
        "Les données ont changé" "Une partie des données nécessaires ici est absente ou a changé. Les responsables en sont avisés ; le reste demeure lisible.";
    BudgetSpent "budget-spent" TOO_MANY_REQUESTS
        "Today’s budget is spent" "The budget for new answers is used up for today. What was computed before still opens; the rest comes back after midnight UTC, or when the data governance office raises the budget."
        "Le budget du jour est épuisé" "Le budget pour de nouveaux calculs est épuisé pour aujourd’hui. Ce qui était déjà calculé s’ouvre encore ; le reste revient après minuit UTC ou si la gouvernance des données relève le budget.";
    BudgetInvalid "budget-invalid" UNPROCESSABLE_ENTITY
        "The budget can’t be used" "A budget is for `all`, `prewarm`, a dashboard or a business unit, and limits bytes, dollars or both. Nothing was changed."
        "Le budget est inutilisable" "Un budget vaut pour `all`, `prewarm`, un tableau de bord ou une unité d’affaires, et limite des octets, des dollars ou les deux. Rien n’a été modifié.";
    BudgetConflict "budget-conflict" CONFLICT
        "The budget has changed" "Somebody changed this budget meanwhile. Look at it, and do it again if you still want to. Nothing was changed."
        "Le budget a changé" "Une autre personne a modifié ce budget entre-temps. Regardez-le, puis recommencez au besoin. Rien n’a été modifié.";
    AuditUnavailable "audit-unavailable" SERVICE_UNAVAILABLE
        "Nothing can be shown now" "Reads can’t be recorded at the moment, so no data is shown. Try again in a moment."
        "Rien ne peut être affiché" "Les lectures ne peuvent pas être consignées ; aucune donnée n’est affichée. Réessayez dans un instant.";
    RegistryUnavailable "registry-unavailable" SERVICE_UNAVAILABLE
        "Not available now" "A part of Weir does not answer. Try again in a moment."
        "Indisponible pour le moment" "Une partie de Weir ne répond pas. Réessayez dans un instant.";
    PreconditionRequired "precondition-required" PRECONDITION_REQUIRED
        "Say what you saw" "Say in If-Match which version you saw, so that nobody’s work is overwritten. Nothing was changed."
        "Dites ce que vous avez vu" "Dites dans If-Match quelle version vous avez vue, pour n’écraser le travail de personne. Rien n’a été modifié.";
    DraftConflict "draft-conflict" CONFLICT
        "Somebody was faster" "Somebody else changed this draft meanwhile. Compare, and save again over their version. Nothing of either is lost."
        "Quelqu’un vous a devancé" "Une autre personne a modifié cette ébauche entre-temps. Comparez, puis enregistrez par-dessus sa version. Rien n’est perdu.";
    DraftOutdated "draft-outdated" CONFLICT
        "Another revision is in force" "A newer revision came into force since this draft was saved. Save it again over that revision, and have it reviewed."
        "Une autre révision est en vigueur" "Une révision plus récente est entrée en vigueur depuis l’enregistrement de cette ébauche. Enregistrez-la de nouveau et faites-la réviser.";
    DraftState "draft-state" CONFLICT
        "Not at this point" "The draft does not stand where this step is possible. Nothing was changed."
        "Pas à cette étape" "L’ébauche n’en est pas à un point où cette étape est possible. Rien n’a été modifié.";
    OwnWork "own-work" FORBIDDEN
        "Somebody else has to" "Whoever worked on a draft can’t approve it. Ask another governance admin."
        "Une autre personne doit le faire" "Qui a travaillé à une ébauche ne peut pas l’approuver. Demandez à un autre responsable de la gouvernance.";
    ContentInvalid "content-invalid" UNPROCESSABLE_ENTITY
        "The files can’t be used" "A file or field of this change can’t be used; the errors say which, and why. Nothing was changed."
        "Les fichiers sont inutilisables" "Un fichier ou un champ de ce changement est inutilisable ; les erreurs disent lequel et pourquoi. Rien n’a été modifié.";
    PreviewEnded "preview-ended" GONE
        "This preview has ended" "A look through somebody else’s eyes lasts a quarter of an hour. Begin another one."
        "Cet aperçu a pris fin" "Un regard par les yeux d’une autre personne dure un quart d’heure. Commencez-en un autre.";
    MethodNotAllowed "method-not-allowed" METHOD_NOT_ALLOWED
        "Wrong method" "This address does not take this method."
        "Méthode refusée" "Cette adresse n’accepte pas cette méthode.";
    TooLarge "too-large" PAYLOAD_TOO_LARGE
        "Too large" "This request is larger than 64 KiB."
        "Trop volumineux" "Cette requête dépasse 64 Kio.";
    UnsupportedMediaType "unsupported-media-type" UNSUPPORTED_MEDIA_TYPE
        "Wrong content type" "Send this request with the content type that the API description names."
        "Type de contenu refusé" "Envoyez cette requête avec le type de contenu que décrit l’API.";
    UriTooLong "uri-too-long" URI_TOO_LONG
        "The address is too long" "An address may be 8 KiB long. Choose fewer filter values, or shorten the address."
        "L’adresse est trop longue" "Une adresse compte 8 Kio au plus. Choisissez moins de valeurs de filtre ou raccourcissez l’adresse.";
    HeadersTooLarge "headers-too-large" REQUEST_HEADER_FIELDS_TOO_LARGE
        "Too many headers" "A request may have 64 headers of 16 KiB together. Send less; in a browser, clear this site’s cookies."
        "Trop d’en-têtes" "Une requête compte 64 en-têtes et 16 Kio au plus. Envoyez-en moins ; dans un navigateur, effacez les témoins de ce site.";
    MisdirectedRequest "misdirected-request" MISDIRECTED_REQUEST
        "Not the right door" "Weir does not answer to the name that this request was sent to. Use its public address."
        "Mauvaise porte" "Weir ne répond pas au nom auquel cette requête a été envoyée. Utilisez son adresse publique.";
    Overloaded "overloaded" SERVICE_UNAVAILABLE
        "Too busy at the moment" "More is asked for than can be answered in time. Try again in a few seconds; nothing is wrong with your access."
        "Trop de demandes en ce moment" "Il y a plus de demandes que de réponses possibles à temps. Réessayez dans quelques secondes ; votre accès n’est pas en cause.";
    Internal "internal" INTERNAL_SERVER_ERROR
        "Something went wrong" "This is our fault. Try again; if it stays, tell the support the request id."
        "Un problème est survenu" "C’est de notre faute. Réessayez ; si cela persiste, donnez le numéro de requête au soutien.";
}

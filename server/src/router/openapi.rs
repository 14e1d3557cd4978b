//! The API's own description (`OpenAPI` 3.1), made of what stands at the handlers:
//! `GET /api/v1/openapi.json`.

use serde::Serialize;
use utoipa::openapi::path::Operation;
use utoipa::openapi::security::{
    ApiKey, ApiKeyValue, HttpAuthScheme, HttpBuilder, SecurityRequirement, SecurityScheme,
};
use utoipa::openapi::{
    ContentBuilder, InfoBuilder, LicenseBuilder, OpenApi, OpenApiBuilder, Ref, ResponseBuilder,
};
use utoipa::{PartialSchema, ToSchema};

use super::routes::Audience;
use crate::problem::render::ProblemDocument;

/// An embed token, in `Authorization: Bearer`.
const EMBED_TOKEN: &str = "embed_token";
/// A session, in a cookie.
const SESSION: &str = "session";
/// An access token of the identity provider, in `Authorization: Bearer`.
const ACCESS_TOKEN: &str = "access_token";
/// A registered client's id and secret (RFC 7617).
const CLIENT_SECRET: &str = "client_secret";
/// An assertion that a registered client signed, in `Authorization: Bearer` (RFC 7523).
const CLIENT_ASSERTION: &str = "client_assertion";

/// A person, as the registry keeps people.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Person {
    /// Who vouches for them.
    issuer: String,
    /// Who they are to the issuer.
    sub: String,
    /// What they are called. Not an identity.
    name: String,
}

/// What the routes don't say themselves.
pub(super) fn described(routes: OpenApi) -> OpenApi {
    let info = InfoBuilder::new()
        .title("Weir")
        .version(env!("CARGO_PKG_VERSION"))
        .description(Some(
            "The governed outlet of a lakehouse: tiles as JSON, embed tokens, and the governance of who sees what.",
        ))
        .license(Some(LicenseBuilder::new().name("Apache-2.0").build()));
    let mut api = OpenApiBuilder::from(routes).info(info.build()).build();
    let components = api.components.get_or_insert_default();
    for (name, scheme) in schemes() {
        components.add_security_scheme(name, scheme);
    }
    let mut shapes = vec![(
        ProblemDocument::name().into_owned(),
        ProblemDocument::schema(),
    )];
    ProblemDocument::schemas(&mut shapes);
    components.schemas.extend(shapes);
    api
}

fn schemes() -> [(&'static str, SecurityScheme); 5] {
    let http = |scheme, what: &str| {
        let scheme = HttpBuilder::new().scheme(scheme).description(Some(what));
        SecurityScheme::Http(scheme.build())
    };
    let cookie = ApiKeyValue::with_description(
        "__Host-weir",
        "A session of Weir's own pages. Whatever changes something must come from them.",
    );
    [
        (
            EMBED_TOKEN,
            http(HttpAuthScheme::Bearer, "An embed token of one dashboard."),
        ),
        (
            ACCESS_TOKEN,
            http(
                HttpAuthScheme::Bearer,
                "An access token of the identity provider (RFC 9068), for Weir alone.",
            ),
        ),
        (SESSION, SecurityScheme::ApiKey(ApiKey::Cookie(cookie))),
        (
            CLIENT_SECRET,
            http(HttpAuthScheme::Basic, "A registered client and its secret."),
        ),
        (
            CLIENT_ASSERTION,
            http(
                HttpAuthScheme::Bearer,
                "A JWT that a registered client signed (RFC 7523); each is taken once.",
            ),
        ),
    ]
}

/// Adds what holds for every call of an audience: who may make it, and how it is refused.
pub(super) fn complete(operation: &mut Operation, audience: Audience) {
    let schemes: &[&str] = match audience {
        Audience::Anyone => &[],
        Audience::Viewer => &[EMBED_TOKEN],
        Audience::Member => &[SESSION],
        Audience::Admin => &[SESSION, ACCESS_TOKEN],
        Audience::Reader => &[EMBED_TOKEN, SESSION],
        Audience::Service => &[CLIENT_SECRET, CLIENT_ASSERTION],
        Audience::Revoker => &[SESSION, ACCESS_TOKEN, CLIENT_SECRET],
    };
    let requirement = |scheme: &&str| SecurityRequirement::new(*scheme, Vec::<String>::new());
    operation.security = Some(schemes.iter().map(requirement).collect());
    let problem =
        ContentBuilder::new().schema(Some(Ref::from_schema_name(ProblemDocument::name())));
    let refused = ResponseBuilder::new()
        .description("A problem (RFC 9457): what happened, and what to do.")
        .content("application/problem+json", problem.build());
    operation
        .responses
        .responses
        .insert("default".to_owned(), refused.build().into());
}

//! `/admin/clients`: who may embed what, from where, and the secrets of each.

use axum::extract::Path;
use axum::response::Response;
use http::StatusCode;
use secrecy::ExposeSecret as _;
use weir_frontend::model::admin::{
    ClientLine, ClientSecret, ClientStanding, ClientTouch, ClientVm, ClientsVm, NewSecretVm,
    Section,
};
use weir_frontend::pages::admin as pages;
use weir_identity::ClientId;
use weir_registry::{ClientChange, ClientStepError, StoredClient, StoredSecret, Touch};

use super::client_words::{age, dashboards, facts, proof, units, warning};
use super::desk::Desk;
use super::flash;
use super::form::Form;
use super::words::pick;
use crate::problem::{Problem, Slug};
use crate::service::clients::{Clients, Listed, ManageError, warnings};

/// `GET /admin/clients`
pub(super) async fn clients(desk: Desk) -> Response {
    let page = all(&desk).await;
    desk.answer(Section::Clients, page).await
}

async fn all(desk: &Desk) -> Result<Response, Problem> {
    let clients = desk.state.clients.list().await?;
    Ok(desk.page(pages::clients(&ClientsVm {
        clients: clients.iter().map(|client| line(client, desk)).collect(),
        frame: desk.frame(Section::Clients).await?,
    })))
}

fn line(client: &Listed, desk: &Desk) -> ClientLine {
    let registration = &client.registration;
    let content = desk.state.dashboards.published.current();
    let none = |texts: Vec<String>| match texts.as_slice() {
        [] => pick(desk.locale, "none", "aucun").to_owned(),
        _ => texts.join(", "),
    };
    ClientLine {
        href: format!("/admin/clients/{}", client.id),
        id: client.id.to_string(),
        name: registration.name.clone().unwrap_or_default(),
        standing: standing(client),
        dashboards: none(dashboards(registration, &content, desk.locale)),
        units: none(units(registration, &content, desk.locale)),
        origins: registration
            .origins
            .iter()
            .map(ToString::to_string)
            .collect(),
        proof: proof(client, desk.locale),
    }
}

fn standing(client: &Listed) -> ClientStanding {
    match &client.stored {
        None => ClientStanding::Configured,
        Some(_) if client.registration.active => ClientStanding::Active,
        Some(_) => ClientStanding::Inactive,
    }
}

/// `GET /admin/clients/{id}`
pub(super) async fn client(desk: Desk, Path(id): Path<String>) -> Response {
    let page = one(&desk, &id).await;
    desk.answer(Section::Clients, page).await
}

/// `GET /admin/clients/{id}/{step}`: a step that was sent is no page; this is where it was sent from.
pub(super) async fn back(desk: Desk, Path((id, _)): Path<(String, String)>) -> Response {
    match client_id(&id) {
        Ok(id) => desk.go(&format!("/admin/clients/{id}"), &[]),
        Err(problem) => desk.answer(Section::Clients, Err(problem)).await,
    }
}

async fn one(desk: &Desk, id: &str) -> Result<Response, Problem> {
    let client = desk.state.clients.one(&client_id(id)?).await?;
    let vm = sheet(desk, &client, None).await?;
    Ok(desk.page(pages::client(&vm)))
}

/// `POST /admin/clients/{id}/rotate`: makes a secret, and shows it this once.
pub(super) async fn rotate(desk: Desk, Path(id): Path<String>, form: Form) -> Response {
    let page = rotated(&desk, &id, &form).await;
    desk.answer(Section::Clients, page).await
}

async fn rotated(desk: &Desk, id: &str, form: &Form) -> Result<Response, Problem> {
    let (id, change) = change(desk, id, form)?;
    match desk.state.clients.rotate(change).await {
        Ok(made) => {
            let secret = NewSecretVm {
                id: made.id,
                secret: made.secret.expose_secret().to_owned(),
            };
            let vm = sheet(desk, &made.client, Some(secret)).await?;
            Ok(desk.page(pages::client(&vm)))
        }
        Err(error) => not_done(desk, &id, error).await,
    }
}

/// `POST /admin/clients/{id}/remove-secret`: takes a secret back.
pub(super) async fn remove_secret(desk: Desk, Path(id): Path<String>, form: Form) -> Response {
    let page = removed(&desk, &id, &form).await;
    desk.answer(Section::Clients, page).await
}

async fn removed(desk: &Desk, id: &str, form: &Form) -> Result<Response, Problem> {
    let (id, change) = change(desk, id, form)?;
    let secret = form.line("secret");
    match desk.state.clients.remove_secret(change, secret).await {
        Ok(_) => {
            let done = [(flash::NAME, "secret-removed")];
            Ok(desk.go(&format!("/admin/clients/{id}"), &done))
        }
        Err(error) => not_done(desk, &id, error).await,
    }
}

/// The client as it is now, and why nothing was done to it.
async fn not_done(desk: &Desk, id: &ClientId, error: ManageError) -> Result<Response, Problem> {
    let Some(why) = sentence(&error, desk) else {
        return Err(error.into());
    };
    let client = desk.state.clients.one(id).await?;
    let mut vm = sheet(desk, &client, None).await?;
    vm.frame.flash = Some(flash::refused(why.to_owned()));
    Ok(desk.page_with(StatusCode::CONFLICT, pages::client(&vm)))
}

fn sentence(error: &ManageError, desk: &Desk) -> Option<&'static str> {
    let (en, fr) = match error {
        ManageError::Step(ClientStepError::Conflict(_)) => (
            "Somebody changed this client meanwhile. This is how it is now; do it again if you still want to.",
            "Une autre personne a modifié ce client entre-temps. Le voici\u{a0}; recommencez au besoin.",
        ),
        ManageError::Step(ClientStepError::UnknownSecret) => (
            "This secret is not live any more.",
            "Ce secret n’est plus valide.",
        ),
        ManageError::Configured => (
            "This client stands in the configuration of the server and is changed there.",
            "Ce client figure dans la configuration du serveur, où il se modifie.",
        ),
        _ => return None,
    };
    Some(pick(desk.locale, en, fr))
}

fn change(desk: &Desk, id: &str, form: &Form) -> Result<(ClientId, ClientChange), Problem> {
    let id = client_id(id)?;
    let seen = Some(form.number("version")?);
    let change = Clients::change(&id, seen, desk.doer(), &desk.state.clock)?;
    Ok((id, change))
}

fn client_id(id: &str) -> Result<ClientId, Problem> {
    ClientId::parse(id).map_err(|_| Problem::new(Slug::NotFound))
}

async fn sheet(
    desk: &Desk,
    client: &Listed,
    new_secret: Option<NewSecretVm>,
) -> Result<ClientVm, Problem> {
    let content = desk.state.dashboards.published.current();
    let stored = client.stored.as_ref();
    let warnings = warnings(&client.registration, &content);
    let action = |step: &str| stored.map(|_| format!("/admin/clients/{}/{step}", client.id));
    let secrets = stored
        .map(|stored| secrets(stored, desk))
        .unwrap_or_default();
    Ok(ClientVm {
        id: client.id.to_string(),
        name: client.registration.name.clone().unwrap_or_default(),
        standing: standing(client),
        facts: facts(&client.registration, &content, desk.locale),
        warnings: warnings
            .iter()
            .map(|one| warning(one, desk.locale))
            .collect(),
        changed: stored.map(|stored| touch(&stored.changed, desk)),
        secrets,
        new_secret,
        version: stored.map_or_else(String::new, |stored| stored.version.to_string()),
        rotate_action: action("rotate"),
        remove_action: action("remove-secret"),
        frame: desk.frame(Section::Clients).await?,
    })
}

fn secrets(stored: &StoredClient, desk: &Desk) -> Vec<ClientSecret> {
    let now = desk.state.clock.now();
    let secret = |one: &StoredSecret| ClientSecret {
        id: one.id.to_string(),
        age: age(now - one.created.at, desk.locale),
        made: touch(&one.created, desk),
    };
    stored.secrets.iter().map(secret).collect()
}

fn touch(touch: &Touch, desk: &Desk) -> ClientTouch {
    ClientTouch {
        at: desk.presenter().when(touch.at),
        by: touch.by.name.clone(),
    }
}

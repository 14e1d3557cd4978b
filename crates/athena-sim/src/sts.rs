//! STS: roles are assumed, and what a session is told to remember can be looked up.

use std::collections::BTreeMap;

use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use chrono::{SecondsFormat, TimeDelta};
use serde::Serialize;
use uuid::Uuid;

use crate::account::{Account, lock};
use crate::clock;
use crate::xml::element;

/// The account that everything belongs to.
pub(crate) const ACCOUNT: &str = "000000000000";

/// Sessions last an hour where nothing else is said.
const USUAL_SECONDS: i64 = 3_600;

/// Sessions by access key.
#[derive(Debug, Default)]
pub(crate) struct Principals(BTreeMap<String, AssumedRole>);

/// A session of a role.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct AssumedRole {
    /// The role.
    pub role_arn: String,
    /// What the session is called.
    pub session_name: String,
    /// On whose behalf.
    pub source_identity: Option<String>,
    /// What the session carries.
    pub tags: BTreeMap<String, String>,
}

impl Principals {
    /// Whose access key signed a call. Signatures are not checked.
    pub(crate) fn of(&self, headers: &HeaderMap) -> Option<&AssumedRole> {
        let signed = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
        let (_, credential) = signed.split_once("Credential=")?;
        self.0.get(credential.split('/').next()?)
    }

    pub(crate) fn all(&self) -> Vec<AssumedRole> {
        self.0.values().cloned().collect()
    }
}

/// Answers a call of STS, whose members are those of a form.
pub(crate) fn call(account: &Account, form: &[u8], headers: &HeaderMap) -> Response {
    let members: BTreeMap<String, String> =
        url::form_urlencoded::parse(form).into_owned().collect();
    let action = members.get("Action").map_or("", String::as_str);
    if !account.admit(&format!("sts:{action}")) {
        return xml(
            StatusCode::BAD_REQUEST,
            error("Throttling", "Rate exceeded"),
        );
    }
    match action {
        "AssumeRole" => assume(account, &members),
        "GetCallerIdentity" => {
            let principals = lock(&account.principals);
            let role = principals
                .of(headers)
                .map(|session| session.role_arn.clone());
            let arn = role.unwrap_or_else(|| format!("arn:aws:iam::{ACCOUNT}:user/simulated"));
            let identity = element("Arn", &arn) + &element("UserId", "simulated");
            let identity = identity + &element("Account", ACCOUNT);
            xml(StatusCode::OK, result(action, &identity))
        }
        _ => xml(
            StatusCode::BAD_REQUEST,
            error("InvalidAction", "the simulator has no such action"),
        ),
    }
}

fn assume(account: &Account, members: &BTreeMap<String, String>) -> Response {
    let member = |name: &str| members.get(name).cloned();
    let (Some(role_arn), Some(session_name)) = (member("RoleArn"), member("RoleSessionName"))
    else {
        let refused = error(
            "ValidationError",
            "RoleArn and RoleSessionName must be there",
        );
        return xml(StatusCode::BAD_REQUEST, refused);
    };
    let seconds = member("DurationSeconds").and_then(|seconds| seconds.parse().ok());
    let until = clock::now() + TimeDelta::seconds(seconds.unwrap_or(USUAL_SECONDS));
    let key = format!("ASIA{}", Uuid::now_v7().simple().to_string().to_uppercase());
    let arn = format!("{}/{session_name}", role_arn.replace(":iam:", ":sts:"));
    let user = element("AssumedRoleId", &key) + &element("Arn", &arn);
    let credentials = element("AccessKeyId", &key)
        + &element("SecretAccessKey", "a secret of the simulator")
        + &element("SessionToken", "a token of the simulator")
        + &element(
            "Expiration",
            &until.to_rfc3339_opts(SecondsFormat::Secs, true),
        );
    let session = AssumedRole {
        role_arn,
        session_name,
        source_identity: member("SourceIdentity"),
        tags: tags(members),
    };
    lock(&account.principals).0.insert(key, session);
    let body = format!(
        "<Credentials>{credentials}</Credentials><AssumedRoleUser>{user}</AssumedRoleUser>"
    );
    xml(StatusCode::OK, result("AssumeRole", &body))
}

/// `Tags.member.1.Key` and `Tags.member.1.Value`, and so on.
fn tags(members: &BTreeMap<String, String>) -> BTreeMap<String, String> {
    let keys = members.iter().filter_map(|(name, key)| {
        let number = name.strip_prefix("Tags.member.")?.strip_suffix(".Key")?;
        let value = members.get(&format!("Tags.member.{number}.Value"))?;
        Some((key.clone(), value.clone()))
    });
    keys.collect()
}

fn result(action: &str, body: &str) -> String {
    format!(
        "<{action}Response xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\">\
         <{action}Result>{body}</{action}Result>\
         <ResponseMetadata><RequestId>simulated</RequestId></ResponseMetadata></{action}Response>"
    )
}

fn error(code: &str, message: &str) -> String {
    let error = element("Type", "Sender") + &element("Code", code) + &element("Message", message);
    format!("<ErrorResponse><Error>{error}</Error></ErrorResponse>")
}

fn xml(status: StatusCode, body: String) -> Response {
    let mut response = (status, body).into_response();
    let kind = HeaderValue::from_static("text/xml");
    response.headers_mut().insert(header::CONTENT_TYPE, kind);
    response
}

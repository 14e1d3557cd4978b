//! STS: roles are assumed, and what a session is told to remember can be looked up.

use std::collections::BTreeMap;
use std::time::Duration;

use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use chrono::SecondsFormat;
use serde::Serialize;
use uuid::Uuid;

use crate::account::{Account, lock};
use crate::clock;
use crate::wire::Refusal;
use crate::xml::element;

/// The account that everything belongs to.
pub(crate) const ACCOUNT: &str = "000000000000";

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

/// A call, by its members, which come as a form.
#[derive(Debug)]
pub(crate) struct Call(BTreeMap<String, String>);

impl Call {
    pub(crate) fn of(form: &[u8]) -> Self {
        Self(url::form_urlencoded::parse(form).into_owned().collect())
    }

    /// What it is called where calls are counted.
    pub(crate) fn operation(&self) -> String {
        format!("sts:{}", self.action())
    }

    fn action(&self) -> &str {
        self.0.get("Action").map_or("", String::as_str)
    }
}

/// Does what a call says.
pub(crate) fn call(account: &Account, call: &Call, headers: &HeaderMap) -> Response {
    match call.action() {
        "AssumeRole" => assume(account, &call.0),
        "GetCallerIdentity" => {
            let principals = lock(&account.principals);
            let role = principals
                .of(headers)
                .map(|session| session.role_arn.clone());
            let arn = role.unwrap_or_else(|| format!("arn:aws:iam::{ACCOUNT}:user/simulated"));
            let identity = element("Arn", &arn) + &element("UserId", "simulated");
            let identity = identity + &element("Account", ACCOUNT);
            xml(StatusCode::OK, result("GetCallerIdentity", &identity))
        }
        _ => xml(
            StatusCode::BAD_REQUEST,
            error("InvalidAction", "the simulator has no such action"),
        ),
    }
}

/// How STS refuses: its codes are those of the other services without the word `Exception`.
pub(crate) fn refused(refusal: &Refusal) -> Response {
    let kind = refusal.kind();
    let code = kind.strip_suffix("Exception").unwrap_or(kind);
    xml(refusal.status(), error(code, refusal.message()))
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
    let seconds = member("DurationSeconds").and_then(|seconds| seconds.parse::<u32>().ok());
    let life = seconds.map_or(account.session, |seconds| {
        Duration::from_secs(seconds.into())
    });
    let until = clock::now() + life;
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

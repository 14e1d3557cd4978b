//! What a page's URL or form may say: language, theme, period and filter values. Everything else is
//! refused by the dashboard's `bind`.

use weir_frontend::model::Theme;
use weir_query::Locale;

use crate::problem::{Problem, Slug};

/// The most parameters of one request.
pub(super) const MOST: usize = 64;

/// A request's parameters, sorted by who uses them.
#[derive(Debug, Clone, Default)]
pub struct Params {
    /// Period and filter values, for [`weir_query::Dashboard::bind`].
    pub chosen: Vec<(String, String)>,
    /// The language asked for.
    pub locale: Option<Locale>,
    /// The colours asked for.
    pub theme: Theme,
    /// A launch's token.
    pub token: Option<String>,
    /// The proof beside a frame's own token.
    pub proof: Option<String>,
    /// A launch's single-use code.
    pub code: Option<String>,
}

impl Params {
    /// The parameters of a launch form. A code has no business there.
    ///
    /// # Errors
    /// A value that is not one of a closed set, a credential given twice, or too many parameters.
    pub fn from_form(pairs: Vec<(String, String)>) -> Result<Self, Problem> {
        let params = Self::sort(pairs)?;
        misplaced(params.code.as_ref())?;
        Ok(params)
    }

    fn sort(pairs: Vec<(String, String)>) -> Result<Self, Problem> {
        if pairs.len() > MOST {
            return Err(invalid("too many parameters"));
        }
        let mut params = Self::default();
        for (name, value) in pairs {
            match name.as_str() {
                "locale" => params.locale = Some(parse_locale(&value)?),
                "theme" => params.theme = parse_theme(&value)?,
                "token" => once(&mut params.token, value)?,
                "proof" => once(&mut params.proof, value)?,
                "code" => once(&mut params.code, value)?,
                "period" => params.period(&value)?,
                _ => params.chosen.push((name, value)),
            }
        }
        Ok(params)
    }

    /// The form's `period=2026-01-01..2026-03-31`.
    fn period(&mut self, value: &str) -> Result<(), Problem> {
        let (from, to) = value
            .split_once("..")
            .ok_or_else(|| invalid("`period` is `from..to`"))?;
        self.chosen.push(("from".to_owned(), from.to_owned()));
        self.chosen.push(("to".to_owned(), to.to_owned()));
        Ok(())
    }

    /// The parameters of a `GET`. A credential in an address ends up in histories and logs, so it
    /// is refused even where it would not be used (F62).
    ///
    /// # Errors
    /// As [`Params::from_form`]; also text that is not UTF-8, which would make two inputs one.
    pub fn from_query(query: Option<&str>) -> Result<Self, Problem> {
        let params = Self::from_launch_query(query)?;
        misplaced(params.code.as_ref())?;
        Ok(params)
    }

    /// The parameters of a launch by code, the one credential that an address may hold.
    ///
    /// # Errors
    /// As [`Params::from_query`].
    pub fn from_launch_query(query: Option<&str>) -> Result<Self, Problem> {
        let query = query.unwrap_or_default();
        let decodes = percent_encoding::percent_decode_str(query)
            .decode_utf8()
            .is_ok();
        if !decodes {
            return Err(invalid("the query string is not UTF-8"));
        }
        let pairs = url::form_urlencoded::parse(query.as_bytes())
            .into_owned()
            .collect();
        let params = Self::sort(pairs)?;
        misplaced(params.token.as_ref())?;
        misplaced(params.proof.as_ref())?;
        Ok(params)
    }
}

fn misplaced(credential: Option<&String>) -> Result<(), Problem> {
    match credential {
        None => Ok(()),
        Some(_) => Err(invalid("a credential stands where it may not")),
    }
}

fn invalid(detail: &str) -> Problem {
    Problem::new(Slug::InvalidParameter).at("", detail)
}

fn once(place: &mut Option<String>, value: String) -> Result<(), Problem> {
    match place.replace(value) {
        None => Ok(()),
        Some(_) => Err(Problem::new(Slug::InvalidRequest)),
    }
}

fn parse_locale(value: &str) -> Result<Locale, Problem> {
    Locale::from_tag(value).ok_or_else(|| invalid("`locale` is `en-CA` or `fr-CA`"))
}

fn parse_theme(value: &str) -> Result<Theme, Problem> {
    match value {
        "auto" => Ok(Theme::System),
        "light" => Ok(Theme::Light),
        "dark" => Ok(Theme::Dark),
        "contrast" => Ok(Theme::Contrast),
        _ => Err(invalid("`theme` is `auto`, `light`, `dark` or `contrast`")),
    }
}

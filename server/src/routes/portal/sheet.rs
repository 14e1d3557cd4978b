//! A draft as its page: where it stands, what the reader may do, its files and findings.

use weir_frontend::model::admin::{
    Action, Approval, ConflictVm, DraftFile, DraftState, DraftVm, EditorVm, Finding, ImpactState,
    Reader, Section, SentBack, Severity, TablesVm,
};
use weir_policy::decision_table::CaseOutcome;
use weir_registry::ContentPath;

use super::desk::Desk;
use super::draft::Said;
use super::lines;
use super::rules::{Sides, files};
use super::words::pick;
use crate::problem::Problem;
use crate::service::governance::{Dossier, has_approved, is_editor};

/// A draft on its way to a page.
pub(super) struct Sheet<'a> {
    pub(super) desk: &'a Desk,
    pub(super) dossier: &'a Dossier,
}

impl Sheet<'_> {
    /// The whole page.
    ///
    /// # Errors
    /// When the registry can't say what is in force.
    pub(super) async fn view(&self, said: Said, impact: ImpactState) -> Result<DraftVm, Problem> {
        let (desk, dossier) = (self.desk, self.dossier);
        let (draft, presenter) = (&dossier.draft, desk.presenter());
        let mut frame = desk.frame(Section::Drafts).await?;
        frame.flash = said.flash.clone().or(frame.flash);
        let base = desk.state.governance.revision(draft.base).await?;
        let change = dossier
            .checked
            .change
            .as_ref()
            .filter(|_| dossier.after.is_some());
        let sides = self.sides();
        let state = self.state();
        let others = draft.editors.iter().skip(1);
        Ok(DraftVm {
            href: lines::href(draft),
            id: draft.id.to_string(),
            version: draft.version.to_string(),
            title: said.title.clone().unwrap_or_else(|| draft.title.clone()),
            state,
            author: draft.author.name.clone(),
            editors: others.map(|editor| editor.name.clone()).collect(),
            saved: presenter.when(draft.updated_at),
            base: Some(desk.mark(&base)),
            outdated: self.overtaken().map(|newest| desk.mark(newest)),
            effective: draft.effective_from.map(|at| presenter.when(at)),
            sent_back: draft.reason.as_ref().map(|reason| SentBack {
                by: String::new(),
                when: presenter.when(draft.updated_at),
                reason: reason.clone(),
            }),
            files: self.files(&said),
            editor: self.editor(&said),
            tables: self.tables(),
            rules: change.map_or_else(Vec::new, |change| sides.differences(change)),
            readings: change.map_or_else(Vec::new, |change| sides.readings(change)),
            impact,
            widening: sides.widening(&dossier.checked),
            progress: lines::progress(draft),
            approvals: self.approvals(),
            actions: self.actions(state),
            why_not: self.why_not(state),
            conflict: said.conflict.then(|| self.conflict(&said)),
            errors: said.errors,
            reason: said.reason,
            effective_from: said.effective_from,
            time_zone: pick(desk.locale, "Eastern Time", "heure de l’Est").to_owned(),
            frame,
        })
    }

    fn sides(&self) -> Sides<'_> {
        Sides {
            before: &self.dossier.before,
            after: self
                .dossier
                .after
                .as_deref()
                .unwrap_or(&self.dossier.before),
            locale: self.desk.locale,
        }
    }

    /// A draft is checked as it stands, whenever somebody looks at it.
    fn state(&self) -> DraftState {
        let known = lines::state(&self.dossier.draft);
        let passes = self.dossier.checked.findings.is_empty() && self.changes_something();
        if known == DraftState::Editing && passes && self.overtaken().is_none() {
            DraftState::Checked
        } else {
            known
        }
    }

    fn changes_something(&self) -> bool {
        self.dossier.files != self.dossier.base
    }

    /// The revision that came into force since, while that matters.
    fn overtaken(&self) -> Option<&weir_registry::PublishedRevision> {
        let over = matches!(
            lines::state(&self.dossier.draft),
            DraftState::Live | DraftState::Withdrawn
        );
        self.dossier.overtaken_by().filter(|_| !over)
    }

    fn reader(&self) -> Reader {
        let (draft, me) = (&self.dossier.draft, self.desk.admin.actor());
        if is_editor(draft, &me) {
            Reader::Author
        } else if has_approved(draft, &me) {
            Reader::Approver
        } else {
            Reader::Reviewer
        }
    }

    fn actions(&self, state: DraftState) -> Vec<Action> {
        let early = self.dossier.draft.effective_from;
        let early = early.is_some_and(|at| at > self.desk.state.clock.now());
        let offered = state.actions(self.reader()).iter().copied();
        offered
            .filter(|action| !(early && *action == Action::Publish))
            .collect()
    }

    fn why_not(&self, state: DraftState) -> Vec<String> {
        let why = match (state, self.reader()) {
            (DraftState::Editing, _) if self.overtaken().is_some() => None,
            (DraftState::Editing, _) if !self.changes_something() => Some((
                "It says what is in force. Change something, and it can be submitted.",
                "Elle dit ce qui est en vigueur. Modifiez quelque chose, et elle pourra être soumise.",
            )),
            (DraftState::Editing, _) => Some((
                "It can be submitted once its checks pass.",
                "Elle pourra être soumise dès que ses vérifications passeront.",
            )),
            (DraftState::Checked, Reader::Reviewer | Reader::Approver) => Some((
                "Its editors submit it for review.",
                "Ses rédacteurs la soumettent à la révision.",
            )),
            (DraftState::InReview, Reader::Author) => Some((
                "You edited this draft, so somebody else approves it.",
                "Vous avez modifié cette ébauche\u{a0}: une autre personne doit l’approuver.",
            )),
            (DraftState::InReview, Reader::Approver) => Some((
                "You approved this version. It waits for somebody else’s approval too.",
                "Vous avez approuvé cette version. Elle attend aussi l’approbation d’une autre personne.",
            )),
            _ => None,
        };
        let why = why.map(|(en, fr)| pick(self.desk.locale, en, fr).to_owned());
        why.into_iter().collect()
    }

    fn approvals(&self) -> Vec<Approval> {
        let given = self.dossier.draft.approvals.iter();
        given
            .map(|one| Approval {
                by: one.by.name.clone(),
                when: self.desk.presenter().when(one.at),
            })
            .collect()
    }

    /// The open file: the one that was asked for or sent, else the first that changed.
    fn open(&self, said: &Said) -> Option<String> {
        let known = |path: &str| {
            let path = ContentPath::parse(path).ok()?;
            self.dossier.files.get(&path)?;
            Some(path.to_string())
        };
        let wanted = said.own.as_ref().map(|(path, _)| path.as_str());
        let wanted = wanted.or_else(|| self.desk.asked("file"));
        let first = || {
            let listed = files(&self.dossier.base, &self.dossier.files);
            listed.iter().find_map(|(path, _)| known(path))
        };
        wanted.and_then(known).or_else(first)
    }

    fn files(&self, said: &Said) -> Vec<DraftFile> {
        let open = self.open(said);
        let href = lines::href(&self.dossier.draft);
        let listed = files(&self.dossier.base, &self.dossier.files).into_iter();
        listed
            .map(|(path, change)| {
                let query = url::form_urlencoded::Serializer::new(String::new())
                    .append_pair("file", &path)
                    .finish();
                let found = self.dossier.checked.places.iter();
                let found = found.filter(|one| one.file.as_deref() == Some(path.as_str()));
                DraftFile {
                    href: format!("{href}?{query}#text"),
                    open: open.as_deref() == Some(path.as_str()),
                    change,
                    findings: u32::try_from(found.count()).unwrap_or(u32::MAX),
                    path,
                }
            })
            .collect()
    }

    fn editor(&self, said: &Said) -> Option<EditorVm> {
        let path = self.open(said)?;
        let own = said.own.as_ref().filter(|(sent, _)| *sent == path);
        let text = match own {
            Some((_, text)) => text.clone(),
            None => self.text(&path)?.to_owned(),
        };
        let found = self.dossier.checked.places.iter();
        // What is about all files stands at each of them.
        let here = found.filter(|one| one.file.as_deref().is_none_or(|file| file == path));
        Some(EditorVm {
            findings: here.map(finding).collect(),
            path,
            text,
        })
    }

    fn text(&self, path: &str) -> Option<&str> {
        let path = ContentPath::parse(path).ok()?;
        self.dossier.files.get(&path)
    }

    fn tables(&self) -> Option<TablesVm> {
        let cases = &self.dossier.cases;
        let failed = |case: &&CaseOutcome| !case.passed();
        let failures: Vec<String> = cases
            .iter()
            .filter(failed)
            .map(|case| format!("{}: {}", case.name(), case.failures().join("; ")))
            .collect();
        let passed = cases.len() - failures.len();
        (!cases.is_empty()).then(|| TablesVm {
            passed: u32::try_from(passed).unwrap_or(u32::MAX),
            failures,
        })
    }

    fn conflict(&self, said: &Said) -> ConflictVm {
        let (draft, me) = (&self.dossier.draft, self.desk.admin.actor());
        let others = draft.editors.iter().filter(|editor| !editor.is(&me));
        let others: Vec<&str> = others.map(|editor| editor.name.as_str()).collect();
        let by = if others.is_empty() {
            me.name.clone()
        } else {
            others.join(", ")
        };
        let (path, mine) = said.own.clone().unwrap_or_default();
        let theirs = self.text(&path).unwrap_or_default().to_owned();
        ConflictVm {
            by,
            when: self.desk.presenter().when(draft.updated_at),
            lines: super::diff::lines(&theirs, &mine),
            theirs,
        }
    }
}

fn finding(found: &crate::content::Finding) -> Finding {
    let place = if found.path.is_empty() {
        String::new()
    } else {
        format!("{}: ", found.path)
    };
    let stop = if found.problem.ends_with('.') {
        ""
    } else {
        "."
    };
    Finding {
        line: found.line.and_then(|line| u32::try_from(line).ok()),
        severity: Severity::Error,
        sentence: format!("{place}{}{stop}", found.problem),
        did_you_mean: found.suggestion.clone().unwrap_or_default(),
    }
}

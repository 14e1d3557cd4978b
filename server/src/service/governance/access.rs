//! Who sees what: every sample person against every dataset, under what is in force, was in force,
//! or is only proposed.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use weir_policy::persona::Persona;
use weir_policy::{ColumnAccess, Grant, Subject, resolve};
use weir_query::{Dataset, SnapshotSet};
use weir_registry::{Digest, DraftId, PolicyStep, PolicyStepKind};

use super::{Doer, Governance, GovernanceError, content_of_tree};
use crate::content::Content;
use crate::service::governed_rows::{count, rows_by};
use crate::service::query_cache::QueryCache;

/// Which content is asked about: `revision:14` or `draft:27`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ContentOf {
    /// A revision.
    Revision(u64),
    /// A draft as it is now.
    Draft(DraftId),
}

/// Who sees what.
#[derive(Debug)]
pub struct Access {
    /// When the newest of the data was committed.
    pub data_time: Option<DateTime<Utc>>,
    /// The datasets, by name.
    pub datasets: Vec<Arc<Dataset>>,
    /// The sample people, each with a cell per dataset.
    pub rows: Vec<(Persona, Vec<CellAccess>)>,
}

/// What somebody sees of a dataset.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CellAccess {
    /// How many rows.
    pub rows: RowsSeen,
    /// How many columns are hidden.
    pub hidden: usize,
    /// How many columns are masked.
    pub masked: usize,
}

/// How many rows somebody sees.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RowsSeen {
    /// The dataset is closed to them.
    Denied,
    /// This many.
    Counted(u64),
    /// Some, perhaps; they could not be counted.
    Uncounted,
}

impl FromStr for ContentOf {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let (kind, number) = text.split_once(':').ok_or(())?;
        let number: u64 = number.parse().map_err(|_| ())?;
        match kind {
            "revision" => Ok(Self::Revision(number)),
            "draft" => Ok(Self::Draft(DraftId::new(number))),
            _ => Err(()),
        }
    }
}

impl fmt::Display for ContentOf {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Revision(number) => write!(f, "revision:{number}"),
            Self::Draft(id) => write!(f, "draft:{id}"),
        }
    }
}

impl Governance {
    /// The content that is asked about.
    ///
    /// # Errors
    /// No such revision or draft, or a draft with findings.
    pub async fn content(&self, of: ContentOf) -> Result<Arc<Content>, GovernanceError> {
        let place = self.workshop.place().await;
        match of {
            ContentOf::Revision(number) => self.content_of(number, &place).await,
            ContentOf::Draft(id) => {
                let draft = self.get(id).await?;
                let files = self.draft_files(id).await?;
                let content = content_of_tree(files, draft.base + 1, &place).await?;
                Ok(Arc::new(content))
            }
        }
    }

    /// Who sees what under a content. Counting reads the data, so it is on record first
    /// (invariant 10).
    ///
    /// # Errors
    /// [`GovernanceError::Closed`] when nothing may be read now, or as [`Governance::content`].
    pub async fn access(&self, of: ContentOf, doer: &Doer) -> Result<Access, GovernanceError> {
        let content = self.content(of).await?;
        self.record_look(of, doer).await?;
        let _place = self.workshop.place().await;
        let counter = self.counter();
        let datasets: Vec<_> = content.catalog().datasets().cloned().collect();
        let cells = content.personas().iter().map(|persona| {
            let (counter, content, datasets) = (&counter, &content, &datasets);
            async move {
                let mut cells = Vec::new();
                for dataset in datasets {
                    let cell = counter.cell(content, persona.subject(), dataset);
                    cells.push(cell.await);
                }
                (persona.clone(), cells)
            }
        });
        Ok(Access {
            data_time: counter.data_time(),
            rows: futures::future::join_all(cells).await,
            datasets,
        })
    }

    /// What somebody sees of one dataset.
    ///
    /// # Errors
    /// As [`Governance::access`].
    pub async fn access_to(
        &self,
        of: ContentOf,
        (subject, dataset): (&Subject, &Arc<Dataset>),
        doer: &Doer,
    ) -> Result<CellAccess, GovernanceError> {
        let content = self.content(of).await?;
        self.record_look(of, doer).await?;
        Ok(self.counter().cell(&content, subject, dataset).await)
    }

    async fn record_look(&self, of: ContentOf, doer: &Doer) -> Result<(), GovernanceError> {
        if self.publisher.published.is_closed() {
            return Err(GovernanceError::Closed);
        }
        let step =
            |content: Digest| PolicyStep::new(PolicyStepKind::Count, doer.actor.digest(), content);
        let step = match of {
            ContentOf::Revision(number) => PolicyStep {
                revision: Some(number),
                ..step(self.revision(number).await?.content)
            },
            ContentOf::Draft(id) => {
                let draft = self.get(id).await?;
                PolicyStep {
                    draft: Some(id.get()),
                    version: Some(draft.version),
                    base: Some(draft.base),
                    ..step(draft.content)
                }
            }
        };
        self.put_on_record(step, doer).await
    }

    fn counter(&self) -> Counter {
        Counter {
            cache: self.cache.clone(),
            snapshots: self.publisher.snapshots.current(),
        }
    }
}

/// Counts rows at one set of snapshots.
struct Counter {
    cache: QueryCache,
    snapshots: Arc<SnapshotSet>,
}

impl Counter {
    fn data_time(&self) -> Option<DateTime<Utc>> {
        let known = self.snapshots.iter();
        known.map(|(_, snapshot)| snapshot.committed_at).max()
    }

    async fn cell(
        &self,
        content: &Content,
        subject: &Subject,
        dataset: &Arc<Dataset>,
    ) -> CellAccess {
        let Ok(grant) = resolve(content.policies(), subject, dataset.schema()) else {
            return CellAccess {
                rows: RowsSeen::Denied,
                hidden: 0,
                masked: 0,
            };
        };
        CellAccess {
            rows: self.rows(dataset, &grant).await,
            hidden: columns(&grant, |access| matches!(access, ColumnAccess::Hidden)),
            masked: columns(&grant, |access| matches!(access, ColumnAccess::Masked(_))),
        }
    }

    async fn rows(&self, dataset: &Arc<Dataset>, grant: &Grant) -> RowsSeen {
        match rows_by(&self.cache, &self.snapshots, dataset, grant, &[], 1).await {
            Ok(rows) => RowsSeen::Counted(rows.first().map_or(0, |row| count(row))),
            Err(error) => {
                let error = &error as &dyn std::error::Error;
                tracing::warn!(error, "rows could not be counted");
                RowsSeen::Uncounted
            }
        }
    }
}

fn columns(grant: &Grant, wanted: impl Fn(&ColumnAccess<'_>) -> bool) -> usize {
    grant.columns().filter(|(_, access)| wanted(access)).count()
}

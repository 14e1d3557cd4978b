//! The content folders at the start: checked as a whole, then adopted by the registry, which is the
//! truth from then on. Folders that stay as they are never undo what was published since.

use weir_registry::{
    Actor, AdoptFolder, Adopted, ContentPath, ContentPathError, ContentTree, PublishedRevision,
    Registry, RequestId,
};

use super::StartError;
use crate::clock::Clock;
use crate::config::ContentConfig;
use crate::content::{Content, folders};
use crate::service::governance::{Doer, widens};
use crate::service::publisher::content;

/// The folders' files, fit to be published.
#[derive(Debug)]
pub(super) struct Folder {
    tree: ContentTree,
    content: Content,
}

impl Folder {
    /// Reads and checks the folders.
    pub(super) fn read(config: &ContentConfig) -> Result<Self, StartError> {
        let files = folders(&config.policies, &config.dashboards)?
            .into_iter()
            .map(|(path, text)| Ok((ContentPath::parse(path)?, text)))
            .collect::<Result<Vec<_>, ContentPathError>>()?;
        let tree = ContentTree::new(files)?;
        let content = content(&tree, 0)?;
        Ok(Self { tree, content })
    }

    /// The content in force once the registry knows the folders.
    pub(super) async fn adopt(
        self,
        registry: &Registry,
        clock: &Clock,
    ) -> Result<Content, StartError> {
        let by = server("start")?;
        let widens_nothing_since = self.widens_nothing_since(registry).await?;
        let adopted = registry.revisions().adopt(AdoptFolder {
            tree: self.tree,
            title: "Content folders".to_owned(),
            widens_nothing_since,
            at: clock.now(),
            by: by.actor,
            request: by.request,
        });
        let revision = newest(adopted.await?);
        let tree = registry.revisions().tree(revision.number).await?;
        Ok(content(&tree, revision.number)?)
    }

    /// The newest revision, if nobody sees more by the folders than by it. One that can't be read
    /// any more proves nothing.
    async fn widens_nothing_since(&self, registry: &Registry) -> Result<Option<u64>, StartError> {
        let Some(newest) = registry.revisions().latest().await? else {
            return Ok(None);
        };
        if newest.content == self.tree.hash() {
            return Ok(Some(newest.number));
        }
        let tree = registry.revisions().tree(newest.number).await?;
        let Ok(before) = content(&tree, newest.number) else {
            return Ok(None);
        };
        Ok((!widens(&before, &self.content)).then_some(newest.number))
    }
}

/// Weir itself, when it does something that nobody asked for at that moment.
pub(super) fn server(what: &str) -> Result<Doer, StartError> {
    Ok(Doer {
        actor: Actor {
            issuer: "urn:weir:server".to_owned(),
            sub: what.to_owned(),
            name: "Weir".to_owned(),
        },
        request: RequestId::parse(what)?,
    })
}

fn newest(adopted: Adopted) -> PublishedRevision {
    match adopted {
        Adopted::Published(revision) => {
            tracing::info!(
                revision = revision.number,
                "the content folders are in force"
            );
            revision
        }
        Adopted::Unchanged(revision) => revision,
    }
}

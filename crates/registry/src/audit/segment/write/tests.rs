use std::fs::OpenOptions;
use std::time::Duration;

use futures::FutureExt;
use tempfile::TempDir;

use super::*;
use crate::audit::segment::read::SegmentReader;
use crate::{DataRead, Denial, Label, ReadOutcome, Realm, RequestId, Source};

struct World {
    folder: TempDir,
    segments: Arc<Segments>,
    opened: mpsc::UnboundedReceiver<Arc<Segment>>,
}

impl World {
    fn new(data_reads: Durability) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let (sender, opened) = mpsc::unbounded_channel();
        let segments = Segments::start(
            Folder::open(folder.path()).unwrap(),
            LogId::parse("00000000000000000000000000000007").unwrap_or_else(|_| panic!("an id")),
            data_reads,
            Gate::new(Duration::from_mins(1), u64::MAX),
            sender,
        );
        Self {
            folder,
            segments: Arc::new(segments.unwrap()),
            opened,
        }
    }

    fn segment(&mut self) -> Arc<Segment> {
        self.opened.try_recv().unwrap()
    }

    /// How many submissions a segment's file has.
    fn lines(&self, segment: &Segment) -> u64 {
        let path = self.segments.folder().file(segment.stream);
        let mut reader = SegmentReader::open(&path, segment.stream).unwrap();
        let batch = reader.batch(usize::MAX).unwrap();
        assert_eq!(batch.fault, None);
        reader.line()
    }

    /// Puts something else in the place of the segment's file.
    fn replace_file(&self, file: File) -> Arc<Segment> {
        let mut tail = self.segments.tail();
        let current = tail.current.as_mut().unwrap();
        current.segment = Arc::new(Segment {
            stream: current.segment.stream,
            file,
            forced: watch::Sender::default(),
            closed: AtomicBool::new(false),
        });
        Arc::clone(&current.segment)
    }
}

fn data_read() -> Vec<AuditEvent> {
    let read = DataRead {
        realm: Realm::Embed,
        subject: [1; 32].into(),
        dashboard: Label::parse("finance-overview").unwrap(),
        tile: Label::parse("tile").unwrap(),
        business_unit: None,
        policy_revision: 14,
        matched_rules: Vec::new(),
        fingerprint: [2; 32].into(),
        snapshot: Label::parse("s").unwrap(),
        source: Source::Cache,
        rows: 12,
        bytes: 0,
        outcome: ReadOutcome::Answered,
        view_as: None,
        export: None,
    };
    event(Fact::DataRead(read))
}

fn denial() -> Vec<AuditEvent> {
    let code = Label::parse("token-expired").unwrap();
    event(Fact::Denial(Denial::new(Realm::Embed, code)))
}

fn event(fact: Fact) -> Vec<AuditEvent> {
    let request = RequestId::parse("r-1").unwrap();
    vec![AuditEvent::new(chrono::DateTime::UNIX_EPOCH, request, fact)]
}

/// While nothing is forced out, a data read is acknowledged and everything else is not; a page
/// with a withheld tile counts as everything else.
#[test]
fn only_data_reads_are_acknowledged_before_the_disk_has_them() {
    let mut world = World::new(Durability::Process);
    let segment = world.segment();
    let page = [data_read(), denial()].concat();

    let read = world.segments.record(&data_read()).now_or_never();
    let denied = world.segments.record(&denial()).now_or_never();
    let both = world.segments.record(&page).now_or_never();

    assert_eq!(read.unwrap().unwrap().line(), 1);
    assert!(denied.is_none() && both.is_none());
    // Written they are all the same: whoever reads the segment later finds more, never less.
    assert_eq!(world.lines(&segment), 3);
}

#[test]
fn the_strict_setting_makes_data_reads_wait_too() {
    let world = World::new(Durability::Disk);

    assert!(world.segments.record(&data_read()).now_or_never().is_none());
}

#[tokio::test]
async fn waiters_are_answered_once_the_disk_has_their_line() {
    let mut world = World::new(Durability::Process);
    let segment = world.segment();
    let _end = world.segments.force_out().unwrap();

    let receipt = world.segments.record(&denial()).await.unwrap();

    assert!(segment.forced.borrow().line >= receipt.line());
}

/// Nobody waits for it, but it reaches the disk by itself.
#[tokio::test]
async fn a_data_read_is_forced_out_soon() {
    let mut world = World::new(Durability::Process);
    let segment = world.segment();
    let _end = world.segments.force_out().unwrap();

    let receipt = world.segments.record(&data_read()).await.unwrap();

    segment.forced(receipt.line()).await.unwrap();
}

#[tokio::test]
async fn a_closed_segment_is_on_the_disk_and_takes_nothing_more() {
    let mut world = World::new(Durability::Process);
    let segment = world.segment();
    let end = world.segments.force_out().unwrap();
    let receipt = world.segments.record(&data_read()).await.unwrap();

    world.segments.close();

    end.await.unwrap().unwrap();
    assert!(segment.is_closed());
    assert!(segment.forced.borrow().line >= receipt.line());
    let refused = world.segments.record(&data_read()).await;
    assert!(matches!(refused, Err(AuditError::Closed)), "{refused:?}");
}

/// A long segment is changed for a new one; what waits on the old one is answered.
#[tokio::test]
async fn a_long_segment_is_followed_by_the_next_part() {
    let mut world = World::new(Durability::Process);
    let first = world.segment();
    let before = world.segments.record(&data_read()).await.unwrap();
    world.segments.tail().current.as_mut().unwrap().bytes = u64::MAX / 2;

    let _end = world.segments.force_out().unwrap();
    let second = world.opened.recv().await.unwrap();
    first.forced(before.line()).await.unwrap();

    let after = world.segments.record(&denial()).await.unwrap();
    assert_eq!((after.stream(), after.line()), (second.stream, 1));
    assert_eq!(second.stream, first.stream.next());
    assert!(first.is_closed() && !second.is_closed());
    assert_eq!((world.lines(&first), world.lines(&second)), (1, 1));
}

/// Row A11: a segment that takes neither a line nor its taking back refuses at once, and the next
/// one takes over.
#[tokio::test]
async fn a11_a_segment_that_cannot_be_written_is_given_up() {
    let mut world = World::new(Durability::Process);
    let first = world.segment();
    let path = world.segments.folder().file(first.stream);
    world.replace_file(File::open(path).unwrap());

    let refused = world.segments.record(&data_read()).await;
    assert!(
        matches!(refused, Err(AuditError::Segment { .. })),
        "{refused:?}"
    );

    let _end = world.segments.force_out().unwrap();
    let second = world.opened.recv().await.unwrap();
    // No end of its own: the new one is told before it is used.
    while world.segments.record(&denial()).await.is_err() {
        tokio::task::yield_now().await;
    }
    assert_eq!(world.lines(&first), 0);
    assert!(world.lines(&second) >= 1);
}

/// After a failed sync the operating system may forget what it lost: nobody who waited is
/// acknowledged, and nothing more is promised on that segment.
#[tokio::test]
async fn a11_a_failed_sync_acknowledges_nobody() {
    let world = World::new(Durability::Process);
    // Takes every line, and has no disk behind it.
    let null = OpenOptions::new().write(true).open("/dev/null").unwrap();
    let broken = world.replace_file(null);
    let _end = world.segments.force_out().unwrap();

    let refused = world.segments.record(&denial()).await;

    assert!(
        matches!(refused, Err(AuditError::Segment { .. })),
        "{refused:?}"
    );
    assert!(broken.forced.borrow().failed.is_some());
    while world.segments.record(&denial()).await.is_err() {
        tokio::task::yield_now().await;
    }
    assert!(broken.is_closed());
    drop(world.folder);
}

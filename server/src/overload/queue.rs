//! Whose turn it is. Pure: time is an argument, and who waits is whatever the caller puts in.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use weir_policy::BusinessUnit;

/// What is asked for, most urgent first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Class {
    /// A page that somebody opens.
    Page,
    /// A part of a page that is open.
    Tile,
    /// Rows to take away.
    Export,
    /// What nobody asked for yet.
    Background,
}

impl Class {
    /// Every class, most urgent first.
    pub const ALL: [Self; 4] = [Self::Page, Self::Tile, Self::Export, Self::Background];

    /// The word in metrics.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Page => "page",
            Self::Tile => "tile",
            Self::Export => "export",
            Self::Background => "background",
        }
    }

    /// How many times the longest wait it may wait.
    pub(super) fn patience(self) -> u32 {
        match self {
            Self::Page | Self::Tile => 1,
            Self::Export => 10,
            Self::Background => 600,
        }
    }
}

/// How much is taken on.
#[derive(Debug, Clone, Copy)]
pub struct Rules {
    /// How many requests are worked on at a time, at least.
    pub least: usize,
    /// And at most.
    pub most: usize,
    /// How long a page may wait for its turn.
    pub longest_wait: Duration,
}

/// A unit never has more waiting than this in a class.
const MOST_WAITING: usize = 512;

/// A machine that is so late with something small has enough to do.
const TOO_LATE: Duration = Duration::from_millis(10);

/// And one that is so late has far too much: it takes on half.
const FAR_TOO_LATE: Duration = Duration::from_millis(40);

/// How much a new measurement of work counts: one in so many.
const MEMORY: f64 = 16.0;

/// What becomes of an arrival.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Arrival<W> {
    /// It is its turn; whoever would have waited is given back.
    Work(W),
    /// It will be told.
    Waits,
    /// It would be too late.
    Refused,
}

/// What is worked on, what waits and what became of the rest.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Load {
    /// How many may be worked on at the moment.
    pub limit: usize,
    /// How many are.
    pub working: usize,
    /// By class, in the order of [`Class::ALL`].
    pub classes: [Counts; 4],
}

/// Counts of one class; all but `waiting` since the start.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    /// Waiting now.
    pub waiting: usize,
    /// Got a turn.
    pub admitted: u64,
    /// Refused, on arrival or after waiting in vain.
    pub refused: u64,
    /// How long those waited that got a turn, together.
    pub waited: Duration,
}

/// Whose turn it is, of those who wait as `W`.
#[derive(Debug)]
pub(super) struct Queue<W> {
    rules: Rules,
    /// Who waits no more.
    gone: fn(&W) -> bool,
    limit: usize,
    working: usize,
    /// How long a turn lasts, in seconds, lately.
    work: f64,
    classes: [Line<W>; 4],
}

/// Those of one class, by unit, the unit whose turn is next in front.
#[derive(Debug)]
struct Line<W> {
    units: VecDeque<Party<W>>,
    counts: Counts,
}

/// Those of one unit; people of none, or of several, are one of their own.
#[derive(Debug)]
struct Party<W> {
    unit: Option<BusinessUnit>,
    waiting: VecDeque<(W, Instant)>,
}

impl<W> Queue<W> {
    pub(super) fn new(rules: Rules, gone: fn(&W) -> bool) -> Self {
        let line = |_| Line {
            units: VecDeque::new(),
            counts: Counts::default(),
        };
        Self {
            rules,
            gone,
            limit: (4 * rules.least).clamp(rules.least, rules.most),
            working: 0,
            work: 0.0,
            classes: Class::ALL.map(line),
        }
    }

    pub(super) fn arrive(
        &mut self,
        class: Class,
        unit: Option<&BusinessUnit>,
        who: W,
        now: Instant,
    ) -> Arrival<W> {
        if self.has_room(class, unit) {
            self.working += 1;
            self.line(class).counts.admitted += 1;
            return Arrival::Work(who);
        }
        if self.is_in_time(class, unit) {
            self.line(class).push(unit, (who, now));
            return Arrival::Waits;
        }
        self.line(class).counts.refused += 1;
        Arrival::Refused
    }

    /// Whether somebody who arrives now is refused. Who is, is counted.
    pub(super) fn refuses(&mut self, class: Class, unit: Option<&BusinessUnit>) -> bool {
        let refuses = !self.has_room(class, unit) && !self.is_in_time(class, unit);
        self.line(class).counts.refused += u64::from(refuses);
        refuses
    }

    fn has_room(&self, class: Class, unit: Option<&BusinessUnit>) -> bool {
        self.before(class, unit) == 0 && self.working < self.limit_of(class)
    }

    /// Whether waiting is worth it, and there is a place to wait at.
    fn is_in_time(&self, class: Class, unit: Option<&BusinessUnit>) -> bool {
        let longest = self.rules.longest_wait.saturating_mul(class.patience());
        let lines = self.classes.iter().zip(Class::ALL);
        let mut own = lines.filter(|(_, its)| *its == class);
        let has_a_place = own.all(|(line, _)| line.of(unit) < MOST_WAITING);
        has_a_place && self.foreseen(self.before(class, unit)) <= longest
    }

    /// How many get their turn before somebody who arrives now.
    fn before(&self, class: Class, unit: Option<&BusinessUnit>) -> usize {
        let mut before = 0;
        for (line, its) in self.classes.iter().zip(Class::ALL) {
            if its == class {
                return before + line.before(unit);
            }
            before += line.counts.waiting;
        }
        before
    }

    /// How long somebody waits behind so many.
    fn foreseen(&self, before: usize) -> Duration {
        let turns = u32::try_from(before + 1).unwrap_or(u32::MAX);
        let limit = u32::try_from(self.limit).unwrap_or(u32::MAX).max(1);
        Duration::from_secs_f64(self.work * f64::from(turns) / f64::from(limit))
    }

    /// What nobody asked for yet gets half of the machine at most.
    fn limit_of(&self, class: Class) -> usize {
        match class {
            Class::Background => (self.limit / 2).max(1),
            _ => self.limit,
        }
    }

    /// A turn is over; it lasted for `worked`. Those whose turn it is now.
    pub(super) fn over(&mut self, worked: Duration, now: Instant) -> Vec<W> {
        self.working = self.working.saturating_sub(1);
        self.work += (worked.as_secs_f64() - self.work) / MEMORY;
        self.next(now)
    }

    /// The machine was so `late` with something small. Those whose turn it is now.
    pub(super) fn felt(&mut self, late: Duration, now: Instant) -> Vec<W> {
        let waiting = self.classes.iter().any(|line| line.counts.waiting > 0);
        if late > TOO_LATE {
            let part = if late > FAR_TOO_LATE { 2 } else { 10 };
            self.limit -= (self.limit / part).max(1).min(self.limit);
        } else if waiting {
            self.limit += (self.limit / 10).max(1);
        }
        self.limit = self.limit.clamp(self.rules.least, self.rules.most);
        self.next(now)
    }

    fn next(&mut self, now: Instant) -> Vec<W> {
        let mut next = Vec::new();
        for class in Class::ALL {
            while self.working < self.limit_of(class)
                && let Some(who) = self.line(class).pop(now)
            {
                if !(self.gone)(&who) {
                    self.working += 1;
                    self.line(class).counts.admitted += 1;
                    next.push(who);
                }
            }
        }
        next
    }

    /// Somebody waited in vain.
    pub(super) fn gave_up(&mut self, class: Class) {
        self.line(class).counts.refused += 1;
    }

    pub(super) fn load(&self) -> Load {
        let mut classes = self.classes.iter().map(|line| line.counts);
        Load {
            limit: self.limit,
            working: self.working,
            classes: [(); 4].map(|()| classes.next().unwrap_or_default()),
        }
    }

    fn line(&mut self, class: Class) -> &mut Line<W> {
        let [pages, tiles, exports, background] = &mut self.classes;
        match class {
            Class::Page => pages,
            Class::Tile => tiles,
            Class::Export => exports,
            Class::Background => background,
        }
    }
}

impl<W> Line<W> {
    /// How many of this class get their turn before the next of `unit`: all of the unit itself, and
    /// as many of each other.
    fn before(&self, unit: Option<&BusinessUnit>) -> usize {
        let own = self.of(unit);
        let others = self
            .units
            .iter()
            .filter(|party| party.unit.as_ref() != unit);
        let others = others.map(|party| party.waiting.len().min(own + 1));
        own + others.sum::<usize>()
    }

    /// Somebody of `unit` waits.
    fn push(&mut self, unit: Option<&BusinessUnit>, waits: (W, Instant)) {
        self.counts.waiting += 1;
        let mut parties = self.units.iter_mut();
        if let Some(party) = parties.find(|party| party.unit.as_ref() == unit) {
            return party.waiting.push_back(waits);
        }
        self.units.push_back(Party {
            unit: unit.cloned(),
            waiting: VecDeque::from([waits]),
        });
    }

    /// How many of `unit` wait.
    fn of(&self, unit: Option<&BusinessUnit>) -> usize {
        let own = self.units.iter().find(|party| party.unit.as_ref() == unit);
        own.map_or(0, |party| party.waiting.len())
    }

    /// The next, of the unit whose turn it is.
    fn pop(&mut self, now: Instant) -> Option<W> {
        let mut party = self.units.pop_front()?;
        let first = party.waiting.pop_front();
        if !party.waiting.is_empty() {
            self.units.push_back(party);
        }
        let (who, since) = first?;
        self.counts.waiting = self.counts.waiting.saturating_sub(1);
        self.counts.waited += now.saturating_duration_since(since);
        Some(who)
    }
}

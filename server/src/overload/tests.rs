//! The queue under load, in a time of its own: arrivals, workers and their clock are computed.

use super::queue::{Arrival, Queue};
use super::*;
use tokio_util::sync::CancellationToken;

/// Who waits: a unit's number, and when it came.
type Who = (usize, Duration);

const RULES: Rules = Rules {
    least: 2,
    most: 64,
    longest_wait: Duration::from_millis(100),
};

fn unit(number: usize) -> BusinessUnit {
    BusinessUnit::parse(format!("unit-{number}")).unwrap_or_else(|_| unreachable!("a good name"))
}

fn queue(rules: Rules) -> Queue<Who> {
    Queue::new(rules, |_| false)
}

/// A machine that works on `cores` requests at a time, each for `work`.
struct Machine {
    queue: Queue<Who>,
    epoch: Instant,
    work: Duration,
    /// When the ones that are worked on are done.
    busy: Vec<Duration>,
    answered: Vec<Vec<Duration>>,
    refused: Vec<usize>,
}

impl Machine {
    fn new(cores: usize, work: Duration, units: usize) -> Self {
        let rules = Rules {
            least: cores,
            most: cores,
            ..RULES
        };
        Self {
            queue: queue(rules),
            epoch: Instant::now(),
            work,
            busy: Vec::new(),
            answered: vec![Vec::new(); units],
            refused: vec![0; units],
        }
    }

    /// Everything that ends until `now`.
    fn until(&mut self, now: Duration) {
        loop {
            self.busy.sort_unstable();
            match self.busy.first().copied() {
                Some(end) if end <= now => {
                    self.busy.remove(0);
                    let next = self.queue.over(self.work, self.epoch + end);
                    for who in next {
                        self.begin(who, end);
                    }
                }
                _ => return,
            }
        }
    }

    fn begin(&mut self, (unit, came): Who, now: Duration) {
        let end = now + self.work;
        self.busy.push(end);
        if let Some(answered) = self.answered.get_mut(unit) {
            answered.push(end.saturating_sub(came));
        }
    }

    fn arrive(&mut self, number: usize, now: Duration) {
        self.until(now);
        let name = unit(number);
        let arrival = self
            .queue
            .arrive(Class::Page, Some(&name), (number, now), self.epoch + now);
        match arrival {
            Arrival::Work(who) => self.begin(who, now),
            Arrival::Waits => {}
            Arrival::Refused => {
                if let Some(refused) = self.refused.get_mut(number) {
                    *refused += 1;
                }
            }
        }
    }

    fn p99(&mut self, unit: usize) -> Duration {
        let Some(answered) = self.answered.get_mut(unit) else {
            return Duration::MAX;
        };
        answered.sort_unstable();
        let at = answered.len() * 99 / 100;
        answered.get(at).copied().unwrap_or(Duration::MAX)
    }
}

/// Steady arrivals of several units: unit 0 every `heavy`, six others every `light`, for 10 s.
fn ten_seconds(heavy: Option<Duration>, light: Duration) -> Machine {
    let mut machine = Machine::new(2, Duration::from_millis(2), 7);
    let mut arrivals = Vec::new();
    let end = Duration::from_secs(10);
    let mut add = |number: usize, every: Duration| {
        // Not all at the same moment.
        let mut at = every / 7 * u32::try_from(number).unwrap_or_default();
        while at < end {
            arrivals.push((at, number));
            at += every;
        }
    };
    if let Some(heavy) = heavy {
        add(0, heavy);
    }
    for number in 1..7 {
        add(number, light);
    }
    arrivals.sort_unstable();
    for (at, number) in arrivals {
        machine.arrive(number, at);
    }
    machine.until(end * 2);
    machine
}

#[test]
fn d2_g19_a_unit_that_asks_a_hundred_times_as_much_waits_for_itself() {
    // 2 cores of 2 ms are 1,000 a second. Six units ask 20 each, one asks 2,000.
    let light = Duration::from_millis(50);
    let mut alone = ten_seconds(None, light);
    let mut together = ten_seconds(Some(Duration::from_micros(100)), light);
    for number in 1..7 {
        assert_eq!(together.refused.get(number), Some(&0), "unit {number}");
        let (before, now) = (alone.p99(number), together.p99(number));
        assert!(
            now <= 2 * before,
            "unit {number}: {now:?}, alone {before:?}"
        );
    }
    assert!(
        together.refused.first() > Some(&8_000),
        "{:?}",
        together.refused
    );
}

#[test]
fn d1_at_five_times_the_capacity_as_much_is_answered_in_time_as_there_is_room_for() {
    // 7 units that together ask 5,000 a second of 1,000.
    let every = Duration::from_micros(1_400);
    let mut machine = ten_seconds(Some(every), every);
    let answered: usize = machine.answered.iter().map(Vec::len).sum();
    assert!(answered >= 9_000, "{answered} of 10,000");
    for number in 0..7 {
        let p99 = machine.p99(number);
        assert!(p99 <= Duration::from_millis(110), "unit {number}: {p99:?}");
    }
}

#[test]
fn d1_when_a_crowd_is_gone_nobody_is_refused_any_more() {
    let mut machine = Machine::new(2, Duration::from_millis(2), 2);
    for moment in 0..20_000_u32 {
        machine.arrive(0, Duration::from_micros(100) * moment);
    }
    assert!(machine.refused.first() > Some(&0));
    let later = Duration::from_secs(3);
    let refused = machine.refused.clone();
    for moment in 0..1_000_u32 {
        machine.arrive(1, later + Duration::from_millis(2) * moment);
    }
    assert_eq!(machine.refused, refused);
}

#[test]
fn pages_come_before_tiles_tiles_before_exports_and_what_nobody_asked_for_last() {
    let mut queue = queue(Rules {
        least: 1,
        most: 1,
        ..RULES
    });
    let now = Instant::now();
    let who = |number| (number, Duration::ZERO);
    assert_eq!(
        queue.arrive(Class::Tile, None, who(0), now),
        Arrival::Work(who(0))
    );
    let order = [Class::Background, Class::Export, Class::Tile, Class::Page];
    for (number, class) in order.into_iter().enumerate() {
        assert_eq!(
            queue.arrive(class, None, who(number), now),
            Arrival::Waits,
            "{class:?}"
        );
    }
    let mut turns = Vec::new();
    for _ in order {
        turns.extend(queue.over(Duration::ZERO, now));
    }
    assert_eq!(turns, [who(3), who(2), who(1), who(0)]);
}

#[test]
fn what_would_be_too_late_is_refused_on_arrival_and_less_urgent_work_first() {
    let mut queue = queue(Rules {
        least: 1,
        most: 1,
        ..RULES
    });
    let (now, work) = (Instant::now(), Duration::from_millis(40));
    let arrive =
        |queue: &mut Queue<Who>, class| queue.arrive(class, None, (0, Duration::ZERO), now);
    for _ in 0..200 {
        assert!(matches!(arrive(&mut queue, Class::Page), Arrival::Work(_)));
        assert!(queue.over(work, now).is_empty());
    }
    assert!(matches!(arrive(&mut queue, Class::Page), Arrival::Work(_)));
    assert_eq!(arrive(&mut queue, Class::Page), Arrival::Waits, "40 ms");
    assert_eq!(arrive(&mut queue, Class::Page), Arrival::Waits, "80 ms");
    assert_eq!(arrive(&mut queue, Class::Page), Arrival::Refused, "120 ms");
    assert_eq!(
        arrive(&mut queue, Class::Tile),
        Arrival::Refused,
        "behind the pages"
    );
    assert_eq!(
        arrive(&mut queue, Class::Export),
        Arrival::Waits,
        "it has more time"
    );
    let [pages, tiles, ..] = queue.load().classes;
    assert_eq!((pages.waiting, pages.refused, tiles.refused), (2, 1, 1));
}

#[test]
fn whoever_is_refused_on_arrival_would_have_been_told_so_before() {
    let mut queue = queue(RULES);
    let now = Instant::now();
    let mut refused = 0;
    for step in 0..4_000_u32 {
        let (class, unit) = (Class::ALL[step as usize % 4], unit(step as usize % 7));
        let foreseen = queue.refuses(class, Some(&unit));
        let arrival = queue.arrive(class, Some(&unit), (0, Duration::ZERO), now);
        assert_eq!(foreseen, arrival == Arrival::Refused, "step {step}");
        refused += u64::from(foreseen);
        if step % 3 == 0 {
            queue.over(Duration::from_millis(u64::from(step % 50)), now);
        }
    }
    assert!((1_000..4_000).contains(&refused), "{refused} of 4,000");
    let counted = queue.load().classes.map(|counts| counts.refused);
    assert_eq!(
        counted.iter().sum::<u64>(),
        2 * refused,
        "each of both is counted"
    );
}

#[test]
fn a_machine_that_is_late_takes_less_on_and_more_again_when_it_is_not() {
    let mut queue = queue(RULES);
    let now = Instant::now();
    let limit = queue.load().limit;
    for _ in 0..100 {
        queue.felt(Duration::from_millis(50), now);
    }
    assert_eq!(queue.load().limit, RULES.least);
    for _ in 0..limit {
        queue.arrive(Class::Page, None, (0, Duration::ZERO), now);
    }
    assert_eq!(queue.load().working, RULES.least);
    for _ in 0..100 {
        queue.felt(Duration::from_millis(1), now);
    }
    assert_eq!(
        queue.load().working,
        limit,
        "all who waited have their turn"
    );
}

#[tokio::test]
async fn a_turn_passes_on_when_work_ends_or_begins_to_wait() {
    let admission = Admission::new(Rules {
        least: 1,
        most: 1,
        longest_wait: Duration::from_mins(1),
    });
    let first = admission.turn(Class::Page, None).await;
    let second = tokio::spawn({
        let admission = admission.clone();
        async move { admission.turn(Class::Page, None).await }
    });
    let gone = tokio::spawn({
        let admission = admission.clone();
        async move { admission.turn(Class::Tile, None).await }
    });
    while admission.load().classes.map(|counts| counts.waiting) != [1, 1, 0, 0] {
        tokio::task::yield_now().await;
    }
    gone.abort();
    assert!(gone.await.is_err());
    if let Ok(first) = &first {
        first.end();
    }
    let second = second.await;
    assert!(matches!(second, Ok(Ok(_))), "{second:?}");
    drop(second);
    assert_eq!(
        admission.load().working,
        0,
        "whoever went away holds nothing"
    );
    drop(first);
    assert_eq!(admission.load().working, 0, "a turn ends once");
}

/// Works for a tenth of a millisecond and goes to the back of the line, again and again.
async fn busy(stop: CancellationToken) {
    while !stop.is_cancelled() {
        let began = Instant::now();
        while began.elapsed() < Duration::from_micros(100) {
            std::hint::spin_loop();
        }
        pace::to_the_back().await;
    }
}

#[test]
fn the_machine_is_late_when_the_line_of_its_tasks_is_long() {
    let rules = Rules {
        longest_wait: Duration::from_mins(1),
        ..RULES
    };
    let admission = Admission::new(rules);
    let began_with = admission.load().limit;
    let stop = CancellationToken::new();
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .enable_time()
        .build()
        .unwrap();
    for _ in 0..200 {
        runtime.spawn(busy(stop.clone()));
    }
    // More are there than are ever taken on: whenever the machine is not late, it takes on more.
    for _ in 0..300 {
        let (admission, stop) = (admission.clone(), stop.clone());
        runtime.spawn(async move {
            let turn = admission.turn(Class::Page, None).await;
            stop.cancelled().await;
            drop(turn);
        });
    }
    let fell = async {
        while admission.load().classes[0].waiting == 0 || admission.load().limit > rules.least {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        stop.cancel();
    };
    // Polled by this thread, as the server's own chores are: it stands in no line.
    let kept = async { tokio::join!(fell, pace::keep(admission.clone(), stop.clone())) };
    let ended =
        runtime.block_on(async { tokio::time::timeout(Duration::from_secs(10), kept).await });
    stop.cancel();
    assert!(
        ended.is_ok(),
        "two hundred tasks of a tenth of a millisecond stood in one line, and of {began_with} at a time it \
         still takes {}",
        admission.load().limit
    );
}

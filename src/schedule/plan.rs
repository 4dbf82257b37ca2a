//! What is due when. Pure: the time is handed in.

use serde::Deserialize;

const MINUTE: u64 = 60;
const QUARTER: u64 = 15 * MINUTE;
const HOUR: u64 = 60 * MINUTE;
const DAY: u64 = 24 * HOUR;
const QUARTERS_A_DAY: u32 = 96;
/// A clock that goes back by less is only being corrected: nothing is due twice. By more, it was wrong before: waiting until it is
/// where it was would stop feed and letters.
const SET_BACK_MIN: u64 = HOUR;

/// `[schedule]` of the configuration.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ScheduleSettings {
    /// Minutes between batches of the feed; 0 publishes at once (for a demo: it tells an observer when something came).
    pub batch_minutes: u32,
    /// Hours (UTC) of the letter.
    pub letter_hours: Vec<u8>,
}

impl Default for ScheduleSettings {
    fn default() -> Self {
        Self { batch_minutes: 15, letter_hours: vec![7, 13, 19] }
    }
}

/// What is due.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Due {
    /// A batch of the feed.
    Batch,
    /// The letter to every member.
    Letter,
    /// The letter to the duty addresses.
    DutyLetter,
}

/// Remembers the last moment it looked, so that nothing is due twice and nothing that passed while it slept is lost.
pub struct Plan {
    settings: ScheduleSettings,
    last: u64,
    dummy_quarter: Box<dyn Fn(u64) -> u32 + Send>,
}

impl Plan {
    /// From now on. `dummy_quarter` gives, for a day since 1970, the quarter of an hour of its one letter without a reason.
    pub fn new(settings: ScheduleSettings, now: u64, dummy_quarter: Box<dyn Fn(u64) -> u32 + Send>) -> Self {
        Self { settings, last: now, dummy_quarter }
    }

    /// What became due since the last look.
    pub fn due(&mut self, now: u64, mut danger: impl FnMut() -> bool) -> Vec<Due> {
        if now.saturating_add(SET_BACK_MIN) < self.last {
            self.last = now;
        }
        let mut due = Vec::new();
        let passed = |every: u64| now / every > self.last / every;
        let batch_every = u64::from(self.settings.batch_minutes) * MINUTE;
        if batch_every == 0 || passed(batch_every) {
            due.push(Due::Batch);
        }
        let letter = |hour: &u8| passed_moment(self.last, now, |_| u64::from(*hour) * HOUR);
        if self.settings.letter_hours.iter().any(letter) {
            due.push(Due::Letter);
        }
        if passed(QUARTER) {
            let dummy = |day| u64::from((self.dummy_quarter)(day) % QUARTERS_A_DAY) * QUARTER;
            // The bit is taken at every quarter, whether or not the dummy is due: a letter answers both.
            if danger() | passed_moment(self.last, now, dummy) {
                due.push(Due::DutyLetter);
            }
        }
        self.last = now.max(self.last);
        due
    }
}

/// Whether a moment of today or yesterday lies after `last` and not after `now`. `of_day` gives its second in a day since 1970.
fn passed_moment(last: u64, now: u64, of_day: impl Fn(u64) -> u64) -> bool {
    let today = now / DAY;
    [today, today.saturating_sub(1)].into_iter().any(|day| {
        let at = day * DAY + of_day(day);
        last < at && at <= now
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plan(batch_minutes: u32, now: u64) -> Plan {
        Plan::new(ScheduleSettings { batch_minutes, letter_hours: vec![7, 19] }, now, Box::new(|_| 40))
    }

    fn run(plan: &mut Plan, from: u64, to: u64, danger_at: Option<u64>) -> Vec<(u64, Due)> {
        let mut raised = false;
        let mut all = Vec::new();
        for now in (from..to).step_by(20) {
            raised |= danger_at.is_some_and(|at| now >= at && now < at + 20);
            all.extend(plan.due(now, || std::mem::take(&mut raised)).into_iter().map(|due| (now, due)));
        }
        all
    }

    #[test]
    fn a_day_has_its_batches_its_letters_and_one_letter_without_a_reason() {
        let start = 20_781 * DAY;
        let due = run(&mut plan(15, start - 1), start, start + DAY, None);
        let count = |what| due.iter().filter(|(_, d)| *d == what).count();
        assert_eq!((count(Due::Batch), count(Due::Letter), count(Due::DutyLetter)), (96, 2, 1));
        assert!(due.contains(&(start + 7 * HOUR, Due::Letter)));
    }

    #[test]
    fn danger_writes_at_the_next_quarter_and_once() {
        let start = 20_781 * DAY + 60;
        let due = run(&mut plan(15, start), start, start + 3 * HOUR, Some(start + 100));
        let duty: Vec<u64> = due.iter().filter(|(_, d)| *d == Due::DutyLetter).map(|(at, _)| *at).collect();
        assert_eq!(duty, [20_781 * DAY + QUARTER]);
    }

    #[test]
    fn a_sleep_over_the_hour_does_not_lose_the_letter() {
        let start = 20_781 * DAY + 6 * HOUR;
        let mut plan = plan(15, start);
        assert!(plan.due(start + 5 * HOUR, || false).contains(&Due::Letter));
        assert!(!plan.due(start + 5 * HOUR + 1, || false).contains(&Due::Letter));
    }

    #[test]
    fn a_start_in_the_hour_writes_no_letter_again_and_a_long_sleep_writes_one() {
        let day = 20_781 * DAY;
        assert!(!plan(15, day + 7 * HOUR + 1).due(day + 7 * HOUR + 2, || false).contains(&Due::Letter));
        let mut slept = plan(15, day);
        let due = slept.due(day + 10 * DAY + 20 * HOUR, || false);
        assert_eq!(due, [Due::Batch, Due::Letter, Due::DutyLetter]);
    }

    #[test]
    fn a_clock_that_was_wrong_and_is_set_back_stops_nothing() {
        let day = 20_781 * DAY;
        let mut plan = plan(15, day);
        plan.due(day + 400 * DAY, || false);
        assert_eq!(plan.due(day + 6 * HOUR, || false), []);
        assert_eq!(plan.due(day + 7 * HOUR, || false), [Due::Batch, Due::Letter]);
        // A small correction writes nothing twice.
        assert_eq!(plan.due(day + 7 * HOUR - 30, || false), []);
        assert_eq!(plan.due(day + 7 * HOUR + 1, || false), []);
    }

    #[test]
    fn the_letter_without_a_reason_has_a_quarter_of_its_own_each_day() {
        let day = 20_781 * DAY;
        let quarter = |n: u64| if n == 20_781 { 90 } else { 3 };
        let mut plan = Plan::new(ScheduleSettings { batch_minutes: 15, letter_hours: vec![] }, day, Box::new(quarter));
        let duty = run(&mut plan, day, day + 2 * DAY, None).into_iter().filter(|(_, due)| *due == Due::DutyLetter);
        assert_eq!(duty.map(|(at, _)| at - day).collect::<Vec<_>>(), [90 * QUARTER, DAY + 3 * QUARTER]);
    }

    #[test]
    fn zero_minutes_publish_at_every_look() {
        let mut plan = plan(0, 5000);
        assert_eq!(plan.due(5000, || false), [Due::Batch]);
        assert_eq!(plan.due(5000, || false), [Due::Batch]);
    }
}

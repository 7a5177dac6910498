//! The timeline: a track a thread and a track a request, laid out in pixels for a canvas.
//!
//! What is laid out is bounded by pixels, not by events: stretches shorter than a pixel are
//! gathered into the pixel they lie in, and threads and requests beyond the first few are drawn
//! as one band. Nothing here depends on the cursor, so that moving it draws nothing anew.

mod gather;

use std::rc::Rc;

use scheduler_model::{EventKind, Machine, Model, RequestId, SimTime};

use super::{RunName, ThreadName};
use crate::pace::{Axis, Scale};
use crate::player::Player;
use crate::run::{Duty, Phase, Run};
use gather::{Band, Gatherer};

/// A line of the timeline.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Track {
    pub(crate) name: TrackName,
    /// The run's place among those shown.
    pub(crate) run: usize,
    /// Its upper edge and its height, in pixels.
    pub(crate) y_px: u32,
    pub(crate) height_px: u32,
}

/// What a track shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum TrackName {
    /// A heading over the tracks of a model.
    Model(RunName),
    /// One thread.
    Thread(ThreadName),
    /// All threads from this one on.
    MoreThreads { from: usize, n: u64 },
    /// One request.
    Request(RequestId),
    /// How many requests wait, where there are too many for a track each.
    Waiting { most: u64 },
}

/// The part of the axis that is visible, in 0..=1.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Window {
    pub(crate) from: f64,
    pub(crate) to: f64,
}

/// What is to be drawn.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Scene {
    pub(crate) shapes: Vec<Shape>,
    /// Where events are, and how many in each pixel.
    pub(crate) ticks: Vec<(f64, u32)>,
    /// Times with their places.
    pub(crate) labels: Vec<(f64, SimTime)>,
    /// Where a part was stolen: on the track of the thief.
    pub(crate) steals: Vec<(f64, f64)>,
}

/// A rectangle.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Shape {
    pub(crate) x: f64,
    pub(crate) y: f64,
    pub(crate) width: f64,
    pub(crate) height: f64,
    pub(crate) paint: Paint,
}

/// How a rectangle is filled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Paint {
    Duty(Duty),
    /// A request that waits: an outline.
    Waiting,
    /// A number of requests that wait.
    Crowd,
}

/// The tracks of all runs, from top to bottom.
pub(crate) fn tracks(runs: &[Rc<Run>]) -> Vec<Track> {
    let mut tracks = Vec::new();
    let mut y_px = 0;
    for (run, found) in runs.iter().enumerate() {
        let mut add = |name, height_px| {
            tracks.push(Track { name, run, y_px, height_px });
            y_px += height_px;
        };
        let model = found.model();
        add(TrackName::Model(RunName::of(found)), HEADING_PX);
        let n_threads = found.history().workers().len();
        let one_by_one = if n_threads <= THREADS_MAX + 1 { n_threads } else { THREADS_MAX };
        for index in 0..one_by_one {
            let worker = scheduler_model::WorkerId::from_index(index);
            add(TrackName::Thread(ThreadName::of(model, worker)), THREAD_PX);
        }
        if n_threads > one_by_one {
            let n = (n_threads - one_by_one) as u64;
            add(TrackName::MoreThreads { from: one_by_one, n }, BAND_PX);
        }
        let lives = found.history().requests();
        if lives.len() <= REQUESTS_MAX {
            for life in lives {
                add(TrackName::Request(life.id), REQUEST_PX);
            }
        } else {
            let most = found.history().waiting().iter().max().copied().unwrap_or(0);
            add(TrackName::Waiting { most: most.into() }, BAND_PX);
        }
    }
    tracks
}

/// The height of all tracks.
pub(crate) fn height_px(tracks: &[Track]) -> u32 {
    tracks.last().map_or(0, |last| last.y_px + last.height_px)
}

/// The axis that fits all events of these runs.
pub(crate) fn axis(player: &Player, scale: Scale) -> Axis {
    let events = (0..player.n_steps()).filter_map(|step| player.event_at(step));
    Axis::new(scale, player.begin(), events.map(|place| player.event(place).at))
}

/// Lays out all tracks on `width` pixels; type is `larger` than usual by this factor.
pub(crate) fn scene(
    runs: &[Rc<Run>],
    tracks: &[Track],
    axis: &Axis,
    window: Window,
    width: f64,
    larger: f64,
) -> Scene {
    let (from, to) = (axis.instant(window.from), axis.instant(window.to));
    let view = View { axis, window, width, larger, from, to };
    let mut shapes = Vec::new();
    let mut steals = Vec::new();
    for track in tracks {
        let run = &runs[track.run];
        let (y, height) = (f64::from(track.y_px), f64::from(track.height_px));
        match track.name {
            TrackName::Model(_) => {}
            TrackName::Thread(name) => {
                view.thread(run, name.index(), y, height, &mut shapes);
                view.steals(run, name.index(), y + height / 2.0, &mut steals);
            }
            TrackName::MoreThreads { from, n } => {
                view.threads(run, from, n, y, height, &mut shapes);
            }
            TrackName::Request(id) => view.request(run, id, y, height, &mut shapes),
            TrackName::Waiting { most } => view.waiting(run, most, y, height, &mut shapes),
        }
    }
    Scene { shapes, ticks: view.ticks(), labels: view.labels(), steals }
}

/// The part of the axis that is laid out.
struct View<'a> {
    axis: &'a Axis,
    window: Window,
    width: f64,
    larger: f64,
    from: SimTime,
    to: SimTime,
}

impl View<'_> {
    fn x(&self, at: SimTime) -> f64 {
        self.window.x(self.axis.place(at), self.width)
    }

    fn thread(&self, run: &Run, index: usize, y: f64, height: f64, shapes: &mut Vec<Shape>) {
        let Some(stretches) = run.history().workers().get(index) else { return };
        let first = stretches.partition_point(|stretch| stretch.to < self.from);
        let mut gatherer = Gatherer::new(self.width, y, height, shapes);
        for stretch in stretches[first..].iter().take_while(|stretch| stretch.from <= self.to) {
            let to = stretch.to.min(run.end());
            gatherer.add(self.x(stretch.from), self.x(to), stretch.duty);
        }
        gatherer.finish();
    }

    /// At most one mark a pixel.
    fn steals(&self, run: &Run, thief: usize, y: f64, steals: &mut Vec<(f64, f64)>) {
        if run.model() != Model::ForkJoin {
            return;
        }
        let first = run.events().partition_point(|event| event.at < self.from);
        let visible = run.events()[first..].iter().take_while(|event| event.at <= self.to);
        let mut last = f64::NEG_INFINITY;
        for event in visible {
            if let EventKind::Machine(Machine::Stolen { worker, .. }) = event.kind
                && worker.index() == thief
                && self.x(event.at) >= last + 1.0
            {
                last = self.x(event.at);
                steals.push((last, y));
            }
        }
    }

    fn threads(
        &self,
        run: &Run,
        from: usize,
        n: u64,
        y: f64,
        height: f64,
        shapes: &mut Vec<Shape>,
    ) {
        let mut band = Band::new(self.width);
        for stretches in &run.history().workers()[from..] {
            let first = stretches.partition_point(|stretch| stretch.to < self.from);
            let visible = stretches[first..].iter().take_while(|stretch| stretch.from <= self.to);
            for stretch in visible.filter(|stretch| stretch.duty != Duty::Idle) {
                band.add(self.x(stretch.from), self.x(stretch.to.min(run.end())), stretch.duty);
            }
        }
        band.finish(n, y + GAP_PX, height - 2.0 * GAP_PX, shapes);
    }

    fn request(&self, run: &Run, id: RequestId, y: f64, height: f64, shapes: &mut Vec<Shape>) {
        let Some(life) = run.history().request(id) else { return };
        let end = life.end.map_or(run.end(), |(_, at, _)| at);
        for (place, stay) in life.stays.iter().enumerate() {
            let to = life.stays.get(place + 1).map_or(end, |next| next.at);
            if to < self.from || stay.at > self.to || to == stay.at {
                continue;
            }
            let paint = match stay.phase {
                Phase::Waiting => Paint::Waiting,
                Phase::Running => Paint::Duty(Duty::Busy),
                Phase::Preempted => Paint::Duty(Duty::Scheduled),
                Phase::Blocked => Paint::Duty(Duty::Blocked),
            };
            let x = self.x(stay.at).max(-EDGE_PX);
            let width = (self.x(to).min(self.width + EDGE_PX) - x).max(MARK_PX);
            let (y, height) = (y + GAP_PX, height - 2.0 * GAP_PX);
            shapes.push(Shape { x, y, width, height, paint });
        }
    }

    fn waiting(&self, run: &Run, most: u64, y: f64, height: f64, shapes: &mut Vec<Shape>) {
        let mut columns = vec![0_u32; gather::n_columns(self.width)];
        let waiting = run.history().waiting();
        let first = run.events().partition_point(|event| event.at < self.from).saturating_sub(1);
        let mut last = 0;
        let mut reached = 0;
        for (event, &n) in run.events()[first..].iter().zip(&waiting[first..]) {
            if event.at > self.to {
                break;
            }
            let column = gather::column(self.x(event.at), columns.len());
            for passed in &mut columns[reached..column] {
                *passed = (*passed).max(last);
            }
            columns[column] = columns[column].max(n).max(if column > reached { last } else { 0 });
            (reached, last) = (column, n);
        }
        for passed in &mut columns[reached..] {
            *passed = (*passed).max(last);
        }
        gather::crowd(&columns, most, y + GAP_PX, height - 2.0 * GAP_PX, shapes);
    }

    fn ticks(&self) -> Vec<(f64, u32)> {
        let mut ticks: Vec<(f64, u32)> = Vec::new();
        for (_, place) in self.axis.within(self.window.from, self.window.to) {
            let x = self.window.x(place, self.width).floor();
            match ticks.last_mut() {
                Some((last, n)) if (x - *last) < 2.0 => *n += 1,
                _ => ticks.push((x, 1)),
            }
        }
        ticks
    }

    /// To scale, round times at even places; stretched, the moments themselves as far as there is
    /// room for them.
    fn labels(&self) -> Vec<(f64, SimTime)> {
        if self.axis.scale() == Scale::ToScale {
            return self.round_labels();
        }
        let mut labels: Vec<(f64, SimTime)> = Vec::new();
        for (at, place) in self.axis.within(self.window.from, self.window.to) {
            let x = self.window.x(place, self.width);
            let has_room =
                labels.last().is_none_or(|&(last, _)| x - last >= LABEL_PX * self.larger);
            if has_room && x <= self.width - LABEL_TEXT_PX * self.larger {
                labels.push((x, at));
            }
        }
        labels
    }

    fn round_labels(&self) -> Vec<(f64, SimTime)> {
        let span = self.to.since(self.from).as_nanos();
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "a handful of labels"
        )]
        let n_max = (self.width / (LABEL_PX * self.larger)).max(1.0) as u64;
        let mut step = 1_000;
        while span / step > n_max {
            // 1, 2, 5, 10 and so on.
            step = if step.to_string().starts_with('2') { step / 2 * 5 } else { step * 2 };
        }
        let first = self.from.as_nanos().div_ceil(step) * step;
        (0..=n_max)
            .map(|n| SimTime::from_nanos(first + n * step))
            .take_while(|&at| at <= self.to)
            .map(|at| (self.x(at), at))
            .filter(|&(x, _)| x <= self.width - LABEL_TEXT_PX * self.larger)
            .collect()
    }
}

impl Window {
    /// All of the axis.
    pub(crate) const ALL: Self = Self { from: 0.0, to: 1.0 };

    /// The pixel of a place.
    pub(crate) fn x(self, place: f64, width: f64) -> f64 {
        (place - self.from) / (self.to - self.from) * width
    }

    /// The place of a pixel.
    pub(crate) fn place(self, x: f64, width: f64) -> f64 {
        self.from + x / width.max(1.0) * (self.to - self.from)
    }

    /// This many times closer, with `place` staying where it is on the screen.
    #[must_use]
    pub(crate) fn zoomed(self, factor: f64, place: f64) -> Self {
        let length = ((self.to - self.from) / factor).clamp(CLOSEST, 1.0);
        let share = (place - self.from) / (self.to - self.from);
        Self::starting(place - share * length, length)
    }

    /// Moved so that `place` is in it, with some room around.
    #[must_use]
    pub(crate) fn showing(self, place: f64) -> Self {
        let length = self.to - self.from;
        if (self.from..=self.to).contains(&place) {
            self
        } else {
            Self::starting(place - length / 4.0, length)
        }
    }

    /// Moved by a share of its own length.
    #[must_use]
    pub(crate) fn moved(self, share: f64) -> Self {
        let length = self.to - self.from;
        Self::starting(self.from + share * length, length)
    }

    fn starting(from: f64, length: f64) -> Self {
        // Not `clamp`, which brings along all the words for bounds that are none.
        let from = from.max(0.0).min(1.0 - length);
        Self { from, to: from + length }
    }
}

/// Threads and requests with a track of their own, for each run.
const THREADS_MAX: usize = 6;
const REQUESTS_MAX: usize = 8;
const HEADING_PX: u32 = 22;
const THREAD_PX: u32 = 20;
const REQUEST_PX: u32 = 14;
const BAND_PX: u32 = 40;
/// Free room above and below what a track shows.
const GAP_PX: f64 = 2.0;
/// How far a rectangle reaches beyond the edge, so that its own edge is not seen.
const EDGE_PX: f64 = 8.0;
/// The narrowest mark of something that did happen.
const MARK_PX: f64 = 1.5;
/// The room of a label.
const LABEL_PX: f64 = 92.0;
/// The length of its text.
const LABEL_TEXT_PX: f64 = 88.0;
/// The closest zoom, as a part of the axis.
const CLOSEST: f64 = 0.000_5;

#[cfg(test)]
mod tests;

//! Stretches of time, gathered into pixels.

use super::{GAP_PX, MARK_PX, Paint, Shape};
use crate::run::Duty;

/// Draws the stretches of one thread: those of a pixel or more as they are, shorter ones as the
/// duty that takes most of their pixel.
pub(super) struct Gatherer<'a> {
    width: f64,
    y: f64,
    height: f64,
    shapes: &'a mut Vec<Shape>,
    pixel: f64,
    shares: [f64; 4],
}

/// How many threads do what in each pixel.
pub(super) struct Band {
    /// Changes from one pixel to the next, by duty.
    changes: Vec<[i32; 4]>,
}

const DUTIES: [Duty; 4] = [Duty::Blocked, Duty::Busy, Duty::Scheduled, Duty::Idle];

impl<'a> Gatherer<'a> {
    pub(super) const fn new(width: f64, y: f64, height: f64, shapes: &'a mut Vec<Shape>) -> Self {
        Self { width, y, height, shapes, pixel: f64::NEG_INFINITY, shares: [0.0; 4] }
    }

    pub(super) fn add(&mut self, from: f64, to: f64, duty: Duty) {
        let (from, to) = (from.max(-8.0), to.min(self.width + 8.0));
        if to - from >= MARK_PX {
            self.finish();
            self.push(from, to - from, duty);
            return;
        }
        let pixel = from.floor();
        if pixel > self.pixel {
            self.finish();
            self.pixel = pixel;
        }
        // Something that took no time at all still happened.
        self.shares[place(duty)] += (to - from).max(0.001);
    }

    /// Draws what has been gathered.
    pub(super) fn finish(&mut self) {
        let most = self.shares.iter().copied().enumerate().max_by(|a, b| a.1.total_cmp(&b.1));
        if let Some((index, share)) = most
            && share > 0.0
        {
            self.push(self.pixel, MARK_PX, DUTIES[index]);
        }
        self.shares = [0.0; 4];
    }

    fn push(&mut self, x: f64, width: f64, duty: Duty) {
        let paint = Paint::Duty(duty);
        let (y, height) = (self.y + GAP_PX, self.height - 2.0 * GAP_PX);
        if width <= MARK_PX
            && let Some(last) = self.shapes.last_mut()
            && last.paint == paint
            && last.y.total_cmp(&y).is_eq()
            && x - (last.x + last.width) < 1.0
        {
            last.width = (x + width - last.x).max(last.width);
            return;
        }
        self.shapes.push(Shape { x, y, width, height, paint });
    }
}

impl Band {
    pub(super) fn new(width: f64) -> Self {
        Self { changes: vec![[0; 4]; n_columns(width) + 1] }
    }

    pub(super) fn add(&mut self, from: f64, to: f64, duty: Duty) {
        let n = self.changes.len() - 1;
        let (from, to) = (column(from, n), column(to, n));
        self.changes[from][place(duty)] += 1;
        self.changes[to.max(from + 1)][place(duty)] -= 1;
    }

    /// Draws columns in which duties are stacked, as high as the share of `n` threads they have.
    pub(super) fn finish(self, n: u64, y: f64, height: f64, shapes: &mut Vec<Shape>) {
        let mut counts = [0_i32; 4];
        let mut begun = 0;
        let last = self.changes.len() - 1;
        for (column, changes) in self.changes.iter().enumerate() {
            if column > 0 && (*changes != [0; 4] || column == last) {
                stack(counts, n, (begun, column), y, height, shapes);
                begun = column;
            }
            for (count, change) in counts.iter_mut().zip(changes) {
                *count += change;
            }
        }
    }
}

/// Draws how many requests wait, pixel by pixel.
pub(super) fn crowd(columns: &[u32], most: u64, y: f64, height: f64, shapes: &mut Vec<Shape>) {
    let mut begun = 0;
    for column in 1..=columns.len() {
        if column < columns.len() && columns[column] == columns[begun] {
            continue;
        }
        let high = height * share(columns[begun].into(), most);
        if high > 0.0 {
            shapes.push(Shape {
                x: as_px(begun),
                y: y + height - high,
                width: as_px(column - begun),
                height: high,
                paint: Paint::Crowd,
            });
        }
        begun = column;
    }
}

/// How many columns there are on so many pixels.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "no screen is that wide"
)]
pub(super) fn n_columns(width: f64) -> usize {
    width.clamp(1.0, 32_768.0) as usize
}

/// The column of a pixel, the nearest there is.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "clamped")]
pub(super) fn column(x: f64, n_columns: usize) -> usize {
    (x.max(0.0) as usize).min(n_columns - 1)
}

fn stack(
    counts: [i32; 4],
    n: u64,
    (from, to): (usize, usize),
    y: f64,
    height: f64,
    shapes: &mut Vec<Shape>,
) {
    let mut bottom = y + height;
    for (duty, count) in DUTIES.into_iter().zip(counts) {
        let high = height * share(u64::try_from(count).unwrap_or(0), n);
        if high > 0.0 {
            bottom -= high;
            let (x, width) = (as_px(from), as_px(to - from));
            shapes.push(Shape { x, y: bottom, width, height: high, paint: Paint::Duty(duty) });
        }
    }
}

#[expect(clippy::cast_precision_loss, reason = "a share for showing")]
fn share(part: u64, whole: u64) -> f64 {
    part as f64 / whole.max(1) as f64
}

#[expect(clippy::cast_precision_loss, reason = "pixels")]
fn as_px(column: usize) -> f64 {
    column as f64
}

const fn place(duty: Duty) -> usize {
    match duty {
        Duty::Blocked => 0,
        Duty::Busy => 1,
        Duty::Scheduled => 2,
        Duty::Idle => 3,
    }
}

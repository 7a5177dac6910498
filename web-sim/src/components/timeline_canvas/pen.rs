//! A canvas to draw the timeline's scene on, in CSS pixels and the colours of the style sheets.

use wasm_bindgen::JsCast;
use web_sys::{CanvasRenderingContext2d, HtmlCanvasElement};

use crate::app::Look;
use crate::browser;
use crate::run::Duty;
use crate::views::timeline::{Paint, Scene, Shape, Track, TrackName};

/// A canvas to draw on, in CSS pixels, and its colours.
pub(super) struct Pen {
    context: CanvasRenderingContext2d,
    width: f64,
    height: f64,
    /// By how much all heights are stretched, as type is.
    larger: f64,
    font: String,
    colours: Colours,
}

/// Colours, read from the style sheets so that themes and forced colours are theirs.
struct Colours {
    busy: String,
    blocked: String,
    blocked_soft: String,
    scheduled: String,
    line: String,
    hair: String,
    dim: String,
    ink: String,
}

impl Pen {
    /// A canvas of this size; `None` where the browser has none to draw on.
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "pixels of a screen"
    )]
    pub(super) fn new(canvas: &HtmlCanvasElement, width: f64, height: f64) -> Option<Self> {
        let ratio = browser::pixel_ratio();
        // A theme with larger type has higher tracks (`--sim-tracks`).
        let larger = canvas.get_bounding_client_rect().height() / height;
        canvas.set_width((width * ratio).round() as u32);
        canvas.set_height((height * larger * ratio).round() as u32);
        let context: CanvasRenderingContext2d = canvas.get_context("2d").ok()??.dyn_into().ok()?;
        context.scale(ratio, ratio * larger).ok()?;
        let colour = |name: &str| {
            browser::property(canvas, name)
                .filter(|value| !value.is_empty())
                .unwrap_or_else(|| "gray".to_owned())
        };
        let colours = Colours {
            busy: colour("--sim-busy"),
            blocked: colour("--sim-blocked"),
            blocked_soft: colour("--sim-blocked-soft"),
            scheduled: colour("--sim-waiting"),
            line: colour("--sim-line"),
            hair: colour("--sim-hair"),
            dim: colour("--sim-dim"),
            ink: colour("--sim-ink"),
        };
        let font_size = browser::property(canvas, "font-size").unwrap_or_default();
        let font = font_size + " system-ui, sans-serif";
        Some(Self { context, width, height, larger, font, colours })
    }

    /// By how much the theme's type is larger than usual.
    pub(super) const fn larger(&self) -> f64 {
        self.larger
    }

    /// Draws a scene in place of what was there.
    pub(super) fn draw(&self, scene: &Scene, tracks: &[Track], look: Look) {
        self.context.clear_rect(0.0, 0.0, self.width, self.height);
        let numbers = look.messages().numbers;
        let (pen, ruler) = (&self.context, f64::from(RULER_PX));
        pen.set_fill_style_str(&self.colours.hair);
        for &(x, _) in &scene.labels {
            pen.fill_rect(x.round(), ruler - 6.0, 1.0, self.height);
        }
        pen.set_fill_style_str(&self.colours.dim);
        pen.set_font(&self.font);
        pen.save();
        // What cannot be drawn, or not in its shape, is in the table as well.
        let _ = pen.scale(1.0, 1.0 / self.larger);
        for &(x, at) in &scene.labels {
            let instant = numbers.instant(at.since(scheduler_model::SimTime::ZERO));
            let _ = pen.fill_text(&instant, x + 4.0, LABEL_PX * self.larger);
        }
        pen.restore();
        for &(x, n) in &scene.ticks {
            pen.set_fill_style_str(&self.colours.dim);
            let high = (2.0 + f64::from(n).sqrt() * 2.0).min(8.0);
            pen.fill_rect(x, ruler - high, 1.0, high);
        }
        pen.set_fill_style_str(&self.colours.line);
        pen.fill_rect(0.0, ruler, self.width, 1.0);
        for track in tracks
            .iter()
            .filter(|track| matches!(track.name, TrackName::Model(_)) && track.y_px > 0)
        {
            pen.fill_rect(0.0, ruler + f64::from(track.y_px) + 4.0, self.width, 1.0);
        }
        for shape in &scene.shapes {
            self.shape(&Shape { y: shape.y + ruler, ..*shape });
        }
        for &(x, y) in &scene.steals {
            self.steal(x, y + ruler);
        }
    }

    fn shape(&self, shape: &Shape) {
        let pen = &self.context;
        let &Shape { x, y, width, height, paint } = shape;
        match paint {
            Paint::Duty(Duty::Busy) => self.fill(shape, &self.colours.busy),
            Paint::Duty(Duty::Blocked) => {
                self.fill(shape, &self.colours.blocked_soft);
                self.hatch(shape);
            }
            Paint::Duty(Duty::Scheduled) => {
                pen.set_stroke_style_str(&self.colours.scheduled);
                if width > 4.0 {
                    self.dashed(shape);
                } else {
                    self.fill(
                        &Shape { y: y + height / 2.0 - 2.0, height: 4.0, ..*shape },
                        &self.colours.scheduled,
                    );
                }
            }
            Paint::Duty(Duty::Idle) => {
                pen.set_fill_style_str(&self.colours.line);
                pen.fill_rect(x, y + height / 2.0, width, 1.0);
            }
            Paint::Waiting => {
                pen.set_stroke_style_str(&self.colours.scheduled);
                pen.set_line_width(1.5);
                pen.stroke_rect(x + 0.75, y + 0.75, (width - 1.5).max(0.5), height - 1.5);
            }
            Paint::Crowd => self.fill(shape, &self.colours.scheduled),
        }
    }

    /// A wedge that points at where the work goes.
    fn steal(&self, x: f64, y: f64) {
        let pen = &self.context;
        pen.set_fill_style_str(&self.colours.ink);
        pen.begin_path();
        pen.move_to(x - STEAL_PX, y - STEAL_PX);
        pen.line_to(x + STEAL_PX, y);
        pen.line_to(x - STEAL_PX, y + STEAL_PX);
        pen.close_path();
        pen.fill();
    }

    fn fill(&self, shape: &Shape, colour: &str) {
        self.context.set_fill_style_str(colour);
        self.context.fill_rect(shape.x, shape.y, shape.width, shape.height);
    }

    fn dashed(&self, shape: &Shape) {
        let pen = &self.context;
        pen.set_line_width(1.5);
        let middle = shape.y + shape.height / 2.0;
        let mut x = shape.x;
        while x < shape.x + shape.width {
            pen.fill_rect(x, middle, 0.0, 0.0);
            pen.begin_path();
            pen.move_to(x, middle);
            pen.line_to((x + 3.0).min(shape.x + shape.width), middle);
            pen.stroke();
            x += 6.0;
        }
    }

    /// Diagonal lines: what is asleep can be told without its colour.
    fn hatch(&self, shape: &Shape) {
        if shape.width < 4.0 {
            self.fill(shape, &self.colours.blocked);
            return;
        }
        let pen = &self.context;
        pen.save();
        pen.begin_path();
        pen.rect(shape.x, shape.y, shape.width, shape.height);
        pen.clip();
        pen.set_stroke_style_str(&self.colours.blocked);
        pen.set_line_width(1.4);
        pen.begin_path();
        // Aligned to the canvas, so that neighbours continue each other.
        let mut x = ((shape.x - shape.height) / HATCH_PX).floor() * HATCH_PX;
        while x < shape.x + shape.width {
            pen.move_to(x, shape.y + shape.height);
            pen.line_to(x + shape.height, shape.y);
            x += HATCH_PX;
        }
        pen.stroke();
        pen.restore();
    }
}

/// The room for times above the tracks.
pub(super) const RULER_PX: u32 = 28;
/// Where the foot of a time is.
const LABEL_PX: f64 = 11.0;
const HATCH_PX: f64 = 6.0;
const STEAL_PX: f64 = 4.0;
/// The room for the mark of the first difference below them.
pub(super) const FOOT_PX: u32 = 18;

//! The layout, tested without a canvas.

use super::*;
use crate::scenarios::tests::{book, flood};

#[test]
fn tracks_lie_one_under_another() {
    let player = player(&[Model::Single, Model::Spawn]);
    let tracks = tracks(player.runs());
    for pair in tracks.windows(2) {
        assert_eq!(pair[0].y_px + pair[0].height_px, pair[1].y_px);
    }
    let names: Vec<_> = tracks.iter().map(|track| track.name).collect();
    assert_eq!(names[0], TrackName::Model(RunName { model: Model::Single, what_if: false }));
    assert!(names.contains(&TrackName::Request(RequestId(3))));
}

#[test]
fn a_sleeping_thread_is_one_long_rectangle() {
    let player = player(&[Model::Single]);
    let scene = laid_out(&player, Scale::ToScale, Window::ALL);
    let longest = scene.shapes.iter().max_by(|a, b| a.width.total_cmp(&b.width)).unwrap();
    assert_eq!(longest.paint, Paint::Duty(Duty::Blocked));
    assert!(longest.width > 800.0, "{longest:?}");
}

#[test]
fn a_request_waits_before_it_is_served() {
    let player = player(&[Model::Single]);
    let tracks = tracks(player.runs());
    let second =
        tracks.iter().find(|track| track.name == TrackName::Request(RequestId(2))).unwrap();
    let scene = laid_out(&player, Scale::Stretched, Window::ALL);
    let on_track = |shape: &&Shape| {
        (f64::from(second.y_px)..f64::from(second.y_px + second.height_px)).contains(&shape.y)
    };
    let paints: Vec<_> = scene.shapes.iter().filter(on_track).map(|shape| shape.paint).collect();
    assert_eq!(paints, [Paint::Waiting, Paint::Duty(Duty::Busy)]);
}

#[test]
fn what_is_drawn_is_bounded_by_pixels() {
    let runs = vec![Run::simulated(&flood(), Model::Spawn), Run::simulated(&flood(), Model::Pool)];
    let player = Player::new(runs);
    assert!(player.n_steps() > 5_000);
    for scale in [Scale::Stretched, Scale::ToScale] {
        let scene = laid_out(&player, scale, Window::ALL);
        assert!(scene.shapes.len() < 12_000, "{}", scene.shapes.len());
        assert!(scene.ticks.len() <= 1_000, "{}", scene.ticks.len());
        assert!(scene.labels.len() <= 11, "{}", scene.labels.len());
        let outside = |shape: &&Shape| shape.x < -9.0 || shape.x + shape.width > 1_020.0;
        assert_eq!(scene.shapes.iter().find(outside), None);
    }
}

#[test]
fn a_zoom_keeps_the_place_under_the_pointer() {
    let window = Window::ALL.zoomed(4.0, 0.3);
    assert!((window.x(0.3, 1000.0) - 300.0).abs() < 1e-6);
    assert_eq!(window.zoomed(0.01, 0.3), Window::ALL);
    let shown = window.showing(0.9);
    assert!((shown.from..=shown.to).contains(&0.9));
    assert!((window.place(window.x(0.4, 640.0), 640.0) - 0.4).abs() < 1e-9);
}

#[test]
fn round_times_label_an_axis_to_scale() {
    let scene = laid_out(&player(&[Model::Single]), Scale::ToScale, Window::ALL);
    let labels: Vec<_> = scene.labels.iter().map(|&(_, at)| at.as_nanos() / 1_000_000).collect();
    assert_eq!(labels, [0, 50, 100, 150, 200, 250, 300][..labels.len()]);
    assert!(labels.len() > 4, "{labels:?}");
}

#[test]
fn times_in_larger_type_have_more_room() {
    let player = player(&[Model::Single, Model::Spawn]);
    let tracks = tracks(player.runs());
    for scale in [Scale::Stretched, Scale::ToScale] {
        let axis = axis(&player, scale);
        let labels =
            |larger| scene(player.runs(), &tracks, &axis, Window::ALL, 1_000.0, larger).labels;
        let (usual, large) = (labels(1.0), labels(2.0));
        assert!(large.len() < usual.len(), "{usual:?} {large:?}");
        assert!(large.windows(2).all(|pair| pair[1].0 - pair[0].0 >= 2.0 * LABEL_PX), "{large:?}");
    }
}

fn player(models: &[Model]) -> Player {
    Player::new(models.iter().map(|&model| Run::simulated(&book(), model)).collect())
}

fn laid_out(player: &Player, scale: Scale, window: Window) -> Scene {
    let tracks = tracks(player.runs());
    scene(player.runs(), &tracks, &axis(player, scale), window, 1_000.0, 1.0)
}

#[test]
fn each_theft_is_marked_on_the_track_of_its_thief() {
    let (fork, _) = crate::scenarios::Shipped::Fork.load();
    let run = Run::simulated(&fork, Model::ForkJoin);
    let stolen = |event: &&scheduler_model::Event| {
        matches!(event.kind, EventKind::Machine(Machine::Stolen { .. }))
    };
    let n_stolen = run.events().iter().filter(stolen).count();
    let runs = vec![run];
    let tracks = tracks(&runs);
    let player = Player::new(runs.clone());
    let axis = axis(&player, Scale::Stretched);
    let scene = scene(&runs, &tracks, &axis, Window::ALL, 10_000.0, 1.0);
    assert!(n_stolen > 0);
    assert_eq!(scene.steals.len(), n_stolen);
    let on_a_thread = |y: f64| {
        let is_here = |track: &&Track| {
            let top = f64::from(track.y_px);
            matches!(track.name, TrackName::Thread(_))
                && (top..top + f64::from(track.height_px)).contains(&y)
        };
        tracks.iter().any(|track| is_here(&track))
    };
    assert!(scene.steals.iter().all(|&(_, y)| on_a_thread(y)));
}

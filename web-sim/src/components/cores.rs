//! The cores of the simulated computer, and which thread each of them runs.

use yew::prelude::*;

use crate::messages::Messages;
use crate::views::stage::{Core, Cores, Holds, Lane};

/// Shows cores, with a wire from each thread that runs to the core it runs on.
pub(crate) fn core_list(m: &'static Messages, cores: &Cores, lanes: &[Lane]) -> Html {
    let wires: Vec<_> = wires(cores, lanes).collect();
    let height = CORE_PX * cores.shown.len().max(1);
    let height = height.max(lanes.iter().map(lane_px).sum());
    html! {
        <div class="cores">
            <svg class="cores__wires" width="28" height={height.to_string()} viewBox={format!("0 0 28 {height}")}
                aria-hidden="true" focusable="false">
                for (core, path) in wires {
                    <path key={core} d={path} />
                }
            </svg>
            <ol class="cores__list">
                for (index, core) in cores.shown.iter().enumerate() {
                    <li key={index} class={classes!("core", class(*core))}>
                        <span class="core__name">{ (m.core)(u32::try_from(index).unwrap_or(u32::MAX)) }</span>
                        <span class="core__runs">{
                            match core {
                                Core::Free => m.core_free.to_owned(),
                                Core::Running(thread) => thread.to_string(),
                                Core::Shared => m.core_shared.to_owned(),
                                Core::Switching(_) => m.core_switches.to_owned(),
                            }
                        }</span>
                    </li>
                }
                if cores.more.0 > 0 {
                    <li key="more" class="cores__more">{ (m.more_cores)(cores.more.0, cores.more.1) }</li>
                }
                if let Some(n) = cores.sharing {
                    <li key="sharing" class="cores__more">{ (m.cores_shared)(n) }</li>
                }
            </ol>
        </div>
    }
}

/// A curve from the first line of each running thread's lane to the middle of its core.
fn wires<'a>(cores: &'a Cores, lanes: &'a [Lane]) -> impl Iterator<Item = (usize, String)> + 'a {
    cores.shown.iter().enumerate().filter_map(|(index, core)| {
        let Core::Running(thread) = core else { return None };
        let lane = lanes.iter().position(|lane| lane.thread == *thread)?;
        let above: usize = lanes[..lane].iter().map(lane_px).sum();
        let from = above + LANE_PX / 2 - GAP_PX / 2;
        let to = index * CORE_PX + CORE_PX / 2 - GAP_PX / 2;
        Some((index, format!("M0 {from}C16 {from} 12 {to} 28 {to}")))
    })
}

/// The height of a lane with the gap below.
const fn lane_px(lane: &Lane) -> usize {
    if matches!(lane.holds, Holds::Loop { .. }) { LOOP_PX } else { LANE_PX }
}

const fn class(core: Core) -> &'static str {
    match core {
        Core::Free => "core--free",
        Core::Running(_) | Core::Shared => "core--busy",
        Core::Switching(_) => "core--switching",
    }
}

/// The height of a lane, of a loop's and of a core with the gap below, as the style sheets have them.
const LANE_PX: usize = 40;
const LOOP_PX: usize = 74;
const CORE_PX: usize = 40;
const GAP_PX: usize = 6;

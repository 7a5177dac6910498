//! What the simulated computer takes for what every server does on it; `native-server calibrate`
//! measures the same four on a real one.

use scheduler_model::Span;
use scheduler_model::scenario::MachineConfig;

/// The costs that a reader can set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Costs {
    /// What the server itself needs for each request.
    pub(crate) accept: Span,
    /// Giving a core to another thread.
    pub(crate) context_switch: Span,
    /// Handing a request to a worker.
    pub(crate) dispatch: Span,
    /// Starting a thread.
    pub(crate) spawn: Span,
}

impl Costs {
    /// Those of this computer.
    pub(crate) const fn of(machine: &MachineConfig) -> Self {
        let &MachineConfig { accept, context_switch, dispatch, spawn, .. } = machine;
        Self { accept, context_switch, dispatch, spawn }
    }

    /// The same computer with these.
    pub(super) const fn on(self, machine: MachineConfig) -> MachineConfig {
        let Self { accept, context_switch, dispatch, spawn } = self;
        MachineConfig { accept, context_switch, dispatch, spawn, ..machine }
    }
}

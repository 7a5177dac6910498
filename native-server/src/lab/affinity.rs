//! Which cores the generator and the server of an experiment have.
//!
//! Where there are two or more, the first is the generator's and the server never runs there: what
//! is measured is the server, and not who of the two had the core. A thread hands what it may use
//! down to the threads it starts.

/// Cores, by the system's numbers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Cores(Vec<usize>);

/// Who has which cores.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Shares {
    /// The generator's.
    pub(super) generator: Cores,
    /// The server's.
    pub(super) server: Cores,
    /// Whether they are the same.
    pub(super) shared: bool,
}

impl Shares {
    /// Shares of the cores that this process may use; the server asks for `server_max` at most.
    pub(super) fn of_this_process(server_max: u32) -> Self {
        Self::of(&allowed(), server_max)
    }

    fn of(allowed: &[usize], server_max: u32) -> Self {
        match allowed {
            [first, rest @ ..] if !rest.is_empty() => {
                let n_server = rest.len().min(server_max.max(1) as usize);
                let server = Cores(rest[..n_server].to_vec());
                Self { generator: Cores(vec![*first]), server, shared: false }
            }
            _ => {
                let all = Cores(allowed.to_vec());
                Self { generator: all.clone(), server: all, shared: true }
            }
        }
    }
}

impl Cores {
    /// How many there are: at least one.
    pub(super) fn len(&self) -> u32 {
        u32::try_from(self.0.len()).unwrap_or(1).max(1)
    }

    /// Their numbers.
    pub(super) fn numbers(&self) -> &[usize] {
        &self.0
    }

    /// Those of these numbers.
    pub(super) fn of_numbers(numbers: Vec<usize>) -> Self {
        Self(numbers)
    }

    /// Binds this thread, and those that it will start, to these cores. Where that is not to be
    /// had it stays as it is.
    #[cfg(target_os = "linux")]
    pub(super) fn bind(&self) {
        let mut set = rustix::thread::CpuSet::new();
        self.0.iter().filter(|&&core| core < CORES_MAX).for_each(|&core| set.set(core));
        if set.count() > 0 {
            // A container may forbid it: then both share what there is.
            let _ = rustix::thread::sched_setaffinity(None, &set);
        }
    }

    /// Elsewhere threads are not bound.
    #[expect(clippy::unused_self, reason = "on Linux it has the cores")]
    #[cfg(not(target_os = "linux"))]
    pub(super) fn bind(&self) {}
}

#[cfg(target_os = "linux")]
fn allowed() -> Vec<usize> {
    rustix::thread::sched_getaffinity(None)
        .map(|set| (0..CORES_MAX).filter(|&core| set.is_set(core)).collect())
        .unwrap_or_default()
}

#[cfg(not(target_os = "linux"))]
fn allowed() -> Vec<usize> {
    Vec::new()
}

/// How many cores a set of the system's has room for.
#[cfg(target_os = "linux")]
const CORES_MAX: usize = 1024;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_server_never_has_the_generators_core_where_there_are_two() {
        let shares = Shares::of(&[0, 1, 2, 3], 2);
        assert_eq!(shares.generator.numbers(), [0]);
        assert_eq!(shares.server.numbers(), [1, 2]);
        assert!(!shares.shared);
        let one = Shares::of(&[5], 2);
        assert!(one.shared);
        assert_eq!(one.server.numbers(), [5]);
    }
}

//! How many descriptors this process may have: what bounds its connections.

/// The bound, after raising the soft limit to the hard one.
#[cfg(unix)]
pub(crate) fn raised() -> usize {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
    let limit = getrlimit(Resource::Nofile);
    let raised = Rlimit { current: limit.maximum, maximum: limit.maximum };
    // What was there is what counts where raising is not allowed.
    let now =
        if setrlimit(Resource::Nofile, raised).is_ok() { limit.maximum } else { limit.current };
    now.and_then(|now| usize::try_from(now).ok()).unwrap_or(1 << 20)
}

/// Windows has no such bound but memory; this is what ports a client has, about.
#[cfg(not(unix))]
pub(crate) fn raised() -> usize {
    1 << 16
}

//! Being asked to stop, as readiness and not as a handler of ours: SIGINT and SIGTERM, or Ctrl-C and
//! what else a console says where there are no signals.

#[cfg(unix)]
pub(crate) use signals::Requests;

#[cfg(not(unix))]
pub(crate) use console::Requests;

#[cfg(unix)]
mod signals {
    use std::io;

    use signal_hook::consts::{SIGINT, SIGTERM};
    use signal_hook::iterator::Signals;

    /// What asks this process to stop, one after the other.
    pub(crate) struct Requests(Signals);

    impl Requests {
        /// From now on nothing ends this process but itself.
        pub(crate) fn new() -> io::Result<Self> {
            Signals::new([SIGINT, SIGTERM]).map(Self)
        }

        /// Waits for each.
        pub(crate) fn forever(&mut self) -> impl Iterator<Item = ()> {
            self.0.forever().map(|_| ())
        }
    }
}

#[cfg(not(unix))]
mod console {
    use std::io;
    use std::sync::mpsc::{Receiver, channel};

    /// What asks this process to stop, one after the other.
    pub(crate) struct Requests(Receiver<()>);

    impl Requests {
        /// From now on nothing that can be caught ends this process but itself.
        pub(crate) fn new() -> io::Result<Self> {
            let (asked, requests) = channel();
            let ask = move || {
                // Who does not wait for it is at his end already.
                let _ = asked.send(());
            };
            ctrlc::set_handler(ask).map_err(io::Error::other)?;
            Ok(Self(requests))
        }

        /// Waits for each.
        pub(crate) fn forever(&mut self) -> impl Iterator<Item = ()> {
            self.0.iter()
        }
    }
}

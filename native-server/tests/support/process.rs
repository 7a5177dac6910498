//! The program as a process of its own.

use std::io::{BufRead, BufReader, Read};
use std::net::SocketAddr;
use std::process::{Child, Command, Stdio};

use rustix::process::{Pid, Signal, kill_process};

/// The program with these arguments, and nothing of this process's environment.
pub(crate) fn program(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_native-server"));
    command.args(arguments).env_clear();
    command
}

/// A program that serves; ended with the test, however that ends.
pub(crate) struct Serving {
    child: Child,
    pub(crate) address: SocketAddr,
}

impl Serving {
    /// Returns once the program says that it listens.
    pub(crate) fn start(arguments: &[&str]) -> Self {
        let mut command = program(&["--listen", "127.0.0.1:0", "--inspect", "off"]);
        command.args(arguments);
        Self::start_command(command)
    }

    /// As [`Serving::start`], with a command of the caller's.
    pub(crate) fn start_command(mut command: Command) -> Self {
        let mut child = command.stdout(Stdio::piped()).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let address = line.trim_end().strip_prefix("listening on http://").unwrap();
        Self { address: address.parse().unwrap(), child }
    }

    /// Its process.
    pub(crate) fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Sends SIGTERM.
    pub(crate) fn ask_to_stop(&self) {
        kill_process(Pid::from_child(&self.child), Signal::TERM).unwrap();
    }

    /// What it has written to standard error, which was a pipe, until its end.
    pub(crate) fn errors(&mut self) -> String {
        let mut text = String::new();
        self.child.stderr.take().unwrap().read_to_string(&mut text).unwrap();
        text
    }

    /// The first line that it writes to standard error, which was a pipe.
    pub(crate) fn first_error(&mut self) -> String {
        let mut line = String::new();
        BufReader::new(self.child.stderr.as_mut().unwrap()).read_line(&mut line).unwrap();
        line
    }

    /// The exit code, once it ends.
    pub(crate) fn exit_code(&mut self) -> Option<i32> {
        self.child.wait().unwrap().code()
    }

    /// The exit code after SIGTERM.
    pub(crate) fn terminate(&mut self) -> Option<i32> {
        self.ask_to_stop();
        self.exit_code()
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

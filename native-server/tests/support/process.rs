//! The program as a process of its own.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::path::Path;
use std::process::{Child, ChildStdout, Command, ExitStatus, Stdio};
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process};

/// The program with these arguments, and nothing of this process's environment.
pub(crate) fn program(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_native-server"));
    command.args(arguments).env_clear();
    command
}

/// A server in a shell that limits it first, as `ulimit` says.
pub(crate) fn limited(limit: &str, arguments: &[&str]) -> Command {
    let program = program(&["--listen", "127.0.0.1:0", "--inspect", "off"]);
    let mut command = Command::new("sh");
    command.args(["-c", &format!("ulimit {limit}; exec \"$0\" \"$@\"")]);
    command.arg(program.get_program()).args(program.get_args()).args(arguments);
    command
}

/// An example of this package with these arguments; `cargo test` builds them all.
pub(crate) fn example(name: &str, arguments: &[&str]) -> Command {
    let program = Path::new(env!("CARGO_BIN_EXE_native-server")).with_file_name("examples");
    let program = program.join(name);
    assert!(program.exists(), "`cargo build -p native-server --example {name}` makes it");
    let mut command = Command::new(program);
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
        let mut says = BufReader::new(child.stdout.take().unwrap());
        Self { address: told(&mut says, "listening on http://"), child }
    }

    /// As [`Serving::start_command`], of a server that is inspected; and where that is.
    pub(crate) fn start_inspected(mut command: Command) -> (Self, Page) {
        let mut child = command.stdout(Stdio::piped()).spawn().unwrap();
        let mut says = BufReader::new(child.stdout.take().unwrap());
        let address = told(&mut says, "listening on http://");
        let page = Page(told(&mut says, "the page is on http://"));
        (Self { child, address }, page)
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

    /// Whether it has not ended yet.
    pub(crate) fn is_running(&mut self) -> bool {
        self.child.try_wait().unwrap().is_none()
    }

    /// How it ends, once it does.
    pub(crate) fn status(&mut self) -> ExitStatus {
        self.child.wait().unwrap()
    }

    /// The exit code, once it ends.
    pub(crate) fn exit_code(&mut self) -> Option<i32> {
        self.status().code()
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

/// Where a program is inspected.
pub(crate) struct Page(SocketAddr);

impl Page {
    /// What its metrics say of a series that counts.
    pub(crate) fn counted(&self, series: &str) -> u64 {
        let mut stream = TcpStream::connect(self.0).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
        let host = self.0;
        write!(stream, "GET /-/metrics HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n")
            .unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        assert!(answer.starts_with("HTTP/1.1 200 "), "{answer}");
        super::counted(&answer, series)
    }
}

/// The address in the next line that a program says.
fn told(says: &mut BufReader<ChildStdout>, before: &str) -> SocketAddr {
    let mut line = String::new();
    says.read_line(&mut line).unwrap();
    line.trim_end().strip_prefix(before).unwrap().parse().unwrap()
}

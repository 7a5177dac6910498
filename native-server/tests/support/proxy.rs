//! A program of others that stands in front of the server.

use std::fs;
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use super::wait_until;

/// nginx or `HAProxy`, as a process; ended with the test, however that ends.
pub(crate) struct Proxy {
    child: Child,
    pub(crate) address: SocketAddr,
}

impl Proxy {
    /// Returns once somebody listens; `config` is told where that is to be.
    pub(crate) fn start(
        name: &str,
        folder: &Path,
        config: impl FnOnce(SocketAddr) -> String,
    ) -> Self {
        let [address] = free_addresses();
        let file = folder.join("config");
        fs::write(&file, config(address)).unwrap();
        let mut command = Command::new(name);
        match name {
            "nginx" => command.arg("-p").arg(folder).arg("-c").arg(file),
            "haproxy" => command.args(["-db", "-f"]).arg(file),
            _ => panic!("{name} is no proxy that is known here"),
        };
        let path = std::env::var("PATH").unwrap_or_default();
        command.env("PATH", format!("{path}:/usr/sbin:/sbin"));
        command.stdout(Stdio::null()).stderr(Stdio::null());
        let child = command.spawn().expect("`cargo xtask test --long` installs it");
        wait_until(|| TcpStream::connect(address).is_ok());
        Self { child, address }
    }

    pub(crate) fn is_alive(&mut self) -> bool {
        self.child.try_wait().unwrap().is_none()
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// For programs that cannot be told to choose a port; nobody else is quick enough to take one of these.
pub(crate) fn free_addresses<const N: usize>() -> [SocketAddr; N] {
    // All at once, or one might be given twice.
    let taken: [_; N] = std::array::from_fn(|_| TcpListener::bind("127.0.0.1:0").unwrap());
    taken.each_ref().map(|listener| listener.local_addr().unwrap())
}

/// What nginx wants around an `http` block, to run as one process with its files in this folder.
pub(crate) fn around_http(folder: &Path, http: &str) -> String {
    let folder = folder.display();
    format!(
        "daemon off; master_process off; worker_processes 1; pid {folder}/pid;\n\
         error_log stderr crit;\n\
         events {{ worker_connections 256; }}\n\
         http {{\n\
         access_log off;\n\
         client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy;\n\
         fastcgi_temp_path {folder}/fastcgi; uwsgi_temp_path {folder}/uwsgi;\n\
         scgi_temp_path {folder}/scgi;\n\
         {http} }}\n"
    )
}

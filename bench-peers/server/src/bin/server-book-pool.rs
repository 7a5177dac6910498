//! The last server of *The Rust Programming Language*: a pool of workers that take jobs from one
//! channel, whose receiving end they share under a lock.

use std::net::{TcpListener, TcpStream};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex};
use std::thread;

type Job = Box<dyn FnOnce() + Send>;

/// As the book builds it, without the parts that end it.
struct ThreadPool {
    sender: Sender<Job>,
}

impl ThreadPool {
    fn new(size: usize) -> Self {
        let (sender, receiver) = channel();
        let receiver = Arc::new(Mutex::new(receiver));
        for _ in 0..size {
            let receiver = Arc::clone(&receiver);
            thread::spawn(move || work(&receiver));
        }
        Self { sender }
    }

    fn execute(&self, job: impl FnOnce() + Send + 'static) {
        self.sender.send(Box::new(job)).expect("workers end with the program");
    }
}

fn work(receiver: &Mutex<Receiver<Job>>) {
    loop {
        let job = receiver.lock().expect("nobody panics with the lock").recv();
        match job {
            Ok(job) => job(),
            Err(_) => return,
        }
    }
}

fn main() -> anyhow::Result<()> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    servers::announce(listener.local_addr()?)?;
    let pool = ThreadPool::new(servers::n_threads()?);
    let answer: Arc<[u8]> = servers::answer(true).into();
    for stream in listener.incoming() {
        let (stream, answer): (TcpStream, _) = (stream?, Arc::clone(&answer));
        pool.execute(move || {
            let _ = servers::handle_connection(stream, &answer);
        });
    }
    Ok(())
}

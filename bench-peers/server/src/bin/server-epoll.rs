//! epoll and nothing else: whatever comes is taken for one request, and answered with bytes that lie
//! ready. What a server that parses, schedules and limits can at best come near.

use std::net::TcpListener;
use std::os::fd::OwnedFd;

use rustix::buffer::spare_capacity;
use rustix::event::epoll::{self, CreateFlags, EventData, EventFlags};
use rustix::io::{read, write};
use rustix::net::{SocketFlags, accept_with};

fn main() -> anyhow::Result<()> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    servers::announce(listener.local_addr()?)?;
    let answer = servers::answer(false);
    let epoll = epoll::create(CreateFlags::CLOEXEC)?;
    epoll::add(&epoll, &listener, EventData::new_u64(LISTENER), EventFlags::IN)?;
    let mut clients: Vec<Option<OwnedFd>> = Vec::new();
    let mut events = Vec::with_capacity(1024);
    let mut input = vec![0; 64 << 10];
    loop {
        events.clear();
        epoll::wait(&epoll, spare_capacity(&mut events), None)?;
        for event in &events {
            if event.data.u64() == LISTENER {
                let flags = SocketFlags::NONBLOCK | SocketFlags::CLOEXEC;
                let client = accept_with(&listener, flags)?;
                let place = clients.iter().position(Option::is_none).unwrap_or(clients.len());
                let edges = EventFlags::IN | EventFlags::ET;
                epoll::add(&epoll, &client, EventData::new_u64(place as u64), edges)?;
                if place == clients.len() {
                    clients.push(None);
                }
                clients[place] = Some(client);
                continue;
            }
            let place = usize::try_from(event.data.u64())?;
            let Some(client) = &clients[place] else { continue };
            match read(client, &mut input) {
                Ok(1..) => {
                    write(client, &answer)?;
                }
                _ => clients[place] = None,
            }
        }
    }
}

const LISTENER: u64 = u64::MAX;

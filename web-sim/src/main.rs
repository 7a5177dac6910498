//! Mounts the page.

fn main() {
    web_sim::mount();
}

//! The client interface: the two examples are one program but for one line.

use std::fs;
use std::path::Path;

#[test]
fn the_pool_takes_the_place_of_thread_spawn_in_one_line_and_nothing_else_changes() {
    let read = |name: &str| {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples").join(name);
        fs::read_to_string(path).expect("the example is there")
    };
    let (spawn, pool) = (read("spawn.rs"), read("pool.rs"));
    assert_eq!(spawn.lines().count(), pool.lines().count());
    let differing: Vec<_> =
        spawn.lines().zip(pool.lines()).filter(|(one, other)| one != other).collect();
    assert_eq!(
        differing,
        [(
            "        thread::spawn(|| handle_connection(stream));",
            "        pool.execute(|| handle_connection(stream));"
        )]
    );
}

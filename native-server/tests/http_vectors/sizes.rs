//! Limits, each met and then passed by one byte or one field; they are the defaults of `Limits`.

use super::Vector;

pub(crate) fn vectors() -> impl Iterator<Item = Vector> {
    targets().into_iter().chain(heads()).chain(bodies()).chain(trailers())
}

fn targets() -> [Vector; 5] {
    let long = |len: usize| get(&"t".repeat(len - 1), "");
    let answered = format!("GET /{}", "t".repeat((8 << 10) - 1));
    let endless = [b"GET / ".to_vec(), vec![b'H'; 9000]].concat();
    [
        Vector::new("a target of 8 KiB", long(8 << 10), answered),
        Vector::new("a target of 8 KiB and a byte", long((8 << 10) + 1), "414 TargetTooLong"),
        Vector::new("a target of 70 KiB", long(70 << 10), "414 TargetTooLong"),
        Vector::new(
            "a target without an end",
            long(70 << 10)[..9000].to_vec(),
            "414 TargetTooLong",
        ),
        Vector::new("a version without an end", endless, "414 TargetTooLong"),
    ]
}

fn heads() -> [Vector; 10] {
    let around = get("", "").len();
    let of = |len: usize| get("", &field(len - around));
    let bad_first = format!(" x\r\n{}", field(17_000));
    let endless = [b"GET / HTTP/1.1\r\n".to_vec(), vec![b'n'; 20_000]].concat();
    let outcomes = vec!["GET /"; 1500].join(" | ");
    [
        Vector::new("25 fields", get("", &fields(24)), "GET /"),
        Vector::new("100 fields", get("", &fields(99)), "GET /"),
        Vector::new("101 fields", get("", &fields(100)), "431 TooManyFields"),
        Vector::new("10,000 fields", get("", &fields(10_000)), "431 TooManyFields"),
        Vector::new("a head of 16 KiB", of(16 << 10), "GET /"),
        Vector::new("a head of 16 KiB and a byte", of((16 << 10) + 1), "431 HeadTooLarge"),
        Vector::new("a head of 300 KB", of(300_000), "431 HeadTooLarge"),
        Vector::new("a field without an end", endless, "431 HeadTooLarge"),
        Vector::new("a bad field in too large a head", get("", &bad_first), "431 HeadTooLarge"),
        Vector::new("1,500 requests in one read", get("", "").repeat(1500), outcomes),
    ]
}

fn bodies() -> [Vector; 7] {
    let head = b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1048576\r\n\r\n";
    let half = "b".repeat(1 << 19);
    let halves = format!("80000\r\n{half}\r\n80000\r\n{half}\r\n0\r\n\r\n");
    let line_of = |len: usize| format!("1;{}\r\na\r\n0\r\n\r\n", "e".repeat(len - "1;\r\n".len()));
    let extended = |n: usize| format!("1;{}\r\na\r\n", "e".repeat(249)).repeat(n) + "0\r\n\r\n";
    [
        Vector::new(
            "a body of 1 MiB",
            [&head[..], &vec![b'b'; 1 << 20]].concat(),
            "POST / body=1048576 bytes",
        ),
        Vector::new("a body of 1 MiB in chunks", chunked(&halves), "POST / body=1048576 bytes"),
        Vector::new("a chunk line of 256 bytes", chunked(&line_of(256)), "POST / body=a"),
        Vector::new("a chunk line of 257 bytes", chunked(&line_of(257)), "400 ChunkLine"),
        Vector::new("a chunk line without an end", chunked(&"0".repeat(1000)), "400 ChunkLine"),
        Vector::new("extensions of 16,250 bytes", chunked(&extended(65)), "POST / body=65 bytes"),
        Vector::new("extensions of 16,500 bytes", chunked(&extended(66)), "413 ExtensionsTooLarge"),
    ]
}

fn trailers() -> [Vector; 4] {
    let after = |trailers: &str| chunked(&format!("0\r\n{trailers}\r\n"));
    [
        Vector::new("100 trailers", after(&fields(100)), "POST /"),
        Vector::new("101 trailers", after(&fields(101)), "431 TooManyFields"),
        Vector::new("trailers of 16 KiB", after(&field((16 << 10) - 2)), "POST /"),
        Vector::new(
            "trailers of 16 KiB and a byte",
            after(&field((16 << 10) - 1)),
            "431 HeadTooLarge",
        ),
    ]
}

fn get(target: &str, fields: &str) -> Vec<u8> {
    format!("GET /{target} HTTP/1.1\r\nHost: a\r\n{fields}\r\n").into_bytes()
}

fn chunked(body: &str) -> Vec<u8> {
    let head = "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n";
    [head, body].concat().into_bytes()
}

/// So many short field lines.
fn fields(n: usize) -> String {
    (0..n).map(|i| format!("F{i}: v\r\n")).collect::<Vec<_>>().concat()
}

/// One field line of so many bytes.
fn field(len: usize) -> String {
    format!("F: {}\r\n", "v".repeat(len - "F: \r\n".len()))
}

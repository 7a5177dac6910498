//! Traces out of files and into files.

use js_sys::{Array, Function, Reflect, Uint8Array};
use scheduler_model::replay;
use scheduler_model::trace::{Trace, TraceReader};
use scheduler_model::wire::Put;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{File, ReadableStream, ReadableStreamDefaultReader};

use crate::browser;
use crate::parts::annex::{Difference, Judgement, Opened, Write};

/// The bytes of the file that a trace is.
pub(super) fn write(Write { trace }: Write) -> Vec<u8> {
    let mut bytes = Vec::new();
    trace.write(&mut bytes).expect("a vector takes whatever is written");
    bytes
}

/// Opens a file that the reader chose, unpacked if its name ends in `.gz`. `tell` is called with the
/// number of events read so far, now and then, and the page gets its turns meanwhile.
pub async fn open(file: File, tell: Function) -> Vec<u8> {
    let name = file.name();
    let is_packed = name.to_ascii_lowercase().ends_with(".gz");
    // The name without `.gz` is what the file was before it was packed.
    let plain_name = if is_packed { &name[..name.len() - 3] } else { &name };
    let stream = if is_packed { unpacked(&file) } else { Ok(file.stream()) };
    let opened: Opened = match stream {
        Ok(stream) => read(plain_name, &stream, &tell).await,
        Err(_) => Err(None),
    };
    opened.to_wire()
}

async fn read(name: &str, stream: &ReadableStream, tell: &Function) -> Opened {
    let refused = |error: scheduler_model::trace::TraceError| Some(error.to_string());
    let pieces: ReadableStreamDefaultReader = stream.get_reader().unchecked_into();
    let mut reader = TraceReader::new(name);
    let mut since_turn = 0;
    let is_whole = loop {
        let piece = match piece(&pieces).await {
            Ok(Some(piece)) => piece,
            Ok(None) => break true,
            // A packed file that was cut short still has what came before.
            Err(_) if reader.header().is_some() => break false,
            Err(_) => return Err(None),
        };
        for part in piece.chunks(SLICE_BYTES) {
            reader.push(part).map_err(refused)?;
            since_turn += part.len();
            if since_turn >= SLICE_BYTES {
                since_turn = 0;
                tell_of(&reader, tell);
                browser::turn().await;
            }
        }
    };
    let trace = reader.finish(is_whole).map_err(refused)?;
    let judgement = judge(&trace);
    Ok((trace, judgement))
}

/// The next bytes of a stream; `None` at its end.
async fn piece(pieces: &ReadableStreamDefaultReader) -> Result<Option<Vec<u8>>, JsValue> {
    let piece = JsFuture::from(pieces.read()).await?;
    if Reflect::get(&piece, &"done".into())?.is_truthy() {
        return Ok(None);
    }
    Ok(Some(Reflect::get(&piece, &"value".into())?.dyn_into::<Uint8Array>()?.to_vec()))
}

#[expect(clippy::cast_precision_loss, reason = "a trace has far fewer than 2^53 events")]
fn tell_of(reader: &TraceReader, tell: &Function) {
    // Whoever does not listen any more has closed the page.
    let _ = tell.call1(&JsValue::UNDEFINED, &(reader.events().len() as f64).into());
}

/// By name and not by type: not every browser has a `DecompressionStream`, and a missing
/// constructor would throw where nothing catches it.
fn unpacked(file: &File) -> Result<ReadableStream, JsValue> {
    let window = browser::window().ok_or(JsValue::NULL)?;
    let constructor: Function = Reflect::get(&window, &"DecompressionStream".into())?.dyn_into()?;
    let unpacker = Reflect::construct(&constructor, &Array::of1(&"gzip".into()))?;
    let packed = file.stream();
    let pipe: Function = Reflect::get(&packed, &"pipeThrough".into())?.dyn_into()?;
    pipe.call1(&packed, &unpacker)?.dyn_into()
}

/// Whether a trace is a path of the model.
pub(crate) fn judge(trace: &Trace) -> Judgement {
    let found = replay(trace);
    let difference = found.first_difference.map(|difference| Difference {
        seq: difference.seq,
        expected: difference.expected.to_string(),
        found: difference.found.to_string(),
    });
    Judgement { decisions: found.decisions, difference }
}

/// What is read between two turns of the page: some ten milliseconds of work.
const SLICE_BYTES: usize = 256 << 10;

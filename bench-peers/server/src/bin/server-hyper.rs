//! hyper on one thread of tokio's: a service that knows one page, and no timeouts.

use std::convert::Infallible;

use http_body_util::Full;
use hyper::body::Bytes;
use hyper::header::{CONTENT_TYPE, HeaderValue};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Response, StatusCode};
use hyper_util::rt::TokioIo;
use tokio::net::TcpListener;
use tokio::task::LocalSet;

fn main() -> anyhow::Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_io().build()?;
    LocalSet::new().block_on(&runtime, serve())
}

async fn serve() -> anyhow::Result<()> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    servers::announce(listener.local_addr()?)?;
    loop {
        let (stream, _) = listener.accept().await?;
        stream.set_nodelay(true)?;
        tokio::task::spawn_local(async move {
            let service = service_fn(async |request: hyper::Request<_>| {
                let body: hyper::body::Incoming = request.into_body();
                drop(body);
                let mut response = Response::new(Full::new(Bytes::from_static(PAGE)));
                *response.status_mut() = StatusCode::OK;
                response.headers_mut().insert(CONTENT_TYPE, HTML);
                Ok::<_, Infallible>(response)
            });
            let http = http1::Builder::new();
            // A client that left is no news.
            let _ = http.serve_connection(TokioIo::new(stream), service).await;
        });
    }
}

const PAGE: &[u8] = servers::PAGE.as_bytes();
const HTML: HeaderValue = HeaderValue::from_static(servers::CONTENT_TYPE);

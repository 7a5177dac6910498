//! actix-web: a loop for each worker, and one route.

use actix_web::http::header::{CONTENT_TYPE, HeaderValue};
use actix_web::{App, HttpResponse, HttpServer, web};

fn main() -> anyhow::Result<()> {
    let n_workers = servers::n_threads()?;
    actix_web::rt::System::new().block_on(async move {
        let app = || App::new().route("/", web::get().to(page));
        let server = HttpServer::new(app).workers(n_workers).bind(("127.0.0.1", 0))?;
        servers::announce(server.addrs()[0])?;
        server.run().await?;
        Ok(())
    })
}

async fn page() -> HttpResponse {
    HttpResponse::Ok().insert_header((CONTENT_TYPE, HTML)).body(servers::PAGE)
}

const HTML: HeaderValue = HeaderValue::from_static(servers::CONTENT_TYPE);

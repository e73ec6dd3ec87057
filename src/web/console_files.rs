//! The console's files, inside the program, and the headers that keep the browser to them.

use super::Web;
use axum::Router;
use axum::body::Body;
use axum::extract::Request;
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::get;
use rust_embed::RustEmbed;
use tower_http::compression::CompressionLayer;
use tower_http::compression::predicate::{NotForContentType, Predicate, SizeAbove};

/// What `scripts/lib.sh ensure_console` built; empty when the program was built without it.
#[derive(RustEmbed)]
#[folder = "src/web/console/dist"]
#[allow_missing = true]
struct Files;

/// Scripts, styles, pictures and connections only from this server; nobody may frame it.
const POLICY: &str = "default-src 'self'; img-src 'self' data: blob:; media-src 'self' blob:; style-src 'self' 'unsafe-inline'; \
     object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";

/// Puts the console beside the API, with the headers of both.
pub fn around(api: Router<Web>) -> Router<Web> {
    api.route("/", get(|| async { page("index.html") }))
        .route("/index.html", get(|| async { Redirect::permanent("/") }))
        .route("/assets/{*path}", get(|request: Request| async move {
            page(request.uri().path().trim_start_matches('/'))
        }))
        .fallback(|request: Request| async move {
            page(request.uri().path().trim_start_matches('/'))
        })
        // Event streams must leave at once, recordings are compressed enough.
        .layer(CompressionLayer::new().compress_when(
            SizeAbove::new(1024)
                .and(NotForContentType::SSE)
                .and(NotForContentType::new("audio/")),
        ))
        .layer(middleware::from_fn(headers))
}

fn page(path: &str) -> Response {
    let Some(file) = Files::get(path) else {
        if path == "index.html" {
            return (
                StatusCode::NOT_FOUND,
                "This program was built without its console: run scripts/demo, or build src/web/console first.\n",
            )
                .into_response();
        }
        return StatusCode::NOT_FOUND.into_response();
    };
    // Names under assets/ hold a hash of the content.
    let keep = if path.starts_with("assets/") {
        "public, max-age=31536000, immutable"
    } else {
        "no-cache"
    };
    let mut response = Body::from(file.data.into_owned()).into_response();
    let headers = response.headers_mut();
    if let Ok(kind) = HeaderValue::from_str(file.metadata.mimetype()) {
        headers.insert(header::CONTENT_TYPE, kind);
    }
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static(keep));
    response
}

async fn headers(request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    for (name, value) in [
        (header::CONTENT_SECURITY_POLICY, POLICY),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::X_FRAME_OPTIONS, "DENY"),
        (header::REFERRER_POLICY, "no-referrer"),
        (
            HeaderName::from_static("permissions-policy"),
            "microphone=(self), camera=(), geolocation=()",
        ),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
    headers
        .entry(header::CACHE_CONTROL)
        .or_insert(HeaderValue::from_static("no-store"));
    response
}

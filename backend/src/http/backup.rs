//! `GET /v1/backup`: a copy of everything stored.

use super::{
    Problem, Shared,
    auth::{Administers, Of},
};
use crate::{
    backup::{Source, take},
    serve::{control_file, spool_file},
};
use axum::{
    body::Body,
    extract::State,
    http::{StatusCode, header},
    response::IntoResponse,
};
use tokio::sync::mpsc;
use tokio_stream::wrappers::ReceiverStream;

/// Pieces that wait to be sent: 32 MiB.
const WAITING: usize = 4;

/// Copies everything stored while the backend works, as a tar that `crumbtrail restore` brings
/// back. The key has to be one of all sites.
#[utoipa::path(
    get, path = "/v1/backup", tag = "operating",
    responses((status = 200, description = "the copy", body = Vec<u8>, content_type = "application/x-tar"), Problem),
    security(("key" = ["admin"]))
)]
pub async fn download(
    of: Of<Administers>,
    State(app): Shared,
) -> Result<impl IntoResponse, Problem> {
    if of.caller.site.is_some() {
        return Err(Problem::new(
            StatusCode::FORBIDDEN,
            "other_site",
            "a key of one site copies no others; use one of all sites",
        ));
    }
    let source = Source {
        control: control_file(&app.data),
        spool: spool_file(&app.data),
        store: app.store.clone(),
        now_ms: (app.now_ms)(),
    };
    let (out, pieces) = mpsc::channel(WAITING);
    tokio::spawn(take(source, out));
    let head = [
        (header::CONTENT_TYPE, "application/x-tar"),
        (
            header::CONTENT_DISPOSITION,
            "attachment; filename=\"crumbtrail-backup.tar\"",
        ),
    ];
    Ok((head, Body::from_stream(ReceiverStream::new(pieces))))
}

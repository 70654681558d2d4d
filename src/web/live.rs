//! What a page looks at, followed: a word by server-sent events whenever it has changed. The page asks for itself
//! again then, so that nothing is told here that the page would not show.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::State;
use axum::http::{StatusCode, Uri};
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse as _, Response};
use futures_util::stream;
use tokio::sync::{OwnedSemaphorePermit, watch};

use super::door::{Caller, Door};
use super::form::Form;
use crate::runner::desk::{Desk, Looked};

/// How often it is looked.
const LOOK_EVERY: Duration = Duration::from_secs(2);
/// A browser asks again after so many looks, and whether it may is looked at anew.
const LOOKS: u32 = 150;
/// So many pages are followed at once; more are not live, and work as ever.
pub(super) const FOLLOWED_MAX: usize = 500;

/// A page that is followed.
struct Followed {
    desk: Desk,
    looked: Looked,
    told: Option<String>,
    looks: u32,
    stop: watch::Receiver<bool>,
    _turn: OwnedSemaphorePermit,
}

/// Follows what a page looks at.
pub(super) async fn follow(State(door): State<Door>, caller: Caller, uri: Uri) -> Response {
    let query = Form::query(&uri);
    let Some(looked) = Looked::read(query.get("om")) else {
        return caller.page.not_found();
    };
    if let Err(error) = caller.desk.pulse(&looked).await {
        return caller.page.refused(&error);
    }
    let Ok(turn) = Arc::clone(&door.followed).try_acquire_owned() else {
        return StatusCode::SERVICE_UNAVAILABLE.into_response();
    };
    let followed = Followed {
        desk: caller.desk,
        looked,
        told: query.given("kendt").map(ToOwned::to_owned),
        looks: 0,
        stop: door.stop.clone(),
        _turn: turn,
    };
    let events = stream::unfold(followed, |followed| async move {
        let (event, followed) = followed.next().await?;
        Some((Ok::<_, Infallible>(event), followed))
    });
    Sse::new(events)
        .keep_alive(KeepAlive::default())
        .into_response()
}

impl Followed {
    /// The next word; none when it is time to ask again.
    async fn next(mut self) -> Option<(Event, Self)> {
        loop {
            let pulse = self.desk.pulse(&self.looked).await.ok()?;
            if self.told.as_ref() != Some(&pulse) {
                self.told = Some(pulse.clone());
                return Some((Event::default().data(pulse), self));
            }
            self.looks += 1;
            if self.looks > LOOKS {
                return None;
            }
            tokio::select! {
                _ = self.stop.wait_for(|stop| *stop) => return None,
                () = tokio::time::sleep(LOOK_EVERY) => {}
            }
        }
    }
}

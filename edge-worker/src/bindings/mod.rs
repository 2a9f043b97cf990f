//! The only place that knows the platform: reads a request's few headers, keeps
//! the configuration, and turns an answer into a response.

mod platform;
mod queue;

use crate::{
    accept::{self, Answer, Asked, Refusal},
    config::{Config, Misconfigured},
};
use platform::Workers;
use std::{cell::OnceCell, rc::Rc};
use worker::{Context, Env, Request, Response, Result, console_error, event};

thread_local! {
    /// The configuration, parsed at the isolate's first request. It can't change
    /// while the isolate lives: a new deployment starts new ones.
    static CONFIG: OnceCell<Rc<Result<Config, Misconfigured>>> = const { OnceCell::new() };
}

#[event(fetch)]
async fn fetch(request: Request, env: Env, _context: Context) -> Result<Response> {
    let answer = match configured(&env).as_ref() {
        Ok(config) => {
            let asked = asked(&request)?;
            let platform = Workers::new(&env, &request, asked.content_length);
            accept::answer(config, &asked, &platform).await
        }
        Err(fault) => {
            console_error!("{fault}");
            Answer::refused(&Refusal::NotConfigured(fault.clone()))
        }
    };
    respond(answer)
}

fn configured(env: &Env) -> Rc<Result<Config, Misconfigured>> {
    let read = |name: &str| Some(env.var(name).ok()?.to_string());
    CONFIG.with(|cell| Rc::clone(cell.get_or_init(|| Rc::new(Config::parse(read)))))
}

fn asked(request: &Request) -> Result<Asked> {
    let headers = request.headers();
    Ok(Asked {
        method: request.method().to_string(),
        path: request.path(),
        content_length: headers
            .get("content-length")?
            .and_then(|length| length.parse().ok()),
        origin: headers.get("origin")?,
        fetch_site: headers.get("sec-fetch-site")?,
        privacy_control: headers.get("sec-gpc")?,
        cookie: headers.get("cookie")?,
    })
}

fn respond(answer: Answer) -> Result<Response> {
    let mut response = Response::builder().with_status(answer.status);
    for (name, value) in &answer.headers {
        response = response.with_header(name, value)?;
    }
    if answer.body.is_empty() {
        Ok(response.empty())
    } else {
        Ok(response.fixed(answer.body))
    }
}

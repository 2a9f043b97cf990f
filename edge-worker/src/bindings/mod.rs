//! The only place that knows the platform: reads a request's few headers, keeps
//! the configuration, and turns an answer into a response.

mod platform;
mod queue;
mod task;

use crate::{
    accept::{self, Answer, Refusal},
    config::{Config, Misconfigured},
};
use platform::Workers;
use std::{cell::OnceCell, rc::Rc};
use task::Task;
use wasm_bindgen::prelude::wasm_bindgen;
use web_sys::Request;
use worker::{Env, console_error};

thread_local! {
    /// The configuration, parsed at the isolate's first request. It can't change
    /// while the isolate lives: a new deployment starts new ones.
    static CONFIG: OnceCell<Rc<Result<Config, Misconfigured>>> = const { OnceCell::new() };
}

/// Answers a request: comes to a response.
#[wasm_bindgen]
pub fn fetch(request: Request, env: Env) -> Task {
    Task::new(async move {
        let answer = match configured(&env).as_ref() {
            Ok(config) => {
                let (asked, query) = platform::ask(&request);
                let platform = Workers::new(&env, &request, &query, asked.content_length);
                accept::answer(config, &asked, &platform).await
            }
            Err(fault) => {
                console_error!("{fault}");
                Answer::refused(&Refusal::NotConfigured(fault.clone()))
            }
        };
        Ok(platform::respond(&answer)?.into())
    })
}

fn configured(env: &Env) -> Rc<Result<Config, Misconfigured>> {
    let read = |name: &str| Some(env.var(name).ok()?.to_string());
    CONFIG.with(|cell| Rc::clone(cell.get_or_init(|| Rc::new(Config::parse(read)))))
}

//! The consumer of the queue, as Cloudflare's runtime calls it.

use super::{configured, platform::Workers, task::Task};
use crate::queue::{self, Verdict, Waiting};
use js_sys::{Array, Object, Reflect, Uint8Array};
use wasm_bindgen::{JsCast, JsValue, prelude::wasm_bindgen};
use worker::{Env, console_error};

/// When messages are tried again that came to a worker without its configuration, in seconds:
/// an operator has it in hand.
const UNCONFIGURED_S: u32 = 600;

#[wasm_bindgen]
extern "C" {
    /// Messages that came together.
    #[wasm_bindgen(typescript_type = "MessageBatch")]
    pub type Batch;

    #[wasm_bindgen(method, getter)]
    fn messages(this: &Batch) -> Array;

    /// One of them.
    type Message;

    #[wasm_bindgen(method, getter)]
    fn body(this: &Message) -> JsValue;

    #[wasm_bindgen(method, getter)]
    fn attempts(this: &Message) -> u32;

    #[wasm_bindgen(method)]
    fn ack(this: &Message);

    #[wasm_bindgen(method)]
    fn retry(this: &Message, options: &Object);
}

/// Delivers messages. Where it fails, the platform gives all of them once more.
#[wasm_bindgen]
pub fn queue(batch: Batch, env: Env) -> Task {
    Task::new(async move {
        deliver(&batch, &env).await?;
        Ok(JsValue::UNDEFINED)
    })
}

async fn deliver(batch: &Batch, env: &Env) -> Result<(), JsValue> {
    let messages: Vec<Message> = batch
        .messages()
        .iter()
        .map(JsCast::unchecked_into)
        .collect();
    let configured = configured(env);
    let config = match configured.as_ref() {
        Ok(config) => config,
        Err(fault) => {
            console_error!("{fault}");
            let later = Verdict::Again(UNCONFIGURED_S);
            return messages.iter().try_for_each(|message| tell(message, later));
        }
    };
    let waiting: Vec<_> = messages.iter().map(read).collect();
    let verdicts = queue::drain(config, &waiting, &Workers::of_queue(env)).await;
    let mut told = messages.iter().zip(verdicts);
    told.try_for_each(|(message, verdict)| tell(message, verdict))
}

fn tell(message: &Message, verdict: Verdict) -> Result<(), JsValue> {
    match verdict {
        Verdict::Done => message.ack(),
        Verdict::Again(seconds) => {
            let options = Object::new();
            Reflect::set(&options, &"delaySeconds".into(), &seconds.into())?;
            message.retry(&options);
        }
    }
    Ok(())
}

fn read(message: &Message) -> Waiting {
    Waiting {
        envelope: Uint8Array::new(&message.body()).to_vec(),
        attempts: message.attempts(),
    }
}

//! Another HTTP/1.1 client's reading of an answer: `ureq-proto`, without our parser before it.

use ureq_proto::client::{Call, RecvResponseResult, SendRequestResult};
use ureq_proto::http::Request;

/// The body, if it reads a complete answer.
#[must_use]
pub fn body(bytes: &[u8]) -> Option<Vec<u8>> {
    let request = Request::get("https://localhost/v2/account").body(()).ok()?;
    let mut call = Call::new(request).ok()?.proceed();
    call.write(&mut [0; 512]).ok()?;
    let Ok(Some(SendRequestResult::RecvResponse(mut call))) = call.proceed() else {
        return None;
    };
    let (used, response) = call.try_response(bytes, false).ok()?;
    response?;
    let mut call = match call.proceed()? {
        RecvResponseResult::RecvBody(call) => call,
        RecvResponseResult::Cleanup(_) => return Some(Vec::new()),
        RecvResponseResult::Redirect(_) => return None,
    };
    let (mut rest, mut body, mut output) = (&bytes[used..], Vec::new(), [0; 97]);
    loop {
        let (consumed, produced) = call.read(rest, &mut output).ok()?;
        body.extend_from_slice(&output[..produced]);
        rest = &rest[consumed..];
        if consumed == 0 && produced == 0 {
            break;
        }
    }
    call.can_proceed().then_some(body)
}

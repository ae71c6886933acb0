//! [`import`]: takes a new key over a board's serial line, before the radio starts.

use alpaca_auth::credential::ImportAnswer;
use embassy_time::{Duration, Timer, with_timeout};
use embedded_io_async::{Read, Write};
use key_slots::{Importer, Sectors};

use crate::Report;

/// Silence after which a frame that was cut is forgotten.
const SILENCE: Duration = Duration::from_secs(1);

/// Returns when a key was stored and the host has asked for it, or is gone since. Call it while the
/// board's strap is set, and only then: whoever is at the line puts in the key that this board uses.
///
/// Reports what was stored or refused, and nothing that came over the line.
pub async fn import<L: Read + Write>(line: &mut L, sectors: &mut impl Sectors, report: Report) {
    let mut importer = Importer::new();
    report(format_args!("waiting for a key on the serial line"));
    while !importer.is_over() {
        let mut byte = [0];
        match with_timeout(SILENCE, line.read(&mut byte)).await {
            Ok(Ok(1)) => {}
            // A line that is gone, or noise that the UART takes for no byte.
            Ok(_) => {
                importer.forget();
                Timer::after(SILENCE).await;
                continue;
            }
            Err(_) => {
                importer.forget();
                if importer.has_stored() {
                    return;
                }
                continue;
            }
        }
        let [byte] = byte;
        let Some(said) = importer.on_byte(byte, sectors, true) else {
            continue;
        };
        let mut answer = [0; ANSWER];
        let length = importer.answer(|bytes| {
            answer
                .iter_mut()
                .zip(bytes)
                .map(|(to, from)| *to = *from)
                .count()
        });
        // A host that is gone gets no answer, and asks again when it is back.
        let sending = async {
            line.write_all(answer.get(..length).unwrap_or_default())
                .await?;
            line.flush().await
        };
        let _ = with_timeout(SILENCE, sending).await;
        match said {
            ImportAnswer::State { .. } => {}
            ImportAnswer::Stored { place, sequence } => {
                report(format_args!("key number {sequence} is in the {place} slot"));
            }
            ImportAnswer::Refused(refusal) => report(format_args!("refused: {refusal}")),
        }
    }
}

/// Bytes of an answer's frame.
const ANSWER: usize = 19;

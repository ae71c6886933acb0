//! Entry points for keys in flash, over a line, and in rotation.

use core::time::Duration;

use alpaca_auth::credential::rotation::{Poll, Rotation, SourcePoll, Verdict};
use alpaca_auth::credential::{
    CipherError, FlashPair, FlashStep, Import, ImportAnswer, ImportFrame, ImportReceiver,
    ImportRefusal, KeyPair, Slot, SlotCipher, SlotUpdate,
};
use alpaca_auth::environment::{EnvironmentKind, Paper};
use alpaca_auth::request::Replay;

use super::{bytes, text};

static mut SLOT: Slot<KeyPair<Paper>> = Slot::vacant();
static mut RECEIVER: ImportReceiver = ImportReceiver::new();
static mut FRAME: ImportFrame = ImportFrame::new();
static mut ROTATION: Rotation<KeyPair<Paper>> = Rotation::new([1, 2]);

/// A cipher that refuses when it is told to.
struct Cipher(bool);

impl SlotCipher for Cipher {
    fn seal(
        &self,
        nonce: &[u8; 12],
        associated: &[u8],
        text: &mut [u8],
    ) -> Result<[u8; 16], CipherError> {
        for byte in text.iter_mut() {
            *byte ^= nonce[0];
        }
        if self.0 {
            Ok([associated.len() as u8; 16])
        } else {
            Err(CipherError)
        }
    }

    fn open(
        &self,
        nonce: &[u8; 12],
        _: &[u8],
        text: &mut [u8],
        tag: &[u8; 16],
    ) -> Result<(), CipherError> {
        for byte in text.iter_mut() {
            *byte ^= nonce[0];
        }
        if tag[0] == 12 {
            Ok(())
        } else {
            Err(CipherError)
        }
    }
}

/// Reads slots of whatever lies there, updates them, and takes a line byte by byte.
///
/// # Safety
/// `at` points to `length` readable bytes, and nothing else runs.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn flash(at: *const u8, length: usize, unit: usize) -> usize {
    let input = unsafe { bytes(at, length) };
    let slot = unsafe { &mut *(&raw mut SLOT) };
    let mut sum = 0_usize;
    let mut add = |number: usize| sum = sum.wrapping_add(number);
    if let Some((first, rest)) = input.split_first_chunk::<272>()
        && let Some(second) = rest.first_chunk::<272>()
    {
        let pair = FlashPair::new(first, second);
        add(usize::from(pair.newest().is_some()));
        let mut update = SlotUpdate::new(unit);
        if let Ok(key_pair) = slot.paper_from_flash_pair(&pair) {
            add(usize::from(pair.update(key_pair, &mut update).is_ok()));
        }
        while let Some(step) = update.step() {
            add(match step {
                FlashStep::Erase => 1,
                FlashStep::Program { offset, bytes } => offset.wrapping_add(bytes.len()),
            });
        }
        add(usize::from(update.verify(first).is_ok()));
    }
    if let Some((first, rest)) = input.split_first_chunk::<304>()
        && let Some(second) = rest.first_chunk::<304>()
        && let Some(nonce) = rest.last_chunk::<12>()
    {
        let (pair, cipher) = (FlashPair::sealed(first, second), Cipher(unit > 4));
        let mut update = SlotUpdate::new(unit);
        if let Ok(key_pair) = slot.paper_from_sealed_pair(&pair, &cipher) {
            add(usize::from(
                pair.update(key_pair, &cipher, nonce, &mut update).is_ok(),
            ));
        }
        while update.step().is_some() {}
    }
    let (receiver, frame) = unsafe { (&mut *(&raw mut RECEIVER), &mut *(&raw mut FRAME)) };
    for byte in input {
        let answer = match receiver.push(*byte) {
            None => continue,
            Some(Import::Ask) => ImportAnswer::State {
                environment: EnvironmentKind::Paper,
                newest: Some(1),
            },
            Some(Import::Put(image)) => match slot.paper_from_flash(image) {
                Ok(key_pair) => {
                    add(usize::from(frame.put(key_pair).is_ok()));
                    continue;
                }
                Err(error) => ImportAnswer::Refused(error.into()),
            },
            Some(Import::Answer(answer)) => answer,
            Some(Import::Broken) => ImportAnswer::Refused(ImportRefusal::Line),
        };
        frame.answer(answer);
        add(frame.expose(<[u8]>::len));
    }
    frame.ask();
    receiver.reset();
    sum
}

/// Offers, picks and settles, as the bytes say.
///
/// # Safety
/// `at` points to `length` readable bytes, and nothing else runs.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rotation(at: *const u8, length: usize) -> usize {
    let (input, id) = unsafe { (bytes(at, length), text(at, length)) };
    let rotation = unsafe { &mut *(&raw mut ROTATION) };
    let mut poll = SourcePoll::new(Duration::from_secs(length as u64));
    let mut sum = 0_usize;
    for byte in input {
        let now = Duration::from_millis(u64::from(*byte).wrapping_mul(length as u64));
        match poll.poll(now) {
            Poll::Read if *byte > 64 => poll.read(now, Some(now)),
            Poll::Read => poll.failed(now, Some(now), u32::from(*byte)),
            Poll::Wait(_) => poll.hurry(),
        }
        let ends = (*byte > 128).then_some(now);
        let offered = rotation.offer(ends, |slot| slot.paper(id, "secret").map(drop));
        sum = sum.wrapping_add(usize::from(offered.is_ok()));
        let replay = if *byte > 32 {
            Replay::Safe
        } else {
            Replay::Never
        };
        if let Ok(ticket) = rotation.pick(replay, now) {
            sum = sum.wrapping_add(usize::from(rotation.get(&ticket).is_some()));
            let verdict = match byte & 3 {
                0 => Verdict::Accepted,
                1 => Verdict::Refused,
                2 => Verdict::Doubtful,
                _ => Verdict::Nothing,
            };
            rotation.settle(&ticket, verdict);
        }
    }
    sum
}

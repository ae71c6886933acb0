//! The smallest firmware that writes a head, with features `account`, `replies` and `bars` the
//! smallest ones that read typed replies too, and with feature `session` the smallest one that
//! fetches the account over a verified session. It is linked and measured, never run.

#![no_std]
#![no_main]

use core::hint::black_box;
use core::panic::PanicInfo;

use alpaca_auth::credential::{KeyPair, Slot};
use alpaca_auth::endpoint::{Endpoint, Trading};
use alpaca_auth::environment::Paper;
use alpaca_auth::request::trading;

#[panic_handler]
fn panic(_: &PanicInfo<'_>) -> ! {
    loop {}
}

#[unsafe(no_mangle)]
pub extern "C" fn _start() -> ! {
    #[cfg(not(feature = "reader"))]
    let (mut slot, mut imported) = (Slot::<KeyPair<Paper>>::vacant(), ());
    #[cfg(not(feature = "reader"))]
    let (slot, imported) = (&mut slot, &mut imported);
    // SAFETY: this runs once.
    #[cfg(feature = "reader")]
    let (slot, imported) =
        unsafe { (&mut *(&raw mut kept::SLOT), &mut *(&raw mut kept::IMPORTER)) };
    if let Some(pair) = key_pair(slot, imported) {
        black_box(run(pair));
    }
    loop {}
}

/// What a device keeps for its key and an import, where it is counted: in statics.
#[cfg(feature = "reader")]
mod kept {
    use super::{KeyPair, Paper, Slot};
    pub(crate) static mut SLOT: Slot<KeyPair<Paper>> = Slot::vacant();
    #[cfg(feature = "import")]
    pub(crate) static mut IMPORTER: key_slots::Importer = key_slots::Importer::new();
    #[cfg(not(feature = "import"))]
    pub(crate) static mut IMPORTER: () = ();
}

/// The newest of two slots that are read in place; with feature `import` after a key came over a line.
#[cfg(feature = "reader")]
mod sectors {
    use super::{KeyPair, Paper, Slot, black_box};
    use alpaca_auth::credential::{FlashPair, FlashPlace};
    use core::convert::Infallible;
    use key_slots::Sectors;

    struct Flash;

    impl Sectors for Flash {
        type Error = Infallible;
        const UNIT: usize = 16;

        fn lend<R>(&mut self, look: impl FnOnce(&FlashPair<'_>) -> R) -> Result<R, Infallible> {
            let pair = FlashPair::new(black_box(&[0xff; 272]), black_box(&[0xff; 272]));
            Ok(look(&pair))
        }

        fn erase(&mut self, place: FlashPlace) -> Result<(), Infallible> {
            black_box(place);
            Ok(())
        }

        fn program(
            &mut self,
            place: FlashPlace,
            offset: usize,
            bytes: &[u8],
        ) -> Result<(), Infallible> {
            black_box((place, offset, bytes));
            Ok(())
        }
    }

    #[cfg(feature = "import")]
    type Imported = key_slots::Importer;
    #[cfg(not(feature = "import"))]
    type Imported = ();

    pub(crate) fn key_pair<'s>(
        slot: &'s mut Slot<KeyPair<Paper>>,
        imported: &mut Imported,
    ) -> Option<&'s KeyPair<Paper>> {
        #[cfg(feature = "import")]
        while !imported.is_over() {
            if imported
                .on_byte(black_box(0), &mut Flash, black_box(true))
                .is_some()
            {
                imported.answer(|bytes| {
                    black_box(bytes);
                });
            }
        }
        black_box(imported);
        key_slots::load(&mut Flash, slot).ok()?;
        slot.get()
    }
}
#[cfg(feature = "reader")]
use sectors::key_pair;

#[cfg(not(any(
    feature = "slot",
    feature = "pair",
    feature = "sealed",
    feature = "reader"
)))]
fn key_pair<'s>(slot: &'s mut Slot<KeyPair<Paper>>, (): &mut ()) -> Option<&'s KeyPair<Paper>> {
    slot.paper(black_box("PKTEST"), black_box("secret")).ok()
}

/// From one slot of flash.
#[cfg(feature = "slot")]
fn key_pair<'s>(slot: &'s mut Slot<KeyPair<Paper>>, (): &mut ()) -> Option<&'s KeyPair<Paper>> {
    slot.paper_from_flash(black_box(&[0xff; 272])).ok()
}

/// From the newest of two slots, which is then written to the other one.
#[cfg(feature = "pair")]
fn key_pair<'s>(slot: &'s mut Slot<KeyPair<Paper>>, (): &mut ()) -> Option<&'s KeyPair<Paper>> {
    use alpaca_auth::credential::{FlashPair, SlotUpdate};
    let flash = FlashPair::new(black_box(&[0xff; 272]), black_box(&[0xff; 272]));
    let pair = slot.paper_from_flash_pair(&flash).ok()?;
    let mut update = SlotUpdate::new(16);
    black_box(flash.update(pair, &mut update).ok());
    while black_box(update.step()).is_some() {}
    black_box(update.verify(black_box(&[0xff; 272])).ok());
    Some(pair)
}

/// The same with sealed slots.
#[cfg(feature = "sealed")]
fn key_pair<'s>(slot: &'s mut Slot<KeyPair<Paper>>, (): &mut ()) -> Option<&'s KeyPair<Paper>> {
    use alpaca_auth::credential::{DeviceKey, FlashPair, SlotUpdate};
    use alpaca_auth::secret::SecretTooLong;
    let flash = FlashPair::sealed(black_box(&[0xff; 304]), black_box(&[0xff; 304]));
    let mut key = DeviceKey::vacant();
    key.fill(|place| {
        *place = black_box([7; 32]);
        Ok::<_, SecretTooLong>(())
    })
    .ok()?;
    let pair = slot.paper_from_sealed_pair(&flash, &key).ok()?;
    let mut update = SlotUpdate::new(16);
    black_box(
        flash
            .update(pair, &key, black_box(b"a-nonce-once"), &mut update)
            .ok(),
    );
    while black_box(update.step()).is_some() {}
    Some(pair)
}

#[cfg(not(feature = "session"))]
fn run(pair: &KeyPair<Paper>) -> bool {
    let mut head = alpaca_auth::http::HeadBuffer::<1024>::new();
    let endpoint = Endpoint::<Trading, Paper>::alpaca();
    alpaca_auth::http::write_head(&trading::account(), &endpoint, pair, &mut head).is_ok() && read()
}

#[cfg(not(any(feature = "account", feature = "bars", feature = "session")))]
const fn read() -> bool {
    true
}

/// The account, and with feature `replies` the clock and an order, out of one body each.
#[cfg(all(feature = "account", not(feature = "session")))]
fn read() -> bool {
    use alpaca_auth::response::Account;
    #[cfg(feature = "replies")]
    use alpaca_auth::response::{Clock, Order};
    let read = black_box(reply().json::<Account<'_>>()).is_ok();
    #[cfg(feature = "replies")]
    let read = read
        & black_box(reply().json::<Clock>()).is_ok()
        & black_box(reply().json::<Order<'_>>()).is_ok();
    read
}

#[cfg(all(feature = "account", not(feature = "session")))]
fn reply() -> alpaca_auth::response::Reply<'static> {
    use alpaca_auth::credential::KeyEvidence;
    use alpaca_auth::endpoint::ApiKind;
    use alpaca_auth::environment::EnvironmentKind;
    use alpaca_auth::response::{Context, Reply, ReplyHead};
    let (api, environment) = (ApiKind::Trading, EnvironmentKind::Paper);
    let context = Context {
        api,
        environment,
        evidence: KeyEvidence::Paper,
    };
    Reply::new(
        ReplyHead::new(black_box(200)),
        context,
        black_box(&b"{}"[..]),
    )
}

/// The bars of one symbol, each in the same 256 bytes.
#[cfg(all(feature = "bars", not(feature = "session")))]
fn read() -> bool {
    use alpaca_auth::response::{Bar, ElementReader, Place};
    let mut buffer = [0; 256];
    let mut reader = ElementReader::new(Place::Under("bars"), &mut buffer);
    let mut piece: &[u8] = black_box(&b"{}"[..]);
    while let Ok(Some(item)) = reader.next(&mut piece) {
        black_box(item.map(|element| element.json::<Bar>().is_ok()).is_ok());
    }
    black_box(reader.finish()).is_ok()
}

#[cfg(feature = "session")]
fn run(pair: &KeyPair<Paper>) -> bool {
    use alpaca_auth_embedded_tls::{Buffers, Session, Trust, UnixTime};
    let mut buffers: Buffers = Buffers::new();
    let endpoint = Endpoint::<Trading, Paper>::alpaca();
    #[cfg(not(feature = "webpki-roots"))]
    let trust = Trust::curated();
    #[cfg(feature = "webpki-roots")]
    let trust = Trust::webpki_roots();
    let now = UnixTime::since_unix_epoch(core::time::Duration::from_secs(black_box(0)));
    let Ok(mut session) = Session::open(
        Peripheral,
        &endpoint,
        &mut buffers,
        trust,
        now,
        &mut Peripheral,
    ) else {
        return false;
    };
    let mut body = [0; 2048];
    session
        .call(&trading::account(), pair, &mut body)
        .is_ok_and(|reply| reply.status() == 200)
}

/// Stands for a socket and a TRNG.
#[cfg(feature = "session")]
struct Peripheral;

#[cfg(feature = "session")]
mod peripheral {
    use super::{Peripheral, black_box};
    use core::convert::Infallible;
    use embedded_io::{ErrorType, Read, Write};
    use rand_core::{CryptoRng, Error, RngCore, impls};

    impl ErrorType for Peripheral {
        type Error = Infallible;
    }

    impl Read for Peripheral {
        fn read(&mut self, buffer: &mut [u8]) -> Result<usize, Infallible> {
            Ok(black_box(buffer).len())
        }
    }

    impl Write for Peripheral {
        fn write(&mut self, bytes: &[u8]) -> Result<usize, Infallible> {
            Ok(black_box(bytes).len())
        }

        fn flush(&mut self) -> Result<(), Infallible> {
            Ok(())
        }
    }

    impl RngCore for Peripheral {
        fn next_u32(&mut self) -> u32 {
            impls::next_u32_via_fill(self)
        }

        fn next_u64(&mut self) -> u64 {
            impls::next_u64_via_fill(self)
        }

        fn fill_bytes(&mut self, bytes: &mut [u8]) {
            black_box(bytes);
        }

        fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), Error> {
            self.fill_bytes(bytes);
            Ok(())
        }
    }

    impl CryptoRng for Peripheral {}
}

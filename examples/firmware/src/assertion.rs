//! Feature `es256`: the token request of a client with a private key, signed on the device (RFC 7523).
//!
//! The key comes from flash, as the account's does; here, where a test puts it, without the checks of
//! a provisioned slot. A part with a secure element signs there: `AssertionSigner` is for that.

use alpaca_auth::credential::{ClientId, Slot};
use alpaca_auth::endpoint::{AuthServer, Endpoint};
use alpaca_auth::environment::Sandbox;
use alpaca_auth::oauth::{
    ClientAuthentication, ENTROPY, Es256Key, Moment, PrivateKeyJwt, TokenForm,
};
use static_cell::ConstStaticCell;

/// An assertion has some 600 bytes.
pub(crate) type Form = TokenForm<Sandbox, 1024>;

static KEY: ConstStaticCell<Slot<Es256Key>> = ConstStaticCell::new(Slot::vacant());
static CLIENT: ConstStaticCell<Slot<ClientId<Sandbox>>> = ConstStaticCell::new(Slot::vacant());
static FORM: ConstStaticCell<Form> = ConstStaticCell::new(TokenForm::new());

/// A client with its key.
pub(crate) struct Client {
    authentication: PrivateKeyJwt<'static, Sandbox, &'static Es256Key>,
    form: &'static mut Form,
}

impl Client {
    /// Takes the key from flash. `None`: there is none, or it is no key. Call it once.
    pub(crate) fn from_flash() -> Option<Self> {
        let scalar = mps2::signing_key()?;
        let authentication = PrivateKeyJwt {
            client: CLIENT.take().sandbox("firmware-client").ok()?,
            signer: KEY.take().scalar(scalar).ok()?,
            key_id: Some("device-1"),
            audience: None,
        };
        let form = FORM.take();
        Some(Self {
            authentication,
            form,
        })
    }

    /// Writes a new form. `None`: the clock or the entropy will not do.
    #[inline(never)]
    pub(crate) fn sign(&mut self, unix: u64, entropy: [u8; ENTROPY]) -> Option<&mut Form> {
        let endpoint = Endpoint::<AuthServer, Sandbox>::alpaca();
        let moment = Moment { unix, entropy };
        self.authentication
            .write(&endpoint, &moment, self.form)
            .ok()?;
        Some(self.form)
    }
}

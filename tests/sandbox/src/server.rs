//! Listeners, connections, and the way of a request through the sandbox.

use std::collections::VecDeque;
use std::io;
use std::net::{TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use rustls::{ServerConfig, ServerConnection, StreamOwned};
use serde_json::json;

use crate::auth::Keys;
use crate::authx::{AuthServer, Clients};
use crate::connect::{Apps, Connect};
use crate::http::{self, Answer, Recorded, Refused};
use crate::limit::{self, RateLimit};
use crate::trading::Account;
use crate::{Misbehaviour, broker, data};

/// Which of Alpaca's servers a port plays.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// `paper-api.alpaca.markets`.
    Paper,
    /// `api.alpaca.markets`.
    Live,
    /// `data.alpaca.markets`.
    Data,
    /// `broker-api.sandbox.alpaca.markets`.
    Broker,
    /// `authx.sandbox.alpaca.markets`: the authorization server.
    AuthServer,
}

impl Role {
    pub(crate) const ALL: [Self; 5] = [
        Self::Paper,
        Self::Live,
        Self::Data,
        Self::Broker,
        Self::AuthServer,
    ];

    /// The role that one of Alpaca's own host names stands for, on whichever port.
    fn of_host(host: &str) -> Option<Self> {
        match host.split(':').next().unwrap_or_default() {
            "paper-api.alpaca.markets" => Some(Self::Paper),
            "api.alpaca.markets" | "app.alpaca.markets" => Some(Self::Live),
            "data.alpaca.markets" | "data.sandbox.alpaca.markets" => Some(Self::Data),
            "broker-api.alpaca.markets" | "broker-api.sandbox.alpaca.markets" => Some(Self::Broker),
            "authx.alpaca.markets" | "authx.sandbox.alpaca.markets" => Some(Self::AuthServer),
            _ => None,
        }
    }
}

/// What all connections share.
pub(crate) struct Shared {
    keys: Mutex<Keys>,
    limit: RateLimit,
    paper: Mutex<Account>,
    live: Mutex<Account>,
    auth_server: Mutex<AuthServer>,
    connect: Mutex<Connect>,
    /// Seconds that our clock is ahead of the system's.
    ahead: AtomicU64,
    next: Mutex<VecDeque<Misbehaviour>>,
    next_token: Mutex<VecDeque<Misbehaviour>>,
    always: Mutex<Option<Misbehaviour>>,
    recorded: Mutex<Vec<Recorded>>,
    causes: Mutex<Vec<&'static str>>,
    recording: AtomicBool,
    connections: AtomicUsize,
    open: AtomicUsize,
    answers: AtomicU64,
    stopped: Mutex<bool>,
    stopping: Condvar,
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Shared {
    pub(crate) fn new(keys: Keys, clients: Clients, apps: Apps, per_minute: u32) -> Self {
        Self {
            keys: Mutex::new(keys),
            limit: RateLimit::new(per_minute),
            paper: Mutex::new(Account::paper()),
            live: Mutex::new(Account::live()),
            auth_server: Mutex::new(AuthServer::new(clients)),
            connect: Mutex::new(Connect::new(apps)),
            ahead: AtomicU64::new(0),
            next: Mutex::default(),
            next_token: Mutex::default(),
            always: Mutex::default(),
            recorded: Mutex::default(),
            causes: Mutex::default(),
            recording: AtomicBool::new(true),
            connections: AtomicUsize::new(0),
            open: AtomicUsize::new(0),
            answers: AtomicU64::new(0),
            stopped: Mutex::new(false),
            stopping: Condvar::new(),
        }
    }

    pub(crate) fn misbehave(&self, misbehaviour: Misbehaviour) {
        lock(&self.next).push_back(misbehaviour);
    }

    pub(crate) fn misbehave_always(&self, misbehaviour: Option<Misbehaviour>) {
        *lock(&self.always) = misbehaviour;
    }

    pub(crate) fn misbehave_token(&self, misbehaviour: Misbehaviour) {
        lock(&self.next_token).push_back(misbehaviour);
    }

    pub(crate) fn auth_server(&self) -> MutexGuard<'_, AuthServer> {
        lock(&self.auth_server)
    }

    pub(crate) fn keys(&self) -> MutexGuard<'_, Keys> {
        lock(&self.keys)
    }

    pub(crate) fn connect(&self) -> MutexGuard<'_, Connect> {
        lock(&self.connect)
    }

    pub(crate) fn advance(&self, seconds: u64) {
        self.ahead.fetch_add(seconds, Ordering::SeqCst);
    }

    fn now(&self) -> u64 {
        http::unix_now().saturating_add(self.ahead.load(Ordering::SeqCst))
    }

    pub(crate) fn valid_tokens(&self) -> usize {
        self.auth_server().valid_tokens(self.now())
    }

    pub(crate) fn requests(&self) -> Vec<Recorded> {
        lock(&self.recorded).clone()
    }

    pub(crate) fn causes(&self) -> Vec<&'static str> {
        lock(&self.causes).clone()
    }

    pub(crate) fn clear_requests(&self) {
        lock(&self.recorded).clear();
    }

    pub(crate) fn record(&self, on: bool) {
        self.recording.store(on, Ordering::SeqCst);
    }

    pub(crate) fn connections(&self) -> usize {
        self.connections.load(Ordering::SeqCst)
    }

    pub(crate) fn open_connections(&self) -> usize {
        self.open.load(Ordering::SeqCst)
    }

    pub(crate) fn stop(&self) {
        *lock(&self.stopped) = true;
        self.stopping.notify_all();
    }

    /// Waits; tells whether the sandbox is to stop.
    pub(crate) fn wait(&self, time: Duration) -> bool {
        let stopped = lock(&self.stopped);
        if *stopped {
            return true;
        }
        let waited = self.stopping.wait_timeout(stopped, time);
        *waited.unwrap_or_else(PoisonError::into_inner).0
    }

    fn misbehaviour(&self, request: &Recorded) -> Option<Misbehaviour> {
        let path = request.target.split('?').next().unwrap_or_default();
        if path.ends_with("/token")
            && let Some(misbehaviour) = lock(&self.next_token).pop_front()
        {
            return Some(misbehaviour);
        }
        lock(&self.next)
            .pop_front()
            .or_else(|| lock(&self.always).clone())
    }

    fn note(&self, refused: Refused) -> Answer {
        lock(&self.causes).push(refused.cause);
        refused.answer
    }

    fn answer(&self, request: &Recorded) -> Answer {
        let answer = self.authenticated(request);
        if request.role == Role::Data {
            return answer;
        }
        let number = self.answers.fetch_add(1, Ordering::SeqCst);
        let id = u128::from(number)
            .wrapping_add(1)
            .wrapping_mul(0x9e37_79b9_7f4a_7c15_f39c_c060_5ced_c834);
        answer.with("X-Request-ID", format!("{id:032x}"))
    }

    fn authenticated(&self, request: &Recorded) -> Answer {
        if request.role == Role::Data && request.target.starts_with("/v1beta3/crypto/") {
            return data::answer(request);
        }
        if request.role == Role::AuthServer {
            let answer = self.auth_server().answer(request, self.now());
            return answer.unwrap_or_else(|refused| self.note(refused));
        }
        if let Some(page) = self.connect().answer(request, self.now()) {
            return page.unwrap_or_else(|refused| self.note(refused));
        }
        let account = match self.bearer(request) {
            Some(decision) => decision.map(|()| "bearer"),
            None => self.keys().check(request),
        };
        let account = match account {
            Ok(account) => account,
            Err(refusal) => return refusal,
        };
        let standing = self.limit.count(account);
        if standing.exceeded {
            return standing.on(limit::too_many(request.role));
        }
        let answer = match request.role {
            Role::Paper => lock(&self.paper).answer(request),
            Role::Live => lock(&self.live).answer(request),
            Role::Data => data::answer(request),
            Role::Broker => broker::answer(request),
            Role::AuthServer => not_found(),
        };
        if answer.ok() {
            standing.on(answer)
        } else {
            answer
        }
    }

    /// What becomes of a request with a token that is known; `None` for any other.
    fn bearer(&self, request: &Recorded) -> Option<Result<(), Answer>> {
        let token = token(request)?;
        match request.role {
            Role::Paper | Role::Live => self.connect().accepts(token, request),
            Role::Broker => self
                .auth_server()
                .accepts(token, self.now())
                .then_some(Ok(())),
            Role::Data => self.connect().accepts(token, request).or_else(|| {
                let valid = self.auth_server().accepts(token, self.now());
                valid.then_some(Ok(()))
            }),
            Role::AuthServer => None,
        }
    }
}

/// The token of a request that carries one (RFC 6750 §2.1).
fn token(request: &Recorded) -> Option<&str> {
    let (scheme, token) = request.header("authorization")?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then_some(token)
}

pub(crate) fn not_found() -> Answer {
    Answer::json(
        404,
        &json!({"code": 40410000, "message": "endpoint not found."}),
    )
}

/// Accepts connections until the sandbox stops.
pub(crate) fn listen(
    listener: &TcpListener,
    role: Role,
    shared: &Arc<Shared>,
    tls: &Arc<ServerConfig>,
) {
    while let Ok((socket, _)) = listener.accept() {
        if *lock(&shared.stopped) {
            break;
        }
        let (shared, tls) = (Arc::clone(shared), Arc::clone(tls));
        shared.open.fetch_add(1, Ordering::SeqCst);
        std::thread::spawn(move || {
            // A client that breaks the protocol or leaves ends its own connection only.
            drop(serve(socket, role, &shared, tls));
            shared.open.fetch_sub(1, Ordering::SeqCst);
        });
    }
}

fn serve(socket: TcpStream, role: Role, shared: &Shared, tls: Arc<ServerConfig>) -> io::Result<()> {
    socket.set_nodelay(true)?;
    // No client keeps a thread for ever.
    socket.set_read_timeout(Some(Duration::from_secs(120)))?;
    let connection = ServerConnection::new(tls).map_err(io::Error::other)?;
    let mut stream = StreamOwned::new(connection, socket);
    let mut buffer = Vec::new();
    let mut counted = false;
    while let Some(mut request) = http::read(&mut stream, &mut buffer, role)? {
        if !std::mem::replace(&mut counted, true) {
            shared.connections.fetch_add(1, Ordering::SeqCst);
        }
        if let Some(role) = request.header("host").and_then(Role::of_host) {
            request.role = role;
        }
        let misbehaviour = shared.misbehaviour(&request);
        let answer = shared.answer(&request);
        let role = request.role;
        let close = request
            .header("connection")
            .is_some_and(|value| value.eq_ignore_ascii_case("close"));
        if shared.recording.load(Ordering::SeqCst) {
            lock(&shared.recorded).push(request);
        }
        let open = match misbehaviour {
            None => answer.write(&mut stream).map(|()| true)?,
            Some(misbehaviour) => misbehaviour.act(&answer, role, shared, &mut stream)?,
        };
        if !open || close {
            break;
        }
    }
    stream.conn.send_close_notify();
    stream.conn.complete_io(&mut stream.sock)?;
    Ok(())
}

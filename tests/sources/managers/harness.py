"""What the checks share: TLS in front of a handler, one look of ours, and the count of what came of it."""
import base64
import contextlib
import http.client
import http.server
import json
import os
import ssl
import statistics
import subprocess
import sys
import threading

DIRECTORY, PROGRAM, PART, OPENBAO = sys.argv[1:5]
LINK_LOCAL = "link-local" in sys.argv[5:]
CA = f"{DIRECTORY}/ca.crt"
LOG = f"{DIRECTORY}/{PART}-trace.log"
# Long enough to be found nowhere by chance; with what JSON, URLs and base64 write otherwise.
PAIR = {"APCA_API_KEY_ID": "PKMANAGERSTEST0001", "APCA_API_SECRET_KEY": "not-a-real/secret+of<managers>&stage=1"}
SECRETS = [PAIR["APCA_API_SECRET_KEY"]]
RUNS = 21
counts = {}
times = {}


class Quiet(http.server.BaseHTTPRequestHandler):
    """HTTP/1.1 with a length, and no log."""
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True  # head and body are two writes: the second would wait for a delayed ACK, 40 ms

    def log_message(self, *_):
        pass

    def body(self):
        return self.rfile.read(int(self.headers.get("Content-Length") or 0))

    def answer(self, status, body, headers=()):
        if not isinstance(body, bytes):
            body = json.dumps(body).encode()
        self.send_response(status)
        for name, value in headers:
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, *_):
        pass


def serve(handler, address="127.0.0.1", port=0, tls=True):
    server = Server((address, port), handler)
    if tls:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(f"{DIRECTORY}/server.crt", f"{DIRECTORY}/server.key")
        server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server


def look(manager, port, environment=None, **settings):
    """One run of our program: its lines, and whether the right pair was found each time."""
    arguments = [PROGRAM, manager, str(port), CA, *(f"{name}={value}" for name, value in settings.items())]
    variables = {"LOG": LOG, "PATH": os.environ["PATH"], "HOME": os.environ["HOME"], "AWS_EC2_METADATA_DISABLED": "true"}
    variables.update(environment or {})
    variables = {name: value for name, value in variables.items() if value is not None}
    pair = "\n".join(PAIR.values())
    run = subprocess.run(arguments, env=variables, input=pair, capture_output=True, text=True, timeout=60)
    with open(LOG, "a") as log:
        log.write(run.stdout + run.stderr)
    return run.returncode, run.stdout.strip()


def time_of(source, manager, port, environment=None, **settings):
    """Microseconds from asking to a filled slot, of a new process each time, which keeps no log. For information."""
    taken = []
    for _ in range(RUNS):
        code, text = look(manager, port, {"LOG": None} | (environment or {}), time=1, **settings)
        taken.extend(int(line.split()[2]) for line in text.splitlines() if code == 0 and line.startswith("filled in "))
    times[source] = taken
    tally("Time to the first credential is taken", len(taken) == RUNS, f"{source}: {len(taken)} of {RUNS} runs")


def example(environment, *arguments):
    """One run of the example program, which prints the chain."""
    command = [os.path.join(os.path.dirname(PROGRAM), "managed_key"), *arguments, "--host", "localhost", "--ca", CA]
    variables = {"PATH": os.environ["PATH"], "HOME": os.environ["HOME"], "AWS_EC2_METADATA_DISABLED": "true"} | environment
    run = subprocess.run(command, env=variables, capture_output=True, text=True, timeout=60)
    with open(LOG, "a") as log:
        log.write(run.stdout + run.stderr)
    used = run.returncode == 0 and run.stdout.strip().endswith(": used")
    refused = run.returncode == 1 and ": stopped here, " in run.stdout and run.stderr.startswith("managed_key: ")
    return used, refused


def check(group, name, result, expected):
    """Our program found the pair, or refused it with a text that holds what is expected."""
    code, text = result
    lines = text.splitlines() or [""]
    if expected is True:
        good = code == 0 and all(line.startswith("found") for line in lines)
    elif isinstance(expected, str):
        good = code == 1 and lines[-1].startswith("refused") and expected in lines[-1] and "; " in lines[-1]
    else:  # one for each look
        good = len(lines) == len(expected) and all(part in line for part, line in zip(expected, lines))
    tally(group, good, f"{name}: {text!r}" + ("" if good else f"  <- expected {expected!r}"))


def check_copies(group, result, left):
    """One copy of ours while the slot is filled, none after; rustls leaves what it decrypted in freed memory."""
    lines = result[1].splitlines()
    words = lines[-1].split()
    good = lines[0].startswith("found") and 1 <= int(words[1]) <= 1 + left and int(words[-2]) <= left
    tally(group, good, lines[-1] + ("" if good else f"  <- expected at most {1 + left} and {left}"))


def judge(group, name, good):
    """Somebody else's client is content with the counterpart."""
    tally(group + ", judged by its own client", bool(good), name)


def tally(group, good, text):
    passed, failed = counts.get(group, (0, 0))
    counts[group] = (passed + good, failed + (not good))
    if not good or os.environ.get("VERBOSE"):
        print(("  " if good else "  WRONG ") + text, flush=True)


@contextlib.contextmanager
def raises(kind):
    """The block must raise this."""
    class Seen:
        error = None

        def __bool__(self):
            return self.error is not None
    seen = Seen()
    try:
        yield seen
    except kind as error:
        seen.error = error


def forward(handler, port, body, headers):
    """Hands a request on to a plain server, and its answer back."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    connection.putrequest(handler.command, handler.path, skip_host=True, skip_accept_encoding=True)
    for name, value in headers:
        if name.lower() != "content-length":
            connection.putheader(name, value)
    connection.putheader("Content-Length", str(len(body)))
    connection.endheaders(body)
    reply = connection.getresponse()
    content = reply.read()
    connection.close()
    if content.startswith(b"<?xml"):
        # moto writes what IAM refuses as XML, whatever the service; one that speaks JSON does not.
        element = lambda name: content.decode().partition(f"<{name}>")[2].partition(f"</{name}>")[0]
        content = json.dumps({"__type": element("Code"), "message": element("Message")}).encode()
    return reply.status, content


def dumped(text):
    """What the hex dumps in a log hold, without the breaks of their rows."""
    def row(line):
        for word in line.split()[1:]:
            if len(word) not in (2, 4) or set(word) - set("0123456789abcdef"):
                return
            yield word
    return "".join(word for line in text.splitlines() for word in row(line))


def forms(secret):
    """As it is, in JSON, in hex, and the digits of its base64 that do not depend on what stands around."""
    raw = secret.encode()
    yield from (secret, json.dumps(secret)[1:-1].replace("/", "\\/"), raw.hex())
    for skip in range(3):
        whole = raw[skip:][:len(raw[skip:]) // 3 * 3]
        digits = base64.b64encode(whole).decode()
        yield from (digits, digits.encode().hex())


def finish():
    """Prints the counts; fails when a check did, or when a secret stands in what was printed or logged."""
    text = open(LOG, errors="replace").read()
    dumps = dumped(text)
    shown = [secret[:4] + "…" for secret in SECRETS if any(form in text or form in dumps for form in forms(secret))]
    traced = sum("ureq" in line for line in text.splitlines())
    good = True
    for group, (passed, failed) in counts.items():
        print(f"{group}: {passed} right, {failed} wrong")
        good &= failed == 0
    print("time from asking to a filled slot, login and TLS with it, unoptimised build, counterpart on this machine")
    print(f"(median of {RUNS} runs; it differs from machine to machine)\n{'source':<32} {'µs':>8}")
    for source, taken in times.items():
        print(f"{source:<32} {int(statistics.median(taken)) if taken else '-':>8}")
    print(f"{len(SECRETS)} secrets looked for in {traced} log records of ureq and all output: {len(shown)} shown {shown or ''}")
    return good and not shown and traced > 0

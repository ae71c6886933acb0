#!/usr/bin/env bash
# A transport against TLS servers that nobody here wrote.  usage: run.sh PROBE [TRANSPORT]
# Each server is a real one on 127.0.0.1. Good ones must be read, bad ones refused by name.
set -uo pipefail
probe=$1 transport=${2:-embedded-tls}
# shellcheck source=../install.sh
. "$(dirname "$0")/../install.sh"
work=$(mktemp -d)
pids=()
trap 'kill -9 "${pids[@]}" 2>/dev/null; wait 2>/dev/null; rm -rf "$work"' EXIT
cd "$work" || exit 1
export HOME=$work APCA_API_KEY_ID=PKTEST APCA_API_SECRET_KEY=not-a-real-secret
ok=0 refused=0 skipped=0 failed=0 stacks=" "

skip() { echo "SKIPPED: $*"; skipped=$((skipped + 1)); }

# --- certificates: P-384 over P-256, all RSA, and EC under RSA; then bad ones
key() { # key KIND FILE
  case $1 in
    rsa*) openssl genpkey -algorithm RSA -pkeyopt "rsa_keygen_bits:${1#rsa}" -out "$2" ;;
    *) openssl genpkey -algorithm EC -pkeyopt "ec_paramgen_curve:$1" -out "$2" ;;
  esac 2>/dev/null
}
authority() { # authority NAME KIND [ISSUER]
  key "$2" "$1.key"
  local issuer=(); [ -n "${3:-}" ] && issuer=(-CA "$3.pem" -CAkey "$3.key")
  openssl req -x509 -new -key "$1.key" "${issuer[@]}" -subj "/CN=interop $1" -days 30 -out "$1.pem" \
    -addext basicConstraints=critical,CA:TRUE -addext keyUsage=critical,keyCertSign 2>/dev/null
}
leaf() { # leaf NAME KIND ISSUER [SUBJECT-ALT-NAME [EKU [DAYS]]]: NAME.pem is the chain
  key "$2" "$1.key"
  openssl req -new -key "$1.key" -subj "/CN=$1" -out "$1.csr" 2>/dev/null
  printf 'subjectAltName=%s\nextendedKeyUsage=%s\nbasicConstraints=CA:FALSE\n' \
    "${4:-DNS:localhost,IP:127.0.0.1}" "${5:-serverAuth}" >"$1.ext"
  local end; end=$(date -u -d "${6:-30} days" +%Y%m%d%H%M%SZ)
  mkdir -p "$1.ca" && : >"$1.ca/index" && openssl rand -hex 8 >"$1.ca/serial"
  printf '[ca]\ndefault_ca=d\n[d]\ndatabase=%s.ca/index\nserial=%s.ca/serial\nnew_certs_dir=%s.ca\ndefault_md=sha256\npolicy=p\n[p]\ncommonName=supplied\n' \
    "$1" "$1" "$1" >"$1.cnf"
  openssl ca -batch -notext -config "$1.cnf" -cert "$3.pem" -keyfile "$3.key" -in "$1.csr" -extfile "$1.ext" \
    -startdate "$(date -u -d '-60 days' +%Y%m%d%H%M%SZ)" -enddate "$end" -out "$1.leaf" 2>/dev/null
  cat "$1.leaf" "$3.pem" >"$1.pem"
}
authority ec-root P-384; authority ec-mid P-256 ec-root
authority rsa-root rsa4096; authority rsa-mid rsa2048 rsa-root
leaf ec P-256 ec-mid; leaf rsa rsa2048 rsa-mid; leaf mixed P-256 rsa-mid
cat ec-root.pem rsa-root.pem >ca.pem
leaf expired P-256 ec-mid "" "" -1; leaf wrong-name P-256 ec-mid DNS:elsewhere.test; leaf client P-256 ec-mid "" clientAuth
leaf alone P-256 ec-mid; cp alone.leaf alone.pem
authority stranger P-256; leaf strange P-256 stranger
openssl req -x509 -new -key ec.key -subj /CN=self -addext subjectAltName=DNS:localhost -addext basicConstraints=CA:FALSE -days 30 -out self.pem 2>/dev/null; cp ec.key self.key

mkdir -p root/v2 && printf '{"id":"1","status":"ACTIVE"}' >root/v2/account

port=0
free_port() { port=$(python3 -c 'import socket; s=socket.socket(); s.bind(("127.0.0.1",0)); print(s.getsockname()[1])'); }
await() { # until something listens on $port
  for _ in $(seq 100); do
    (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null && return 0
    sleep 0.1
  done
  return 1
}
serve() { "$@" >server.log 2>&1 & pids+=($!); }

call() { timeout 20 "$probe" --transport "$transport" --connect "127.0.0.1:$port" --server-name localhost --ca ca.pem 2>&1; }
field() { python3 -c 'import json,sys; print(json.loads(sys.argv[1]).get(sys.argv[2],""))' "$1" "$2" 2>/dev/null; }
row() { printf '%-9s %-22s %-10s %-9s %s\n' "$@"; }

good() { # good STACK SERVER CERTIFICATE: what listens on $port must be read
  local line outcome
  await || { skip "$1: $2 does not start: $(tail -n 1 server.log)"; return; }
  line=$(call); outcome=$(field "$line" outcome)
  if [ "$outcome" = ok ]; then
    ok=$((ok + 1)); case $stacks in *" $1 "*) ;; *) stacks+="$1 " ;; esac
    row "$1" "$2" "$3" ok ""
  else
    failed=$((failed + 1)); row "$1" "$2" "$3" FAILED "$line"
  fi
}
bad() { # bad STACK WHAT PART-OF-THE-REASON
  local line
  await || { skip "$1: $2 does not start: $(tail -n 1 server.log)"; return; }
  line=$(call)
  if [ "$(field "$line" outcome)" = error ] && [ "$(field "$line" stage)" = tls ] &&
    { [ "$transport" != embedded-tls ] || [[ $(field "$line" reason) == *"$3"* ]]; }; then
    refused=$((refused + 1)); row "$1" "$2" "" refused "$(field "$line" reason)"
  else
    failed=$((failed + 1)); row "$1" "$2" "" FAILED "$line"
  fi
}
stop() { kill -9 "${pids[-1]}" 2>/dev/null; wait "${pids[-1]}" 2>/dev/null; unset 'pids[-1]'; }

row stack server chain verdict reason

# --- one server, five TLS libraries
httpd() { # httpd MODULE CERTIFICATE
  free_port
  cat >lighttpd.conf <<EOF
server.document-root = "$work/root"
server.bind = "127.0.0.1"
server.port = $port
server.modules = ("$1")
ssl.engine = "enable"
ssl.pemfile = "$work/$2.pem"
ssl.privkey = "$work/$2.key"
EOF
  # Its default has ChaCha20 alone for TLS 1.3.
  [ "$1" != mod_nss ] || echo 'ssl.openssl.ssl-conf-cmd = ("CipherString" => "HIGH")' >>lighttpd.conf
  serve /usr/sbin/lighttpd -D -f lighttpd.conf
}
for entry in OpenSSL:mod_openssl GnuTLS:mod_gnutls NSS:mod_nss wolfSSL:mod_wolfssl; do
  stack=${entry%%:*} module=${entry##*:}
  if ! have /usr/sbin/lighttpd --no-install-recommends lighttpd || ! have "/usr/lib/lighttpd/$module.so" --no-install-recommends "lighttpd-${module/_/-}"; then
    skip "$stack: lighttpd with $module cannot be installed"; continue
  fi
  for certificate in ec rsa mixed; do
    httpd "$module" "$certificate"
    good "$stack" "lighttpd $module" "$certificate"; stop
  done
done
if have /usr/lib/lighttpd/mod_mbedtls.so --no-install-recommends lighttpd lighttpd-mod-mbedtls; then
  httpd mod_mbedtls ec; bad mbedTLS "TLS 1.2 only" "TLS 1.3"; stop
else
  skip "mbedTLS: lighttpd with mod_mbedtls cannot be installed"
fi

# --- Go
if have caddy --no-install-recommends caddy; then
  for certificate in ec rsa mixed; do
    free_port
    printf '{\n admin off\n auto_https off\n skip_install_trust\n}\nhttps://localhost:%s {\n bind 127.0.0.1\n tls %s/%s.pem %s/%s.key\n root * %s/root\n file_server\n}\n' \
      "$port" "$work" "$certificate" "$work" "$certificate" "$work" >Caddyfile
    serve caddy run --config Caddyfile --adapter caddyfile; good Go caddy "$certificate"; stop
  done
else
  skip "Go: caddy cannot be installed"
fi

# --- OpenSSL behind two more servers
if have /usr/sbin/nginx --no-install-recommends nginx-light; then
  for certificate in ec rsa mixed; do
    free_port
    printf 'daemon off; master_process off; pid nginx.pid; error_log stderr;\nevents {}\nhttp { access_log off; client_body_temp_path t1; proxy_temp_path t2; fastcgi_temp_path t3; uwsgi_temp_path t4; scgi_temp_path t5;\nserver { listen 127.0.0.1:%s ssl; ssl_protocols TLSv1.3; ssl_certificate %s/%s.pem; ssl_certificate_key %s/%s.key; root %s/root; } }\n' \
      "$port" "$work" "$certificate" "$work" "$certificate" "$work" >nginx.conf
    serve /usr/sbin/nginx -p "$work" -c "$work/nginx.conf"; good OpenSSL nginx "$certificate"; stop
  done
else
  skip "OpenSSL: nginx cannot be installed"
fi
if have /usr/sbin/haproxy --no-install-recommends haproxy; then
  cat ec.pem ec.key >haproxy.pem
  free_port
  printf 'defaults\n mode http\n timeout client 5s\n timeout server 5s\n timeout connect 5s\nfrontend f\n bind 127.0.0.1:%s ssl crt %s/haproxy.pem\n http-request return status 200 content-type application/json string "{\\"id\\":\\"1\\"}"\n' "$port" "$work" >haproxy.cfg
  serve /usr/sbin/haproxy -db -f haproxy.cfg; good OpenSSL haproxy ec; stop
else
  skip "OpenSSL: haproxy cannot be installed"
fi

# --- Java
if have java --no-install-recommends default-jre-headless && java -version 2>&1 | grep -qE 'version "(1[1-9]|2)'; then
  cat >Serve.java <<'EOF'
import com.sun.net.httpserver.*;
import java.io.FileInputStream;
import java.net.InetSocketAddress;
import java.security.KeyStore;
import javax.net.ssl.*;
public class Serve {
  public static void main(String[] a) throws Exception {
    KeyStore store = KeyStore.getInstance("PKCS12");
    store.load(new FileInputStream(a[1]), "x".toCharArray());
    KeyManagerFactory keys = KeyManagerFactory.getInstance("SunX509");
    keys.init(store, "x".toCharArray());
    SSLContext context = SSLContext.getInstance("TLSv1.3");
    context.init(keys.getKeyManagers(), null, null);
    HttpsServer server = HttpsServer.create(new InetSocketAddress("127.0.0.1", Integer.parseInt(a[0])), 0);
    server.setHttpsConfigurator(new HttpsConfigurator(context));
    server.createContext("/", e -> { byte[] b = "{\"id\":\"1\"}".getBytes(); e.sendResponseHeaders(200, b.length); e.getResponseBody().write(b); e.close(); });
    server.start();
  }
}
EOF
  for certificate in ec rsa; do
    openssl pkcs12 -export -in $certificate.pem -inkey $certificate.key -passout pass:x -out $certificate.p12
    free_port; serve java Serve.java "$port" "$work/$certificate.p12"; good Java HttpsServer "$certificate"; stop
  done
else
  skip "Java: a runtime cannot be installed"
fi

# --- pure Python
if python3 -m venv venv >/dev/null 2>&1 && venv/bin/pip -q install tlslite-ng >/dev/null 2>&1; then
  cat >serve.py <<'EOF'
import socket, sys
from tlslite.api import *
chain = X509CertChain(); chain.parsePemList(open(sys.argv[2] + ".pem").read())
key = parsePEMKey(open(sys.argv[2] + ".key").read(), private=True)
listener = socket.create_server(("127.0.0.1", int(sys.argv[1])))
while True:
    try:
        connection = TLSConnection(listener.accept()[0])
        settings = HandshakeSettings(); settings.minVersion = (3, 4)
        connection.handshakeServer(certChain=chain, privateKey=key, settings=settings)
        data = b""
        while b"\r\n\r\n" not in data:
            data += bytes(connection.recv(4096))
        connection.sendall(b'HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n{"id":"1"}')
        connection.close()
    except Exception as error:
        print(error, file=sys.stderr)
EOF
  for certificate in ec rsa; do
    free_port; serve venv/bin/python serve.py "$port" "$certificate"; good tlslite serve.py "$certificate"; stop
  done
else
  skip "tlslite: tlslite-ng cannot be installed"
fi

# --- servers that must be refused
s_server() { free_port; serve openssl s_server -accept "127.0.0.1:$port" -cert "$1.pem" -cert_chain "$1.pem" -key "$1.key" -quiet "${@:2}"; }
s_server ec -tls1_2; bad OpenSSL "TLS 1.2 only" "TLS 1.3"; stop
s_server ec -groups X25519; bad OpenSSL "X25519 only" "in common"; stop
s_server ec -ciphersuites TLS_CHACHA20_POLY1305_SHA256; bad OpenSSL "ChaCha20 only" "in common"; stop
s_server expired; bad OpenSSL expired expired; stop
s_server wrong-name; bad OpenSSL "another name" "another name"; stop
s_server client; bad OpenSSL "for clients only" "not made for servers"; stop
s_server self; bad OpenSSL self-signed "no trusted authority"; stop
s_server strange; bad OpenSSL "unknown CA" "no trusted authority"; stop
free_port; serve openssl s_server -accept "127.0.0.1:$port" -cert alone.pem -key alone.key -quiet
bad OpenSSL "no intermediate" "no trusted authority"; stop
free_port; serve python3 -m http.server --bind 127.0.0.1 "$port"; bad none "plain HTTP" "not speak TLS"; stop

count=$(wc -w <<<"$stacks")
echo "interop, $transport: $ok ok over $count TLS stacks ($(echo $stacks)), $refused refused as they must be, $skipped skipped, $failed failed"
[ "$failed" -eq 0 ] || exit 1
[ "$count" -ge 6 ] || { echo "SKIPPED: fewer than six TLS stacks can be had"; exit 77; }

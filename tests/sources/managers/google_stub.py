"""Google's token endpoint, Secret Manager and metadata server as their public documentation describes them.

Google's own clients judge it.
"""
import base64
import json
import time
import urllib.parse

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding
from google_crc32c import value as crc32c

from harness import Quiet

SCOPE = "https://www.googleapis.com/auth/cloud-platform"


class Google:
    def __init__(self):
        self.keys = {}  # key id: (e-mail address, public key)
        self.tokens = {}  # token: e-mail address
        self.secrets = {}  # (project, name): payloads
        self.allowed = set()
        self.issued = 0
        self.skew = 0

    def issue(self, email):
        self.issued += 1
        token = f"ya29.c.token-of-this-run-{self.issued:04}-{'x' * 24}...."
        self.tokens[token] = email
        return token


def part(text):
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def identity(email, claims):
    """An identity token, signed by nobody: gcloud reads when it ends, and sends it nowhere here."""
    told = {"iss": "https://accounts.google.com", "aud": claims["target_audience"], "email": email, "iat": claims["iat"], "exp": claims["exp"]}
    return ".".join(base64.urlsafe_b64encode(text).decode().rstrip("=") for text in (b'{"alg":"RS256"}', json.dumps(told).encode(), b"none"))


def failure(status, code, message):
    return status, {"error": {"code": status, "message": message, "status": code}}


def handler(google, override=None):
    class Handler(Quiet):
        def do_POST(self):
            form = dict(urllib.parse.parse_qsl(self.body().decode()))
            if self.path != "/token" or form.get("grant_type") != "urn:ietf:params:oauth:grant-type:jwt-bearer":
                return self.answer(400, {"error": "unsupported_grant_type"})
            status, body = self.grant(form.get("assertion", ""))
            self.answer(status, body, [("Content-Type", "application/json; charset=utf-8")])

        def grant(self, assertion):
            try:
                header, claims, signature = assertion.split(".")
                email, key = google.keys[json.loads(part(header))["kid"]]
                key.verify(part(signature), f"{header}.{claims}".encode(), padding.PKCS1v15(), hashes.SHA256())
                claims = json.loads(part(claims))
            except (ValueError, KeyError, InvalidSignature):
                return 400, {"error": "invalid_grant", "error_description": "Invalid JWT Signature."}
            now = time.time() + google.skew
            if not now - 3600 <= claims["iat"] <= now + 60 or not now < claims["exp"] <= claims["iat"] + 3600:
                return 400, {"error": "invalid_grant", "error_description": "Invalid JWT: Token must be a short-lived token (60 minutes) and in a reasonable timeframe. Check your iat and exp values in the JWT claim."}
            # Google's own client always says Google's own endpoint.
            endpoints = (f"https://{self.headers['Host']}/token", "https://oauth2.googleapis.com/token")
            if claims["aud"] in endpoints and claims["iss"] == email and "target_audience" in claims:
                return 200, {"id_token": identity(email, claims)}  # gcloud asks who it is, too
            if claims["aud"] not in endpoints or claims["iss"] != email or SCOPE not in claims.get("scope", "").split():
                return 400, {"error": "invalid_grant", "error_description": "Invalid JWT."}
            return 200, {"access_token": google.issue(email), "expires_in": 3599, "token_type": "Bearer"}

        def do_GET(self):
            reply = self.access()
            if override:
                reply = override(*reply)
            self.answer(*reply)

        def access(self):
            email = google.tokens.get((self.headers.get("Authorization") or "").removeprefix("Bearer "))
            if email is None:
                return failure(401, "UNAUTHENTICATED", "Request had invalid authentication credentials.")
            path = urllib.parse.unquote(self.path.partition("?")[0])
            match path.removesuffix(":access").strip("/").split("/"):
                case ["v1", "projects", project, "secrets", name, "versions", version]:
                    pass
                case _:
                    return failure(404, "NOT_FOUND", "Not Found")
            if (email, project) not in google.allowed:
                return failure(403, "PERMISSION_DENIED", "Permission 'secretmanager.versions.access' denied (or it may not exist).")
            payloads = google.secrets.get((project, name), [])
            number = len(payloads) if version == "latest" else int(version) if version.isdigit() else 0
            if not 0 < number <= len(payloads):
                return failure(404, "NOT_FOUND", "Secret Version not found.")
            payload = payloads[number - 1]
            if payload is None:
                return failure(400, "FAILED_PRECONDITION", "Secret Version is in DISABLED state.")
            return 200, {"name": f"projects/123456/secrets/{name}/versions/{number}",
                         "payload": {"data": base64.b64encode(payload).decode(), "dataCrc32c": str(crc32c(payload))}}
    return Handler


def metadata(google, email, flavor="Google"):
    class Metadata(Quiet):
        def do_GET(self):
            if self.headers.get("Metadata-Flavor") != "Google":
                return self.answer(403, b"")
            account = "/computeMetadata/v1/instance/service-accounts/default/"
            flavored = [("Metadata-Flavor", flavor), ("Content-Type", "application/json")]
            path = self.path.partition("?")[0]
            if email and path in (account + "token", account.replace("default", email) + "token"):
                body = {"access_token": google.issue(email), "expires_in": 3599, "token_type": "Bearer"}
                return self.answer(200, body, flavored)
            if email and path == account:
                return self.answer(200, {"email": email, "scopes": [SCOPE], "aliases": ["default"]}, flavored)
            self.answer(200 if path == "/" else 404, b"", flavored)
    return Metadata

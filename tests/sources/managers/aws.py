"""AWS: moto, with its signature checks on, behind TLS and behind a relay that changes what passes."""
import contextlib
import datetime
import email.utils
import json
import os
import subprocess
import sys
import time
import urllib.request

import boto3
import botocore.session

from harness import DIRECTORY, LINK_LOCAL, LOG, PAIR, SECRETS, Quiet, check, check_copies, example, forward, judge, look, serve, tally, time_of

REGION = "us-east-1"
POLICY = json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "secretsmanager:GetSecretValue", "Resource": "*"}]})
TRUST = json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "sts:AssumeRole"}]})


@contextlib.contextmanager
def moto(address, port):
    environment = os.environ | {"INITIAL_NO_AUTH_ACTION_COUNT": "1000"}
    with open(f"{DIRECTORY}/moto.log", "w") as log:
        command = [os.path.join(os.path.dirname(sys.executable), "moto_server"), "-H", address, "-p", str(port)]
        server = subprocess.Popen(command, env=environment, stdout=log, stderr=log)
    try:
        for _ in range(600):  # a busy machine takes its time
            if server.poll() is not None:
                raise SystemExit("moto does not start: " + open(f"{DIRECTORY}/moto.log").read()[-500:])
            with contextlib.suppress(OSError):
                urllib.request.urlopen(f"http://{address}:{port}/moto-api/", timeout=2).close()
                break
            time.sleep(0.1)
        else:
            raise SystemExit("moto does not start: " + open(f"{DIRECTORY}/moto.log").read()[-500:])
        yield
    finally:
        server.terminate()
        server.wait()


def relay(port, change=None, answer=None):
    """TLS in front of moto. `change` may alter body and headers on their way, `answer` the reply."""
    class Relay(Quiet):
        def do_POST(self):
            body, headers = self.body(), list(self.headers.items())
            if change:
                body, headers = change(body, headers)
            status, content = forward(self, port, body, headers)
            reply = answer(status, content) if answer else (status, content)
            self.answer(*reply)

        def date_time_string(self, timestamp=None):
            return super().date_time_string(timestamp)
    return serve(Relay).server_address[1]


def skewed(seconds):
    """Refuses as AWS does when the clock is wrong, by the Date of its own clock."""
    class Skewed(Quiet):
        def do_POST(self):
            self.body()
            text = {"__type": "InvalidSignatureException", "message": "Signature does not match"}
            self.answer(403, text)

        def date_time_string(self, timestamp=None):
            return email.utils.formatdate(time.time() + seconds, usegmt=True)
    return serve(Skewed).server_address[1]


def header(name, make):
    """Changes one header on its way."""
    return lambda body, headers: (body, [(key, make(value) if key.lower() == name else value) for key, value in headers])


def run():
    port = 15555
    with moto("127.0.0.1", port):
        with_moto(port)


def with_moto(port):
    url = f"http://127.0.0.1:{port}"
    anyone = boto3.session.Session("x", "y", region_name=REGION)
    iam = anyone.client("iam", endpoint_url=url)
    iam.create_user(UserName="reader")
    iam.put_user_policy(UserName="reader", PolicyName="read", PolicyDocument=POLICY)
    key = iam.create_access_key(UserName="reader")["AccessKey"]
    iam.create_user(UserName="stranger")
    stranger = iam.create_access_key(UserName="stranger")["AccessKey"]
    iam.create_role(RoleName="trader", AssumeRolePolicyDocument=TRUST)
    iam.put_role_policy(RoleName="trader", PolicyName="read", PolicyDocument=POLICY)
    role = anyone.client("sts", endpoint_url=url).assume_role(RoleArn="arn:aws:iam::123456789012:role/trader", RoleSessionName="session")["Credentials"]
    store = anyone.client("secretsmanager", endpoint_url=url)
    store.create_secret(Name="alpaca/paper", SecretString=json.dumps({"key_id": "PKOLD", "secret_key": "old"}))
    store.put_secret_value(SecretId="alpaca/paper", SecretString=json.dumps(PAIR))
    store.create_secret(Name="alpaca/lines", SecretString="{APCA_API_KEY_ID}\n{APCA_API_SECRET_KEY}\n".format(**PAIR))
    store.create_secret(Name="alpaca/binary", SecretBinary=b"\x00\x01")
    store.create_secret(Name="alpaca/half", SecretString='{"APCA_API_KEY_ID":"PKHALF"}')
    store.create_secret(Name="alpaca/large", SecretString=json.dumps(PAIR | {"note": "x" * 9000}))
    store.create_secret(Name="alpaca/gone", SecretString="x")
    store.delete_secret(SecretId="alpaca/gone")
    # From here on moto checks every signature and policy.
    request = urllib.request.Request(f"{url}/moto-api/reset-auth", data=b"0", headers={"Content-Type": "text/plain"})
    urllib.request.urlopen(request, timeout=5).close()
    SECRETS.extend([key["SecretAccessKey"], stranger["SecretAccessKey"], role["SecretAccessKey"], role["SessionToken"]])

    def reads(id, secret, token=None):
        session = boto3.session.Session(id, secret, token, region_name=REGION)
        try:
            return session.client("secretsmanager", endpoint_url=url).get_secret_value(SecretId="alpaca/paper")["SecretString"] == json.dumps(PAIR)
        except session.client("secretsmanager", endpoint_url=url).exceptions.ClientError as error:
            return error.response["Error"]["Code"]
    group = "AWS (moto)"
    judge(group, "the right secret reads", reads(key["AccessKeyId"], key["SecretAccessKey"]) is True)
    judge(group, "a wrong secret is refused", reads(key["AccessKeyId"], "wrong" * 8) is not True)
    judge(group, "a role reads", reads(role["AccessKeyId"], role["SecretAccessKey"], role["SessionToken"]) is True)

    tls = relay(port)
    own = {"id": key["AccessKeyId"], "secret": key["SecretAccessKey"], "name": "alpaca/paper"}
    ask = lambda port=tls, environment=None, **settings: look("aws", port, environment, **settings)
    check(group, "the right key", ask(**own), True)
    check_copies(group, ask(looks=2, copies=1, **own), 2)
    time_of("AWS, access key", "aws", tls, **own)
    check(group, "by ARN", ask(**(own | {"name": store_arn(store, url, key)})), True)
    check(group, "two lines", ask(**(own | {"name": "alpaca/lines"})), True)
    check(group, "a role with a session token", ask(id=role["AccessKeyId"], secret=role["SecretAccessKey"], token=role["SessionToken"], name="alpaca/paper"), True)
    check(group, "the version before", ask(stage="AWSPREVIOUS", **own), ["ANOTHER PAIR"])
    check(group, "a stage that is not there", ask(stage="AWSPENDING", **own), "no such secret, or no version")
    wrong = key["SecretAccessKey"][:-1] + ("A" if key["SecretAccessKey"][-1] != "A" else "B")
    check(group, "a wrong secret", ask(**(own | {"secret": wrong})), "does not take the signature")
    check(group, "an unknown key", ask(**(own | {"id": "AKIAUNKNOWN"})), "does not know the access key")
    check(group, "the role's key without its token", ask(id=role["AccessKeyId"], secret=role["SecretAccessKey"], name="alpaca/paper"), "does not know the access key")
    check(group, "a key without the policy", ask(id=stranger["AccessKeyId"], secret=stranger["SecretAccessKey"], name="alpaca/paper"), "may not read this secret")
    check(group, "another region", ask(region="eu-central-1", **own), "check its name, region and stage")
    check(group, "no such secret", ask(**(own | {"name": "alpaca/absent"})), "no such secret")
    check(group, "marked for deletion", ask(**(own | {"name": "alpaca/gone"})), "marked for deletion")
    check(group, "binary", ask(**(own | {"name": "alpaca/binary"})), "is binary")
    check(group, "half a pair", ask(**(own | {"name": "alpaca/half"})), "is set but")
    check(group, "9 KB", ask(**(own | {"name": "alpaca/large"})), "longer than 8192 bytes")

    # What is changed on its way breaks the signature.
    other = lambda body, headers: (body.replace(b"alpaca/paper", b"alpaca/lines"), headers)
    region = header("authorization", lambda value: value.replace(REGION, "eu-central-1"))
    day = lambda value: (datetime.datetime.strptime(value, "%Y%m%dT%H%M%SZ") + datetime.timedelta(seconds=1)).strftime("%Y%m%dT%H%M%SZ")
    for name, change in [
        ("a tampered body", other),
        ("a tampered region", region),
        ("a tampered date", header("x-amz-date", day)),
        ("a tampered action", header("x-amz-target", lambda _: "secretsmanager.DescribeSecret")),
        ("a tampered host", header("host", lambda _: "localhost:1")),
        ("a tampered type", header("content-type", lambda value: value + "; x=y")),
    ]:
        expected = "does not take the signature"
        check(group, name, ask(relay(port, change), **own), expected)

    error = lambda kind, message="m", status=400: lambda *_: (status, {"__type": kind, "message": message})
    cut = lambda _, content: (200, content[:-2])
    lacks = lambda name: lambda _, content: (200, {k: v for k, v in json.loads(content).items() if k != name})
    for name, answer, expected in [
        ("throttled", error("ThrottlingException", "Rate exceeded"), "too many requests"),
        ("an ended session token", error("ExpiredTokenException"), "session token has ended"),
        ("a signature of another region", error("InvalidSignatureException", "Credential should be scoped to a valid region, not 'x'."), "another region than the host's"),
        ("RequestTimeTooSkewed", error("RequestTimeTooSkewed"), "set this machine's clock"),
        ("a failure", error("InternalServiceError", status=500), "AWS failed (HTTP 500)"),
        ("an error that is not documented", error("Whatever"), "not one that AWS documents"),
        ("HTML", lambda *_: (200, b"<html>login</html>"), "no JSON object"),
        ("an answer cut short", cut, "no JSON object"),
        ("no SecretString", lacks("SecretString"), "SecretString is missing"),
        ("no VersionStages", lacks("VersionStages"), "VersionStages is missing"),
        ("no VersionId", lacks("VersionId"), "VersionId is missing"),
        ("an answer of 20 KB", lambda *_: (200, b'{"x":"' + b"y" * 20000 + b'"}'), "longer than a key can need"),
    ]:
        check(group, name, ask(relay(port, None, answer), **own), expected)
    check(group, "a clock that is an hour wrong", ask(skewed(3600), **own), "clock differs from AWS's by 3")
    check(group, "the same refusal at the right time", ask(skewed(0), **own), "does not take the signature")
    logins(tls, ask, key, role)


def store_arn(store, url, key):
    session = boto3.session.Session(key["AccessKeyId"], key["SecretAccessKey"], region_name=REGION)
    return session.client("secretsmanager", endpoint_url=url).get_secret_value(SecretId="alpaca/paper")["ARN"]


def profile(name, text, mode=0o600):
    path = f"{DIRECTORY}/{name}"
    with open(path, "w") as file:
        file.write(text)
    os.chmod(path, mode)
    return {"AWS_SHARED_CREDENTIALS_FILE": path}


def logins(tls, ask, key, role):
    """Where the AWS credentials come from."""
    group = "AWS credentials"
    name = {"name": "alpaca/paper"}
    id, secret = key["AccessKeyId"], key["SecretAccessKey"]
    variables = {"AWS_ACCESS_KEY_ID": id, "AWS_SECRET_ACCESS_KEY": secret}
    session = {"AWS_ACCESS_KEY_ID": role["AccessKeyId"], "AWS_SECRET_ACCESS_KEY": role["SecretAccessKey"], "AWS_SESSION_TOKEN": role["SessionToken"]}
    check(group, "none anywhere", ask(**name), "none of 1 source")
    check(group, "variables", ask(environment=variables, **name), ["environment variables"])
    check(group, "variables of a role", ask(environment=session, **name), ["environment variables"])
    program = lambda variables: example(variables | {"AWS_REGION": REGION}, "--aws", "alpaca/paper", "--port", str(tls))
    tally(group, program(variables) == (True, False), "the example program")
    tally(group, program({"AWS_ACCESS_KEY_ID": id}) == (False, True), "the example program with half a pair")
    check(group, "half a pair of variables", ask(environment={"AWS_ACCESS_KEY_ID": id}, **name), "AWS_SECRET_ACCESS_KEY is not")
    check(group, "a variable with a line break", ask(environment=variables | {"AWS_SECRET_ACCESS_KEY": secret + "\n"}, **name), "line break")
    text = f"[default]\naws_access_key_id = {id}\naws_secret_access_key = {secret}\n[half]\naws_access_key_id = {id}\n"
    text += f"[role]\naws_access_key_id={role['AccessKeyId']}\naws_secret_access_key={role['SecretAccessKey']}\naws_session_token={role['SessionToken']}\n"
    file = profile("credentials", text + "[sso]\nsso_session = x\n")
    time_of("AWS, profile file", "aws", tls, file, **name)
    check(group, "the default profile", ask(environment=file, **name), ["profile file"])
    check(group, "a profile of a role", ask(environment=file | {"AWS_PROFILE": "role"}, **name), ["profile file"])
    check(group, "half a profile", ask(environment=file | {"AWS_PROFILE": "half"}, **name), "no AWS secret access key")
    check(group, "an absent profile", ask(environment=file | {"AWS_PROFILE": "absent"}, **name), "no such profile")
    check(group, "single sign-on", ask(environment=file | {"AWS_PROFILE": "sso"}, **name), "not supported")
    check(group, "a profile file that all may read", ask(environment=profile("open", text, 0o644), **name), "chmod")
    web = {"AWS_WEB_IDENTITY_TOKEN_FILE": "/absent/token", "AWS_ROLE_ARN": "arn:aws:iam::123456789012:role/trader"}
    with environment(file | web):
        session = botocore.session.get_session()
        providers = session.get_component("credential_provider").providers
        order = [provider.METHOD for provider in providers]
        judge(group, "a web identity comes before a profile, a container and an instance",
              order.index("env") < order.index("assume-role-with-web-identity") < min(order.index(name) for name in ("shared-credentials-file", "container-role", "iam-role")))
    check(group, "a web identity, which no profile replaces", ask(environment=file | web, **name), "web identities are not read; give the pod its role by EKS Pod Identity")
    check(group, "variables come before a web identity", ask(environment=variables | web, **name), ["environment variables"])
    check(group, "half a pair of variables is not completed by a profile", ask(environment=file | {"AWS_ACCESS_KEY_ID": id}, **name), "AWS_SECRET_ACCESS_KEY is not")

    # The container's service, as ECS and EKS serve it.
    ends = (datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(hours=1)).strftime("%Y-%m-%dT%H:%M:%SZ")
    served = {"AccessKeyId": role["AccessKeyId"], "SecretAccessKey": role["SecretAccessKey"], "Token": role["SessionToken"], "Expiration": ends}
    token = "container-token-of-this-run-0001"
    SECRETS.append(token)

    def container(reply, address="127.0.0.1", port=0):
        class Container(Quiet):
            def do_GET(self):
                if self.headers.get("Authorization") != token:
                    return self.answer(401, b"")
                self.answer(200, reply)
        return serve(Container, address, port, tls=False).server_address[1]

    def full(port, **more):
        return {"AWS_CONTAINER_CREDENTIALS_FULL_URI": f"http://127.0.0.1:{port}/creds", "AWS_CONTAINER_AUTHORIZATION_TOKEN": token} | more
    right = full(container(served))
    with environment(right):
        found = botocore.session.get_session().get_credentials()
        judge(group, "a container's service", found is not None and found.get_frozen_credentials().access_key == served["AccessKeyId"])
    check(group, "a container", ask(environment=right, **name), ["container metadata"])
    path = f"{DIRECTORY}/container-token"
    with open(path, "w") as file:
        file.write(token + "\n")
    by_file = {key: value for key, value in right.items() if key != "AWS_CONTAINER_AUTHORIZATION_TOKEN"}
    time_of("AWS, container metadata", "aws", tls, right, **name)
    check(group, "its token from a file", ask(environment=by_file | {"AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE": path}, **name), ["container metadata"])
    check(group, "no token", ask(environment=by_file, **name), "no credentials for this role")
    check(group, "ended credentials", ask(environment=full(container(served | {"Expiration": "2020-01-01T00:00:00Z"})), **name), "have ended")
    lacking = {key: value for key, value in served.items() if key != "Token"}
    check(group, "a member missing", ask(environment=full(container(lacking)), **name), "session token is missing")
    check(group, "HTML", ask(environment=full(container(b"<html>")), **name), "no JSON object")
    for uri in ["http://example.com/creds", "http://10.1.2.3/creds", "https://127.0.0.1/creds", "http://169.254.169.254/latest"]:
        check(group, uri, ask(environment={"AWS_CONTAINER_CREDENTIALS_FULL_URI": uri}, **name), "addresses where clouds serve")
    check(group, "nobody at the container's address", ask(environment=full(1), **name), "no connection")
    if not LINK_LOCAL:
        print("SKIPPED: instance metadata, and the container's fixed address (no network namespace)")
        return
    container(served, "169.254.170.2", 80)
    relative = {"AWS_CONTAINER_CREDENTIALS_RELATIVE_URI": "/v2/creds", "AWS_CONTAINER_AUTHORIZATION_TOKEN": token}
    check(group, "the container's fixed address", ask(environment=relative, **name), ["container metadata"])
    instance(group, tls, ask, served, name)


def instance(group, tls, ask, served, name):
    on = {"AWS_EC2_METADATA_DISABLED": "false"}
    with moto("169.254.169.254", 80):
        # moto's instance metadata gives a key that its own IAM does not know.
        check(group, "moto's instance metadata, and its key at moto", ask(environment=on, **name), "does not know the access key")
    issued = "instance-token-of-this-run-0001"
    SECRETS.append(issued)
    state = {"reply": served | {"Code": "Success"}, "role": "trader"}

    class Instance(Quiet):
        def do_PUT(self):
            right = self.path == "/latest/api/token" and self.headers.get("X-aws-ec2-metadata-token-ttl-seconds", "").isdigit()
            self.answer(200, issued.encode()) if right else self.answer(400, b"")

        def do_GET(self):
            base = "/latest/meta-data/iam/security-credentials/"
            if self.headers.get("X-aws-ec2-metadata-token") != issued:
                return self.answer(401, b"")
            if self.path == base:
                return self.answer(200, state["role"].encode()) if state["role"] else self.answer(404, b"")
            if self.path == base + state["role"]:
                return self.answer(200, state["reply"])
            self.answer(404, b"")
    server = serve(Instance, "169.254.169.254", 80, tls=False)
    with environment(on):
        found = botocore.session.get_session().get_credentials()
        judge(group, "an instance's service, IMDSv2 only", found is not None and found.get_frozen_credentials().token == served["Token"])
    check(group, "an instance", ask(environment=on, **name), ["instance metadata"])
    time_of("AWS, instance metadata", "aws", tls, on, **name)
    check(group, "variables before the instance", ask(environment=on | {"AWS_ACCESS_KEY_ID": served["AccessKeyId"], "AWS_SECRET_ACCESS_KEY": served["SecretAccessKey"], "AWS_SESSION_TOKEN": served["Token"]}, **name), ["environment variables"])
    check(group, "instance metadata that is switched off", ask(**name), "none of 1 source")
    state["reply"] = {"Code": "AssumeRoleUnauthorizedAccess"}
    check(group, "a role that the instance may not take", ask(environment=on, **name), "no credentials for this role")
    state["role"] = "../../user-data"
    check(group, "a role's name that leads elsewhere", ask(environment=on, **name), "malformed")
    state["role"] = ""
    check(group, "an instance without a role", ask(environment=on, **name), "none of 1 source")
    server.shutdown()
    server.server_close()


@contextlib.contextmanager
def environment(variables):
    before = dict(os.environ)
    os.environ.update(variables)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)

"""What each secret manager adds: crates, KiB of a stripped binary (profile small), instructions of one SigV4
signature. Prints each, and fails where one exceeds managers.txt. usage: managers.py TARGET_DIRECTORY"""
import os
import re
import shutil
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
TARGET = sys.argv[1]


def run(*command):
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def crates(features):
    options = ["--features", features] if features else []
    tree = run("cargo", "tree", "-p", "alpaca-auth-ureq", *options, "-e", "normal", "--prefix", "none")
    return {line.split(" (")[0] for line in tree.splitlines() if line}


def size(features):
    options = ["--features", features] if features else []
    run("cargo", "build", "--quiet", "--profile", "small", "-p", "alpaca-auth-budgets", "--bin", "manager_size", *options)
    return os.path.getsize(f"{TARGET}/small/manager_size")


def instructions(*command):
    with tempfile.TemporaryDirectory() as folder:
        said = subprocess.run(["valgrind", "--tool=callgrind", f"--callgrind-out-file={folder}/out", *command],
                              check=True, capture_output=True, text=True).stderr
    return int(re.search(r"Collected : (\d+)", said).group(1))


figures = {}
base, least = crates(""), size("")
for manager in ("vault", "aws", "google"):
    figures[f"{manager}: crates"] = len(crates(manager) - base)
    figures[f"{manager}: KiB"] = round((size(manager) - least) / 1024)
if shutil.which("valgrind"):
    run("cargo", "build", "--quiet", "--release", "-p", "alpaca-auth-budgets", "--bin", "manager_sign", "--features", "aws")
    sign = f"{TARGET}/release/manager_sign"
    figures["sign: instructions"] = round((instructions(sign, "200") - instructions(sign, "100")) / 100)
else:
    print("SKIPPED: instructions of a signature (valgrind cannot be had)")
limits = {}
for line in open(f"{HERE}/managers.txt"):
    if line.strip() and not line.startswith("#"):
        name, limit = line.rsplit(None, 1)
        limits[name] = int(limit)
exceeded = False
for name, figure in figures.items():
    over = figure > limits[name]
    exceeded |= over
    print(f"{name} {figure} (at most {limits[name]}){'  <- EXCEEDED' if over else ''}")
print(f"a program without a secret manager: {len(base) - 1} crates, {least // 1024} KiB")
sys.exit(exceeded)

"""Lists which functions of the firmware can reach a panic, by crate. Ours are all named in panics.txt, with the reason.

usage: panics.py ELF
"""
import collections
import pathlib
import re
import subprocess
import sys

OURS = ("alpaca_auth::", "alpaca_auth_embedded_tls::")
PANIC = re.compile(r"core::(panicking|option::(unwrap|expect)_failed|result::unwrap_failed|slice::index::\w*fail|slice::copy_from_slice_impl::len|str::slice_error)")
allowed = [line.split("  ")[0] for line in pathlib.Path(__file__).with_name("panics.txt").read_text().splitlines() if line and line[0] != "#"]

listing = subprocess.run(["llvm-objdump", "-d", "-C", "--no-show-raw-insn", sys.argv[1]], capture_output=True, text=True, check=True).stdout
function, callers = "", collections.defaultdict(set)
for line in listing.splitlines():
    if head := re.match(r"[0-9a-f]+ <(.*)>:$", line):
        # Symbols with a dollar mark code and data, not functions.
        if not head[1].startswith("$"):
            function = re.sub(r"::h[0-9a-f]{16}$", "", head[1]).replace("..", "::")
    elif branch := re.search(r"\tbl?(?:\.w|[a-z]{2}(?:\.w)?)?\t.*<(.*)>", line):
        name = re.search(r"(alpaca_auth_embedded_tls|alpaca_auth|[a-z_0-9]+)::", function)
        if PANIC.match(branch[1]) and not function.startswith("core::"):
            callers[name[1] if name else function].add(function)
if not callers:
    sys.exit("no panic is found at all, so the listing is not understood")
print("functions that can panic, by crate: " + ", ".join(f"{crate} {len(names)}" for crate, names in sorted(callers.items())))
ours = sorted(name for names in callers.values() for name in names if any(own in name for own in OURS))
unknown = [name for name in ours if not any(known in name for known in allowed)]
for name in ours:
    print(f"  {'NOT LISTED' if name in unknown else 'listed':<10} {name}")
sys.exit(bool(unknown))

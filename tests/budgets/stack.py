"""Bounds the stack below a function, by the frames and calls in the machine code.

usage: stack.py BINARY ENTRY LIMIT: prints the bound in bytes, fails above LIMIT or on recursion.
"""

import re
import subprocess
import sys

# Where a panic goes: not reached, as tests/no-panic proves or lists.
PANIC = re.compile(r"core.*(panicking|slice_error_fail|slice_index_fail|len_mismatch_fail|unwrap_failed|expect_failed)")


def stack(binary, entry):
    """Deepest stack below `entry`, by its frames and calls in the machine code."""
    frames, calls, name = {}, {}, None
    command = ("objdump", "-d", "--no-show-raw-insn", binary)
    code = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    for line in code.splitlines():
        if match := re.match(r"[0-9a-f]+ <(.+)>:$", line):
            name = match.group(1)
            frames[name], calls[name] = 0, set()
        elif name and re.search(r"\tpush ", line):
            frames[name] += 8
        elif name and (match := re.search(r"\tsub +\$0x([0-9a-f]+),%rsp", line)):
            frames[name] += int(match.group(1), 16)
        elif name and (match := re.search(r"\t(call|jmp) .*<([^>+]+)(@plt)?>", line)):
            calls[name].add((match.group(2), match.group(1) == "call"))
        elif name and re.search(r"\tcall +\*%?r?", line) and "rip" not in line:
            calls[name].add(("an indirect call", True))

    def depth(name, seen):
        if PANIC.search(name):
            return 0
        if name in seen:
            raise SystemExit(f"recursion at {name}: the stack has no bound")
        below = [depth(other, seen | {name}) + (8 if is_call else 0)
                 for other, is_call in calls.get(name, ()) if other != name]
        return frames.get(name, 0) + max(below, default=0)

    return depth(entry, frozenset()) + 8


if __name__ == "__main__":
    bound = stack(sys.argv[1], sys.argv[2])
    print(f"stack of {sys.argv[2]}: at most {bound} bytes, limit {sys.argv[3]}")
    sys.exit(bound > int(sys.argv[3]))
